# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that is none, for tests of the plugin: copied beside the test modules it is for.

What a test wants to happen it tells the guest: counters to add, splats, death.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from patchtool.errors import BootError, LostGuest
from patchtool.guest.session import GuestError, GuestSpec, Samples
from patchtool.testing.features import PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from patchtool.testing.test_plan import TestPlan

MIB = 1 << 20


class Complaint:
    def __init__(self, kind: str, title: str, lines: tuple[str, ...]) -> None:
        self.kind, self.title, self.lines = kind, title, lines


class FakeGuest:
    seconds_to_first_answer = 0.25
    release = "6.12.0-fake"

    def __init__(self, spec: GuestSpec, image: Path) -> None:
        self.spec = spec
        self.image = image
        self.alive = True
        self.counters = {"balloon_inflate": 0, "balloon_deflate": 0, "isolated": 0, "moved": 0}
        self.files = {"/proc/sys/kernel/tainted": "0\n", PATHS["balloon"]: ""}
        self.actual = spec.memory_mib
        self.balloon_works = True
        self.marked = 0
        self.complaints: list[Complaint] = []

    def bump(self, **counters: int) -> None:
        for name, count in counters.items():
            self.counters[name] += count

    def splat(self, title: str) -> None:
        self.complaints.append(Complaint("warning", title, (f"{title} line 1", "line 2")))

    def die(self, error: Exception) -> None:
        self.alive = False
        self.error = error

    def _check(self) -> None:
        if not self.alive:
            raise self.error

    def call(self, op: str, /, *, timeout: float | None = None, **arguments: Any) -> Any:  # noqa: ARG002
        self._check()
        if op == "hang":
            time.sleep(60)
        if op == "vmstat":
            return dict(self.counters)
        if op == "exists":
            return arguments["path"] in self.files
        if op == "read_file":
            if arguments["path"] not in self.files:
                fault = {"kind": "FileNotFoundError", "errno": 2, "message": arguments["path"]}
                raise GuestError(op, fault)
            return self.files[arguments["path"]]
        if op == "workload.balloon_frames":
            return {"pages": self.marked if self.actual < self.spec.memory_mib else 0}
        raise AssertionError(f"unknown operation {op}")

    def qmp(self, command: str, **arguments: Any) -> Any:
        self._check()
        if command == "query-balloon":
            return {"actual": self.actual * MIB}
        if self.balloon_works:
            self.actual = arguments["value"] // MIB
        return {}

    def cursor(self) -> int:
        self._check()
        return len(self.complaints)

    def splats(self, after: int = -1) -> tuple[Complaint, ...]:
        self._check()
        return tuple(self.complaints[after:])

    def sample_start(self, interval: float = 0.2) -> None:  # noqa: ARG002
        self._check()
        self.first = dict(self.counters)

    def sample_stop(self) -> Samples:
        self._check()
        names = tuple(self.counters)
        rows = (self.first, self.first, self.counters)
        return Samples(names, (7.0, 7.2, 7.4), tuple(tuple(row[n] for n in names) for row in rows))


@contextmanager
def _boot(plan: TestPlan, spec: GuestSpec) -> Iterator[FakeGuest]:
    log = plan.folder / "boots"
    with log.open("a") as out:
        out.write(f"up {spec.memory_mib}\n")
    if plan.label == "panics":
        raise BootError("Kernel panic - not syncing: no init")
    if plan.label == "silent":
        raise LostGuest("no answer within 1 s")
    yield FakeGuest(spec, plan.bzimage)
    with log.open("a") as out:
        out.write(f"down {spec.memory_mib}\n")


def pytest_patchtool_boot(
    plan: TestPlan, spec: GuestSpec, folder: Path
) -> AbstractContextManager[FakeGuest]:
    return _boot(plan, spec)
