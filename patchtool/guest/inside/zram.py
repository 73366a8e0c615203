# SPDX-License-Identifier: GPL-2.0-or-later
"""A compressed RAM disk in the guest: pages of zsmalloc, which a kernel may be able to move.

Runs as :mod:`.workload` does. The disk is written and read past the page cache, so
that the memory it takes is zsmalloc's alone. What a page of it says follows from its number, so
that its content can be checked without being kept: even pages do not compress and take a page of
memory each, odd ones compress to about a quarter and share pages.

See Documentation/admin-guide/blockdev/zram.rst.
"""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path

PAGE_SIZE = mmap.PAGESIZE
MIB = 1 << 20
PAGES_PER_MIB = MIB // PAGE_SIZE

DEVICE = Path("/dev/zram0")
QUEUE = Path("/sys/block/zram0")

# mm_stat's columns: orig_data_size, compr_data_size, mem_used_total, ...
MEM_USED_TOTAL = 2


def noise(length: int) -> bytes:
    """The same *length* bytes each time, a multiple of 8, in which no compressor finds much."""
    words = []
    state = 1
    for _ in range(length // 8):  # D. E. Knuth's linear congruential generator, MMIX
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        words.append(state.to_bytes(8, "little"))
    return b"".join(words)


class ZramDisk:
    """A zram disk full of data, of which parts can be freed."""

    def __init__(self, mib: int) -> None:
        """Set up zram0 with *mib* MiB, at most 255, and fill it."""
        hard, easy = noise(PAGE_SIZE), noise(PAGE_SIZE // 4).ljust(PAGE_SIZE, b"\xa5")
        self._pattern = bytearray((hard + easy) * (PAGES_PER_MIB // 2))
        self._freed: set[int] = set()
        self._mib = mib
        (QUEUE / "reset").write_text("1")
        (QUEUE / "disksize").write_text(str(mib * MIB))
        self._fd = os.open(DEVICE, os.O_RDWR | os.O_DIRECT)
        self._buffer = mmap.mmap(-1, MIB)  # O_DIRECT wants it aligned
        for number in range(mib):
            self._buffer[:] = self._content(number)
            self._write(MIB, number * MIB)

    def _content(self, number: int) -> bytearray:
        """The MiB with that number: a page begins with its place in it and with the number."""
        content = self._pattern.copy()
        content[::PAGE_SIZE] = bytes(range(PAGES_PER_MIB))
        content[1::PAGE_SIZE] = bytes([1 + number]) * PAGES_PER_MIB
        for page in self._freed:
            content[page * PAGE_SIZE : (page + 1) * PAGE_SIZE] = bytes(PAGE_SIZE)
        return content

    def _write(self, length: int, offset: int) -> None:
        with memoryview(self._buffer) as whole, whole[:length] as part:
            if os.pwrite(self._fd, part, offset) != length:
                raise OSError(errno.EIO, "short write", str(DEVICE))

    def free_every(self, nth: int) -> int:
        """Free every so manieth page of each MiB, by writing zeros; how many."""
        self._freed.update(range(0, PAGES_PER_MIB, nth))
        self._buffer[:PAGE_SIZE] = bytes(PAGE_SIZE)
        for number in range(self._mib):
            for page in self._freed:
                self._write(PAGE_SIZE, number * MIB + page * PAGE_SIZE)
        return self._mib * len(self._freed)

    def pages(self) -> int:
        """Pages of memory that it takes."""
        words = (QUEUE / "mm_stat").read_text().split()
        return int(words[MEM_USED_TOTAL]) // PAGE_SIZE

    def damaged(self) -> list[int]:
        """Numbers of the MiBs that do not read as they were written."""
        bad = []
        for number in range(self._mib):
            read = os.preadv(self._fd, [self._buffer], number * MIB)
            if read != MIB or self._buffer[:] != self._content(number):
                bad.append(number)
        return bad

    def release(self) -> None:
        """Free all of it. The object can't be used afterwards."""
        os.close(self._fd)
        self._buffer.close()
        (QUEUE / "reset").write_text("1")
