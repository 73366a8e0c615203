# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest in use gives half of its memory away: balloon pages are in the way, and move.

After the procedure in the cover letter of Gioh Kim's "enable migration of driver pages" (2015):
a guest of 1 GB builds a kernel until more than 512 MB are used, its balloon is told 512 MB, and
hundreds of MB are seen to be migrated. In place of the build, anonymous memory is filled and a
file is written to shared memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.workloads import LAYOUT, LONG, PAGES_PER_MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.guest.session import Guest
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workloads import Workload

BALLOON_MIB = 512
FILE_MIB = 64
FILE = "/dev/shm/load"

pytestmark = [
    pytest.mark.guest_spec(memory_mib=1024),
    pytest.mark.needs("balloon", "movable-balloon", "role:moved", "counter:pgmigrate_success"),
]


@pytest.fixture
def file(guest: Guest) -> Iterator[None]:
    """Page cache in use, as a build's object files."""
    argv = ["dd", "if=/dev/zero", f"of={FILE}", "bs=1048576", f"count={FILE_MIB}"]
    done = guest.call("exec", timeout=LONG, argv=argv)
    assert done["status"] == 0, done["stderr"]
    yield
    if guest.alive:
        guest.call("exec", argv=["rm", FILE])


@pytest.mark.repeats
@pytest.mark.usefixtures("file")
def test_balloon_takes_half_of_a_guest_in_use(
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """With 512 of 1024 MiB in a balloon, compaction migrates hundreds of MiB."""
    workload.settle()
    workload.drop_caches()
    load = workload.fill(LAYOUT.reserve_mib)
    memory = workload.memory()
    used = (memory.total - memory.free) // PAGES_PER_MIB
    load.release_lowest(BALLOON_MIB * PAGES_PER_MIB + LAYOUT.slack_pages, LAYOUT.keep_every)
    balloon.resize(BALLOON_MIB)
    load.release_all_but_every(LAYOUT.spare_every)
    with vmstat.delta("compaction") as delta:
        workload.compact(writers=1)
    migrated = delta["pgmigrate_success"] // PAGES_PER_MIB
    balloon_migrated = delta["moved"] // PAGES_PER_MIB
    figures.update(used=used, migrated=migrated, balloon_migrated=balloon_migrated)
    delta.check(
        "used >= 512",
        "migrated >= 200",
        "balloon_migrated >= 100",
        "pages_afterwards == pages",
        used=used,
        migrated=migrated,
        balloon_migrated=balloon_migrated,
        pages=BALLOON_MIB * PAGES_PER_MIB,
        pages_afterwards=balloon.pages,
    )
