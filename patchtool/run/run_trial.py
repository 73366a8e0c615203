# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a trial: the same under `apply-and-test`, `matrix` and whatever else tries kernels.

What came of each step of a trial is in the store, so a trial that is run again finds what it
had, and a trial with tests finds the image that the same trial without tests built.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from patchtool.errors import BuildError, ConfigMissing, InfraError, SeriesError
from patchtool.run import build_stage, test_stage
from patchtool.run.trial import Fault, TrialRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.run.trial import Trial
    from patchtool.run.workplace import Workplace


def run_trial(trial: Trial, workplace: Workplace) -> TrialRecord:
    """Configure, build, boot and test; what is in the store is not done again.

    Raises:
        InfraError: This machine is at fault; nothing is said about the series. Also where the
            workplace has another toolchain than the trial names, or no guests for its tests.
        UsageError: There is no such test module.
    """
    if trial.toolchain != workplace.toolchain.digest:
        raise InfraError(
            f"{trial.label}: is to be built with toolchain {trial.toolchain[:12]}, and here is "
            f"{workplace.toolchain.name}, {workplace.toolchain.digest[:12]}"
        )
    record = TrialRecord(trial)
    try:
        config = build_stage.configured(trial, workplace)
        record = replace(record, config=config)
        build_stage.require_symbols(trial, config)
        if not trial.linked:
            compiled = build_stage.compiled(trial, config, workplace)
            return replace(record, compiled=compiled, stored=compiled.cached)
        image = build_stage.image(trial, config, workplace)
        record = replace(record, image=image, stored=image.cached)
        if trial.tests is not None:
            run = test_stage.tested(trial, config, image, workplace)
            record = replace(record, tests=run)
    except SeriesError as error:
        return replace(record, fault=Fault(_kind(error), error.message))
    return record


def _kind(error: SeriesError) -> Literal["kconfig", "build", "boot"]:
    if isinstance(error, ConfigMissing):
        return "kconfig"
    return "build" if isinstance(error, BuildError) else "boot"


def first_not_compiling(
    record: TrialRecord, trials: Sequence[Trial], workplace: Workplace
) -> int | None:
    """Number of the first patch with which a trial that did not compile does not.

    Images are built patch by patch, so there it is the trial's own. In a variant that is only
    compiled with the whole series, the earlier patches are compiled now.

    Args:
        record: What came of the trial.
        trials: The trials of the same run.
        workplace: Where they are run.
    """
    tried = record.trial
    if tried.linked or record.fault is None or record.fault.kind != "build":
        return tried.upto
    for earlier in trials:
        if earlier.upto is None or earlier.complete:
            continue
        label = f"{tried.label}-{earlier.upto}"
        workplace.workshop.progress.update(f"patches up to {earlier.upto}")
        same = replace(earlier.build_alone, label=label, variant=tried.variant, linked=False)
        if run_trial(same, workplace).fault is not None:
            return earlier.upto
    return tried.upto
