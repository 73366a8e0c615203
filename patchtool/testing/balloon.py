# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's balloon, driven from the host through QMP.

QMP's ``balloon`` takes the memory the guest is to keep, and ``query-balloon`` gives what it
has at the moment, both in bytes; here a balloon's size is what it takes away, in MiB. It is
counted in pages of 4096 bytes whatever the guest's page size is (VIRTIO_BALLOON_PFN_SHIFT in
include/uapi/linux/virtio_balloon.h).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from patchtool.errors import SeriesError

if TYPE_CHECKING:
    from patchtool.core.progress import Progress

MIB = 1 << 20
PAGES_PER_MIB = 256
#: Time between two looks at a balloon that is on its way, in seconds.
POLL = 0.05
#: How long a balloon may stand still on its way, in seconds: on any machine, and times the
#: accelerator's factor. 64 MiB take 0.1 s in all with KVM; a driver that finds no memory tries
#: again 5 times a second.
TIMEOUT, STILL = 5.0, 1.0
#: And once one of this kernel did not get on: the next one is known to be like it soon.
SHORT_TIMEOUT, SHORT_STILL = 1.0, 0.1


def standstill(factor: float, *, known: bool = False) -> float:
    """How long a balloon may stand still, in seconds.

    Args:
        factor: How much slower than KVM the accelerator is.
        known: One of this kernel stood still before.
    """
    if known:
        return max(SHORT_TIMEOUT, SHORT_STILL * factor)
    return max(TIMEOUT, STILL * factor)


class Monitor(Protocol):
    """The part of a guest that the balloon needs."""

    def qmp(self, command: str, **arguments: Any) -> Any:
        """Run a QMP command; its return value."""


class BalloonTimeout(SeriesError):
    """The balloon did not reach its size.

    Attributes:
        actual: Its size at last, in MiB.
        target: The size it was told, in MiB.
        seconds: How long it was waited for.
    """

    def __init__(self, actual: float, target: float, seconds: float) -> None:
        self.actual = actual
        self.target = target
        self.seconds = seconds
        super().__init__(
            f"the balloon is at {actual:g} MiB and was told {target:g} MiB {seconds:.1f} s ago",
            hint="the guest may have no memory left to give, or its balloon driver is stuck: "
            "see the console",
        )


class Balloon:
    """The balloon of one guest.

    Args:
        monitor: The guest.
        memory_mib: The guest's memory, as QEMU was told.
        timeout: How long it may stand still on its way, in seconds.
        again: And after it once did.
        progress: Hears how far it is.
    """

    def __init__(
        self,
        monitor: Monitor,
        memory_mib: int,
        progress: Progress,
        timeout: float = TIMEOUT,
        again: float | None = None,
    ) -> None:
        self._monitor = monitor
        self._progress = progress
        self.memory_mib = memory_mib
        self.timeout = timeout
        self._again = timeout if again is None else again

    @property
    def mib(self) -> float:
        """Its size now, in MiB."""
        actual = int(self._monitor.qmp("query-balloon")["actual"])
        return self.memory_mib - actual / MIB

    @property
    def pages(self) -> int:
        """Its size now, in pages of 4096 bytes."""
        return round(self.mib * PAGES_PER_MIB)

    def request(self, mib: float) -> None:
        """Tell it a size, and do not wait.

        Raises:
            ValueError: The guest is smaller than that.
        """
        if not 0 <= mib < self.memory_mib:
            raise ValueError(f"a balloon of {mib} MiB in a guest of {self.memory_mib} MiB")
        self._monitor.qmp("balloon", value=int((self.memory_mib - mib) * MIB))

    def wait(self, mib: float, timeout: float | None = None) -> float:
        """Wait until it has a size; seconds it took.

        Args:
            mib: The size.
            timeout: Seconds it may stand still on the way.

        Raises:
            BalloonTimeout: It did not get there; says how far it came.
        """
        limit = self.timeout if timeout is None else timeout
        begin = moved = time.monotonic()
        last = None
        while (actual := self.mib) != mib:
            now = time.monotonic()
            if actual != last:
                last, moved = actual, now
                self._progress.update(f"balloon at {actual:g} of {mib:g} MiB")
            elif now - moved >= limit:
                self.timeout = min(self.timeout, self._again)
                raise BalloonTimeout(actual, mib, now - begin)
            time.sleep(POLL)
        return time.monotonic() - begin

    def resize(self, mib: float, timeout: float | None = None) -> float:
        """Tell it a size and wait until it has it; see :meth:`wait`."""
        self.request(mib)
        return self.wait(mib, timeout)

    def inflate_to(self, mib: float, timeout: float | None = None) -> float:
        """As :meth:`resize`, for a balloon that is to grow."""
        return self.resize(mib, timeout)

    def deflate(self, timeout: float | None = None) -> float:
        """Empty it; see :meth:`wait`."""
        return self.resize(0, timeout)
