# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a damaged file diff, ranked by how likely each reading is."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from patchtool.errors import SeriesError
from patchtool.recover.beam import FAR, Effort, TooMuchError
from patchtool.recover.counts import CountsOnly
from patchtool.recover.fragment import DamagedDiff, DamagedHunk, take_apart
from patchtool.recover.hashes import has_hash
from patchtool.recover.heading import headings
from patchtool.recover.lattice import ADDED, CONTEXT, REMOVED, Lattice
from patchtool.recover.oldfile import OldFile
from patchtool.recover.place import places, starts
from patchtool.recover.values import HunkLine, Structure, StructuredHunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.recover.beam import Cut

#: How many readings of a file are given at most.
READINGS = 12
#: Bits between the likeliest reading of a hunk and the last that is given.
_SPAN = 40.0
#: Words of a hunk that are made ready for one unit of effort.
_WORDS = 8
#: A reading of a hunk with its cost.
Ranked = tuple[float, StructuredHunk]
_C = (".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".S", ".y", ".l", ".dts", ".dtsi")


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
    """As :func:`structures`, of a diff that is taken apart.

    Args:
        diff: The diff.
        base: The old file, or None.
        effort: What may be spent on it.
    """
    try:
        hunks = _Reader(diff, base, effort).hunks()
    except TooMuchError:
        raise SeriesError(f"{diff.path}: there are too many ways to read it") from None
    return [
        Structure(
            diff.old_path,
            diff.new_path,
            diff.old_blob,
            diff.new_blob,
            diff.new_mode,
            tuple(chosen),
            base,
            cost,
        )
        for cost, chosen in _combined(hunks)
    ]


class _Reader:
    """Reads the hunks of one file diff, one behind the other."""

    def __init__(self, diff: DamagedDiff, base: bytes | None, effort: Effort) -> None:
        self.diff = diff
        self.old = None if base is None else OldFile.of(base)
        self.exact = (
            base is not None and diff.old_blob is not None and has_hash(base, diff.old_blob)
        )
        self.effort = effort
        self.code = diff.path.endswith(_C)

    def hunks(self) -> list[list[Ranked]]:
        """The readings of each hunk."""
        found: list[list[Ranked]] = []
        offset = end = 0
        for number, hunk in enumerate(self.diff.hunks, 1):
            ranked = self.hunk(hunk, offset, end)
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

    def hunk(self, hunk: DamagedHunk, offset: int, end: int) -> list[Ranked]:
        """The readings of one hunk, each with its cost, at the nearest place where all of it fits.

        Where none of it does: at the nearest one where only words behind it are left over.
        """
        left_over: list[Ranked] = []
        for above in self.places(hunk, offset, end):
            found, whole = self.ranked(hunk, above)
            if found and whole:
                return found
            left_over = left_over or found
        return left_over

    def places(self, hunk: DamagedHunk, offset: int, end: int) -> Iterator[int]:
        """Where the hunk may be: lines above it, likeliest first."""
        near = hunk.above + offset
        likely = tuple(dict.fromkeys((hunk.above, near)))
        if self.old is None:
            yield hunk.above
            return
        yield from (above for above in likely if above >= end)
        if not self.exact:
            others = places(hunk, self.old, end, near, self.effort)
            yield from (above for above in others if above not in likely)

    def ranked(self, hunk: DamagedHunk, above: int) -> tuple[list[Ranked], bool]:
        """The readings of a hunk with so many old lines above it; whether no word is left over."""
        if not hunk.old_count and not hunk.new_count:
            return [], False
        if self.old is None:
            if hunk.old_count + hunk.new_count > 2 * len(hunk.words) + 9:
                return [], False
            self.effort.spend(len(hunk.words) // _WORDS)
            lattice: Lattice = CountsOnly(hunk, None, above, self.effort, code=self.code)
        else:
            if above + hunk.old_count > len(self.old.lines):
                return [], False
            self.effort.spend(len(hunk.words) // _WORDS)
            lattice = Lattice(hunk, self.old, above, self.effort, code=self.code)
        cuts = lattice.cuts(starts(hunk, self.old, above), lattice.comment)
        near = [cut for cut in cuts if cut.cost < cuts[0].cost + _SPAN]
        whole = bool(cuts) and lattice.behind(cuts[0].rest) < FAR
        return [(cut.cost, _made(hunk, self.old, above, cut)) for cut in near], whole


def _made(hunk: DamagedHunk, old: OldFile | None, above: int, cut: Cut) -> StructuredHunk:
    """The hunk as a cut reads it."""
    lines: list[HunkLine] = []
    at = above
    for mark, first, behind in cut.lines:
        if mark < 0:
            last = lines[-1]
            lines[-1] = HunkLine(last.mark, last.pieces, last.indented, last.text, ended=False)
            continue
        lines.append(_line(hunk, old, at, (mark, first, behind)))
        at += mark != ADDED
    begin = cut.lines[0][1] if cut.lines else 0
    words = hunk.words[:begin]
    told = headings(old.lines, above) if old is not None and words else ()
    exact = next((one for one in told if tuple(one.split()) == words), b" ".join(words))
    heading = exact.decode("utf-8", "replace")
    start = above + 1 if hunk.old_count else above
    return StructuredHunk(
        start, hunk.old_count, hunk.new_start, hunk.new_count, heading, tuple(lines),
        above - hunk.above,
    )  # fmt: skip


def _line(hunk: DamagedHunk, old: OldFile | None, at: int, cut: tuple[int, int, int]) -> HunkLine:
    mark, first, behind = cut
    if mark != ADDED and old is not None:
        text = old.lines[at]
        indented = bool(old.context[at]) and text[:1].isspace()
        return HunkLine("-" if mark == REMOVED else " ", old.context[at], indented, text)
    pieces = tuple(word for word in hunk.words[first:behind] if word)
    if mark == CONTEXT:
        return HunkLine(" ", pieces, None, None)
    sign, rest = pieces[0][:1].decode(), pieces[0][1:]
    pieces = (rest, *pieces[1:]) if rest else pieces[1:]
    return HunkLine("+" if sign == "+" else "-", pieces, not rest and bool(pieces), None)


def _combined(
    hunks: Sequence[Sequence[Ranked]],
) -> Iterator[tuple[float, list[StructuredHunk]]]:
    """The cheapest choices of one reading for each hunk, in order."""
    first = tuple(0 for _ in hunks)
    heap = [(sum(ranked[0][0] for ranked in hunks), first)]
    seen = {first}
    given = 0
    while heap and given < READINGS:
        cost, chosen = heappop(heap)
        yield cost, [ranked[at][1] for ranked, at in zip(hunks, chosen, strict=True)]
        given += 1
        for place, at in enumerate(chosen):
            if at + 1 < len(hunks[place]):
                following = (*chosen[:place], at + 1, *chosen[place + 1 :])
                if following not in seen:
                    seen.add(following)
                    more = hunks[place][at + 1][0] - hunks[place][at][0]
                    heappush(heap, (cost + more, following))
