# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes next in a search, or what it has found: a pure function of its tries.

Both ends are tried first, once each; how often then is up to what a try tells. A search ends when
one answer is as likely as is wanted. As an answer is likely only when its commit failed and its
parents passed often enough, the culprit and its parents are confirmed on the way, as far as the
confidence asks for it: a test that never varies fails once there and passes once or twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from patchtool.bisect.ancestry import Ancestry
from patchtool.bisect.choosing import Choice, choose, overtaken
from patchtool.bisect.posterior import Tally, believe
from patchtool.bisect.rates import failure_rates, stray_rates
from patchtool.bisect.standing import Standing, stands
from patchtool.bisect.values import Failures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.bisect.posterior import Posterior
    from patchtool.bisect.values import Costs, History, Try

#: An end is wrong when that is so likely.
WRONG: Final = 0.9
#: A rate that was told is wrong when its range does not have it: that likely is the range.
RATE_RANGE: Final = 0.99


class Ends(StrEnum):
    """What is wrong with the ends of a search."""

    GOOD_IS_BAD = "the good end is bad"
    BAD_IS_GOOD = "the bad end is good"
    GOOD_IS_SKIPPED = "the good end cannot be tried"
    BAD_IS_SKIPPED = "the bad end cannot be tried"
    SAME = "no commit between the ends changes the image"


@dataclass(frozen=True, slots=True)
class Next:
    """Tries to begin.

    Attributes:
        choices: What to try, best first; fewer than there are places when no more tells anything,
            and none when those in flight are to be waited for.
        overtaken: Tries in flight that are to be ended, as their places in what was given.
        standing: Where the search stands.
    """

    choices: tuple[Choice, ...]
    overtaken: tuple[int, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The answer is as likely as was wanted; it is ``standing.best``.

    Attributes:
        standing: Where the search stands.
        more: What would raise the confidence; None if nothing would.
    """

    standing: Standing
    more: Choice | None


@dataclass(frozen=True, slots=True)
class WrongEnds:
    """The cause is not between the ends.

    Attributes:
        what: What is wrong.
        standing: Where the search stands.
    """

    what: Ends
    standing: Standing


@dataclass(frozen=True, slots=True)
class NotReached:
    """No try tells more, and no answer is as likely as was wanted.

    Attributes:
        standing: Where the search stands.
    """

    standing: Standing


Step = Next | FirstBad | WrongEnds | NotReached


class Search:
    """What is searched, and how sure the answer has to be.

    Args:
        history: The commits. Of a merge that leaves the image as it is, the first parent in
            ``History.parents`` has that image.
        costs: What a try costs.
        failures: What is known of the failure rate.
        confidence: How likely the answer has to be, below 1.

    Raises:
        ValueError: No commit, a parent after its child, or a rate or confidence that cannot be.
    """

    def __init__(
        self,
        history: History,
        costs: Costs,
        failures: Failures | None = None,
        confidence: float = 0.99,
    ) -> None:
        if not len(history):
            raise ValueError("a history without commits has no first bad one")
        if not 0 < confidence < 1:
            raise ValueError(f"{confidence:g} is not a confidence: above 0, below 1")
        self.ancestry = Ancestry(history)
        self.costs = costs
        self.failures = failures or Failures()
        self.confidence = confidence
        self.bad_end = self.ancestry.origins[-1]
        self._failure = failure_rates(self.failures)
        self._stray = stray_rates()

    def tally(self, tries: Iterable[Try] = ()) -> Tally:
        """Count tries, in whatever order they were made; more can be added to the tally.

        Raises:
            ValueError: A try is of no commit of the history.
        """
        return Tally(self.ancestry, tries)

    def posterior(self, tally: Tally) -> Posterior:
        """How likely each candidate is."""
        return believe(tally, self._failure, self._stray)

    def standing(self, tally: Tally) -> Standing:
        """Where the search stands: for a report, or to end it before its time."""
        return stands(self.posterior(tally), self.confidence)

    def step(self, tally: Tally, places: int = 1, flying: Sequence[int] = ()) -> Step:
        """What comes next.

        Args:
            tally: All tries with a verdict.
            places: How many tries can begin now.
            flying: The commits of tries in flight, one for each try.
        """
        posterior = self.posterior(tally)
        standing = stands(posterior, self.confidence)
        ends = self._ends(tally, posterior)
        if ends:
            return WrongEnds(ends, standing)
        if standing.best.probability >= self.confidence:
            more = choose(posterior, self.costs)
            return FirstBad(standing, more[0] if more else None)
        choices = [
            Choice(end, 1, 0.0, self.costs.run)
            for end in (self.bad_end, -1)
            if end not in tally.counts and end not in flying
        ][:places]
        if places == 1 and choices:
            return Next(tuple(choices), (), standing)
        late = overtaken(posterior, self.costs, flying)
        ends_in_flight = {-1, self.bad_end} - tally.counts.keys()
        late = [at for at in late if flying[at] not in ends_in_flight]
        begun = [at for place, at in enumerate(flying) if place not in late]
        begun += [each.commit for each in choices]
        free = places + len(late) - len(choices)
        choices += choose(posterior, self.costs, free, begun)
        if not choices and not begun:
            return NotReached(standing)
        return Next(tuple(choices), tuple(late), standing)

    def surprise(self, tally: Tally) -> bool:
        """Whether the tries speak against the rate that was told or recorded."""
        failed, count = self.failures.earlier
        if self.failures.rate is None and not count:
            return False
        believed = self.failures.rate if self.failures.rate is not None else failed / count
        _, low, high = self.posterior(tally).rate(RATE_RANGE)
        return not low <= believed <= high

    def _ends(self, tally: Tally, posterior: Posterior) -> Ends | None:
        """What is wrong with the ends, if anything."""
        last = self.bad_end
        if last == -1 or not posterior.weights[1:-1].any():
            return Ends.SAME
        if last in posterior.skipped:
            return Ends.BAD_IS_SKIPPED
        if -1 in tally.skips - tally.counts.keys():
            return Ends.GOOD_IS_SKIPPED
        if posterior.good_end_is_bad >= WRONG and -1 in tally.counts:
            return Ends.GOOD_IS_BAD
        if posterior.nothing_is_bad >= WRONG and last in tally.counts:
            return Ends.BAD_IS_GOOD
        return None
