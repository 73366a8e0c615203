# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory workloads that run inside the guest.

Runs in the guest's own Python (3.9 or later, standard library only), on behalf of the agent.
Arguments and results are plain numbers, strings, lists and dicts, so that they travel as JSON;
what has to outlive a call (`FilledMemory`, `HugeMemory`) is held by the agent process.

Units: a *page* is 4096 bytes or whatever the kernel's page size is, a *frame* is a page frame
number (pfn), ``mib`` is 2**20 bytes, times are seconds.

The layout that makes balloon pages move (see `FilledMemory`)::

    memory = FilledMemory(reserve_mib=24)
    memory.release_lowest(balloon_pages + slack)   # then the host inflates the balloon
    memory.release_all_but_every(BLOCK_PAGES)      # no pageblock is left wholly free
    compact(6)
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import threading
import time
from array import array
from pathlib import Path
from typing import Optional

PAGE_SIZE = mmap.PAGESIZE
MIB = 1 << 20
PAGES_PER_MIB = MIB // PAGE_SIZE

BLOCK_PAGES = 512
"""Pages of a pageblock, the unit of compaction's scanners: 2 MiB on x86_64 with huge pages."""

DMA_FRAMES = 16 * PAGES_PER_MIB
"""Frames below this belong to ZONE_DMA on x86. Compaction works zone by zone."""

# include/uapi/linux/kernel-page-flags.h: KPF_BALLOON until 5.0, KPF_OFFLINE since 5.1, same bit.
KPF_OFFLINE = 23

# Documentation/admin-guide/mm/pagemap.rst: bits 0-54 are the frame, bit 63 says "present".
PAGEMAP_FRAME_MASK = (1 << 55) - 1

# include/uapi/asm-generic/mman-common.h
MADV_DONTNEED = 4
MADV_HUGEPAGE = 14
MADV_NOHUGEPAGE = 15
MADV_POPULATE_WRITE = 23  # since 5.14

# move_pages(2): arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h
SYS_MOVE_PAGES = {"x86_64": 279, "aarch64": 239, "riscv64": 239}
MPOL_MF_MOVE = 2

COMPACT_MEMORY = Path("/proc/sys/vm/compact_memory")
DROP_CACHES = Path("/proc/sys/vm/drop_caches")
KPAGEFLAGS = Path("/proc/kpageflags")
PAGEMAP = Path("/proc/self/pagemap")
MEMINFO = Path("/proc/meminfo")
ZONEINFO = Path("/proc/zoneinfo")
VMSTAT = Path("/proc/vmstat")
MEMORY_BLOCKS = Path("/sys/devices/system/memory")
BALLOON_DRIVER = Path("/sys/bus/virtio/drivers/virtio_balloon")
HUGEPAGE = Path("/sys/kernel/mm/transparent_hugepage")
FAIL_FUNCTION = Path("/sys/kernel/debug/fail_function")

BALLOON_MIGRATE_FUNCTION = "balloon_page_migrate"


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


def spare_mib() -> int:
    """Free memory above the zones' high watermarks, in MiB: what can go without any reclaim.

    The watermarks are higher than one would think: transparent huge pages raise min_free_kbytes to
    44 MiB in a guest of 1 GiB, where "high" is 66 MiB.
    """
    pages = 0
    for line in ZONEINFO.read_text().splitlines():
        words = line.split()
        if words[:1] == ["high"] and len(words) == 2:
            pages += int(words[1])
    return free_mib() - pages // PAGES_PER_MIB


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
        entries = array("Q")
        fd = os.open(PAGEMAP, os.O_RDONLY)
        try:
            at = _address(self._area) // PAGE_SIZE * entries.itemsize
            end = at + self.pages * entries.itemsize
            while at < end:
                data = os.pread(fd, end - at, at)
                if not data:
                    raise OSError(errno.EIO, "short read", str(PAGEMAP))
                entries.frombytes(data)
                at += len(data)
        finally:
            os.close(fd)
        return array("Q", [e & PAGEMAP_FRAME_MASK if e >> 63 else 0 for e in entries])

    def summary(self) -> dict[str, int]:
        """Pages held now, lowest and highest frame."""
        held = [frame for frame in self.frames() if frame]
        if not held:
            return {"pages": 0, "lowest": 0, "highest": 0}
        return {"pages": len(held), "lowest": min(held), "highest": max(held)}

    def _release(self, indices: list[int]) -> int:
        """Give back pages by their (ascending) index in the mapping, one call for each run."""
        start = run = 0
        for index in indices:
            if run and index == start + run:
                run += 1
                continue
            if run:
                self._area.madvise(MADV_DONTNEED, start * PAGE_SIZE, run * PAGE_SIZE)
            start, run = index, 1
        if run:
            self._area.madvise(MADV_DONTNEED, start * PAGE_SIZE, run * PAGE_SIZE)
        return len(indices)

    def release_lowest(
        self, n_pages: int, keep_every: int = 0, above_frame: int = DMA_FRAMES
    ) -> dict[str, int]:
        """Release the *n_pages* lowest pages at or above *above_frame*.

        *keep_every* n > 0 spares frames that are a multiple of n: what is free then are blocks
        smaller than n pages, and as the allocator takes the smallest block first, they go before
        any larger one that was left elsewhere.
        """
        frames = self.frames()
        ranked = sorted(
            (frame, index)
            for index, frame in enumerate(frames)
            if frame >= above_frame and (not keep_every or frame % keep_every)
        )[:n_pages]
        self._release(sorted(index for _, index in ranked))
        highest = ranked[-1][0] if ranked else 0
        return {"released": len(ranked), "highest": highest}

    def release_every(
        self, nth: int, above_frame: int = DMA_FRAMES, limit: Optional[int] = None
    ) -> dict[str, int]:
        """Release pages whose frame is a multiple of *nth*, at most *limit*, lowest first."""
        frames = self.frames()
        ranked = sorted(
            (frame, index)
            for index, frame in enumerate(frames)
            if frame >= above_frame and frame % nth == 0
        )[:limit]
        self._release(sorted(index for _, index in ranked))
        highest = ranked[-1][0] if ranked else 0
        return {"released": len(ranked), "highest": highest}

    def release_all_but_every(self, nth: int, above_frame: int = 0) -> dict[str, int]:
        """Release all pages but those at or above *above_frame* whose frame is a multiple of *nth*.

        With *nth* = `BLOCK_PAGES` the first page of each pageblock stays in use. Compaction since
        3.6 or so takes no target page from a pageblock that is wholly free, and it looks at the
        first page only (suitable_migration_target() in mm/compaction.c).
        """
        frames = self.frames()
        going = [
            index
            for index, frame in enumerate(frames)
            if frame and (frame < above_frame or frame % nth)
        ]
        self._release(going)
        return {"released": len(going), "kept": sum(map(bool, frames)) - len(going)}

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


def balloon_frames(step_mib: int = 32) -> dict[str, object]:
    """Where the balloon's pages sit, from /proc/kpageflags.

    ``pages`` their number, ``lowest`` and ``highest`` frame, ``blocks`` the number of pageblocks
    with at least one of them, ``histogram`` pages for each *step_mib* of physical memory.
    Pages which are isolated at that moment still count. Before 4.0 the kernel has no such flag for
    every balloon page, and the numbers are 0.
    """
    chunks = []
    with open(KPAGEFLAGS, "rb", buffering=0) as flags:
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


def balloon_device() -> Optional[str]:
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
    """Move *n_pages* fresh anonymous pages to *node* with move_pages(2), then unmap them.

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

    def call(targets: Optional[ctypes.Array[ctypes.c_int]], flags: int) -> list[int]:
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


def memory_blocks() -> list[dict[str, object]]:
    """All memory blocks: index, state, and the zones they're in or could be in."""
    blocks: list[dict[str, object]] = []
    for path in MEMORY_BLOCKS.glob("memory[0-9]*"):
        zones = path / "valid_zones"
        blocks.append(
            {
                "index": int(path.name[len("memory") :]),
                "state": (path / "state").read_text().strip(),
                "zones": zones.read_text().split() if zones.exists() else [],
            }
        )
    return sorted(blocks, key=lambda block: str(block["index"]).zfill(9))


def offline_memory_block(index: int) -> float:
    """Offline a memory block, its pages migrated elsewhere; seconds. EBUSY if some can't be."""
    started = time.monotonic()
    _write(MEMORY_BLOCKS / f"memory{index}" / "state", "offline")
    return round(time.monotonic() - started, 3)


def online_memory_block(index: int, how: str = "online") -> None:
    """Online a memory block; *how*: ``online``, ``online_movable`` or ``online_kernel``."""
    _write(MEMORY_BLOCKS / f"memory{index}" / "state", how)
