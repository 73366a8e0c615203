# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a search stands: the commits that may be the first bad one, and how sure that is.

Commits that no try can tell apart are one answer, a *set*: with 5 and 6 skipped, a good 4 and a bad
7 leave "5, 6 or 7". A skipped commit belongs to the earliest descendant that can be tried, if all
of its descendants that can be tried are descendants of that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from patchtool.bisect.ancestry import Ints
    from patchtool.bisect.posterior import Posterior

#: So many runners-up are named, each at least so likely.
RUNNERS_UP: Final = 5
UNLIKELY: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Answer:
    """A commit, or some that no try tells apart.

    Attributes:
        commits: Their numbers, in order.
        probability: How likely the culprit is among them.
    """

    commits: tuple[int, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a search stands.

    Attributes:
        best: The likeliest answer.
        runners_up: The next ones, the likeliest first.
        rate: The failure rate as believed now: its mean.
        rate_range: It is within this with 95 %.
        range: The first and the last of the likeliest commits, which have the culprit with the
            confidence that the search wants.
        good_end_is_bad: How likely the culprit is older than the good end.
        nothing_is_bad: How likely the bad end is not bad at all.
    """

    best: Answer
    runners_up: tuple[Answer, ...]
    rate: float
    rate_range: tuple[float, float]
    range: tuple[int, int]
    good_end_is_bad: float
    nothing_is_bad: float


def answer_of(posterior: Posterior) -> Ints:
    """For each commit the first of those that no try tells apart from it."""
    ancestry = posterior.ancestry
    answers = np.arange(ancestry.size)
    if not posterior.skipped:
        return answers
    able = np.ones(ancestry.size, np.bool_)
    able[list(posterior.skipped | ancestry.history.same_as_parent)] = False
    names: dict[bytes, int] = {}
    for commit in sorted(posterior.skipped):
        if posterior.weights[commit + 1] <= 0:
            continue
        seen = ancestry.seen_by(commit) & able
        first = int(np.argmax(seen))
        if seen[first] and np.array_equal(ancestry.seen_by(first) & able, seen):
            name = names.setdefault(seen.tobytes(), commit)
            answers[commit] = answers[first] = name
        else:
            answers[commit] = names.setdefault(seen.tobytes(), commit)
    return answers


def stands(posterior: Posterior, confidence: float) -> Standing:
    """Where a search stands."""
    weights = posterior.weights[1:-1]
    answers = answer_of(posterior)
    sums = np.bincount(answers, weights, len(weights))
    order = np.argsort(-sums, kind="stable")
    total = np.cumsum(sums[order])
    count = int(np.searchsorted(total, min(confidence, total[-1] * (1 - 1e-12)))) + 1
    within = np.flatnonzero(np.isin(answers, order[:count]) & (weights > 0))
    mean, low, high = posterior.rate()

    def answer(at: int) -> Answer:
        commits = np.flatnonzero((answers == at) & (weights > 0))
        return Answer(tuple(commits.tolist()), float(sums[at]))

    return Standing(
        best=answer(int(order[0])),
        runners_up=tuple(
            answer(int(at)) for at in order[1 : RUNNERS_UP + 1] if sums[at] >= UNLIKELY
        ),
        rate=mean,
        rate_range=(low, high),
        range=(int(within[0]), int(within[-1])) if len(within) else (0, len(weights) - 1),
        good_end_is_bad=posterior.good_end_is_bad,
        nothing_is_bad=posterior.nothing_is_bad,
    )
