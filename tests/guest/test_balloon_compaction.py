# SPDX-License-Identifier: GPL-2.0-or-later
"""Compaction moves a balloon's pages, and each step of it is counted.

The procedure is that of the cover letter of "make balloon pages movable by compaction", v8
(2012): a balloon of 64 or 128 MiB, and six concurrent writers to /proc/sys/vm/compact_memory.
Its figures move with the race among the writers, so what is asserted are the relations between
the counters and a lower bound.

Each test names only the counters it needs. So they also judge a kernel with a part of the
series, and a counter in a wrong place fails the test that looks at this counter alone. What the
counters are held against is mainline's balloon_migrate, which virtballoon_migratepage() in
drivers/virtio/virtio_balloon.c counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Delta, Vmstat

pytestmark = pytest.mark.needs("balloon", "config:BALLOON_COMPACTION", "counter:balloon_migrate")

ISOLATED = "compact_balloon_isolated"
MIGRATED = "compact_balloon_migrated"
RETURNED = "compact_balloon_returned"
RELEASED = "compact_balloon_released"
SIZES = pytest.mark.parametrize("mib", [64, 128])


@SIZES
def test_balloon_pages_move(compacted: Callable[[int], Delta], mib: int) -> None:
    """At least 90 % of the balloon's pages move, and the balloon keeps its size."""
    delta = compacted(mib)
    delta.check(
        "balloon_migrate >= 0.9 * pages",
        "pgmigrate_success >= balloon_migrate",
        "balloon_inflate == 0",
        "balloon_deflate == 0",
        "pages_afterwards == pages",
    )


@SIZES
@pytest.mark.needs(*(f"counter:{name}" for name in (ISOLATED, MIGRATED, RETURNED, RELEASED)))
def test_every_isolated_page_is_accounted_for(
    compacted: Callable[[int], Delta], mib: int, figures: dict[str, int | float | str]
) -> None:
    """v8: isolated = migrated + returned, released = migrated, for at least 90 % of the balloon."""
    delta = compacted(mib)
    figures["isolated_share"] = round(delta[ISOLATED] / delta.facts["pages"], 3)
    figures["migrated_share"] = round(delta[MIGRATED] / delta.facts["pages"], 3)
    delta.check(
        f"{ISOLATED} == {MIGRATED} + {RETURNED}",
        f"{RELEASED} == {MIGRATED}",
        f"{ISOLATED} >= 0.9 * pages",
        f"{MIGRATED} >= 0.9 * pages",
    )


@pytest.mark.needs(f"counter:{ISOLATED}", "counter:compact_isolated")
def test_isolated_covers_what_moved(compacted: Callable[[int], Delta]) -> None:
    """A page that moved was isolated before, and compaction isolates no more than it says."""
    compacted(64).check(
        f"{ISOLATED} >= balloon_migrate",
        f"{ISOLATED} >= 0.9 * pages",
        f"{ISOLATED} <= compact_isolated",
    )


@pytest.mark.needs(f"counter:{ISOLATED}", f"counter:{RETURNED}")
def test_returned_is_what_did_not_move(compacted: Callable[[int], Delta]) -> None:
    """A page that was isolated either moved or was returned."""
    compacted(64).check(f"{ISOLATED} == balloon_migrate + {RETURNED}")


@pytest.mark.needs(f"counter:{MIGRATED}")
def test_migrated_is_what_moved(compacted: Callable[[int], Delta]) -> None:
    """The migrated counter follows mainline's count of migrated balloon pages."""
    compacted(64).check(f"{MIGRATED} == balloon_migrate")


@pytest.mark.needs(f"counter:{RELEASED}")
def test_released_is_what_moved(compacted: Callable[[int], Delta]) -> None:
    """Of each page that moved, the old one was released."""
    compacted(64).check(f"{RELEASED} == balloon_migrate")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.needs(f"counter:{name}"))
        for name in (ISOLATED, MIGRATED, RETURNED, RELEASED)
    ],
)
def test_counter_stands_still(vmstat: Vmstat, balloon: Balloon, name: str) -> None:
    """Inflating and deflating alone moves no page, so no migration counter moves."""
    with vmstat.delta("inflation and deflation") as delta:
        balloon.resize(32)
        balloon.deflate()
    delta.check(f"{name} == balloon_migrate", "balloon_migrate == 0")
