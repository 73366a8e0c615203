# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests of a trial: test modules on its image.

What came of them is kept under the content of all that decides it: image, guest, promised
features, test modules and patchtool's own side of the guest. So images with equal content are
tested once, whatever they are called.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.locks import held
from patchtool.core.store import digest, file_digest, folder_digest
from patchtool.errors import InfraError
from patchtool.run.trial import Tests
from patchtool.series import figures
from patchtool.testing import features, record_file, roles
from patchtool.testing.by_symptom import kinds
from patchtool.testing.pytest_run import module_digests, run_tests
from patchtool.testing.test_plan import SeriesCounters, TestPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.core.settings import Settings
    from patchtool.run.trial import Trial
    from patchtool.run.workplace import Guests, Workplace
    from patchtool.testing.records import TestRun

#: Rooms of patchtool whose code decides what tests see.
_ROOMS = ("guest", "testing")


def folder_name(tests: Tests, trial: Trial) -> str:
    """The name of the folder, in the run directory, that a trial's tests leave logs in."""
    return f"{'again' if tests.only else 'tests'}-{trial.name}"


def plan_of_tests(
    trial: Trial,
    config: KernelConfig,
    image: KernelImage,
    guests: Guests,
    settings: Settings,
    *,
    folder: Path,
    commands: Path | None,
) -> TestPlan:
    """What the tests of a trial are run with, and where the record of them is.

    Args:
        folder: Where their logs go; results do not hang on it.
        commands: The file that the guests' command lines are added to.
    """
    assert trial.tests is not None
    manifest = trial.series.manifest
    promised = features.promise(config.text, trial.series, trial.upto or 0)
    adds = manifest.counters.adds if manifest else ()
    package = Path(__file__).parent.parent
    code = [folder_digest(package / room) for room in _ROOMS]
    plan = TestPlan(
        label=trial.label,
        bzimage=image.bzimage,
        vmlinux=image.vmlinux,
        image_digest=digest(file_digest(image.bzimage), code),
        root=guests.root,
        accelerator=guests.accelerator,
        start=guests.start,
        memory_mib=trial.guest.memory_mib,
        cpus=trial.guest.cpus,
        features=promised,
        series=SeriesCounters(
            counters=adds,
            invariants=_invariants(trial, promised),
            roles=roles.of_counters(manifest.counters if manifest else None),
            claims=manifest.claims if manifest else (),
            others=figures.counters(manifest.claims, manifest.figures) if manifest else (),
        ),
        settings=settings,
        record=Path(),
        folder=folder,
        commands=commands,
        modules=module_digests(guests.modules, [guests.modules / m for m in _modules(trial.tests)]),
        runs=trial.tests.runs,
        all_tests=trial.tests.all_of_them,
    )  # fmt: skip
    attempt = trial.attempt if trial.attempt > 1 else None
    key = digest(plan.identity, trial.tests.only, attempt)
    return plan.model_copy(update={"record": settings.cache / "tests" / key[:24] / "tests.jsonl"})


def _modules(tests: Tests) -> tuple[str, ...]:
    named = [nodeid.partition("::")[0] for nodeid in tests.only]
    return tuple(dict.fromkeys(named or tests.modules))


def _invariants(trial: Trial, promised: Sequence[str]) -> tuple[str, ...]:
    """The relations that must hold on a trial's image: of what is counted there."""
    manifest = trial.series.manifest
    if manifest is None:
        return ()
    adds = set(manifest.counters.adds)
    there = {f"counter:{name}" for name in adds} & set(promised)
    if not trial.complete:
        there &= set(features.incremented(trial.series, trial.upto or 0))
    return tuple(
        text
        for text in manifest.counters.invariants
        if all(f"counter:{name}" in there for name in adds & set(text.split()))
    )


def tested(trial: Trial, config: KernelConfig, image: KernelImage, workplace: Workplace) -> TestRun:
    """Run the tests of a trial on its image, or find what came of them.

    A run that was cut off goes on with the tests that are not in its record. One that passed
    is not run again, unless the workplace asks for it; one that failed is, unless it stands.

    Raises:
        InfraError: pytest itself failed, or there are no guests here.
        UsageError: There is no such test module.
    """
    guests, tests = workplace.guests, trial.tests
    if guests is None or tests is None:
        raise InfraError(f"{trial.label}: there are no guests here to run its tests on")
    name = folder_name(tests, trial)
    plan = plan_of_tests(
        trial, config, image, guests, workplace.workshop.settings,
        folder=workplace.folder / name, commands=workplace.commands,
    )  # fmt: skip
    workshop = workplace.workshop
    lock = workshop.store.lock(f"tests-{plan.record.parent.name}")
    with held(lock, f"the test results of {trial.label}", workshop.progress):
        before = record_file.load(plan.record)
        if before.complete and (guests.again or not _stands(tests, before)):
            plan.record.unlink()
        paths = [guests.modules / module for module in _modules(tests)]
        try:
            return run_tests(plan, paths, workshop.progress, only=tests.only)
        finally:
            if plan.record.is_file():
                shutil.copy(plan.record, _kept(trial, workplace.folder))


def _stands(tests: Tests, before: TestRun) -> bool:
    """Whether what was recorded is taken as it is; never where this machine spoilt a test."""
    return before.passed or (tests.stands and not any(test.by_machine for test in before.tests))


def results_so_far(trial: Trial, folder: Path) -> TestRun:
    """The tests of a trial that were over when its run was ended; maybe none.

    Args:
        trial: The trial.
        folder: The run directory.
    """
    found = record_file.load(_kept(trial, folder))
    return found.model_copy(update={"label": trial.label})


def _kept(trial: Trial, folder: Path) -> Path:
    """Where a run directory keeps the record of a trial's tests."""
    assert trial.tests is not None
    return folder / f"{folder_name(trial.tests, trial)}.jsonl"


def trace(
    patched: TestRun,
    control: TestRun | None,
    images: Sequence[Trial],
    test: Callable[[Trial], TestRun],
) -> None:
    """Run the tests that failed on the earlier patches' images: which patch broke them?

    A test is tried from the patch on with which all counters it needs are counted, until it
    fails. One that fails on the base as well is not tried, nor one that this machine spoilt;
    of those that showed the same, the first is.

    Args:
        patched: The tests with the whole series.
        control: The tests on the base, if they were run.
        images: The trials whose images are there, in order.
        test: Runs the tests of a trial.
    """
    failed = [
        kind.first
        for kind in kinds(patched, control)
        if not kind.on_base and not kind.first.by_machine
    ]
    for trial in images:
        if trial.upto is None or trial.complete:
            continue
        manifest = trial.series.manifest
        adds = {f"counter:{name}" for name in (manifest.counters.adds if manifest else ())}
        counted = set(features.incremented(trial.series, trial.upto))
        ready = tuple(found.nodeid for found in failed if adds & set(found.needs) <= counted)
        if ready:
            run = test(replace(trial, tests=Tests((), only=ready, runs=patched.runs or 1)))
            broken = {found.nodeid for found in run.failed}
            failed = [found for found in failed if found.nodeid not in broken]
