# SPDX-License-Identifier: GPL-2.0-or-later
"""A balloon that does not get its pages: the guest has none to give, or compaction holds them.

The driver tries again later, and must let the others on meanwhile. In v8 of "make balloon pages
movable by compaction" it does not:

- fill_balloon() returns with balloon_lock held when it got no page at all. Its own thread then
  waits for that lock, and so does every migration of a balloon page.
- When all pages that are left are isolated, balloon() calls leak_balloon() without a pause, which
  holds balloon_lock most of the time, and the migrations of these very pages wait for it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB, POLL

if TYPE_CHECKING:
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workloads import Workload

pytestmark = pytest.mark.needs("balloon")

#: More than is left above the watermarks when all memory is filled.
TOO_MANY_MIB = 256
MIB = 64


def test_balloon_goes_on_when_there_is_memory_again(
    vmstat: Vmstat, balloon: Balloon, workload: Workload, figures: dict[str, int | float | str]
) -> None:
    """It takes the pages it finds, the rest when they are free, and gives all of them back."""
    total = workload.memory().total
    with vmstat.delta("a balloon in a guest without memory") as delta:
        short = balloon.timeout / 2
        with workload.short_of_memory(short) as over:
            balloon.request(TOO_MANY_MIB)
            time.sleep(short / 2)
            found = balloon.pages  # well before there is memory again
            while not over.done:
                time.sleep(POLL)
        figures["pages_found"] = found
        balloon.wait(TOO_MANY_MIB)
        balloon.deflate()
    delta.check(
        "found < pages",
        "total_after == total_before",
        found=found,
        pages=TOO_MANY_MIB * PAGES_PER_MIB,
        total_before=total,
        total_after=workload.memory().total,
    )


@pytest.mark.needs("movable-balloon", "role:moved")
def test_balloon_is_emptied_while_its_pages_move(
    vmstat: Vmstat, balloon: Balloon, workload: Workload, figures: dict[str, int | float | str]
) -> None:
    """Two writers compact without a pause, and the last pages of the balloon still get out."""
    workload.place_balloon(balloon, MIB)
    with vmstat.delta("emptying during compaction") as delta, workload.compacting():
        figures["seconds_to_empty"] = round(balloon.deflate(), 3)
    delta.check("moved > 0", "pages_afterwards == 0", pages_afterwards=balloon.pages)
