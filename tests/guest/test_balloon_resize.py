# SPDX-License-Identifier: GPL-2.0-or-later
"""The balloon changes its size while compaction moves its pages: none is lost.

A driver that fills or leaks the balloon either makes a migration wait (v8 of "make balloon pages
movable by compaction", by its balloon_lock) or give up (mainline, with -EAGAIN), and takes no
isolated page off its list. So this is where pages would get lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workloads import Workload

pytestmark = pytest.mark.needs("balloon", "movable-balloon", "role:moved")

START = 64
#: None is 0: a balloon that is emptied meanwhile waits for the pages that compaction holds, see
#: test_balloon_pressure.py.
SIZES = (16, 64, 8, 64, 32, 128, 8, 64, 16)
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
            balloon.deflate()
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
        "moved > 0",
        "total_after == total_before",
        "free_after >= free_before - bound",
        bound=BOUND,
    )


@pytest.mark.needs("counter:balloon_inflate", "counter:balloon_deflate")
def test_what_was_inflated_was_deflated(resized: Delta) -> None:
    """Mainline's counters agree that nothing is left in the balloon."""
    resized.check("balloon_inflate == balloon_deflate", "balloon_inflate > 0")


@pytest.mark.needs("role:isolated", "role:returned")
def test_pages_that_lose_the_race_are_returned(resized: Delta) -> None:
    """Each isolated page moved or went back, also when the driver was busy with the balloon."""
    resized.check("isolated == moved + returned", "isolated > 0")


@pytest.mark.parametrize(
    "role",
    [
        pytest.param(
            "migrated", marks=pytest.mark.needs("role:migrated", "counter:balloon_migrate")
        ),
        pytest.param("released", marks=pytest.mark.needs("role:released")),
    ],
)
def test_only_moved_pages_are_counted(resized: Delta, role: str) -> None:
    """Pages that the driver took or gave back for their size's sake are not counted as moved."""
    resized.check(f"{role} == moved")
