# SPDX-License-Identifier: GPL-2.0-or-later
"""Waits until a machine is quiet: for tests that measure time, marked ``quiet``."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: A machine is quiet when no more processors than this are busy, summed over all.
BUSY = 0.5
#: Seconds over which that is measured.
SPAN = 0.5
#: Seconds that a whole run of tests waits for it.
PATIENCE = 120.0


def busy(before: tuple[int, int], after: tuple[int, int]) -> float:
    """How many processors were busy between two samples of :func:`sample`."""
    ticks, idle = (new - old for new, old in zip(after, before, strict=True))
    return (os.cpu_count() or 1) * (1 - idle / ticks) if ticks > 0 else 0.0


def sample(stat: str) -> tuple[int, int]:
    """All ticks and idle ticks in the first line of /proc/stat."""
    user, nice, system, idle, iowait, *rest = map(int, stat.splitlines()[0].split()[1:9])
    return user + nice + system + idle + iowait + sum(rest), idle + iowait


def wait(patience: float) -> float | None:
    """Wait until the machine is quiet.

    Args:
        patience: For how many seconds at most.

    Returns:
        None when it is, or how many processors were still busy when the patience ended.
    """
    stat = Path("/proc/stat")
    end = time.monotonic() + patience
    while True:
        before = sample(stat.read_text())
        time.sleep(SPAN)
        count = busy(before, sample(stat.read_text()))
        if count <= BUSY:
            return None
        if time.monotonic() >= end:
            return count
