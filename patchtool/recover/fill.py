# SPDX-License-Identifier: GPL-2.0-or-later
"""Fills in the white space of added lines until the new file has the hash of its index line.

Another choice in one place is joined with other choices in order of their common cost. What
follows it, such as the rows below that go to its column, moves with it. Where other lines become
likely to follow something else, it is also tried in a draft of its own, with these weighed anew.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.core.columns import padding
from patchtool.recover.draft import Deviation, Draft
from patchtool.recover.fragment import is_hash
from patchtool.recover.gaps import ALONE
from patchtool.recover.sheet import STYLES, Donors, Style, sheet_of, style_of
from patchtool.recover.verdict import (
    PROOF_BITS,
    Literal,
    Open,
    evidence,
    literals,
    most_candidates,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.recover.structure import Structure

#: Hash candidates tried for a file, so that a result does not depend on the machine's speed.
#: More found little more in what was measured.
BUDGET = 40_000
#: For the few files of one page: a short search first, so that a second one, with the lines of the
#: files that it proved, has most of the hash's evidence left; some seconds for the longest.
SHORT, PATIENT = 8_000, 240_000
#: So many bytes to hash, or eight lines to write, count as much as a candidate itself.
_UNIT = 1 << 15
#: A place that is weighed counts as so many candidates.
_DECODING = 1.5
#: So many candidates of the budget allow for one choice behind which a file is written anew.
_BRANCHING = 500
#: Bits against an author who pads every list, table and macro to one column: at most one in 25
#: does so in what was measured. One who did so elsewhere in the series rather does so again.
_NEAT, _NEAT_AGAIN, _NO_MORE = 5.5, 0.0, 4.0
#: Bits against a file that is indented otherwise than its lines show.
_OTHERWISE = 6.0
#: An alternative within so many bits of the likeliest is listed as open.
_OPEN = 6.0


@dataclass(frozen=True, slots=True)
class Filled:
    """A file diff whose white space is filled in.

    Attributes:
        content: The new file; None without a base. The likeliest one if none has the hash.
        lines: The text of each added line, in order.
        proved: The content has the hash, and enough evidence is left.
        agrees: The content has the hash.
        bits: Evidence of the hash; 0 if none has it.
        tried: How many candidates were hashed that differ.
        open: Where alternatives remain; none if proved.
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
        seen: Hashes of the candidates that were tried earlier; those tried now are added.
    """
    wanted = structures[0].new_blob or ""
    if structures[0].base is None or not is_hash(wanted):
        reason = (
            "no blob hash of the new file"
            if structures[0].base is not None
            else "the base file is missing"
        )
        draft = Draft(sheet_of(structures[0], donors))
        draft.frame()
        return _filled(draft, structures[0], {}, 0, reason)
    seen = set() if seen is None else seen
    spent = 0.0
    first: tuple[Draft, Structure] | None = None
    for structure, draft, deviations, weighed in _joint(
        _readings(structures, donors), donors, budget // _BRANCHING
    ):
        first = first or (draft, structure)
        changed = draft.written(deviations)
        rest = draft.rest(changed)
        found = draft.blob.of(rest)
        seen.add(found)
        if found.startswith(wanted.lower()):
            return _filled(draft, structure, changed, len(seen), "")
        spent += _DECODING * weighed + 1.0 + len(rest) / _UNIT + len(changed) / 8
        if spent >= budget or len(seen) >= most_candidates(len(wanted)):
            break
    assert first is not None
    return _filled(*first, {}, len(seen), f"none of {len(seen)} candidates has hash {wanted}")


def _filled(
    draft: Draft, structure: Structure, changed: dict[int, bytes], tried: int, reason: str
) -> Filled:
    """What became of a search; without a reason against it, the text has the hash."""
    agrees = not reason
    bits = evidence(len(structure.new_blob or ""), tried) if agrees else 0.0
    proved = agrees and bits >= PROOF_BITS
    if agrees and not proved:
        reason = f"the hash agrees, but only {bits:.0f} bits of evidence are left"
    lines = [(line + 1, changed.get(line, draft.sheet.text(line))) for line in draft.own]
    content = None if structure.base is None else draft.shared + draft.rest(changed)
    places = []
    for slot in draft.slots if not proved else ():
        best, *rest = slot.options
        others = tuple(one.text for one in rest if one.cost - best.cost <= _OPEN)
        if others:
            places.append(Open(slot.line + 1, slot.gap, slot.kind, best.text, others))
    return Filled(
        structure, content, tuple(text for _, text in lines), proved, agrees, bits, tried,
        tuple(places), literals(lines, proved=proved), reason,
    )  # fmt: skip


def in_order(costs: Sequence[Sequence[float]]) -> Iterator[tuple[float, tuple[Deviation, ...]]]:
    """Every joint choice, cheapest first: what it costs in bits, and where it deviates.

    *costs* has for each slot those of its alternatives, ascending.
    """
    slots = sorted((slot for slot, own in enumerate(costs) if len(own) > 1),
                   key=lambda slot: costs[slot][1] - costs[slot][0])  # fmt: skip
    extra = [[cost - costs[slot][0] for cost in costs[slot]] for slot in slots]
    base = sum(own[0] for own in costs if own)
    yield base, ()
    if not slots:
        return
    # A state is the deviations made, as (rank of the slot, alternative), ranks ascending.
    queue: list[tuple[float, tuple[Deviation, ...]]] = [(extra[0][1], ((0, 1),))]
    while queue:
        cost, state = heapq.heappop(queue)
        yield base + cost, tuple((slots[rank], choice) for rank, choice in state)
        rank, choice = state[-1]
        if choice + 1 < len(extra[rank]):
            more = cost - extra[rank][choice] + extra[rank][choice + 1]
            heapq.heappush(queue, (more, (*state[:-1], (rank, choice + 1))))
        if rank + 1 < len(extra):
            step = extra[rank + 1][1]
            heapq.heappush(queue, (cost + step, (*state, (rank + 1, 1))))
            if choice == 1:
                heapq.heappush(queue, (cost - extra[rank][1] + step, (*state[:-1], (rank + 1, 1))))


class _Source:
    """The choices of one draft of a reading: cost, structure, style, padding of lists.

    Behind the choices *followed* further ones are made in a draft of their own.
    """

    draft: Draft

    def __init__(self, cost: float, structure: Structure, style: Style | None, neat: str) -> None:
        self.cost, self.structure, self.style, self.neat = cost, structure, style, neat
        self.followed: set[Deviation] = set()
        self.choices: Iterator[tuple[float, tuple[Deviation, ...]]] = iter(())

    def begin(self, donors: Donors) -> int:
        """Write the draft of the reading; the places that were weighed for it."""
        return self.use(Draft(sheet_of(self.structure, donors, self.style, neat=self.neat)))

    def use(self, draft: Draft) -> int:
        """Take the choices of *draft*; the places that were weighed for it."""
        self.draft = draft
        draft.frame()
        self.choices = in_order([[one.cost for one in slot.options] for slot in draft.slots])
        return draft.weighed

    def branch(self, deviation: Deviation) -> tuple[_Source | None, int]:
        """The draft written anew behind a choice, if it differs; the places weighed for it."""
        if self.draft.slots[deviation[0]].kind in ALONE:
            return None, 0
        draft = Draft(self.draft.sheet, self.draft, deviation)
        moves, more = draft.moved(self.draft, self.draft.slots[deviation[0]].kind)
        self.draft.moves[deviation] = moves
        if not more:
            return None, draft.weighed
        if not moves:
            self.followed.add(deviation)
        found = _Source(self.cost, self.structure, self.style, self.neat)
        return found, found.use(draft)


def _readings(structures: Sequence[Structure], donors: Donors) -> list[_Source]:
    """Every structure, and the first one with other styles and with lists that are padded."""
    likely = [
        _Source(structures[0].cost + bits, structures[0], style, "")
        for style, bits in _styles(structures[0], donors)
    ]
    found = [_Source(one.cost, one, likely[0].style, "") for one in structures[1:]]
    habits = {padding(line) for line in donors.lent.values()}
    found += [
        _Source(one.cost + (_NEAT_AGAIN if how in habits else _NEAT), one.structure, one.style, how)
        for one in likely
        for how in ("tabs", "blanks")
    ]
    for one in likely:
        one.cost += _NO_MORE * any(habits)
    return sorted(found + likely, key=lambda one: one.cost)


def _styles(structure: Structure, donors: Donors) -> list[tuple[Style, float]]:
    """The styles a file may have, and what each costs in bits."""
    if structure.base:
        own = style_of(structure.base.split(b"\n"))
        return [(own, 0.0), (replace(own, tabs=not own.tabs), _OTHERWISE)]
    known = [line for text in donors.texts if text for line in text.split(b"\n")]
    likely = style_of(known) if known else None
    return [
        (style, cost if likely is None else 0.1 if style == likely else cost + 4.0)
        for style, cost in STYLES
    ]


def _joint(
    sources: Sequence[_Source], donors: Donors, most: int
) -> Iterator[tuple[Structure, Draft, tuple[Deviation, ...], int]]:
    """Every choice of every reading, cheapest first; and how many places were weighed for it."""
    # The white space of a reading that was not begun is taken to cost as much as the first one's.
    order = itertools.count()
    heap: list[tuple[float, int, _Source, tuple[Deviation, ...] | None]] = []
    first = next(one for one in sources if not one.neat)
    others = [one for one in sources if one is not first]
    heap.append((0.0, next(order), first, None))
    lists: set[int] = set()  # the structures with rows that may be padded
    branches = weighed = 0
    while heap:
        _, _, source, deviations = heapq.heappop(heap)
        going = [source]
        if deviations is None:
            if not source.neat or id(source.structure) in lists:
                weighed += source.begin(donors)
                if source.draft.sheet.lists and not source.neat:
                    lists.add(id(source.structure))
            for other in others if source is first else ():
                heapq.heappush(heap, (other.cost + source.draft.least, next(order), other, None))
        elif len(deviations) < 2 or source.followed.isdisjoint(deviations):
            if len(deviations) == 1 and branches < most:
                branch, more = source.branch(deviations[0])
                weighed += more
                branches += branch is not None
                going += [branch] if branch is not None else []
            yield source.structure, source.draft, deviations, weighed
            weighed = 0
        for one in going:
            if (following := next(one.choices, None)) is not None:
                cost = one.cost + one.draft.cost + following[0]
                heapq.heappush(heap, (cost, next(order), one, following[1]))
