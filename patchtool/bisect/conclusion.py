# SPDX-License-Identifier: GPL-2.0-or-later
"""The record of a search and its ``bisect.log``, out of its tries and how it ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool import __version__
from patchtool.bisect.culprit import facts
from patchtool.bisect.record import BisectRecord, Candidate, Named, Rate, Side, step_of
from patchtool.bisect.replay import bisect_log
from patchtool.bisect.result_text import percent
from patchtool.bisect.tries import NOT_RUN
from patchtool.bisect.values import Verdict
from patchtool.core.text import command_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.bisect.attempts import Attempts
    from patchtool.bisect.hunt import Ending, Limits
    from patchtool.bisect.journal import Question
    from patchtool.bisect.posterior import Posterior
    from patchtool.bisect.standing import Answer
    from patchtool.bisect.tries import TryRecord
    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is told of a search.

    Attributes:
        attempts: Its tries.
        question: What was searched.
        limits: When it was to end.
        tree: The user's tree.
        settings: The settings in force.
        argv: The command line.
    """

    attempts: Attempts
    question: Question
    limits: Limits
    tree: KernelTree
    settings: Settings
    argv: tuple[str, ...] = ()

    def record(self, ending: Ending) -> BisectRecord:
        """All of it, as one value."""
        attempts, between, standing = self.attempts, self.attempts.between, ending.standing
        message, hint = self._words(ending)
        found = ending.first_bad
        name = between.names[found] if found is not None else ""
        parents = between.parents(found) if found is not None else ()
        sides = [self._side(parent, Verdict.GOOD) for parent in parents]
        rate = Rate(mean=standing.rate, low=standing.rate_range[0], high=standing.rate_range[1])
        first, last = standing.range
        return BisectRecord(
            tool_version=__version__,
            argv=self.argv,
            question=self.question,
            words=(attempts.words.good, attempts.words.bad),
            outcome=ending.outcome,
            message=message,
            hint=hint,
            commits=len(between.names),
            unread=len(between.history.same_as_parent),
            confidence=self.limits.confidence,
            candidates=tuple(
                self._candidate(answer, ending.posterior)
                for answer in (standing.best, *standing.runners_up)
                if answer.commits
            ),
            within=(between.names[first], between.names[last]),
            culprit=facts(self.tree, name, self.settings) if name else None,
            bad_side=self._side(name, Verdict.BAD) if name else None,
            good_side=tuple(side for side in sides if side is not None),
            revert=ending.revert,
            rate=rate if Verdict.BAD in map(attempts.verdict, attempts.journal.tries) else None,
            titles=attempts.symptom,
            other_failures=self._others(),
            notes=_notes(ending),
            steps=tuple(
                step_of(t, between.subjects.get(t.commit, ""), attempts.verdict(t))
                for t in attempts.journal.tries
            ),
            more=self._more() if ending.more else "",
        )

    def log(self, ending: Ending) -> str:
        """The text of ``bisect.log``: what is certain, or impossible to try."""
        between, posterior = self.attempts.between, ending.posterior
        certain: dict[str, Verdict] = {}
        for each in self.attempts.journal.tries:
            if each.without or each.commit in certain:
                continue
            verdict = self._certain(each.commit, posterior)
            if verdict is not None:
                certain[each.commit] = verdict
        found, question = ending.first_bad, self.question
        for parent in between.history.parents[found] if found is not None else ():
            if parent in between.history.same_as_parent:  # git tries each commit
                certain.setdefault(between.names[parent], Verdict.GOOD)
        return bisect_log(
            between, certain, self.attempts.words,
            first_parent=question.first_parent, paths=question.paths,
            culprit=between.names[found] if found is not None else "",
        )  # fmt: skip

    def _certain(self, commit: str, posterior: Posterior) -> Verdict | None:
        """What is as sure of a commit as the search has to be; None where nothing is."""
        attempts = self.attempts
        verdicts = {attempts.verdict(each) for each in attempts.of(commit)}
        if verdicts == {Verdict.SKIP}:
            return Verdict.SKIP
        number = attempts.between.number(commit)
        if number is None:
            return Verdict.GOOD if Verdict.GOOD in verdicts else None
        bad = float(posterior.weights[posterior.ancestry.seen([number])[0]].sum())
        if bad >= self.limits.confidence:
            return Verdict.BAD
        return Verdict.GOOD if bad <= 1 - self.limits.confidence else None

    def _candidate(self, answer: Answer, posterior: Posterior) -> Candidate:
        between = self.attempts.between
        named = []
        for at in answer.commits:
            failed, passed = posterior.counts.get(at, (0, 0))
            name = between.names[at]
            named.append(
                Named(commit=name, subject=between.subjects[name], failed=failed, passed=passed)
            )
        return Candidate(commits=tuple(named), probability=answer.probability)

    def _more(self) -> str:
        """The command that would make it surer: a tenth of the doubt that was asked for."""
        words = list(self.argv[1:])
        if "--confidence" in words:
            at = words.index("--confidence")
            del words[at : at + 2]
        return command_line(
            ["patchtool", *words, "--confidence", f"{_surer(self.limits.confidence)}"]
        )

    def _side(self, commit: str, verdict: Verdict) -> Side | None:
        tries = [t for t in self.attempts.of(commit) if self.attempts.verdict(t) is verdict]
        if not tries:
            return None
        subject = self.attempts.between.subjects.get(commit, "")
        count = len(self.attempts.of(commit))
        reason = tries[-1].reason + (f" ({len(tries)} of {count} tries)" if count > 1 else "")
        return Side(commit=commit, subject=subject, reason=reason)

    def _others(self) -> dict[str, int]:
        """What failed besides the symptom, and in how many tries."""
        attempts = self.attempts
        others = [
            each
            for each in attempts.journal.tries
            if each.state == "failed" and attempts.verdict(each) is Verdict.SKIP
        ]
        return dict(Counter(title for each in others for title in each.titles).most_common())

    def _words(self, ending: Ending) -> tuple[str, str]:
        """The outcome for people, and what to do."""
        between, words = self.attempts.between, self.attempts.words
        best = ending.standing.best
        if ending.first_bad is not None:
            return f"{between.names[ending.first_bad]} is the first {words.bad} commit", ""
        if ending.outcome == "set":
            count = len(best.commits)
            what = f"the first {words.bad} commit is one of {count}; the others cannot be tried"
            return what, "apply a patch that makes them build and boot: --with PATCH"
        if ending.outcome == "same":
            what = "no commit between the ends changes what is tried"
            return what, "the cause is not in the tree: the configuration, the machine, or the test"
        if ending.outcome == "bad end":
            return self._wrong_end(between.last, words.bad)
        if ending.outcome == "good end":
            return self._wrong_end(between.good, words.good)
        if ending.outcome == "base":
            return self._wrong_base(ending.what)
        if ending.outcome == "skipped":
            return (
                "nothing is left that can be tried and would tell more",
                "apply a patch that makes the commits build and boot: --with PATCH",
            )
        if ending.outcome == "not sure":
            return (
                f"{ending.what} was met; the likeliest is so with {percent(best.probability)}",
                "the same command with a higher limit goes on from here",
            )
        return "the search was ended; the same command goes on from here", ""

    def _wrong_end(self, commit: str, word: str) -> tuple[str, str]:
        attempts = self.attempts
        tries = attempts.of(commit)
        shown = attempts.between.subjects.get(commit, "")
        what = f"{commit[:12]} ({shown}) was to be {word}, and {_seen(tries)}"
        if all(t.state == "cannot" for t in tries):
            return what, "name a commit beside it that can be tried, or a patch by --with"
        if any(f"exit status {n}" in t.reason for t in tries for n in NOT_RUN):
            return what, "the shell finds no such command, or may not run it; look at the log"
        if word == attempts.words.good:
            return what, "name an older commit by --good; or --fix, to find what ended it"
        return what, (
            "if it fails seldom, say how often, such as --rate 0.1; else what it fails for is not "
            "in the tree: the configuration, the machine, or the test"
        )

    def _wrong_base(self, base: str) -> tuple[str, str]:
        between, words = self.attempts.between, self.attempts.words
        good = between.good[:12]
        what = f"{base[:12]} ({between.subjects.get(base, '')}), from which both ends parted,"
        message = f"{what} is {words.bad}: so {good} is {words.good} as something ended it there"
        return message, (
            f"to find what: --fix --good {base[:12]} --bad {good}; to find where it began, name "
            "an older commit by --good"
        )


def _seen(tries: Sequence[TryRecord]) -> str:
    """What tries of one commit showed, in words."""
    count = len(tries)
    states = Counter(each.state for each in tries)
    if states["cannot"] == count:
        return f"cannot be tried: {tries[0].reason}" if tries else "was not tried"
    shown = next((t.reason for t in tries if t.state == "failed"), "")
    failed = f"failed in {states['failed']} of {count} tries" if states["failed"] else ""
    if failed:
        return f"{failed}: {shown}"
    return f"passed in {states['passed']} of {count} tries"


def _notes(ending: Ending) -> tuple[str, ...]:
    if not ending.surprise:
        return ()
    low, high = map(percent, ending.standing.rate_range)
    what = f"the rate that was told is not what the tries show: they speak for {low} to {high}"
    return (what,)


def _surer(confidence: float) -> float:
    return float(f"{1 - (1 - confidence) / 10:.6g}")
