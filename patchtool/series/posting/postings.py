# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails that were posted together, and how the mails of a pile hang together. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.series.envelope import Envelope


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
        aside: Whether it is one patch, without a number of the count, in another's thread.
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

    @property
    def replaced(self) -> set[int]:
        """Patches that a changed one took the place of; tags given to them do not count."""
        return {at for at, reason in self.dropped if reason.startswith("replaced")}

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
