# SPDX-License-Identifier: GPL-2.0-or-later
"""What shows that a bullet of the change log is true, and which changes no bullet tells of. Pure.

A bullet is about the patches it names, or stands in; else about all. In those it is supported by a
patch that came or went; by the differences that have a name it has; by what its topic asks for
(tags, text, white space); or by words. Where it names a patch and nothing else, all that differs
there counts. A difference that brings no other names than one which is told of is told of as well.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.revisions.bullets import numbers_in, statements
from patchtool.revisions.likeness import profile, subject_words
from patchtool.revisions.pair import PairKind, Part
from patchtool.revisions.people import authors, everybody, named_in
from patchtool.revisions.record import HunkWithoutReason, Support, SupportKind
from patchtool.revisions.wording import (
    common_names,
    names_in,
    names_of,
    names_of_lines,
    stems_in,
    stems_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from patchtool.revisions.bullets import Statement
    from patchtool.revisions.pair import Difference, PatchPair
    from patchtool.revisions.record import Bullet
    from patchtool.revisions.versions import Comparison

_QUOTED = re.compile(r'"([^"]{3,80})"')
_TAGS = re.compile(r"\b(?:tags?|r-?bs?|acks?|[a-z]+(?:ed)?-by(?:'?s)?)\b", re.IGNORECASE)
_TEXT = re.compile(
    r"\b(?:commit (?:message|log|text|description)|change ?logs?|description|wording|typos?|subject"
    r"|cover letter|message|title|reword(?:ed)?|Fixes)\b",
    re.IGNORECASE,
)
_BLANK = re.compile(
    r"\b(?:blank|empty|white ?space|indent\w*|style|checkpatch|format\w*|newlines?)\b",
    re.IGNORECASE,
)
_DOCS = re.compile(r"\b(?:doc(?:ument\w*|s)?|comments?|kernel-?doc)\b", re.IGNORECASE)
_REBASE = re.compile(r"\brebased?\b|\bresend\b", re.IGNORECASE)
_LAST = re.compile(r"\blast (?:patch|commit)\b|\bpatch (?:last)\b", re.IGNORECASE)
_DOC_LINE = re.compile(r"[-+ ]\s*(?:/\*|\*|//|#\s)")
_ENOUGH = 2  # words in common
_SAME = 0.6  # of the words of two bullets
_MOST = 0.5  # of the words of a subject


def supported(found: Comparison, bullets: Sequence[Bullet]) -> tuple[Bullet, ...]:
    """The bullets with what shows that they are true, and whom they credit."""
    reader = _Reader(found)
    by_id = {bullet.id: bullet for bullet in bullets}
    support = {
        each.bullet.id: [*dict.fromkeys(reader.support(each, by_id))]
        for each in statements(bullets)
    }
    for bullet in bullets:
        if not support[bullet.id]:  # the cover letter often says what a patch says as well
            like = (other for other in bullets if other.patch and _alike(bullet.text, other.text))
            support[bullet.id] = [each for other in like for each in support[other.id]]
    return tuple(
        replace(
            bullet,
            support=(*support[bullet.id], *reader.followers(support[bullet.id])),
            reviewers=named_in(bullet.text, reader.reviewers),
        )
        for bullet in bullets
    )


def _alike(one: str, two: str) -> bool:
    ours, theirs = stems_in(one), stems_in(two)
    common = ours.keys() & theirs.keys()
    return bool(common) and len(common) >= _SAME * len({*ours, *theirs})


def without_reason(
    found: Comparison, bullets: Sequence[Bullet], asked_for: Collection[str] = ()
) -> tuple[HunkWithoutReason, ...]:
    """Changes of code that no bullet tells of.

    Args:
        found: The postings.
        bullets: With their support.
        asked_for: Ids of differences that a remark asked for.
    """
    there = {each.what for bullet in bullets for each in bullet.support} | set(asked_for)
    return tuple(_silent(found, there))


def _silent(found: Comparison, there: Collection[str]) -> Iterator[HunkWithoutReason]:
    for pair in found.pairs:
        if pair.kind in (PairKind.NEW, PairKind.DROPPED):
            subject = pair.new_subject or pair.old_subject
            if subject not in there:
                yield HunkWithoutReason("", (*pair.new, *pair.old)[0], "", 0, subject)
            continue
        for each in pair.differences:
            lines = (*each.new, *each.old)
            line = next((line for line in lines if line.text.strip("+- \t")), None)
            if line is not None and each.part is Part.DIFF and each.id not in there:
                yield HunkWithoutReason(each.id, line.patch, line.path, line.number, line.text)


class _Reader:
    """Looks in a comparison for what bullets tell of."""

    def __init__(self, found: Comparison) -> None:
        self.found = found
        people = everybody(found.old, found.new)
        own = authors(found.old, people) | authors(found.new, people)
        self.reviewers = tuple(
            dict.fromkeys(
                key for reply in found.old.replies if (key := people.key(reply.author)) not in own
            )
        )
        self.names = {each.id: names_of(each) for each in found.differences}
        self.stems = {each.id: stems_of(each) for each in found.differences}
        self.brought = {
            each.id: names_of_lines(each.new) - names_of_lines(each.old)
            for each in found.differences
            if each.part is Part.DIFF
        }
        self.profiles = {patch.number: profile(patch) for patch in found.new.patches}

    def support(self, said: Statement, by_id: dict[str, Bullet]) -> Iterator[Support]:
        text = said.bullet.text
        pairs = self.about(said, by_id)
        limited = len(pairs) < len(self.found.pairs)
        found = [*self.whole_patches(said, pairs, limited=limited)]
        whole = {each.what for each in found}
        if not (found and (said.drops or said.joins)):
            found += self.by_topic(said, pairs)
            found += (each for each in self.by_name(text, pairs) if each.what not in whole)
        found = found or [*self.by_words(text, pairs)]
        if not found and limited:
            found = [
                Support(SupportKind.HUNK, each.id, "the patch that the bullet names")
                for pair in pairs
                for each in pair.differences
            ]
        yield from found

    def followers(self, support: Sequence[Support]) -> Iterator[Support]:
        """Differences that bring no other names than those that a bullet tells of."""
        there = {each.what for each in support}
        brought = {name: each.what for each in support for name in self.brought.get(each.what, ())}
        for name, names in self.brought.items():
            if name not in there and names and names <= brought.keys():
                first = brought[min(names)]
                yield Support(SupportKind.HUNK, name, f"as in {first}: {', '.join(sorted(names))}")

    def about(self, said: Statement, by_id: dict[str, Bullet]) -> list[PatchPair]:
        """The pairs that a bullet can be about."""
        bullet, pairs = said.bullet, list(self.found.pairs)
        if bullet.patch:
            return [pair for pair in pairs if bullet.patch in pair.new]
        above = by_id.get(bullet.above)
        texts = [bullet.text, *([above.text] if above else [])]
        for text in texts:
            numbers = numbers_in(text)
            named = [pair for pair in pairs if set(numbers) & set(pair.new)]
            if said.drops or said.joins:
                named += [pair for pair in pairs if set(numbers) & set(pair.old)]
            if _LAST.search(text):
                named += pairs[-1:]
            named = named or [
                pair for pair in pairs for title in (pair.new_subject, pair.old_subject)
                if title and title.lower() in text.lower()
            ]  # fmt: skip
            if named:
                return list(dict.fromkeys(named))
        return pairs

    def by_topic(self, said: Statement, pairs: Sequence[PatchPair]) -> Iterator[Support]:
        text = said.bullet.text
        if _TAGS.search(text):
            yield from self.tags(pairs)
        if _REBASE.search(text):
            yield Support(SupportKind.TEXT, text, "a rebase shows in no mail")
        differences = [each for pair in pairs for each in pair.differences]
        for each in differences:
            if each.part is Part.MESSAGE and _TEXT.search(text):
                yield Support(SupportKind.MESSAGE, each.id, "the message changed")
            elif each.part is Part.DIFF and each.blank_only and _BLANK.search(text):
                yield Support(SupportKind.HUNK, each.id, "white space")
            elif each.part is Part.DIFF and _DOCS.search(text) and _is_docs(each):
                yield Support(SupportKind.HUNK, each.id, "documentation")

    def tags(self, pairs: Sequence[PatchPair]) -> Iterator[Support]:
        ours = {patch.number: patch for patch in self.found.old.patches}
        theirs = {patch.number: patch for patch in self.found.new.patches}
        for pair in pairs:
            own = {
                (each.name.lower(), each.value)
                for at in pair.old for each in ours[at].trailers if each.given_in is None
            }  # fmt: skip
            for to in pair.new:
                for each in theirs[to].trailers:
                    came = each.given_in is None and (each.name.lower(), each.value) not in own
                    if came and each.name.lower().endswith("-by"):
                        yield Support(SupportKind.TAG, f"{each.name}: {each.value}", f"patch {to}")

    def by_name(self, text: str, pairs: Sequence[PatchPair]) -> Iterator[Support]:
        names, quoted = set(names_in(text)), _QUOTED.findall(text)
        for pair in pairs:
            for each in pair.differences:
                common = common_names(names, self.names[each.id])
                common |= {words for words in quoted if _has(each, words)}
                if common and each.part is not Part.COVER:
                    kind = SupportKind.HUNK if each.part is Part.DIFF else SupportKind.MESSAGE
                    yield Support(kind, each.id, ", ".join(sorted(common)))
            if pair.kind is PairKind.NEW:
                common = common_names(names, {*self.profiles[pair.new[0]].names})
                if common:
                    yield Support(SupportKind.PATCH, pair.new_subject, ", ".join(sorted(common)))

    def whole_patches(
        self, said: Statement, pairs: Sequence[PatchPair], *, limited: bool
    ) -> Iterator[Support]:
        """Patches that came, went, or were put together, as a bullet says."""
        wanted = {
            PairKind.DROPPED: said.drops or said.replaces,
            PairKind.NEW: said.adds or said.parts,
            PairKind.REPLACED: said.replaces,
            PairKind.MERGED: said.joins,
            PairKind.SPLIT: said.parts,
        }
        words = subject_words(said.bullet.text)
        for pair in pairs:
            subject = pair.new_subject or pair.old_subject
            title = subject_words(subject.rpartition(": ")[2])
            common = sorted((title & words).keys())
            alike = len(common) >= _MOST * title.total() or len(common) > _ENOUGH
            if wanted.get(pair.kind) and (limited or alike):
                yield Support(SupportKind.PATCH, subject, ", ".join(common) or pair.kind.value)
            elif pair.kind is PairKind.NEW and len(common) > _ENOUGH:
                yield Support(SupportKind.PATCH, subject, ", ".join(common))

    def by_words(self, text: str, pairs: Sequence[PatchPair]) -> Iterator[Support]:
        stems = stems_in(text)
        for pair in pairs:
            for each in pair.differences:
                common = stems.keys() & self.stems[each.id].keys()
                if len(common) >= _ENOUGH and each.part is Part.DIFF:
                    words = ", ".join(word for stem, word in stems.items() if stem in common)
                    yield Support(SupportKind.HUNK, each.id, words)


def _has(difference: Difference, words: str) -> bool:
    """Whether one of its lines has words that a bullet quotes."""
    return any(words in line.text for line in (*difference.old, *difference.new))


def _is_docs(difference: Difference) -> bool:
    if difference.path.startswith("Documentation/") or difference.path.endswith(".rst"):
        return True
    lines = (*difference.old, *difference.new)
    return any(_DOC_LINE.match(line.text) for line in lines)
