# SPDX-License-Identifier: GPL-2.0-or-later
"""Postings whose threads do not show what belongs together. Pure.

Halves of a posting are joined, a patch sent anew takes the place of the one it replaces, and
a posting sent again takes the place of the first. All of it is noted or kept with a reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.series.posting import slips

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.envelope import Envelope
    from patchtool.series.posting.postings import Posting, Threads

_DAY = 86400  # seconds between two halves of a posting
_STAMP = re.compile(r"[0-9]{8,}")
_NEAR = 20  # postings that are compared with one


def repair(
    pile: Sequence[Envelope], threads: Threads, found: list[Posting], home: dict[int, Posting]
) -> list[Posting]:
    """The postings in *found*, put right; *home* is kept up to date."""
    return _Repair(pile, threads, found, home).postings()


class _Repair:
    def __init__(
        self,
        pile: Sequence[Envelope],
        threads: Threads,
        found: list[Posting],
        home: dict[int, Posting],
    ) -> None:
        self.pile = pile
        self.threads = threads
        self.found = found
        self.home = home
        self.gone: set[int] = set()  # id() of postings that went into others
        self.senders: dict[tuple[str, str, int | None], Posting] = {}

    def postings(self) -> list[Posting]:
        for find in (slips.without_revision, slips.without_numbers):
            for into, posting in find(self.pile, self.threads, list(self.left())):
                into.join(posting)
                self.absorb(into, posting)
        self.join_halves()
        self.join_senders()
        self.senders = {(each.label, each.sender, each.total): each for each in self.left()}
        for posting in sorted(self.left(), key=self.age):
            self.replace(posting)
        self.send_again()
        for whole, posting in slips.strays(self.pile, list(self.left())):
            self.drop_first(posting, whole, "sent again, whole,")
        for posting in self.left():
            slips.one_cover(self.pile, self.threads, posting)
            self.find_cover(posting)
            self.look_aside(posting)
        return list(self.left())

    def left(self) -> Iterator[Posting]:
        return (posting for posting in self.found if id(posting) not in self.gone)

    def age(self, posting: Posting) -> tuple[list[int], int]:
        return _version(posting), self.when(posting)

    def when(self, posting: Posting) -> int:
        return self.pile[posting.mails[0]].when

    def absorb(self, into: Posting, posting: Posting) -> None:
        self.home.update(dict.fromkeys(posting.mails, into))
        self.home.update((at, into) for at, _ in posting.dropped)
        self.gone.add(id(posting))

    # --- halves

    def join_halves(self) -> None:
        """Join what one sender posted in pieces that are in no thread together."""
        groups: dict[tuple[str, str, int], list[Posting]] = {}
        for posting in self.left():
            if posting.total is not None and posting.sender:
                key = (posting.label, posting.sender, posting.total)
                groups.setdefault(key, []).append(posting)
        for group in groups.values():
            group.sort(key=self.when)
            kept: list[Posting] = []
            for posting in group:
                half = next((each for each in kept[-_NEAR:] if self.halves(each, posting)), None)
                if half is None:
                    kept.append(posting)
                else:
                    self.join(half, posting, "placed by its number, revision and sender")

    def halves(self, one: Posting, two: Posting) -> bool:
        return (
            self.when(two) - self.when(one) <= _DAY
            and not (one.covers and two.covers)
            and not (one.complete and two.complete)
            and not (one.complete and one.covers)
            and one.numbers.keys().isdisjoint(two.numbers)
        )

    def join(self, into: Posting, posting: Posting, how: str) -> None:
        for at in posting.mails:
            mail = self.pile[at]
            name = f"{mail.prefix.number}/{mail.prefix.total} {mail.title!r}"
            into.notes.append(f"{name} is in no thread with the others; {how}")
        into.join(posting)
        self.absorb(into, posting)

    def join_senders(self) -> None:
        """Join lone patches of several authors, as ``b4 am`` writes them.

        Their headers name the authors, and no mail answers another. That they were sent
        together is seen from the stamp and the host in their Message-IDs.
        """
        groups: dict[tuple[str, int, str, str], list[Posting]] = {}
        for posting in self.left():
            mail = self.pile[posting.mails[0]]
            stamp = _STAMP.search(mail.message_id or "")
            lone = not any(self.pile[at].parents for at in posting.mails)
            if posting.total is not None and not posting.complete and stamp and lone:
                host = (mail.message_id or "").rpartition("@")[2]
                key = (posting.label, posting.total, stamp[0], host)
                groups.setdefault(key, []).append(posting)
        for first, *others in groups.values():
            numbers = [number for each in (first, *others) for number in each.numbers]
            if len(set(numbers)) == len(numbers):
                for posting in others:
                    self.join(first, posting, "placed by its number, revision and Message-ID")

    # --- patches sent anew

    def replace(self, posting: Posting) -> None:
        """Put the patches of a partial reroll in the places of those they replace."""
        if posting.covers or (posting.complete and len(posting.patches) > 1) or not posting.sender:
            return
        answered = [self.replaced(posting, at) for at in posting.patches]
        if None in answered or not answered or len({id(each[0]) for each in answered if each}) > 1:
            return
        for at, place in zip(posting.patches, answered, strict=True):
            if place is None:
                continue
            base, number = place
            mail, old = self.pile[at], base.numbers.get(number)
            label = posting.label if posting.label != base.label else "a new version"
            how = f"{label} of patch {number}/{base.total}, <{mail.message_id}>"
            if old is None:
                base.add(at, number)
                base.notes.append(f"{how}: no {base.label} of it is there")
            else:
                base.replace(old, at, number, f"replaced by {how}")
                base.notes.append(f"{how}, replaces <{self.pile[old].message_id}>")
            if posting.label != base.label:
                base.rerolls.append(posting.label)
            base.notes += posting.notes
            base.dropped += posting.dropped
            self.absorb(base, posting)

    def replaced(self, posting: Posting, at: int) -> tuple[Posting, int] | None:
        """The posting and number that a patch sent alone replaces a patch of."""
        mail = self.pile[at]
        for up in self.above(at):
            base = self.home.get(up)
            if base is None or base is posting or not self.later(posting, base, at, up):
                continue
            number = self.number_in(base, up)
            same = number is not None and (
                mail.prefix.number == number
                or (mail.title == self.pile[up].title and mail.sender == self.pile[up].sender)
            )
            if same and number is not None:
                return base, number
            if mail.prefix.point and base.total == posting.total and mail.prefix.number:
                return base, mail.prefix.number
            return None
        if mail.prefix.point and mail.prefix.number:
            key = (posting.label.partition(".")[0], posting.sender, posting.total)
            base = self.senders.get(key)
            return (base, mail.prefix.number) if base is not None else None
        return None

    def later(self, posting: Posting, base: Posting, at: int, up: int) -> bool:
        """Whether *posting* is of a later revision than *base*, which has several patches.

        A patch without its ``vN`` is, if it has the title of the one that it answers.
        """
        mail, answered = self.pile[at], self.pile[up]
        anew = mail.title == answered.title and answered.diff and mail.when > answered.when
        if not mail.prefix.stated and anew:
            return len(base.patches) > 1
        return len(base.patches) > 1 and _version(posting) > _version(base)

    def above(self, at: int) -> Iterator[int]:
        """The mails that mail *at* answers, nearest first."""
        seen = {at}
        up = self.threads.parent(at)
        while up is not None and up not in seen and len(seen) < _NEAR:
            yield up
            seen.add(up)
            up = self.threads.parent(up)

    def number_in(self, base: Posting, at: int) -> int | None:
        """The number of a mail in *base*, or of the one that it replaced there."""
        number = self.pile[at].prefix.number
        if number is not None:
            return number or None
        return next((number for number, mail in base.numbers.items() if mail == at), None)

    # --- the same again

    def send_again(self) -> None:
        """Drop what was sent a second time, marked RESEND."""
        latest: dict[tuple[str, str, tuple[str, ...]], Posting] = {}
        for posting in sorted(self.left(), key=self.when):
            self.one_of_each(posting)
            titles = tuple(sorted(self.pile[at].title for at in posting.patches))
            key = (posting.label, posting.sender, titles)
            first = latest.get(key)
            resent = all(self.pile[at].prefix.resent for at in posting.mails)
            if first is not None and titles and resent:
                self.drop_first(first, posting, "sent again,")
            latest[key] = posting

    def drop_first(self, first: Posting, again: Posting, how: str) -> None:
        """Let *again* take the place of the posting that was sent before."""
        name = self.pile[again.mails[0]].message_id
        again.dropped += [(at, f"{how} as <{name}>") for at in first.mails]
        again.dropped += first.dropped
        self.absorb(again, first)

    def one_of_each(self, posting: Posting) -> None:
        """Of a patch that is in a posting twice, keep the one marked RESEND."""
        if len(posting.numbers) == len(posting.patches):
            return
        last: dict[int, int] = {}
        for at in list(posting.patches):
            mail = self.pile[at]
            number = mail.prefix.number
            before = last.get(number) if number is not None else None
            if before is not None and mail.prefix.resent:
                posting.patches.remove(at)
                posting.replace(before, at, number, f"sent again, as <{mail.message_id}>")
            if number is not None:
                last[number] = at

    def find_cover(self, posting: Posting) -> None:
        """Take for the cover letter what bears no number, but is what all patches answer."""
        above = {self.threads.parent(at) for at in posting.patches}.difference(posting.patches)
        up = above.pop() if len(above) == 1 and not posting.covers else None
        if up is None or up in self.home or self.pile[up].prefix.reply:
            return
        if self.pile[up].sender == posting.sender or self.pile[up].prefix.patch:
            posting.covers.append(up)
            self.home[up] = posting
            if self.pile[up].title:
                posting.notes.append(f"the cover letter bears no number: {self.pile[up].title!r}")

    def look_aside(self, posting: Posting) -> None:
        """Mark a lone patch without a number that answers somebody's mail.

        Not one of the title of what it answers: that is another revision, if it is stated or
        there is no more than one patch.
        """
        first = posting.mails[0]
        up = self.threads.parent(first)
        if len(posting.mails) != 1 or posting.total is not None or up is None:
            return
        mail = self.pile[first]
        named = next((at for at in self.above(first) if at in self.home), None)
        base = self.home[named] if named is not None else None
        several = base is not None and len(base.patches) > 1 and not mail.prefix.stated
        posting.aside = several or self.pile[up].title != mail.title


def _version(posting: Posting) -> list[int]:
    return [int(part) for part in posting.label[1:].split(".")]
