# SPDX-License-Identifier: GPL-2.0-or-later
"""Compaction moves a balloon's pages, and each step of it is counted.

The procedure is that of the cover letter of "make balloon pages movable by compaction", v8
(2012): a balloon of 64 or 128 MiB, and six concurrent writers to /proc/sys/vm/compact_memory.
Its figures move with the race among the writers, so what is asserted are the relations between
the counters and a lower bound.

Each test names only the roles it needs. So they also judge a kernel with a part of the series,
and a counter in a wrong place fails the test that looks at this counter alone. What the
counters are held against is the role ``moved``: mainline's balloon_migrate, where that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.test_plan import SeriesCounters
    from patchtool.testing.vmstat import Delta, Vmstat

pytestmark = pytest.mark.needs("balloon", "movable-balloon", "role:moved")

SIZES = pytest.mark.parametrize("mib", [64, 128])
ROLES = ("isolated", "migrated", "returned", "released")


@SIZES
def test_balloon_pages_move(compacted: Callable[[int], Delta], mib: int) -> None:
    """At least 90 % of the balloon's pages move, and the balloon keeps its size."""
    compacted(mib).check("moved >= 0.9 * pages", "pages_afterwards == pages")


@pytest.mark.needs("counter:pgmigrate_success", "counter:balloon_inflate")
def test_moving_is_migration_and_nothing_else(compacted: Callable[[int], Delta]) -> None:
    """Balloon pages that move are counted as migrated, not as inflated or deflated."""
    compacted(64).check(
        "pgmigrate_success >= moved",
        "balloon_inflate == 0",
        "balloon_deflate == 0",
    )


@SIZES
@pytest.mark.needs("role:isolated", "role:migrated")
def test_every_isolated_page_is_accounted_for(
    compacted: Callable[[int], Delta],
    series: SeriesCounters,
    mib: int,
    figures: dict[str, int | float | str],
) -> None:
    """The manifest's invariants hold, for at least 90 % of the balloon."""
    delta = compacted(mib)
    figures["isolated_share"] = round(delta["isolated"] / delta.facts["pages"], 3)
    figures["migrated_share"] = round(delta["migrated"] / delta.facts["pages"], 3)
    delta.check(*series.invariants, "isolated >= 0.9 * pages", "migrated >= 0.9 * pages")


@pytest.mark.needs("role:isolated")
def test_isolated_covers_what_moved(compacted: Callable[[int], Delta]) -> None:
    """A page that moved was isolated before."""
    compacted(64).check("isolated >= moved", "isolated >= 0.9 * pages")


@pytest.mark.needs("role:isolated", "counter:compact_isolated")
def test_isolated_is_part_of_all_isolated(compacted: Callable[[int], Delta]) -> None:
    """Compaction isolates no more balloon pages than pages."""
    compacted(64).check("isolated <= compact_isolated")


@pytest.mark.needs("role:isolated", "role:returned")
def test_returned_is_what_did_not_move(compacted: Callable[[int], Delta]) -> None:
    """A page that was isolated either moved or was returned."""
    compacted(64).check("isolated == moved + returned")


@pytest.mark.needs("role:migrated", "counter:balloon_migrate")
def test_migrated_is_what_moved(compacted: Callable[[int], Delta]) -> None:
    """The migrated counter follows mainline's count of migrated balloon pages."""
    compacted(64).check("migrated == balloon_migrate")


@pytest.mark.needs("role:released")
def test_released_is_what_moved(compacted: Callable[[int], Delta]) -> None:
    """Of each page that moved, the old one was released."""
    compacted(64).check("released == moved")


@pytest.mark.parametrize(
    "role",
    [pytest.param(role, marks=pytest.mark.needs(f"role:{role}")) for role in (*ROLES, "moved")],
)
def test_counter_stands_still(vmstat: Vmstat, balloon: Balloon, role: str) -> None:
    """Inflating and deflating alone moves no page, so no migration counter moves."""
    with vmstat.delta("inflation and deflation") as delta:
        balloon.resize(32)
        balloon.deflate()
    delta.check(f"{role} == 0")
