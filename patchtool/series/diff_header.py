# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands between ``diff --git`` and the first hunk: names, modes, blobs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from patchtool.errors import MailError
from patchtool.series import paths

_INDEX = re.compile(rb"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: ([0-7]{6}))?\Z")
_MODE = re.compile(rb"(old mode|new mode|deleted file mode|new file mode) ([0-7]{6})\Z")
_NAME = re.compile(rb"(rename|copy) (from|to|old|new) (.+)\Z")
_SIMILAR = re.compile(rb"(dis)?similarity index [0-9]{1,3}%\Z")
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_EPOCH = re.compile(rb"1970-01-01|1969-12-31|Jan +1 .* 1970|Dec +31 .* 1969")
_NONE = b"/dev/null"
_LONGEST_STAMP = 80  # bytes of the time behind a file's name
_EMPTY_BLOBS = (b"e69de29", b"473a0f4")  # of sha1 and sha256 repositories


class Lines:
    r"""The lines of a patch, and how far they were read.

    Args:
        data: The text, with ``\n`` line ends; a ``\r`` belongs to its line.
        where: The patch's name, for errors.
        first_line: The number of the first line of *data* in that patch.

    Attributes:
        lines: All of them, without their line ends.
        at: Index of the next one.
    """

    def __init__(self, data: bytes, where: str, first_line: int) -> None:
        self.lines = data.split(b"\n")
        if self.lines[-1] == b"":
            del self.lines[-1]
        self.where = where
        self.first = first_line
        self.at = 0

    def fail(self, text: str, at: int | None = None) -> NoReturn:
        """Raise a :class:`MailError` that names line *at*; the next one if None."""
        line = self.first + min(self.at if at is None else at, len(self.lines))
        raise MailError(f"{self.where}:{line}: {text}")

    def peek(self, ahead: int = 0) -> bytes:
        """The next line, or one *ahead* of it, without a carriage return; empty at the end."""
        at = self.at + ahead
        return self.lines[at].removesuffix(b"\r") if at < len(self.lines) else b""


@dataclass(slots=True)
class Header:
    """What the lines between ``diff --git`` and the first hunk say.

    Attributes:
        git_line: What stands behind ``diff --git``.
        old: The path before, of a rename or copy.
        new: As above, after.
        created: Whether the file is new.
        deleted: Whether it goes.
        moved: Whether it is renamed or copied.
        mode: Its mode after the patch.
        old_blob: Of the ``index`` line.
        new_blob: As above.
        any_line: Whether there is any line behind ``diff --git``.
        names: The names on the ``---`` and ``+++`` lines.
    """

    git_line: bytes
    old: bytes | None = None
    new: bytes | None = None
    created: bool = False
    deleted: bool = False
    moved: bool = False
    mode: bytes | None = None
    old_blob: bytes | None = None
    new_blob: bytes | None = None
    any_line: bool = False
    names: dict[bytes, bytes] = field(default_factory=dict)

    def needs_content(self) -> bool:
        """Whether a hunk or binary data must follow."""
        if self.names:
            return True
        if self.old_blob is None or self.new_blob is None or self.old_blob == self.new_blob:
            return False
        kept = self.old_blob if self.deleted else self.new_blob
        return not ((self.created or self.deleted) and kept.startswith(_EMPTY_BLOBS))


def plain_header(lines: Lines) -> Header:
    """Read the ``---`` and ``+++`` lines of a diff without more, as ``diff -u`` makes it.

    Raises:
        MailError: They are damaged.
    """
    header = Header(b"", any_line=True)
    _from_to_lines(lines, header)
    return header


def git_header(lines: Lines) -> Header:
    """Read a ``diff --git`` line and what follows it up to the content.

    Raises:
        MailError: It is truncated or damaged.
    """
    start = lines.at
    header = Header(lines.peek()[len(b"diff --git ") :])
    lines.at += 1
    while _extended(lines, header):
        lines.at += 1
    if lines.peek().startswith(b"--- "):
        _from_to_lines(lines, header)
    if not header.any_line:
        lines.fail("nothing follows `diff --git`; the patch is truncated", start)
    return header


def file_mode(lines: Lines, header: Header, path: str, start: int) -> str | None:
    """The mode the header states for the new file, if any.

    Raises:
        MailError: No file of a kernel tree has it.
    """
    if header.mode is None:
        return None
    if header.mode == b"160000":
        lines.fail(f"{path}: submodules are not taken", start)
    if header.mode[:3] not in (b"100", b"120"):
        lines.fail(f"{path}: unknown file mode {header.mode.decode()}", start)
    return header.mode.decode()


def _extended(lines: Lines, header: Header) -> bool:
    """Take one extended header line; whether there was one."""
    line = lines.peek()
    if mode := _MODE.match(line):
        header.created |= mode[1] == b"new file mode"
        header.deleted |= mode[1] == b"deleted file mode"
        if mode[1] != b"old mode":
            header.mode = mode[2]
    elif name := _NAME.match(line):
        header.moved = True
        unquoted = _unquote(lines, name[3])
        if name[2] in (b"from", b"old"):
            header.old = unquoted
        else:
            header.new = unquoted
    elif index := _INDEX.match(line):
        header.old_blob, header.new_blob = index[1], index[2]
        header.mode = header.mode or index[3]
    elif not _SIMILAR.match(line):
        return False
    header.any_line = True
    return True


def _from_to_lines(lines: Lines, header: Header) -> None:
    if not lines.peek(1).startswith(b"+++ "):
        lines.fail("expected a `+++` line behind the `---` line", lines.at + 1)
    for mark in (b"---", b"+++"):
        text = lines.peek()[4:]
        epoch = _EPOCH.search(text.partition(b"\t")[2][:_LONGEST_STAMP])
        header.names[mark] = _NONE if epoch else text
        lines.at += 1
    header.any_line = True
    if not lines.peek().startswith(b"@@ "):
        lines.fail("expected a hunk (`@@ -1,2 +3,4 @@`) behind the `+++` line")


def _unquote(lines: Lines, text: bytes) -> bytes:
    try:
        return paths.unquote(text)
    except paths.BadPathError as error:
        lines.fail(str(error))


def _bare(text: bytes) -> bytes:
    """The name on a ``---`` or ``+++`` line, without its quotes and the time behind it."""
    return paths.unquote(text if text.startswith(b'"') else text.split(b"\t")[0].rstrip())


def line_path(lines: Lines, text: bytes, at: int) -> str | None:
    """The path of a ``---`` or ``+++`` line, or None for /dev/null."""
    try:
        name = _bare(text)
        return None if name == _NONE else paths.check(paths.strip_prefix(name)[1])
    except paths.BadPathError as error:
        lines.fail(str(error), at)


def header_paths(lines: Lines, header: Header, start: int) -> tuple[str | None, str | None]:
    """The old and the new path of a git diff."""
    try:
        if header.moved:
            if header.old is None or header.new is None:
                lines.fail("a rename or copy needs both its `from` and its `to` line", start)
            if _bears(header.git_line, header.old, header.new):
                _noprefix(lines, header.old, start)
            return paths.check(header.old), paths.check(header.new)
        if header.names:
            old = line_path(lines, header.names[b"---"], start)
            new = line_path(lines, header.names[b"+++"], start)
            _same_prefix(lines, header, start)
        else:
            old = new = _same_name(lines, header.git_line, start)
    except paths.BadPathError as error:
        lines.fail(str(error), start)
    old, new = (None if header.created else old), (None if header.deleted else new)
    if old is None and new is None:
        lines.fail("no path before and none after; expected one", start)
    return old, new


def _noprefix(lines: Lines, name: bytes, start: int) -> NoReturn:
    lines.fail(
        f"expected a/ and b/ in front of the paths, found {paths.show(name)} "
        "(made with diff.noprefix?)",
        start,
    )


def _same_prefix(lines: Lines, header: Header, start: int) -> None:
    """Refuse a path without a prefix; where one side is /dev/null, ``diff --git`` tells."""
    old, new = (_bare(header.names[mark]) for mark in (b"---", b"+++"))
    if _NONE not in (old, new):
        bare = paths.strip_prefix(old)[0] == paths.strip_prefix(new)[0]
    else:
        name = new if old == _NONE else old
        bare = _bears(header.git_line, name, name)
    if bare:
        _noprefix(lines, new if old == _NONE else old, start)


def _bears(text: bytes, old: bytes, new: bytes) -> bool:
    """Whether these are the two names behind ``diff --git``, as they are."""
    quoted = _QUOTED.match(text)
    first = quoted[0] if quoted else text[: len(old)]
    rest = text[len(first) :]
    return paths.unquote(first) == old and rest[:1] == b" " and paths.unquote(rest[1:]) == new


def _same_name(lines: Lines, text: bytes, start: int) -> str:
    """The path in ``a/PATH b/PATH``, where both are the same."""
    quoted = _QUOTED.match(text)
    half = quoted.end() if quoted else len(text) // 2
    old, new = paths.unquote(text[:half]), paths.unquote(text[half + 1 :])
    if old == new != b"":
        _noprefix(lines, old, start)
    if text[half : half + 1] != b" ":
        lines.fail(f"expected `diff --git a/PATH b/PATH`, found {paths.show(text)}", start)
    (before, path), (after, other) = paths.strip_prefix(old), paths.strip_prefix(new)
    if path != other or before == after:
        lines.fail(f"expected `diff --git a/PATH b/PATH`, found {paths.show(text)}", start)
    return paths.check(path)
