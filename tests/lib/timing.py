# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a run's time went: for each suite its seconds, and its ten slowest tests."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass, field

#: How many of a suite's tests are named.
NAMED = 10


@dataclass(frozen=True, slots=True)
class Spent:
    """What one test took, with the fixtures that were made for it.

    Attributes:
        nodeid: The test.
        seconds: Wall-clock time.
        cpu_seconds: User and system time of this process and of the programs it waited for.
            Containers and guests are children of others, and are not counted.
    """

    nodeid: str
    seconds: float
    cpu_seconds: float


@dataclass(slots=True)
class Timing:
    """Collects what each test takes."""

    tests: dict[str, list[Spent]] = field(default_factory=lambda: defaultdict(list))

    def add(self, nodeid: str, begin: tuple[float, float]) -> None:
        """A test ended that began at *begin*, a value of :func:`now`."""
        seconds, cpu = now()
        self.tests[suite_of(nodeid)].append(Spent(nodeid, seconds - begin[0], cpu - begin[1]))

    def lines(self) -> list[str]:
        """For each suite a line with its sums, and one for each of its slowest tests."""
        shown: list[str] = []
        for suite, tests in self.tests.items():
            slowest = sorted(tests, key=lambda test: test.seconds, reverse=True)[:NAMED]
            total = sum(test.seconds for test in tests)
            cpu = sum(test.cpu_seconds for test in tests)
            share = sum(test.seconds for test in slowest) / total if total else 0.0
            shown.append(
                f"{suite}: {len(tests)} tests, {total:.0f} s, {cpu:.0f} CPU s; "
                f"the {len(slowest)} slowest are {share:.0%}"
            )
            for test in slowest:
                part = test.seconds / total if total else 0.0
                name = test.nodeid.removeprefix(f"{suite}/")
                shown.append(f"{test.seconds:9.1f} s {part:4.0%}  {name}")
        return shown


def suite_of(nodeid: str) -> str:
    """The folder that is a suite: ``tests/unit``."""
    return "/".join(nodeid.split("/")[:2])


def now() -> tuple[float, float]:
    """The clock, and the processor time of this process and its children so far."""
    spent = os.times()
    return time.monotonic(), spent.user + spent.system + spent.children_user + spent.children_system
