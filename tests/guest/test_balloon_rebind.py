# SPDX-License-Identifier: GPL-2.0-or-later
"""The balloon's driver goes and comes back while compaction runs.

virtballoon_remove() leaks the whole balloon, then frees what the pages point to (the mapping of
2012, the device): a page that is isolated at that moment must not be left behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.guests import Live
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workloads import Workload

pytestmark = pytest.mark.needs("balloon", "movable-balloon", "role:moved")

MIB = 64
PAGES = MIB * PAGES_PER_MIB
COUNTED = pytest.mark.needs("counter:balloon_inflate", "counter:balloon_deflate")


@pytest.fixture
def unbound_empty(
    once: Callable[[object, Callable[[], Delta]], Delta],
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
) -> Delta:
    """Deflated to zero, unbound, bound again and inflated, three times.

    Facts: MemTotal before and after, ``grown`` and ``shrunk``, the pages it took and gave back.
    """

    def measure() -> Delta:
        total = workload.memory().total
        workload.place_balloon(balloon, MIB)
        with vmstat.delta("unbinding the empty balloon") as delta:
            for _ in range(3):
                balloon.deflate()
                with workload.compacting():
                    workload.rebind_balloon(workload.unbind_balloon())
                    balloon.resize(MIB)
            balloon.deflate()
        delta.facts.update(total_before=total, total_after=workload.memory().total)
        delta.facts.update(grown=3 * PAGES, shrunk=4 * PAGES)
        return delta

    return once("unbound empty", measure)


@pytest.fixture
def unbound_inflated(
    once: Callable[[object, Callable[[], Delta]], Delta],
    live: Live,
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
) -> Delta:
    """Unbound while its pages are being moved, bound again, inflated and deflated.

    Facts: MemTotal before, without a driver (``total_unbound``) and after, ``pages``, and
    ``left``, how many pages were still marked as a balloon's then, where the kernel marks them.
    """

    def measure() -> Delta:
        marked = live.marks_balloon_pages()
        total = workload.memory().total
        workload.place_balloon(balloon, MIB)
        left = 0
        with vmstat.delta("unbinding the inflated balloon") as delta:
            with workload.compacting():
                device = workload.unbind_balloon()
                unbound = workload.memory().total
                if marked:
                    left = workload.balloon_frames()["pages"]
                workload.rebind_balloon(device)
                balloon.wait(MIB)  # QEMU still wants it as large as it was
            balloon.deflate()
        delta.facts.update(total_before=total, total_unbound=unbound, left=left)
        delta.facts.update(total_after=workload.memory().total, pages=PAGES)
        return delta

    return once("unbound inflated", measure)


def test_unbind_empty(unbound_empty: Delta) -> None:
    """Unbound while it is empty, and compaction goes on: nothing is lost."""
    unbound_empty.check("total_after == total_before", "moved > 0")


@COUNTED
def test_unbind_empty_is_counted(unbound_empty: Delta) -> None:
    """Each page that the driver takes and gives back is counted, across three drivers' lives."""
    unbound_empty.check("balloon_inflate == grown", "balloon_deflate == shrunk")


def test_unbind_inflated(unbound_inflated: Delta) -> None:
    """Unbound while its pages are being moved, the balloon gives all of them back."""
    unbound_inflated.check(
        "total_unbound == total_before",
        "left == 0",
        "total_after == total_before",
    )


@COUNTED
def test_unbind_inflated_is_counted(unbound_inflated: Delta) -> None:
    """What the driver that went gave back is counted, as what the next one took and gave."""
    unbound_inflated.check("balloon_inflate == pages", "balloon_deflate == 2 * pages")


@pytest.mark.needs("role:isolated", "role:returned")
def test_isolated_pages_outlive_their_driver(unbound_inflated: Delta) -> None:
    """A page that is isolated when the driver goes is returned to it, or has moved."""
    unbound_inflated.check("isolated == moved + returned")
