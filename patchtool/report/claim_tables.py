# SPDX-License-Identifier: GPL-2.0-or-later
"""The claims of a cover letter as tables: grouped, set in columns, and drawn on a line. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING

from patchtool.report.layout import Column, Heading, Sentence, Span, Table, row
from patchtool.report.text import number
from patchtool.verdict.claims import MEANING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.report.layout import Block, Row, Style
    from patchtool.run.record import ClaimFacts, RunRecord

_STYLES: dict[str, Style] = {
    "reproduced": "good", "within spread": "warn", "not reproduced": "bad", "not measured": "dim",
}  # fmt: skip
_BOUNDS = {"exact": "", "at least": ">= ", "at most": "<= "}
#: The line that runs are drawn on, in SVG units: its ends, and the whole width.
_LEFT, _RIGHT, WIDTH = 6.0, 154.0, 160


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of one place in a letter.

    Attributes:
        title: Where they stand, and how they were measured there.
        unit: Their unit; what kernel they are of, where that is the base.
        runs: Runs of the test that measured them, the most of any figure.
        notes: What was different here, or why they were not measured.
        rows: The figures.
    """

    title: str
    unit: str
    runs: int
    notes: tuple[str, ...]
    rows: tuple[ClaimFacts, ...]

    @property
    def measured(self) -> bool:
        """Whether any of them was."""
        return any(fact.measured for fact in self.rows)


def groups(record: RunRecord) -> tuple[Group, ...]:
    """The claims of a record, in their order, those of one source and unit together."""
    found = []
    for _, members in groupby(
        record.claims, lambda c: (c.source, c.procedure, c.unit, c.on_base, c.balloon_mib)
    ):
        rows = tuple(members)
        first = rows[0]
        base = "of the base" if first.on_base else ""
        found.append(
            Group(
                title=": ".join(part for part in (first.source, first.procedure) if part),
                unit=", ".join(part for part in (first.unit, base) if part),
                runs=max(len(fact.measured) for fact in rows),
                notes=_notes(rows),
                rows=rows,
            )
        )
    return tuple(found)


def _notes(rows: Sequence[ClaimFacts]) -> tuple[str, ...]:
    """Each note once, with the figures it is about where it is not about all."""
    named: dict[str, list[str]] = {}
    for fact in rows:
        for note in fact.notes:
            named.setdefault(note, []).append(fact.name)
    return tuple(
        note if len(names) == len(rows) else f"{', '.join(names)}: {note}"
        for note, names in named.items()
    )


def claimed_text(fact: ClaimFacts) -> str:
    """``16384``; ``>= 100`` for a bound."""
    return _BOUNDS[fact.bound] + number(fact.claimed)


def spread(fact: ClaimFacts) -> tuple[str, str, str]:
    """Least, median (of an even number the lower) and most of the runs."""
    if not fact.measured:
        return "-", "-", "-"
    seen = fact.measured
    return number(min(seen)), number(median_low(seen)), number(max(seen))


def range_text(fact: ClaimFacts) -> str:
    """``16247 to 16550``; one figure where all runs gave the same."""
    least, _, most = spread(fact)
    return least if least == most else f"{least} to {most}"


def hits_text(fact: ClaimFacts) -> str:
    """``2/5``: two of five runs gave the figure."""
    return f"{fact.hits}/{len(fact.measured)}" if fact.measured else ""


def count_text(runs: int) -> str:
    """``1 run``, ``5 runs``."""
    return f"{runs} run{'s' if runs != 1 else ''}"


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


def _row(fact: ClaimFacts, runs: int) -> Row:
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


def strip(fact: ClaimFacts) -> Strip | None:
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
