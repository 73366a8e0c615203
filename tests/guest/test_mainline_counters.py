# SPDX-License-Identifier: GPL-2.0-or-later
"""Mainline's marks of balloon pages agree with what QEMU says, and with the series' own counters.

balloon_inflate, balloon_deflate and balloon_migrate, and the flag in /proc/kpageflags: Linux
kernel commit 09316c09dde3 "mm/balloon_compaction: add vmstat counters and kpageflags bit" (in
v3.18).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workloads import Workload

pytestmark = pytest.mark.needs("balloon")


@pytest.mark.needs("counter:balloon_inflate", "counter:balloon_deflate", "counter:balloon_migrate")
def test_inflate_and_deflate_agree_with_qemu(
    vmstat: Vmstat, balloon: Balloon, workload: Workload
) -> None:
    """Each change of size QEMU reports is counted page by page, and shows in MemTotal."""
    size = 0
    for mib in (16, 64, 48, 0):
        total = workload.memory().total
        with vmstat.delta(f"from {size} to {mib} MiB") as delta:
            balloon.resize(mib)
        delta.check(
            "balloon_inflate == grown",
            "balloon_deflate == shrunk",
            "balloon_migrate == 0",
            "qemu_pages == pages",
            "total_before - total_after == grown - shrunk",
            grown=max(mib - size, 0) * 256,
            shrunk=max(size - mib, 0) * 256,
            qemu_pages=balloon.pages,
            pages=mib * 256,
            total_before=total,
            total_after=workload.memory().total,
        )
        size = mib


@pytest.mark.needs("config:PROC_PAGE_MONITOR", "balloon-flag")
def test_page_flags_agree_with_qemu(balloon: Balloon, workload: Workload, vmstat: Vmstat) -> None:
    """/proc/kpageflags marks as many pages as the balloon has."""
    with vmstat.delta("inflation to 32 MiB") as delta:
        balloon.resize(32)
    marked = workload.balloon_frames()["pages"]
    delta.check("marked == qemu_pages", marked=marked, qemu_pages=balloon.pages)


@pytest.mark.needs("movable-balloon", "counter:balloon_migrate")
@pytest.mark.needs("role:migrated", "role:released")
def test_migrate_agrees_with_the_series(compacted: Callable[[int], Delta]) -> None:
    """balloon_migrate counts the same pages as the series' own counters of moved pages."""
    compacted(64).check("balloon_migrate == migrated", "balloon_migrate == released")
