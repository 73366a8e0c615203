# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory workloads that run inside the guest.

Runs in the guest's own Python (3.9 or later, standard library only), on behalf of the agent: all
names here are operations. Each subject has a module of its own.
Arguments and results are plain numbers, strings, lists and dicts, so that they travel as JSON;
what has to outlive a call (`FilledMemory`, `HugeMemory`) is held by the agent process.

Units: a *page* is 4096 bytes or whatever the kernel's page size is, a *frame* is a page frame
number (pfn), ``mib`` is 2**20 bytes, times are seconds.

The layout that makes nearly all balloon pages move, whatever the kernel (measured on 6.12 and with
a balloon of up to an eighth of the guest: 99 % in one pass of one writer)::

    previous = settle()
    drop_caches()
    memory = FilledMemory(reserve_mib=16)
    memory.release_lowest(balloon_pages + 512, keep_every=8)   # then the host inflates the balloon
    memory.release_all_but_every(BLOCK_PAGES)                  # no pageblock is left wholly free
    before = vmstat()
    compact(6, passes=3)
    ...
    memory.release()
    restore(previous)
"""

from __future__ import annotations

from patchtool.guest.inside.balloon_pages import (
    BLOCK_PAGES,
    balloon_device,
    balloon_frames,
    fail_balloon_migration,
    rebind_balloon,
    unbind_balloon,
)
from patchtool.guest.inside.compaction import Compaction, compact
from patchtool.guest.inside.filled_memory import FilledMemory, lock_agent
from patchtool.guest.inside.hugepages import HugeMemory, free_huge_blocks, map_huge, set_hugepages
from patchtool.guest.inside.memory import (
    drop_caches,
    free_mib,
    memory,
    restore,
    settle,
    spare_mib,
    vmstat,
)
from patchtool.guest.inside.nodes import (
    memory_block_of,
    memory_block_pages,
    memory_block_state,
    memory_blocks,
    move_pages,
    offline_memory_block,
    online_memory_block,
)

__all__ = [
    "BLOCK_PAGES",
    "Compaction",
    "FilledMemory",
    "HugeMemory",
    "balloon_device",
    "balloon_frames",
    "compact",
    "drop_caches",
    "fail_balloon_migration",
    "free_huge_blocks",
    "free_mib",
    "lock_agent",
    "map_huge",
    "memory",
    "memory_block_of",
    "memory_block_pages",
    "memory_block_state",
    "memory_blocks",
    "move_pages",
    "offline_memory_block",
    "online_memory_block",
    "rebind_balloon",
    "restore",
    "set_hugepages",
    "settle",
    "spare_mib",
    "unbind_balloon",
    "vmstat",
]
