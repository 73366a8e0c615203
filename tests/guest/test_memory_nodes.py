# SPDX-License-Identifier: GPL-2.0-or-later
"""Migration that compaction has no part in: move_pages(2), and memory that goes offline."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from patchtool.guest.session import GuestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workloads import Workload

pytestmark = [
    pytest.mark.guest_spec(nodes=2),
    pytest.mark.needs("numa", "counter:pgmigrate_success"),
]

# Where pages of the balloon sit decides which block is taken. Offlining moves none but LRU pages
# before Linux kernel commit 0efadf48bca0 ("mm/hotplug: enable memory hotplug for non-lru movable
# pages", in v4.11); the function that it calls has been there since v4.8.
OFFLINE = pytest.mark.needs(
    "balloon",
    "memory-offline",
    "movable-balloon",
    "balloon-flag",
    "role:moved",
    "function:isolate_movable_page|isolate_movable_ops_page",
)

PAGES = 4096
#: MiB; with half a GiB per node and memory blocks of 128 MiB it fills at least one block.
BALLOON = 256


def test_move_pages_between_nodes(vmstat: Vmstat, workload: Workload) -> None:
    """move_pages(2) takes pages to node 1 and to node 0; each that moved is counted once."""
    for node in (1, 0):
        with vmstat.delta(f"move_pages to node {node}") as delta:
            moved = workload.move_pages(PAGES, node)
        delta.check(
            "there == pages",
            "failed == 0",
            "pgmigrate_success >= moving",
            pages=PAGES,
            **{name: moved[name] for name in ("there", "failed", "moving")},
        )


def offline_a_block(workload: Workload) -> tuple[int, int]:
    """Take the block with most balloon pages offline that can be; its index, and these pages."""
    blocks = {
        block["index"]
        for block in workload.memory_blocks()
        if block["state"] == "online" and "none" not in block["zones"]
    }
    mib = int(workload.call("memory_block_pages")) // 256
    histogram = workload.balloon_frames(mib)["histogram"]
    with_pages = sorted(
        (index for index, pages in enumerate(histogram) if pages and index in blocks),
        key=lambda index: -histogram[index],
    )
    for index in with_pages:
        try:
            workload.offline(index)
        except GuestError as error:
            if error.errno != errno.EBUSY:  # something in it that cannot be moved
                raise
        else:
            return index, int(histogram[index])
    pytest.fail(f"none of the memory blocks {with_pages} with balloon pages can go offline")


@pytest.fixture
def offlined(
    once: Callable[[object, Callable[[], Delta]], Delta],
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
) -> Delta:
    """A memory block with balloon pages that goes offline.

    Facts: its ``index``, how many ``pages_in_block`` the balloon had, ``pages_afterwards`` that
    the balloon has in all, of ``pages``.
    """

    def measure() -> Delta:
        balloon.resize(BALLOON)
        with vmstat.delta("offlining") as delta:
            index, pages = offline_a_block(workload)
        delta.facts.update(index=index, pages_in_block=pages)
        delta.facts.update(pages=BALLOON * 256, pages_afterwards=balloon.pages)
        return delta

    return once("offlined", measure)


@OFFLINE
def test_offline_memory_with_balloon_pages(
    offlined: Delta, figures: dict[str, int | float | str]
) -> None:
    """A memory block full of balloon pages goes offline: they move, and the balloon stays."""
    figures.update(offlined.facts)
    offlined.check(
        "moved >= pages_in_block",
        "pages_in_block > 0",
        "pages_afterwards == pages",
    )


@OFFLINE
@pytest.mark.needs("role:isolated", "role:returned")
def test_offlining_is_counted_as_well(offlined: Delta) -> None:
    """The counters follow a balloon page whoever asks for its migration."""
    offlined.check(
        "isolated == moved + returned",
        "isolated >= pages_in_block",
    )


@OFFLINE
@pytest.mark.parametrize(
    "role",
    [
        pytest.param(role, marks=pytest.mark.needs(f"role:{role}", "counter:balloon_migrate"))
        for role in ("migrated", "released")
    ],
)
def test_offlining_counts_what_moved(offlined: Delta, role: str) -> None:
    """Moved by offlining or by compaction, a page is counted alike."""
    offlined.check(f"{role} == balloon_migrate")
