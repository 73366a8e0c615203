# SPDX-License-Identifier: GPL-2.0-or-later
"""The balloon as the guest sees it: its pages, its driver. See :mod:`.workload`."""

from __future__ import annotations

import errno
from pathlib import Path

from patchtool.guest.inside.memory import MIB, PAGES_PER_MIB, write

TYPE_CHECKING = False  # as typing has it, whose import takes long in the guest
if TYPE_CHECKING:
    from typing import TypedDict

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


BLOCK_PAGES = 512
"""Pages of a pageblock, the unit of compaction's scanners: 2 MiB on x86_64 with huge pages."""

# include/uapi/linux/kernel-page-flags.h: KPF_BALLOON until 5.0, KPF_OFFLINE since 5.1, same bit.
KPF_OFFLINE = 23

KPAGEFLAGS = Path("/proc/kpageflags")
BALLOON_DRIVER = Path("/sys/bus/virtio/drivers/virtio_balloon")
FAIL_FUNCTION = Path("/sys/kernel/debug/fail_function")

BALLOON_MIGRATE_FUNCTION = "balloon_page_migrate"


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
    write(BALLOON_DRIVER / "unbind", name)
    return name


def rebind_balloon(name: str) -> None:
    """Have virtio_balloon drive the device called *name* again."""
    write(BALLOON_DRIVER / "bind", name)


def fail_balloon_migration(on: bool, error: int = errno.EBUSY) -> None:
    """Make migration of all balloon pages fail with *error*, or end that.

    EBUSY lets a page be returned at once, with EAGAIN its migration is tried 10 times before.
    Needs CONFIG_FAIL_FUNCTION, a mounted debugfs, and balloon_page_migrate() to be marked for
    error injection. Raises OSError: ENOENT without the former, ERANGE without the latter.
    """
    write(FAIL_FUNCTION / "inject", " ")  # blanks remove all injections
    if not on:
        return
    write(FAIL_FUNCTION / "inject", BALLOON_MIGRATE_FUNCTION)
    # Documentation/fault-injection: an unsigned value, so two's complement of -error
    retval = (1 << 64) - error
    write(FAIL_FUNCTION / BALLOON_MIGRATE_FUNCTION / "retval", f"{retval:#x}")
    # At verbose > 0 each failure is a backtrace on the console.
    for name, value in (("verbose", 0), ("interval", 0), ("times", -1), ("probability", 100)):
        write(FAIL_FUNCTION / name, str(value))
