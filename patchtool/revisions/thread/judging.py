# SPDX-License-Identifier: GPL-2.0-or-later
"""Each remark with what became of its place, what was answered, and the verdict. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.revisions import lines
from patchtool.revisions.pair import ChangeKind, Part
from patchtool.revisions.record import Uncredited
from patchtool.revisions.remark import Credit, Fate, Judgement, Proposal, Scope, Verdict
from patchtool.revisions.thread import evidence, surroundings, wording
from patchtool.revisions.thread.names import request_of, tokens
from patchtool.revisions.thread.proposed import of_proposal
from patchtool.revisions.thread.quotes import key
from patchtool.revisions.thread.rules import Facts, ruling
from patchtool.series.envelope import seconds_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from patchtool.revisions.lines import Entry
    from patchtool.revisions.pair import Difference, Line, PatchPair
    from patchtool.revisions.people import People
    from patchtool.revisions.record import Bullet
    from patchtool.revisions.remark import Place, Remark
    from patchtool.revisions.thread.dialogue import Dialogue
    from patchtool.revisions.thread.scene import Scene
    from patchtool.revisions.versions import Comparison
    from patchtool.series.tags.value import Trailer

_TELLING = 8  # characters of a line that is looked for again
_SHARED = 2  # words that a bullet and a remark have in common


@dataclass(frozen=True, slots=True)
class Judge:
    """What remarks are judged by.

    Attributes:
        comparison: The two postings compared.
        dialogue: What was said about OLD.
        people: Who is who.
        bullets: NEW's change log.
    """

    comparison: Comparison
    dialogue: Dialogue
    people: People
    bullets: tuple[Bullet, ...] = ()

    def judgements(self) -> tuple[Judgement, ...]:
        """Of each remark, in order."""
        by_id = {remark.id: remark for remark in self.dialogue.remarks}
        first = [self.judgement(remark, by_id) for remark in self.dialogue.remarks]
        others = {
            each.change.difference
            for each in first
            if each.verdict is Verdict.ADDRESSED and not each.remark.place.proposal
        }
        return tuple(
            self.judgement(each.remark, by_id, others) if each.verdict is Verdict.LOOK else each
            for each in first
        )

    def judgement(
        self, remark: Remark, by_id: dict[str, Remark], others: Collection[str] = ()
    ) -> Judgement:
        """What came of a remark.

        Args:
            remark: The remark.
            by_id: All remarks, for what it repeats.
            others: Ids of differences that other remarks were addressed by. Where a line stayed,
                one beside it that was only replaced there does not count.
        """
        answers = self.dialogue.answers.get(remark.id, ())
        text = self.words_of(remark, by_id)
        scene = self.scene_of(remark)
        if scene.change.kind is ChangeKind.UNCHANGED and others:
            scene = replace(scene, near=tuple(_not_of(scene.near, others)))
        proof = (
            evidence.of_change(remark, text, scene) if remark.asks_change or scene.changed else ""
        )
        if remark.asks_change and not proof:
            lone = (each for each in answers if (each.message_id, each.text) in self.dialogue.lone)
            proof = evidence.as_promised(lone, scene)
        if remark.asks_change and not proof and scene.changed:
            proof = self.later_tag(remark, scene) if remark.place.part is Part.DIFF else ""
        like, left = self.like_places(remark, text)
        result = ruling(
            Facts(remark, answers, scene, proof, like, left, remark.id in self.dialogue.argued)
        )
        return Judgement(
            remark=remark,
            change=scene.change,
            answers=answers,
            credit=self.credit(remark, text),
            verdict=result.verdict,
            evidence=(result.reason,),
            done=like - len(left),
            like=like,
            left=left,
        )

    def scene_of(self, remark: Remark) -> Scene:
        """What became of a remark's place, in OLD or in a proposal, and what changed around it."""
        if remark.place.proposal:
            found = (
                each for each in self.dialogue.letters if each.message_id == remark.place.proposal
            )
            return of_proposal(remark, next(found).files, self.comparison)
        return surroundings.scene_of(remark, self.comparison)

    def words_of(self, remark: Remark, by_id: dict[str, Remark]) -> str:
        """What a remark asks for: of one that says "Ditto" and names nothing, what it repeats."""
        if remark.refers_to not in by_id or not wording.is_ditto(remark.text):
            return remark.text
        own = request_of(remark.text)
        if own.names or own.proposed or own.targets:
            return remark.text
        return f"{remark.text}\n{by_id[remark.refers_to].text}"

    # --- like places

    def like_places(self, remark: Remark, text: str) -> tuple[int, tuple[str, ...]]:
        """How many places are like the one of a remark about all of them, and which stayed."""
        place = remark.place
        if remark.scope is not Scope.ALL_LIKE_IT or place.part is not Part.DIFF or not place.line:
            return 0, ()
        against = request_of(text).against
        entries = list(self.entries(place.patch))
        here = next((each for each in entries if _is_at(each, place)), None)
        if here is None:
            return 0, ()
        named = against & tokens(here.text)
        alike = [
            each
            for each in entries
            if each.mark == here.mark
            and (key(each.text) == key(here.text) or (named and named <= tokens(each.text)))
        ]
        if len(alike) < 2 or not (named or len(key(here.text)) > _TELLING):
            return 0, ()
        left = [each.line for each in alike if not self.is_changed(each.line, named)]
        return len(alike), tuple(f"{line.path}:{line.number}" for line in left)

    def is_changed(self, line: Line, named: frozenset[str]) -> bool:
        """Whether a like place changed; where something was named, whether that is gone."""
        change = self.comparison.change_at(line.patch, line.path, line.side, line.number)
        if named:
            return not any(named & tokens(each.text) for each in change.new)
        return change.kind is not ChangeKind.UNCHANGED

    def entries(self, number: int | None) -> Iterator[Entry]:
        """The lines of a patch of OLD."""
        for patch in self.comparison.old.patches:
            if patch.number == number:
                for diff in patch.files:
                    yield from lines.of_file(number, diff)

    # --- tags and credit

    def later_tag(self, remark: Remark, scene: Scene) -> str:
        """A tag that the reviewer gave to the patch after he made the remark."""
        if scene.pair is None:
            return ""
        dates = {each.message_id: seconds_of(each.date) for each in self.dialogue.letters}
        since = seconds_of(remark.date)
        for tag in self.tags_of_new(scene.pair):
            old = tag.given_in in dates and dates[tag.given_in] <= since
            if tag.given_in and not old and self.people.same(tag.value, remark.author):
                return f"{tag.name} of {tag.value} came later, in <{tag.given_in}>"
        return ""

    def tags_of_new(self, pair: PatchPair) -> Iterator[Trailer]:
        """Tags that replies gave to a patch of NEW."""
        for patch in self.comparison.new.patches:
            if patch.number in pair.new:
                yield from (each for each in patch.trailers if each.given_in is not None)

    def credit(self, remark: Remark, text: str) -> Credit | None:
        """The bullet that shares most with a remark."""
        wanted = request_of(text)
        names = wanted.names | wanted.against | wanted.targets
        best: tuple[int, Bullet] | None = None
        for bullet in self.bullets:
            words = {word.lower() for word in tokens(bullet.text)}
            score = 2 * len(names & tokens(bullet.text)) + len(wanted.words & words)
            if score >= _SHARED and (best is None or score > best[0]):
                best = (score, bullet)
        if best is None or not remark.asks_change:
            return None
        named = any(self.people.same(name, remark.author) for name in best[1].reviewers)
        return Credit(best[1].id, named)

    def uncredited(self, judgements: Iterable[Judgement]) -> tuple[Uncredited, ...]:
        """Reviewers taken up whom no bullet and no tag of NEW names."""
        credit = {self.people.key(name) for bullet in self.bullets for name in bullet.reviewers}
        for patch in self.comparison.new.patches:
            given = (tag.value for tag in patch.trailers if tag.given_in is None)
            credit.update(self.people.key(value) for value in given)
        names: dict[str, str] = {}
        ids: dict[str, list[str]] = {}
        for each in judgements:
            who = self.people.key(each.remark.author)
            if each.verdict is Verdict.ADDRESSED and each.remark.author and who not in credit:
                names.setdefault(who, each.remark.author)
                ids.setdefault(who, []).append(each.remark.id)
        return tuple(Uncredited(names[who], tuple(some)) for who, some in ids.items())

    # --- proposals

    def proposals(self) -> tuple[Proposal, ...]:
        """The diffs in the thread, and what NEW made of them."""
        old = {key(line.text) for each in self.comparison.differences for line in each.old}
        new = {key(line.text) for each in self.comparison.differences for line in each.new} - old
        out: list[Proposal] = []
        for letter in self.dialogue.letters:
            rows = [
                line.decode("utf-8", "replace")
                for diff in letter.files
                for hunk in diff.hunks
                for line in hunk.lines
                if line[:1] == b"+" and line[1:].strip()
            ]
            if not rows:
                continue
            hits = sum(key(row) in new for row in rows)
            fate = (
                Fate.TAKEN_OVER if hits == len(rows) else Fate.ADAPTED if hits else Fate.NOT_TAKEN
            )
            out.append(
                Proposal(
                    letter.message_id, letter.author, letter.date, letter.patch, letter.files,
                    fate, len(rows), hits, letter.title,
                )
            )  # fmt: skip
        return tuple(out)


def _not_of(near: Iterable[Difference], others: Collection[str]) -> Iterator[Difference]:
    """Without the differences of others that bring no line more than they take away."""
    for each in near:
        if each.id not in others or len(each.new) > len(each.old):
            yield each


def _is_at(entry: Entry, place: Place) -> bool:
    line = entry.line
    return (line.path, line.side, line.number) == (place.path, place.side, place.line)
