# SPDX-License-Identifier: GPL-2.0-or-later
"""How likely each commit is the first bad one, from all tries.

With culprit c, a try at x fails with the failure rate p if c is x or an ancestor of x, and with the
stray rate e otherwise. So all that matters of the tries is, for each candidate, how many of those
that see it failed (F) and passed (G), and the same of those that do not (f and g):

    P(c, p, e | tries) ~ P(c) P(p) P(e)  p^F (1-p)^G  e^f (1-e)^g

These are sums over all tries, so their order does not matter. Candidates with the same four counts
form a *class*; there are at most as many classes as tried commits allow, and all sums over p and e
are done once for each.

Images that are equal by content cannot differ in what they do: what only one of two such commits
sees is no candidate, so that a try of either says the same. A commit that leaves the image as it is
has its first parent's image, so a try of it is one of the commit that made the image. A commit that
cannot be tried remains a candidate.

The two ends are not taken for granted: candidates 0 and n + 1 (:mod:`~patchtool.bisect.ancestry`)
have a weight of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from patchtool.bisect.values import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.bisect.ancestry import Ancestry, Bools, Floats, Ints
    from patchtool.bisect.rates import Rates
    from patchtool.bisect.values import Try

#: Share of searches whose good end is bad, and of those whose bad end is not.
WRONG_END: Final = 0.01


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the tries say.

    Attributes:
        ancestry: Who sees whom.
        weights: How likely each candidate is.
        mass: For each commit, how likely it is bad.
        labels: The class of each candidate, from 0.
        classes: How likely each class is.
        failure: The failure rates.
        failure_weights: For each class, how likely each of these is.
        stray: The stray rates.
        stray_weights: For each class, how likely each of these is.
        skipped: Commits that cannot be tried; not the good end.
        counts: How many tries of each commit failed, and how many passed; -1 is the good end.
    """

    ancestry: Ancestry
    weights: Floats
    mass: Floats
    labels: Ints
    classes: Floats
    failure: Rates
    failure_weights: Floats
    stray: Rates
    stray_weights: Floats
    skipped: frozenset[int]
    counts: dict[int, tuple[int, int]]

    @property
    def good_end_is_bad(self) -> float:
        """How likely the culprit is older than the good end."""
        return float(self.weights[0])

    @property
    def nothing_is_bad(self) -> float:
        """How likely the bad end is not bad at all."""
        return float(self.weights[-1])

    def rate(self, part: float = 0.95) -> tuple[float, float, float]:
        """The mean failure rate, and the bounds between which it is with probability *part*."""
        classes = self.classes.copy()
        if self.nothing_is_bad < 1:  # Else nothing was learnt of bad code.
            classes[self.labels[-1]] -= self.nothing_is_bad
        spread = np.maximum(classes, 0) @ self.failure_weights
        spread /= spread.sum()
        mean = float(spread @ self.failure.values)
        total = np.cumsum(spread)
        edges = np.searchsorted(total, [(1 - part) / 2, (1 + part) / 2])
        low, high = self.failure.values[np.minimum(edges, len(total) - 1)]
        return mean, float(low), float(high)


class Tally:
    """All tries so far, in whatever order they were made, counted.

    Attributes:
        counts: How many tries of each commit failed, and how many passed; -1 is the good end. A
            commit that leaves the image as it is counts as the one that made the image.
        skips: Commits of which a try said that they cannot be tried.
        images: The commits that are known to have each image.
    """

    def __init__(self, ancestry: Ancestry, tries: Iterable[Try] = ()) -> None:
        self.ancestry = ancestry
        self.counts: dict[int, tuple[int, int]] = {}
        self.skips: set[int] = set()
        self.images: dict[str, set[int]] = {}
        for each in tries:
            self.add(each)

    def add(self, each: Try) -> None:
        """Count a try.

        Raises:
            ValueError: It is of no commit of the history.
        """
        if not -1 <= each.commit < self.ancestry.size:
            raise ValueError(f"a try of commit {each.commit}, of {self.ancestry.size} commits")
        commit = self.ancestry.origins[each.commit] if each.commit >= 0 else -1
        if each.image:
            self.images.setdefault(each.image, set()).add(commit)
        if each.verdict is Verdict.SKIP:
            self.skips.add(commit)
            return
        failed, passed = self.counts.get(commit, (0, 0))
        bad = each.verdict is Verdict.BAD
        self.counts[commit] = (failed + bad, passed + (not bad))

    def prior(self) -> Floats:
        """How likely each candidate is before the verdicts: all the same that images leave over."""
        ancestry = self.ancestry
        possible = np.ones(ancestry.candidates, np.bool_)
        for commit in ancestry.history.same_as_parent:
            possible[commit + 1] = False
            parents = ancestry.history.parents[commit]
            if len(parents) > 1:
                self._equal(possible, (commit, parents[0]))
        for commits in self.images.values():
            if len(commits) > 1:
                self._equal(possible, sorted(commits))
        prior = possible.astype(float)
        prior[[0, -1]] = 0
        prior *= (1 - 2 * WRONG_END) / max(prior.sum(), 1)
        prior[0], prior[-1] = possible[0] * WRONG_END, possible[-1] * WRONG_END
        return prior

    def _equal(self, possible: Bools, commits: Sequence[int]) -> None:
        """Take out the candidates that only some of the commits see."""
        rows = self.ancestry.seen(commits)
        possible &= (rows == rows[0]).all(axis=0)


def believe(tally: Tally, failure: Rates, stray: Rates) -> Posterior:
    """What the tries say, given what was believed of the rates before them."""
    ancestry, prior = tally.ancestry, tally.prior()
    tried = sorted(tally.counts)
    seen = np.array([tally.counts[at] for at in tried], float).reshape(-1, 2).T
    high, low = ancestry.sums(tried, seen)
    failed, passed = seen.sum(axis=1)
    # One number for each pair of counts; a pair is a class.
    pairs = (high * (passed + 1) + low).astype(np.int64)
    present = np.zeros(int(pairs.max()) + 1, np.bool_)
    present[pairs] = True
    labels = (np.cumsum(present) - 1)[pairs]
    high, low = np.divmod(np.flatnonzero(present).astype(float), passed + 1)
    log_failure, failure_weights = failure.after(high, low)
    log_stray, stray_weights = stray.after(failed - high, passed - low)
    sizes = np.bincount(labels, prior, len(high))
    logs = np.where(sizes > 0, log_failure + log_stray, -np.inf)
    each = np.exp(logs - logs.max())
    each /= each @ sizes
    weights = prior * each[labels]
    return Posterior(
        ancestry=ancestry,
        weights=weights,
        mass=ancestry.mass(weights),
        labels=labels,
        classes=sizes * each,
        failure=failure,
        failure_weights=failure_weights,
        stray=stray,
        stray_weights=stray_weights,
        skipped=frozenset(tally.skips - tally.counts.keys() - {-1}),
        counts=dict(tally.counts),
    )
