# SPDX-License-Identifier: GPL-2.0-or-later
"""The claims of a cover letter as tables: set in columns, and drawn on a line. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.core.text import number
from patchtool.report.layout import Column, Heading, Sentence, Span, Table, row
from patchtool.verdict.claim_words import claimed_text, count_text, groups, hits_text, spread
from patchtool.verdict.claims import MEANING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.report.layout import Block, Row, Style
    from patchtool.run.record import ClaimResult, RunRecord
    from patchtool.verdict.claim_words import Group

_STYLES: dict[str, Style] = {
    "reproduced": "good", "within spread": "warn", "differs in one run": "warn",
    "not reproduced": "bad", "not measured": "dim",
}  # fmt: skip
#: The line that runs are drawn on, in SVG units: its ends, and the whole width.
_LEFT, _RIGHT, WIDTH = 6.0, 154.0, 160


def blocks(record: RunRecord, *, full: bool) -> Iterator[Block]:
    """Each figure beside what was measured.

    Args:
        record: The run.
        full: Also every figure that no test measured; else these are only counted.
    """
    left_out: dict[tuple[str, tuple[str, ...]], int] = {}
    shown = False
    for group in groups(record):
        if not full and not group.measured:
            key = (group.title, group.notes)
            left_out[key] = left_out.get(key, 0) + len(group.rows)
            continue
        shown = shown or group.measured
        yield Heading(f"claims: {group.title}")
        said = [group.unit, count_text(group.runs) if group.measured else ""]
        yield Sentence("; ".join(part for part in said if part), "dim")
        yield _table(group)
        yield from (Sentence(note, "warn" if group.measured else "dim") for note in group.notes)
    if shown:
        yield Sentence(MEANING, "dim")
    if left_out:
        yield Heading("claims that were not measured")
        for (title, notes), count in left_out.items():
            noun = "figure" if count == 1 else "figures"
            yield Sentence(f"{count} {noun} of {title}: {'; '.join(notes)}", "dim", hang=2)


def _table(group: Group) -> Table:
    titles = ("least", "median", "most", "hits") if group.runs > 1 else ("measured",)
    columns = [Column("figure" if group.unit else "counter", shrink="middle")]
    columns += [Column(title, right=True) for title in ("claimed", *titles)]
    return Table(tuple(columns), tuple(_row(fact, group.runs) for fact in group.rows))


def _row(fact: ClaimResult, runs: int) -> Row:
    seen = (*spread(fact), hits_text(fact)) if runs > 1 else spread(fact)[:1]
    verdict = Span(fact.verdict, _STYLES[fact.verdict])
    return row(fact.name, claimed_text(fact), *seen, note=verdict)


@dataclass(frozen=True, slots=True)
class Strip:
    """Where the claim and the runs stand on a line, in SVG units from the left.

    Attributes:
        claim: The claim.
        runs: The runs.
        title: The same, for who cannot see it.
    """

    claim: float
    runs: tuple[float, ...]
    title: str


def strip(fact: ClaimResult) -> Strip | None:
    """The line for a figure; None where there are no runs to be told apart."""
    if len(fact.measured) < 2:
        return None
    low, high = min(fact.claimed, *fact.measured), max(fact.claimed, *fact.measured)
    scale = (_RIGHT - _LEFT) / (high - low) if high > low else 0.0

    def at(value: float) -> float:
        return round(_LEFT + scale * (value - low), 1) if scale else WIDTH / 2

    return Strip(
        at(fact.claimed),
        tuple(map(at, fact.measured)),
        f"claimed {number(fact.claimed)}, measured {', '.join(map(number, fact.measured))}",
    )
