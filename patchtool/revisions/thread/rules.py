# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules that give each remark its verdict: one function for each, asked in this order. Pure.

=================== ==============================================================================
nothing asked       it thanks, agrees, tags or informs
withdrawn           the last word of the one who made it takes it back
partly              "and everywhere else": some of the like places changed, and some did not
addressed           the lines changed, and something shows that they did in the sense asked for
went away           the patch, or the code, is gone, and nothing took its place
changed, look       the lines changed, and nothing says in which sense
contested           no change; it was answered, and the one who made it came back last
promised, not done  no change; the author agreed, or said that he would do it
asked back          no change; the author asked, and has no answer
answered            no change; it was explained or declined, and left there
unanswered          no change, and no answer
=================== ==============================================================================

A rule that does not apply gives None. What shows the sense of a change is in :mod:`.evidence`;
``addressed`` is never given without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from patchtool.revisions.pair import ChangeKind
from patchtool.revisions.remark import AnswerKind, Form, Scope, Verdict
from patchtool.revisions.thread.phrases import any_of
from patchtool.revisions.thread.shape import of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.revisions.remark import Answer, Remark
    from patchtool.revisions.thread.scene import Scene

#: What asks for code to stand at another place.
_MOVES: Final = any_of(
    r"mov(?:e|ed|ing); functions?; helpers?; factor\w*; extract\w*; wrappers?; split\w*; elsewhere"
)
_YES: Final = (AnswerKind.AGREED, AnswerKind.PROMISED)
_NO: Final = (AnswerKind.DECLINED, AnswerKind.EXPLAINED)
_DONE_ELSEWHERE: Final = (ChangeKind.GONE, ChangeKind.PATCH_DROPPED)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a verdict is made of.

    Attributes:
        remark: What was said.
        answers: What was said to it, oldest first.
        scene: What became of its place.
        evidence: Why the change is the one asked for; empty where nothing shows it.
        like: How many like places a remark about all of them has; 0 for one about its own place.
        left: Those that did not change.
        argued: Whether one reviewer said it to another, and told the author nothing.
    """

    remark: Remark
    answers: tuple[Answer, ...]
    scene: Scene
    evidence: str = ""
    like: int = 0
    left: tuple[str, ...] = ()
    argued: bool = False

    @property
    def author(self) -> Answer | None:
        """The author's last word."""
        return next((each for each in reversed(self.answers) if each.by_author), None)

    @property
    def reviewer(self) -> Answer | None:
        """The last word of who made the remark."""
        return next((each for each in reversed(self.answers) if each.by_reviewer), None)

    @property
    def last(self) -> Answer | None:
        """The last word of these two."""
        both = [each for each in self.answers if each.by_author or each.by_reviewer]
        return both[-1] if both else None

    @property
    def question(self) -> bool:
        """Whether it only asks."""
        return self.remark.form is Form.QUESTION and not self.remark.asks_change


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says.

    Attributes:
        verdict: The verdict.
        reason: Why, in a sentence.
    """

    verdict: Verdict
    reason: str


def nothing_asked(facts: Facts) -> Ruling | None:
    """Thanks, tags, agreement and information ask for nothing, nor do arguments of reviewers."""
    if facts.argued and not facts.evidence and facts.author is None:
        return Ruling(Verdict.NOTHING_ASKED, "one reviewer said it to another")
    if facts.remark.asks_change or facts.remark.form is Form.QUESTION:
        return None
    return Ruling(Verdict.NOTHING_ASKED, f"it is {facts.remark.form.value}")


def withdrawn(facts: Facts) -> Ruling | None:
    """Who made it took it back."""
    last = facts.reviewer
    if last is None or last.kind is not AnswerKind.WITHDRAWN:
        return None
    return Ruling(Verdict.WITHDRAWN, f"taken back in <{last.message_id}>")


def partly(facts: Facts) -> Ruling | None:
    """Of several like places some changed."""
    done = facts.like - len(facts.left)
    if facts.remark.scope is not Scope.ALL_LIKE_IT or not facts.left or not done:
        return None
    return Ruling(Verdict.PARTLY, f"{done} of {facts.like} like places changed")


def addressed(facts: Facts) -> Ruling | None:
    """The change goes the way that was asked."""
    if not facts.evidence or (facts.question and not facts.scene.changed):
        return None
    return Ruling(Verdict.ADDRESSED, facts.evidence)


def went_away(facts: Facts) -> Ruling | None:
    """What it was about is gone."""
    kind = facts.scene.change.kind
    if kind not in _DONE_ELSEWHERE or (facts.question and facts.answers):
        return None
    if kind is ChangeKind.GONE and any(each.new for each in facts.scene.near):
        return None
    gone = "the patch was dropped" if kind is ChangeKind.PATCH_DROPPED else "the lines are gone"
    return Ruling(Verdict.WENT_AWAY, gone)


def changed_look(facts: Facts) -> Ruling | None:
    """The place changed; a line beside it does not count if the remark was declined.

    A line that stands at another place as it was did not change, unless that was the point.
    """
    if not facts.scene.changed or _only_moved(facts):
        kept = facts.remark.asks_change and facts.author is not None and facts.author.kind in _YES
        if not (kept and facts.scene.loose):
            return None
        return Ruling(Verdict.LOOK, "it names no line; the author agreed, and the patch changed")
    same = facts.scene.change.kind is ChangeKind.UNCHANGED
    said_no = facts.author is not None and facts.author.kind in (*_NO, AnswerKind.ASKED_BACK)
    if (same and said_no) or (facts.question and facts.answers):
        return None
    return Ruling(Verdict.LOOK, "lines changed there; nothing shows in which sense")


def _only_moved(facts: Facts) -> bool:
    change, text = facts.scene.change, facts.remark.text
    others = any(each.id != change.difference for each in facts.scene.near)
    moved = change.kind is ChangeKind.MOVED and not change.blank_only and not others
    return moved and not of_order(text) and _MOVES.search(text) is None


def contested(facts: Facts) -> Ruling | None:
    """Who made it came back after the author's answer, and did not agree."""
    last = facts.last
    if (
        last is None
        or not last.by_reviewer
        or last.by_author
        or facts.author is None
        or facts.question
    ):
        return None
    if last.kind in _YES or facts.author.kind in _YES:
        return None
    return Ruling(Verdict.CONTESTED, f"the last word is the reviewer's, in <{last.message_id}>")


def promised(facts: Facts) -> Ruling | None:
    """The author said yes, and nothing came of it."""
    word = facts.author
    if word is None or word.kind not in _YES or not facts.remark.asks_change:
        return None
    return Ruling(Verdict.PROMISED, f"the author agreed in <{word.message_id}>")


def asked_back(facts: Facts) -> Ruling | None:
    """The author asked, and the reviewer is silent."""
    word = facts.last
    if word is None or not word.by_author or word.kind is not AnswerKind.ASKED_BACK:
        return None
    return Ruling(Verdict.ASKED_BACK, f"the author asked in <{word.message_id}>")


def answered(facts: Facts) -> Ruling | None:
    """It was explained or declined, by the author or by another reviewer."""
    word = facts.author
    if word is None:
        others = [each for each in facts.answers if not each.by_reviewer]
        asked = facts.remark.form is Form.QUESTION
        wanted = (*_NO, *_YES) if facts.question else (_NO if asked else (AnswerKind.DECLINED,))
        word = next((each for each in reversed(others) if each.kind in wanted), None)
    if word is None:
        return None
    return Ruling(Verdict.ANSWERED, f"{word.kind.value} in <{word.message_id}>")


def unanswered(facts: Facts) -> Ruling:
    """Nothing came of it, and nobody said anything."""
    others = "; others spoke of it, the author did not" if facts.answers else ""
    return Ruling(Verdict.UNANSWERED, f"no change and no answer{others}")


RULES: Final[tuple[Callable[[Facts], Ruling | None], ...]] = (
    nothing_asked,
    withdrawn,
    partly,
    addressed,
    went_away,
    changed_look,
    contested,
    promised,
    asked_back,
    answered,
    unanswered,
)


def ruling(facts: Facts) -> Ruling:
    """What the first rule that applies says."""
    return next(found for rule in RULES if (found := rule(facts)) is not None)
