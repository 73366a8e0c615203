# SPDX-License-Identifier: GPL-2.0-or-later
"""What is tried besides the commits between the ends: merge bases, fresh tries, and the revert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from patchtool.bisect.values import Verdict

if TYPE_CHECKING:
    from patchtool.bisect.attempts import Attempts

#: So many tries of what was found, and of each of its parents, have to agree.
AGREE: Final = 2
#: Most fresh tries of a commit that fails seldom.
_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What makes a search believable.

    Attributes:
        attempts: The tries.
        enough: How many tries show the symptom at least once, as surely as was asked for.
    """

    attempts: Attempts
    enough: int

    def base(self) -> tuple[str, Verdict | None]:
        """A merge base that wants a try, or that is bad; empty when all of them are good.

        One that cannot be tried is left, as git does.
        """
        for base in self.attempts.between.bases:
            verdicts = [self.attempts.verdict(each) for each in self.attempts.of(base)]
            bad = verdicts.count(Verdict.BAD)
            if bad >= AGREE:
                return base, Verdict.BAD
            if Verdict.SKIP not in verdicts and (bad or Verdict.GOOD not in verdicts):
                return base, None
        return "", None

    def to_confirm(self, culprit: int) -> str:
        """The commit that wants a fresh try: what was found, or one before it; empty for none."""
        between = self.attempts.between
        wanted = {between.names[culprit]: Verdict.BAD}
        wanted |= dict.fromkeys(between.parents(culprit), Verdict.GOOD)
        for commit, verdict in wanted.items():
            all_tries = [self.attempts.verdict(t) for t in self.attempts.of(commit)]
            fresh = [self.attempts.verdict(t) for t in self.attempts.of(commit, "confirm")]
            most = min(self.enough, _MOST) if verdict is Verdict.BAD else 1
            if Verdict.SKIP in all_tries or all_tries.count(verdict) >= AGREE:
                continue
            if len(fresh) < most:
                return commit
        return ""

    def refuse_equal_images(self, culprit: int) -> None:
        """Never report a commit whose image is that of the only commit before it."""
        between = self.attempts.between
        name, parents = between.names[culprit], between.parents(culprit)
        mine = {t.image for t in self.attempts.of(name)} - {""}
        for parent in parents if len(parents) == 1 else ():
            if mine & {t.image for t in self.attempts.of(parent)}:
                raise AssertionError(
                    f"an error of the search: {name} was found, and its image is that of {parent}"
                )

    def revert(self, culprit: int) -> str:
        """Whether the bad end is good without what was found, for people."""
        attempts, between = self.attempts, self.attempts.between
        name, end = between.names[culprit], between.last
        if name == end:
            return ""
        merge = len(between.history.parents[culprit]) > 1
        made = attempts.trying.scratch.reverted(end, name, merge=merge)
        no = "not verified by revert: "
        if made is None:
            return f"{no}it does not revert cleanly on {end[:12]}"
        while True:
            verdicts = [attempts.verdict(each) for each in attempts.journal.of(end, name)]
            if Verdict.SKIP in verdicts:
                return f"{no}{end[:12]} cannot be tried without it"
            if verdicts.count(Verdict.BAD) >= AGREE:
                return (
                    f"{no}{end[:12]} is {attempts.words.bad} without it as well, so that a later "
                    "commit may do the same"
                )
            if verdicts.count(Verdict.GOOD) >= min(self.enough, _MOST):
                return f"verified by revert: {end[:12]} is {attempts.words.good} without it"
            attempts.make(end, "revert", without=name, start=made)
