# SPDX-License-Identifier: GPL-2.0-or-later
"""The tags that replies gave to a posting and its patches, and those given before. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.series.posting import reviews
from patchtool.series.tags.value import holds_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from patchtool.series.mail import Mail
    from patchtool.series.model import Patch
    from patchtool.series.posting.pile import Pile
    from patchtool.series.posting.postings import Posting
    from patchtool.series.tags.value import Trailer

_EARLIER = 10  # patches of one title that are looked at


def with_given(patch: Patch, given: Sequence[Trailer]) -> Patch:
    """The patch with the tags of replies: those that count, and apart from them those that do not.

    Args:
        patch: As it was sent.
        given: The tags of the replies to it, and those of others that are for it.
    """
    trailers, uncounted = distinct(given, patch.trailers)
    return replace(patch, trailers=trailers, uncounted=uncounted)


def with_earlier(
    patch: Patch, posting: Posting, at: int, pile: Pile, load: Callable[[int], Mail]
) -> Patch:
    """The patch with the tags that were given to earlier revisions that are the same change.

    They are looked for under the same title, and are the same where the patch-id is. That is
    asked only where there is a tag that the patch has not.

    Args:
        patch: With the tags that it was given itself.
        posting: What the patch belongs to.
        at: The patch's place in the pile.
        pile: All mails.
        load: Gives the mail of a number.
    """
    known = {_key(tag) for tag in (*patch.trailers, *patch.uncounted)}
    found: dict[tuple[str, str], Trailer] = {}
    for other in _earlier(posting, at, pile):
        fresh: dict[tuple[str, str], Trailer] = {}
        for tag in _given_to(other, posting, pile, load):
            if _key(tag) not in known and _key(tag) not in found:
                fresh.setdefault(_key(tag), tag)
        if fresh and _is_same_change(patch, at, other, pile, load):
            found |= fresh
    return replace(patch, uncounted=(*patch.uncounted, *found.values()))


def distinct(
    given: Sequence[Trailer], own: Sequence[Trailer] = ()
) -> tuple[tuple[Trailer, ...], tuple[Trailer, ...]]:
    """Each tag once: those of the patch itself and those that count, and those that do not.

    A tag that is given a second time without the condition has none any more.
    """
    counted = dict(enumerate(own))
    places: dict[tuple[str, str], int] = {_key(tag): index for index, tag in counted.items()}
    others: dict[tuple[str, str], Trailer] = {}
    for tag in given:
        key = _key(tag)
        if not tag.counts:
            others.setdefault(key, tag)
            continue
        place = places.setdefault(key, len(counted))
        known = counted.setdefault(place, tag)
        if known.condition and not tag.condition:
            counted[place] = tag
    left = (tag for key, tag in others.items() if key not in places)
    return tuple(counted.values()), tuple(left)


def _key(tag: Trailer) -> tuple[str, str]:
    return tag.name.lower(), tag.value


def _given_to(
    other: int, posting: Posting, pile: Pile, load: Callable[[int], Mail]
) -> Iterator[Trailer]:
    """The tags given to an earlier patch, or with its cover letter, first come first."""
    mail, home = pile.envelopes[other], pile.home[other]
    number = mail.prefix.number or 1
    total = home.total or max(1, len(home.patches))
    answers = [(number, reply) for reply in pile.replies.get(other, ())]
    if home is not posting:
        answers += [(0, each) for cover in home.covers for each in pile.replies.get(cover, ())]
    for answered, reply in answers:
        for tag in _tags(reply, pile, load):
            if {0, number} & {*holds_for(tag, answered, total)}:
                yield replace(tag, given_on=mail.prefix.label)


def _tags(reply: int, pile: Pile, load: Callable[[int], Mail]) -> tuple[Trailer, ...]:
    """The tags in a reply, which is read once."""
    if reply not in pile.tags:
        try:
            pile.tags[reply] = reviews.review(load(reply)).trailers
        except MailError:
            pile.tags[reply] = ()
    return pile.tags[reply]


def _is_same_change(
    patch: Patch, at: int, other: int, pile: Pile, load: Callable[[int], Mail]
) -> bool:
    if at not in pile.patch_ids:
        pile.patch_ids[at] = patch.patch_id
    own = pile.patch_ids[at]
    if own and other not in pile.patch_ids:
        try:
            pile.patch_ids[other] = load(other).patch(1).patch_id
        except MailError:
            pile.patch_ids[other] = ""
    return bool(own) and pile.patch_ids[other] == own


def _earlier(posting: Posting, at: int, pile: Pile) -> list[int]:
    """Patches of the same title sent before, newest first, whose tags do not count anyway."""
    replaced = posting.replaced
    when = pile.envelopes[at].when
    found = [
        other
        for other in pile.titled.get(pile.envelopes[at].title.lower(), ())
        if pile.envelopes[other].when < when
        and (pile.home[other] is not posting or other in replaced)
    ]
    return sorted(found, key=lambda other: pile.envelopes[other].when, reverse=True)[:_EARLIER]
