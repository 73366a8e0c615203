# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a patch does not fit a file: which hunk, and what the file has there. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.series.model import FileDiff, Hunk

_COMMON = 50  # a line that a file has more often says nothing about the place


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place where a patch does not fit.

    Attributes:
        path: The file.
        hunk: The hunk's ``@@`` line; empty when the whole file is the matter.
        expected: The lines the hunk wants to find, or what is expected of the file.
        found: What the tree has there now, each line with its number in front.
    """

    path: str
    hunk: str
    expected: str
    found: str


def before(hunk: Hunk) -> tuple[bytes, ...]:
    """The lines a hunk expects: its context and what it removes."""
    return tuple(line[1:] for line in hunk.lines if line[:1] in (b" ", b"-"))


def file_conflicts(diff: FileDiff, content: bytes | None) -> tuple[Conflict, ...]:
    """Every hunk of *diff* that does not fit.

    Args:
        diff: What the patch does to one file.
        content: The file in the tree now, or None when there is none.
    """
    if diff.old_path is None:
        if content is None:
            return ()
        return (Conflict(diff.path, "", "no such file, for the patch makes it", "the file exists"),)
    if content is None:
        return (Conflict(diff.old_path, "", "this file", "the tree has no such file"),)
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    found = []
    offset = 0
    for hunk in diff.hunks:
        wanted = before(hunk)
        at = _match(lines, wanted, hunk.old_start - 1 + offset)
        if at is None:
            found.append(_conflict(diff.path, hunk, lines, wanted, offset))
        else:
            offset = at - (hunk.old_start - 1)
    return tuple(found)


def _match(lines: Sequence[bytes], wanted: Sequence[bytes], near: int) -> int | None:
    """The place nearest to line index *near* where *wanted* stands, as git searches it."""
    if not wanted:
        return max(near, 0)
    last = len(lines) - len(wanted)
    starts = [at for at in range(last + 1) if lines[at] == wanted[0]]
    fits = [at for at in starts if list(lines[at : at + len(wanted)]) == list(wanted)]
    return min(fits, key=lambda at: abs(at - near), default=None)


def _conflict(
    path: str, hunk: Hunk, lines: Sequence[bytes], wanted: Sequence[bytes], offset: int
) -> Conflict:
    start = _most_similar(lines, wanted, hunk.old_start - 1 + offset)
    stop = min(start + len(wanted), len(lines))
    shown = [f"{at + 1}: {_text(lines[at])}" for at in range(start, stop)]
    return Conflict(
        path,
        hunk.header,
        "\n".join(_text(line) for line in wanted),
        "\n".join(shown) or f"the file ends at line {len(lines)}",
    )


def _most_similar(lines: Sequence[bytes], wanted: Sequence[bytes], near: int) -> int:
    """The place where most lines of *wanted* stand; *near* where none does."""
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


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
