# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of two texts belong to each other. Pure.

Equal lines are found by patience (lines that both have once anchor the rest), and between the
anchors by a dynamic programme that holds long lines for worth more than braces. Lines that are
like each other, and not equal, are told by the words they share.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_CELLS = 250_000  # of a table; more is left unaligned, so that no mail takes minutes
_WORK = 2_000_000  # lines looked at for anchors, for the same reason
_PLAIN = 3  # characters; a shorter line, such as a brace, says little
_LIKE = 0.5  # of the words of two lines that have to be the same
_WORD = re.compile(r"\w+|[^\w\s]")


def align(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The indices of equal lines, in order in both."""
    found: list[tuple[int, int]] = []
    todo = [(0, len(old), 0, len(new))]
    work = 0
    while todo:
        low, high, left, right = todo.pop()
        work += high - low + right - left
        while low < high and left < right and old[low] == new[left]:
            found.append((low, left))
            low, left = low + 1, left + 1
        while low < high and left < right and old[high - 1] == new[right - 1]:
            high, right = high - 1, right - 1
            found.append((high, right))
        if low == high or left == right:
            continue
        anchors = _anchors(old, new, (low, high, left, right)) if work <= _WORK else []
        if anchors:
            for at, to in anchors:
                todo.append((low, at, left, to))
                low, left = at, to
            todo.append((low, high, left, right))
        elif (high - low) * (right - left) <= _CELLS:
            found += _table(
                range(low, high),
                range(left, right),
                lambda at, to: (1 + 3 * (len(old[at].strip()) > _PLAIN)) * (old[at] == new[to]),
            )
    return sorted(found)


def _anchors(
    old: Sequence[str], new: Sequence[str], window: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """Lines that are there once on both sides, as far as they stand in the same order."""
    low, high, left, right = window
    ours, theirs = Counter(old[low:high]), Counter(new[left:right])
    places = {new[to]: to for to in range(left, right)}
    once = [
        (at, places[old[at]])
        for at in range(low, high)
        if ours[old[at]] == 1 == theirs.get(old[at]) and len(old[at].strip()) > _PLAIN
    ]
    return [once[at] for at in increasing([to for _, to in once])]


def increasing(numbers: Sequence[int]) -> list[int]:
    """The indices of a longest increasing run of *numbers*, in order."""
    ends: list[int] = []  # the smallest number a run of that length ends with
    last: list[int] = []
    before: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        last[length : length + 1] = [at]
    run: list[int] = []
    at = last[-1] if last else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]


def _table(old: range, new: range, worth: Callable[[int, int], float]) -> Iterator[tuple[int, int]]:
    """The pairs in order that are worth most together; what is worth nothing is no pair."""
    best = [[0.0] * (len(new) + 1)]
    for at in old:
        above, row = best[-1], [0.0]
        for to in range(len(new)):
            value = worth(at, new[to])
            row.append(max(above[to + 1], row[to], above[to] + value if value else 0.0))
        best.append(row)
    at, to = len(old), len(new)
    while at and to:
        if best[at][to] == best[at - 1][to]:
            at -= 1
        elif best[at][to] == best[at][to - 1]:
            to -= 1
        else:
            at, to = at - 1, to - 1
            yield old[at], new[to]


def words(text: str) -> Counter[str]:
    """The words and signs of a line."""
    return Counter(_WORD.findall(text))


def likeness(one: Counter[str], two: Counter[str]) -> float:
    """How much of two lines is the same, from 0 to 1."""
    total = one.total() + two.total()
    return 2 * (one & two).total() / total if total else 0.0


def counterparts(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """For each line of *old* the line of *new* that took its place, where one is like it."""
    if len(old) * len(new) > _CELLS // 10:
        return {}
    ours, theirs = [words(line) for line in old], [words(line) for line in new]

    def worth(at: int, to: int) -> float:
        value = likeness(ours[at], theirs[to])
        return value if value >= _LIKE else 0.0

    return dict(_table(range(len(old)), range(len(new)), worth))
