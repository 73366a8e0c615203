# SPDX-License-Identifier: GPL-2.0-or-later
"""The stages of apply-and-test, in order.

Each stage asks the store first: so the same command continues a run that was killed, and a
run with nothing changed builds nothing. The source tree is checked out only when a stage
needs it.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from patchtool.build.container.choose import choose_runtime
from patchtool.build.elf.events import EventsCheck, enumerators, events_check
from patchtool.build.elf.vmlinux import ElfDiff, compare, event_table
from patchtool.build.kconfig.symbols import series_symbols
from patchtool.build.kernel.workshop import Workshop
from patchtool.build.toolchain.recipe import DEFAULT, check_name
from patchtool.build.toolchain.toolchain import ensure_toolchain
from patchtool.core.ahead import Ahead
from patchtool.core.progress import Silent
from patchtool.core.store import VALUE, Store, digest, write_atomic
from patchtool.errors import ApplyConflict
from patchtool.guest.accel import probe
from patchtool.guest.root import HOST_ROOT, ensure_root
from patchtool.intake.load import load_series
from patchtool.run import facts
from patchtool.run.build_stage import Building, Source, suited, toolchain_for
from patchtool.run.request import SMOKE
from patchtool.run.starting import start_of
from patchtool.run.steps import Step, Stored, wanted
from patchtool.run.test_stage import Trials
from patchtool.testing import features
from patchtool.tree.base.choose import resolve_base
from patchtool.tree.fitting import advice, fits
from patchtool.tree.repository import ensure_tree
from patchtool.tree.whole import check_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.build.container.choose import Runtime
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.guest.root import GuestRoot
    from patchtool.run.draft import Draft
    from patchtool.run.request import Request
    from patchtool.series.model import Series
    from patchtool.tree.apply import AppliedSeries
    from patchtool.tree.base.choose import Base


class _Elf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    diff: ElfDiff
    base: EventsCheck | None
    patched: EventsCheck | None


@dataclass(slots=True)
class Pipeline:
    """One run of apply-and-test.

    Attributes:
        request: What was asked for.
        settings: The settings in force.
        draft: The run record so far; its folder is the run directory.
        store: The stage cache.
        images: What was built, by label.
    """

    request: Request
    settings: Settings
    draft: Draft
    store: Store
    images: dict[str, KernelImage] = field(default_factory=dict)
    configs: dict[str, KernelConfig] = field(default_factory=dict)

    @property
    def progress(self) -> Progress:
        """Where the stages say what they do."""
        return self.draft.stages.progress

    def run(self) -> None:
        """Run every stage; what came of them is in the draft.

        Raises:
            SeriesError: The series is at fault; the draft has the finding.
            InfraError: This machine is at fault.
            UsageError, ManifestError: The request is wrong.
        """
        likely = check_name(self.request.toolchain or DEFAULT)
        with ExitStack() as stack:
            tools = Ahead(lambda: choose_runtime(self.settings, self.progress))
            image = Ahead(lambda: self._toolchain(tools.result(), likely, Silent()))
            root = Ahead(lambda: self._root(image)) if self.request.tests else None
            series, base, source = self._intake(stack)
            self.draft.left_out = self.request.left_out(series)
            stored = Stored(self.store, series, base)
            applied = self._apply(series, base, source, stored)
            with self.draft.stages.run("toolchain", "container runtime and compiler") as stage:
                runtime = tools.result()
                name = self.request.toolchain or toolchain_for(source.tree, base, self.settings)
                made = (
                    image.result()
                    if name == likely
                    else self._toolchain(runtime, name, self.progress)
                )
                toolchain = suited(made, source.tree, base, self.settings)
                stage.summary = f"{toolchain.describe()}, {runtime.describe()}"
                self.draft.host = facts.of_host(
                    self.settings.guest_cpus, None, runtime, toolchain, None
                )
            steps = self._plan_steps(series, applied, source, stored)
            workshop = Workshop(toolchain, runtime, self.store, self.settings, self.progress)
            building = Building(self.draft, source, workshop, self.request.all_variants)
            building.run(steps)
            self.images, self.configs = building.images, building.configs
        self._elf(steps)
        if root is not None:
            self._test(series, steps, runtime, toolchain, root)

    def _toolchain(self, runtime: Runtime, name: str, progress: Progress) -> Toolchain:
        return ensure_toolchain(runtime, self.settings, self.store, progress, name)

    def _root(self, after: Ahead[Toolchain]) -> GuestRoot:
        if self.request.share_host_root:
            return HOST_ROOT
        after.wait()  # one image at a time: both load and unpack packages
        return ensure_root(self.settings, self.store, Silent())

    def _intake(self, stack: ExitStack) -> tuple[Series, Base, Source]:
        stages = self.draft.stages
        with stages.run("series", self.request.series.text) as stage:
            stage.cached = self.draft.series is not None
            series = self.draft.series or load_series(
                self.request.series, self.settings, self.progress
            )
            self.draft.series = series
            stage.summary = f"{series.title} (v{series.revision}, {len(series.patches)} patches)"
        with stages.run("tree", self.request.tree) as stage:
            tree = ensure_tree(self.request.tree, self.settings, self.progress)
            base = resolve_base(tree, series, self.request.base, self.settings)
            self.draft.base = facts.of_base(base, tree.name)
            check_base(tree, base, self.settings, self.store, self.progress)
            stage.summary = f"{tree.name}, base {base.name} ({base.commit[:12]}, {base.chosen_by})"
        return series, base, Source(series, tree, base, self.settings, self.progress, stack)

    def _apply(self, series: Series, base: Base, source: Source, stored: Stored) -> AppliedSeries:
        with self.draft.stages.run("apply", f"{len(series.patches)} patches") as stage:
            found = stored.applied()
            stage.cached = found is not None
            applied = found or source.apply()
            if found is None:
                stored.keep_applied(applied)
            self.draft.apply = tuple(map(facts.of_patch, applied.patches))
            done = sum(1 for patch in applied.patches if patch.commit)
            stage.summary = f"{done} of {len(series.patches)} applied"
            if not series.patches:
                stage.summary = "nothing: the tree has it"
            if applied.conflict is not None:
                bad = applied.conflict
                places = "".join(
                    f"\n  {c.path} {c.hunk}\n    the patch expects:\n{_indent(c.expected)}"
                    f"\n    the tree has:\n{_indent(c.found)}"
                    for c in bad.conflicts
                )
                where = fits(series, self.settings, self.progress, source.tree.name)
                said = "`patchtool series base` says where it applies and what to rebase it over"
                raise ApplyConflict(
                    f'patch {bad.number}/{len(series.patches)} "{bad.subject}" does not apply '
                    f"to {base.name}: {bad.detail}{places}",
                    hint="; ".join((*advice(series, where), said)),
                )
        return applied

    def _plan_steps(
        self, series: Series, applied: AppliedSeries, source: Source, stored: Stored
    ) -> tuple[Step, ...]:
        with self.draft.stages.run("kconfig", "what the series asks for") as stage:
            symbols = stored.symbols()
            stage.cached = symbols is not None
            if symbols is None:
                symbols = series_symbols(series, source.at(applied.tip))
                stored.keep_symbols(symbols)
            steps = wanted(applied, symbols, series.title, quick=self.request.quick)
            names = ", ".join(dict.fromkeys(step.variant.name for step in steps))
            options = ", ".join(symbols.options) or "no option of its own"
            stage.summary = f"variants {names}; {options}"
        return steps

    def _elf(self, steps: Sequence[Step]) -> None:
        tip = next(step for step in steps if step.complete)
        if "base" not in self.images:
            return
        base, patched = self.images["base"], self.images[tip.label]
        with self.draft.stages.run("elf", "vmlinux, base against patched") as stage:
            begin = time.monotonic()
            key = digest(
                "elf 2", base.tree, base.config, patched.tree, patched.config, base.toolchain
            )
            folder = self.store.get("elf", key)
            if folder is None:
                found = _compare(base, patched)
                with self.store.put("elf", key) as folder:
                    write_atomic(folder / VALUE, found.model_dump_json())
            else:
                stage.cached = True
                found = _Elf.model_validate_json((folder / VALUE).read_bytes())
            self.draft.elf = facts.of_elf(
                "base", tip.label, found.diff, found.base, found.patched, time.monotonic() - begin
            )
            added = found.patched.added if found.patched else ()
            stage.summary = (
                f"{found.diff.delta:+d} bytes; events added: {', '.join(added) or 'none'}"
            )
            stage.ok = found.patched is None or found.patched.ok

    def _test(
        self,
        series: Series,
        steps: Sequence[Step],
        runtime: Runtime,
        toolchain: Toolchain,
        making: Ahead[GuestRoot],
    ) -> None:
        with self.draft.stages.run("guest", "accelerator and root file system") as stage:
            accelerator = probe(self.settings, self.progress)
            root = making.result()
            start = start_of(toolchain.needs, self.settings)
            if root != HOST_ROOT and toolchain.needs is not None:
                name = toolchain.needs.era.guest_root
                root = ensure_root(self.settings, self.store, self.progress, name)
            self.draft.host = facts.of_host(
                self.settings.guest_cpus, accelerator, runtime, toolchain, root
            )
            stage.summary = "; ".join([accelerator.name, start.how, *accelerator.notes])
        tests = Trials(
            self.draft,
            self.settings,
            series,
            accelerator,
            root,
            self.images,
            self.configs,
            self.request.modules_folder,
            self.request.retest,
            self.request.runs,
            start,
            self.request.only,
        )
        tip = next(step for step in steps if step.complete)
        modules = self.request.module_names(series)
        with self.store.locked(f"tests-{digest(series.digest, tip.tree)[:16]}"):
            for step in steps:
                if step is not tip and step.patch is not None and step.label in self.images:
                    self.draft.other_runs.append(tests.run(step, [SMOKE]))
            if self.request.control and tip is not steps[0]:
                self.draft.control = tests.run(steps[0], modules)
            self.draft.patched = tests.run(tip, modules)
            self._try_earlier(tests, series, steps)

    def _try_earlier(self, trials: Trials, series: Series, steps: Sequence[Step]) -> None:
        """Run the tests that failed on the earlier patches' images: which patch broke them?

        A test is tried from the patch on with which all counters it needs are counted.
        """
        patched, control = self.draft.patched, self.draft.control
        assert patched is not None
        bad_already = {test.nodeid for test in control.failed} if control else set()
        failed = [test for test in patched.failed if test.nodeid not in bad_already]
        adds = {f"counter:{name}" for name in self.draft.counters}
        for step in steps:
            if step.patch is None or step.complete:
                continue
            counted = set(features.counted(series, step.patch))
            ready = [test.nodeid for test in failed if adds & set(test.needs) <= counted]
            if not ready:
                continue
            found = trials.run(step, [], only=ready)
            self.draft.other_runs.append(found)
            broken = {test.nodeid for test in found.failed}
            failed = [test for test in failed if test.nodeid not in broken]


def _compare(base: KernelImage, patched: KernelImage) -> _Elf:
    tables = [event_table(image.vmlinux) for image in (base, patched)]
    enums = [
        enumerators(image.events.read_text(encoding="utf-8", errors="replace"))
        if image.events
        else ()
        for image in (base, patched)
    ]
    before, after = tables
    return _Elf(
        diff=compare(base.vmlinux, patched.vmlinux),
        base=events_check(before, enums[0]) if before else None,
        patched=events_check(after, enums[1], before, enums[0]) if after else None,
    )


def _indent(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.splitlines())
