# SPDX-License-Identifier: GPL-2.0-or-later
"""What a reading starts from: a damaged file diff, as far as its headers tell, and the old file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from patchtool.errors import SeriesError
from patchtool.recover import breaks
from patchtool.series.paths import BadPathError, check, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: ``@@ -10,7 +10,8 @@``.
HUNK = re.compile(rb"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")
_AT_START = re.compile(rb"^@@ -[0-9]", re.MULTILINE)
_GIT = re.compile(rb"diff --git (\"?a/.*? \"?b/.*?)(?= (?:index|old mode|new mode|new file|deleted "
                  rb"file|similarity|dissimilarity|rename|copy|---|GIT binary) |$)")  # fmt: skip
_INDEX = re.compile(rb" index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: ([0-7]{6}))?(?= |$)")
_MODE = re.compile(rb" (new|deleted) (?:file )?mode ([0-7]{6})(?= |$)")
_NAMES = re.compile(rb"(?:^| )--- (\S.*?) \+\+\+ (\S.*?)$")
_FROM = re.compile(rb" (?:rename|copy) from (.*?) (?:rename|copy) to (.*?)(?= index | --- |$)")
_EXTENDED = re.compile(
    rb" ((?:old|new|new file|deleted file) mode [0-7]{6}|(?:dis)?similarity index [0-9]{1,3}%"
    rb"|(?:rename|copy) (?:from|to) .*?)"
    rb"(?= (?:old mode|new mode|similarity|rename|copy|index) | --- |$)"
)
_NO_TEXT = (b"e69de29", b"473a0f4")  # git's hashes of an empty file
#: Where a file diff begins: text of a patch that looks the same has no header behind it.
_GIT_START = re.compile(
    rb"(?:(?<=\s)|\A)diff\s--git\s\"?a/\S{1,400}\s\"?b/\S{1,400}\s(?:index\s[0-9a-f]{4}"
    rb"|(?:old|new|new\sfile|deleted\sfile)\smode\s[0-7]{6}|(?:dis)?similarity\sindex|---\s\S)"
)
_PLAIN_START = re.compile(
    rb"(?:(?<=\s)|\A)---\s\S{1,400}(?:\s[-0-9: .+]{0,60}?)?\s\+\+\+\s\S{1,400}"
    rb"(?:\s[-0-9: .+]{0,60}?)?\s@@\s-[0-9]"
)

#: What git without a driver takes for a heading (def_ff in git's xdiff-interface.c), and diff -p.
_HEADING = re.compile(rb"[A-Za-z_$]")
#: What its cpp driver leaves out, which the kernel's .gitattributes choose.
_LABEL = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*:[ \t]*(?:$|/[/*])")
#: Bytes that git and diff -p keep of it.
_LENGTHS = (80, 40)


@dataclass(frozen=True, slots=True)
class DamagedHunk:
    """A hunk header's figures, and what stands between it and the next.

    Attributes:
        words: Its text between the blanks; where line breaks were kept, an empty line is an
            empty word.
        begins: For each word whether a line of the page begins with it; None in folded text.
        heading: How many words belong to the header's function heading; None if unknown.
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

    Attributes:
        old_blob: Of the index line, or None; the new one as well.
        new_mode: Where the diff states one.
        hunks: None where only the name or the mode changes, or of an empty file.
        extended: The lines between ``diff --git`` and the index line.
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
    if not places and not _needs_none(head):
        binary = b" GIT binary patch" in head or b" Binary files " in head
        why = "a binary patch; its data cannot be recovered"
        why = why if binary else "no hunk header (`@@ -1,2 +3,4 @@`) in this file diff"
        raise SeriesError(f"{_shown(head)}: {why}")
    ends = [place.start() for place in places[1:]] + [len(text)] * bool(places)
    hunks = tuple(
        _hunk(place, text[place.end() : end], kept) for place, end in zip(places, ends, strict=True)
    )
    old, new = _paths(head)
    index = _INDEX.search(head)
    modes = {match[1]: match[2] for match in _MODE.finditer(head)}
    if b"deleted" in modes:
        new = None
    mode = modes.get(b"new") or (index[3] if index else None)
    if mode is not None and mode[:3] != b"100":
        raise SeriesError(f"{_shown(head)}: mode {mode.decode()}; only plain files are recovered")
    blobs: tuple[str | None, str | None]
    blobs = (index[1].decode(), index[2].decode()) if index else (None, None)
    extended = tuple(match[1].decode("utf-8", "replace") for match in _EXTENDED.finditer(head))
    return DamagedDiff(old, new, *blobs, mode.decode() if mode else None, hunks, extended)


def _needs_none(head: bytes) -> bool:
    """Whether a file diff with these headers has no hunk."""
    index = _INDEX.search(head)
    if index is None:
        return _EXTENDED.search(head) is not None and b" GIT binary patch" not in head
    return index[1].startswith(_NO_TEXT) or index[2].startswith(_NO_TEXT)


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


def _paths(head: bytes) -> tuple[str | None, str | None]:
    """Path before and after."""
    if names := _NAMES.search(head):
        return _path(names[1]), _path(names[2])
    if moved := _FROM.search(head):
        return _path(moved[1]), _path(moved[2])
    if git := _GIT.search(head):
        half = len(git[1]) // 2
        old, new = _path(git[1][:half]), _path(git[1][half + 1 :])
        return (None if b" new file mode " in head else old), new
    raise SeriesError(f"{_shown(head)}: expected `--- a/PATH +++ b/PATH`")


def _path(name: bytes) -> str | None:
    if name == b"/dev/null" or name.startswith(b"/dev/null "):
        return None
    try:
        bare = unquote(name)
        prefix, slash, rest = bare.partition(b"/")
        if slash and prefix in (b"a", b"b"):
            bare = rest
        elif slash and b" " in bare:  # diff -u writes a date behind the path
            bare = rest.split(b" ")[0]
        return check(bare)
    except BadPathError as error:
        raise SeriesError(str(error)) from error


def file_diffs(text: bytes) -> Iterator[bytes]:
    """Each file diff in *text*, from its first header line up to the next file diff."""
    starts = [match.start() for match in _GIT_START.finditer(text)]
    if not starts:
        starts = [match.start() for match in _PLAIN_START.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        yield text[start:end]


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


def headings(old: Sequence[bytes], start: int) -> tuple[bytes, ...]:
    """What diff may write behind the header of a hunk that has *start* of the *old* lines above.

    The likeliest first; empty: nothing.
    """
    found: list[bytes] = []
    label = False
    for line in reversed(old[:start]):
        if not _HEADING.match(line):
            continue
        is_label = _LABEL.match(line) is not None
        if not (label and is_label):
            found += [line[:length].rstrip() for length in _LENGTHS]
        if not is_label:
            break
        label = True
    else:
        found.append(b"")
    return tuple(dict.fromkeys(found))
