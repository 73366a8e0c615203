# SPDX-License-Identifier: GPL-2.0-or-later
"""A posting becomes a series: nothing missing, the replies in their places. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.series import changelog, depends, diffstat
from patchtool.series.envelope import NO_DATE
from patchtool.series.model import LeftOut, Patch, Review, Series, missing_names
from patchtool.series.posting import reviews, tagged
from patchtool.series.tags.value import holds_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from patchtool.series.mail import Mail
    from patchtool.series.model import Dependency
    from patchtool.series.posting.pile import Pile
    from patchtool.series.posting.postings import Posting
    from patchtool.series.tags.value import Trailer

#: What to do about a posting of which patches are missing.
PARTIAL = "--partial takes the patches that are there, and says everywhere that it is a part"


def series_of(
    name: str,
    where: str,
    posting: Posting,
    load: Callable[[int], Mail],
    pile: Pile | None = None,
    *,
    partial: bool = False,
) -> Series:
    """Read the mails of a posting.

    Args:
        name: Short name of the series.
        where: Source of its mails, for errors.
        posting: Its mails, by number.
        load: Gives the mail of a number.
        pile: The replies; None to take the patches as they are listed, without replies.
        partial: Take what is there where patches are missing; see :attr:`Series.missing`.

    Raises:
        MailError: A patch is missing, there twice with different contents, out of place, or no
            patch.
    """
    mails = {at: load(at) for at in posting.mails}
    posting = _once(posting, mails)
    ordered, missing = _ordered(posting, mails, where, sort=pile is not None)
    if missing and not partial:
        names = missing_names(missing, len(ordered) + len(missing))
        raise MailError(f"{where}: patch {names} missing", hint=PARTIAL)
    cover = mails[posting.covers[0]] if posting.covers else None
    answers = _Answers(posting, ordered, missing, load, pile)
    patches = tuple(
        answers.reviewed(posting, at, mails[at].patch(number), load)
        for number, at in enumerate(ordered, 1)
    )
    trailers, uncounted = tagged.distinct(answers.given[0])
    first = cover or mails[ordered[0]]
    return Series(
        name=name,
        title=first.subject or patches[0].subject,
        revision=_revision(posting, first, mails.values()),
        cover=cover.body if cover else None,
        patches=patches,
        manifest=None,
        tags=_common([mail.prefix.words for mail in mails.values()]),
        author=reviews.sender(first),
        date=first.date,
        message_id=first.message_id,
        in_reply_to=first.parents[0] if first.parents else None,
        changelog=changelog.parse(cover.body) if cover else patches[0].changelog,
        dependencies=_dependencies(cover, [mails[at] for at in ordered]),
        trailers=trailers,
        uncounted=uncounted,
        diffstat=diffstat.parse(cover.body) if cover else None,
        reviews=tuple(answers.reviews[0]),
        left_out=tuple(answers.left_out),
        irregular=(*posting.notes, *_unnumbered(posting, mails), *_lacking(cover, mails, ordered)),
        recipients=first.recipients,
        missing=missing,
    )


def _unnumbered(posting: Posting, mails: dict[int, Mail]) -> tuple[str, ...]:
    if len(posting.patches) < 2 or mails[posting.patches[0]].prefix.number is not None:
        return ()
    return ("the patches bear no numbers; they are in the order in which they came",)


def _once(posting: Posting, mails: dict[int, Mail]) -> Posting:
    """The posting, with one of each patch that was sent twice and did not change."""
    first: dict[int, Mail] = {}
    again: dict[int, str] = {}
    for at in posting.patches:
        mail = mails[at]
        if mail.prefix.number is None or mail.message_id is None:
            continue
        other = first.setdefault(mail.prefix.number, mail)
        same = (mail.subject, mail.author, mail.message, mail.files)
        if other is not mail and same == (other.subject, other.author, other.message, other.files):
            again[at] = f"the same as <{other.message_id}>"
    if not again:
        return posting
    return replace(
        posting,
        patches=[at for at in posting.patches if at not in again],
        dropped=[*posting.dropped, *again.items()],
    )


def _lacking(cover: Mail | None, mails: dict[int, Mail], ordered: Sequence[int]) -> Iterator[str]:
    """What the headers of its mails should have, and have not."""
    stated = cover.prefix.total if cover is not None else None
    own = {mails[at].prefix.total for at in ordered}
    if stated is not None and own != {None} and own.isdisjoint([stated]):
        yield f"the cover letter counts {stated} patches, and there are {len(ordered)}"
    if cover is not None and not cover.subject:
        yield "the cover letter has no subject"
    for mail in mails.values():
        if mail.date == NO_DATE and mail.message_id is not None:
            yield f"{mail.prefix.number}/{mail.prefix.total} {mail.subject!r} has no date"


def _revision(posting: Posting, first: Mail, mails: Iterable[Mail]) -> int:
    """What its first mail states; where that has none, what the others of the posting do."""
    own = [mail.prefix for mail in (first, *mails) if mail.prefix.label == posting.label]
    return next((prefix for prefix in own if prefix.stated), first.prefix).revision


def _ordered(
    posting: Posting, mails: dict[int, Mail], where: str, *, sort: bool
) -> tuple[list[int], tuple[int, ...]]:
    """The patches in order, and the numbers of those that are missing."""
    if posting.aside:
        return posting.patches, ()
    total = _total(posting, mails, where)
    if total is None:
        return posting.patches, ()
    given = {at: number for number, at in posting.numbers.items()}
    by_number: dict[int, int] = {}
    for at in posting.patches:
        mail = mails[at]
        number = given.get(at, mail.prefix.number)
        if number is None:
            raise MailError(f"{mail.where}: {mail.subject!r} bears no number; expected N/{total}")
        if number in by_number:
            both = [mails[each].message_id for each in (by_number[number], at)]
            choice = f", as <{both[0]}> and <{both[1]}>; name one of them" if all(both) else ""
            raise MailError(f"{mail.where}: patch {number}/{total} is there twice{choice}")
        by_number[number] = at
    missing = tuple(number for number in range(1, total + 1) if number not in by_number)
    extra = [number for number in by_number if not 1 <= number <= total]
    if extra:
        raise MailError(f"{where}: patch {extra[0]}/{total} counts past the end")
    if not sort and list(by_number) != sorted(by_number):
        raise MailError(f"{where}: the manifest lists the patches in another order than they bear")
    return [by_number[number] for number in sorted(by_number)], missing


def _total(posting: Posting, mails: dict[int, Mail], where: str) -> int | None:
    """What the subjects count to; those of patches sent anew do not count."""
    if not posting.patches:
        title = mails[posting.covers[0]].subject
        raise MailError(f"{where}: a cover letter without patches: {title!r}")
    if len(posting.covers) > 1:
        raise MailError(f"{where}: {len(posting.covers)} cover letters; expected one at most")
    own = [mails[at].prefix for at in posting.patches]
    own = [prefix for prefix in own if prefix.label == posting.label] or own
    counts = sorted({prefix.total for prefix in own if prefix.total is not None})
    if len(counts) > 1:
        raise MailError(f"{where}: some subjects count to {counts[0]}, some to {counts[-1]}")
    stated = mails[posting.covers[0]].prefix.total if posting.covers else None
    return counts[0] if counts else stated


class _Answers:
    """The replies to each patch, by its number, and to the cover letter, as number 0.

    A tag is with the patches that it is for, whatever mail the reply answers.
    """

    def __init__(
        self,
        posting: Posting,
        ordered: Sequence[int],
        missing: Collection[int],
        load: Callable[[int], Mail],
        pile: Pile | None,
    ) -> None:
        self.reviews: dict[int, list[Review]] = {n: [] for n in range(len(ordered) + 1)}
        self.given: dict[int, list[Trailer]] = {n: [] for n in range(len(ordered) + 1)}
        self.left_out: list[LeftOut] = []
        self.total = len(ordered) + len(missing)
        #: The numbers that were posted, by those that the patches have here.
        self.posted = [0, *(n for n in range(1, self.total + 1) if n not in missing)]
        self.pile = pile
        self.again = False  # whether a patch was sent more than once
        if pile is None:
            return
        self.again = any(pile.envelopes[at].title.lower() in pile.titled for at in ordered)
        places = dict.fromkeys(posting.covers, 0) | {at: n for n, at in enumerate(ordered, 1)}
        titles = {pile.envelopes[at].title: n for n, at in enumerate(ordered, 1)}
        for at, reason in posting.dropped:
            mail = pile.envelopes[at]
            self.left_out.append(LeftOut(mail.place, mail.subject, reason))
            number = mail.prefix.number
            places[at] = titles.get(mail.title, 1) if number is None else min(number, len(ordered))
        replaced = posting.replaced
        replies: dict[int, list[int]] = {}
        for at, number in places.items():
            proposed = pile.proposals.get(at, ())
            for mail in (at, *proposed):
                replies.setdefault(number, []).extend(pile.replies.get(mail, ()))
            replies[number].extend(proposed)
        for number, answers in replies.items():
            for at in reviews.in_order(pile.envelopes, pile.threads, answers):
                target = pile.target.get(at)
                self.take(
                    number, pile, at, load, counts=target in places and target not in replaced
                )

    def take(
        self, number: int, pile: Pile, at: int, load: Callable[[int], Mail], *, counts: bool
    ) -> None:
        """Add a reply; the tags it gives hold if what it answers was not changed since."""
        try:
            review = reviews.review(load(at))
        except MailError as error:
            mail = pile.envelopes[at]
            self.left_out.append(LeftOut(mail.place, mail.subject, f"cannot be read: {error}"))
            return
        self.reviews[number].append(review)
        if self.again:
            pile.tags[at] = review.trailers
        for tag in review.trailers if counts else ():
            for posted in holds_for(tag, self.posted[number], self.total):
                if posted in self.posted:
                    self.given[self.posted.index(posted)].append(tag)

    def reviewed(
        self, posting: Posting, at: int, patch: Patch, load: Callable[[int], Mail]
    ) -> Patch:
        """The patch with its replies and their tags."""
        found = replace(patch, reviews=tuple(self.reviews[patch.number]))
        found = tagged.with_given(found, self.given[patch.number])
        return tagged.with_earlier(found, posting, at, self.pile, load) if self.pile else found


def _common(tags: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The tags that all mails bear."""
    shared = set(tags[0]).intersection(*tags)
    return tuple(tag for tag in tags[0] if tag in shared)


def _dependencies(cover: Mail | None, mails: Sequence[Mail]) -> tuple[Dependency, ...]:
    found = list(depends.of_text(cover.text, cover.body, 0)) if cover else []
    for number, mail in enumerate(mails, 1):
        found += depends.of_text(mail.text, f"{mail.message}\n\n{mail.notes}", number)
    return tuple(found)
