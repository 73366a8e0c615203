# SPDX-License-Identifier: GPL-2.0-or-later
"""Two series in, all that is known of them out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool import __version__
from patchtool.errors import UsageError
from patchtool.revisions.bullets import bullets, statements
from patchtool.revisions.conditions import Wishes
from patchtool.revisions.cover_figures import figures
from patchtool.revisions.pair import PairKind
from patchtool.revisions.pairing import matches
from patchtool.revisions.people import everybody, name_and_address
from patchtool.revisions.record import Commenter, Posted, PostedPatch, Revisions
from patchtool.revisions.support import supported, without_reason
from patchtool.revisions.tags import is_whole, tag_findings
from patchtool.revisions.thread import dialogue
from patchtool.revisions.thread.asked import asked_for
from patchtool.revisions.thread.judging import Judge
from patchtool.revisions.versions import Comparison
from patchtool.series.envelope import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from patchtool.revisions.people import People
    from patchtool.series.model import Review, Series

_OWN = 5  # characters; `mhocko@` is one person at two hosts, `jan@` need not be


class UnrelatedError(UsageError):
    """Two postings have nothing in common."""


@dataclass(frozen=True, slots=True)
class OnOneBase:
    """Both postings as they are on one base of a tree.

    Attributes:
        tree: Its name, and the base's.
        old: OLD, each patch with the diff of its commit; none where the base had it already.
        new: The same of NEW.
        by_git: Creation factor -> number in OLD -> number in NEW, of the pairs that
            ``git range-diff`` makes.
    """

    tree: str
    old: Series
    new: Series
    by_git: Mapping[int, Mapping[int, int]]


def compare(
    old: Series, new: Series, earlier: Sequence[Series] = (), on_base: OnOneBase | None = None
) -> Revisions:
    """Compare two postings.

    Args:
        old: The earlier one, with its thread.
        new: The later one.
        earlier: Postings before OLD, for tags.
        on_base: Both on one base, so that a rebase is told from a change; line numbers are
            then those of the files there.

    Raises:
        UnrelatedError: They have nothing in common.
        UsageError: They are the same, or swapped.
    """
    mails = found = comparison(old, new)
    notes = list(_notes(old, new))
    if on_base is not None:
        notes += _of_git(found, on_base.by_git)
        found = _on_base(found, on_base)
    told = supported(found, bullets(old, new))
    people = everybody(old, new)
    judge = Judge(mails, dialogue.read(old, people), people, told)
    judgements = judge.judgements()
    asked = asked_for(judgements, judge, found)
    return Revisions(
        tool_version=__version__,
        old=posted(old),
        new=posted(new),
        pairs=found.pairs,
        cover=found.cover,
        tree=on_base.tree if on_base else "",
        bullets=told,
        without_reason=without_reason(found, told, frozenset[str]().union(*asked.values())),
        tags=tag_findings(found, earlier, Wishes(judgements, asked)),
        not_addressed=tuple(_not_addressed(old, new, people)),
        uncredited=judge.uncredited(judgements),
        proposals=judge.proposals(),
        judgements=judgements,
        notes=tuple(notes),
        figures=figures(old.cover, new.cover),
    )


def _on_base(mails: Comparison, on_base: OnOneBase) -> Comparison:
    """The comparison of what the patches are on one base.

    A patch that is there already has no diff: the pair is compared by its mails.
    """
    old = {patch.number: patch for patch in on_base.old.patches}
    new = {patch.number: patch for patch in on_base.new.patches}
    for pair in mails.pairs:
        if not all(old[at].files for at in pair.old) or not all(new[to].files for to in pair.new):
            old |= {patch.number: patch for patch in mails.old.patches if patch.number in pair.old}
            new |= {patch.number: patch for patch in mails.new.patches if patch.number in pair.new}
    return Comparison(
        replace(mails.old, patches=tuple(old.values())),
        replace(mails.new, patches=tuple(new.values())),
        mails.matches,
        rebased=frozenset(
            pair.old[0]
            for pair in mails.pairs
            if pair.old and pair.kind in (PairKind.CHANGED, PairKind.REBASED)
        ),
    )


def _of_git(found: Comparison, by_git: Mapping[int, Mapping[int, int]]) -> Iterator[str]:
    """Where `git range-diff` makes other pairs, at every creation factor."""
    factors = ", ".join(map(str, by_git))
    for pair in found.pairs:
        for old in pair.old:
            git = {pairs.get(old) for pairs in by_git.values()}
            if not git or git & {*pair.new, *([None] if not pair.new else [])}:
                continue
            other = sorted(each for each in git if each is not None)
            with_ = f"with {', '.join(map(str, other))} of NEW" if other else "with none of NEW"
            ours = f"not with {', '.join(map(str, pair.new))}" if pair.new else "and it was dropped"
            yield f"git range-diff (creation factors {factors}) pairs {old} of OLD {with_}, {ours}"


def comparison(old: Series, new: Series) -> Comparison:
    """The patches of two postings beside each other.

    Raises:
        UnrelatedError: They have nothing in common.
        UsageError: They are the same, or swapped.
    """
    _check(old, new)
    log = statements(bullets(old, new))
    found = Comparison(old, new, matches(old.patches, new.patches, log))
    alone = (PairKind.NEW, PairKind.DROPPED)
    if all(pair.kind in alone for pair in found.pairs) and old.title != new.title:
        raise UnrelatedError(
            f"no patch of NEW ({new.title!r}) is like one of OLD ({old.title!r})",
            hint="OLD and NEW have to be two revisions of one series",
        )
    return found


def _check(old: Series, new: Series) -> None:
    if not old.patches or not new.patches:
        empty = "OLD" if not old.patches else "NEW"
        raise UsageError(f"{empty}: no patches are at hand, so there is nothing to compare")
    if old.digest == new.digest or (old.message_id and old.message_id == new.message_id):
        raise UsageError(
            f"OLD and NEW are the same posting, v{new.revision} {new.title!r}",
            hint="in a mailbox of several, name each: BOX#v1 BOX#v2",
        )
    before, after = seconds_of(old.date), seconds_of(new.date)
    mailed = bool(old.message_id and new.message_id)
    later = old.revision > new.revision
    if mailed and (later or (old.revision == new.revision and before > after > 0)):
        raise UsageError(
            f"OLD is v{old.revision} of {old.date}, NEW is v{new.revision} of {new.date}: "
            "they are swapped",
            hint="the earlier posting comes first",
        )


def posted(series: Series) -> Posted:
    """What is kept of a posting."""
    return Posted(
        name=series.name,
        title=series.title,
        revision=series.revision,
        author=series.author or series.patches[0].author,
        date=series.date or series.patches[0].date,
        message_id=series.message_id,
        digest=series.digest,
        patches=tuple(
            PostedPatch(
                each.number, each.subject, each.patch_id, each.message_id, len(each.reviews)
            )
            for each in series.patches
        ),
        replies=len(series.replies),
        irregular=series.irregular,
        left_out=len(series.left_out),
    )


def _not_addressed(old: Series, new: Series, people: People) -> Iterator[Commenter]:
    """Who commented on OLD and is neither addressed by NEW nor named in a tag of it.

    ``git send-email`` copies those whom a trailer names.
    """
    there = {new.author, *(patch.author for patch in new.patches)}
    there |= {each.value for patch in new.patches for each in patch.trailers if "@" in each.value}
    known = {people.key(text) for text in there}
    addresses = set(new.recipients) | {each for patch in new.patches for each in patch.recipients}
    mailboxes = _mailboxes(addresses)
    found: dict[str, list[tuple[int, Review]]] = {}
    mails = [(0, reply) for reply in old.reviews]
    mails += [(patch.number, reply) for patch in old.patches for reply in patch.reviews]
    for number, reply in mails:
        found.setdefault(people.key(reply.author), []).append((number, reply))
    for key, replies in found.items():
        own = {name_and_address(reply.author)[1] for _, reply in replies}
        if key not in known and not own & addresses and not _mailboxes(own) & mailboxes:
            yield Commenter(
                replies[0][1].author,
                tuple(sorted({number for number, _ in replies})),
                tuple(reply.message_id for _, reply in replies if reply.message_id),
            )


def _mailboxes(addresses: Iterable[str]) -> set[str]:
    """What stands in front of the ``@``, where it is long enough to be one person's anywhere."""
    names = {address.partition("@")[0].partition("+")[0] for address in addresses}
    return {name for name in names if len(name) >= _OWN}


def parts(old: Series, new: Series) -> Iterator[str]:
    """That OLD or NEW is a part, and what that means for what is compared."""
    for name, series, word in (("OLD", old, "new"), ("NEW", new, "dropped")):
        if series.missing:
            yield f"{name} is {series.part}; a patch that is said to be {word} may be among these"


def _notes(old: Series, new: Series) -> Iterator[str]:
    yield from parts(old, new)
    if not old.replies:
        yield "no reply to OLD was read: what was said about it is not known"
    elif not is_whole(old):
        yield "some replies to OLD are missing in these mails"
    if new.revision > old.revision + 1:
        between = ", ".join(f"v{number}" for number in range(old.revision + 1, new.revision))
        yield f"between OLD and NEW there is {between}, which was not read"
    if not new.recipients and not any(patch.recipients for patch in new.patches):
        yield "NEW has no recipients yet; those whom its trailers name will be copied"
