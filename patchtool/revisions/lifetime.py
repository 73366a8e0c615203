# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a series, as one value: what ``revisions --all --json`` prints.

Postings are named by their index, from 0, as one revision may have been posted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from patchtool.revisions.pair import Change, PairKind  # noqa: TC001 (pydantic reads these)
from patchtool.revisions.record import Posted  # noqa: TC001
from patchtool.revisions.remark import OPEN, Answer, Remark, Verdict

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Step:
    """What a later posting made of a remark.

    Attributes:
        posting: Index of the posting.
        verdict: What came of the remark there.
        change: What became of its place there.
        evidence: What the verdict rests on, a sentence each.
    """

    posting: int
    verdict: Verdict
    change: Change
    evidence: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return self.verdict in OPEN


@dataclass(frozen=True, slots=True)
class Mention:
    """A time at which something was said.

    Attributes:
        posting: Index of the posting it was said about.
        remark: What was said.
        answers: What was said to it, oldest first.
    """

    posting: int
    remark: Remark
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: a remark, from its mail to the posting that settled it.

    Attributes:
        mentions: When it was said: first, and again about later postings.
        steps: What later postings made of it, up to the first after which it is not open; none
            where the last posting is what it was said about.
        answered_after: Seconds from the remark to the author's first word on it; None where
            there is none, or a mail has no date.
    """

    mentions: tuple[Mention, ...]
    steps: tuple[Step, ...] = ()
    answered_after: int | None = None

    @property
    def remark(self) -> Remark:
        """As it was said first."""
        return self.mentions[0].remark

    @property
    def asks(self) -> bool:
        """Whether anything came of it but that nothing was asked."""
        if not self.steps:
            return self.remark.asks_change
        return any(step.verdict is not Verdict.NOTHING_ASKED for step in self.steps)

    @property
    def open(self) -> bool:
        """Whether it is open after the last posting that could settle it."""
        return bool(self.steps) and self.steps[-1].open

    @property
    def is_to_look_at(self) -> bool:
        """Whether its lines changed, and nothing shows in which sense."""
        return bool(self.steps) and self.steps[-1].verdict is Verdict.LOOK

    @property
    def settled_in(self) -> int | None:
        """Index of the posting that settled it; None where none is known to have done so."""
        if not self.steps or self.open or self.is_to_look_at:
            return None
        return self.steps[-1].posting

    def is_open_in(self, posting: int) -> bool:
        """Whether it is open after a posting."""
        here = [step for step in self.steps if step.posting <= posting]
        return bool(here) and here[-1].open and posting >= here[-1].posting


@dataclass(frozen=True, slots=True)
class Cell:
    """A patch in one posting.

    Attributes:
        number: Its number there.
        kind: How it came from the posting before; None where it was not in that one.
        requests: How many remarks that ask for something were made on it there.
        open: How many remarks on it in earlier postings were open after this one.
    """

    number: int
    kind: PairKind | None
    requests: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A patch through all postings.

    Attributes:
        subject: As it was last.
        cells: One for each posting; None where it is not in that one.
    """

    subject: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """One posting in figures.

    Attributes:
        remarks: How many were made on it.
        requests: How many of those ask for something.
        again: How many of those were made on an earlier posting already.
        settled: How many it settled.
        open: How many were open after it.
        answered_after: Median of the seconds that the author took to answer; None without any.
    """

    remarks: int
    requests: int
    again: int
    settled: int
    open: int
    answered_after: int | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A series from its first posting to its last.

    Attributes:
        tool_version: Of patchtool.
        postings: In order.
        sums: One for each posting.
        rows: The patches, in the order of the last posting that has them.
        ledger: Every remark, in the order in which they were made.
        notes: What a reader has to know, a sentence each.
        schema_version: Of this value.
    """

    tool_version: str
    postings: tuple[Posted, ...]
    sums: tuple[Sum, ...]
    rows: tuple[Row, ...]
    ledger: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    schema_version: Literal[1] = SCHEMA_VERSION

    @property
    def names(self) -> tuple[str, ...]:
        """``v1``, ``v2``; a second posting of one revision is ``v2 again``."""
        found: list[str] = []
        for each in self.postings:
            name = f"v{each.revision}"
            if each.message_id is None and name in found:
                name = "not posted yet"
            while name in found:
                name += " again"
            found.append(name)
        return tuple(found)

    @property
    def good(self) -> bool:
        """Whether nothing is open."""
        return not any(entry.open for entry in self.ledger)


def to_json(life: Life) -> str:
    """The value as JSON."""
    return TypeAdapter(Life).dump_json(life, indent=1).decode()


def schema() -> dict[str, Any]:
    """The JSON schema of what ``revisions --all --json`` prints."""
    return TypeAdapter(Life).json_schema(mode="serialization")
