# SPDX-License-Identifier: GPL-2.0-or-later
"""The words for a remark and what came of it, which terminal, Markdown, page and drafts share.

Pure. Text is foreign and as it was found: who shows it cleans it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from patchtool.core.text import clean, width, wrap
from patchtool.revisions.pair import ChangeKind, Part
from patchtool.revisions.people import name_and_address
from patchtool.revisions.remark import OPEN, AnswerKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchtool.revisions.pair import Difference, Line
    from patchtool.revisions.record import Bullet, Revisions
    from patchtool.revisions.remark import Answer, Judgement, Place

#: The order in which remarks are shown: what is open, weightiest first; what a person has to look
#: at; the others.
ORDER: Final = (
    *OPEN, Verdict.LOOK, *(v for v in Verdict if v not in OPEN and v is not Verdict.LOOK),
)  # fmt: skip
#: What stands for a verdict where commas separate several.
SHORT_NAMES: Final = {Verdict.LOOK: "changed (look)", Verdict.PROMISED: "promised (not done)"}
_ANSWERED = {
    AnswerKind.AGREED: "agreed", AnswerKind.PROMISED: "promised", AnswerKind.DECLINED: "declined",
    AnswerKind.EXPLAINED: "explained", AnswerKind.ASKED_BACK: "asked back",
    AnswerKind.WITHDRAWN: "took it back",
}  # fmt: skip
_GONE_TO = (ChangeKind.MOVED, ChangeKind.ELSEWHERE)
_CHANGED = (Verdict.LOOK, Verdict.ADDRESSED, Verdict.PARTLY, Verdict.WENT_AWAY)
_PROSE = (".rst", ".txt", ".md")  # files of sentences, not of functions
_NEAR = 40  # lines; a difference farther away than that has nothing to do with a place
_LONGEST = 4000  # characters of a text that are looked at, to show its first lines


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the place of a remark, as it is shown.

    Attributes:
        text: In words.
        old: Lines of OLD; empty where there are none to show.
        new: Lines of NEW.
        changed: Whether the two differ.
    """

    text: str
    old: tuple[Line, ...] = ()
    new: tuple[Line, ...] = ()
    changed: bool = False


def in_order(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The remarks in the order in which they are shown; of one verdict as in the thread."""
    return sorted(judgements, key=lambda each: ORDER.index(each.verdict))


def sums(judgements: Iterable[Judgement]) -> str:
    """``3 remarks: 2 addressed, 1 contested; 1 open``; empty where there is no remark."""
    counts = Counter(each.verdict for each in judgements)
    total = counts.total()
    if not total:
        return ""
    parts = [f"{counts[v]} {SHORT_NAMES.get(v, v)}" for v in ORDER if counts[v]]
    left = sum(counts[verdict] for verdict in OPEN)
    return f"{total} remark{'s' * (total > 1)}: {', '.join(parts)}; {left or 'none'} open"


def name(who: str) -> str:
    """The name of ``Name <address>``, or all of it; a mail that is only quoted may not tell it."""
    return name_and_address(who)[0] or who.strip() or "somebody"


def mail_text(message_id: str, date: str) -> str:
    """Which mail, and of when: ``<Message-ID> of DATE``."""
    where = f"<{message_id}>" if message_id else "a mail that is only quoted"
    return f"{where} of {date}" if date else where


def place_text(place: Place) -> str:
    """``patch 2, mm/a.c:12, count()``; ``cover letter, line 5``; ``the thread``."""
    patch = "" if place.patch is None else f"patch {place.patch}" if place.patch else "cover letter"
    lines = "" if place.line is None else str(place.line)
    if lines and place.last is not None and place.last != place.line:
        lines += f"-{place.last}"
    if place.part is Part.DIFF and place.path:
        where = f"{place.path}:{lines}" if lines else place.path
        function = "" if place.path.endswith(_PROSE) else _function(place.function)
        return ", ".join(filter(None, (patch, where, function)))
    if place.part in (Part.MESSAGE, Part.COVER) and lines:
        text = "line" if place.part is Part.COVER else "message, line"
        return ", ".join(filter(None, (patch, f"{text} {lines}")))
    return patch or "the thread"


def _function(heading: str) -> str:
    """The name and ``()`` of what git shows behind a hunk's numbers, or all of it."""
    before, opens, _ = heading.partition("(")
    words = before.replace("*", " ").split()
    if heading.startswith("do {"):  # of a macro; git takes it for what a function begins with
        return ""
    return f"{words[-1]}()" if opens and words else heading.strip()


def answer_text(answer: Answer) -> str:
    """Who did what: ``Ann Author promised``."""
    return f"{name(answer.who)} {_ANSWERED[answer.kind]}"


def bullet_of(found: Revisions, judgement: Judgement) -> Bullet | None:
    """The bullet of NEW's change log that covers a remark."""
    if judgement.credit is None:
        return None
    return next((each for each in found.bullets if each.id == judgement.credit.bullet), None)


def outcome(found: Revisions, judgement: Judgement, limit: int) -> Outcome:
    """What became of the place of a remark.

    Args:
        found: All that is known of the two postings.
        judgement: The remark.
        limit: Lines; a longer difference is not shown whole, only the lines of the place.
    """
    change = judgement.change
    if change.kind is not ChangeKind.UNCHANGED:
        every = (each for pair in found.pairs_and_cover for each in pair.differences)
        whole = [each for each in every if each.id == change.difference]
        text = str(change.kind) + (" in white space only" if change.blank_only else "")
        if change.kind in _GONE_TO and change.new:
            where = line_text(change.new[0])
            return Outcome(f"{text}, to {where}", change.old, change.new, changed=True)
        if whole and len(whole[0].old) + len(whole[0].new) <= limit:
            return Outcome(f"{text} ({whole[0].id})", whole[0].old, whole[0].new, changed=True)
        return Outcome(text, change.old, change.new, changed=True)
    if judgement.verdict in _CHANGED:
        near = next(iter(_near(found, judgement)), None)
        if near is not None:
            text = f"what differs next to it ({near.id})"
            return Outcome(text, near.old, near.new, changed=True)
    if change.new:
        return Outcome(f"unchanged, {line_text(change.new[0])}", change.old, change.new)
    return Outcome("")


def line_text(line: Line) -> str:
    """``patch 2, mm/a.c:12``; ``cover letter, line 5``."""
    where = f"{line.path}:{line.number}" if line.path else f"message, line {line.number}"
    return f"patch {line.patch}, {where}" if line.patch else f"cover letter, line {line.number}"


def _near(found: Revisions, judgement: Judgement) -> Iterator[Difference]:
    """What differs in the part of the posting that a remark is about, next to its place first."""
    place = judgement.remark.place
    pairs = [found.cover] if place.patch == 0 and found.cover else []
    pairs += [pair for pair in found.pairs if place.patch in pair.old]
    here = [
        each
        for pair in pairs
        for each in pair.differences
        if place.part is Part.PATCH or (each.part, each.path) == (place.part, place.path)
    ]
    line = place.line
    if line is None:
        yield from here
        return
    away = {each.id: _distance(each, line) for each in here}
    near = sorted(here, key=lambda each: away[each.id])
    yield from (each for each in near if away[each.id] <= _NEAR)


def _distance(difference: Difference, line: int) -> int:
    lines = difference.old or difference.new
    return min(abs(each.number - line) for each in lines) if lines else _NEAR


def text_lines(text: str, room: int, limit: int) -> list[str]:
    """The first lines of a text: as they were written where they fit, else wrapped."""
    whole = clean(text[:_LONGEST]).expandtabs().strip("\n")
    out: list[str] = []
    for line in whole.splitlines():
        out += [line.rstrip()] if width(line.rstrip()) <= room else wrap(line, room)
    if len(out) > limit or len(text) > _LONGEST:
        return [*out[: limit - 1], "[...]"]
    return out


def code(text: str) -> str:
    """A line of a patch without what a terminal obeys, its tabs as blanks."""
    return clean(text[:_LONGEST]).expandtabs().replace("\n", " ")
