# SPDX-License-Identifier: GPL-2.0-or-later
"""The test stage of a run: test modules on its images."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.store import digest, file_digest, folder_digest
from patchtool.guest.qemu import Start
from patchtool.run import facts
from patchtool.run.record import LogLink, RunFacts
from patchtool.series import figures
from patchtool.testing import features, records, roles
from patchtool.testing.pytest_run import run_tests
from patchtool.testing.test_plan import (
    AcceleratorFacts,
    RootFacts,
    SeriesFacts,
    StartFacts,
    TestPlan,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.core.settings import Settings
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot
    from patchtool.run.draft import Draft
    from patchtool.run.steps import Step
    from patchtool.series.model import Series


@dataclass(slots=True)
class Trials:
    """Runs test modules on the images of a run.

    The record of a run is kept under the hash of its image: a killed run goes on with the
    tests that are not in it, and one that passed is not run again unless *again* asks for it.
    One that failed is. A test that repeats has *runs* runs with the series, one on the base. What
    was *chosen* of the modules has a record of its own.
    """

    draft: Draft
    settings: Settings
    series: Series
    accelerator: Accelerator
    root: GuestRoot
    images: dict[str, KernelImage]
    configs: dict[str, KernelConfig]
    modules_folder: Path
    again: bool = False
    runs: int = 1
    start: Start = field(default_factory=Start)
    chosen: tuple[str, ...] = ()

    def _image_digest(self, image: KernelImage) -> str:
        """What is tested, and by what: the image, and patchtool's own side of the guest."""
        package = Path(__file__).parent.parent
        code = [folder_digest(package / name) for name in ("guest", "testing")]
        return digest(file_digest(image.bzimage), code)

    def _invariants(self, step: Step, promised: Sequence[str]) -> tuple[str, ...]:
        """The relations that must hold on a step's image: of what is counted there."""
        manifest = self.series.manifest
        if manifest is None:
            return ()
        adds = set(manifest.counters.adds)
        there = {f"counter:{name}" for name in adds} & set(promised)
        if not step.complete:
            there &= set(features.counted(self.series, step.patch or 0))
        return tuple(
            text
            for text in manifest.counters.invariants
            if all(f"counter:{name}" in there for name in adds & set(text.split()))
        )

    def run(self, step: Step, modules: Sequence[str], only: Sequence[str] = ()) -> RunFacts:
        """Run test modules on a step's image.

        Args:
            step: The image.
            modules: Names of the modules.
            only: Node ids; these tests instead of the modules.
        """
        image, config = self.images[step.label], self.configs[step.label]
        draft = self.draft
        name = ("again-" if only else "tests-") + step.label.replace("/", "-of-")
        tested = self._image_digest(image)
        what = digest(tested, only or self.chosen)[:24]
        record = self.settings.cache / "tests" / what / f"{name}.jsonl"
        manifest = self.series.manifest
        promised = features.promise(config.text, self.series, step.patch or 0)
        adds = manifest.counters.adds if manifest else ()
        plan = TestPlan(
            label=step.label,
            bzimage=image.bzimage,
            image_digest=tested,
            root=RootFacts(path=self.root.path, digest=self.root.digest),
            accelerator=AcceleratorFacts(
                name=self.accelerator.name, seconds=self.accelerator.seconds,
                factor=self.accelerator.factor, notes=self.accelerator.notes,
            ),
            start=StartFacts(
                how=self.start.how, append=self.start.append, causes=self.start.causes
            ),
            memory_mib=self.settings.guest_memory,
            cpus=self.settings.guest_cpus,
            features=promised,
            series=SeriesFacts(
                counters=adds,
                invariants=self._invariants(step, promised),
                roles=roles.of_counters(manifest.counters if manifest else None),
                claims=manifest.claims if manifest else (),
                others=figures.counters(manifest.claims, manifest.figures) if manifest else (),
            ),
            settings=self.settings,
            record=record,
            folder=draft.folder / name,
            commands=draft.folder / draft.COMMANDS,
            runs=self.runs if step.complete or step.patch is not None else 1,
        )  # fmt: skip
        with draft.stages.run(f"test {step.label}") as stage:
            names = [nodeid.partition("::")[0] for nodeid in only] or modules
            paths = [self.modules_folder / module for module in dict.fromkeys(names)]
            before = records.load(record)
            if before.complete and (self.again or not before.passed):
                record.unlink()
            run = run_tests(plan, paths, draft.stages.progress, only=only)
            shutil.copy(plan.record, draft.folder / f"{name}.jsonl")
            stage.summary = run.summary
            stage.ok = run.passed
            stage.cached = not plan.folder.is_dir()
            draft.boots.extend(facts.boots(run, name))
            if stage.cached:
                return RunFacts.of(run)
            draft.logs.append(LogLink(title=f"tests on {step.label}", path=f"{name}/pytest.log"))
            return RunFacts.of(run, f"{name}/pytest.log")
