# SPDX-License-Identifier: GPL-2.0-or-later
"""What a sender forgot, or sent twice, in a thread that shows what was meant. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.envelope import Envelope
    from patchtool.series.posting.postings import Posting, Threads

_DAY = 86400  # seconds between the mails of a posting


def without_revision(
    pile: Sequence[Envelope], threads: Threads, postings: Sequence[Posting]
) -> Iterator[tuple[Posting, Posting]]:
    """Each posting that lacks mails, and the one that has just those, without its ``vN``.

    They are of one sender and thread and count to one total. Those that state a revision
    answer for the others.
    """
    stated: dict[tuple[str, int], list[Posting]] = {}
    for posting in postings:
        if posting.total is not None and pile[posting.mails[0]].prefix.stated:
            stated.setdefault((posting.sender, posting.total), []).append(posting)
    for posting in postings:
        if posting.total is None or any(pile[at].prefix.stated for at in posting.mails):
            continue
        near = stated.get((posting.sender, posting.total), [])
        fitting = [each for each in near if _fits(pile, threads, each, posting)]
        if len(fitting) == 1:
            for at in posting.mails:
                mail = pile[at]
                name = f"{mail.prefix.number}/{mail.prefix.total} {mail.title!r}"
                fitting[0].notes.append(
                    f"{name} bears no {fitting[0].label}; placed by its number, sender and thread"
                )
            yield fitting[0], posting


def _fits(pile: Sequence[Envelope], threads: Threads, posting: Posting, without: Posting) -> bool:
    numbers = posting.numbers.keys() | without.numbers.keys()
    answers = [threads.parent(at) for at in without.mails]
    answers_cover = [threads.parent(at) for at in posting.patches]
    return (
        posting.numbers.keys().isdisjoint(without.numbers)
        and not (posting.covers and without.covers)
        and numbers == set(range(1, (posting.total or 0) + 1))
        and abs(pile[without.mails[0]].when - pile[posting.mails[0]].when) <= _DAY
        and (
            not {*posting.mails}.isdisjoint(answers)
            or not {*without.covers}.isdisjoint(answers_cover)
        )
    )


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
