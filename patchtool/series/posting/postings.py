# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mails of a pile were posted together. Pure; envelopes in, places in the pile out.

A posting is a cover letter and its patches, or patches alone. They belong together when they
are in one thread, have the same revision and count to the same total. Where threads are
broken, what fits by sender, revision, total and free number is joined, and that is noted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.series.posting.broken import repair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.series.envelope import Envelope

_NEAR = 20  # postings of one revision in one thread that are looked at


@dataclass(slots=True)
class Posting:
    """Mails posted together, by their places in the pile.

    Attributes:
        label: ``v3``, or ``v5.1``.
        sender: The address it was sent from; empty for what was never mailed.
        total: How many patches its subjects count, or None.
        covers: Its cover letter; more than one is a mistake.
        patches: The patches, in the order they came.
        numbers: The patch of each number.
        dropped: What was replaced, each with the reason.
        notes: What was read otherwise than the threads say.
        rerolls: Labels of the patches that were sent anew alone.
        aside: Whether it is one patch without a number in another posting's thread.
    """

    label: str
    sender: str
    total: int | None
    covers: list[int] = field(default_factory=list)
    patches: list[int] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    dropped: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rerolls: list[str] = field(default_factory=list)
    aside: bool = False

    @property
    def mails(self) -> list[int]:
        """Cover letter and patches."""
        return [*self.covers, *self.patches]

    @property
    def complete(self) -> bool:
        """Whether no patch is missing."""
        return self.total is None or all(n in self.numbers for n in range(1, self.total + 1))

    def add(self, at: int, number: int | None) -> None:
        """Put a mail where its number says; the first of a number stays."""
        if number == 0:
            self.covers.append(at)
            return
        self.patches.append(at)
        if number is not None:
            self.numbers.setdefault(number, at)

    def replace(self, old: int, new: int, number: int | None, reason: str) -> None:
        """Put patch *new* in the place of *old*."""
        self.patches[self.patches.index(old)] = new
        if number is not None:
            self.numbers[number] = new
        self.dropped.append((old, reason))

    def join(self, other: Posting) -> None:
        """Take over all mails of *other*."""
        self.covers += other.covers
        self.patches += other.patches
        self.numbers = {**other.numbers, **self.numbers}
        self.dropped += other.dropped
        self.notes += other.notes


class Threads:
    """How the mails of a pile hang together.

    Attributes:
        by_id: The first mail with each Message-ID.
        twice: Mails whose Message-ID another one has, and that one.
        tops: What :meth:`top` found, to find it but once.
    """

    def __init__(self, pile: Sequence[Envelope]) -> None:
        self.pile = pile
        self.by_id: dict[str, int] = {}
        self.twice: dict[int, int] = {}
        for at, mail in enumerate(pile):
            if mail.message_id is not None:
                first = self.by_id.setdefault(mail.message_id, at)
                if first != at:
                    self.twice[at] = first
        self.tops: dict[int, int] = {}

    def parent(self, at: int) -> int | None:
        """The nearest mail of the pile that mail *at* answers."""
        for name in self.pile[at].parents:
            found = self.by_id.get(name)
            if found is not None and found != at:
                return found
        return None

    def top(self, at: int) -> int | str:
        """What all mails of the thread share: its first mail, or a Message-ID that is not there."""
        way: list[int] = []
        seen: set[int] = set()
        while at not in self.tops and at not in seen:
            way.append(at)
            seen.add(at)
            parent = self.parent(at)
            if parent is None:
                break
            at = parent
        top = self.tops.get(at, at)
        self.tops.update(dict.fromkeys(way, top))
        parents = self.pile[top].parents
        return parents[-1] if parents and self.parent(top) is None else top


def gather(pile: Sequence[Envelope], threads: Threads) -> tuple[list[Posting], dict[int, Posting]]:
    """The postings in *pile* in the order of their first mails, and the one each mail is in."""
    gatherer = _Gatherer(pile, threads)
    gatherer.place_all()
    threads.tops.clear()
    found = repair(pile, threads, gatherer.found, gatherer.home)
    return sorted(found, key=lambda posting: min(posting.mails)), gatherer.home


class _Gatherer:
    def __init__(self, pile: Sequence[Envelope], threads: Threads) -> None:
        self.pile = pile
        self.threads = threads
        self.found: list[Posting] = []
        self.home: dict[int, Posting] = {}
        self.by_thread: dict[tuple[str, int | str], list[Posting]] = {}
        self.unsent: dict[str, Posting] = {}

    def place_all(self) -> None:
        posted = [
            at
            for at, mail in enumerate(self.pile)
            if not mail.prefix.reply
            and at not in self.threads.twice
            and (mail.prefix.number is not None or mail.diff)
        ]
        for at in sorted(posted, key=self.order):
            self.place(at)

    def order(self, at: int) -> tuple[bool, int]:
        """Cover letters first, so that what answers them finds them; then by number."""
        number = self.pile[at].prefix.number
        return number is None, number or 0

    def place(self, at: int) -> None:
        """Put a patch or cover letter into its posting, or start one."""
        mail = self.pile[at]
        label, near = mail.prefix.label, []
        if mail.message_id is None:
            posting = self.unsent.get(label)
        else:
            near = self.by_thread.setdefault((label, self.threads.top(at)), [])
            posting = next((each for each in near[-_NEAR:] if self.fits(each, at)), None)
        if posting is None:
            posting = Posting(label, mail.sender if mail.message_id else "", mail.prefix.total)
            self.found.append(posting)
            near.append(posting)
            if mail.message_id is None:
                self.unsent[label] = posting
        posting.add(at, mail.prefix.number)
        posting.total = posting.total or mail.prefix.total
        self.home[at] = posting

    def fits(self, posting: Posting, at: int) -> bool:
        """Whether a mail of the same thread and revision belongs to the posting."""
        mail, up = self.pile[at], self.threads.parent(at)
        number, total = mail.prefix.number, mail.prefix.total
        known = mail.sender == posting.sender
        above = up is not None and self.home.get(up) is posting
        if number is None:
            return known and above and posting.total is None
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
