# SPDX-License-Identifier: GPL-2.0-or-later
"""Huge pages in a guest that its balloon has fragmented: compaction makes room for them.

This is what movable balloon pages are for: "an effective way of achieving huge pages in a guest
that is under memory balloon's pressure" (cover letter of v8, 2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.workload import FRAGMENTS, HUGE_MIB

if TYPE_CHECKING:
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workload import Workload

pytestmark = [
    # A write to compact_memory leaves skip bits and cached scanner positions behind, on which
    # compaction on behalf of a page fault then gives up (update_pageblock_skip()).
    pytest.mark.fresh_guest,
    pytest.mark.needs(
        "balloon",
        "thp",
        "config:BALLOON_COMPACTION",
        "counter:balloon_migrate",
        "counter:compact_success",
        "counter:thp_fault_alloc",
        "counter:thp_fault_fallback",
    ),
]


def test_compaction_makes_room(
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """With balloon pages all over memory, faults get huge pages that were not there before."""
    workload.scatter_balloon(balloon)
    free = workload.free_huge()
    asked = free + FRAGMENTS.beyond
    with vmstat.delta("mapping huge pages") as delta:
        workload.map_huge(asked * HUGE_MIB)
    figures["huge_pages_free"] = free
    figures["huge_pages_asked"] = asked
    figures["huge_pages_got"] = delta["thp_fault_alloc"]
    delta.check(
        "thp_fault_alloc >= free + 0.8 * beyond",
        "thp_fault_alloc > thp_fault_fallback",
        "compact_success > 0",
        "balloon_migrate > 0",
        free=free,
        beyond=FRAGMENTS.beyond,
    )


@pytest.mark.needs("fail-function:balloon_page_migrate")
def test_pinned_balloon_leaves_no_room(
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """The same with a balloon that cannot move: faults fall back, so it was the moving."""
    workload.scatter_balloon(balloon)
    free = workload.free_huge()
    with workload.failing_migration(), vmstat.delta("mapping huge pages") as delta:
        workload.map_huge((free + FRAGMENTS.beyond_pinned) * HUGE_MIB)
    figures["huge_pages_free"] = free
    figures["huge_pages_got"] = delta["thp_fault_alloc"]
    delta.check(
        "balloon_migrate == 0",
        "thp_fault_fallback >= 0.5 * beyond",
        "thp_fault_alloc <= free + 0.5 * beyond",
        free=free,
        beyond=FRAGMENTS.beyond_pinned,
    )
