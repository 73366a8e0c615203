# SPDX-License-Identifier: GPL-2.0-or-later
"""What a sender forgot, or sent twice, in a thread that shows what was meant. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.envelope import Envelope
    from patchtool.series.posting.postings import Posting, Threads

_HOUR = 3600  # seconds between a posting and its mail with a wrong revision
_DAY = 86400  # seconds between the mails of a posting
_WEEK = 7 * _DAY
_DEEPEST = 50  # replies to replies


def other_cover(pile: Sequence[Envelope], threads: Threads, at: int) -> str | None:
    """The cover letter of another revision that a patch was sent below, by its Message-ID.

    It is of the same sender and day and counts to the same total, so the patch is one of its
    posting or of a new one, whatever else of the patch's own revision is in the thread.
    """
    mail, up = pile[at], threads.parent(at)
    for _ in range(_DEEPEST if mail.prefix.number else 0):
        if up is None or pile[up].prefix.reply or pile[up].sender != mail.sender:
            return None
        if pile[up].prefix.number == 0:
            one, two = pile[up].prefix, mail.prefix
            near = abs(mail.when - pile[up].when) <= _DAY and one.total == two.total
            return pile[up].message_id if near and one.label != two.label else None
        up = threads.parent(up)
    return None


def without_revision(
    pile: Sequence[Envelope], threads: Threads, postings: Sequence[Posting]
) -> Iterator[tuple[Posting, Posting]]:
    """Each posting that lacks mails, and the one that has just those, without its ``vN``.

    They are of one sender and thread and count to one total. Those that state a revision
    answer for the others. A single mail that states a wrong one is taken as well, if it was sent
    within the hour, and no posting of the revision that it states lacks it.
    """
    groups: dict[tuple[str, int], list[Posting]] = {}
    for posting in postings:
        if posting.total is not None:
            groups.setdefault((posting.sender, posting.total), []).append(posting)
    found = [
        (fitting[0], posting)
        for near in groups.values()
        for posting in near
        if len(fitting := [each for each in near if _fits(pile, threads, each, posting)]) == 1
        and (not _stated(pile, posting) or _is_alone(near, posting))
    ]
    claimed = Counter(id(into) for into, _ in found)
    for into, posting in found:
        if claimed[id(into)] > 1:
            continue
        for at in posting.mails:
            mail = pile[at]
            name = f"{mail.prefix.number}/{mail.prefix.total} {mail.title!r}"
            bears = f"{mail.prefix.label}, not" if mail.prefix.stated else "no"
            into.notes.append(
                f"{name} bears {bears} {into.label}; placed by its number, sender and thread"
            )
        yield into, posting


def _stated(pile: Sequence[Envelope], posting: Posting) -> bool:
    return any(pile[at].prefix.stated for at in posting.mails)


def _is_alone(near: Sequence[Posting], posting: Posting) -> bool:
    """Whether no other posting of its revision lacks what it has."""
    others = [each for each in near if each is not posting and each.label == posting.label]
    return all(
        each.numbers.keys() >= posting.numbers.keys() and len(each.covers) >= len(posting.covers)
        for each in others
    )


def _fits(pile: Sequence[Envelope], threads: Threads, posting: Posting, without: Posting) -> bool:
    """Whether *without*, of no revision or of one mail, has just what *posting* lacks."""
    if posting.label == without.label or not posting.numbers.keys().isdisjoint(without.numbers):
        return False
    if posting.numbers.keys() | without.numbers.keys() != set(range(1, (posting.total or 0) + 1)):
        return False
    if not pile[posting.mails[0]].prefix.stated or (posting.covers and without.covers):
        return False
    wrong = _stated(pile, without)
    if wrong and (len(without.mails) > 1 or len(posting.mails) < 2):  # one bears the wrong one
        return False
    one, two = pile[without.mails[0]], pile[posting.mails[0]]
    if abs(one.when - two.when) > (_HOUR if wrong else _DAY):
        return False
    if not {threads.parent(at) for at in posting.patches}.isdisjoint(without.mails):
        return True
    if wrong and without.covers:  # it answers them, or what they do: perhaps a later one's
        return False
    ups = {threads.parent(at) for at in without.mails}
    return not ups.isdisjoint(posting.mails) or one.parents[:1] == two.parents[:1] != ()


def reply_without_re(pile: Sequence[Envelope], threads: Threads, at: int) -> bool:
    """Whether a mail has the subject of one that it answers, and no diff.

    A cover letter may be sent again in reply to itself by its sender; one that answers a reply
    is none.
    """
    mail, up = pile[at], threads.parent(at)
    if mail.diff or up is None:
        return False
    if not (pile[up].prefix.reply or pile[up].diff or pile[up].sender != mail.sender):
        return False
    for _ in range(_DEEPEST):
        if up is None or not pile[up].prefix.reply:
            break
        up = threads.parent(up)
    return up is not None and pile[up].subject == mail.subject


def covers_with_a_number(
    pile: Sequence[Envelope], threads: Threads, posted: Sequence[int]
) -> set[int]:
    """The cover letters that bear the number of a patch, such as ``1/3`` or ``3/3``.

    They have no diff, patches answer them, and one of these has the same number.
    """
    suspect = {
        at
        for at in posted
        if pile[at].prefix.number and not pile[at].diff and pile[at].message_id is not None
    }
    found: set[int] = set()
    for at in posted if suspect else ():
        up = threads.parent(at)
        if up in suspect and pile[at].diff:
            one, two = pile[at].prefix, pile[up].prefix
            if (one.label, one.number, one.total) == (two.label, two.number, two.total):
                found.add(up)
    return found


def without_numbers(
    pile: Sequence[Envelope], threads: Threads, postings: Sequence[Posting]
) -> Iterator[tuple[Posting, Posting]]:
    """Each cover letter without patches, and the patches without numbers that answer it.

    Their count must be the one that the cover letter states, as for ``0/1`` over ``[PATCH]``.
    """
    below: dict[int, list[Posting]] = {}
    for posting in postings:
        if posting.total is None and posting.patches and not posting.covers:
            up = threads.parent(posting.patches[0])
            if up is not None:
                below.setdefault(up, []).append(posting)
    for posting in postings:
        found = [each for at in posting.covers for each in below.get(at, ())]
        if posting.patches or len(found) != 1 or len(found[0].patches) != posting.total:
            continue
        (patches,) = found
        unstated = not any(pile[at].prefix.stated for at in patches.patches)
        if patches.label != posting.label and not unstated:
            continue
        for number, at in enumerate(patches.patches, 1):
            patches.numbers[number] = at
            posting.notes.append(
                f"{pile[at].title!r} bears no number; taken for {number}/{posting.total}"
            )
        yield posting, patches


def strays(
    pile: Sequence[Envelope], postings: Sequence[Posting]
) -> Iterator[tuple[Posting, Posting]]:
    """Each whole posting, and an earlier one of some of its mails, which was not sent whole."""
    whole: dict[tuple[str, str, int | None], list[Posting]] = {}
    for posting in postings:
        if posting.total is not None and posting.patches and posting.complete:
            whole.setdefault((posting.label, posting.sender, posting.total), []).append(posting)
    for posting in postings:
        if posting.total is None or (posting.patches and posting.complete):
            continue
        fitting = [
            each
            for each in whole.get((posting.label, posting.sender, posting.total), ())
            if _titles(pile, posting) <= _titles(pile, each)
            and 0 <= pile[each.mails[0]].when - pile[posting.mails[0]].when <= _WEEK
        ]
        if len(fitting) == 1:
            yield fitting[0], posting


def _titles(pile: Sequence[Envelope], posting: Posting) -> set[tuple[int, str]]:
    return {(pile[at].prefix.number or 0, pile[at].title) for at in posting.mails}


def one_cover(pile: Sequence[Envelope], threads: Threads, posting: Posting) -> None:
    """Of a cover letter that was sent twice, keep the one that most patches answer."""
    if len(posting.covers) < 2 or any(pile[at].message_id is None for at in posting.covers):
        return
    answered = Counter(threads.parent(at) for at in posting.patches)
    kept = max(posting.covers, key=lambda at: (answered[at], pile[at].when))
    for at in posting.covers:
        if at != kept:
            reason = f"the cover letter was sent twice, and <{pile[kept].message_id}> is taken"
            posting.dropped.append((at, reason))
            posting.notes.append(f"{reason}, not <{pile[at].message_id}>")
    posting.covers = [kept]
