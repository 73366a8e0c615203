# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions --run``: both revisions built and tested on one base, side by side."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.run.request import Request
from patchtool.verdict.contrast import Contrast, contrast

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference
    from patchtool.run.record import RunRecord
    from patchtool.series.model import Series


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How both are run.

    Attributes:
        tree: What names the kernel tree.
        base: The commit both apply to; None where each needs its own.
        tests: Whether kernels are booted and tested.
        quick: Whether only the whole of each series is built and tested.
        only: The test modules to run; empty for those of the series.
    """

    tree: str
    base: str | None = None
    tests: bool = True
    quick: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Runs:
    """Both runs.

    Attributes:
        contrast: What differs.
        good: Whether that of NEW passed.
        notes: Where the reports are, and what was not as asked, a sentence each.
    """

    contrast: Contrast
    good: bool
    notes: tuple[str, ...] = ()


def run_both(
    context: Context,
    options: RunOptions,
    old: tuple[Reference, Series],
    new: tuple[Reference, Series],
) -> Runs:
    """Apply, build and test OLD, then NEW, with what earlier runs have left in the store.

    Args:
        context: Whose settings hold.
        options: How.
        old: What names OLD, and what it is.
        new: The same of NEW.

    Raises:
        PatchtoolError: A run could not be made; what a series is to blame for is in its record.
    """
    from patchtool.run.apply_and_test import apply_and_test  # all that builds and boots
    from patchtool.run.run_directory import run_directory

    if any(reference.text == "-" for reference, _ in (old, new)):
        raise UsageError("--run needs a SERIES that has a name, not standard input")
    records: list[RunRecord] = []
    notes = []
    for name, (reference, series) in (("OLD", old), ("NEW", new)):
        request = Request(
            reference, options.tree, options.base, tests=options.tests, quick=options.quick,
            only=options.only,
        )  # fmt: skip
        settings, progress = context.settings, context.progress
        with run_directory(None, settings, series.name, request, progress) as folder:
            records.append(
                apply_and_test(request, settings, progress, folder, sys.argv, series=series)
            )
        notes.append(f"the report of the run of {name} is in {folder}")
    if options.base is None:
        notes.append("no base takes both, so each was run on its own")
    made = contrast(*records)
    return Runs(made, records[1].exit_code == 0, tuple(notes))
