# SPDX-License-Identifier: GPL-2.0-or-later
"""``apply-and-test --plan``: what would run, and what is stored. Changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.build.container.choose import choose_runtime
from patchtool.build.kconfig.configure import find_config
from patchtool.build.kernel.image import find_image
from patchtool.build.kernel.touched import find_compiled
from patchtool.build.toolchain.toolchain import find_toolchain
from patchtool.core.store import Store
from patchtool.intake.load import load_series
from patchtool.run.build_stage import suited, toolchain_for
from patchtool.run.request import SMOKE
from patchtool.run.steps import Stored, wanted
from patchtool.tree.base.choose import resolve_base
from patchtool.tree.importing import find_import
from patchtool.tree.repository import open_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.request import Request
    from patchtool.run.steps import Step
    from patchtool.series.model import Series


def planned(
    request: Request, settings: Settings, progress: Progress, series: Series | None = None
) -> Iterator[str]:
    """One line per stage: its name, ``stored`` or ``to do``, and what it is about.

    Args:
        request: What would be done.
        settings: The settings in force.
        progress: Is told of what is read.
        series: What the request's series is, if it was read already.

    Raises:
        UsageError, ManifestError, MailError: As the run itself would.
    """
    series = series or load_series(request.series, settings, progress)
    yield _line("series", "read", f"{series.title} (v{series.revision})")
    count = len(series.patches)
    spec: str | None = request.tree
    if Path(request.tree).expanduser().is_file():
        known = find_import(Path(request.tree).expanduser(), settings)
        spec = known.name if known else None
    if spec is None:
        yield _line("tree", "to do", f"import {request.tree}")
        yield _line("apply", "to do", f"{count} patches")
        yield from _unknown(series, request)
        return
    tree = open_tree(spec, settings)
    base = resolve_base(tree, series, request.base, settings)
    yield _line("tree", "stored", f"{tree.name}, base {base.name} ({base.commit[:12]})")
    store = Store(settings.cache / "store")
    stored = Stored(store, series, base)
    applied, symbols = stored.applied(), stored.symbols()
    yield _line("apply", "stored" if applied else "to do", f"{count} patches")
    if applied is None or symbols is None or applied.conflict:
        yield from _unknown(series, request)
        return
    runtime = choose_runtime(settings, progress)
    name = request.toolchain or toolchain_for(tree, base, settings)
    toolchain = find_toolchain(runtime, settings, store, name)
    if toolchain is not None:
        toolchain = suited(toolchain, tree, base, settings)
    about = f"{name}, {runtime.describe()}"
    yield _line("toolchain", "stored" if toolchain else "to do", about)
    for step in wanted(applied, symbols, series.title, quick=request.quick):
        config = toolchain and find_config(
            step.tree, step.variant, toolchain, store, complete=step.complete
        )
        found: object = None
        if config and toolchain and _is_image(step, request):
            found = find_image(step.tree, config, toolchain, store, label=step.label)
        elif config and toolchain:
            found = find_compiled(step.tree, config, toolchain, store)
        yield _line(f"build {step.label}", "stored" if found else "to do", step.commit[:12])
    yield from _tests(series, request)


def _is_image(step: Step, request: Request) -> bool:
    return step.variant.name == "on" or request.all_variants


def _unknown(series: Series, request: Request) -> Iterator[str]:
    yield _line("toolchain", "to do", "or stored")
    what = f"base, {len(series.patches)} patches, other variants"
    yield _line("build", "to do", "the whole series" if request.quick else what)
    yield from _tests(series, request)


def _tests(series: Series, request: Request) -> Iterator[str]:
    if not request.quick:
        yield _line("elf", "to do", "base against patched; stored with the images")
    if request.tests:
        names = ", ".join(request.module_names(series))
        if not request.quick:
            yield _line("test", "to do", f"each patch: {SMOKE}; what passed before is stored")
        runs = f"; {request.runs} runs of what races" if request.runs > 1 else ""
        base = "base and " if request.control and not request.quick else ""
        yield _line("test", "to do", f"{base}series: {names}{runs}")


def _line(stage: str, state: str, text: str) -> str:
    return f"{stage:12} {state:7} {text}"
