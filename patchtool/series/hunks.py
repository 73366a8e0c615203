# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a hunk fits a file: the one place that knows how git looks for it. Pure.

Lines are bytes without their ends, and indices count from 0.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.file_diff import Hunk

_COMMON = 50  # a line that a file has more often says nothing about the place
_HEADING = re.compile(rb"[A-Za-z_$](?!\w*:\s*\Z)")  # as git's, less the labels of C
_LONGEST_HEADING = 80  # bytes that git shows of it behind the second `@@`
_HUNK = re.compile(rb"@@ -[0-9]{1,9}(?:,([0-9]{1,9}))? \+[0-9]{1,9}(?:,([0-9]{1,9}))? @@")


def split(content: bytes) -> list[bytes]:
    """The lines of a file, without their ends."""
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return lines


def outside(lines: Sequence[bytes]) -> Iterator[int]:
    """The indices of the lines of a diff that are in no hunk and begin none, by its counts."""
    old = new = 0  # lines of the hunk still to come
    for at, line in enumerate(lines):
        if old > 0 or new > 0:
            old -= line[:1] in (b" ", b"-", b"")
            new -= line[:1] in (b" ", b"+", b"")
        elif hunk := _HUNK.match(line):
            old, new = (int(count) if count else 1 for count in hunk.groups())
        else:
            yield at


def before(hunk: Hunk) -> tuple[bytes, ...]:
    """The lines a hunk expects: its context and what it removes."""
    return tuple(line[1:] for line in hunk.lines if line[:1] in (b" ", b"-"))


def after(hunk: Hunk) -> tuple[bytes, ...]:
    """The lines a hunk leaves: its context and what it adds."""
    return tuple(line[1:] for line in hunk.lines if line[:1] in (b" ", b"+"))


def has_lines(content: bytes, wanted: Sequence[bytes]) -> bool:
    """Whether *wanted* stands in a file, in one piece; faster than to split it first."""
    end = b"" if content.endswith(b"\n") else b"\n"
    return b"\n%b\n" % b"\n".join(wanted) in b"\n%b%b" % (content, end)


def find_lines(lines: Sequence[bytes], wanted: Sequence[bytes], near: int = 0) -> int | None:
    """The index nearest to *near* at which *wanted* stands in *lines*, or None."""
    if not wanted:
        return min(max(near, 0), len(lines))
    return min(_places(lines, wanted), key=lambda at: abs(at - near), default=None)


def _places(lines: Sequence[bytes], wanted: Sequence[bytes]) -> Iterator[int]:
    """Every index at which *wanted*, which is not empty, stands in *lines*."""
    size, want = len(wanted), list(wanted)
    rare = max(range(size), key=lambda at: len(want[at]))  # long lines are rare ones
    at = -1
    while True:
        try:
            at = lines.index(want[rare], at + 1)
        except ValueError:
            return
        start = at - rare
        if start >= 0 and list(lines[start : start + size]) == want:
            yield start


def find_hunk(lines: Sequence[bytes], hunk: Hunk, near: int) -> int | None:
    """The index where git would put a hunk, or None where it does not fit with all its context.

    One that starts at line 1 fits only at the start of the file, one without context below
    only at its end (git's apply.c, ``match_beginning`` and ``match_end``); any other where it
    stands nearest to *near*.
    """
    want = before(hunk)
    end = len(lines) - len(want)
    marks = [line[:1] for line in hunk.lines if line[:1] != b"\\"]
    only = [0] if hunk.old_start <= 1 else []
    only += [end] if marks[-1:] != [b" "] else []
    if not only:
        return find_lines(lines, want, near)
    at = only[0]
    fits = len(set(only)) == 1 and at >= 0 and list(lines[at : at + len(want)]) == list(want)
    return at if fits else None


def is_done(lines: Sequence[bytes], hunk: Hunk) -> bool:
    """Whether a file has what a hunk leaves at the line it names, and nowhere else.

    A twin of the place may have it too, or alone; neither proves anything.
    """
    made = after(hunk)
    return bool(made) and list(_places(lines, made)) == [hunk.new_start - 1]


def is_below(lines: Sequence[bytes], heading: str, at: int) -> bool:
    """Whether *heading*, which stands behind a hunk's second ``@@``, is the nearest above a line.

    Args:
        lines: The file.
        heading: The function's; where there is none, every line is below it.
        at: Index of the line.
    """
    for line in reversed(lines[: max(0, at)]) if heading.strip() else ():
        if line[:_LONGEST_HEADING].decode("utf-8", "replace").strip() == heading.strip():
            return True
        if is_heading(line):
            return False
    return not heading.strip()


def is_heading(line: bytes) -> bool:
    """Whether git shows a line of the old file behind the second ``@@`` of a hunk below it."""
    return _HEADING.match(line) is not None


def undone(lines: Sequence[bytes], hunks: Sequence[Hunk]) -> list[bytes]:
    """A file before *hunks*, each taken back at the line that it names."""
    old = list(lines)
    for hunk in reversed(hunks):
        at = hunk.new_start - 1
        old[at : at + len(after(hunk))] = before(hunk)
    return old


def most_similar(lines: Sequence[bytes], wanted: Sequence[bytes], near: int) -> int:
    """The index at which most of *wanted* stands, line for line; *near* where none does."""
    places: dict[bytes, list[int]] = {}
    for at, line in enumerate(lines):
        if line.strip():
            places.setdefault(line, []).append(at)
    votes: Counter[int] = Counter()
    for index, line in enumerate(wanted):
        spots = places.get(line, [])
        if len(spots) <= _COMMON:
            for at in spots:
                votes[at - index] += len(line.strip())
    near = max(0, min(near, max(0, len(lines) - len(wanted))))
    best = max(votes, key=lambda at: (votes[at], -abs(at - near)), default=near)
    return max(0, best)
