# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether what a tag was made to depend on was done: ``With that fixed, feel free to add``. Pure.

The condition is about what its giver asked for in the same mail; where that mail asks for nothing,
about all that he asked for of the same patch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.revisions.remark import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchtool.revisions.people import People
    from patchtool.revisions.remark import Judgement, Remark
    from patchtool.series.tags.value import Trailer

#: The verdicts of a wish that was not done.
_NOT_DONE = (
    Verdict.PARTLY, Verdict.CONTESTED, Verdict.PROMISED, Verdict.ASKED_BACK, Verdict.ANSWERED,
    Verdict.UNANSWERED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for in OLD's thread, and what came of it.

    Attributes:
        judgements: Of each remark.
        asked_for: Remark's id -> ids of the differences that it asked for.
    """

    judgements: Sequence[Judgement] = ()
    asked_for: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def behind(self, tag: Trailer, patches: Sequence[int], people: People) -> tuple[Judgement, ...]:
        """The wishes that a condition of *tag* is about; none where it sets no condition.

        Args:
            tag: It was given in a reply.
            patches: Numbers of the patches of OLD that it was given to.
            people: Who is who.
        """
        if not tag.condition or tag.given_in is None:
            return ()
        asking = [each for each in self.judgements if each.remark.asks_change]
        mine = [each for each in asking if each.remark.message_id == tag.given_in]
        return tuple(
            mine
            or (
                each
                for each in asking
                if each.remark.patch in (0, *patches) and people.same(each.remark.author, tag.value)
            )
        )

    def suggestion_of(self, who: str, patches: Sequence[int], people: People) -> Remark | None:
        """The first thing that somebody asked for, of these patches if there is one."""
        theirs = [
            each.remark
            for each in self.judgements
            if each.remark.asks_change and people.same(each.remark.author, who)
        ]
        here = [each for each in theirs if each.patch in patches]
        return next(iter(here or theirs), None)


def not_done(wishes: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Those of which nothing came."""
    return tuple(each for each in wishes if each.verdict in _NOT_DONE)
