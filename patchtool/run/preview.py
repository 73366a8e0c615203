# SPDX-License-Identifier: GPL-2.0-or-later
"""``--plan``: what a run would do, and what of it is stored. Reads, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.build.container.detect import remembered_runtime
from patchtool.build.kconfig.configure import find_config
from patchtool.build.kernel.image import find_image
from patchtool.build.toolchain.toolchain import find_toolchain
from patchtool.core.store import Store
from patchtool.guest.accel import remembered_accelerator
from patchtool.guest.root import HOST_ROOT, find_root
from patchtool.intake.load import load_series
from patchtool.run.plan import Kind, plan, trials_of
from patchtool.run.run_state import RunState, find_applied, find_symbols
from patchtool.run.test_stage import plan_of_tests
from patchtool.run.trial import GuestNeeds
from patchtool.run.workplace import Guests, start_of, suited, toolchain_for
from patchtool.testing import record_file
from patchtool.tree.base.choose import choose_base
from patchtool.tree.importing import find_import
from patchtool.tree.packaged import find_package, package_of
from patchtool.tree.repository import open_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.plan import Step
    from patchtool.run.request import Request
    from patchtool.series.model import Series
    from patchtool.tree.base.choose import Base
    from patchtool.tree.repository import KernelTree


def preview(
    request: Request, settings: Settings, progress: Progress, series: Series | None = None
) -> Iterator[str]:
    """One line per step: its name, ``read``, ``stored`` or ``to do``, and what it is about.

    Args:
        request: What would be done.
        settings: The settings in force.
        progress: Is told of what is read.
        series: What the request's series is, if it was read already.

    Raises:
        UsageError, ManifestError, MailError: As the run itself would.
    """
    state = look_up(request, settings, progress, series)
    store = Store(settings.cache / "store")
    for step in plan(request, state).steps:
        word = "stored" if _is_stored(step, state, store, settings) else "to do"
        if step.kind is Kind.SERIES:
            word = "read"
        yield f"{step.name:12} {word:7} {step.about}"


def look_up(
    request: Request, settings: Settings, progress: Progress, series: Series | None = None
) -> RunState:
    """What can be known of a run without doing any of it."""
    series = series or load_series(request.series, settings, progress)
    request.check(series)
    guest = GuestNeeds(settings.guest_memory, settings.guest_cpus)
    state = RunState(series=series, guest=guest)
    tree = _find_tree(request.tree, settings)
    if tree is None:
        return state
    base = choose_base(tree, series, request.base, settings, progress, keep=False)
    store = Store(settings.cache / "store")
    applied = find_applied(store, series, base)
    state = replace(
        state,
        base=base,
        applied=None if applied is None or applied.conflict else applied,
        symbols=find_symbols(store, series, base),
        toolchain=_find_toolchain(request, tree, base, settings, store),
    )
    toolchain = state.toolchain
    if toolchain is None:
        return state
    configs = {}
    for trial in trials_of(request, state):
        found = find_config(trial.tree, trial.variant, toolchain, store, complete=trial.complete)
        if found is not None:
            configs[trial.label] = found
    state = replace(state, configs=configs)
    return replace(state, tests=_test_keys(request, state, toolchain, settings, store))


def _find_tree(spec: str, settings: Settings) -> KernelTree | None:
    """The tree, unless it is yet to be imported."""
    path = Path(spec).expanduser()
    package = package_of(spec)
    if package is not None:
        return open_tree(spec, settings) if find_package(package, settings) else None
    if path.is_file():
        imported = find_import(path, settings)
        return open_tree(imported.name, settings) if imported else None
    return open_tree(spec, settings)


def _find_toolchain(
    request: Request, tree: KernelTree, base: Base, settings: Settings, store: Store
) -> Toolchain | None:
    name = request.toolchain or toolchain_for(tree, base, settings)
    runtime = remembered_runtime(settings)
    found = find_toolchain(runtime, settings, store, name) if runtime else None
    return suited(found, tree, base, settings) if found else None


def _test_keys(
    request: Request, state: RunState, toolchain: Toolchain, settings: Settings, store: Store
) -> dict[str, str]:
    """What the tests of the images that are there are stored under."""
    accelerator = remembered_accelerator(settings)
    name = toolchain.needs.era.guest_root if toolchain.needs else None
    root = HOST_ROOT if request.share_host_root else find_root(settings, name)
    if accelerator is None or root is None or request.retest:
        return {}
    start = start_of(toolchain.needs, settings)
    guests = Guests(accelerator, root, start, request.modules_folder)
    found = {}
    for trial in trials_of(request, state):
        config = state.configs.get(trial.label)
        if config is None or trial.tests is None:
            continue
        image = find_image(
            trial.tree, config, toolchain, store, label=trial.label, patch=trial.upto
        )
        if image is not None:
            made = plan_of_tests(
                trial, config, image, guests, settings, folder=Path(), commands=None
            )
            found[trial.label] = made.record.parent.name
    return found


def _is_stored(step: Step, state: RunState, store: Store, settings: Settings) -> bool:
    if step.kind is Kind.TREE:
        return state.base is not None
    if step.kind is Kind.TOOLCHAIN:
        return state.toolchain is not None
    if step.key is None:
        return False
    if step.kind is Kind.TEST and step.trial is not None and step.trial.tests is not None:
        run = record_file.load(settings.cache / "tests" / step.key[1] / "tests.jsonl")
        return run.passed and run.runs >= step.trial.tests.runs
    if step.kind is Kind.BUILD and step.trial is not None and step.trial.label in state.tests:
        return True  # what its tests are stored under hangs on the image, which was read for it
    return store.get(*step.key) is not None
