# SPDX-License-Identifier: GPL-2.0-or-later
"""Which commits to try next: those that tell most about the culprit for each second.

What a result Y tells of the culprit C is the mutual information ``I(Y; C) = H(Y) - H(Y | C)``. To
take the question with the highest one is optimal for a test that never varies, and within a
constant of it for a noisy one: Burnashev & Zigangirov (1974); Ben-Or & Hassidim (2008), which also
has the bound of log2(n) / capacity tries; Jedynak, Frazier & Sznitman (2012), where questions cost
differently and several are put at once.

- The rates are not known, so each class of candidates has the mean of its own.
- Several tries of one image are one question: "does one of m fail", for m of a few sizes. It costs
  the build, if the image is not there, and as many runs as are expected until the first failure.
  So a try that tells little alone, but much with others, is not passed over.
- A build alone tells nothing, but an image is there for later: it can part the candidates that no
  image told apart before. Ideally each build parts these by half, and each run tells what the test
  can tell at most (its capacity). So a bit of the one is worth a build, a bit of the other as many
  runs as it takes at least, and the question is chosen that is worth most for what it costs.
- Tries in flight have not told anything yet, but will. ``I(Y; C | Y') = H(Y | Y') - H(Y | C)``, for
  results are independent once the culprit is known. H(Y | Y') is a mean over what the tries in
  flight may bring: over all of it while that is little, or over a fixed number of draws at equal
  steps of probability. No chance is involved: equal tries lead to equal choices.
- Next to a commit that cannot be tried others are likely not to be, so what a try there tells is
  discounted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.bisect.ancestry import Bools, Floats, Ints
    from patchtool.bisect.posterior import Posterior
    from patchtool.bisect.values import Costs

#: How many tries of one image are looked at as one question.
BLOCKS: Final = np.array([1, 2, 3, 4, 6, 9, 14, 22, 34, 52])
#: Commits looked at: those at equal steps of the probability, and all that were tried.
STEPS: Final = 24
#: What tries in flight may bring is drawn so often.
DRAWS: Final = 64
#: What a bit from runs is worth, in what it costs at least; more where the rate is not sure, as
#: builds are likelier to be wasted there (its deviation counts, as a part of the mean).
PATIENCE: Final = 1.2
UNSURE: Final = 9.0
MOST_PATIENCE: Final = 6.0
#: What a bit about the failure rate is worth, in bits about the culprit.
LEARNING: Final = 0.2
#: Tries in flight that tell so much less than the best question are not waited for.
OVERTAKEN: Final = 0.05
#: How far on, in commits, what makes a commit impossible to try goes on as a rule.
STRETCH: Final = 10.0
#: Questions that tell less, in bits, tell nothing.
LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Choice:
    """A commit to try.

    Attributes:
        commit: Its number.
        block: How many tries of it were weighed as one question: until the first failure.
        bits: What these tell, as expected, in bits.
        seconds: What they cost, as expected.
    """

    commit: int
    block: int
    bits: float
    seconds: float


def choose(
    posterior: Posterior, costs: Costs, places: int = 1, flying: Sequence[int] = ()
) -> list[Choice]:
    """The next tries, best first; as many as there are places, or fewer when nothing tells more.

    Args:
        posterior: What is known.
        costs: What a try costs. An image that was tried, or is in flight, costs no build.
        places: How many tries can begin now.
        flying: The commits of tries in flight, one for each try.
    """
    begun = list(flying)
    chosen: list[Choice] = []
    for _ in range(places):
        best = _Questions(posterior, costs, begun).best()
        if best is None:
            break
        chosen.append(best)
        begun.append(best.commit)
    return chosen


def overtaken(posterior: Posterior, costs: Costs, flying: Sequence[int]) -> list[int]:
    """Which tries in flight are not worth waiting for: their places in *flying*, in order."""
    if not flying:
        return []
    best = _Questions(posterior, costs, []).best()
    bits = _Questions(posterior, costs, [], flying).bits()
    if best is None:
        return [at for at, each in enumerate(bits) if each <= LEAST]
    least = max(OVERTAKEN * costs.run * best.bits / best.seconds, LEAST)
    return [at for at, each in enumerate(bits) if each < least]


class _Questions:
    """All questions that are looked at, given what is known and in flight."""

    def __init__(
        self,
        posterior: Posterior,
        costs: Costs,
        flying: Sequence[int],
        commits: Sequence[int] | None = None,
    ) -> None:
        self.posterior = posterior
        self.flying = flying
        self.commits = self._commits() if commits is None else np.array(commits, np.int64)
        labels, parents = posterior.labels, np.arange(len(posterior.classes))
        for commit in set(flying):
            labels, parents = _split(labels, parents, posterior.ancestry.seen([commit])[0])
        self.labels, self.parents = labels, parents
        self.sums = np.bincount(labels, posterior.weights, len(parents)).astype(float)
        self.below = posterior.ancestry.share(self.commits, labels, posterior.weights)
        there = {*posterior.counts, *flying}
        self.build = np.array(
            [0.0 if at in there else costs.build[at] for at in self.commits.tolist()]
        )
        self.run = costs.run

    def _commits(self) -> Ints:
        """The commits to look at."""
        posterior = self.posterior
        able = posterior.weights[1:-1] > 0
        able[list(posterior.skipped)] = False
        commits = np.flatnonzero(able)
        if not len(commits):
            return np.array(sorted(posterior.counts), np.int64)
        below = posterior.mass[commits]
        if not posterior.ancestry.line:
            order = np.argsort(below, kind="stable")
            commits, below = commits[order], below[order]
        steps = STEPS + 2 * len(self.flying)
        at = np.searchsorted(below, np.arange(1, steps + 1) / (steps + 1))
        # On both sides of each step: what is between may be impossible to try.
        near = set(commits[np.minimum(at, len(commits) - 1)].tolist())
        near.update(commits[np.maximum(at - 1, 0)].tolist())
        return np.array(sorted(near | posterior.counts.keys()), np.int64)

    def best(self) -> Choice | None:
        """The question that is worth most for what it costs."""
        information, cost = self._weigh()
        worth = self._worth(information) / cost * (1 - self._impossible())[:, None]
        at, block = np.unravel_index(int(np.argmax(worth)), worth.shape)
        if information[at, block] <= LEAST:
            return None
        return Choice(
            int(self.commits[at]),
            int(BLOCKS[block]),
            float(information[at, block]),
            float(cost[at, block]),
        )

    def bits(self) -> list[float]:
        """What a single try of each commit tells."""
        information, _ = self._weigh()
        return [float(each) for each in information[:, 0]]

    def _worth(self, information: Floats) -> Floats:
        """What the answers are worth, in seconds."""
        posterior = self.posterior
        parted = _entropy(self.below / np.maximum(self.sums, 1e-300)) @ self.sums
        good = float(posterior.classes @ posterior.stray_weights @ posterior.stray.values)
        chances = posterior.classes @ posterior.failure_weights
        rates = posterior.failure.values
        spread = math.sqrt(max(float(chances @ rates**2) / float(chances @ rates) ** 2 - 1, 0))
        patience = min(PATIENCE + UNSURE * spread, MOST_PATIENCE)
        bit = patience * self.run * float(chances @ (1 / _capacity(rates, good)))
        learnt = _learnt(rates, posterior.failure_weights)[self.parents]
        worth: Floats = bit * (information + LEARNING * self.below @ learnt)
        worth += (self.build * parted)[:, None]
        return worth

    def _weigh(self) -> tuple[Floats, Floats]:
        """The bits that each question tells, and its cost in seconds."""
        posterior, parents = self.posterior, self.parents
        bad_pass, bad_runs = _blocks(posterior.failure.values, posterior.failure_weights)
        good_pass, good_runs = _blocks(posterior.stray.values, posterior.stray_weights)
        bad_pass, good_pass = bad_pass[parents], good_pass[parents]
        below, above = self.below, self.sums - self.below
        known = below @ _entropy(bad_pass) + above @ _entropy(good_pass)
        runs = below @ bad_runs[parents] + above @ good_runs[parents]
        if self.flying:
            chances, drawn = self._draws()
            part = below / np.maximum(self.sums, 1e-300)
            moved = (drawn[:, None] * (bad_pass - good_pass).T).reshape(-1, len(parents)) @ part.T
            passes = moved.reshape(len(drawn), -1, len(part)) + (drawn @ good_pass)[:, :, None]
            unknown = np.tensordot(chances, _entropy(passes), 1).T
        else:
            unknown = _entropy(below @ bad_pass + above @ good_pass)
        return unknown - known, self.build[:, None] + self.run * runs

    def _draws(self) -> tuple[Floats, Floats]:
        """What the tries in flight may bring: how likely, and how likely each class is then."""
        posterior, parents = self.posterior, self.parents
        bad = (posterior.failure_weights @ posterior.failure.values)[parents]
        good = (posterior.stray_weights @ posterior.stray.values)[parents]
        drawn: Floats = self.sums[None, :]
        first = _firsts(self.labels, len(parents))
        for commit in self.flying:
            row = posterior.ancestry.seen([commit])[0][first]
            fails = np.where(row, bad, good)
            drawn = np.concatenate([drawn * fails, drawn * (1 - fails)])
            drawn = drawn[drawn.sum(axis=1) > 1e-9]
            if len(drawn) > DRAWS:
                drawn = _thin(drawn)
        total = drawn.sum(axis=1)
        return total / total.sum(), drawn / total[:, None]

    def _impossible(self) -> Floats:
        """How likely each commit cannot be tried, as it is near one that cannot."""
        posterior = self.posterior
        if not posterior.skipped:
            return np.zeros(len(self.commits))
        skipped = np.array(sorted(posterior.skipped))
        able = np.array([-1, *sorted(at for at in posterior.counts if at >= 0)])
        chance = np.zeros(len(self.commits))
        for sign in (1, -1):
            near = _nearest(self.commits * sign, skipped * sign)
            end = _nearest(self.commits * sign, able * sign)
            chance = np.maximum(chance, np.where(near < end, np.exp(-near / STRETCH), 0))
        chance[np.isin(self.commits, able)] = 0
        return chance


def _nearest(commits: Ints, others: Ints) -> Floats:
    """How far each commit is from the nearest other one before it."""
    others = np.sort(others)
    at = np.searchsorted(others, commits, side="right") - 1
    return np.where(at >= 0, commits - others[np.maximum(at, 0)], np.inf)


def _split(labels: Ints, parents: Ints, row: Bools) -> tuple[Ints, Ints]:
    """Classes that also tell apart what a try in flight sees."""
    kinds, split = np.unique(labels * 2 + row, return_inverse=True)
    return split, parents[kinds // 2]


def _firsts(labels: Ints, classes: int) -> Ints:
    """The first candidate of each class."""
    first = np.zeros(classes, np.int64)
    first[labels[::-1]] = np.arange(len(labels))[::-1]
    return first


def _blocks(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """For each class and size of a block: that all of it passes, and runs until a failure."""
    passes = (1 - values[:, None]) ** BLOCKS
    runs = (1 - passes) / values[:, None]
    return weights @ passes, weights @ runs


def _learnt(values: Floats, weights: Floats) -> Floats:
    """For each class and size of a block, what it tells of the rate where the class is bad."""
    passes = (1 - values[:, None]) ** BLOCKS
    learnt: Floats = _entropy(weights @ passes) - weights @ _entropy(passes)
    return learnt


def _capacity(bad: Floats, good: float) -> Floats:
    """What one run can tell at most, in bits, for each failure rate."""
    share = np.linspace(0.2, 0.6, 9)[:, None]
    known = share * _entropy(bad) + (1 - share) * _entropy(np.array(good))
    most: Floats = (_entropy(share * bad + (1 - share) * good) - known).max(axis=0)
    return np.maximum(most, 0.001)


def _entropy(chance: Floats) -> Floats:
    """The entropy of yes and no, in bits."""
    sure = np.clip(chance, 1e-300, 1)
    other = np.clip(1 - chance, 1e-300, 1)
    return -(sure * np.log2(sure) + other * np.log2(other))


def _thin(drawn: Floats) -> Floats:
    """A fixed number of draws in place of more, at equal steps of probability."""
    total = drawn.sum(axis=1)
    order = np.argsort(drawn @ np.arange(drawn.shape[1]) / total, kind="stable")
    edges = np.cumsum(total[order])
    steps = (np.arange(DRAWS) + 0.5) / DRAWS * edges[-1]
    kept = order[np.minimum(np.searchsorted(edges, steps), len(order) - 1)]
    draws: Floats = drawn[kept] / total[kept, None] * (edges[-1] / DRAWS)
    return draws
