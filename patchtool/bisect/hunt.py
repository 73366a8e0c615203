# SPDX-License-Identifier: GPL-2.0-or-later
"""The search itself: the ends, then what tells most, then fresh tries of what was found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from patchtool.bisect.confirming import Confirmation
from patchtool.bisect.result_text import percent
from patchtool.bisect.search import Ends, FirstBad, Next, NotReached, Search, WrongEnds
from patchtool.bisect.unread import unread
from patchtool.bisect.values import Costs, Try, Verdict

if TYPE_CHECKING:
    from patchtool.bisect.attempts import Attempts
    from patchtool.bisect.posterior import Posterior, Tally
    from patchtool.bisect.record import Outcome
    from patchtool.bisect.search import Step
    from patchtool.bisect.standing import Standing
    from patchtool.bisect.values import Failures

#: What a run and a build are taken to cost before one was made, in seconds.
_RUN, _BUILD = 30.0, 240.0
#: How often the bad end may pass before it is told that it does, where no rate was told.
_PASSES = 10
#: A commit that is less likely than this is not said to be the likeliest.
_WORTH_SAYING = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """When a search ends.

    Attributes:
        confidence: With what is found as likely as this.
        tries: After so many tries, those of earlier commands counted; None for no limit.
        seconds: After so long, by the clock; None for no limit.
    """

    confidence: float = 0.99
    tries: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a search ended.

    Attributes:
        outcome: In a word.
        standing: Where it stands.
        posterior: What is believed.
        surprise: The rate that was told is not what the tries show.
        more: Further tries can make it surer.
        revert: Whether the bad end is good without what was found, for people.
        what: The merge base that is not good; or the limit that was met, for people.
    """

    outcome: Outcome
    standing: Standing
    posterior: Posterior
    surprise: bool = False
    more: bool = False
    revert: str = ""
    what: str = ""

    @property
    def first_bad(self) -> int | None:
        """The number of the first bad commit, where it is one that was found."""
        return self.standing.best.commits[-1] if self.outcome == "found" else None


class Hunt:
    """One search.

    Args:
        attempts: Makes the tries.
        limits: When it ends.
        failures: What is known of the test beforehand.
        builds: Whether a commit is built apart from its tries.
    """

    def __init__(
        self, attempts: Attempts, limits: Limits, failures: Failures, *, builds: bool
    ) -> None:
        self.attempts, self.limits, self.failures = attempts, limits, failures
        self._builds = builds
        self._unread_is_known = False
        self._search = self._new_search()

    def _new_search(self) -> Search:
        history = self.attempts.between.history
        return Search(history, self._costs(), self.failures, self.limits.confidence)

    def run(self) -> Ending:
        """Search to an end.

        Raises:
            InfraError: This machine is at fault; the same search can go on.
        """
        while True:
            self._search.costs = self._costs()
            self._leave_out_unread()
            tally = self._tally()
            step = self._search.step(tally)
            ending = self._end(step) or self._advance(step)
            if ending is not None:
                return ending

    def ending(self, outcome: Outcome, **more: object) -> Ending:
        """The search as it stands now, ended."""
        tally = self._tally()
        search = self._search
        return Ending(
            outcome,
            search.standing(tally),
            search.posterior(tally),
            search.surprise(tally),
            **more,  # type: ignore[arg-type]
        )

    def _end(self, step: Step) -> Ending | None:
        """How the search ends before another try, if it does."""
        if isinstance(step, WrongEnds):
            ends: dict[Ends, Outcome] = {
                Ends.BAD_IS_GOOD: "bad end",
                Ends.BAD_IS_SKIPPED: "bad end",
                Ends.GOOD_IS_BAD: "good end",
                Ends.GOOD_IS_SKIPPED: "good end",
                Ends.SAME: "same",
            }
            return self.ending(ends[step.what])
        attempts = self.attempts
        seen = [attempts.verdict(each) for each in attempts.of(attempts.between.last)]
        if Verdict.BAD not in seen and seen.count(Verdict.GOOD) >= self._passes():
            return self.ending("bad end")
        if isinstance(step, NotReached):
            return self.ending("skipped")
        limit = self._limit()
        if limit and isinstance(step, Next):
            return self.ending("not sure", what=limit)
        return None

    def _advance(self, step: Step) -> Ending | None:
        """Make the next try; how the search ended, when it did."""
        attempts, between = self.attempts, self.attempts.between
        confirmation = Confirmation(attempts, self._enough(step.standing.rate))
        ends = [attempts.verdict(each) for each in attempts.of(between.last)]
        if attempts.of(between.good) and Verdict.BAD in ends:
            base, verdict = confirmation.base()
            if verdict is Verdict.BAD:
                return self.ending("base", what=base)
            if base:
                attempts.make(base, "base")
                return None
        if isinstance(step, FirstBad):
            return self._found(step, confirmation)
        assert isinstance(step, Next)
        if attempts.of(between.last) and Verdict.BAD not in ends:
            attempts.make(between.last)  # nothing else tells as much as long as it passes
            return None
        commit = step.choices[0].commit
        best = step.standing.best
        likeliest = f"{between.names[best.commits[-1]][:12]}, {percent(best.probability)}"
        name = between.good if commit < 0 else between.names[commit]
        attempts.make(name, likeliest=likeliest if best.probability > _WORTH_SAYING else "")
        return None

    def _leave_out_unread(self) -> None:
        """Once both ends were built: the commits that change nothing of what is read."""
        attempts, between = self.attempts, self.attempts.between
        if not self._builds or self._unread_is_known:
            return
        read = [attempts.files_read(end) for end in (between.good, between.last)]
        if read[0] is None or read[1] is None:
            return
        self._unread_is_known = True
        source = attempts.trying.scratch.source
        numbers = unread(between, read[0] | read[1], source.tree, source.settings)
        history = replace(between.history, same_as_parent=numbers)
        attempts.between = replace(between, history=history)
        self._search = self._new_search()
        if numbers:
            attempts.progress.note(
                f"{len(numbers)} of {len(between.names)} commits change no file that is read, and "
                "are not built"
            )

    def _found(self, step: FirstBad, confirmation: Confirmation) -> Ending | None:
        """Confirm what was found, and end."""
        commits = step.standing.best.commits
        more = step.more is not None
        if len(commits) > 1:
            return self.ending("set", more=more)
        limit = self._limit()
        fresh = confirmation.to_confirm(commits[0])
        if fresh and not limit:
            self.attempts.make(fresh, "confirm")
            return None
        confirmation.refuse_equal_images(commits[0])
        revert = f"not verified by revert: {limit} was met" if limit else ""
        return self.ending("found", more=more, revert=revert or confirmation.revert(commits[0]))

    def _tally(self) -> Tally:
        """All tries of commits as they are."""
        between, attempts = self.attempts.between, self.attempts
        tally = self._search.tally()
        for each in attempts.journal.tries:
            number = between.number(each.commit)
            if number is None or each.without:
                continue
            verdict = attempts.verdict(each)
            if verdict is not None:
                tally.add(Try(number, verdict, each.image))
            elif each.image:
                tally.images.setdefault(each.image, set()).add(number)
        return tally

    def _costs(self) -> Costs:
        tries = self.attempts.journal.tries
        runs = [each.run_seconds for each in tries if each.run_seconds]
        builds = [each.build_seconds for each in tries if each.build_seconds]
        build = (fmean(builds) if builds else _BUILD) if self._builds else 0.0
        run = fmean(runs) if runs else _RUN
        return Costs(max(run, 0.001), [build] * len(self.attempts.between.names))

    def _limit(self) -> str:
        """The limit that was met, for people; empty while none was."""
        made, limits = len(self.attempts.journal.tries), self.limits
        if limits.tries is not None and made >= limits.tries:
            return f"--max-tries {limits.tries}"
        if limits.seconds is not None and self.attempts.seconds >= limits.seconds:
            return f"--budget of {limits.seconds:g} s"
        return ""

    def _passes(self) -> int:
        """How often the bad end may pass before it is told."""
        if self.attempts.fix:
            return 2
        return self._enough(self.failures.rate) if self.failures.rate else _PASSES

    def _enough(self, rate: float) -> int:
        """How many tries show the symptom at least once, as surely as the search has to be."""
        if rate >= self.limits.confidence:
            return 1
        return math.ceil(math.log(1 - self.limits.confidence) / math.log1p(-rate))
