# SPDX-License-Identifier: GPL-2.0-or-later
"""Unified diffs, as git and others write them. Pure: bytes in, values out, no I/O.

What is taken is what ``git apply -p1`` takes; names on ``---`` and ``+++`` lines that no hunk
follows are text, as for git, if a diff comes behind them. What git would skip in silence and a
reader would want to know (a hunk that is longer or shorter than its header says) is refused.

Not by unidiff, which decodes a diff to text in one encoding (a kernel patch may touch files in
several) and whose errors name no line, nor by whatthepatch, which reads text as well and takes
a hunk that is shorter than its header says.
"""

from __future__ import annotations

import re
from typing import NoReturn

from patchtool.series import binary, paths
from patchtool.series.diff_header import (
    Lines,
    file_mode,
    git_header,
    header_paths,
    line_path,
    plain_header,
)
from patchtool.series.file_diff import FileDiff, Hunk

_MARKS = frozenset((b" ", b"", b"+", b"-", b"\\"))
_ADDS = frozenset((b"+", b"\\"))  # marks of lines that the old file has not
_TAKES = frozenset((b"-", b"\\"))
_HUNK = re.compile(
    rb"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@ ?(.*)\Z", re.DOTALL
)
_BINARY = re.compile(rb"Binary files .* differ\Z")
SYMLINK = "120000"


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
    return _Reader(Lines(data, where, first_line)).read()


class _Reader:
    def __init__(self, text: Lines) -> None:
        self.text = text

    def read(self) -> tuple[FileDiff, ...]:
        files = []
        header = None  # of names that no hunk follows
        while self.text.at < len(self.text.lines):
            line = self.text.peek()
            if line.startswith(b"diff --git "):
                files.append(self.git_file())
                header = None
            elif line.startswith(b"--- ") and self.text.peek(1).startswith(b"+++ "):
                if self.text.peek(2).startswith(b"@@ "):
                    files.append(self.plain_file())
                    header = None
                else:
                    header = self.text.at
                    self.text.at += 1
            elif _HUNK.match(line):
                self.text.fail(
                    "a hunk without a file above it; expected `diff --git` or `---` first"
                )
            else:
                self.text.at += 1
        if header is not None:
            self.text.at = header
            self.plain_file()
        return tuple(files)

    def plain_file(self) -> FileDiff:
        """A diff that starts with its ``---`` line, as ``diff -u`` makes it."""
        start = self.text.at
        names = plain_header(self.text).names
        old, new = (
            line_path(self.text, names[b"---"], start),
            line_path(self.text, names[b"+++"], start + 1),
        )
        if old is None and new is None:
            self.text.fail("both names are /dev/null; expected a path", start)
        hunks = self.hunks(new or old or "")
        return FileDiff(old, new, None, None, None, hunks)

    def git_file(self) -> FileDiff:
        start = self.text.at
        header = git_header(self.text)
        old, new = header_paths(self.text, header, start)
        path = new or old or ""
        content: bytes | None = None
        is_binary = self.text.peek() == b"GIT binary patch"
        hunks: tuple[Hunk, ...] = ()
        if is_binary:
            content = self.binary(path)
        elif _BINARY.match(self.text.peek()):
            self.text.fail(
                f"{path}: binary, without its data; send it with `git format-patch --binary`"
            )
        elif header.deleted and not header.names and header.needs_content():
            self.irreversible(path, start)
        elif header.needs_content():
            hunks = self.hunks(path)
        mode = file_mode(self.text, header, path, start)
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

    def irreversible(self, path: str, start: int) -> NoReturn:
        """Refuse what ``git format-patch -D`` makes of a file that is removed or rewritten."""
        cut = ", or the patch is truncated" if self.text.at >= len(self.text.lines) else ""
        self.text.fail(
            f"{path}: removed or rewritten without what was in it, as `git format-patch -D` "
            f"(--irreversible-delete) leaves it out{cut}; git cannot apply that: "
            "send it without -D",
            start,
        )

    def link(self, path: str, hunks: tuple[Hunk, ...], content: bytes | None, start: int) -> None:
        target = content
        if hunks:
            target = b"\n".join(line for hunk in hunks for line in hunk.added)
        if target is None:
            return  # moved unchanged: what it points to is checked when it is applied
        try:
            paths.check_link(path, target)
        except paths.BadPathError as error:
            self.text.fail(str(error), start)

    def binary(self, path: str) -> bytes | None:
        start = self.text.at
        try:
            content, self.text.at = binary.read([*self.text.lines, b""], self.text.at + 1)
        except binary.BadBinaryError as error:
            self.text.fail(f"{path}: {error}", start)
        return content

    def hunks(self, path: str) -> tuple[Hunk, ...]:
        found = []
        while self.text.peek().startswith(b"@@ "):
            found.append(self.hunk(path))
        if not found:
            self.text.fail(f"{path}: expected a hunk (`@@ -1,2 +3,4 @@`); the patch is truncated")
        line = self.text.peek()
        if line.startswith(b"+") or (line.startswith(b"-") and not line.startswith(b"--")):
            self.text.fail(
                f"{path}: the hunk {found[-1].header} has more lines than its header says"
            )
        return tuple(found)

    def hunk(self, path: str) -> Hunk:
        start = self.text.at
        header = _HUNK.match(self.text.peek())
        if self.text.peek().startswith(b"@@ -?,? "):
            self.irreversible(path, start)
        if header is None:
            self.text.fail(f"{path}: expected a hunk header like `@@ -1,2 +3,4 @@`")
        old_count = int(header[2]) if header[2] is not None else 1
        new_count = int(header[4]) if header[4] is not None else 1
        lines, at = self.text.lines, self.text.at + 1
        old = new = 0
        body: list[bytes] = []
        while True:
            line = lines[at] if at < len(lines) else b""
            if old >= old_count and new >= new_count and not line.startswith(b"\\ "):
                break
            # an empty context line may have lost its blank on the way
            mark = line[:1] if line != b"\r" else b""
            if at >= len(lines) or mark not in _MARKS:
                self.text.at = at
                self.short(path, start, (old_count, new_count), (old, new))
            body.append(line or b" ")
            at += 1
            old += mark not in _ADDS
            new += mark not in _TAKES
            if old > old_count or new > new_count:
                self.text.at = at
                self.short(path, start, (old_count, new_count), (old, new))
        self.text.at = at
        section = header[5].decode("utf-8", "replace")
        return Hunk(int(header[1]), old_count, int(header[3]), new_count, section, tuple(body))

    def short(self, path: str, start: int, want: tuple[int, int], got: tuple[int, int]) -> NoReturn:
        text = self.text
        over = text.at >= len(text.lines)
        ended = "the patch ends" if over else f"found {text.peek()[:40]!r}"
        text.fail(
            f"{path}: the hunk {paths.show(text.lines[start])} says {want[0]} old and {want[1]} "
            f"new lines; {ended} after {got[0]} and {got[1]}"
        )
