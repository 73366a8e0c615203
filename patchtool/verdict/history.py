# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test showed on the images of earlier patches. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.verdict.comparisons import main_deltas

if TYPE_CHECKING:
    from patchtool.run.record import RunRecord


def deltas_by_patch(record: RunRecord, nodeid: str) -> dict[int, dict[str, int]]:
    """A test's deltas on the image of each patch on which it ran; 0 is the base."""
    numbers = {image.label: image.patch or 0 for image in record.images}
    last = len(record.series.patches)
    runs = {numbers[run.label]: run for run in record.other_runs if run.label in numbers}
    if record.patched is not None:
        runs[last] = record.patched
    found: dict[int, dict[str, int]] = {}
    for number, run in runs.items():
        test = run.get(nodeid)
        deltas = main_deltas(test, record.series.counters) if test is not None else {}
        if deltas:
            found[number] = {name: row.delta for name, row in deltas.items()}
    return found


def first_failing(record: RunRecord, nodeid: str) -> int | None:
    """The first patch on whose image a test failed; None when no earlier image was tried."""
    numbers = {image.label: image.patch or 0 for image in record.images}
    failed = [
        numbers[run.label]
        for run in record.other_runs
        if run.label in numbers and any(test.nodeid == nodeid for test in run.failed)
    ]
    tried = [run for run in record.other_runs if run.get(nodeid) is not None]
    return min(failed, default=len(record.series.patches)) if tried else None
