# SPDX-License-Identifier: GPL-2.0-or-later
"""Transparent huge pages. See :mod:`.workload`."""

from __future__ import annotations

import mmap
import time
from pathlib import Path

from patchtool.guest.inside.filled_memory import address_of, advise
from patchtool.guest.inside.memory import MIB, PAGE_SIZE, vmstat, write

# include/uapi/asm-generic/mman-common.h
MADV_HUGEPAGE = 14

BUDDYINFO = Path("/proc/buddyinfo")
HUGEPAGE = Path("/sys/kernel/mm/transparent_hugepage")


def set_hugepages(enabled: str = "madvise", defrag: str = "madvise") -> None:
    """Policy of transparent huge pages; *defrag* ``madvise``: compact at once where advised."""
    write(HUGEPAGE / "enabled", enabled)
    write(HUGEPAGE / "defrag", defrag)


def free_huge_blocks() -> int:
    """Huge pages (2 MiB) that free memory has without any compaction, from /proc/buddyinfo.

    Allocations stop at the watermarks, so a few of them can't be had.
    """
    order = (HugeMemory.SIZE // PAGE_SIZE).bit_length() - 1
    blocks = 0
    for line in BUDDYINFO.read_text().splitlines():
        counts = [int(word) for word in line.split("zone", 1)[1].split()[1:]]
        blocks += sum(count << above for above, count in enumerate(counts[order:]))
    return blocks


class HugeMemory:
    """Anonymous memory with MADV_HUGEPAGE, each 2 MiB of it touched once."""

    SIZE = 2 * MIB

    def __init__(self, mib: int) -> None:
        """Map and touch *mib* MiB (rounded down to whole huge pages)."""
        started = time.monotonic()
        count = mib * MIB // self.SIZE
        # One more, so that count aligned ones fit wherever the mapping begins.
        size = (count + 1) * self.SIZE
        self._area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        first = -address_of(self._area) % self.SIZE
        advise(self._area, MADV_HUGEPAGE, 0, size)
        for number in range(count):
            self._area[first + number * self.SIZE] = 1
        self.touched = count
        self.seconds = round(time.monotonic() - started, 3)

    def release(self) -> None:
        """Unmap it. The object can't be used afterwards."""
        self._area.close()


def map_huge(mib: int) -> dict[str, float]:
    """Touch *mib* MiB of huge pages and unmap them; how the faults went, from /proc/vmstat."""
    before = vmstat()
    memory = HugeMemory(mib)
    after = vmstat()
    memory.release()
    result: dict[str, float] = {"touched": memory.touched, "seconds": memory.seconds}
    for name in ("thp_fault_alloc", "thp_fault_fallback", "compact_stall", "compact_success"):
        result[name] = after.get(name, 0) - before.get(name, 0)
    return result
