# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures of a cover letter, as a manifest holds them: ``[[claims]]`` and ``[[figures]]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from patchtool.series.terms import Counter, Figure, TestName  # noqa: TC001 (pydantic reads them)

if TYPE_CHECKING:
    from collections.abc import Iterable

Bound = Literal["exact", "at least", "at most"]

#: Counters that were renamed: Linux kernel commit 5647bc293ab1 "mm: compaction: Move migration
#: fail/success stats to migrate.c" (in v3.8). It dropped a third, compact_blocks_moved.
SUCCESSORS: Final = {
    "compact_pages_moved": "pgmigrate_success",
    "compact_pagemigrate_failed": "pgmigrate_fail",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(_Strict):
    """Deltas of counters that the cover letter gives for a balloon; tests measure them."""

    balloon_mib: int = Field(gt=0, description="size of the balloon, MiB")
    guest_mib: int = Field(gt=0, description="memory of the guest, MiB")
    writers: int = Field(default=1, ge=1, le=64, description="to compact_memory at the same time")
    passes: int = Field(default=1, ge=1, le=100, description="how often each of them writes")
    source: str = Field(description="where the figures stand")
    bound: Bound = Field(
        default="exact",
        description="whether a delta is the value, or a bound of it that every run keeps",
    )
    deltas: dict[Counter, int] = Field(description="counter, and by how much it grew")

    @property
    def setting(self) -> str:
        """Short, for the name of a test: ``64-in-2048-1x6``."""
        return f"{self.balloon_mib}-in-{self.guest_mib}-{self.passes}x{self.writers}"


class Figures(_Strict):
    """Other figures that the cover letter gives; the report says which were measured."""

    procedure: str = Field(min_length=1, description="how they were measured")
    source: str = Field(min_length=1, description="where they stand")
    unit: str = Field(min_length=1, description="of every figure here: percent, seconds, MiB")
    bound: Bound = Field(
        default="exact", description="whether a figure is the value, or a bound of it"
    )
    measured_by: TestName | None = Field(
        default=None,
        description="test that measures them, as figures of its own or as deltas of counters",
    )
    base: dict[Figure, FiniteFloat] = Field(
        default_factory=dict, description="without the series, where that was measured"
    )
    patched: dict[Figure, FiniteFloat] = Field(min_length=1, description="with the series")


def counters(claims: Iterable[Claim], figures: Iterable[Figures]) -> tuple[str, ...]:
    """Names in ``/proc/vmstat`` that may be asked for, those of renamed counters among them."""
    named = [name for claim in claims for name in claim.deltas]
    named += [name for entry in figures if entry.measured_by for name in entry.patched]
    named += [SUCCESSORS[name] for name in named if name in SUCCESSORS]
    return tuple(dict.fromkeys(named))
