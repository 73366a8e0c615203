# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mails of a pile were posted together. Pure; envelopes in, places in the pile out.

A posting is a cover letter and its patches, or patches alone. They belong together when they
are in one thread, have the same revision and count to the same total. Where threads are
broken, what fits by sender, revision, total and free number is joined, and that is noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.series.posting import slips
from patchtool.series.posting.broken import repair
from patchtool.series.posting.postings import Posting
from patchtool.series.posting.together import apply_together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchtool.series.envelope import Envelope
    from patchtool.series.file_diff import FileDiff
    from patchtool.series.mail import Mail
    from patchtool.series.posting.postings import Threads

_TOGETHER = 3600  # seconds between patches without numbers that were sent together
_NEAR = 20  # postings of one revision in one thread that are looked at


def gather(
    pile: Sequence[Envelope], threads: Threads, load: Callable[[int], Mail] | None
) -> tuple[list[Posting], dict[int, Posting]]:
    """The postings in *pile* in the order of their first mails, and the one each mail is in.

    Args:
        pile: Of every mail.
        threads: How they hang together.
        load: Gives the mail of a number; only of patches without numbers that were sent together,
            to see whether they apply together. None where no diff can be read.
    """
    gatherer = _Gatherer(pile, threads, load)
    gatherer.place_all()
    threads.tops.clear()
    found = repair(pile, threads, gatherer.found, gatherer.home)
    return sorted(found, key=lambda posting: min(posting.mails)), gatherer.home


class _Gatherer:
    def __init__(
        self,
        pile: Sequence[Envelope],
        threads: Threads,
        load: Callable[[int], Mail] | None,
    ) -> None:
        self.pile = pile
        self.threads = threads
        self.load = load
        self.diffs: dict[int, tuple[FileDiff, ...]] = {}
        self.found: list[Posting] = []
        self.home: dict[int, Posting] = {}
        self.by_thread: dict[tuple[str, int | str], list[Posting]] = {}
        self.unsent: dict[str, Posting] = {}
        self.over: set[int] = set()

    def place_all(self) -> None:
        posted = [
            at
            for at, mail in enumerate(self.pile)
            if not mail.prefix.reply
            and at not in self.threads.twice
            and (mail.prefix.number is not None or mail.diff)
            and not slips.reply_without_re(self.pile, self.threads, at)
        ]
        self.over = slips.covers_with_a_number(self.pile, self.threads, posted)
        for at in sorted(posted, key=self.order):
            self.place(at)

    def order(self, at: int) -> tuple[bool, int]:
        """Cover letters first, so that what answers them finds them; then by number."""
        number = self.number(at)
        return number is None, number or 0

    def number(self, at: int) -> int | None:
        """Its place in the posting: 0 for a cover letter, also where that has a patch's number."""
        return 0 if at in self.over else self.pile[at].prefix.number

    def place(self, at: int) -> None:
        """Put a patch or cover letter into its posting, or start one."""
        mail = self.pile[at]
        label = mail.prefix.label
        near: list[Posting] = []
        posting: Posting | None
        if _is_addition(mail):
            posting = Posting(label, mail.sender, None, aside=True)
            self.found.append(posting)
        elif mail.message_id is None:
            posting = self.unsent.get(label)
        else:
            below = slips.other_cover(self.pile, self.threads, at) or self.threads.top(at)
            near = self.by_thread.setdefault((label, below), [])
            posting = next((each for each in near[-_NEAR:] if self.fits(each, at)), None)
        if posting is None:
            posting = Posting(label, mail.sender if mail.message_id else "", mail.prefix.total)
            self.found.append(posting)
            near.append(posting)
            if mail.message_id is None:
                self.unsent[label] = posting
        if not posting.aside and (posting.total is None or not posting.patches):
            posting.total = mail.prefix.total  # what patches count goes before their cover letter
        posting.add(at, self.number(at))
        if at in self.over:
            posting.notes.append(
                f"the cover letter bears a patch's number, {mail.prefix.number}/{mail.prefix.total}"
            )
        self.home[at] = posting

    def fits(self, posting: Posting, at: int) -> bool:
        """Whether a mail of the same thread and revision belongs to the posting."""
        mail, up = self.pile[at], self.threads.parent(at)
        number, total = self.number(at), mail.prefix.total
        known = mail.sender == posting.sender
        above = up is not None and self.home.get(up) is posting
        if number is None:
            others = [self.pile[other] for other in posting.mails]
            anew = any(other.title == mail.title for other in others)
            together = any(abs(mail.when - other.when) <= _TOGETHER for other in others)
            fits = known and above and posting.total is None and together and not anew
            return fits and self.applies(posting, at)
        taken = posting.numbers.get(number)
        if taken is not None and not (known and self.pile[taken].title == mail.title):
            return False
        if number == 0:
            return (
                known and bool(posting.covers) and self.pile[posting.covers[0]].title == mail.title
            )
        if total == posting.total:
            beside = mail.parents[:1] == self.pile[posting.mails[0]].parents[:1] != ()
            return known or above or beside
        alone = len(posting.covers) == 1 and total is not None and total > 1
        return (
            (known or above)
            and alone
            and all(self.pile[other].prefix.total == total for other in posting.patches[-1:])
        )

    def applies(self, posting: Posting, at: int) -> bool:
        """Whether a patch applies behind those of a posting, as far as their diffs tell."""
        later = self.diff(at)
        return all(apply_together(self.diff(one), later) for one in posting.patches)

    def diff(self, at: int) -> tuple[FileDiff, ...]:
        """What a patch does, which is read once; nothing where that can't be read."""
        if at not in self.diffs:
            try:
                self.diffs[at] = self.load(at).files if self.load else ()
            except MailError:
                self.diffs[at] = ()
        return self.diffs[at]


def _is_addition(mail: Envelope) -> bool:
    """Whether it is a patch such as ``[PATCH 3/2]``, sent as one more behind a posting."""
    number, total = mail.prefix.number, mail.prefix.total
    if mail.message_id is None or number is None or total is None:
        return False
    return number > total
