# SPDX-License-Identifier: GPL-2.0-or-later
"""Fills in the white space of added lines until the new file has the hash of its index line.

Another choice in one place is joined with other choices in order of their common cost. What
follows it, such as the rows below that go to its column, moves with it. Where other lines become
likely to follow something else, it is also tried in a draft of its own, with these weighed anew.
"""

from __future__ import annotations

import heapq
import itertools
import math
import re
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import PlainSerializer

from patchtool.core.columns import padding
from patchtool.recover.draft import Draft
from patchtool.recover.fragment import is_hash
from patchtool.recover.sheet import STYLES, Donors, Style, sheet_of, style_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.recover.structure import Deviation, Structure

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
#: An alternative within so many bits of the likeliest is listed as open.
_OPEN = 6.0
#: Bits that must be left for a proof: less than one false proof is then to be expected in 4096
#: files whose right bytes are not among the candidates.
PROOF_BITS = 12.0
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?')
_WIDE = re.compile(rb"[ \t]{2,}|\t")
#: Bytes of a file, as text in JSON.
Text = Annotated[bytes, PlainSerializer(lambda text: text.decode("utf-8", "replace"), str, "json")]


def evidence(digits: int, tried: int) -> float:
    """Bits of evidence of a hash of so many hex digits that the last of *tried* candidates has.

    Contents that differ are counted; the same one again is no further chance.
    """
    return 4.0 * digits - math.log2(max(1, tried))


def most_candidates(digits: int) -> int:
    """How many candidates may be tried so that the last one would still be proved."""
    return int(2 ** max(0.0, 4 * digits - PROOF_BITS))


@dataclass(frozen=True, slots=True)
class Open:
    """A place where *others* than the *chosen* blanks are possible, likeliest first.

    *line* is of the new file, from 1; gap 0 is in front of its first word. The kind is
    ``indentation``, ``string``, ``trailing`` (a comment), and so on.
    """

    line: int
    gap: int
    kind: str
    chosen: Text
    others: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """An added string literal, quotes included; whether it holds more than single blanks now."""

    line: int
    text: Text
    wide: bool


def literals(lines: Iterable[tuple[int, bytes]], *, proved: bool) -> tuple[Literal, ...]:
    """The literals of added *lines* (number from 1, text) whose blanks the page does not tell.

    Of a file that is *proved*, only those in which blanks were folded.
    """
    found = [
        Literal(number, match[0], bool(_WIDE.search(match[0])))
        for number, text in lines
        for match in _STRING.finditer(text)
    ]
    return tuple(one for one in found if one.wide or (not proved and b" " in one.text))


@dataclass(frozen=True, slots=True)
class Filled:
    """A file diff whose white space is filled in; the likeliest text if none has the hash.

    Attributes:
        content: The new file; None without a base.
        lines: The text of each added line, in order.
        proved: The content *agrees* with the hash, and enough bits of evidence are left.
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
    reason = "" if is_hash(wanted) else "no blob hash of the new file"
    if reason := "the base file is missing" if structures[0].base is None else reason:
        return _filled(Draft(sheet_of(structures[0], donors)), structures[0], {}, 0, reason)
    seen = set() if seen is None else seen
    spent = 0.0
    first: tuple[Draft, Structure] | None = None
    for reading, draft, deviations, weighed in _joint(
        _readings(structures, donors), donors, budget // _BRANCHING
    ):
        first = first or (draft, reading.structure)
        changed = draft.written(deviations)
        rest = draft.rest(changed)
        found = draft.blob.of(rest)
        seen.add(found)
        if found.startswith(wanted.lower()):
            return _filled(draft, reading.structure, changed, len(seen), "")
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


class _Reading(NamedTuple):
    """A structure to fill in: its cost without that, its style, and how its lists are padded."""

    cost: float
    structure: Structure
    style: Style | None
    neat: str = ""


def _readings(structures: Sequence[Structure], donors: Donors) -> list[_Reading]:
    """Every structure, and the first one with other styles and with lists that are padded."""
    first = structures[0]
    likely = [_Reading(first.cost + bits, first, style) for style, bits in _styles(first, donors)]
    habits = {padding(line) for line in donors.lent.values()}
    found = [_Reading(one.cost, one, likely[0].style) for one in structures[1:]]
    found += [
        one._replace(cost=one.cost + (_NEAT_AGAIN if how in habits else _NEAT), neat=how)
        for one in likely
        for how in ("tabs", "blanks")
    ]
    found += [one._replace(cost=one.cost + _NO_MORE * any(habits)) for one in likely]
    return sorted(found, key=itemgetter(0))


def _styles(structure: Structure, donors: Donors) -> list[tuple[Style, float]]:
    """The styles a file may have, and what each costs in bits."""
    if structure.base:
        return [(style_of(structure.base.split(b"\n")), 0.0)]
    known = [line for text in donors.texts if text for line in text.split(b"\n")]
    likely = style_of(known) if known else None
    return [
        (style, cost if likely is None else 0.1 if style == likely else cost + 4.0)
        for style, cost in STYLES
    ]


def _joint(
    readings: Sequence[_Reading], donors: Donors, most: int
) -> Iterator[tuple[_Reading, Draft, tuple[Deviation, ...], int]]:
    """Every choice of every reading, cheapest first; and how many places were weighed for it."""
    order = itertools.count()
    first = next(one for one in readings if not one.neat)
    others = [one for one in readings if one is not first]
    heap: list[tuple[float, int, _Reading, Draft | None, tuple[Deviation, ...]]]
    heap = [(0.0, next(order), first, None, ())]
    lists: set[int] = set()  # the structures with rows that may be padded
    branches = weighed = 0
    while heap:
        _, _, reading, draft, deviations = heapq.heappop(heap)
        branch = None
        if draft is None:
            if reading.neat and id(reading.structure) not in lists:
                continue
            sheet = sheet_of(reading.structure, donors, reading.style, neat=reading.neat)
            draft = Draft(sheet)
            weighed += draft.weighed
            lists |= {id(reading.structure)} if draft.sheet.lists else set()
            for other in others:  # their white space is taken to cost as much as the first one's
                heapq.heappush(heap, (other.cost + draft.least, next(order), other, None, ()))
            others = []
        elif len(deviations) < 2 or draft.followed.isdisjoint(deviations):
            if len(deviations) == 1 and branches < most:
                branch, more = draft.branch(deviations[0])
                weighed += more
                branches += branch is not None
            yield reading, draft, deviations, weighed
            weighed = 0
        for one in (draft, branch):
            if one is not None and (following := next(one.choices, None)) is not None:
                cost = reading.cost + one.cost + following[0]
                heapq.heappush(heap, (cost, next(order), reading, one, following[1]))
