# SPDX-License-Identifier: GPL-2.0-or-later
"""What the test modules here share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB
from patchtool.testing.workloads import PASSES, WRITERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.guests import Live
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workloads import Workload


STEP_MIB = 32


@pytest.fixture
def compacted(
    live: Live,
    once: Callable[[object, Callable[[], Delta]], Delta],
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> Callable[[int], Delta]:
    """Puts a balloon of so many MiB in compaction's way, and compacts: what the counters did.

    The procedure of the 2012 cover letter: six writers to compact_memory at once. Its facts are
    ``pages``, the balloon's size, ``pages_afterwards`` and, where the kernel marks a balloon's
    pages, ``pages_in_the_way``, how many lay in the lower half of memory before. It is measured
    once per guest.
    """

    def measure(mib: int) -> Delta:
        marked = live.marks_balloon_pages()
        placed = None
        workload.place_balloon(balloon, mib)
        if marked:
            histogram = workload.balloon_frames(STEP_MIB)["histogram"]
            placed = sum(histogram[: balloon.memory_mib // 2 // STEP_MIB])
        with vmstat.delta(f"compaction of a {mib} MiB balloon") as delta:
            workload.compact(WRITERS, PASSES)
        delta.facts.update(pages=mib * PAGES_PER_MIB, pages_afterwards=balloon.pages)
        if placed is not None:
            delta.facts["pages_in_the_way"] = placed
        return delta

    def compact(mib: int) -> Delta:
        figures.update(balloon_mib=mib, balloon_pages=mib * PAGES_PER_MIB)
        figures.update(guest_mib=balloon.memory_mib, writers=WRITERS, passes=PASSES)
        delta = once(("compacted", mib), lambda: measure(mib))
        if placed := delta.facts.get("pages_in_the_way"):
            figures["placed_share"] = round(placed / delta.facts["pages"], 3)
        return delta

    return compact
