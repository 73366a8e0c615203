# SPDX-License-Identifier: GPL-2.0-or-later
"""Huge pages in a guest that its balloon has fragmented: compaction makes room for them.

This is what movable balloon pages are for: "an effective way of achieving huge pages in a guest
that is under memory balloon's pressure" (cover letter of v8, 2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.workloads import FRAGMENTS, HUGE_MIB

if TYPE_CHECKING:
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workloads import Workload

pytestmark = [
    # A write to compact_memory leaves skip bits and cached scanner positions behind, on which
    # compaction on behalf of a page fault then gives up (update_pageblock_skip()).
    pytest.mark.fresh_guest,
    pytest.mark.needs(
        "balloon",
        "thp",
        "movable-balloon",
        "role:moved",
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
    """With balloon pages all over memory, faults get huge pages, but only if they compact.

    There is no second test with migration that fails: on 6.12.117 one of three runs of it had a
    page fault that was still in compact_zone() after six minutes. Why is not known.
    """
    workload.scatter_balloon(balloon)
    free = workload.free_huge()
    asked = free + FRAGMENTS.beyond
    with vmstat.delta("mapping huge pages without compaction") as without:
        workload.map_huge(asked * HUGE_MIB, compact=False)
    with vmstat.delta("mapping huge pages with compaction") as delta:
        workload.map_huge(asked * HUGE_MIB)
    figures["huge_pages_free"] = free
    figures["huge_pages_asked"] = asked
    figures["huge_pages_without_compaction"] = without["thp_fault_alloc"]
    figures["huge_pages_with_compaction"] = delta["thp_fault_alloc"]
    # kcompactd may wake at any time and move a page; a fault must not have compacted.
    without.check(
        "thp_fault_fallback >= 0.9 * beyond",
        "compact_stall == 0",
        beyond=FRAGMENTS.beyond,
    )
    delta.check(
        "thp_fault_alloc >= free + 0.8 * beyond",
        "thp_fault_alloc > thp_fault_fallback",
        "compact_success > 0",
        "moved > 0",
        free=free,
        beyond=FRAGMENTS.beyond,
    )
