# SPDX-License-Identifier: GPL-2.0-or-later
"""Migration of balloon pages that fails: the pages go back to the balloon, and none leaks.

Failure is injected into balloon_page_migrate() through fail_function, where the kernel marks that
function for it (Documentation/fault-injection/fault-injection.rst).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.testing.balloon import Balloon
    from patchtool.testing.vmstat import Delta, Vmstat
    from patchtool.testing.workloads import Workload

pytestmark = pytest.mark.needs(
    "balloon",
    "movable-balloon",
    "balloon-flag",
    "role:moved",
    "counter:balloon_deflate",
    "counter:pgmigrate_fail",
    "fail-function:balloon_page_migrate",
)

MIB = 64
WHERE = ("pages", "lowest", "highest", "blocks", "histogram")


@pytest.fixture
def failed(
    once: Callable[[object, Callable[[], Delta]], Delta],
    vmstat: Vmstat,
    balloon: Balloon,
    workload: Workload,
) -> Delta:
    """Compaction of a balloon whose pages fail to move.

    Facts: ``same_place``, 1 if its pages lay where they had been; then, with migration as usual,
    ``moved_later``, and at last ``deflated``, how many pages it gave back of its ``pages``.
    """

    def measure() -> Delta:
        workload.place_balloon(balloon, MIB)
        before = workload.balloon_frames()
        with workload.failing_migration():
            with vmstat.delta("failing migration") as failing:
                workload.compact()
            after = workload.balloon_frames()
        with vmstat.delta("migration as usual") as usual:
            workload.compact()
        with vmstat.delta("deflation") as deflation:
            balloon.deflate()
        failing.facts.update(
            same_place=all(before[key] == after[key] for key in WHERE),
            moved_later=usual["moved"],
            deflated=deflation["balloon_deflate"],
            pages=MIB * 256,
        )
        return failing

    return once("failing migration", measure)


def test_pages_go_back(failed: Delta) -> None:
    """No page moves while migration fails; afterwards they do, and all of them deflate."""
    failed.check(
        "moved == 0",
        "pgmigrate_fail > 0",
        "same_place == 1",
        "moved_later > 0",
        "deflated == pages",
    )


@pytest.mark.needs("role:isolated", "role:returned")
def test_all_are_returned(failed: Delta) -> None:
    """Each page that was isolated is returned when all migration fails."""
    failed.check("isolated == returned", "returned > 0")


@pytest.mark.parametrize(
    "role",
    [
        pytest.param(role, marks=pytest.mark.needs(f"role:{role}"))
        for role in ("migrated", "released")
    ],
)
def test_failure_is_no_success(failed: Delta, role: str) -> None:
    """A page whose migration failed is counted neither as migrated nor as released."""
    failed.check(f"{role} == 0")
