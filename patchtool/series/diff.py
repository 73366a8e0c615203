# SPDX-License-Identifier: GPL-2.0-or-later
"""Unified diffs, as git and others write them. Pure: bytes in, values out, no I/O.

What is taken is what ``git apply -p1`` takes. What git would skip in silence and a reader
would want to know (a hunk that is longer or shorter than its header says) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from patchtool.errors import MailError
from patchtool.series import binary, paths
from patchtool.series.model import FileDiff, Hunk

_HUNK = re.compile(
    rb"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@ ?(.*)\Z", re.DOTALL
)
_INDEX = re.compile(rb"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: ([0-7]{6}))?\Z")
_MODE = re.compile(rb"(old mode|new mode|deleted file mode|new file mode) ([0-7]{6})\Z")
_NAME = re.compile(rb"(rename|copy) (from|to|old|new) (.+)\Z")
_SIMILAR = re.compile(rb"(dis)?similarity index [0-9]{1,3}%\Z")
_BINARY = re.compile(rb"Binary files .* differ\Z")
_EPOCH = re.compile(rb"1970-01-01|1969-12-31|Jan +1 .* 1970|Dec +31 .* 1969")
_LONGEST_STAMP = 80  # bytes of the time behind a file's name
_EMPTY_BLOBS = (b"e69de29", b"473a0f4")  # of sha1 and sha256 repositories
SYMLINK = "120000"


@dataclass(slots=True)
class _Header:
    """What the lines between ``diff --git`` and the first hunk say."""

    git_line: bytes
    old: bytes | None = None
    new: bytes | None = None
    created: bool = False
    deleted: bool = False
    moved: bool = False
    mode: bytes | None = None
    old_blob: bytes | None = None
    new_blob: bytes | None = None
    said: bool = False
    names: dict[bytes, bytes] = field(default_factory=dict)

    def needs_content(self) -> bool:
        """Whether a hunk or binary data must follow."""
        if self.names:
            return True
        if self.old_blob is None or self.new_blob is None or self.old_blob == self.new_blob:
            return False
        kept = self.old_blob if self.deleted else self.new_blob
        return not ((self.created or self.deleted) and kept.startswith(_EMPTY_BLOBS))


def parse_diff(data: bytes, where: str, first_line: int = 1) -> tuple[FileDiff, ...]:
    r"""Read every file diff in *data*; text around them is skipped.

    Args:
        data: The text, with ``\n`` line ends; a ``\r`` belongs to its line.
        where: The patch's name, for errors.
        first_line: The number of the first line of *data* in that patch.

    Raises:
        MailError: A diff is truncated or damaged, or touches what it must not; names the
            patch, the line and what was expected.
    """
    return _Reader(data, where, first_line).read()


class _Reader:
    def __init__(self, data: bytes, where: str, first_line: int) -> None:
        self.lines = data.split(b"\n")
        if self.lines[-1] == b"":
            del self.lines[-1]
        self.where = where
        self.first = first_line
        self.at = 0

    def fail(self, text: str, at: int | None = None) -> NoReturn:
        line = self.first + min(self.at if at is None else at, len(self.lines))
        raise MailError(f"{self.where}:{line}: {text}")

    def peek(self, ahead: int = 0) -> bytes:
        at = self.at + ahead
        return self.lines[at].removesuffix(b"\r") if at < len(self.lines) else b""

    def read(self) -> tuple[FileDiff, ...]:
        files = []
        while self.at < len(self.lines):
            line = self.peek()
            if line.startswith(b"diff --git "):
                files.append(self.git_file())
            elif line.startswith(b"--- ") and self.peek(1).startswith(b"+++ "):
                files.append(self.plain_file())
            elif _HUNK.match(line):
                self.fail("a hunk without a file above it; expected `diff --git` or `---` first")
            else:
                self.at += 1
        return tuple(files)

    # --- headers

    def plain_file(self) -> FileDiff:
        """A diff that starts with its ``---`` line, as ``diff -u`` makes it."""
        start = self.at
        header = _Header(b"", said=True)
        self.from_to_lines(header)
        old, new = (
            self.name(header.names[b"---"], start),
            self.name(header.names[b"+++"], start + 1),
        )
        if old is None and new is None:
            self.fail("both names are /dev/null; expected a path", start)
        hunks = self.hunks(new or old or "")
        return FileDiff(old, new, None, None, None, hunks)

    def git_file(self) -> FileDiff:
        start = self.at
        header = _Header(self.peek()[len(b"diff --git ") :])
        self.at += 1
        while self.extended(header):
            self.at += 1
        if self.peek().startswith(b"--- "):
            self.from_to_lines(header)
        if not header.said:
            self.fail("nothing follows `diff --git`; the patch is truncated", start)
        old, new = self.names(header, start)
        path = new or old or ""
        content: bytes | None = None
        is_binary = self.peek() == b"GIT binary patch"
        hunks: tuple[Hunk, ...] = ()
        if is_binary:
            content = self.binary(path)
        elif _BINARY.match(self.peek()):
            self.fail(f"{path}: binary, without its data; send it with `git format-patch --binary`")
        elif header.needs_content():
            hunks = self.hunks(path)
        mode = self.mode(header, path, start)
        if mode == SYMLINK and new is not None:
            self.link(new, hunks, content, start)
        return FileDiff(
            old,
            new,
            header.old_blob.decode() if header.old_blob else None,
            header.new_blob.decode() if header.new_blob else None,
            mode,
            hunks,
            is_binary,
        )

    def extended(self, header: _Header) -> bool:
        """Take one extended header line; whether there was one."""
        line = self.peek()
        if mode := _MODE.match(line):
            header.created |= mode[1] == b"new file mode"
            header.deleted |= mode[1] == b"deleted file mode"
            if mode[1] != b"old mode":
                header.mode = mode[2]
        elif name := _NAME.match(line):
            header.moved = True
            unquoted = self.unquote(name[3])
            if name[2] in (b"from", b"old"):
                header.old = unquoted
            else:
                header.new = unquoted
        elif index := _INDEX.match(line):
            header.old_blob, header.new_blob = index[1], index[2]
            header.mode = header.mode or index[3]
        elif not _SIMILAR.match(line):
            return False
        header.said = True
        return True

    def from_to_lines(self, header: _Header) -> None:
        if not self.peek(1).startswith(b"+++ "):
            self.fail("expected a `+++` line behind the `---` line", self.at + 1)
        for mark in (b"---", b"+++"):
            text = self.peek()[4:]
            epoch = _EPOCH.search(text.partition(b"\t")[2][:_LONGEST_STAMP])
            header.names[mark] = b"/dev/null" if epoch else text
            self.at += 1
        header.said = True
        if not self.peek().startswith(b"@@ "):
            self.fail("expected a hunk (`@@ -1,2 +3,4 @@`) behind the `+++` line")

    def unquote(self, text: bytes) -> bytes:
        try:
            return paths.unquote(text)
        except paths.BadPathError as error:
            self.fail(str(error))

    def name(self, text: bytes, at: int) -> str | None:
        """The path of a ``---`` or ``+++`` line, or None for /dev/null."""
        bare = text if text.startswith(b'"') else text.split(b"\t")[0].rstrip()
        if bare == b"/dev/null":
            return None
        try:
            return paths.check(paths.strip_prefix(paths.unquote(bare))[1])
        except paths.BadPathError as error:
            self.fail(str(error), at)

    def names(self, header: _Header, start: int) -> tuple[str | None, str | None]:
        """The old and the new path of a git diff."""
        try:
            if header.moved:
                if header.old is None or header.new is None:
                    self.fail("a rename or copy needs both its `from` and its `to` line", start)
                return paths.check(header.old), paths.check(header.new)
            if header.names:
                old = self.name(header.names[b"---"], start)
                new = self.name(header.names[b"+++"], start)
                self.noprefix(header.names[b"---"], header.names[b"+++"], start)
            else:
                old = new = self.same_name(header.git_line, start)
        except paths.BadPathError as error:
            self.fail(str(error), start)
        old, new = (None if header.created else old), (None if header.deleted else new)
        if old is None and new is None:
            self.fail("no path before and none after; expected one", start)
        return old, new

    def noprefix(self, old: bytes, new: bytes, start: int) -> None:
        if b"/dev/null" in (old, new):
            return
        before, after = (paths.strip_prefix(paths.unquote(name))[0] for name in (old, new))
        if before == after:
            self.fail(
                f"expected a/ and b/ in front of the paths, found {paths.show(old)} twice "
                "(made with diff.noprefix?)",
                start,
            )

    def same_name(self, text: bytes, start: int) -> str:
        """The path in ``a/PATH b/PATH``, where both are the same."""
        if text.startswith(b'"'):
            old = paths.unquote(text)
            return paths.check(paths.strip_prefix(old)[1])
        half, odd = divmod(len(text) - 1, 2)
        old, new = text[:half], text[half + 1 :]
        if odd or text[half : half + 1] != b" ":
            self.fail(f"expected `diff --git a/PATH b/PATH`, found {paths.show(text)}", start)
        (before, path), (after, other) = paths.strip_prefix(old), paths.strip_prefix(new)
        if path != other or before == after:
            self.fail(f"expected `diff --git a/PATH b/PATH`, found {paths.show(text)}", start)
        return paths.check(path)

    def mode(self, header: _Header, path: str, start: int) -> str | None:
        if header.mode is None:
            return None
        if header.mode == b"160000":
            self.fail(f"{path}: submodules are not taken", start)
        if header.mode[:3] not in (b"100", b"120"):
            self.fail(f"{path}: unknown file mode {header.mode.decode()}", start)
        return header.mode.decode()

    def link(self, path: str, hunks: tuple[Hunk, ...], content: bytes | None, start: int) -> None:
        target = content
        if hunks:
            target = b"\n".join(line for hunk in hunks for line in hunk.added)
        if target is None:
            return  # moved unchanged: what it points to is checked when it is applied
        try:
            paths.check_link(path, target)
        except paths.BadPathError as error:
            self.fail(str(error), start)

    # --- content

    def binary(self, path: str) -> bytes | None:
        start = self.at
        try:
            content, self.at = binary.read([*self.lines, b""], self.at + 1)
        except binary.BadBinaryError as error:
            self.fail(f"{path}: {error}", start)
        return content

    def hunks(self, path: str) -> tuple[Hunk, ...]:
        found = []
        while self.peek().startswith(b"@@ "):
            found.append(self.hunk(path))
        if not found:
            self.fail(f"{path}: expected a hunk (`@@ -1,2 +3,4 @@`); the patch is truncated")
        line = self.peek()
        if line.startswith(b"+") or (line.startswith(b"-") and not line.startswith(b"--")):
            self.fail(f"{path}: the hunk {found[-1].header} has more lines than its header says")
        return tuple(found)

    def hunk(self, path: str) -> Hunk:
        start = self.at
        header = _HUNK.match(self.peek())
        if header is None:
            self.fail(f"{path}: expected a hunk header like `@@ -1,2 +3,4 @@`")
        old_count = int(header[2]) if header[2] is not None else 1
        new_count = int(header[4]) if header[4] is not None else 1
        self.at += 1
        old = new = 0
        body: list[bytes] = []
        while old < old_count or new < new_count or self.peek().startswith(b"\\ "):
            mark = self.peek()[:1] or b" "  # an empty context line whose blank a mailer ate
            if self.at >= len(self.lines) or mark not in (b" ", b"+", b"-", b"\\"):
                self.short(path, start, (old_count, new_count), (old, new))
            body.append(self.lines[self.at] or b" ")
            old += mark in (b" ", b"-")
            new += mark in (b" ", b"+")
            self.at += 1
            if old > old_count or new > new_count:
                self.short(path, start, (old_count, new_count), (old, new))
        section = header[5].decode("utf-8", "replace")
        return Hunk(int(header[1]), old_count, int(header[3]), new_count, section, tuple(body))

    def short(self, path: str, start: int, want: tuple[int, int], got: tuple[int, int]) -> NoReturn:
        ended = "the patch ends" if self.at >= len(self.lines) else f"found {self.peek()[:40]!r}"
        self.fail(
            f"{path}: the hunk {paths.show(self.lines[start])} says {want[0]} old and {want[1]} "
            f"new lines; {ended} after {got[0]} and {got[1]}"
        )
