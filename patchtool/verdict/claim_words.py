# SPDX-License-Identifier: GPL-2.0-or-later
"""The claims of a cover letter in words: those of one place together, each with its figures. Pure.

Findings and every format of the report say them alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING

from patchtool.core.text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.run.record import ClaimResult, RunRecord

_BOUNDS = {"exact": "", "at least": ">= ", "at most": "<= "}


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
    rows: tuple[ClaimResult, ...]

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


def _notes(rows: Sequence[ClaimResult]) -> tuple[str, ...]:
    """Each note once, with the figures it is about where it is not about all."""
    named: dict[str, list[str]] = {}
    for fact in rows:
        for note in fact.notes:
            named.setdefault(note, []).append(fact.name)
    return tuple(
        note if len(names) == len(rows) else f"{', '.join(names)}: {note}"
        for note, names in named.items()
    )


def claimed_text(fact: ClaimResult) -> str:
    """``16384``; ``>= 100`` for a bound."""
    return _BOUNDS[fact.bound] + number(fact.claimed)


def spread(fact: ClaimResult) -> tuple[str, str, str]:
    """Least, median (of an even number the lower) and most of the runs."""
    if not fact.measured:
        return "-", "-", "-"
    seen = fact.measured
    return number(min(seen)), number(median_low(seen)), number(max(seen))


def range_text(fact: ClaimResult) -> str:
    """``16247 to 16550``; one figure where all runs gave the same."""
    least, _, most = spread(fact)
    return least if least == most else f"{least} to {most}"


def hits_text(fact: ClaimResult) -> str:
    """``2/5``: two of five runs gave the figure."""
    return f"{fact.hits}/{len(fact.measured)}" if fact.measured else ""


def count_text(runs: int) -> str:
    """``1 run``, ``5 runs``."""
    return f"{runs} run{'s' if runs != 1 else ''}"
