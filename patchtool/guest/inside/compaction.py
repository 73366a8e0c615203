# SPDX-License-Identifier: GPL-2.0-or-later
"""Writers to compact_memory. See :mod:`.workload`."""

from __future__ import annotations

import errno
import os
import threading
import time

from patchtool.guest.inside.memory import SYSCTL_VM

COMPACT_MEMORY = SYSCTL_VM / "compact_memory"


def compact(writers: int, passes: int = 1) -> dict[str, float]:
    """Have *writers* threads write 1 to compact_memory at the same moment, *passes* times.

    A write returns after one compaction of all zones. Kernels of 2012 report EIO although they
    compacted: the handler returned a length other than that of the write.
    """
    problems: list[OSError] = []

    def write(barrier: threading.Barrier) -> None:
        fd = os.open(COMPACT_MEMORY, os.O_WRONLY)
        try:
            barrier.wait()
            os.write(fd, b"1")
        except OSError as error:
            if error.errno != errno.EIO:
                problems.append(error)
        finally:
            os.close(fd)

    started = time.monotonic()
    for _ in range(passes):
        barrier = threading.Barrier(writers)
        threads = [threading.Thread(target=write, args=(barrier,)) for _ in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if problems:
        raise problems[0]
    seconds = time.monotonic() - started
    return {"writers": writers, "passes": passes, "seconds": round(seconds, 3)}


class Compaction:
    """Compaction that goes on in the background, *writers* threads, until it is stopped."""

    def __init__(self, writers: int) -> None:
        self._stop = threading.Event()
        self._passes = [0] * writers
        self._problems: list[OSError] = []
        self._threads = [
            threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(writers)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, number: int) -> None:
        try:
            while not self._stop.is_set():
                compact(1)
                self._passes[number] += 1
        except OSError as error:
            self._problems.append(error)

    def stop(self) -> dict[str, int]:
        """End it when the present pass is over; passes made by all writers together."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._problems:
            raise self._problems[0]
        return {"writers": len(self._threads), "passes": sum(self._passes)}
