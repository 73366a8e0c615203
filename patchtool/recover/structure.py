# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a damaged file diff, ranked by how likely each reading is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Literal

from patchtool.errors import SeriesError
from patchtool.recover.beam import ADDED, CONTEXT, FAR, UNENDED, Effort, TooMuchError
from patchtool.recover.fragment import (
    DamagedDiff,
    DamagedHunk,
    OldFile,
    has_hash,
    headings,
    take_apart,
)
from patchtool.recover.lattice import Lattice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.recover.beam import Cut

#: How many readings of a file are given at most.
READINGS = 12
#: Bits between the likeliest reading of a hunk and the last that is given.
_SPAN = 40.0
#: Words of a hunk that are made ready, and lines of the old file passed, for one unit of effort.
_WORDS, _LINES = 8, 16
#: How a line is marked: context, removed, added.
_MARKS: tuple[Literal[" "], Literal["-"], Literal["+"]] = (" ", "-", "+")
_C = (".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".S", ".y", ".l", ".dts", ".dtsi")
#: How many words a function heading may have when the old file foretells another.
_LONGEST_HEADING = 30
#: Places in the old file that are tried for a hunk that is not where its header says.
_PLACES = 24


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk whose place is known.

    Attributes:
        mark: ``' '`` context, ``'-'`` removed, ``'+'`` added.
        pieces: The text between the blanks, in order; none in an empty line.
        indented: Whether white space stands in front of the first piece; None if not known.
        text: The exact line without its mark and line end; None where it is not known, as in
            an added line.
        ended: False where the diff says that there is no line end behind it.
    """

    mark: Literal[" ", "-", "+"]
    pieces: tuple[bytes, ...]
    indented: bool | None
    text: bytes | None
    ended: bool = True


@dataclass(frozen=True, slots=True)
class StructuredHunk:
    """A hunk whose lines are told apart.

    Attributes:
        old_start: First line in the old file, counted from 1 (0 for an empty range), with the
            offset against the header already added.
        section: The function heading behind the second ``@@``.
        offset: How many lines further down than its header says it was found in the base.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[HunkLine, ...]
    offset: int = 0

    @property
    def above(self) -> int:
        """How many lines of the old file stand above it."""
        return self.old_start - 1 if self.old_count else self.old_start

    @property
    def removed(self) -> list[bytes]:
        """The lines it removes, where they are known."""
        return [line.text for line in self.lines if line.mark == "-" and line.text is not None]


@dataclass(frozen=True, slots=True)
class Structure:
    """One reading of the lines of a damaged file diff; the white space of added lines is open.

    Attributes:
        base: The old file's bytes; None without a tree, empty for a new file.
        cost: How unlikely the reading is, in bits; the likeliest of a list comes first.
    """

    old_path: str | None
    new_path: str | None
    old_blob: str | None
    new_blob: str | None
    new_mode: str | None
    hunks: tuple[StructuredHunk, ...]
    base: bytes | None
    cost: float = 0.0


#: A reading of a hunk with its cost.
Ranked = tuple[float, StructuredHunk]


def structures(damaged: bytes | str, base: bytes | None) -> Sequence[Structure]:
    """Read a damaged file diff, from its ``diff --git`` line on; the likeliest reading first.

    Args:
        damaged: Its text: folded on one line, or with line breaks kept.
        base: The old file; None if it is not there: then the counts alone tell, as best they can.

    Raises:
        SeriesError: It has no header, or a hunk cannot be read: says which and why.
    """
    text = damaged.encode("utf-8", "replace") if isinstance(damaged, str) else damaged
    diff = take_apart(text)
    return readings(diff, b"" if diff.old_path is None else base, Effort(len(text)))


def readings(diff: DamagedDiff, base: bytes | None, effort: Effort) -> Sequence[Structure]:
    """As :func:`structures`, of a diff that is taken apart, with what may be spent on it."""
    try:
        hunks = _Reader(diff, base, effort).hunks()
    except TooMuchError:
        raise SeriesError(f"{diff.path}: there are too many ways to read it") from None
    names = diff.old_path, diff.new_path, diff.old_blob, diff.new_blob, diff.new_mode
    return [Structure(*names, tuple(chosen), base, cost) for cost, chosen in _combined(hunks)]


class _Reader:
    """Reads the hunks of one file diff, one behind the other."""

    def __init__(self, diff: DamagedDiff, base: bytes | None, effort: Effort) -> None:
        self.diff = diff
        self.old = None if base is None else OldFile.of(base)
        self.exact = base is not None and has_hash(base, diff.old_blob)
        self.effort = effort
        self.code = diff.path.endswith(_C)

    def hunks(self) -> list[list[Ranked]]:
        """The readings of each hunk, at the nearest place where all of it fits.

        Where none of it does: at the nearest one where only words behind it are left over.
        """
        found: list[list[Ranked]] = []
        offset = end = 0
        for number, hunk in enumerate(self.diff.hunks, 1):
            ranked: list[Ranked] = []
            for above in self.places(hunk, offset, end):
                here, whole = self.ranked(hunk, above)
                ranked = here if whole or not ranked else ranked
                if whole:
                    break
            if not ranked:
                where = "the base file" if self.old is not None else "its counts"
                raise SeriesError(
                    f"{self.diff.path}: hunk {number} of {len(self.diff.hunks)} ({hunk.header}) "
                    f"does not fit {where}"
                )
            found.append(ranked)
            offset = ranked[0][1].offset
            end = hunk.above + offset + hunk.old_count
        return found

    def places(self, hunk: DamagedHunk, offset: int, end: int) -> Iterator[int]:
        """Where the hunk may be: lines above it, likeliest first.

        In another version of the old file: where three of its lines stand at the hunk's beginning.
        """
        if self.old is None:
            yield hunk.above
            return
        near = hunk.above + offset
        likely = tuple(dict.fromkeys((hunk.above, near)))
        yield from (above for above in likely if above >= end)
        if self.exact:
            return
        first, context = hunk.heading or 0, self.old.context
        longest = _LONGEST_HEADING if hunk.heading is None else 0
        text = tuple(word for word in hunk.words[first : first + longest + 200] if word)
        firsts = {word.removeprefix(b"-") for word in text[: longest + 2]}
        others = range(end, len(context) - hunk.old_count + 1)
        self.effort.spend(len(others) // _LINES)
        given = 0
        for above in sorted(others, key=lambda above: abs(above - near)):
            lead = tuple(word for pieces in context[above : above + 3] for word in pieces)
            if above in likely or (lead and lead[0] not in firsts):
                continue
            self.effort.spend(1)
            if any(text[at : at + len(lead)] == lead for at in range(longest + 1)):
                yield above
                given += 1
            if given == _PLACES:
                return

    def starts(self, hunk: DamagedHunk, above: int) -> list[tuple[int, float]]:
        """The words the first line may begin with, each with its cost in bits."""
        if hunk.heading is not None:
            return [(hunk.heading, 0.0)]
        if self.old is not None:
            told = [tuple(one.split()) for one in headings(self.old.lines, above)]
            sure = [len(one) for one in told if hunk.words[: len(one)] == one]
            if sure and (sure[0] or len(told) == 1):
                return [(length, 2.0 * rank) for rank, length in enumerate(sure)]
        if hunk.old_count == 0 or (self.old is not None and above == 0):
            return [(0, 0.0)]
        return [(at, 3.0 * bool(at)) for at in range(min(_LONGEST_HEADING, len(hunk.words)) + 1)]

    def ranked(self, hunk: DamagedHunk, above: int) -> tuple[list[Ranked], bool]:
        """The readings of a hunk with so many old lines above it; whether no word is left over."""
        size, old = hunk.old_count + hunk.new_count, self.old
        if not size or (old is None and size > 2 * len(hunk.words) + 9):
            return [], False
        if old is not None and above + hunk.old_count > len(old.lines):
            return [], False
        self.effort.spend(len(hunk.words) // _WORDS)
        lattice = Lattice(hunk, old, above, self.effort, code=self.code)
        cuts = lattice.cuts(self.starts(hunk, above), lattice.comment)
        near = [cut for cut in cuts if cut.cost < cuts[0].cost + _SPAN]
        whole = bool(cuts) and lattice.behind(cuts[0].rest) < FAR
        return [(cut.cost, _made(hunk, old, above, cut)) for cut in near], whole


def _made(hunk: DamagedHunk, old: OldFile | None, above: int, cut: Cut) -> StructuredHunk:
    """The hunk as a cut reads it."""
    lines: list[HunkLine] = []
    at = above
    for mark, first, behind in cut.lines:
        if mark == UNENDED:
            lines[-1] = replace(lines[-1], ended=False)
            continue
        if mark == ADDED or old is None:
            lines.append(_line(mark, [word for word in hunk.words[first:behind] if word]))
        else:
            indented = bool(old.context[at]) and old.lines[at][:1].isspace()
            lines.append(HunkLine(_MARKS[mark], old.context[at], indented, old.lines[at]))
        at += mark != ADDED
    words = hunk.words[: cut.lines[0][1] if cut.lines else 0]
    told = headings(old.lines, above) if old is not None and words else ()
    exact = next((one for one in told if tuple(one.split()) == words), b" ".join(words))
    return StructuredHunk(
        above + 1 if hunk.old_count else above, hunk.old_count, hunk.new_start, hunk.new_count,
        exact.decode("utf-8", "replace"), tuple(lines), above - hunk.above,
    )  # fmt: skip


def _line(mark: int, pieces: list[bytes]) -> HunkLine:
    """A line with these words, of which no old line tells more."""
    if mark == CONTEXT:
        return HunkLine(" ", tuple(pieces), None, None)
    rest = pieces[0][1:]
    pieces[:1] = [rest] if rest else []
    return HunkLine(_MARKS[mark], tuple(pieces), not rest and bool(pieces), None)


def _combined(hunks: Sequence[Sequence[Ranked]]) -> Iterator[tuple[float, list[StructuredHunk]]]:
    """The cheapest choices of one reading for each hunk, in order."""
    first = (0,) * len(hunks)
    heap = [(sum(ranked[0][0] for ranked in hunks), first)]
    seen = {first}
    for _ in range(READINGS):
        if not heap:
            return
        cost, chosen = heappop(heap)
        yield cost, [ranked[at][1] for ranked, at in zip(hunks, chosen, strict=True)]
        for place, at in enumerate(chosen):
            following = (*chosen[:place], at + 1, *chosen[place + 1 :])
            if at + 1 < len(hunks[place]) and following not in seen:
                seen.add(following)
                more = hunks[place][at + 1][0] - hunks[place][at][0]
                heappush(heap, (cost + more, following))
