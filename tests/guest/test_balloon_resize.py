# SPDX-License-Identifier: GPL-2.0-or-later
"""The balloon changes its size while compaction moves its pages: none is lost.

virtballoon_migratepage() gives up with -EAGAIN while the driver fills or leaks the balloon, and
balloon_page_list_dequeue() passes over isolated pages, so this is where pages would get lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workload import Workload

pytestmark = pytest.mark.needs(
    "balloon",
    "config:BALLOON_COMPACTION",
    "counter:balloon_inflate",
    "counter:balloon_deflate",
    "counter:balloon_migrate",
)

START = 64
SIZES = (16, 64, 0, 64, 32, 128, 0, 64, 0)
#: Pages that may be missing from the free ones afterwards: slab and page tables that compaction,
#: the agent and its threads left behind. It is less than any step of SIZES.
BOUND = 6 * PAGES_PER_MIB


@pytest.fixture
def resized(
    once: Callable[[object, Callable[[], Delta]], Delta],
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
) -> Delta:
    """A balloon in compaction's way, resized while that runs, up to when it is empty again.

    Facts: pages of memory (total and free) before and after, and what the balloon has at last.
    """

    def measure() -> Delta:
        workload.settle()
        workload.drop_caches()
        before = workload.memory()
        with vmstat.delta("resizing during compaction") as delta:
            filled = workload.place_balloon(balloon, START)
            with workload.compacting():
                for mib in SIZES:
                    balloon.resize(mib)
        filled.release()
        workload.drop_caches()
        after = workload.memory()
        delta.facts.update(total_before=before.total, free_before=before.free)
        delta.facts.update(total_after=after.total, free_after=after.free)
        delta.facts.update(pages_afterwards=balloon.pages)
        return delta

    return once("resized", measure)


def test_no_page_is_lost(resized: Delta, figures: dict[str, int | float | str]) -> None:
    """The balloon is empty again, all of MemTotal is back, and of MemFree all but 6 MiB."""
    facts = resized.facts
    figures["memtotal_pages_lost"] = facts["total_before"] - facts["total_after"]
    figures["memfree_pages_lost"] = facts["free_before"] - facts["free_after"]
    resized.check(
        "pages_afterwards == 0",
        "balloon_inflate == balloon_deflate",
        "balloon_migrate > 0",
        "total_after == total_before",
        "free_after >= free_before - bound",
        bound=BOUND,
    )


@pytest.mark.needs("counter:compact_balloon_isolated", "counter:compact_balloon_returned")
def test_pages_that_lose_the_race_are_returned(resized: Delta) -> None:
    """Each isolated page moved or went back, also when the driver was busy with the balloon."""
    resized.check(
        "compact_balloon_isolated == balloon_migrate + compact_balloon_returned",
        "compact_balloon_isolated > 0",
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.needs(f"counter:{name}"))
        for name in ("compact_balloon_migrated", "compact_balloon_released")
    ],
)
def test_only_moved_pages_are_counted(resized: Delta, name: str) -> None:
    """Pages that the driver took or gave back for their size's sake are not counted as moved."""
    resized.check(f"{name} == balloon_migrate")
