# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that a thread lacks, and how to find them elsewhere in an archive. Pure.

A sender whose mails bear no In-Reply-To, or a wrong one, leaves a posting in several threads.
Its patches still agree in their sender, revision, total and tags, and in the days they were
sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.series.envelope import Envelope, Prefix

#: How far apart the mails of one posting are sent, in days.
WINDOW = 2
#: Largest series whose patches are searched for.
LONGEST = 999
_COUNT = re.compile(r"[0-9]+/[0-9]+")


@dataclass(frozen=True, slots=True)
class Gap:
    """A posting that is not whole.

    Attributes:
        neighbour: One of its mails: the cover letter, or the patch with the lowest number.
        numbers: The patches that are not there, in order.
    """

    neighbour: Envelope
    numbers: tuple[int, ...]

    @property
    def query(self) -> str:
        """What to ask a public-inbox server: the sender's patches of these days.

        The prefixes are those of its search page: f: (From), d: (date), s: (Subject).
        """
        day = datetime.fromtimestamp(self.neighbour.when, tz=UTC)
        first, last = (day + timedelta(days=n) for n in (-WINDOW, WINDOW))
        word = " AND s:PATCH" if "patch" in self.neighbour.prefix.tags.lower() else ""
        return f"f:{self.neighbour.sender} AND d:{first:%Y%m%d}..{last:%Y%m%d}{word}"

    @property
    def text(self) -> str:
        """The patches that are not there, as a person writes them."""
        total = self.neighbour.prefix.total
        return ", ".join(f"{number}/{total}" for number in self.numbers)


def gap_of(thread: Sequence[Envelope], message_id: str) -> Gap | None:
    """What the posting that *message_id* belongs to lacks, or None if it is whole.

    For a reply it is the posting of the nearest mail above it.
    """
    by_id = {mail.message_id: mail for mail in thread}
    named = by_id.pop(message_id, None)
    while named is not None and (named.prefix.reply or named.prefix.total is None):
        above = next((parent for parent in named.parents if parent in by_id), None)
        named = by_id.pop(above, None)
    if named is None or not named.sender or not named.when:
        return None
    total = named.prefix.total or 0
    posting = [mail for mail in thread if not mail.prefix.reply and _counts(mail, named)]
    have = {mail.prefix.number for mail in posting}
    missing = tuple(number for number in range(1, total + 1) if number not in have)
    if not missing or total > LONGEST:
        return None
    return Gap(min(posting, key=lambda mail: mail.prefix.number or 0), missing)


def strays(gap: Gap, thread: Sequence[Envelope], found: Sequence[Envelope]) -> tuple[Envelope, ...]:
    """Those of *found* that fill the gap.

    A number that two mails bear stays missing, and so does a patch that answers a mail of
    another thread: it belongs there.
    """
    ours = {mail.message_id for mail in thread}
    alike = [mail for mail in found if _alike(mail, gap.neighbour) and mail.message_id not in ours]
    ids = {mail.message_id for mail in alike if mail.prefix.number != 0} | ours
    near = {mail.message_id: mail for mail in alike if set(mail.parents[:1]) <= ids}
    taken = []
    for number in gap.numbers:
        bearing = [mail for mail in near.values() if mail.prefix.number == number]
        if len(bearing) == 1:
            taken.append(bearing[0])
    return tuple(taken)


def _counts(mail: Envelope, neighbour: Envelope) -> bool:
    """Whether both count to the same total; v5.1 of a patch counts as v5."""
    total = neighbour.prefix.total
    return _label(mail.prefix) == _label(neighbour.prefix) and mail.prefix.total == total


def _alike(mail: Envelope, neighbour: Envelope) -> bool:
    """Whether a mail may be of the posting of *neighbour*."""
    return (
        not mail.prefix.reply
        and mail.message_id is not None
        and mail.sender == neighbour.sender
        and _counts(mail, neighbour)
        and _tags(mail.prefix) == _tags(neighbour.prefix)
        and abs(mail.when - neighbour.when) <= WINDOW * 86400
    )


def _label(prefix: Prefix) -> str:
    return prefix.point.partition(".")[0] if prefix.point else str(prefix.revision)


def _tags(prefix: Prefix) -> str:
    return " ".join(_COUNT.sub(" ", prefix.tags).lower().split())
