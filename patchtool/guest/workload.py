# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory workloads that run inside the guest.

Runs in the guest's own Python (3.9 or later, standard library only), on behalf of the agent.
Arguments and results are plain numbers, strings, lists and dicts, so that they travel as JSON;
what has to outlive a call (`FilledMemory`, `HugeMemory`) is held by the agent process.

Units: a *page* is 4096 bytes or whatever the kernel's page size is, a *frame* is a page frame
number (pfn), ``mib`` is 2**20 bytes, times are seconds.

The layout that makes nearly all balloon pages move, whatever the kernel (measured on 6.12 and with
a balloon of up to an eighth of the guest: 99 % in one pass of one writer)::

    previous = settle()
    drop_caches()
    memory = FilledMemory(reserve_mib=16)
    memory.release_lowest(balloon_pages + 512, keep_every=32)   # then the host inflates the balloon
    memory.release_all_but_every(BLOCK_PAGES)                   # no pageblock is left wholly free
    before = vmstat()
    compact(6, passes=3)
    ...
    memory.release()
    restore(previous)
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import sys
import threading
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE_SIZE = mmap.PAGESIZE
MIB = 1 << 20
PAGES_PER_MIB = MIB // PAGE_SIZE

BLOCK_PAGES = 512
"""Pages of a pageblock, the unit of compaction's scanners: 2 MiB on x86_64 with huge pages."""

DMA_FRAMES = 16 * PAGES_PER_MIB
"""Frames below this belong to ZONE_DMA on x86. Compaction works zone by zone."""

# include/uapi/linux/kernel-page-flags.h: KPF_BALLOON until 5.0, KPF_OFFLINE since 5.1, same bit.
KPF_OFFLINE = 23

# Documentation/admin-guide/mm/pagemap.rst: 64 bits for a page, bits 0-54 are the frame.
PAGEMAP_ENTRY = 8

# include/uapi/asm-generic/mman-common.h
MADV_DONTNEED = 4
MADV_HUGEPAGE = 14
MADV_NOHUGEPAGE = 15
MADV_POPULATE_WRITE = 23  # since 5.14

# move_pages(2): arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h
SYS_MOVE_PAGES = {"x86_64": 279, "aarch64": 239, "riscv64": 239}
MPOL_MF_MOVE = 2

SYSCTL_VM = Path("/proc/sys/vm")
COMPACT_MEMORY = SYSCTL_VM / "compact_memory"
DROP_CACHES = SYSCTL_VM / "drop_caches"
KPAGEFLAGS = Path("/proc/kpageflags")
PAGEMAP = Path("/proc/self/pagemap")
MEMINFO = Path("/proc/meminfo")
BUDDYINFO = Path("/proc/buddyinfo")
ZONEINFO = Path("/proc/zoneinfo")
VMSTAT = Path("/proc/vmstat")
MEMORY_BLOCKS = Path("/sys/devices/system/memory")
BALLOON_DRIVER = Path("/sys/bus/virtio/drivers/virtio_balloon")
HUGEPAGE = Path("/sys/kernel/mm/transparent_hugepage")
FAIL_FUNCTION = Path("/sys/kernel/debug/fail_function")

BALLOON_MIGRATE_FUNCTION = "balloon_page_migrate"

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


def _write(path: Path, text: str) -> None:
    """Write *text* with a single write(2), as files of procfs and sysfs want it."""
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
            _write(path, value)
    return previous


def restore(previous: dict[str, str]) -> None:
    """Undo `settle`."""
    for name, value in previous.items():
        _write(SYSCTL_VM / name, value)


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
    _write(DROP_CACHES, "3")
    return free_mib()


# --- anonymous memory whose frames are known ------------------------------------------------


def _address(area: mmap.mmap) -> int:
    """Virtual address of an anonymous mapping."""
    anchor = ctypes.c_char.from_buffer(area)
    address = ctypes.addressof(anchor)
    del anchor  # an exported buffer would keep the mapping from being closed
    return address


def _mlock(addresses: list[int]) -> None:
    """mlock(2) the pages at *addresses*."""
    libc = ctypes.CDLL(None, use_errno=True)
    for address in addresses:
        if libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(PAGE_SIZE)) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), "mlock")


def _advise(area: mmap.mmap, advice: int, start: int, length: int) -> bool:
    """madvise(2); False where the kernel doesn't know that advice."""
    try:
        area.madvise(advice, start, length)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return False
        raise
    return True


class FilledMemory:
    """Anonymous memory that takes nearly all free memory, to be released page by page.

    While it is held the allocator has only those pages to give which were released on purpose, so
    a balloon that is inflated then sits exactly there. Pages are small (no huge pages) and touched
    once. Frames are read anew on each call, as compaction moves them.
    """

    def __init__(self, reserve_mib: int, step_mib: int = 16) -> None:
        """Fill *step_mib* at a time until *reserve_mib* are left above the high watermarks."""
        size = max(spare_mib(), step_mib) * MIB
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        self._area = mmap.mmap(-1, size, flags=flags)
        self._size = 0
        _advise(self._area, MADV_NOHUGEPAGE, 0, size)
        blank = b""
        while self._size < size:
            step = min(step_mib, spare_mib() - reserve_mib) * MIB
            step = min(step, size - self._size)
            if step <= 0:
                break
            if blank or not _advise(self._area, MADV_POPULATE_WRITE, self._size, step):
                blank = blank or bytes(step_mib * MIB)
                self._area[self._size : self._size + step] = blank[:step]
            self._size += step

    @property
    def pages(self) -> int:
        """Pages that were filled at first, released ones included."""
        return self._size // PAGE_SIZE

    def frames(self) -> array[int]:
        """Frame of each page, in the order of the mapping; 0 for a page that was released."""
        parts = []
        fd = os.open(PAGEMAP, os.O_RDONLY)
        try:
            at = _address(self._area) // PAGE_SIZE * PAGEMAP_ENTRY
            end = at + self.pages * PAGEMAP_ENTRY
            while at < end:
                data = os.pread(fd, end - at, at)
                if not data:
                    raise OSError(errno.EIO, "short read", str(PAGEMAP))
                parts.append(data)
                at += len(data)
        finally:
            os.close(fd)
        # Entries have 64 bits. The lower half alone has the frame in any guest below 16 TiB, and
        # is 0 where nothing is mapped (there is no swap): no loop over 200,000 entries is needed.
        halves = array("I", b"".join(parts))
        return halves[0 if sys.byteorder == "little" else 1 :: 2]

    def summary(self) -> dict[str, int]:
        """Pages held now, lowest and highest frame."""
        held = [frame for frame in self.frames() if frame]
        if not held:
            return {"pages": 0, "lowest": 0, "highest": 0}
        return {"pages": len(held), "lowest": min(held), "highest": max(held)}

    def _release_run(self, start: int, end: int) -> None:
        if end > start:
            self._area.madvise(MADV_DONTNEED, start * PAGE_SIZE, (end - start) * PAGE_SIZE)

    def _release_lowest_of(
        self, wanted: Callable[[int], bool], n_pages: int | None
    ) -> dict[str, int]:
        frames = self.frames()
        candidates = sorted(frame for frame in frames if frame and wanted(frame))[:n_pages]
        highest = candidates[-1] if candidates else 0
        start = end = 0
        for index, frame in enumerate(frames):
            if 0 < frame <= highest and wanted(frame):
                if index != end:
                    self._release_run(start, end)
                    start = index
                end = index + 1
        self._release_run(start, end)
        return {"released": len(candidates), "highest": highest}

    def release_lowest(
        self, n_pages: int, keep_every: int = 0, above_frame: int = DMA_FRAMES
    ) -> dict[str, int]:
        """Release the *n_pages* lowest pages at or above *above_frame*.

        *keep_every* n > 0 spares frames that are a multiple of n: what is free then are blocks
        smaller than n pages, and as the allocator takes the smallest block first, they go before
        any larger one that was left elsewhere.
        """
        if keep_every:
            return self._release_lowest_of(
                lambda frame: frame >= above_frame and frame % keep_every != 0, n_pages
            )
        return self._release_lowest_of(lambda frame: frame >= above_frame, n_pages)

    def release_every(
        self, nth: int, n_pages: int | None = None, above_frame: int = DMA_FRAMES
    ) -> dict[str, int]:
        """Release pages whose frame is a multiple of *nth*, lowest first, at most *n_pages*."""
        return self._release_lowest_of(
            lambda frame: frame >= above_frame and frame % nth == 0, n_pages
        )

    def release_all_but_every(
        self, nth: int, above_frame: int = 0, pin: bool = True
    ) -> dict[str, int]:
        """Release all pages but those at or above *above_frame* whose frame is a multiple of *nth*.

        With *nth* = `BLOCK_PAGES` the first page of each pageblock stays in use. Compaction takes
        no target page from a pageblock that is wholly free, and it looks at the first page only
        (suitable_migration_target() in mm/compaction.c).

        *pin*: mlock the pages that stay, so that, after `settle`, compaction leaves them alone.
        Else the first pass moves them too, and a second one finds no target in blocks they left.
        """
        kept = [
            index
            for index, frame in enumerate(self.frames())
            if frame and frame >= above_frame and not frame % nth
        ]
        start = 0
        for index in kept:
            self._release_run(start, index)
            start = index + 1
        self._release_run(start, self.pages)
        if pin:
            base = _address(self._area)
            _mlock([base + index * PAGE_SIZE for index in kept])
        return {"released": self.pages - len(kept), "kept": len(kept)}

    def release(self) -> None:
        """Release all of it. The object can't be used afterwards."""
        self._area.close()
        self._size = 0


# --- compaction, the balloon ----------------------------------------------------------------


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


class BalloonFrames(TypedDict):
    """Where the balloon's pages sit."""

    pages: int
    lowest: int
    """Lowest frame, 0 without any."""
    highest: int
    blocks: int
    """Pageblocks that hold at least one of them."""
    step_mib: int
    histogram: list[int]
    """Pages in each *step_mib* of physical memory, up to the last that has any."""


def balloon_frames(step_mib: int = 32) -> BalloonFrames:
    """Where the balloon's pages sit, from /proc/kpageflags; isolated pages still count.

    With *step_mib* the size of a memory block, the histogram's index is the memory block's.
    Kernels before 3.18 do not flag balloon pages: 0 pages. Pages that some other driver made
    "offline" have the same flag since 5.1.
    """
    chunks = []
    with KPAGEFLAGS.open("rb", buffering=0) as flags:
        while chunk := flags.read(MIB):
            chunks.append(chunk)
    # One byte for each frame, the one that holds the flag; then everything is done in C.
    byte, bit = divmod(KPF_OFFLINE, 8)
    table = bytes(value >> bit & 1 for value in range(256))
    marks = b"".join(chunks)[byte::8].translate(table)
    step = step_mib * PAGES_PER_MIB
    histogram = [marks.count(1, at, at + step) for at in range(0, len(marks), step)]
    while histogram and not histogram[-1]:
        histogram.pop()
    blocks = sum(b"\1" in marks[at : at + BLOCK_PAGES] for at in range(0, len(marks), BLOCK_PAGES))
    return {
        "pages": marks.count(1),
        "lowest": max(marks.find(1), 0),
        "highest": max(marks.rfind(1), 0),
        "blocks": blocks,
        "step_mib": step_mib,
        "histogram": histogram,
    }


def balloon_device() -> str | None:
    """Name of the virtio device that virtio_balloon drives, ``virtio2`` say, or None."""
    names = sorted(entry.name for entry in BALLOON_DRIVER.glob("virtio*"))
    return names[0] if names else None


def unbind_balloon() -> str:
    """Take virtio_balloon off its device, which empties the balloon; the device's name."""
    name = balloon_device()
    if name is None:
        raise OSError(errno.ENODEV, "no bound balloon device", str(BALLOON_DRIVER))
    _write(BALLOON_DRIVER / "unbind", name)
    return name


def rebind_balloon(name: str) -> None:
    """Have virtio_balloon drive the device called *name* again."""
    _write(BALLOON_DRIVER / "bind", name)


def fail_balloon_migration(on: bool, error: int = errno.EBUSY) -> None:
    """Make migration of all balloon pages fail with *error*, or end that.

    EBUSY lets a page be returned at once, with EAGAIN its migration is tried 10 times before.
    Needs CONFIG_FAIL_FUNCTION, a mounted debugfs, and balloon_page_migrate() to be marked for
    error injection. Raises OSError: ENOENT without the former, ERANGE without the latter.
    """
    _write(FAIL_FUNCTION / "inject", " ")  # blanks remove all injections
    if not on:
        return
    _write(FAIL_FUNCTION / "inject", BALLOON_MIGRATE_FUNCTION)
    # Documentation/fault-injection: an unsigned value, so two's complement of -error
    retval = (1 << 64) - error
    _write(FAIL_FUNCTION / BALLOON_MIGRATE_FUNCTION / "retval", f"{retval:#x}")
    # At verbose > 0 each failure is a backtrace on the console.
    for name, value in (("verbose", 0), ("interval", 0), ("times", -1), ("probability", 100)):
        _write(FAIL_FUNCTION / name, str(value))


# --- huge pages -----------------------------------------------------------------------------


def set_hugepages(enabled: str = "madvise", defrag: str = "madvise") -> None:
    """Policy of transparent huge pages; *defrag* ``madvise``: compact at once where advised."""
    _write(HUGEPAGE / "enabled", enabled)
    _write(HUGEPAGE / "defrag", defrag)


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
        first = -_address(self._area) % self.SIZE
        _advise(self._area, MADV_HUGEPAGE, 0, size)
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


# --- nodes, memory blocks -------------------------------------------------------------------


def move_pages(n_pages: int, node: int) -> dict[str, int]:
    """Move fresh anonymous memory to *node* by the system call of that name, then unmap it.

    ``moving``: pages that were elsewhere before the call; ``there``: pages on *node* after it;
    ``failed``: pages with an error status. pgmigrate_success grows by ``moving`` - ``failed``.
    """
    number = SYS_MOVE_PAGES.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, "move_pages on " + platform.machine())
    libc = ctypes.CDLL(None, use_errno=True)
    size = n_pages * PAGE_SIZE
    area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    _advise(area, MADV_NOHUGEPAGE, 0, size)
    area.write(bytes(size))
    base = _address(area)
    addresses = (ctypes.c_void_p * n_pages)(*range(base, base + size, PAGE_SIZE))
    nodes = (ctypes.c_int * n_pages)(*([node] * n_pages))
    status = (ctypes.c_int * n_pages)()

    def call(targets: ctypes.Array[ctypes.c_int] | None, flags: int) -> list[int]:
        done = libc.syscall(
            ctypes.c_long(number),
            ctypes.c_long(0),
            ctypes.c_ulong(n_pages),
            addresses,
            targets,
            status,
            ctypes.c_long(flags),
        )
        if done < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), "move_pages")
        return list(status)

    try:
        before = call(None, 0)
        call(nodes, MPOL_MF_MOVE)
        after = call(None, 0)
    finally:
        area.close()
    return {
        "pages": n_pages,
        "moving": sum(where != node for where in before),
        "there": sum(where == node for where in after),
        "failed": sum(where != node for where in after),
    }


def memory_block_pages() -> int:
    """Pages of a memory block, the unit of on- and offlining."""
    return int((MEMORY_BLOCKS / "block_size_bytes").read_text(), 16) // PAGE_SIZE


def memory_block_of(frame: int) -> int:
    """Index of the memory block that holds *frame*."""
    return frame // memory_block_pages()


def memory_block_state(index: int) -> str:
    """``online``, ``offline`` or ``going-offline``."""
    return (MEMORY_BLOCKS / f"memory{index}" / "state").read_text().strip()


class MemoryBlock(TypedDict):
    """A memory block, the unit of on- and offlining."""

    index: int
    state: str
    zones: list[str]
    """Zones it is in or could be onlined to; ``none`` if it spans several and can't be offlined."""


def memory_blocks() -> list[MemoryBlock]:
    """All memory blocks, by index."""
    blocks: list[MemoryBlock] = []
    for path in MEMORY_BLOCKS.glob("memory[0-9]*"):
        zones = path / "valid_zones"
        blocks.append(
            {
                "index": int(path.name[len("memory") :]),
                "state": (path / "state").read_text().strip(),
                "zones": zones.read_text().split() if zones.exists() else [],
            }
        )
    return sorted(blocks, key=lambda block: block["index"])


def offline_memory_block(index: int) -> float:
    """Offline a memory block, its pages migrated elsewhere; seconds.

    Raises OSError: EBUSY if a page in it can't be moved (a node's first block holds some of the
    kernel's own), EINVAL if the block isn't in a single zone.
    """
    started = time.monotonic()
    _write(MEMORY_BLOCKS / f"memory{index}" / "state", "offline")
    return round(time.monotonic() - started, 3)


def online_memory_block(index: int, how: str = "online") -> None:
    """Online a memory block; *how*: ``online``, ``online_movable`` or ``online_kernel``."""
    _write(MEMORY_BLOCKS / f"memory{index}" / "state", how)
