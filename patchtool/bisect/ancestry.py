# SPDX-License-Identifier: GPL-2.0-or-later
"""Which candidates a try can see: the ancestors of each commit, as numbers and as bits.

A *candidate* is what may be the cause. There are two more of them than commits: number 0 is "the
good end is bad already", number ``c + 1`` is commit ``c``, and the last one is "nothing is bad, not
even the bad end". A try at a commit sees candidate 0, the commit, and the commit's ancestors: with
one of these as the culprit it fails as often as bad code does. A try at the good end (-1) sees
candidate 0 only, and nothing sees the last one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.bisect.values import History

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Ancestry:
    """The ancestors of all commits of a history.

    A line needs no bits. Of a graph of n commits n²/8 bytes are kept, twice: 25 MB for 10,000.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.size = len(history)
        self.candidates = self.size + 2
        self.line = all(
            parents == ((at - 1,) if at else ()) for at, parents in enumerate(history.parents)
        )

    @cached_property
    def origins(self) -> tuple[int, ...]:
        """For each commit the one that made its image, as far as that is known; -1: none here."""
        origins: list[int] = []
        for at, parents in enumerate(self.history.parents):
            same = at in self.history.same_as_parent
            origins.append((origins[parents[0]] if parents else -1) if same else at)
        return tuple(origins)

    @cached_property
    def _bits(self) -> NDArray[np.uint8]:
        """For each commit its ancestors and itself, one bit each."""
        width = (self.size + 7) // 8
        ancestors: list[int] = []
        for at, parents in enumerate(self.history.parents):
            mine = 1 << at
            for parent in parents:
                if not 0 <= parent < at:
                    raise ValueError(f"commit {at} comes before its parent {parent}")
                mine |= ancestors[parent]
            ancestors.append(mine)
        packed = b"".join(mine.to_bytes(width, "little") for mine in ancestors)
        return np.frombuffer(packed, np.uint8).reshape(self.size, width)

    @cached_property
    def _columns(self) -> NDArray[np.uint8]:
        """The same, eight candidates after eight: what a sum over candidates reads in order."""
        return np.ascontiguousarray(self._bits.T)

    def seen(self, commits: Sequence[int] | Ints) -> Bools:
        """Which candidates tries at *commits* see: a row for each of these."""
        at = np.asarray(commits, np.int64)
        if self.line:
            return np.arange(self.candidates) <= at[:, None] + 1
        rows = np.zeros((len(at), self.candidates), np.bool_)
        rows[:, 0] = True
        inside = at >= 0
        bits = np.unpackbits(self._bits[at[inside]], axis=1, count=self.size, bitorder="little")
        rows[inside, 1:-1] = bits.astype(np.bool_)
        return rows

    def sums(self, commits: Sequence[int] | Ints, values: Floats) -> Floats:
        """For each candidate the sums of what belongs to the tries that see it.

        Args:
            commits: What was tried.
            values: Rows with a value for each of *commits*.

        Returns:
            As many rows, a column for each candidate.
        """
        at = np.asarray(commits, np.int64)
        if self.line:
            spread = np.zeros((len(values), self.candidates))
            spread[:, at + 1] = values
            return np.cumsum(spread[:, ::-1], axis=1)[:, ::-1]
        return values @ self.seen(at)

    def seen_by(self, commit: int) -> Bools:
        """Which commits see a commit: itself and its descendants."""
        if self.line:
            return np.arange(self.size) >= commit
        column = self._columns[commit >> 3] >> np.uint8(commit & 7)
        seen: Bools = (column & 1).astype(np.bool_)
        return seen

    def mass(self, weights: Floats) -> Floats:
        """For each commit the sum of the weights of the candidates that a try at it sees."""
        if self.line:
            return np.cumsum(weights)[1:-1]
        inside = np.zeros(self._bits.shape[1] * 8)
        inside[: self.size] = weights[1:-1]
        total = np.full(self.size, weights[0])
        # All 256 sums of eight weights at once, then one look-up for each byte.
        eights = inside.reshape(-1, 8)
        patterns = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
        sums = eights @ patterns.T.astype(np.float64)
        for byte in np.flatnonzero(eights.any(axis=1)):
            total += sums[byte][self._columns[byte]]
        return total

    def share(self, commits: Sequence[int] | Ints, labels: Ints, weights: Floats) -> Floats:
        """How the weight that tries at *commits* see is spread over classes of candidates.

        Args:
            commits: What is tried.
            labels: The class of each candidate, from 0.
            weights: The weight of each candidate.

        Returns:
            A row for each of *commits*, a column for each class.
        """
        at = np.asarray(commits, np.int64)
        classes = int(labels.max()) + 1
        if self.line:
            edges, place = np.unique(at + 1, return_inverse=True)
            part = np.searchsorted(edges, np.arange(self.candidates))
            sums = np.bincount(part * classes + labels, weights, (len(edges) + 1) * classes)
            below: Floats = np.cumsum(sums.reshape(-1, classes)[:-1], axis=0)
            return below[place]
        spread = np.zeros((self.candidates, classes))
        spread[np.arange(self.candidates), labels] = weights
        return self.seen(at).astype(np.float64) @ spread
