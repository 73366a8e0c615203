# SPDX-License-Identifier: GPL-2.0-or-later
"""A thread as remarks and answers: who said what to whom. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.revisions.pair import Part
from patchtool.revisions.people import authors
from patchtool.revisions.remark import Answer, AnswerKind, Form
from patchtool.revisions.thread import letters, remarks, wishes, wording
from patchtool.revisions.thread.answers import kind_of, to_question
from patchtool.revisions.thread.texts import texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.revisions.people import People
    from patchtool.revisions.remark import Remark
    from patchtool.revisions.thread.letters import Letter
    from patchtool.revisions.thread.remarks import Unit
    from patchtool.revisions.thread.sentences import Sentence
    from patchtool.series.model import Series


_MOST = 100  # remarks that one text answers


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What was said about a posting.

    Attributes:
        letters: The mails it was said in.
        remarks: In the order of the thread.
        answers: Of each remark, by its id, oldest first.
        argued: Ids of the remarks that one reviewer made to another, as a part of an argument.
        lone: Message-ID and text of the answers that answer one remark and no other.
    """

    letters: tuple[Letter, ...]
    remarks: tuple[Remark, ...]
    answers: dict[str, tuple[Answer, ...]] = field(default_factory=dict)
    argued: frozenset[str] = frozenset()
    lone: frozenset[tuple[str, str]] = frozenset()


def read(series: Series, people: People) -> Dialogue:
    """All that was said about *series* in its thread.

    Args:
        series: The posting with its replies.
        people: Who is who.
    """
    return _Dialogue(series, people).whole()


class _Dialogue:
    def __init__(self, series: Series, people: People) -> None:
        self.series = series
        self.people = people
        self.authors = authors(series, people)
        self.remarks: dict[str, Remark] = {}
        self.answers: dict[str, list[Answer]] = {}
        self.lines: dict[
            tuple[str, int], dict[str, None]
        ] = {}  # who is spoken of there: remarks' ids
        self.argued: set[str] = set()
        self.asked: set[str] = set()  # questions of one reviewer to another
        self.writers: dict[str, str] = {}
        self.of_letter: dict[str, list[str]] = {}
        self.paths = {patch.number: patch.paths for patch in series.patches}

    def whole(self) -> Dialogue:
        read_letters = letters.read(self.series)
        for letter in read_letters:
            self.take(letter)
        answers = {name: tuple(some) for name, some in self.answers.items()}
        for name in self.asked:
            if any(each.by_author for each in self.answers.get(name, ())):
                self.remarks[name] = replace(self.remarks[name], form=Form.QUESTION)
        found = tuple(self.remarks.values())
        count = Counter((each.message_id, each.text) for some in answers.values() for each in some)
        lone = frozenset(text for text, times in count.items() if times == 1)
        return Dialogue(read_letters, found, answers, frozenset(self.argued), lone)

    def take(self, letter: Letter) -> None:
        """Read one mail."""
        self.writers[letter.message_id] = letter.author
        if letter.title:
            self.propose(letter)
            return
        only = len([piece for piece in letter.pieces if piece.depth == 0]) == 1
        for quoted, sentences in texts_of(letter):
            self.speak(letter, quoted, sentences, only=only)

    def propose(self, letter: Letter) -> None:
        """Take a patch in reply to a patch: the author's answers, another one's suggests code."""
        author = self.people.key(letter.author) in self.authors
        if author:
            above = self.of_letter.get(letter.answers, ())
            for name in (each for each in above if self.remarks[each].asks_change):
                self.answers.setdefault(name, []).append(
                    Answer(
                        name, letter.message_id, letter.author, letter.date, letter.title,
                        AnswerKind.PROMISED, by_author=True,
                    )
                )  # fmt: skip
            return
        remark = remarks.suggestion(letter)
        self.remarks[remark.id] = remark
        self.of_letter.setdefault(letter.message_id, []).append(remark.id)

    def speak(
        self,
        letter: Letter,
        quoted: Sequence[tuple[int, str]],
        sentences: tuple[Sentence, ...],
        *,
        only: bool,
    ) -> None:
        """Take what is said below a quote."""
        author = self.people.key(letter.author) in self.authors
        units = remarks.units_of(sentences)
        targets = self.targets(letter, quoted)
        greeting = not quoted and not only and all(
            wording.is_courtesy(each.line) for each in sentences if not each.code
        )  # fmt: skip
        if greeting and (author or letter.answers in self.of_letter):
            return
        if not targets and letter.answers in self.of_letter:
            first = self.remarks[self.of_letter[letter.answers][0]]
            if author or self.people.same(first.author, letter.author):
                targets = self.meant(letter, quoted)
        if targets:
            heard = author or self.is_to_author(letter, quoted) or not quoted
            self.answer(letter, targets, sentences, author=author, heard=heard)
        if author and targets:
            self.own(letter, sentences, targets)
            return
        self.remark(letter, quoted, units, targets, only=only, author=author)

    def targets(self, letter: Letter, quoted: Sequence[tuple[int, str]]) -> list[str]:
        """The remarks that the quoted lines are of: those of the mail that is quoted last."""
        found: list[str] = []
        speaker = ""
        for number, text in reversed(quoted):
            if not text.strip():
                continue
            origin = letter.origins.get(number)
            if origin is None:
                continue
            if not origin.letter or (speaker and origin.letter != speaker):
                break
            speaker = origin.letter
            found += self.lines.get((origin.letter, origin.line), ())
        return list(dict.fromkeys(reversed(found)))[-_MOST:]

    def meant(self, letter: Letter, quoted: Sequence[tuple[int, str]]) -> list[str]:
        """The remarks of the mail above that are meant by an answer that quotes none of them."""
        above = self.of_letter[letter.answers]
        if quoted:
            place = remarks.place_of(letter, quoted)
            return [
                name
                for name in above
                if place.line is not None
                and (there := self.remarks[name].place).path == place.path
                and there.line == place.line
            ]
        return [name for name in above if self.remarks[name].asks_change] or above

    def answer(
        self,
        letter: Letter,
        targets: Sequence[str],
        sentences: Sequence[Sentence],
        *,
        author: bool,
        heard: bool,
    ) -> None:
        """Take an answer; what a reviewer says to another one leaves the author's word last."""
        text = "\n".join(each.text for each in sentences)
        kinds = {flag: kind_of(sentences, by_author=flag) for flag in {author, False}}
        thanks = all(wording.is_courtesy(each.line) for each in sentences if not each.code)
        for name in targets:
            if author and thanks and self.answers.get(name):
                continue  # it takes nothing back of what he said before
            mine = self.people.same(letter.author, self.remarks[name].author)
            kind = kinds[author and not mine]
            if self.remarks[name].form is Form.QUESTION:
                kind = to_question(kind, self.remarks[name].text)
            mine &= heard or kind is AnswerKind.WITHDRAWN
            self.answers.setdefault(name, []).append(
                Answer(
                    name, letter.message_id, letter.author, letter.date, text, kind,
                    by_author=author, by_reviewer=mine,
                )
            )  # fmt: skip

    def own(self, letter: Letter, sentences: Sequence[Sentence], names: Sequence[str]) -> None:
        """Note whose lines these are, for those who quote them."""
        for line in {row for each in sentences for row in range(each.first, each.last + 1)}:
            self.lines.setdefault((letter.message_id, line), {}).update(dict.fromkeys(names))

    def remark(
        self,
        letter: Letter,
        quoted: Sequence[tuple[int, str]],
        units: Sequence[Unit],
        targets: Sequence[str],
        *,
        only: bool,
        author: bool,
    ) -> None:
        """Make remarks of what is said."""
        place = remarks.place_of(letter, quoted, alone=only)
        before = self.remarks[targets[-1]] if targets else None
        if before is not None and place.part is Part.THREAD:
            place = replace(before.place, quoted=place.quoted)
        for unit in units:
            refers, here = before, place
            if letter.robot:
                here = (
                    remarks.named_place(letter, unit.text, self.paths.get(letter.patch, ()))
                    or place
                )
            if before is None and wording.is_ditto(unit.words):
                refers = self.last_wish(letter)
            remark = remarks.remark_of(letter, unit, here, refers)
            if author:
                remark = self.of_author(remark, unit)
            elif before is not None:
                remark = self.of_reply(letter, remark, unit, quoted)
            self.remarks[remark.id] = remark
            self.of_letter.setdefault(letter.message_id, []).append(remark.id)
            self.own(letter, unit.sentences, [remark.id, *targets])

    def of_reply(
        self, letter: Letter, remark: Remark, unit: Unit, quoted: Sequence[tuple[int, str]]
    ) -> Remark:
        """What is said to a reply: an argument, unless it tells the author to do something."""
        taken_back = kind_of(unit.sentences, by_author=False) is AnswerKind.WITHDRAWN
        said = [each.line for each in unit.sentences if not each.code]
        wish = remark.asks_change and not taken_back
        to_author = self.is_to_author(letter, quoted)
        if not to_author and not any(wishes.is_firm(line) for line in said):
            self.argued.add(remark.id)
        directive = any(wishes.is_directive(line) for line in said)
        strong = to_author and any(wishes.is_strong(line) for line in said)
        if wish and (directive or strong or remark.form in (Form.CODE, Form.REPORT)):
            return remark
        form = remark.form
        if form is Form.QUESTION and not to_author:
            form = Form.INFORMATION  # reviewers ask each other
            self.asked.add(remark.id)
        return replace(remark, asks_change=False, form=form)

    def is_to_author(self, letter: Letter, quoted: Sequence[tuple[int, str]]) -> bool:
        """Whether the words quoted last are an author's."""
        for number, _ in reversed(quoted):
            origin = letter.origins.get(number)
            if origin is not None and origin.letter:
                return self.people.key(self.writers.get(origin.letter, "")) in self.authors
        return False

    def of_author(self, remark: Remark, unit: Unit) -> Remark:
        """What an author says to his own patch is a remark that he answers, if he promises."""
        kind = kind_of(unit.sentences, by_author=True)
        if kind is not AnswerKind.PROMISED and not wishes.is_correction(remark.text):
            form = Form.INFORMATION if remark.form is not Form.TAG else remark.form
            return replace(remark, asks_change=False, form=form)
        answer = Answer(
            remark.id, remark.message_id, remark.author, remark.date, remark.text,
            AnswerKind.PROMISED, by_author=True,
        )  # fmt: skip
        self.answers.setdefault(remark.id, []).append(answer)
        return replace(remark, asks_change=True)

    def last_wish(self, letter: Letter) -> Remark | None:
        """What "Ditto" repeats: the last wish of the same mail, else of the same person."""
        mine = [self.remarks[name] for name in self.of_letter.get(letter.message_id, ())]
        asking = [each for each in mine if each.asks_change]
        if asking:
            return asking[-1]
        others = (each for each in reversed(self.remarks.values()) if each.asks_change)
        return next((each for each in others if self.people.same(each.author, letter.author)), None)
