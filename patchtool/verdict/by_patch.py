# SPDX-License-Identifier: GPL-2.0-or-later
"""What the images of earlier patches showed: warnings, and tests. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from patchtool.build.kernel.warnings import added_warnings
from patchtool.verdict.comparisons import main_deltas

if TYPE_CHECKING:
    from patchtool.build.kernel.warnings import CompilerWarning
    from patchtool.run.record import RunRecord


def new_warnings(record: RunRecord) -> dict[str, tuple[CompilerWarning, ...]]:
    """The warnings that each image has and the one before it has not, by the image's label.

    The first has none before it, and other variants follow no image.
    """
    images = [image for image in record.images if image.variant == "on"]
    return {
        after.label: added_warnings(before.warnings, after.warnings)
        for before, after in pairwise(images)
    }


def deltas_by_patch(record: RunRecord, nodeid: str) -> dict[int, dict[str, int]]:
    """A test's deltas on the image of each patch on which it ran; 0 is the base."""
    numbers = _numbers(record)
    last = len(record.series.patches)
    runs = {numbers[run.label]: run for run in record.other_runs if run.label in numbers}
    if record.patched is not None:
        runs[last] = record.patched
    found: dict[int, dict[str, int]] = {}
    for number, run in runs.items():
        test = run.get(nodeid)
        deltas = main_deltas(test, record.counters.adds) if test is not None else {}
        if deltas:
            found[number] = {name: row.delta for name, row in deltas.items()}
    return found


def first_failing(record: RunRecord, nodeid: str) -> int | None:
    """The first patch on whose image a test failed; None when no earlier image was tried."""
    numbers = _numbers(record)
    failed = [
        numbers[run.label]
        for run in record.other_runs
        if run.label in numbers and any(test.nodeid == nodeid for test in run.failed)
    ]
    tried = [run for run in record.other_runs if run.get(nodeid) is not None]
    return min(failed, default=len(record.series.patches)) if tried else None


def _numbers(record: RunRecord) -> dict[str, int]:
    """The newest patch of each image, by label; 0 is the base."""
    return {image.label: image.patch or 0 for image in record.images}
