# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests have a guest do with its memory: the host's side of guest.inside.workload."""

from __future__ import annotations

import contextlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchtool.errors import PatchtoolError
from patchtool.testing import placed_memory
from patchtool.testing.placed_memory import Filled
from patchtool.testing.watch import INTERVAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.guest.session import Guest, Pending
    from patchtool.testing.balloon import Balloon

#: Writers to compact_memory at the same time, as in the cover letter of 2012.
WRITERS = 6
#: How often each of them writes.
PASSES = 3
#: Writers where compaction goes on in the background: enough to keep two processors busy.
BACKGROUND = 2
PAGES_PER_MIB = 256
LONG = placed_memory.LONG
#: A huge page is 2**9 pages on x86_64.
HUGE_ORDER = 9
HUGE_MIB = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """How a balloon is put where compaction takes pages from; measured on 6.12 and 3.6.

    All of memory is filled and only the lowest pages are released, so the balloon gets these.
    Then the rest is released but for one page in each pageblock, because compaction takes no
    target from a pageblock that is wholly free (suitable_migration_target() in mm/compaction.c).

    Attributes:
        reserve_mib: Memory above the watermarks that is not filled.
        slack_pages: Released at the bottom on top of the balloon's pages.
        keep_every: Frames that are a multiple of it are not released at the bottom: the allocator
            prefers the small free blocks that are left so to any larger one elsewhere.
        spare_every: Frames that are a multiple of it stay filled in the end.
    """

    reserve_mib: int = 16
    slack_pages: int = 512
    keep_every: int = 8
    spare_every: int = 512


@dataclass(frozen=True, slots=True)
class Fragments:
    """How a balloon's pages are scattered, so that no huge page is free.

    Attributes:
        balloon_mib: Size of the balloon.
        every: Frames that are a multiple of it are the balloon's: the guest's pages by the
            balloon's, so that they reach to the end of memory.
        reserve_mib: As in :class:`Layout`.
        slack_pages: As in :class:`Layout`.
        beyond: Huge pages to ask for beyond those that are free.
    """

    balloon_mib: int = 64
    every: int = 14
    reserve_mib: int = 16
    slack_pages: int = 512
    beyond: int = 100


LAYOUT = Layout()
FRAGMENTS = Fragments()


@dataclass(frozen=True, slots=True)
class Memory:
    """A guest's memory, in pages.

    Attributes:
        total: MemTotal: what the balloon has is not in it.
        free: Free pages, those on per-CPU lists among them.
    """

    total: int
    free: int


class Workload:
    """Memory workloads in one guest; what a test leaves behind is undone by :meth:`close`.

    Args:
        guest: The guest.
    """

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self._undo = contextlib.ExitStack()

    def call(self, name: str, /, *, timeout: float | None = LONG, **arguments: Any) -> Any:
        """Call a function of patchtool.guest.inside.workload in the guest."""
        return self.guest.call(f"workload.{name}", timeout=timeout, **arguments)

    def close(self) -> None:
        """End what runs, release what is held, and restore what was set."""
        self._undo.close()

    # --- memory ---

    def settle(self) -> None:
        """Set vm's settings so that a layout comes out and stays, until the test's end."""
        before = self.call("settle")
        self._undo.callback(self._quietly, "restore", previous=before)

    def drop_caches(self) -> int:
        """Drop clean page cache and slab; free MiB afterwards."""
        return int(self.call("drop_caches"))

    def memory(self) -> Memory:
        """How much memory there is and is free."""
        seen = self.call("memory")
        return Memory(int(seen["total"]), int(seen["free"]) + int(seen["percpu"]))

    def fill(self, reserve_mib: int) -> Filled:
        """Fill memory until *reserve_mib* are left above the watermarks."""
        remote = self.guest.new("FilledMemory", timeout=LONG, reserve_mib=reserve_mib)
        filled = Filled(remote)
        self._undo.callback(self._release, filled)
        return filled

    @contextmanager
    def short_of_memory(self, seconds: float) -> Iterator[Pending]:
        """Fill all memory for so many seconds; what the block gets says when they are over.

        The block must not ask the guest for anything: it has no page to answer with, and kills
        what wants one. So its counters are not sampled either.
        """
        self.settle()
        self.drop_caches()
        self.guest.sample_stop()
        self.call("lock_agent", on=True)
        over = self.fill(LAYOUT.reserve_mib).release_after(seconds)
        try:
            with self.guest.left_alone():
                try:
                    yield over
                finally:
                    over.result(seconds + LONG)
        finally:
            self.call("lock_agent", on=False)
            self.guest.sample_start(INTERVAL)

    # --- compaction and the balloon ---

    def compact(self, writers: int = WRITERS, passes: int = 1) -> float:
        """Write to compact_memory from several threads at once; seconds it took."""
        return float(self.call("compact", writers=writers, passes=passes)["seconds"])

    @contextmanager
    def compacting(self, writers: int = BACKGROUND) -> Iterator[None]:
        """Compact without a pause while the block runs; it raises if that went wrong."""
        remote = self.guest.new("Compaction", writers=writers)
        try:
            yield
        except BaseException:
            with contextlib.suppress(PatchtoolError):  # the block's error matters more
                remote.call("stop", timeout=LONG)
            raise
        passes = remote.call("stop", timeout=LONG)["passes"]
        assert passes > 0, "the background compaction made no pass"

    def balloon_frames(self, step_mib: int = 32) -> dict[str, Any]:
        """Where the balloon's pages sit; see patchtool.guest.inside.workload.balloon_frames."""
        return dict(self.call("balloon_frames", step_mib=step_mib))

    def place_balloon(self, balloon: Balloon, mib: int, layout: Layout = LAYOUT) -> Filled:
        """Inflate *balloon* to *mib*, its pages where compaction takes pages from.

        The memory that stays filled keeps a page of each pageblock in use.
        """
        self.settle()
        self.drop_caches()
        filled = self.fill(layout.reserve_mib)
        filled.release_lowest(mib * PAGES_PER_MIB + layout.slack_pages, layout.keep_every)
        balloon.resize(mib)
        filled.release_all_but_every(layout.spare_every)
        return filled

    def scatter_balloon(self, balloon: Balloon, fragments: Fragments = FRAGMENTS) -> None:
        """Inflate *balloon* so that its pages lie all over memory, which is free otherwise."""
        self.settle()
        self.drop_caches()
        filled = self.fill(fragments.reserve_mib)
        pages = fragments.balloon_mib * PAGES_PER_MIB
        filled.release_every(fragments.every, pages + fragments.slack_pages)
        balloon.resize(fragments.balloon_mib)
        filled.release()
        self.drop_caches()

    @contextmanager
    def failing_migration(self) -> Iterator[None]:
        """Make every migration of a balloon page fail while the block runs."""
        self.call("fail_balloon_migration", on=True)
        try:
            yield
        finally:
            self._quietly("fail_balloon_migration", on=False)

    def unbind_balloon(self) -> str:
        """Take the balloon driver off its device; the device's name."""
        name = str(self.call("unbind_balloon"))
        self._undo.callback(self._bind_again)
        return name

    def rebind_balloon(self, name: str) -> None:
        """Have the balloon driver drive that device again."""
        self.call("rebind_balloon", name=name)

    # --- huge pages, nodes, memory blocks ---

    def free_huge(self) -> int:
        """How many huge pages could be had at once, without compaction (/proc/buddyinfo)."""
        found = 0
        for line in self.guest.call("read_file", path="/proc/buddyinfo").splitlines():
            zone, *orders = line.partition("zone")[2].split()
            if zone != "DMA":  # kept for devices
                counts = enumerate(map(int, orders))
                found += sum(
                    n << (order - HUGE_ORDER) for order, n in counts if order >= HUGE_ORDER
                )
        return found

    def map_huge(self, mib: int, *, compact: bool = True) -> dict[str, float]:
        """Touch *mib* MiB with huge pages advised, and unmap them; how the faults went.

        Args:
            mib: How much.
            compact: A fault compacts at once when no huge page is free.
        """
        self.call("set_hugepages", defrag="madvise" if compact else "never")
        return dict(self.call("map_huge", mib=mib))

    def move_pages(self, pages: int, node: int) -> dict[str, int]:
        """Take fresh pages to a node by the system call of that name; how that went."""
        return dict(self.call("move_pages", n_pages=pages, node=node))

    def memory_blocks(self) -> list[dict[str, Any]]:
        """The memory blocks: index, state, zones."""
        return list(self.call("memory_blocks"))

    def offline(self, index: int) -> None:
        """Take a memory block offline; it comes back at the end of the test at the latest.

        Raises:
            GuestError: EBUSY: a page in it cannot be moved.
        """
        self.call("offline_memory_block", index=index)
        self._undo.callback(self._quietly, "online_memory_block", index=index)

    def _release(self, filled: Filled) -> None:
        with contextlib.suppress(PatchtoolError):  # the guest is gone, and its memory with it
            filled.release()

    def _bind_again(self) -> None:
        with contextlib.suppress(PatchtoolError):
            if self.call("balloon_device") is None:
                devices = self.guest.call("list_dir", path="/sys/bus/virtio/devices")
                for name in devices:
                    self._quietly("rebind_balloon", name=name)

    def _quietly(self, name: str, /, **arguments: Any) -> None:
        with contextlib.suppress(PatchtoolError):
            self.call(name, **arguments)
