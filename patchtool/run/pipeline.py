# SPDX-License-Identifier: GPL-2.0-or-later
"""The walk through the plan of a run, step by step.

Each step asks the store first: so the same command continues a run that was killed, and a run
with nothing changed builds nothing. A step that fails keeps those from being done that depend
on it; the others are done all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.build.kernel.workshop import Workshop
from patchtool.core.store import Store
from patchtool.intake.load import load_series
from patchtool.run import apply_stage, build_stage
from patchtool.run.plan import Kind, plan, trials_of
from patchtool.run.run_state import RunState
from patchtool.run.run_trial import first_not_compiling, run_trial
from patchtool.run.test_stage import folder_name, results_so_far, trace
from patchtool.run.trial import GuestNeeds, TrialRecord
from patchtool.run.workplace import Preparation, Source, Workplace
from patchtool.tree.base.choose import choose_base
from patchtool.tree.repository import ensure_tree
from patchtool.tree.whole import check_base

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack
    from pathlib import Path

    from patchtool.build.container.runtime import Runtime
    from patchtool.build.elf.comparison import ElfComparison
    from patchtool.build.kernel.image import KernelImage
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.plan import Plan, Step
    from patchtool.run.request import Request
    from patchtool.run.stages import Stage, Stages
    from patchtool.run.trial import Trial
    from patchtool.run.workplace import Guests
    from patchtool.series.model import Series
    from patchtool.testing.records import TestRun
    from patchtool.tree.apply import AppliedSeries
    from patchtool.tree.repository import KernelTree


@dataclass(slots=True)
class Walk:
    """A walk through the plan of a run, and what its steps gave.

    Attributes:
        request: What was asked for.
        settings: The settings in force.
        stages: Times the steps and reports them.
        folder: The run directory.
        stack: Ends the use of the worktree.
        commands: The file in it that the guests' command lines are added to.
        state: What the plan follows from.
        tree: The kernel tree.
        runtime: The container program.
        guests: How guests come up.
        applied: What became of the patches, also where one did not apply.
        builds: What was built, by label, in order.
        elf: The whole series against the base.
        tests: What was tested, by label, in order.
        traces: Tests that failed, on images of earlier patches.
        blamed: The patch with which an image that does not compile began to do so, by label.
    """

    request: Request
    settings: Settings
    stages: Stages
    folder: Path
    stack: ExitStack
    commands: Path | None = None
    state: RunState = field(default_factory=RunState)
    tree: KernelTree | None = None
    runtime: Runtime | None = None
    guests: Guests | None = None
    applied: AppliedSeries | None = None
    builds: dict[str, TrialRecord] = field(default_factory=dict)
    elf: ElfComparison | None = None
    tests: dict[str, TrialRecord] = field(default_factory=dict)
    traces: list[TrialRecord] = field(default_factory=list)
    blamed: dict[str, int | None] = field(default_factory=dict)
    _store: Store | None = None
    _newest: KernelImage | None = None
    _source: Source | None = None
    _preparation: Preparation | None = None

    @property
    def progress(self) -> Progress:
        """Where the steps say what they do."""
        return self.stages.progress

    @property
    def store(self) -> Store:
        """The stage cache."""
        self._store = self._store or Store(self.settings.cache / "store", self.progress.note)
        return self._store

    def run(self, last: Kind | None = None) -> None:
        """Walk to the end, or to the last step of a kind.

        Raises:
            SeriesError: The series is at fault, and nothing more can be done.
            InfraError: This machine is at fault.
            UsageError, ManifestError: The request is wrong.
        """
        done: set[str] = set()
        failed: set[str] = set()
        self.store.sweep()
        guest = GuestNeeds(self.settings.guest_memory, self.settings.guest_cpus)
        self.state = replace(self.state, guest=guest)
        kinds = {step.kind for step in self._plan(last).steps}
        if Kind.TOOLCHAIN in kinds:
            self._preparation = Preparation(
                self.settings, self.store, self.progress, self.request.toolchain,
                guests=Kind.GUEST in kinds and not self.request.share_host_root,
            )  # fmt: skip
        while step := self._plan(last).next(done, failed):
            if not self._do(step):
                failed.add(step.name)
            done.add(step.name)

    def _plan(self, last: Kind | None) -> Plan:
        whole = plan(self.request, self.state)
        return whole if last is None else whole.upto(last)

    def _do(self, step: Step) -> bool:
        """Do a step; whether what depends on it can be done."""
        work: Mapping[Kind, Callable[[Step, Stage], None]] = {
            Kind.SERIES: self._series, Kind.TREE: self._tree, Kind.APPLY: self._apply,
            Kind.TOOLCHAIN: self._toolchain, Kind.KCONFIG: self._kconfig,
            Kind.BUILD: self._build, Kind.ELF: self._elf, Kind.GUEST: self._guest,
            Kind.TEST: self._test,
        }  # fmt: skip
        if step.kind is Kind.TRACE:
            self._trace()
            return True
        with self.stages.run(step.name, step.about) as stage:
            work[step.kind](step, stage)
        record = self.builds.get(step.trial.label) if step.trial else None
        return record is None or record.fault is None

    def _series(self, _step: Step, stage: Stage) -> None:
        stage.cached = self.state.series is not None
        series = self.state.series or load_series(self.request.series, self.settings, self.progress)
        self.request.check(series)
        self.state = replace(self.state, series=series)
        stage.summary = f"{series.title} (v{series.revision}, {series.part or series.size})"

    @property
    def series(self) -> Series:
        """The series; it was read."""
        assert self.state.series is not None
        return self.state.series

    def _tree(self, _step: Step, stage: Stage) -> None:
        tree = ensure_tree(self.request.tree, self.settings, self.progress)
        base = choose_base(tree, self.series, self.request.base, self.settings, self.progress)
        self.tree = tree
        self.state = replace(self.state, base=base)
        check_base(tree, base, self.settings, self.store, self.progress)
        self._source = Source(tree, self.settings, self.progress, self.stack)
        stage.summary = f"{tree.name}, base {base.name} ({base.commit[:12]}, {base.chosen_by})"

    def _apply(self, _step: Step, stage: Stage) -> None:
        series, base = self.series, self.state.base
        assert base is not None
        assert self._source is not None
        assert self.tree is not None
        applied, stage.cached = apply_stage.applied(series, base, self._source, self.store)
        self.applied = applied
        done = sum(1 for patch in applied.patches if patch.commit)
        stage.summary = f"{done} of {len(series.patches)} applied"
        if not series.patches:
            stage.summary = "nothing: the tree has it"
        apply_stage.require_all(applied, series, self.tree.name, self.settings, self.progress)
        self.state = replace(self.state, applied=applied)

    def _toolchain(self, _step: Step, stage: Stage) -> None:
        assert self._preparation is not None
        assert self.state.base is not None
        assert self.tree is not None
        self.runtime = self._preparation.runtime()
        toolchain = self._preparation.toolchain(self.tree, self.state.base)
        self.state = replace(self.state, toolchain=toolchain)
        stage.summary = f"{toolchain.describe()}, {self.runtime.describe()}"

    def _kconfig(self, _step: Step, stage: Stage) -> None:
        series, base, applied = self.series, self.state.base, self.state.applied
        assert base is not None
        assert applied is not None
        assert self._source is not None
        symbols, stage.cached = build_stage.symbols(series, applied, self._source, self.store)
        self.state = replace(self.state, symbols=symbols)
        variants = (trial.variant.name for trial in trials_of(self.request, self.state))
        options = ", ".join(symbols.options) or "no option of its own"
        stage.summary = f"variants {', '.join(dict.fromkeys(variants))}; {options}"

    @property
    def workplace(self) -> Workplace:
        """Where trials are run; the toolchain is there."""
        assert self._source is not None
        assert self.runtime is not None
        assert self.state.toolchain is not None
        workshop = Workshop(
            self.state.toolchain, self.runtime, self.store, self.settings, self.progress
        )
        return Workplace(self._source, workshop, self.folder, self.guests, self.commands)

    def _build(self, step: Step, stage: Stage) -> None:
        trial = step.trial
        assert trial is not None
        record = run_trial(trial, self.workplace)
        self.builds[trial.label] = record
        if record.config is not None:
            configs = {**self.state.configs, trial.label: record.config}
            self.state = replace(self.state, configs=configs)
        before = self._newest if trial.variant.name == "on" else None
        self._newest = record.image or self._newest
        stage.summary = build_stage.summary(record, before)
        stage.cached, stage.ok = record.stored, record.fault is None
        if record.fault is not None:
            self.progress.note(record.fault.message)
            self.blamed[trial.label] = first_not_compiling(
                record, trials_of(self.request, self.state), self.workplace
            )

    def _base_and_tip(self) -> tuple[KernelImage, KernelImage]:
        """The images without the series and with all of it; both were built."""
        base = self.builds["base"].image
        tip = next(record for record in self.builds.values() if record.trial.complete).image
        assert base is not None
        assert tip is not None
        return base, tip

    def _elf(self, step: Step, stage: Stage) -> None:
        base, tip = self._base_and_tip()
        assert step.key is not None
        self.elf, stage.cached = build_stage.elf(base, tip, self.store, step.key)
        stage.summary, stage.ok = self.elf.summary, self.elf.ok

    def _guest(self, _step: Step, stage: Stage) -> None:
        assert self._preparation is not None
        assert self.state.toolchain is not None
        request = self.request
        self.guests = self._preparation.guests(
            self.state.toolchain, request.modules_folder, again=request.retest
        )
        found = self.guests
        stage.summary = "; ".join(
            [found.accelerator.name, found.start.how, *found.accelerator.notes]
        )

    def _test(self, step: Step, stage: Stage) -> None:
        assert step.trial is not None
        trial = step.trial
        try:
            self.tests[trial.label] = self._tested(trial, stage)
        except BaseException:  # the report has what was over
            found = results_so_far(trial, self.folder)
            if found.tests:
                self.tests[trial.label] = TrialRecord(trial, tests=found)
            raise

    def _tested(self, trial: Trial, stage: Stage) -> TrialRecord:
        record = run_trial(trial, self.workplace)
        assert record.tests is not None
        stage.summary = record.tests.summary
        stage.ok = record.tests.passed
        stage.cached = not self.test_folder(record).is_dir()
        return record

    def test_folder(self, record: TrialRecord) -> Path:
        """Where a trial's tests left their logs; it is there when any were run."""
        assert record.trial.tests is not None
        return self.folder / folder_name(record.trial.tests, record.trial)

    def _trace(self) -> None:
        """Run the tests that failed on the images of earlier patches."""
        there = [record.trial for record in self.builds.values() if record.image]
        tip = next(trial for trial in there if trial.complete)
        patched = self.tests[tip.label].tests
        control = self.tests["base"].tests if "base" in self.tests else None
        assert patched is not None

        def again(trial: Trial) -> TestRun:
            with self.stages.run(f"test {trial.label}") as stage:
                record = self._tested(trial, stage)
            self.traces.append(record)
            assert record.tests is not None
            return record.tests

        trace(patched, control, there, again)
