# SPDX-License-Identifier: GPL-2.0-or-later
"""How likely each candidate of a place is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.recover.costs import INDENT
from patchtool.recover.gap_costs import GAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.blanks import Candidate, Rule
    from patchtool.recover.habits import Habits
    from patchtool.recover.nesting import Place

#: Alternatives that cost so many bits more than the likeliest are not tried.
_HOPELESS = 16.0
_HABITUAL = frozenset(["parenthesis", "hanging", "continuation", "inside", "case", "label"])


@dataclass(frozen=True, slots=True)
class Option:
    """An alternative of a place.

    Attributes:
        cost: How unlikely it is, in bits.
        text: Its white space while everything above is as first written.
        rule: How it is made.
    """

    cost: float
    text: bytes
    rule: Rule


def indent_signs(place: Place, candidate: Candidate, habits: Habits) -> list[str]:
    """What speaks for an indentation, as the table of costs names it."""
    kind = place.kind
    found = list(candidate.signs)
    if kind in _HABITUAL:
        found += [f"{sign}:{habits.often(kind, sign)}" for sign in candidate.signs]
    return found


def gap_signs(kind: str, candidate: Candidate, habits: Habits) -> list[str]:
    """What speaks for a gap, as the table of costs names it."""
    found = list(candidate.signs)
    if candidate.text == b" ":
        found.append(f"one:{habits.aligned(kind)}")
    else:
        found.append(("tabs:" if b"\t" in candidate.text else "blanks:") + habits.tabbed(kind))
    return found


def weigh_indents(place: Place, candidates: Sequence[Candidate], habits: Habits) -> list[Option]:
    """The alternatives in front of a line, likeliest first."""
    table = INDENT.get(place.kind, {})
    return _options(candidates, [
        sum(table.get(sign, 0.0) for sign in indent_signs(place, candidate, habits))
        for candidate in candidates
    ])  # fmt: skip


def weigh_gaps(kind: str, candidates: Sequence[Candidate], habits: Habits) -> list[Option]:
    """The alternatives of a gap, likeliest first."""
    table = GAP.get(kind, {})
    return _options(candidates, [
        sum(table.get(sign, 0.0) for sign in gap_signs(kind, candidate, habits))
        for candidate in candidates
    ])  # fmt: skip


def weigh_ends(
    kind: str, candidates: Sequence[bytes], habits: Habits, old: bytes | None
) -> list[Option]:
    """White space at the end of a line (``full``) or in an ``empty`` one: mostly none.

    Each known line of the file counts as one, against one in 1000 (250 for empty lines) of 20.
    """
    prior = 0.004 if kind == "empty" else 0.001
    share = (habits.ends[f"{kind}+"] + 20 * prior) / (habits.ends[kind] + 20)
    if old is not None and old[-1:].isspace():
        share = max(share, 0.3)
    share = min(share, 0.98)
    rest = [share / 2 ** (rank + 1) for rank in range(len(candidates))]
    rest[0] += share - sum(rest)
    options = [Option(-math.log2(1 - share), b"", ("is", b""))]
    for own, text in zip(rest, candidates, strict=True):
        options.append(Option(-math.log2(own), text, ("is", text)))
    return sorted(options, key=lambda option: option.cost)


def _options(candidates: Sequence[Candidate], weights: Sequence[float]) -> list[Option]:
    top = max(weights)
    total = top + math.log2(sum(2 ** (weight - top) for weight in weights))
    options = [
        Option(total - weight, candidate.text, candidate.rule)
        for candidate, weight in zip(candidates, weights, strict=True)
        if top - weight <= _HOPELESS
    ]
    return sorted(options, key=lambda option: option.cost)
