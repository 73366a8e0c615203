# SPDX-License-Identifier: GPL-2.0-or-later
"""What every image must do: boot, show the counters it should, and inflate a balloon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing.balloon import PAGES_PER_MIB

if TYPE_CHECKING:
    from patchtool.guest.session import Guest
    from patchtool.testing.balloon import Balloon
    from patchtool.testing.plan import SeriesFacts
    from patchtool.testing.vmstat import Vmstat

SMALL_MIB = 16


def test_counters_are_those_that_were_promised(
    guest: Guest, series: SeriesFacts, promised: frozenset[str]
) -> None:
    """The series' counters are in /proc/vmstat with the option on, and only then."""
    shown = set(guest.call("vmstat"))
    wanted = {name for name in series.counters if f"counter:{name}" in promised}
    assert shown & set(series.counters) == wanted


@pytest.mark.needs("balloon", "counter:balloon_inflate", "counter:balloon_deflate")
def test_small_balloon_inflates_and_deflates(balloon: Balloon, vmstat: Vmstat) -> None:
    """A 16 MiB balloon comes and goes, and the kernel counts each of its pages."""
    pages = SMALL_MIB * PAGES_PER_MIB
    with vmstat.delta("a small balloon comes and goes") as delta:
        balloon.inflate_to(SMALL_MIB)
        balloon.deflate()
    delta.check("balloon_inflate == pages", pages=pages)
    delta.check("balloon_deflate == pages", pages=pages)
