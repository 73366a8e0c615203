# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of zsmalloc move: the other driver whose pages do, since the balloon's are no exception.

Linux kernel commit 48b4800a1c6a "zsmalloc: page migration support" (in v4.8). No counter and no
page flag tells a page of zsmalloc from others, so what moved is told by number: one compaction
moves a page at most once, so when more pages moved than processes, files and shared memory have
in all, then the rest were zsmalloc's. There is no balloon meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.workloads import LAYOUT, LONG, PAGES_PER_MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.guest.session import Guest, Remote
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workloads import Workload

DISK_MIB = 64
#: What a page of the disk takes in memory, on average: half of them do not compress.
SHARE = 0.65
#: Every so manieth page is freed again, which leaves holes in pages that hold several.
FREED_EVERY = 5
#: Pages that compaction can move and that are not a driver's; those that are pinned stay.
OTHERS = ("nr_active_anon", "nr_inactive_anon", "nr_active_file", "nr_inactive_file")

pytestmark = [
    pytest.mark.guest_spec(memory_mib=320),
    pytest.mark.needs("zram", "function:zs_page_migrate", "counter:pgmigrate_success"),
]


@pytest.fixture
def disk(guest: Guest, balloon: Balloon, workload: Workload) -> Iterator[Remote]:
    """A zram disk, parts of it freed, whose memory lies where compaction takes pages from."""
    workload.settle()
    workload.drop_caches()
    filled = workload.fill(LAYOUT.reserve_mib)
    pages = int(DISK_MIB * PAGES_PER_MIB * SHARE)
    filled.release_lowest(pages + LAYOUT.slack_pages, LAYOUT.keep_every)
    disk = guest.new("zram.ZramDisk", timeout=LONG, mib=DISK_MIB)
    disk.call("free_every", timeout=LONG, nth=FREED_EVERY)
    filled.release_all_but_every(LAYOUT.spare_every)
    yield disk
    if guest.alive:
        disk.call("release", timeout=LONG)
        disk.drop()


def test_zsmalloc_pages_move(
    disk: Remote,
    vmstat: Vmstat,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """Compaction moves most pages of a zram disk, and what is on the disk stays as it was."""
    pages = int(disk.call("pages"))
    counters = vmstat.read()
    others = sum(counters[name] for name in OTHERS)
    with vmstat.delta("compaction") as delta:
        workload.compact(writers=1)
    damaged = disk.call("damaged", timeout=LONG)
    figures.update(disk_mib=DISK_MIB, zsmalloc_pages=pages, other_pages=others)
    figures["zsmalloc_pages_moved_at_least"] = delta["pgmigrate_success"] - others
    delta.check(
        "pgmigrate_success >= others + 0.3 * pages",
        "damaged == 0",
        others=others,
        pages=pages,
        damaged=len(damaged),
    )
