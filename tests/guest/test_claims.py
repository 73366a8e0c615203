# SPDX-License-Identifier: GPL-2.0-or-later
"""What the cover letter measured, measured again.

One test per entry of the manifest's ``[[claims]]``: a guest of that much memory that nothing
else has used, a balloon of that size, so many writers to /proc/sys/vm/compact_memory, each so
many passes. With ``--runs N`` each is measured N times, because the writers race.

No letter says where the balloon's pages lay. Here they are put where compaction takes pages
from, as else hardly any of them would move in a guest that has just booted.

What is asserted holds whoever wins the race: the balloon keeps its size, and the manifest's
invariants, which are checked for every test. Whether the figures are those of the letter is for
the report to say: they are another machine's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB

if TYPE_CHECKING:
    from patchtool.series.figures import Claim
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Vmstat
    from patchtool.testing.workloads import Workload


@pytest.mark.repeats
def test_claimed_deltas(
    claim: Claim,
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
    figures: dict[str, int | float | str],
) -> None:
    """The letter's procedure, in the letter's guest; the balloon keeps its size."""
    figures.update(balloon_mib=claim.balloon_mib, guest_mib=balloon.memory_mib)
    figures.update(writers=claim.writers, passes=claim.passes)
    workload.place_balloon(balloon, claim.balloon_mib)
    with vmstat.delta(f"compaction of a {claim.balloon_mib} MiB balloon") as delta:
        figures["seconds"] = round(workload.compact(claim.writers, claim.passes), 3)
    delta.check(
        "pages_afterwards == pages",
        pages=claim.balloon_mib * PAGES_PER_MIB,
        pages_afterwards=balloon.pages,
    )
