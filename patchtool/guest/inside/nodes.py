# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory nodes and memory blocks. See :mod:`.workload`."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import time
from pathlib import Path

from patchtool.guest.inside.filled_memory import MADV_NOHUGEPAGE, address_of, advise
from patchtool.guest.inside.memory import PAGE_SIZE, write

TYPE_CHECKING = False  # as typing has it, whose import takes long in the guest
if TYPE_CHECKING:
    from typing import TypedDict

    class MemoryBlock(TypedDict):
        """A memory block, the unit of on- and offlining."""

        index: int
        state: str
        zones: list[str]
        """Zones it is in or could be onlined to; ``none`` if it cannot go offline: several."""


# move_pages(2): arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h
SYS_MOVE_PAGES = {"x86_64": 279, "aarch64": 239, "riscv64": 239}
MPOL_MF_MOVE = 2

MEMORY_BLOCKS = Path("/sys/devices/system/memory")


def move_pages(n_pages: int, node: int) -> dict[str, int]:
    """Move fresh anonymous memory to *node* by the system call of that name, then unmap it.

    ``moving``: pages that were elsewhere before the call; ``there``: pages on *node* after it;
    ``failed``: pages with an error status. pgmigrate_success grows by ``moving`` - ``failed``.
    """
    machine = os.uname().machine
    number = SYS_MOVE_PAGES.get(machine)
    if number is None:
        raise OSError(errno.ENOSYS, "move_pages on " + machine)
    libc = ctypes.CDLL(None, use_errno=True)
    size = n_pages * PAGE_SIZE
    area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    advise(area, MADV_NOHUGEPAGE, 0, size)
    area.write(bytes(size))
    base = address_of(area)
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
    write(MEMORY_BLOCKS / f"memory{index}" / "state", "offline")
    return round(time.monotonic() - started, 3)


def online_memory_block(index: int, how: str = "online") -> None:
    """Online a memory block; *how*: ``online``, ``online_movable`` or ``online_kernel``."""
    write(MEMORY_BLOCKS / f"memory{index}" / "state", how)
