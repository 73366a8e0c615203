# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries of a guest test: a commit with a series on it, built, booted and tested."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.bisect.scratch import on_top
from patchtool.bisect.tries import NO_IMAGES, Images, Seen, of_record
from patchtool.build.kconfig.variants import variants_of
from patchtool.build.kernel import dependencies
from patchtool.build.kernel.workshop import Workshop
from patchtool.core.store import Store, file_digest
from patchtool.core.text import one_line
from patchtool.errors import SeriesError, UsageError
from patchtool.run import apply_stage, build_stage
from patchtool.run.run_trial import run_trial
from patchtool.run.trial import GuestNeeds, Tests, Trial
from patchtool.run.workplace import Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.bisect.scratch import Scratch
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.trial import TrialRecord
    from patchtool.run.workplace import Guests, Preparation
    from patchtool.series.model import Series
    from patchtool.tree.base.choose import Base

_TEST = re.compile(r"^ *def (test_\w+)\(", re.MULTILINE)


@dataclass(slots=True)
class KernelTrials:
    """Tries of a guest test.

    Attributes:
        scratch: The worktree.
        series: What is applied to each commit; one that is merged has no patches.
        test: Node id of the test.
        modules: Folder of the test modules.
        preparation: Makes toolchains and guest roots.
        settings: The settings in force.
        progress: Told what is done.
        commands: The file that the guests' command lines are added to.
    """

    scratch: Scratch
    series: Series
    test: str
    modules: Path
    preparation: Preparation
    settings: Settings
    progress: Progress
    commands: Path
    _guests: dict[str, Guests] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The stage cache."""
        return Store(self.settings.cache / "store", self.progress.note)

    def attempt(
        self,
        commit: str,
        attempt: int,  # noqa: ARG002 (tries of an image are counted)
        folder: Path,
        *,
        era: str = "",
        images: Images = NO_IMAGES,
    ) -> Seen:
        """Build a commit, boot it, and run the test; see :class:`patchtool.bisect.attempts.Trying`.

        Raises:
            InfraError: This machine is at fault.
            UsageError: There is no such test.
        """
        try:
            base = self.scratch.patched(self.scratch.base(commit))
            toolchain = self._toolchain(era or commit)
            trial = self._trial(base, toolchain)
        except SeriesError as error:
            return Seen(state="cannot", reason=one_line(error.message.partition("\n")[0]))
        folder.mkdir(parents=True, exist_ok=True)
        workplace = self._workplace(toolchain, folder)
        begin = time.monotonic()
        built = run_trial(trial.build_alone, workplace)
        spent = 0.0 if built.stored else time.monotonic() - begin
        if built.image is None:
            return self._seen(built, "", spent, 0)
        image = file_digest(built.image.bzimage)
        sources = built.image.bzimage.with_name(dependencies.FILE_NAME)
        if sources.is_file():  # an earlier release of patchtool kept none
            shutil.copyfile(sources, folder / dependencies.FILE_NAME)
        if images.spare and image in images.commits:
            reason = f"its image is that of {images.commits[image][:12]}"
            return Seen(state="same", reason=reason, image=image, build_seconds=spent)
        begin = time.monotonic()
        with_guests = replace(workplace, guests=self._guests_for(toolchain))
        trial = replace(trial, attempt=images.tries.get(image, 0) + 1)
        record = run_trial(trial, with_guests)
        return self._seen(record, image, spent, time.monotonic() - begin)

    def _seen(self, record: TrialRecord, image: str, build: float, run: float) -> Seen:
        seen = of_record(record, self.test, image)
        return seen.model_copy(update={"build_seconds": build, "run_seconds": run})

    def _toolchain(self, commit: str) -> Toolchain:
        """The toolchain that a commit's era names.

        Raises:
            SeriesError: None can build it.
        """
        try:
            return self.preparation.toolchain(self.scratch.source.tree, self.scratch.base(commit))
        except UsageError as error:
            raise SeriesError(error.message) from error

    def _trial(self, base: Base, toolchain: Toolchain) -> Trial:
        source = self.scratch.source
        made, _ = apply_stage.applied(self.series, base, source, self.store)
        tip = on_top(made)
        symbols, _ = build_stage.symbols(self.series, made, source, self.store)
        on = variants_of(symbols, self.series.title)[0]
        count = len(self.series.patches)
        settings = self.settings
        return Trial(
            label=f"{count}/{count}" if count else "base",
            base=base,
            series=self.series,
            upto=count or None,
            commit=tip.commit,
            tree=tip.tree,
            variant=on,
            complete=True,
            toolchain=toolchain.digest,
            guest=GuestNeeds(settings.guest_memory, settings.guest_cpus),
            tests=Tests((), only=(self.test,), all_of_them=True, stands=True),
        )

    def _workplace(self, toolchain: Toolchain, folder: Path) -> Workplace:
        runtime = self.preparation.runtime()
        workshop = Workshop(toolchain, runtime, self.store, self.settings, self.progress)
        return Workplace(self.scratch.source, workshop, folder, None, self.commands)

    def _guests_for(self, toolchain: Toolchain) -> Guests:
        if toolchain.digest not in self._guests:
            found = self.preparation.guests(toolchain, self.modules, again=False)
            self._guests[toolchain.digest] = found
        return self._guests[toolchain.digest]


def require_test(folder: Path, test: str) -> Path:
    """The module of a test.

    Raises:
        UsageError: There is no such module, or no such test in it.
    """
    module, _, name = test.partition("::")
    there = sorted(path.name for path in folder.glob("test_*.py"))
    if module not in there:
        raise UsageError(
            f"--test {test}: no test module {module}", hint=f"there are {', '.join(there)}"
        )
    path = folder / module
    tests = _TEST.findall(path.read_text(encoding="utf-8"))
    if name and name.rpartition("::")[2].partition("[")[0] not in tests:
        raise UsageError(
            f"--test {test}: {module} has no such test", hint=f"it has {', '.join(tests)}"
        )
    return path
