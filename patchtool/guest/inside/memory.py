# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's memory as the kernel shows it, and vm's settings. See :mod:`.workload`."""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path

PAGE_SIZE = mmap.PAGESIZE
MIB = 1 << 20
PAGES_PER_MIB = MIB // PAGE_SIZE

SYSCTL_VM = Path("/proc/sys/vm")
DROP_CACHES = SYSCTL_VM / "drop_caches"
MEMINFO = Path("/proc/meminfo")
ZONEINFO = Path("/proc/zoneinfo")
VMSTAT = Path("/proc/vmstat")

SETTINGS = {
    # A page that one CPU frees sits on that CPU's list of free pages, where the balloon's worker
    # on another CPU does not find it; since 6.7 these lists grow to thousands of pages. A huge
    # divisor keeps them at their least, some 250 pages. (Since 5.14.)
    "percpu_pagelist_high_fraction": "1000000000",
    # kcompactd would begin to move balloon pages as soon as memory looks fragmented. (Since 5.9.)
    "compaction_proactiveness": "0",
    # Leave mlocked pages alone: FilledMemory.release_all_but_every() pins pages. (Since 4.1.)
    "compact_unevictable_allowed": "0",
}
"""Settings of vm, see `settle`: for the layouts here to come out, and to stay until asked."""


def write(path: Path, text: str) -> None:
    """Hand *text* to the kernel in one piece, as files of procfs and sysfs want it."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def vmstat() -> dict[str, int]:
    """All of /proc/vmstat, name to value."""
    return {name: int(value) for name, value in map(str.split, VMSTAT.read_text().splitlines())}


def free_mib() -> int:
    """Free memory, page cache not included, in MiB."""
    for line in MEMINFO.read_text().splitlines():
        if line.startswith("MemFree:"):
            return int(line.split()[1]) // 1024
    raise OSError(errno.EIO, "no MemFree", str(MEMINFO))


def memory() -> dict[str, int]:
    """Where memory is, in pages: ``total`` (without the balloon), ``free``, ``percpu``.

    ``percpu`` are free pages on per-CPU lists. Since 6.7 these lists grow up to an eighth of a zone
    and MemFree does not count them, so ask for ``free`` + ``percpu`` when looking for a leak.
    """
    total = free = percpu = 0
    for line in MEMINFO.read_text().splitlines():
        if line.startswith("MemTotal:"):
            total = int(line.split()[1]) * 1024 // PAGE_SIZE
    for line in ZONEINFO.read_text().splitlines():
        words = line.split()
        if words[:2] == ["pages", "free"]:
            free += int(words[2])
        elif words[:1] == ["count:"]:
            percpu += int(words[1])
    return {"total": total, "free": free, "percpu": percpu}


def settle() -> dict[str, str]:
    """Set `SETTINGS`, those that the kernel has; the values that they replaced, for `restore`."""
    previous: dict[str, str] = {}
    for name, value in SETTINGS.items():
        path = SYSCTL_VM / name
        if path.exists():
            previous[name] = path.read_text().strip()
            write(path, value)
    return previous


def restore(previous: dict[str, str]) -> None:
    """Undo `settle`."""
    for name, value in previous.items():
        write(SYSCTL_VM / name, value)


def spare_mib() -> int:
    """Free memory above the zones' high watermarks, in MiB: what can go without any reclaim.

    ZONE_DMA doesn't count: it is the last to be used. The watermarks are higher than one would
    think, as huge pages raise min_free_kbytes: "high" is 65 MiB in a guest of 1 GiB.
    """
    pages = 0
    zone = ""
    for line in ZONEINFO.read_text().splitlines():
        words = line.split()
        if words[:1] == ["Node"]:
            zone = words[-1]
        elif zone != "DMA" and words[:2] == ["pages", "free"]:
            pages += int(words[2])
        elif zone != "DMA" and words[:1] == ["high"] and len(words) == 2:
            pages -= int(words[1])
    return pages // PAGES_PER_MIB


def drop_caches() -> int:
    """Write back and drop clean page cache and slab; free MiB afterwards."""
    os.sync()
    write(DROP_CACHES, "3")
    return free_mib()
