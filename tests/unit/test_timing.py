# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test run says of its own time, and when it takes a machine for quiet."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.lib import quiet
from tests.lib.timing import Spent, Timing, now


def test_each_suite_shows_its_ten_slowest_and_their_share() -> None:
    timing = Timing()
    timing.tests["tests/unit"] = [
        Spent(f"tests/unit/test_a.py::test_{number}", float(number), 0.5) for number in range(21)
    ]
    timing.tests["tests/e2e"] = [Spent("tests/e2e/test_b.py::test_it", 0.0, 0.0)]
    first, *rest = timing.lines()
    assert first == "tests/unit: 21 tests, 210 s, 10 CPU s; the 10 slowest are 74%"
    assert rest[0] == "     20.0 s  10%  test_a.py::test_20"
    assert [line.rpartition("_")[2] for line in rest[:10]] == [str(n) for n in range(20, 10, -1)]
    assert rest[10:] == [
        "tests/e2e: 1 tests, 0 s, 0 CPU s; the 1 slowest are 0%",
        "      0.0 s   0%  test_b.py::test_it",
    ]


def test_a_test_is_counted_to_its_suite() -> None:
    timing = Timing()
    begin = now()
    sum(range(10**5))
    timing.add("tests/unit/test_a.py::test_it", begin)
    ((suite, (spent,)),) = timing.tests.items()
    assert suite == "tests/unit"
    assert spent.seconds > 0
    assert spent.cpu_seconds >= 0


def test_busy_processors_are_counted_from_two_samples() -> None:
    before = quiet.sample("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1\n")
    assert before == (1000, 850)
    assert quiet.busy(before, (1200, 950)) == (os.cpu_count() or 1) * 0.5
    assert quiet.busy(before, before) == 0.0


def test_a_machine_with_one_busy_process_is_not_quiet() -> None:
    """This very process keeps one processor busy while it is looked at."""
    stat = Path("/proc/stat")
    before, end = quiet.sample(stat.read_text()), time.monotonic() + 0.3
    while time.monotonic() < end:
        pass
    assert quiet.busy(before, quiet.sample(stat.read_text())) > quiet.BUSY
