# SPDX-License-Identifier: GPL-2.0-or-later
"""Whoever has memory moved, balloon pages move with it, and the balloon keeps its size.

putback_movable_pages(), which gives a balloon back what did not move, is reached from each of
these. Page faults are in test_huge_pages.py, memory that goes offline in test_memory_nodes.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB
from patchtool.testing.workloads import LAYOUT, Fragments

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.guest.session import Guest
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workloads import Workload

#: Pages of the balloon lie all over memory, so that no huge page is free where it is.
FRAGMENTS = Fragments(balloon_mib=16, every=8, beyond=20)
PAGES = FRAGMENTS.balloon_mib * PAGES_PER_MIB
AREA_MIB = 64
AREAS = "/sys/kernel/debug/cma"
#: 4.1 has them beside an area's folder, later kernels in it.
COMMANDS = ("alloc", "free")
NODE = "/sys/devices/system/node/node0/compact"
HUGE_PAGES = "/proc/sys/vm/nr_hugepages"
#: The first huge page that is not to be had ends a reservation, so it is asked for again.
TRIES = 5

pytestmark = [
    pytest.mark.guest_spec(memory_mib=256),
    pytest.mark.needs("balloon", "movable-balloon", "role:moved"),
]


@pytest.mark.fresh_guest  # compaction on request leaves skip bits behind
@pytest.mark.needs("hugetlb", "counter:compact_success", "counter:htlb_buddy_alloc_success")
def test_reserved_huge_pages(
    guest: Guest,
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """More huge pages are reserved than are free: for the others, balloon pages move."""
    workload.scatter_balloon(balloon, FRAGMENTS)
    free = workload.free_huge()
    asked, got = free + FRAGMENTS.beyond, 0
    with vmstat.delta("reserving huge pages") as delta:
        for _ in range(TRIES):
            if got < asked:
                guest.call("write_file", path=HUGE_PAGES, text=str(asked))
                got = int(guest.call("read_file", path=HUGE_PAGES))
    guest.call("write_file", path=HUGE_PAGES, text="0")
    figures.update(huge_pages_free=free, huge_pages_asked=asked, huge_pages_reserved=got)
    delta.check(
        "got > free",
        "htlb_buddy_alloc_success == got",
        "compact_success > 0",
        "moved > 0",
        "pages_afterwards == pages",
        got=got,
        free=free,
        pages=PAGES,
        pages_afterwards=balloon.pages,
    )


def compact_all(workload: Workload) -> None:
    """As the cover letters did, with one writer."""
    workload.compact(writers=1)


def compact_node(workload: Workload) -> None:
    """Linux kernel commit ed4a6d7f0676 "mm: compaction: add /sys trigger" (in v2.6.35)."""
    workload.guest.call("write_file", path=NODE, text="1")


@pytest.mark.parametrize(
    "compact", [compact_all, pytest.param(compact_node, marks=pytest.mark.needs("node-compaction"))]
)
def test_compaction_on_request(
    compact: Callable[[Workload], None],
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """Compaction of all memory, and of one node, moves a balloon that is in the way."""
    workload.place_balloon(balloon, FRAGMENTS.balloon_mib)
    with vmstat.delta(compact.__name__) as delta:
        compact(workload)
    figures["moved_share"] = round(delta["moved"] / PAGES, 3)
    delta.check(
        "moved >= 0.5 * pages",
        "pages_afterwards == pages",
        pages=PAGES,
        pages_afterwards=balloon.pages,
    )


@pytest.mark.guest_spec(memory_mib=256, append=(f"cma={AREA_MIB}M",))
@pytest.mark.needs("cma-debug", "balloon-flag")
def test_contiguous_area(
    guest: Guest,
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """All of a contiguous area is allocated: the balloon pages in it move out.

    The allocator gives from the area when little else is free, so memory is filled meanwhile.
    """
    names = guest.call("list_dir", path=AREAS)
    [name] = set(names) - set(COMMANDS)
    first = int(guest.call("read_file", path=f"{AREAS}/{name}/base_pfn")) // PAGES_PER_MIB
    alloc, free = (f"{AREAS}/{c if c in names else f'{name}/{c}'}" for c in COMMANDS)

    def in_area() -> int:
        return sum(workload.balloon_frames(1)["histogram"][first : first + AREA_MIB])

    workload.settle()
    workload.drop_caches()
    filled = workload.fill(LAYOUT.reserve_mib)
    balloon.resize(FRAGMENTS.balloon_mib)
    filled.release()
    before = in_area()
    count = str(AREA_MIB * PAGES_PER_MIB)
    with vmstat.delta("allocation of the area") as delta:
        guest.call("write_file", path=alloc, text=count)
    after = in_area()
    guest.call("write_file", path=free, text=count)
    figures.update(pages_in_area=before)
    delta.check(
        "before > 0",
        "after == 0",
        "moved >= before",
        "pages_afterwards == pages",
        before=before,
        after=after,
        pages=PAGES,
        pages_afterwards=balloon.pages,
    )
