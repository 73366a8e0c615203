# SPDX-License-Identifier: GPL-2.0-or-later
"""Quoted lines found in the text that they were quoted from. Pure.

Runs of lines that stand next to each other in both are found first. Of all runs those are taken
that keep the order and hold the most text, so that a line that stands several times is told by its
neighbours, and then by the order. Lines that were wrapped anew are looked for in the text without
its white space.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from patchtool.revisions.remark import FoundBy
from patchtool.revisions.thread.quotes import key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OFTEN = (
    12  # places of a line that begin a run; a line that stands more often only goes on with one
)
_SHORT = 8  # characters of a wrapped line that is looked for alone
_FULL = 40  # characters of a line that counts in full
SURE = {
    FoundBy.EXACT: 1.0,
    FoundBy.UNIQUE: 0.95,
    FoundBy.NEIGHBOURS: 0.9,
    FoundBy.WRAPPED: 0.8,
    FoundBy.OCCURRENCE: 0.6,
    FoundBy.NOTHING: 0.0,
}


class Match(NamedTuple):
    """Where a quoted line was found.

    Attributes:
        at: Index of the line in the text.
        found_by: How it was found.
    """

    at: int
    found_by: FoundBy


@dataclass(slots=True)
class _Run:
    """Quoted lines that stand together in the text as well."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    weight: float = 0.0
    unique: bool = False


class Text:
    """A text that is quoted.

    Args:
        lines: Its lines.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.keys = [key(line) for line in lines]
        self.index: dict[str, list[int]] = {}
        for at, name in enumerate(self.keys):
            if name:
                self.index.setdefault(name, []).append(at)
        self._ends: list[int] = []  # of each line in the text without white space
        self._joined = ""

    def find(self, quoted: Sequence[str]) -> list[Match | None]:
        """Where each of *quoted* stands; None for what is not there, and for empty lines."""
        keys = [key(line) for line in quoted]
        matches: list[Match | None] = [None] * len(keys)
        for run in self._chain(self._runs(keys)):
            for at, to in run.pairs:
                if keys[at]:
                    matches[at] = Match(to, self._how(quoted[at], keys[at], to, run))
        for at, name in enumerate(keys):
            places = self.index.get(name, ())
            if matches[at] is None and len(places) == 1:
                matches[at] = Match(places[0], FoundBy.UNIQUE)
        self._fill(keys, matches)
        self._wrapped(keys, matches)
        return matches

    def _how(self, line: str, name: str, to: int, run: _Run) -> FoundBy:
        if len(self.index[name]) == 1:
            same = line.rstrip() == self.lines[to].rstrip()
            return FoundBy.EXACT if same else FoundBy.UNIQUE
        return FoundBy.NEIGHBOURS if run.unique or len(run.pairs) > 2 else FoundBy.OCCURRENCE

    def _runs(self, keys: Sequence[str]) -> list[_Run]:
        runs: list[_Run] = []
        active: dict[int, _Run] = {}  # by the last line of the text
        for at, name in enumerate(keys):
            going: dict[int, _Run] = {}
            if not name:
                for to, run in active.items():
                    blank = to + 1 < len(self.keys) and not self.keys[to + 1]
                    going[to + 1 if blank else to] = run
                active = going
                continue
            places = self.index.get(name, ())
            often = len(places) > _OFTEN
            on = (to + 1 for to in active if to + 1 < len(self.keys))
            starts = [to for to in on if self.keys[to] == name] if often else places
            for to in starts:
                run = active.get(to - 1) or _Run()
                if not run.pairs:
                    runs.append(run)
                run.pairs.append((at, to))
                run.weight += 2 + min(len(name), _FULL) / _FULL * (1 + (len(places) == 1))
                run.unique |= len(places) == 1 and len(name) > _SHORT // 2
                going[to] = run
            active = going
        return runs

    def _chain(self, runs: Sequence[_Run]) -> list[_Run]:
        """The runs in order, on both sides, that weigh most together; earlier ones if equal."""
        order = sorted(range(len(runs)), key=lambda at: (runs[at].pairs[0], at))
        ending = sorted(order, key=lambda at: runs[at].pairs[-1][0])
        tree: list[tuple[float, int]] = [(0.0, -1)] * (len(self.keys) + 2)
        best: dict[int, tuple[float, int]] = {}
        closed = 0
        for at in order:
            first, to = runs[at].pairs[0]
            while closed < len(ending) and runs[ending[closed]].pairs[-1][0] < first:
                done = ending[closed]
                _raise(tree, runs[done].pairs[-1][1] + 1, (best[done][0], done))
                closed += 1
            before = _highest(tree, to)
            best[at] = (before[0] + runs[at].weight ** 1.2, before[1])
        at = max(order, key=lambda at: (best[at][0], -at), default=-1)
        chain: list[_Run] = []
        while at >= 0:
            chain.append(runs[at])
            at = best[at][1]
        return chain[::-1]

    def _fill(self, keys: Sequence[str], matches: list[Match | None]) -> None:
        """Find what stands too often to begin a run, next to or between what was found."""
        for step in (1, -1):
            beside: int | None = None
            for at in range(len(keys))[::step]:
                match = matches[at]
                if match is not None:
                    beside = match.at
                elif keys[at] and beside is not None:
                    to = beside + step
                    while 0 <= to < len(self.keys) and not self.keys[to]:
                        to += step
                    if 0 <= to < len(self.keys) and self.keys[to] == keys[at]:
                        matches[at] = Match(to, FoundBy.NEIGHBOURS)
                        beside = to
        for at, low, high in list(_gaps(keys, matches, len(self.keys))):
            places = self.index.get(keys[at], ())
            to = bisect_right(places, low)
            if to < len(places) and places[to] < high:
                only = to + 1 == len(places) or places[to + 1] >= high
                matches[at] = Match(places[to], FoundBy.NEIGHBOURS if only else FoundBy.OCCURRENCE)

    def _wrapped(self, keys: Sequence[str], matches: list[Match | None]) -> None:
        """Find lines that were broken at other places, by the text without white space."""
        at = 0
        while at < len(keys):
            end = at
            while end < len(keys) and matches[end] is None and keys[end]:
                end += 1
            if end > at:
                whole = self._place("".join(keys[at:end]))
                offset = 0
                for line in range(at, end):
                    if whole is not None:
                        matches[line] = Match(self._line(whole + offset), FoundBy.WRAPPED)
                    elif len(keys[line]) >= _SHORT:
                        alone = self._place(keys[line])
                        if alone is not None:
                            matches[line] = Match(self._line(alone), FoundBy.WRAPPED)
                    offset += len(keys[line])
            at = max(end, at + 1)

    def _place(self, wanted: str) -> int | None:
        if not self._ends:
            total = 0
            for name in self.keys:
                total += len(name)
                self._ends.append(total)
            self._joined = "".join(self.keys)
        found = self._joined.find(wanted) if len(wanted) >= _SHORT else -1
        return found if found >= 0 else None

    def _line(self, offset: int) -> int:
        return min(bisect_right(self._ends, offset), len(self.keys) - 1)


def _gaps(
    keys: Sequence[str], matches: Sequence[Match | None], end: int
) -> Iterator[tuple[int, int, int]]:
    """Each line without a place, with the places of the next lines before and behind that have."""
    behind: list[int] = [end] * (len(keys) + 1)
    for at in range(len(keys) - 1, -1, -1):
        match = matches[at]
        behind[at] = match.at if match is not None else behind[at + 1]
    low = -1
    for at, name in enumerate(keys):
        match = matches[at]
        if match is not None:
            low = match.at
        elif name:
            yield at, low, behind[at]


def _raise(tree: list[tuple[float, int]], at: int, value: tuple[float, int]) -> None:
    while at < len(tree):
        if value[0] > tree[at][0]:
            tree[at] = value
        at += at & -at


def _highest(tree: list[tuple[float, int]], at: int) -> tuple[float, int]:
    """The best of the first *at* entries."""
    best = (0.0, -1)
    while at > 0:
        if tree[at][0] > best[0]:
            best = tree[at]
        at -= at & -at
    return best
