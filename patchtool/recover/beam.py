# SPDX-License-Identifier: GPL-2.0-or-later
"""The search of :mod:`.lattice`: states in front of each word, and the cheapest ways to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from heapq import heappop, heappush
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.fragment import DamagedHunk

#: Ways kept for each state, and states kept for each word.
WAYS, STATES = 8, 32
#: States kept when the effort for a wide search is spent; one way for each.
_NARROW = 8
#: Words of a hunk from which on fewer ways are kept.
_LONG = 1000
#: Bits for words that are left over behind a hunk.
FAR = 20.0
#: What follows the last line of a file that does not end with a line end.
NO_END = (b"\\", b"No", b"newline", b"at", b"end", b"of", b"file")

# A state is a number: (old line * (new lines + 1) + new line) << 7, and in the low bits the mark
# of the last line, how it ended (of an open line: its kind), and whether a comment is open.
MARK, CLASS, COMMENT, OPEN = 3, 28, 32, 64
#: Marks. What a line that is added to a way says besides: that the line before is the last of its
#: file and has no line end; that the line before, which was open, ends.
CONTEXT, REMOVED, ADDED = range(3)
UNENDED, ENDS = -1, -2
#: Mark, first word, word behind.
Line = tuple[int, int, int]
#: Cost, the way before, and the line that was added to it; None where a line only went on.
Way = tuple[float, Any, Line | None]


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to cut a hunk: its cost in bits, its lines, and the first word behind it."""

    cost: float
    lines: tuple[Line, ...]
    rest: int


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


class Beam(ABC):
    """The search in one hunk; *anchored*: the words of its old lines come from a file."""

    def __init__(self, hunk: DamagedHunk, effort: Effort, *, anchored: bool) -> None:
        self.effort = effort
        self.words, self.marks = hunk.words, hunk.begins
        self.old, self.new = hunk.old_count, hunk.new_count
        self.anchored = anchored
        self.width = self.new + 1
        self.size = len(self.words)
        self.states: list[dict[int, list[Way]]] = [{} for _ in range(self.size + 1)]
        self.heaps: list[list[tuple[int, int]]] = [[] for _ in range(self.size + 1)]
        self.span = 45.0 if self.marks is None else 25.0
        self.ways = WAYS if self.size < _LONG else 3
        self.plus = [0] * (self.size + 1)  # words from there on that may begin an added line
        for at in range(self.size - 1, -1, -1):
            self.plus[at] = self.plus[at + 1] + (self.words[at][:1] == b"+")
        self.latest = [self.size] * (self.old + 1)  # where an old line may begin at the latest

    @abstractmethod
    def new_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Begin a line with the word *at*."""

    @abstractmethod
    def open_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """End the line in front of the word *at*, and let it go on as well."""

    def cuts(self, starts: Sequence[tuple[int, float]], flags: int = 0) -> list[Cut]:
        """The cheapest cuts from any of *starts*: a word the first line may begin with, its cost.

        *flags* are the low bits of the first state.
        """
        if self.new > self.plus[0] + self.old:
            return []
        if not self.anchored and self.old + self.new > 2 * self.size + 9:
            return []
        for at, cost in starts:
            if at <= self.size:
                self.put(at, 0, 0, flags, cost, None, [(0.0, None, None)])
        found: list[tuple[float, int, Way]] = []
        goal = self.old * self.width + self.new
        for at in range(self.size + 1):
            if self.heaps[at]:
                self.at_word(at, goal, found)
        found.sort(key=itemgetter(0))
        return [Cut(cost, self.trace(way), rest) for cost, rest, way in found[:WAYS]]

    def put(
        self, at: int, old: int, new: int, flags: int, cost: float, line: Line | None,
        ways: list[Way],
    ) -> None:  # fmt: skip
        """Put ways that go on with *line* in front of the word *at*, unless the counts forbid."""
        if at > self.latest[old] or self.new - new > self.plus[at] + self.old - old:
            return
        key = (old * self.width + new) << 7 | flags
        made: list[Way] = [(way[0] + cost, way, line) for way in ways]
        there = self.states[at].setdefault(key, made)
        if there is made:
            heappush(self.heaps[at], ((old + new) * 2 + (not flags & OPEN), key))
        else:
            there += made

    def at_word(self, at: int, goal: int, found: list[tuple[float, int, Way]]) -> None:
        """Go on from each state that stands in front of the word *at*."""
        states, heap = self.states[at], self.heaps[at]
        wide = self.effort.spend(len(states))
        costs = sorted(min(way[0] for way in ways) for ways in states.values())
        limit = min([costs[0] + self.span, *costs[(STATES if wide else _NARROW) - 1 :][:1]])
        most = self.ways if wide else 1
        while heap:
            key = heappop(heap)[1]
            ways = states[key]
            if len(ways) > 1:
                ways.sort(key=itemgetter(0))
                del ways[most:]
            if ways[0][0] > limit:
                continue
            self.effort.spend(len(ways))
            flags = key & 127
            old, new = divmod(key >> 7, self.width)
            if flags & OPEN:
                self.open_line(at, old, new, flags, ways)
                continue
            if key >> 7 == goal:
                cost = self.behind(at)
                found += [(way[0] + cost, at, way) for way in ways]
            self.new_line(at, old, new, flags, ways)
        self.states[at] = {}

    def word(self, at: int) -> bytes:
        """The word there; empty behind the last, and where another line of the page begins."""
        if at >= self.size or (self.marks is not None and self.marks[at]):
            return b""
        return self.words[at]

    def behind(self, at: int) -> float:
        """The cost of the words that would be left over."""
        rest = self.words[at:]
        if not any(rest):
            return 0.0
        if rest[0] == b"--" or rest[: len(NO_END)] == NO_END:
            return 1.0
        return FAR + 2.0 * min(20, len(rest))

    def trace(self, way: Way) -> tuple[Line, ...]:
        """The lines of a way, in order."""
        lines: list[Line] = []
        behind = -1
        here: Any = way
        while here is not None:
            if here[2] is not None:
                mark, first, last = here[2]
                if mark == ENDS:
                    behind = last
                else:
                    lines.append((mark, first, behind if last < 0 else last))
            here = here[1]
        return tuple(reversed(lines))
