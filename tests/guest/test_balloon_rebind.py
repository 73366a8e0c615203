# SPDX-License-Identifier: GPL-2.0-or-later
"""The balloon's driver goes and comes back while compaction runs.

virtballoon_remove() leaks the whole balloon, then frees the device that the pages' mops point
to: a page that is isolated at that moment must not be left behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workload import Workload

pytestmark = pytest.mark.needs(
    "balloon",
    "config:BALLOON_COMPACTION",
    "counter:balloon_inflate",
    "counter:balloon_deflate",
    "counter:balloon_migrate",
)

MIB = 64


def test_unbind_empty(vmstat: Vmstat, balloon: Balloon, workload: Workload) -> None:
    """Deflated to zero, unbound, bound again and inflated, three times: nothing is lost."""
    workload.place_balloon(balloon, MIB)
    with vmstat.delta("unbinding the empty balloon") as delta:
        with workload.compacting():
            for _ in range(3):
                balloon.deflate()
                workload.rebind_balloon(workload.unbind_balloon())
                balloon.resize(MIB)
        balloon.deflate()
    grown = 3 * MIB * 256
    delta.check(
        "balloon_inflate == grown",
        "balloon_deflate == grown + at_first",
        "balloon_pages == 0",
        "balloon_migrate > 0",
        grown=grown,
        at_first=MIB * 256,
        balloon_pages=balloon.pages,
    )


def test_unbind_inflated(vmstat: Vmstat, balloon: Balloon, workload: Workload) -> None:
    """Unbound while its pages are being moved, the balloon gives all of them back."""
    workload.place_balloon(balloon, MIB)
    with vmstat.delta("unbinding the inflated balloon") as delta:
        with workload.compacting():
            device = workload.unbind_balloon()
            left = workload.balloon_frames()["pages"]
            workload.rebind_balloon(device)
            balloon.wait(MIB)  # QEMU still wants it as large as it was
        balloon.deflate()
    delta.check(
        "left == 0",
        "balloon_inflate == pages",
        "balloon_deflate == 2 * pages",
        "balloon_pages == 0",
        left=left,
        pages=MIB * 256,
        balloon_pages=balloon.pages,
    )
