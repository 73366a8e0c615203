# SPDX-License-Identifier: GPL-2.0-or-later
"""Fills in the white space of added lines until the new file has the hash of its index line."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from patchtool.recover.candidates import Deviation, in_order
from patchtool.recover.draft import Draft
from patchtool.recover.evidence import PROOF_BITS, evidence, most_candidates
from patchtool.recover.groups import padding
from patchtool.recover.literals import Literal, literals
from patchtool.recover.sheet import sheet_of
from patchtool.recover.style import STYLES, Style, style_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.recover.donors import Donors
    from patchtool.recover.values import Structure

#: Hash candidates tried for a file, so that a result does not depend on the machine's speed.
#: More found little more in what was measured.
BUDGET = 40_000
#: For the few files of one page: some seconds for the longest.
PATIENT = 160_000
#: So many bytes to hash, or eight lines to write, count as much as a candidate itself.
_UNIT = 1 << 15
#: A line whose likeliest white space is told counts as so many candidates.
_DECODING = 10.0
#: Choices at most behind which a file is written anew.
_BRANCHES = 80
#: Bits against an author who pads every list, table and macro to one column: at most one in 25
#: does so in what was measured; and one who did so elsewhere in the series.
_NEAT, _NEAT_AGAIN = 5.5, 2.0
#: An alternative within so many bits of the likeliest is listed as open.
_OPEN = 6.0
#: What it costs in bits, the lines, how its file indents, how its author pads lists.
_Reading = tuple[float, "Structure", "Style | None", str]


@dataclass(frozen=True, slots=True)
class Open:
    """A place where other white space is possible.

    Attributes:
        line: In the new file, from 1.
        gap: 0 in front of the first word, 1 behind it, and so on.
        kind: What is there: ``indentation``, ``string``, ``trailing`` (a comment), and so on.
        chosen: The white space taken.
        others: What else may stand there, likeliest first.
    """

    line: int
    gap: int
    kind: str
    chosen: bytes
    others: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A file diff whose white space is filled in.

    Attributes:
        structure: The reading that was taken.
        content: The new file; None without a base. The likeliest one if none has the hash.
        lines: The text of each added line, in order.
        proved: The content has the hash, and enough evidence is left.
        agrees: The content has the hash.
        bits: Evidence: four for each digit of the hash, less log2 of the candidates tried; 0
            if none has the hash.
        tried: How many candidates were hashed that differ.
        open: Where alternatives remain; none if proved.
        literals: Added string literals whose blanks were, or may have been, folded.
        reason: Why nothing is proved; empty if it is.
    """

    structure: Structure
    content: bytes | None
    lines: tuple[bytes, ...]
    proved: bool
    agrees: bool
    bits: float
    tried: int
    open: tuple[Open, ...]
    literals: tuple[Literal, ...]
    reason: str


def fill(
    structures: Sequence[Structure],
    donors: Donors,
    *,
    budget: int = BUDGET,
    seen: set[str] | None = None,
) -> Filled:
    """Find the new file that has the blob hash of the index line.

    Args:
        structures: Readings of one file diff, likeliest first; at least one.
        donors: Lines known from elsewhere.
        budget: Candidates to try at most. One with more than 32 KiB to hash counts for more.
        seen: Hashes of the candidates that were tried earlier; they weaken the evidence as well.
            Those tried now are added.
    """
    wanted = structures[0].new_blob
    if structures[0].base is None:
        return _unproved(Draft(sheet_of(structures[0], donors)), structures[0], 0,
                         "the base file is missing")  # fmt: skip
    if wanted is None or not wanted.strip("0"):
        return _unproved(Draft(sheet_of(structures[0], donors)), structures[0], 0,
                         "no blob hash of the new file")  # fmt: skip
    most = most_candidates(len(wanted))
    seen = set() if seen is None else seen
    spent = 0.0
    first: tuple[Draft, Structure] | None = None
    for structure, draft, deviations, decoded in _joint(_readings(structures, donors), donors):
        spent += _DECODING * decoded
        first = first or (draft, structure)
        changed = draft.written(deviations)
        rest = draft.rest(changed)
        found = draft.blob.of(rest)
        seen.add(found)
        if found.startswith(wanted.lower()):
            return _agreeing(draft, structure, changed, draft.shared + rest, len(seen))
        spent += 1.0 + len(rest) / _UNIT + len(changed) / 8
        if spent >= budget or len(seen) >= most:
            break
    assert first is not None
    return _unproved(*first, len(seen), f"none of {len(seen)} candidates has hash {wanted}")


def _readings(structures: Sequence[Structure], donors: Donors) -> list[_Reading]:
    """Every structure with every style its file may have, and what it costs in bits."""
    plain = _styled(structures, donors)
    habits = {padding(line) for line in donors.lent.values()}
    neat = [
        (bits + (_NEAT_AGAIN if how in habits else _NEAT), structure, style, how)
        for bits, structure, style, _ in plain
        for how in ("tabs", "blanks")
    ]
    return sorted([*plain, *neat], key=itemgetter(0))


def _styled(structures: Sequence[Structure], donors: Donors) -> list[_Reading]:
    found: list[_Reading] = []
    for structure in structures:
        if structure.base:
            own = style_of(structure.base.split(b"\n"))
            found.append((structure.cost, structure, own, ""))
            other = Style(own.step, tabs=not own.tabs)
            found.append((structure.cost + 6.0, structure, other, ""))
            continue
        known = [line for text in donors.texts if text for line in text.split(b"\n")]
        likely = style_of(known) if known else None
        for style, cost in STYLES:
            bits = cost if likely is None else 0.1 if style == likely else cost + 4.0
            found.append((structure.cost + bits, structure, style, ""))
    return found


def _joint(
    readings: Sequence[_Reading], donors: Donors
) -> Iterator[tuple[Structure, Draft, tuple[Deviation, ...], int]]:
    """Every choice of every reading, cheapest first; and how many lines were decoded for it."""
    queue = _Queue([_Source(*reading) for reading in readings])
    drafts = decoded = 0
    while queue.entries:
        source, deviations = queue.pop()
        if deviations is None:
            decoded += queue.begin(source, donors)
        elif len(deviations) == 1 or source.followed.isdisjoint(deviations):
            yield source.structure, source.draft, deviations, decoded
            decoded = 0
            if len(deviations) == 1 and drafts < _BRANCHES:
                drafts += 1
                branch, decoded = source.branch(deviations[0])
                if branch is not None:
                    queue.go_on(branch)
        queue.go_on(source)


class _Queue:
    """What is to be tried, cheapest first: the next choice of a draft, or a reading as a whole."""

    def __init__(self, sources: Sequence[_Source]) -> None:
        self.sources = sources
        self.order = itertools.count()
        self.entries: list[tuple[float, int, _Source, tuple[Deviation, ...] | None]] = []
        self.lists: set[int] = set()  # the structures with rows that may be padded
        self.push(0.0, sources[0], None)

    def push(self, cost: float, source: _Source, deviations: tuple[Deviation, ...] | None) -> None:
        heapq.heappush(self.entries, (cost, next(self.order), source, deviations))

    def pop(self) -> tuple[_Source, tuple[Deviation, ...] | None]:
        return heapq.heappop(self.entries)[2:]

    def go_on(self, source: _Source) -> None:
        """Queue the next choice of a draft, if it has one."""
        following = source.following()
        if following is not None:
            self.push(following[0], source, following[1])

    def begin(self, source: _Source, donors: Donors) -> int:
        """Write a reading's draft; the lines decoded. It has no choices if nothing can be padded.

        Behind the first reading the others are queued: their white space is taken to cost as much.
        """
        if source.neat and id(source.structure) not in self.lists:
            return 0
        draft = source.begin(donors)
        if source is self.sources[0]:
            for other in self.sources[1:]:
                self.push(other.cost + draft.least, other, None)
        if not source.neat and draft.lists:
            self.lists.add(id(source.structure))
        return draft.decoded


class _Source:
    """The choices of one draft."""

    def __init__(self, cost: float, structure: Structure, style: Style | None, neat: str) -> None:
        self.cost = cost
        self.structure = structure
        self.style = style
        self.neat = neat
        self.followed: set[Deviation] = set()  # further choices are made in the draft behind
        self.choices: Iterator[tuple[float, tuple[Deviation, ...]]] = iter(())

    def begin(self, donors: Donors) -> Draft:
        self.use(Draft(sheet_of(self.structure, donors, self.style, neat=self.neat)))
        return self.draft

    def use(self, draft: Draft) -> None:
        self.draft = draft
        self.choices = in_order([[one.cost for one in slot.options] for slot in draft.slots])

    def following(self) -> tuple[float, tuple[Deviation, ...]] | None:
        """The next choice, and its whole cost."""
        found = next(self.choices, None)
        return None if found is None else (self.cost + self.draft.cost + found[0], found[1])

    def branch(self, deviation: Deviation) -> tuple[_Source | None, int]:
        """The draft written anew behind a choice, and how many lines were decoded for it.

        None if it becomes no other than by the choice alone.
        """
        draft = Draft(self.draft.sheet, self.draft, deviation)
        texts = list(self.draft.texts)
        for line, text in self.draft.written([deviation]).items():
            texts[line] = text
        if draft.texts == texts:
            return None, draft.decoded
        self.followed.add(deviation)
        found = _Source(self.cost, self.structure, self.style, self.neat)
        found.use(draft)
        return found, draft.decoded


def _agreeing(
    draft: Draft, structure: Structure, changed: dict[int, bytes], content: bytes, tried: int
) -> Filled:
    bits = evidence(len(structure.new_blob or ""), tried)
    proved = bits >= PROOF_BITS
    lines = _lines(draft, changed)
    return Filled(
        structure, content, tuple(text for _, text in lines), proved, True, bits, tried,
        () if proved else _open(draft), literals(lines, proved=proved),
        "" if proved else f"the hash agrees, but only {bits:.0f} bits of evidence are left",
    )  # fmt: skip


def _unproved(draft: Draft, structure: Structure, tried: int, reason: str) -> Filled:
    lines = _lines(draft, {})
    content = None if structure.base is None else draft.shared + draft.rest({})
    return Filled(
        structure, content, tuple(text for _, text in lines), False, False, 0.0, tried,
        _open(draft), literals(lines, proved=False), reason,
    )  # fmt: skip


def _lines(draft: Draft, changed: dict[int, bytes]) -> list[tuple[int, bytes]]:
    """Number and text of each added line."""
    return [
        (line + 1, changed.get(line, draft.texts[line] or b"")) for line in draft.sheet.added
    ]  # fmt: skip


def _open(draft: Draft) -> tuple[Open, ...]:
    found = []
    for slot in draft.slots:
        best = slot.options[0]
        others = [one.text for one in slot.options[1:] if one.cost - best.cost <= _OPEN]
        if others:
            found.append(Open(slot.line + 1, slot.gap, slot.kind, best.text, tuple(others)))
    return tuple(found)
