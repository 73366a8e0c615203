# SPDX-License-Identifier: GPL-2.0-or-later
"""What a reading starts from: a damaged file diff, as far as its headers tell, and the old file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from patchtool.errors import SeriesError
from patchtool.recover import breaks
from patchtool.series.diff_header import Lines, git_header, header_paths, line_path, plain_header

#: ``@@ -10,7 +10,8 @@``.
HUNK = re.compile(rb"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")
_AT_START = re.compile(rb"^@@ -[0-9]", re.MULTILINE)
#: In front of each header line, and of the time behind a name that ``diff -u`` writes.
_LINES = re.compile(
    rb" (?=index [0-9a-f]{4,64}\.\.[0-9a-f]|(?:old|new|new file|deleted file) mode [0-7]{6}"
    rb"|(?:dis)?similarity index [0-9]|(?:rename|copy) (?:from|to) |--- \S|\+\+\+ \S"
    rb"|GIT binary |Binary files )"
)
_STAMP = re.compile(rb"(?<=\S) (?=[0-9]{4}-[0-9]{2}-[0-9]{2} |[A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9])")


@dataclass(frozen=True, slots=True)
class DamagedHunk:
    """A hunk header's figures, and the words between it and the next.

    Where line breaks were kept, *begins* says of each word whether a line begins with it (an
    empty line is an empty word), and *heading* how many of them are the function heading.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    words: tuple[bytes, ...]
    begins: tuple[bool, ...] | None
    heading: int | None

    @property
    def header(self) -> str:
        """The header without the heading."""
        old = f"{self.old_start},{self.old_count}"
        return f"@@ -{old} +{self.new_start},{self.new_count} @@"

    @property
    def above(self) -> int:
        """How many lines of the old file stand above it."""
        return self.old_start - 1 if self.old_count else self.old_start


@dataclass(frozen=True, slots=True)
class DamagedDiff:
    """A damaged file diff; a new file has no old path, a removed one no new path.

    *extended* are the header lines that tell of modes and names.
    """

    old_path: str | None
    new_path: str | None
    old_blob: str | None
    new_blob: str | None
    new_mode: str | None
    hunks: tuple[DamagedHunk, ...]
    extended: tuple[str, ...] = ()

    @property
    def renames(self) -> bool:
        """Whether the old file is gone under its old name."""
        return any(line.startswith("rename ") for line in self.extended)

    @property
    def path(self) -> str:
        """The path it is known by."""
        return self.new_path or self.old_path or ""


def take_apart(text: bytes) -> DamagedDiff:
    """Read the headers of one damaged file diff.

    Raises:
        SeriesError: There is no file header in it, or no hunk.
    """
    text = text.replace(b"\r\n", b"\n")
    kept = _AT_START.search(text) is not None
    places = _headers(text, kept)
    head = b" ".join(text[: places[0].start() if places else len(text)].split())
    lines = Lines(_STAMP.sub(b"\t", _LINES.sub(b"\n", head)) + b"\n@@ ", _shown(head), 1)
    git = head.startswith(b"diff --git ")
    header = git_header(lines) if git else plain_header(lines)
    if not places and (header.needs_content() or b" GIT binary " in head):
        binary = b" GIT binary " in head or b" Binary files " in head
        why = "a binary patch; its data cannot be recovered"
        why = why if binary else "no hunk header (`@@ -1,2 +3,4 @@`) in this file diff"
        raise SeriesError(f"{_shown(head)}: {why}")
    if git:
        old, new = header_paths(lines, header, 0)
    else:
        old, new = (line_path(lines, header.names[mark], 0) for mark in (b"---", b"+++"))
    if header.mode is not None and header.mode[:3] != b"100":
        raise SeriesError(f"{_shown(head)}: only plain files are recovered")
    ends = [place.start() for place in places[1:]] + [len(text)]
    hunks = (
        _hunk(place, text[place.end() : end], kept)
        for place, end in zip(places, ends, strict=False)
    )
    old_blob = header.old_blob.decode() if header.old_blob else None
    new_blob = header.new_blob.decode() if header.new_blob else None
    mode = header.mode.decode() if header.mode and new else None
    extended = tuple(
        line.decode("utf-8", "replace")
        for line in lines.lines[1:]
        if not line.startswith((b"index ", b"--- ", b"+++ ", b"@@ "))
    )
    return DamagedDiff(old, new, old_blob, new_blob, mode, tuple(hunks), extended)


def _shown(text: bytes) -> str:
    return repr(text[:60].decode("utf-8", "replace"))


def _headers(text: bytes, kept: bool) -> list[re.Match[bytes]]:
    """The hunk headers: what looks like one and continues the counts of those before it.

    Text of the patch may look like a hunk header as well; but then its figures do not fit.
    """
    found: list[re.Match[bytes]] = []
    end = shift = 0
    for match in HUNK.finditer(text):
        if kept and match.start() and text[match.start() - 1 : match.start()] != b"\n":
            continue
        old, old_count, new, new_count = _figures(match)
        above, below = old - (old_count > 0), new - (new_count > 0)
        if not kept and (above < end or below - above != shift):
            continue
        found.append(match)
        end, shift = above + old_count, shift + new_count - old_count
    return found


def _figures(match: re.Match[bytes]) -> tuple[int, int, int, int]:
    """The four figures of a hunk header; a count that is left out is one."""
    one, two, three, four = (int(match[at] or 1) for at in (1, 2, 3, 4))
    return one, two, three, four


def _hunk(match: re.Match[bytes], text: bytes, kept: bool) -> DamagedHunk:
    counts = _figures(match)
    if not kept:
        return DamagedHunk(*counts, tuple(text.split()), None, None)
    heading, _, body = text.partition(b"\n")
    lines = body.removesuffix(b"\n").split(b"\n") if body else []
    words: list[bytes] = list(heading.split())
    begins = [False] * len(words)
    for line in lines:
        pieces = line.split() or [b""]
        words += pieces
        begins += [True] + [False] * (len(pieces) - 1)
    return DamagedHunk(*counts, tuple(words), tuple(begins), len(heading.split()))


def is_hash(blob: str | None) -> bool:
    """Whether an index line's word names a blob; zeros stand for no file."""
    return blob is not None and blob.strip("0") != ""


def has_hash(content: bytes, blob: str | None) -> bool:
    """Whether *content* has this (abbreviated) git blob hash, SHA-1 or SHA-256."""
    if blob is None:
        return False
    kind = "sha256" if len(blob) > 40 else "sha1"
    whole = hashlib.new(kind, b"blob %d\0" % len(content), usedforsecurity=False)
    whole.update(content)
    return whole.hexdigest().startswith(blob.lower())


class TooMuchError(Exception):
    """There are too many ways to read a text."""


class Effort:
    """How much may be spent on reading a file diff: ways looked at; 200,000 take about a second.

    Some of it goes to a wide search; then only the best ways are followed. A text has *size* bytes.
    """

    def __init__(self, size: int) -> None:
        words = size // 5
        self.left = min(20_000 + 40 * words, 50_000 + words)
        self.end = -(20_000 + words)

    def spend(self, units: int) -> bool:
        """Spend some; whether the search may still be wide.

        Raises:
            TooMuchError: Nothing is left.
        """
        self.left -= units
        if self.left < self.end:
            raise TooMuchError
        return self.left > 0


@dataclass(frozen=True, slots=True)
class OldFile:
    """The old file: its lines, their words, these behind a minus, and where a comment is open."""

    lines: tuple[bytes, ...]
    context: tuple[tuple[bytes, ...], ...]
    removed: tuple[tuple[bytes, ...], ...]
    comment: tuple[bool, ...]

    @classmethod
    def of(cls, content: bytes) -> OldFile:
        """Take its *content* apart."""
        lines = content.removesuffix(b"\n").split(b"\n") if content else []
        words = [tuple(line.split()) for line in lines]
        removed = [
            (b"-", *pieces) if line[:1] in b" \t\v\f\r" else (b"-" + pieces[0], *pieces[1:])
            for line, pieces in zip(lines, words, strict=True)
        ]
        comment, is_open = [], False
        for line in lines:
            comment.append(is_open)
            says = breaks.opens_comment(line)
            is_open = is_open if says is None else says
        return cls(tuple(lines), tuple(words), tuple(removed), tuple(comment))
