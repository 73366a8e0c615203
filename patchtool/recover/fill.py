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
from patchtool.recover.evidence import PROOF_BITS, BlobHash, evidence, most_candidates
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
#: An alternative within so many bits of the likeliest is listed as open.
_OPEN = 6.0


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
        tried: How many candidates were hashed.
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
    structures: Sequence[Structure], donors: Donors, *, budget: int = BUDGET, before: int = 0
) -> Filled:
    """Find the new file that has the blob hash of the index line.

    Args:
        structures: Readings of one file diff, likeliest first; at least one.
        donors: Lines known from elsewhere.
        budget: Candidates to try at most. One with more than 32 KiB to hash counts for more.
        before: Candidates that were tried earlier; they weaken the evidence as well.
    """
    wanted = structures[0].new_blob
    if structures[0].base is None:
        return _unproved(Draft(sheet_of(structures[0], donors)), structures[0], 0,
                         "the base file is missing")  # fmt: skip
    if wanted is None or not wanted.strip("0"):
        return _unproved(Draft(sheet_of(structures[0], donors)), structures[0], 0,
                         "no blob hash of the new file")  # fmt: skip
    most = most_candidates(len(wanted))
    spent, tried = 0.0, before
    first: tuple[Draft, Structure] | None = None
    hashes: dict[int, BlobHash] = {}
    for structure, draft, deviations, decoded in _joint(_readings(structures, donors), donors):
        spent += _DECODING * decoded
        first = first or (draft, structure)
        if id(draft) not in hashes:
            hashes[id(draft)] = BlobHash(draft.shared, wanted)
        blob = hashes[id(draft)]
        changed = draft.written(deviations)
        rest = draft.rest(changed)
        tried += 1
        if blob.matches(rest):
            return _agreeing(draft, structure, changed, draft.shared + rest, tried)
        spent += 1.0 + len(rest) / _UNIT + len(changed) / 8
        if spent >= budget or tried >= most:
            break
    assert first is not None
    return _unproved(*first, tried, f"none of {tried} candidates has hash {wanted}")


def _readings(
    structures: Sequence[Structure], donors: Donors
) -> list[tuple[float, Structure, Style | None]]:
    """Every structure with every style its file may have, and what it costs in bits."""
    found: list[tuple[float, Structure, Style | None]] = []
    for structure in structures:
        if structure.base:
            own = style_of(structure.base.split(b"\n"))
            found.append((structure.cost, structure, own))
            found.append((structure.cost + 6.0, structure, Style(own.step, tabs=not own.tabs)))
            continue
        known = [line for text in donors.texts if text for line in text.split(b"\n")]
        likely = style_of(known) if known else None
        for style, cost in STYLES:
            bits = cost if likely is None else 0.1 if style == likely else cost + 4.0
            found.append((structure.cost + bits, structure, style))
    return found


def _joint(
    readings: Sequence[tuple[float, Structure, Style | None]], donors: Donors
) -> Iterator[tuple[Structure, Draft, tuple[Deviation, ...], int]]:
    """Every choice of every reading, cheapest first; and how many lines were decoded for it."""
    order = itertools.count()
    sources = [_Source(*reading) for reading in sorted(readings, key=itemgetter(0))]
    queue: list[tuple[float, int, _Source, tuple[Deviation, ...] | None]] = [
        (0.0, next(order), sources[0], None)
    ]
    drafts = decoded = 0
    while queue:
        _, _, source, deviations = heapq.heappop(queue)
        if deviations is None:
            source.begin(donors)
            decoded += source.draft.decoded
            if source is sources[0]:  # the others' white space is taken to cost as much
                blanks = source.draft.least
                for other in sources[1:]:
                    heapq.heappush(queue, (other.cost + blanks, next(order), other, None))
        elif len(deviations) == 1 or source.followed.isdisjoint(deviations):
            yield source.structure, source.draft, deviations, decoded
            decoded = 0
            if len(deviations) == 1 and drafts < _BRANCHES:
                drafts += 1
                branch, lines = source.branch(deviations[0])
                decoded += lines
                if branch is not None:
                    following = branch.following()
                    assert following is not None
                    heapq.heappush(queue, (following[0], next(order), branch, following[1]))
        following = source.following()
        if following is not None:
            heapq.heappush(queue, (following[0], next(order), source, following[1]))


class _Source:
    """The choices of one draft."""

    def __init__(self, cost: float, structure: Structure, style: Style | None) -> None:
        self.cost = cost
        self.structure = structure
        self.style = style
        self.followed: set[Deviation] = set()  # further choices are made in the draft behind

    def begin(self, donors: Donors) -> None:
        self.use(Draft(sheet_of(self.structure, donors, self.style)))

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
        found = _Source(self.cost, self.structure, self.style)
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
