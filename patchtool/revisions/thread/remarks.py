# SPDX-License-Identifier: GPL-2.0-or-later
"""From the text between two quotes to remarks: what belongs together, and where it is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.revisions.pair import Part, Side
from patchtool.revisions.remark import Form, FoundBy, Place, Remark, Scope, remark_id
from patchtool.revisions.thread import wishes, wording
from patchtool.revisions.thread.matching import SURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.revisions.thread.letters import Letter, Origin
    from patchtool.revisions.thread.sentences import Sentence

_COMPILER = re.compile(r"(?:^|[\s>(])([\w./+-]{3,200}\.\w{1,5}):([0-9]{1,7})(?::[0-9]{1,5})?:?\s")
_AGREE = re.compile(
    r"(?:(?:yes|yeah|yep|yup|right|true|agreed?|ok(?:ay)?|sure|ack(?:ed)?|fair enough|fine"
    r"|exactly|correct|indeed"
    r"|makes sense|sounds (?:good|fine|reasonable|great)|good (?:point|idea|catch)|i see|i agree"
    r"|that makes sense"
    r"|you(?:'re| are) right|works for me|got it|cool|great)\b)",
    re.IGNORECASE,
)
_REPORT = re.compile(
    r"\b(?:i get|i got|i see|fails? with|triggers?|oops|splat|warning:|error:|bug:"
    r"|kernel test robot)\b",
    re.IGNORECASE,
)
_RIGHT = re.compile(r", (?:right|correct|no|(?:is|does|wo|ca|are)n't (?:it|that|this|we)) ?\?")
_SIGNS = (";", "{", "}", "(", ")", "=", "#", "->")


@dataclass(frozen=True, slots=True)
class Unit:
    """Sentences that make one remark.

    Attributes:
        sentences: In order.
        part: Which wish of its first line, from 0.
    """

    sentences: tuple[Sentence, ...]
    part: int = 0

    @property
    def text(self) -> str:
        """As it was written."""
        return "\n".join(sentence.text for sentence in self.sentences)

    @property
    def words(self) -> str:
        """What is said, in one line, without code."""
        return " ".join(each.line for each in self.sentences if not each.code)

    @property
    def code(self) -> tuple[str, ...]:
        """The lines of code."""
        rows = (line for each in self.sentences if each.code for line in each.text.split("\n"))
        return tuple(line for line in rows if line.strip())


@dataclass(slots=True)
class _Draft:
    sentences: list[Sentence]
    wish: bool = False
    question: bool = False
    tag: bool = False


def units_of(sentences: Sequence[Sentence]) -> tuple[Unit, ...]:
    """The remarks in what was said between two quotes.

    A wish begins a remark if the one before has its wish already; what explains it goes with it.
    """
    whole = [part for sentence in sentences for part in _halves(sentence)]
    said = [each for each in whole if each.code or not wording.is_courtesy(each.line)] or whole
    drafts: list[_Draft] = []
    for sentence in said:
        draft = drafts[-1] if drafts else None
        step = _Draft(
            [sentence],
            wish=not sentence.code and wishes.is_wish(sentence.line),
            question=not sentence.code and wording.is_question(sentence.line),
            tag=not sentence.code and wording.is_tag(sentence.line),
        )
        if draft is None or _begins(draft, step):
            drafts.append(step)
        else:
            draft.sentences.append(sentence)
            draft.wish |= step.wish
            draft.question |= step.question
    return _numbered(_explained(drafts))


def _halves(sentence: Sentence) -> tuple[Sentence, ...]:
    if sentence.code:
        return (sentence,)
    parts = wishes.halves(sentence.text)
    return (
        tuple(replace(sentence, text=part.strip()) for part in parts) if parts[1:] else (sentence,)
    )


def _begins(draft: _Draft, step: _Draft) -> bool:
    """Whether a sentence begins a remark of its own."""
    sentence, last = step.sentences[0], draft.sentences[-1]
    if last.line.endswith(":") or not any(letter.isalnum() for letter in sentence.line):
        return False
    if sentence.code:
        return draft.tag
    if step.tag or draft.tag:
        return step.tag is not draft.tag
    apart = sentence.paragraph != last.paragraph
    if sentence.item and (draft.wish or draft.question):
        return apart
    if step.wish and draft.wish:
        return apart or wishes.is_strong(sentence.line)
    if step.question and (draft.wish or draft.question):
        return apart
    if apart and (step.wish or step.question):
        return draft.wish or draft.question
    return apart and draft.wish


def _explained(drafts: list[_Draft]) -> list[_Draft]:
    """With what only explains put to the wish below it in its paragraph, or to the one above."""
    out: list[_Draft] = []
    for draft in drafts:
        plain = not (draft.wish or draft.question or draft.tag)
        if out and plain and not out[-1].tag and (out[-1].wish or out[-1].question):
            out[-1].sentences += draft.sentences
        elif out and not (out[-1].wish or out[-1].question or out[-1].tag) and not draft.tag:
            out[-1] = _Draft([*out[-1].sentences, *draft.sentences], draft.wish, draft.question)
        else:
            out.append(draft)
    return out


def _numbered(drafts: Iterable[_Draft]) -> tuple[Unit, ...]:
    parts: dict[int, int] = {}
    units: list[Unit] = []
    for draft in drafts:
        first = draft.sentences[0].first
        units.append(Unit(tuple(draft.sentences), parts.get(first, 0)))
        parts[first] = parts.get(first, 0) + 1
    return tuple(units)


def place_of(letter: Letter, quoted: Sequence[tuple[int, str]], *, alone: bool = False) -> Place:
    """Where what stands below a quote belongs: to the last line of it that was found.

    Args:
        letter: The mail.
        quoted: Number in the body, and text, of the lines quoted above.
        alone: Whether the mail quotes nothing above its only text.
    """
    lines = tuple(text for _, text in quoted)
    said = [(number, text) for number, text in quoted if text.strip(" \t+->")]
    if not said:
        part = Part.COVER if letter.patch == 0 else Part.PATCH
        reason = "the mail has nothing quoted above it"
        return Place(part, letter.patch, reason="" if alone else reason, sure=0.5 if alone else 0.3)
    for skipped, (number, _) in enumerate(reversed(said)):
        origin = letter.origins.get(number)
        if origin is not None and origin.spot is not None:
            return _at(origin, lines, skipped)
    if any(number in letter.origins for number, _ in said):
        return Place(
            Part.THREAD, letter.patch, quoted=lines, reason="it is about what a reply says"
        )
    return Place(
        Part.PATCH if letter.patch else Part.COVER, letter.patch, quoted=lines,
        reason="the quoted lines are not in this revision",
    )  # fmt: skip


def _at(origin: Origin, lines: tuple[str, ...], skipped: int) -> Place:
    spot = origin.spot
    assert spot is not None
    return Place(
        part=spot.part,
        patch=spot.patch,
        path=spot.path,
        side=spot.side,
        line=spot.line,
        last=spot.line,
        hunk=spot.hunk,
        function=spot.function,
        quoted=lines,
        found_by=origin.found_by,
        sure=max(0.1, SURE[origin.found_by] - 0.1 * min(skipped, 3)),
        proposal=spot.proposal,
    )


def named_place(letter: Letter, text: str, paths: Iterable[str]) -> Place | None:
    """The file and line that a compiler's message names, if the patch touches that file."""
    known = tuple(paths)
    for found in _COMPILER.finditer(text[:20_000]):
        path = next(
            (path for path in known if path == found[1] or found[1].endswith("/" + path)), None
        )
        if path is not None:
            line = int(found[2])
            return Place(
                Part.DIFF, letter.patch, path, Side.AFTER, line, line,
                quoted=(found[0].strip(),), found_by=FoundBy.EXACT, sure=0.9,
            )  # fmt: skip
    return None


def remark_of(letter: Letter, unit: Unit, place: Place, refers_to: Remark | None) -> Remark:
    """The remark that some sentences make."""
    wanted = [each.line for each in unit.sentences if not each.code and wishes.is_wish(each.line)]
    code = tuple(line for line in unit.code if not _is_log(line))
    if not wanted and any(wording.is_citing(each.line) for each in unit.sentences if not each.code):
        code = ()  # it shows what is there
    if 3 * sum(any(sign in line for sign in _SIGNS) for line in code) < len(code):
        code = ()  # indented prose
    words = unit.words
    ditto = wording.is_ditto(words) and refers_to is not None
    form = _form_of(wanted[0] if wanted else words or "code", code=bool(code), robot=letter.robot)
    if form in (Form.INFORMATION, Form.AGREEMENT) and _RIGHT.search(words):
        form = Form.QUESTION
    asks = bool(wanted) or form is Form.CODE or form is Form.REPORT
    if ditto and refers_to is not None:
        form, asks = refers_to.form, refers_to.asks_change
    if form is Form.TAG:
        asks = False
    return Remark(
        id=remark_id(letter.message_id, unit.sentences[0].first, unit.part),
        message_id=letter.message_id,
        author=letter.author,
        date=letter.date,
        patch=letter.patch,
        text=unit.text,
        form=form,
        asks_change=asks,
        place=place,
        refers_to=refers_to.id if refers_to is not None else None,
        code=code,
        scope=wording.scope_of(words) if asks else Scope.HERE,
    )


def suggestion(letter: Letter) -> Remark:
    """The remark that a patch in reply to a patch is; its place is the first line it touches."""
    lines = (line for diff in letter.files for hunk in diff.hunks for line in hunk.lines)
    added = tuple(line.decode("utf-8", "replace") for line in lines if line[:1] == b"+")
    return Remark(
        id=remark_id(letter.message_id, 1),
        message_id=letter.message_id,
        author=letter.author,
        date=letter.date,
        patch=letter.patch,
        text=letter.title,
        form=Form.CODE,
        asks_change=True,
        place=_at(letter.origins[min(letter.origins)], (), 0)
        if letter.origins
        else Place(Part.PATCH, letter.patch, sure=0.3),
        code=added,
    )


def _form_of(text: str, *, code: bool, robot: bool) -> Form:
    """What a remark is as a whole."""
    text = wording.in_one_line(text)
    if robot:
        return Form.REPORT
    if wording.is_tag(text):
        return Form.TAG
    if code:
        return Form.CODE
    if wording.is_courtesy(text):
        return Form.THANKS
    if wording.is_question(text):
        return Form.QUESTION
    if wishes.is_wish(text):
        objects = re.search(
            r"\b(?:nak|nack|not convinced|object|wrong|broken|disagree)\b", text, re.IGNORECASE
        )
        return Form.OBJECTION if objects else Form.WISH
    if wording.is_praise(text) or _AGREE.match(text):
        return Form.AGREEMENT
    return Form.REPORT if _REPORT.search(text) else Form.INFORMATION


def _is_log(line: str) -> bool:
    text = line.strip()
    return (
        text.startswith(("[ ", "commit ", "Author:", "Date:", "$ ", "# ")) or ": warning:" in text
    )
