# SPDX-License-Identifier: GPL-2.0-or-later
"""What every image must do: boot, show the counters it should, inflate a balloon, compact.

Each patch of a series is tried with it, so it is also what shows that a series can be bisected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB

if TYPE_CHECKING:
    from patchtool.guest.session import Guest
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.test_plan import SeriesCounters
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workloads import Workload

SMALL_MIB = 16
PAGES = SMALL_MIB * PAGES_PER_MIB


@pytest.mark.smoke
def test_counters_are_those_that_were_promised(
    guest: Guest, series: SeriesCounters, promised: frozenset[str]
) -> None:
    """The series' counters are in /proc/vmstat with the option on, and only then."""
    shown = set(guest.call("vmstat"))
    wanted = {name for name in series.counters if f"counter:{name}" in promised}
    assert shown & set(series.counters) == wanted


def come_and_go(vmstat: Vmstat, balloon: Balloon, workload: Workload, *, compact: bool) -> Delta:
    """Inflate, compact or not, and deflate; MemTotal at each stage is in the facts."""
    total = workload.memory().total
    with vmstat.delta("a small balloon comes and goes") as delta:
        balloon.inflate_to(SMALL_MIB)
        if compact:
            workload.compact()
        inside, qemu_pages = workload.memory().total, balloon.pages
        balloon.deflate()
    delta.facts.update(pages=PAGES, qemu_pages=qemu_pages, total_before=total)
    delta.facts.update(total_inside=inside, total_after=workload.memory().total)
    delta.check(
        "qemu_pages == pages",
        "total_before - total_inside == pages",
        "total_after == total_before",
    )
    return delta


@pytest.mark.smoke
@pytest.mark.needs("balloon")
def test_small_balloon_inflates_and_deflates(
    balloon: Balloon, vmstat: Vmstat, workload: Workload
) -> None:
    """A 16 MiB balloon comes and goes: QEMU and MemTotal agree, and each page is counted."""
    delta = come_and_go(vmstat, balloon, workload, compact=False)
    for name in ("balloon_inflate", "balloon_deflate"):
        if name in delta:  # since v3.18
            delta.check(f"{name} == pages")


@pytest.mark.smoke
@pytest.mark.needs("balloon", "config:COMPACTION")
def test_small_balloon_survives_compaction(
    balloon: Balloon, vmstat: Vmstat, workload: Workload
) -> None:
    """Six writers to compact_memory cost a 16 MiB balloon no page, moved or not."""
    come_and_go(vmstat, balloon, workload, compact=True)
