# SPDX-License-Identifier: GPL-2.0-or-later
"""Which patch of NEW came from which of OLD. Pure.

Four steps, surest first: the same patch-id; content, or the same subject; what the change log says
of dropped patches; a weak likeness. Within a step the pair that is most like goes first. Then what
is left is looked for inside other patches, which were merged or split. Nothing is paired that is
not like each other at all, however alone it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.revisions.align import increasing
from patchtool.revisions.likeness import Like, Scale, profile, subject_words
from patchtool.revisions.match import Match, in_order
from patchtool.revisions.pair import DecidedBy, RunnerUp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from patchtool.revisions.bullets import Statement
    from patchtool.revisions.likeness import Profile
    from patchtool.series.model import Patch

_SURE_LINES = 0.3  # of the lines two patches change are the same
_SURE = 0.4  # of the content
_SOME = 0.15  # of the content, where the subject speaks for it
_ALIKE = 0.55  # of the words of two subjects
_WEAK = 0.12  # of the content, and half as many words of the subject
_WITHIN = 0.6  # of the lines of a patch that are in another one
_LEAST = 1.0  # long lines that have to be there to call a patch merged or split
_NEAR = 0.75  # of the likeness of the partner: a runner-up worth naming
_NAMED = 0.5  # of the words of a subject that a bullet has


def matches(
    old: Sequence[Patch], new: Sequence[Patch], log: Sequence[Statement] = ()
) -> tuple[Match, ...]:
    """The patches of OLD and NEW in pairs, in the order of NEW; dropped ones where they were."""
    pairing = _Pairing(old, new, log)
    pairing.by_patch_id()
    pairing.by_likeness(_is_sure)
    pairing.by_log()
    pairing.by_likeness(_is_some)
    pairing.by_likeness(_is_weak)
    pairing.within()
    pairing.squashed()
    return pairing.all()


def _is_sure(like: Like) -> DecidedBy | None:
    if like.lines >= _SURE_LINES or like.content >= _SURE:
        return DecidedBy.CONTENT
    return DecidedBy.SUBJECT if like.subject == 1 else None


def _is_some(like: Like) -> DecidedBy | None:
    return DecidedBy.SUBJECT if like.subject >= _ALIKE and like.content >= _SOME else None


def _is_weak(like: Like) -> DecidedBy | None:
    if like.places and like.content >= _WEAK and like.subject >= _WEAK:
        return DecidedBy.CONTENT if like.content >= like.subject else DecidedBy.SUBJECT
    return None


class _Pairing:
    def __init__(
        self, old: Sequence[Patch], new: Sequence[Patch], log: Sequence[Statement]
    ) -> None:
        self.old = {patch.number: patch for patch in old}
        self.new = {patch.number: patch for patch in new}
        self.log = log
        self.ours = {patch.number: profile(patch) for patch in old}
        self.theirs = {patch.number: profile(patch) for patch in new}
        self.scale = Scale(list(self.ours.values()), list(self.theirs.values()))
        self.likes = {
            (at, to): self.scale.like(one, two)
            for at, one in self.ours.items()
            for to, two in self.theirs.items()
        }
        self.found: dict[int, Match] = {}  # by the number in OLD
        self.loose: list[Match] = []  # dropped, as the change log says
        self.free_old = list(self.old)
        self.free_new = list(self.new)

    def pair(self, old: int, new: int, decided_by: DecidedBy, reason: str) -> None:
        like = self.likes[old, new]
        few = like.lines < _SOME and like.content < _SURE
        other = like.subject < 1 or not like.places
        self.found[old] = Match(
            (old,), (new,), decided_by, reason, round(like.lines, 3), replaced=few and other
        )
        self.free_old.remove(old)
        self.free_new.remove(new)

    def by_patch_id(self) -> None:
        """The same diff; of several that are the same, those of one subject, then in order."""
        ids: dict[str, list[int]] = {}
        for number, patch in self.new.items():
            ids.setdefault(patch.patch_id, []).append(number)
        for old in list(self.free_old):
            name = self.old[old].patch_id
            same = [new for new in ids.get(name, ()) if new in self.free_new] if name else []
            if same:
                best = max(same, key=lambda new: (self.likes[old, new].subject, -abs(new - old)))
                self.pair(old, best, DecidedBy.PATCH_ID, f"the same patch-id {name[:12]}")

    def by_likeness(self, test: Callable[[Like], DecidedBy | None]) -> None:
        """Pairs that a test lets through, the most like first."""
        able = [
            (like.whole, -abs(old - new), old, new)
            for old in self.free_old
            for new in self.free_new
            for like in (self.likes[old, new],)
            if test(like) is not None
        ]
        for *_, old, new in sorted(able, reverse=True):
            if old in self.free_old and new in self.free_new:
                like = self.likes[old, new]
                decided_by = test(like)
                assert decided_by is not None
                self.pair(old, new, decided_by, self.reason(old, new, decided_by))

    def reason(self, old: int, new: int, decided_by: DecidedBy) -> str:
        like = self.likes[old, new]
        if decided_by is DecidedBy.SUBJECT:
            what = "the same subject" if like.subject == 1 else "a like subject"
            return f"{what}, and {like.lines:.0%} of the lines"
        files = sorted({diff.path for diff in self.old[old].files} & {*self.new[new].paths})
        where = f" in {files[0]}" if files else ""
        where += f" and {len(files) - 1} more" if len(files) > 1 else ""
        return f"{like.lines:.0%} of the lines and {like.names:.0%} of the names{where}"

    def by_log(self) -> None:
        """What the change log says of dropped and of replaced patches."""
        for statement in self.log:
            if statement.replaces:
                self._replaced(statement)
            if statement.drops and not statement.replaces and not statement.joins:
                for old in list(self.free_old):
                    if self.names(statement, self.old[old], of_old=True):
                        self.free_old.remove(old)
                        self.loose.append(Match((old,), (), DecidedBy.CHANGE_LOG, _says(statement)))

    def _replaced(self, statement: Statement) -> None:
        named = [old for old in self.free_old if self.names(statement, self.old[old], of_old=True)]
        into = [new for new in self.free_new if self.names(statement, self.new[new], of_old=False)]
        into = into or [
            new for new in self.free_new if any(self.likes[old, new].places for old in named)
        ]
        if len(named) == 1 and into:
            new = max(into, key=lambda to: self.likes[named[0], to].whole)
            self.pair(named[0], new, DecidedBy.CHANGE_LOG, _says(statement))

    def names(self, statement: Statement, patch: Patch, *, of_old: bool) -> bool:
        """Whether a bullet names a patch: by its number, or by most words of its subject."""
        if statement.bullet.patch and not of_old and statement.bullet.patch == patch.number:
            return True
        if of_old and statement.drops and patch.number in statement.numbers:
            return True
        subject = subject_words(patch.subject.rpartition(": ")[2])
        said = subject_words(statement.bullet.text)
        return bool(subject) and (subject & said).total() >= _NAMED * subject.total()

    def within(self) -> None:
        """Patches that were put into another one, and those that were taken out of one."""
        for new, more in self.parts(self.free_old, self.ours, self.theirs).items():
            host = next((each for each in self.found.values() if new in each.new), None)
            others = host.old if host else ()
            if not self.overlap(self.ours, more, others):
                self.join(host, (*others, *more), (new,), _most_of(more, "OLD"))
        for old, more in self.parts(self.free_new, self.theirs, self.ours).items():
            host = next((each for each in self.found.values() if old in each.old), None)
            others = host.new if host else ()
            if not self.overlap(self.theirs, more, others):
                ours = host.old if host else (old,)
                self.join(host, ours, (*others, *more), _most_of(more, "NEW"))

    def squashed(self) -> None:
        """Patches that the change log says were put into another one: "squash 3 into 2"."""
        for statement in self.log:
            more = [old for old in self.free_old if old in statement.numbers]
            hosts = [self.found[old] for old in statement.numbers if old in self.found]
            if statement.joins and more and len(hosts) == 1:
                self.join(hosts[0], (*hosts[0].old, *more), hosts[0].new, _says(statement))

    def parts(
        self, free: Iterable[int], ours: dict[int, Profile], wholes: dict[int, Profile]
    ) -> dict[int, list[int]]:
        """For patches of the other side, the free ones that most lines of stand in them."""
        found: dict[int, list[int]] = {}
        for at in free:
            whole = self.inside(ours[at], wholes)
            if whole is not None:
                found.setdefault(whole, []).append(at)
        return found

    def overlap(self, ours: dict[int, Profile], more: Iterable[int], others: Sequence[int]) -> bool:
        """Whether one of some patches stands in another one of the same side."""
        return any(
            self.scale.part_in(ours[at], ours[to]) >= _WITHIN for at in more for to in others
        )

    def inside(self, part: Profile, wholes: dict[int, Profile]) -> int | None:
        """The patch that most lines of another one stand in."""
        if self.scale.weight(part) < _LEAST:
            return None
        most, at = max(
            ((self.scale.part_in(part, whole), -at) for at, whole in wholes.items()),
            default=(0.0, 0),
        )
        return -at if most >= _WITHIN else None

    def join(
        self, host: Match | None, old: tuple[int, ...], new: tuple[int, ...], why: str
    ) -> None:
        """Make one match of several patches."""
        like = round(self.likes[old[0], new[0]].lines, 3)
        match = host or Match((), (), DecidedBy.CONTENT, "", like)
        reason = f"{match.reason}; {why}" if match.reason else why
        for at in old:
            self.found.pop(at, None)
        first = min(old)
        self.found[first] = replace(
            match, old=tuple(sorted(old)), new=tuple(sorted(new)), reason=reason, replaced=False
        )
        self.free_old = [at for at in self.free_old if at not in old]
        self.free_new = [to for to in self.free_new if to not in new]

    def all(self) -> tuple[Match, ...]:
        """Every match, in order, with the runners-up."""
        paired = sorted(self.found.values(), key=lambda match: match.old[0])
        stay = set(increasing([match.new[0] for match in paired]))
        done = [
            replace(self._with_runner_up(match), reordered=at not in stay)
            for at, match in enumerate(paired)
        ]
        nothing = DecidedBy.NOTHING
        done += [Match((), (new,), nothing, self._nearest(new=new)) for new in self.free_new]
        lost = [
            *self.loose,
            *(Match((old,), (), nothing, self._nearest(old=old)) for old in self.free_old),
        ]
        return in_order(done, lost)

    def _with_runner_up(self, match: Match) -> Match:
        if len(match.old) > 1 or len(match.new) > 1:
            return match
        (old,), (new,) = match.old, match.new
        best = self.likes[old, new].whole
        others = [
            (like.whole, at, to)
            for (at, to), like in self.likes.items()
            if (at == old) != (to == new) and like.content >= _SOME
        ]
        whole, at, to = max(others, default=(0.0, 0, 0))
        if match.decided_by is DecidedBy.PATCH_ID or whole < _NEAR * best:
            return match
        return replace(match, runner_up=RunnerUp(at, to, round(self.likes[at, to].lines, 3)))

    def _nearest(self, old: int | None = None, new: int | None = None) -> str:
        likes = [
            (like.whole, at, to, like)
            for (at, to), like in self.likes.items()
            if at == old or to == new
        ]
        _whole, at, to, like = max(likes, default=(0.0, 0, 0, None))
        if like is None or like.content < _SOME:
            return "no other patch is like it"
        other = f"{to} of NEW" if new is None else f"{at} of OLD"
        return f"the nearest is {other}, with {like.lines:.0%} of the lines"


def _says(statement: Statement) -> str:
    return f"the change log: {statement.bullet.text[:120]!r}"


def _most_of(numbers: Iterable[int], side: str) -> str:
    return f"most lines of {', '.join(map(str, sorted(numbers)))} of {side} stand in it"
