# SPDX-License-Identifier: GPL-2.0-or-later
"""The guests of a test run: booted when a test needs one, kept while it fits, one at a time."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patchtool.core.progress import Silent
from patchtool.errors import BootError, LostGuest, PatchtoolError
from patchtool.testing.balloon import Balloon
from patchtool.testing.records import GuestFacts

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from patchtool.guest.session import Guest, GuestSpec

TAINTED = "/proc/sys/kernel/tainted"
#: After so many boots of one kind of guest that failed, no more is tried.
MAX_BOOTS = 2
#: The second try of a boot may take up to so many times longer, on a busy host.
MOST_PATIENCE = 3.0
#: Seconds that a balloon of one MiB may stand still, on any machine.
ONE_MIB = 60.0
#: In what is shared: whether pages of a balloon are marked.
MARKS = "marks balloon pages"


@dataclass(slots=True)
class Live:
    """A booted guest, and what tests keep about it.

    Attributes:
        guest: The guest.
        boot: Which boot of the run it was, from 1.
        accelerator: Name of its accelerator.
        counters: Names in its /proc/vmstat.
        tainted: Its kernel's taint flags after boot.
        shared: What tests measured once and share, such as the deltas of a compaction.
        spoiled: Why it must not be used by another test; empty while it is good.
        used: A test has had it.
    """

    guest: Guest
    boot: int
    accelerator: str
    counters: frozenset[str] = frozenset()
    tainted: int = 0
    shared: dict[object, Any] = field(default_factory=dict)
    spoiled: str = ""
    used: bool = False

    def vmstat(self) -> dict[str, int]:
        """All counters, those kept per CPU flushed first."""
        seen = self.guest.call("vmstat", flush=True)
        return {name: int(value) for name, value in seen.items()}

    def exists(self, path: str) -> bool:
        """Whether it has a path."""
        return bool(self.guest.call("exists", path=path))

    def read(self, path: str) -> str:
        """Content of a file."""
        return str(self.guest.call("read_file", path=path))

    def marks_balloon_pages(self) -> bool:
        """Whether /proc/kpageflags tells the pages of a balloon from others; found out once.

        Since Linux kernel commit 09316c09dde3 "mm/balloon_compaction: add vmstat counters and
        kpageflags bit" (in v3.18). The balloon must be empty, and is so afterwards.
        """
        if MARKS not in self.shared:
            balloon = Balloon(self.guest, self.guest.spec.memory_mib, Silent(), ONE_MIB)
            try:
                balloon.resize(1)
                self.shared[MARKS] = self.guest.call("workload.balloon_frames")["pages"] > 0
                balloon.deflate()
            except PatchtoolError as error:
                self.spoiled = str(error)
                raise
        return bool(self.shared[MARKS])

    def taint(self) -> int:
        """The kernel's taint flags (Documentation/admin-guide/tainted-kernels.rst)."""
        return int(self.guest.call("read_file", path=TAINTED))

    @property
    def facts(self) -> GuestFacts:
        """For the record."""
        spec = self.guest.spec
        return GuestFacts(
            memory_mib=spec.memory_mib,
            cpus=spec.cpus,
            nodes=spec.nodes,
            append=spec.append,
            accelerator=self.accelerator,
            boot_seconds=round(self.guest.seconds_to_first_answer, 3),
            boot=self.boot,
        )


def more_patience() -> float:
    """Factor for the time of a second try: processes that want a CPU for each that there is."""
    return min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), MOST_PATIENCE)


class GuestPool:
    """Holds at most one guest.

    Args:
        boot: Boots a guest of a spec, with its files in a folder; its time is so many times the
            usual.
        folder: Parent of these folders.
        accelerator: Name of the accelerator, for the records.
        say: Is told of a boot that is tried once more.
    """

    def __init__(
        self,
        boot: Callable[[GuestSpec, Path, float], AbstractContextManager[Guest]],
        folder: Path,
        accelerator: str,
        say: Callable[[str], object],
    ) -> None:
        self._boot = boot
        self._folder = folder
        self._last = folder  # the newest guest's
        self._accelerator = accelerator
        self._say = say
        self._live: Live | None = None
        self._stack = ExitStack()
        self._boots = 0
        self._failures: dict[GuestSpec, list[BootError | LostGuest]] = {}

    def get(self, spec: GuestSpec, *, fresh: bool = False) -> Live:
        """The guest for *spec*: the one there is, if it fits and is good, else a new one.

        Args:
            spec: What machine.
            fresh: One that was not got before.

        Raises:
            BootError, LostGuest: It does not come up. One that is lost, and nothing says why, is
                tried once more; after two failures for one spec they are raised again without
                another try.
        """
        live = self._live
        if live is not None:
            good = not live.spoiled and live.guest.alive and not (fresh and live.used)
            if live.guest.spec == spec and good:
                live.used = True
                return live
            self.discard()
        failures = self._failures.setdefault(spec, [])
        if len(failures) >= MAX_BOOTS:
            last = failures[-1]
            kind = BootError if isinstance(last, BootError) else LostGuest
            why = str(last).partition("\n")[0]
            raise kind(f"not booted again after {len(failures)} failures: {why}")
        try:
            live = self._booted(spec, 1.0)
        except LostGuest as error:
            if error.explained or len(failures) >= MAX_BOOTS:
                raise
            live = self._once_more(spec, error)
        live.used = True
        self._live = live
        return live

    def _booted(self, spec: GuestSpec, patience: float) -> Live:
        """A guest that has come up; one that has not is among the failures."""
        self._boots += 1
        self._last = self._next_folder()
        try:
            guest = self._stack.enter_context(self._boot(spec, self._last, patience))
            live = Live(guest, self._boots, self._accelerator)
            live.counters = frozenset(live.vmstat())
            live.tainted = live.taint()
        except (BootError, LostGuest) as error:
            self._failures[spec].append(error)
            self.discard()
            raise
        return live

    def _once_more(self, spec: GuestSpec, lost: LostGuest) -> Live:
        """The second try after one that ended without a reason: a busy host may have been it."""
        failures, first, patience = self._failures[spec], self._last, more_patience()
        why = str(lost).partition("\n")[0]
        self._say(f"{why}, and nothing says why: it is tried once more; the first try is {first}")
        try:
            live = self._booted(spec, patience)
        except LostGuest as error:
            what, _, rest = str(error).partition("\n")
            both = f"{what}, nor did it at the first try ({first})"
            twice = LostGuest(f"{both}\n{rest}" if rest else both, hint=error.hint)
            failures[-1] = twice
            raise twice from error
        failures.clear()
        return live

    def discard(self) -> None:
        """End the guest, if there is one."""
        self._live = None
        stack, self._stack = self._stack, ExitStack()
        stack.close()

    def _next_folder(self) -> Path:
        # A run that was killed left folders; its logs are kept.
        number = self._boots
        while (folder := self._folder / f"guest-{number}").exists():
            number += 1
        folder.mkdir(parents=True)
        return folder
