# SPDX-License-Identifier: GPL-2.0-or-later
"""Anonymous memory whose page frames are known. See :mod:`.workload`."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import sys
import time
from array import array
from pathlib import Path

from patchtool.guest.inside.memory import MIB, PAGE_SIZE, PAGES_PER_MIB, spare_mib

TYPE_CHECKING = False  # as typing has it, whose import takes long in the guest
if TYPE_CHECKING:
    from collections.abc import Callable

DMA_FRAMES = 16 * PAGES_PER_MIB
"""Frames below this belong to ZONE_DMA on x86. Compaction works zone by zone."""

PAGEMAP = Path("/proc/self/pagemap")
# Documentation/admin-guide/mm/pagemap.rst: 64 bits for a page, bits 0-54 are the frame.
PAGEMAP_ENTRY = 8

# include/uapi/asm-generic/mman-common.h
MADV_DONTNEED = 4
MADV_NOHUGEPAGE = 15
MADV_POPULATE_WRITE = 23  # since 5.14
MCL_CURRENT = 1


def address_of(area: mmap.mmap) -> int:
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


def lock_agent(on: bool) -> None:
    """mlockall(2) what the agent has mapped, or munlockall(2).

    A guest without free memory drops the agent's own program from the page cache, and the first
    page of it that is needed again has the kernel look for something to kill.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.mlockall(MCL_CURRENT) if on else libc.munlockall()) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), "mlockall" if on else "munlockall")


def advise(area: mmap.mmap, advice: int, start: int, length: int) -> bool:
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
        advise(self._area, MADV_NOHUGEPAGE, 0, size)
        while self._size < size:
            step = min(step_mib, spare_mib() - reserve_mib) * MIB
            step = min(step, size - self._size)
            if step <= 0:
                break
            if not advise(self._area, MADV_POPULATE_WRITE, self._size, step):
                # One byte of each page is enough to have it filled in.
                touched = slice(self._size, self._size + step, PAGE_SIZE)
                self._area[touched] = bytes(step // PAGE_SIZE)
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
            at = address_of(self._area) // PAGE_SIZE * PAGEMAP_ENTRY
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
            base = address_of(self._area)
            _mlock([base + index * PAGE_SIZE for index in kept])
        return {"released": self.pages - len(kept), "kept": len(kept)}

    def release(self) -> None:
        """Release all of it. The object can't be used afterwards."""
        self._area.close()
        self._size = 0

    def release_after(self, seconds: float) -> None:
        """Wait, then release all of it: for who cannot ask when there is no memory for that."""
        time.sleep(seconds)
        self.release()
