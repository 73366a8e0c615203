# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a damaged file diff, ranked by how likely each reading is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, Literal

from patchtool.errors import SeriesError
from patchtool.recover.fragment import (
    DamagedDiff,
    DamagedHunk,
    Effort,
    OldFile,
    TooMuchError,
    has_hash,
    take_apart,
)
from patchtool.recover.lattice import ADDED, CONTEXT, FAR, UNENDED, Lattice
from patchtool.series.hunks import is_heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.recover.lattice import Line

#: A choice that is not the likeliest: of what, and which alternative (0 is the likeliest).
Deviation = tuple[int, int]
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
#: Bytes of it that git and diff -p keep.
_KEPT = (80, 40)
#: Places in the old file that are tried for a hunk that is not where its header says.
_PLACES = 24


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk whose place is known.

    Attributes:
        mark: ``' '`` context, ``'-'`` removed, ``'+'`` added.
        pieces: The text between the blanks, in order; none in an empty line.
        indented: Whether white space stands in front of the first piece; None if not known.
        text: The exact line without its mark and line end; None if not known, as if added.
        ended: False where the diff says that there is no line end behind it.
    """

    mark: Literal[" ", "-", "+"]
    pieces: tuple[bytes, ...]
    indented: bool | None
    text: bytes | None
    ended: bool = True


@dataclass(frozen=True, slots=True)
class StructuredHunk:
    """A hunk whose lines are told apart; it was found *offset* lines below where its header says.

    That is in ``old_start`` already, which counts from 1 (0 for an empty range).
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


@dataclass(frozen=True, slots=True)
class Structure:
    """One reading of the lines of a damaged file diff, and its cost in bits.

    The white space of added lines is open. *base* is the old file; None if it is not there.
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
    """Read a file diff, folded or with its line breaks; without a *base* the counts alone tell.

    Raises:
        SeriesError: It has no header, or a hunk cannot be read: says which and why.
    """
    text = damaged.encode("utf-8", "replace") if isinstance(damaged, str) else damaged
    diff = take_apart(text)
    return readings(diff, b"" if diff.old_path is None else base, Effort(len(text)))


def readings(diff: DamagedDiff, base: bytes | None, effort: Effort) -> Sequence[Structure]:
    """The readings of a diff that is taken apart, likeliest first, for no more than *effort*."""
    try:
        hunks = list(_Reader(diff, base, effort).hunks())
    except TooMuchError:
        raise SeriesError(f"{diff.path}: there are too many ways to read it") from None
    names = diff.old_path, diff.new_path, diff.old_blob, diff.new_blob, diff.new_mode
    found = []
    for cost, others in islice(in_order([[one[0] for one in hunk] for hunk in hunks]), READINGS):
        made = dict(others)
        chosen = tuple(hunk[made.get(at, 0)][1] for at, hunk in enumerate(hunks))
        found.append(Structure(*names, chosen, base, cost))
    return found


class _Reader:
    """Reads the hunks of one file diff, one behind the other."""

    def __init__(self, diff: DamagedDiff, base: bytes | None, effort: Effort) -> None:
        self.diff = diff
        self.old = None if base is None else OldFile.of(base)
        self.exact = base is not None and has_hash(base, diff.old_blob)
        self.effort = effort
        self.code = diff.path.endswith(_C)

    def hunks(self) -> Iterator[list[Ranked]]:
        """The readings of each hunk, at the nearest place where all of it fits.

        Where none of it does: at the nearest one where only words behind it are left over.
        """
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
            yield ranked
            offset = ranked[0][1].offset
            end = hunk.above + offset + hunk.old_count

    def places(self, hunk: DamagedHunk, offset: int, end: int) -> Iterator[int]:
        """Where the hunk may be: lines above it, likeliest first.

        In another version of the old file: where three of its lines stand at the hunk's beginning.
        """
        near = hunk.above + offset
        likely = tuple(dict.fromkeys((hunk.above, near)))
        yield from (above for above in likely if above >= end)
        if self.old is None or self.exact:
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
            if given == _PLACES or above in likely or (lead and lead[0] not in firsts):
                continue
            self.effort.spend(1)
            if any(text[at : at + len(lead)] == lead for at in range(longest + 1)):
                yield above
                given += 1

    def starts(self, hunk: DamagedHunk, above: int) -> list[tuple[int, float]]:
        """The words the first line may begin with, each with its cost in bits."""
        if hunk.heading is not None:
            return [(hunk.heading, 0.0)]
        told: dict[tuple[bytes, ...], None] = {}
        for line in reversed(self.old.lines[:above]) if self.old else ():
            if line[:1].isalpha() or line[:1] in (b"_", b"$"):  # the label of C may be taken too
                told.update({tuple(line[:most].split()): None for most in _KEPT})
                if is_heading(line):
                    break
        else:
            told[()] = None
        sure = [len(words) for words in told if hunk.words[: len(words)] == words]
        if self.old is not None and sure and (sure[0] or len(told) == 1):
            return [(length, 2.0 * rank) for rank, length in enumerate(sure)]
        if not hunk.old_count:
            return [(0, 0.0)]
        return [(at, 3.0 * bool(at)) for at in range(min(_LONGEST_HEADING, len(hunk.words)) + 1)]

    def ranked(self, hunk: DamagedHunk, above: int) -> tuple[list[Ranked], bool]:
        """The readings of a hunk with so many old lines above it; whether no word is left over."""
        size, old = hunk.old_count + hunk.new_count, self.old
        most = 2 * len(hunk.words) + 9 if old is None else size
        if not 0 < size <= most or (old and above + hunk.old_count > len(old.lines)):
            return [], False
        self.effort.spend(len(hunk.words) // _WORDS)
        lattice = Lattice(hunk, old, above, self.effort, code=self.code)
        cuts = lattice.cuts(self.starts(hunk, above))
        whole = bool(cuts) and lattice.behind(cuts[0][2]) < FAR
        return [
            (cost, _made(hunk, old, above, lines))
            for cost, lines, _ in cuts
            if cost < cuts[0][0] + _SPAN
        ], whole


def _made(
    hunk: DamagedHunk, old: OldFile | None, above: int, cut: Sequence[Line]
) -> StructuredHunk:
    """The hunk as a cut reads it."""
    lines: list[HunkLine] = []
    at = above
    for mark, first, behind in cut:
        if mark == UNENDED:
            lines[-1] = replace(lines[-1], ended=False)
            continue
        pieces = tuple(word for word in hunk.words[first:behind] if word)
        if mark != ADDED and old is not None:
            indented = bool(old.context[at]) and old.lines[at][:1].isspace()
            lines.append(HunkLine(_MARKS[mark], old.context[at], indented, old.lines[at]))
        elif mark == CONTEXT:
            lines.append(HunkLine(" ", pieces, None, None))
        else:  # the first word begins with the mark, or is the mark and blanks follow
            rest = pieces[0][1:]
            pieces = (rest, *pieces[1:]) if rest else pieces[1:]
            lines.append(HunkLine(_MARKS[mark], pieces, not rest and bool(pieces), None))
        at += mark != ADDED
    words = hunk.words[: cut[0][1] if cut else 0]
    above_it = reversed(old.lines[:above]) if old is not None and words else ()
    told = (line[:most].rstrip() for line in above_it for most in _KEPT if line[:1].strip())
    exact = next((line for line in told if tuple(line.split()) == words), b" ".join(words))
    return StructuredHunk(
        above + 1 if hunk.old_count else above, hunk.old_count, hunk.new_start, hunk.new_count,
        exact.decode("utf-8", "replace"), tuple(lines), above - hunk.above,
    )  # fmt: skip


def in_order(costs: Sequence[Sequence[float]]) -> Iterator[tuple[float, tuple[Deviation, ...]]]:
    """Every joint choice, cheapest first: what it costs in bits, and where it deviates.

    *costs* has for each slot those of its alternatives, ascending.
    """
    slots = sorted((slot for slot, own in enumerate(costs) if len(own) > 1),
                   key=lambda slot: costs[slot][1] - costs[slot][0])  # fmt: skip
    extra = [[cost - costs[slot][0] for cost in costs[slot]] for slot in slots]
    base = sum(own[0] for own in costs if own)
    yield base, ()
    if not slots:
        return
    # A state is the deviations made, as (rank of the slot, alternative), ranks ascending.
    queue: list[tuple[float, tuple[Deviation, ...]]] = [(extra[0][1], ((0, 1),))]
    while queue:
        cost, state = heappop(queue)
        yield base + cost, tuple((slots[rank], choice) for rank, choice in state)
        rank, choice = state[-1]
        if choice + 1 < len(extra[rank]):
            more = cost - extra[rank][choice] + extra[rank][choice + 1]
            heappush(queue, (more, (*state[:-1], (rank, choice + 1))))
        if rank + 1 < len(extra):
            step = extra[rank + 1][1]
            heappush(queue, (cost + step, (*state, (rank + 1, 1))))
            if choice == 1:
                heappush(queue, (cost - extra[rank][1] + step, (*state[:-1], (rank + 1, 1))))
