# SPDX-License-Identifier: GPL-2.0-or-later
"""The build stage of a run: an image for the base and for each patch, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.build.kconfig.configure import configure, find_config
from patchtool.build.kernel import kbuild
from patchtool.build.kernel.image import find_image, new_warnings
from patchtool.build.kernel.touched import compile_touched, find_compiled
from patchtool.build.toolchain.eras import era_of, needs_of, refuse
from patchtool.errors import BuildError, ConfigMissing
from patchtool.run import facts
from patchtool.run.steps import Step
from patchtool.tree.apply import AppliedSeries, apply_series
from patchtool.tree.reading import reading
from patchtool.tree.workspace import worktree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.build.kernel.touched import Compiled
    from patchtool.build.kernel.workshop import Workshop
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.draft import Draft
    from patchtool.run.stages import Stage
    from patchtool.series.model import Series
    from patchtool.tree.base.choose import Base
    from patchtool.tree.repository import KernelTree
    from patchtool.tree.workspace import Worktree


def toolchain_for(tree: KernelTree, base: Base, settings: Settings) -> str:
    """The name of the toolchain that the era of a tree at *base* names.

    Raises:
        UsageError: The tree is of no era that patchtool knows.
    """
    with reading(tree.git_dir, base.commit, settings) as read:
        return era_of(read, _where(tree, base)).toolchain


def suited(toolchain: Toolchain, tree: KernelTree, base: Base, settings: Settings) -> Toolchain:
    """A toolchain as a tree needs it at *base*; see :mod:`patchtool.build.toolchain.eras`.

    Raises:
        UsageError: The tree is of no era that patchtool knows, or it is known that this
            toolchain cannot build it.
    """
    with reading(tree.git_dir, base.commit, settings) as read:
        needs = needs_of(read, _where(tree, base), toolchain.compiler)
        where = f"{_where(tree, base)} (era {needs.era.name})"
        refuse(read, where, toolchain.compiler, toolchain.lacks)
        return toolchain.suited(needs)


def _where(tree: KernelTree, base: Base) -> str:
    return f"{tree.name} at {base.name}"


@dataclass(slots=True)
class Source:
    """The checked-out source of a run; checked out when it is first asked for."""

    series: Series
    tree: KernelTree
    base: Base
    settings: Settings
    progress: Progress
    stack: ExitStack
    _worktree: Worktree | None = None
    _applied: AppliedSeries | None = None

    def _open(self) -> Worktree:
        if self._worktree is None:
            self._worktree = self.stack.enter_context(
                worktree(self.tree, self.base.commit, self.settings, self.progress)
            )
        return self._worktree

    def apply(self) -> AppliedSeries:
        """Apply the series, once; the same series on the same base gives the same commits."""
        if self._applied is None:
            self._applied = apply_series(self.series, self.base, self._open(), self.progress)
        return self._applied

    def at(self, commit: str) -> Path:
        """The source folder, with *commit* checked out."""
        here = self._open()
        if commit != self.base.commit and not here.has(commit):
            self.apply()  # the result was stored, but the clone that held it is gone
        here.checkout(commit)
        return here.path


@dataclass(slots=True)
class Building:
    """Builds the images of a run.

    Attributes:
        draft: Where the run record grows.
        source: The source tree.
        workshop: Where and with what kernels are built.
        all_variants: Build the other variants too, instead of compiling what is touched.
        images: What was built, by label.
        configs: How each step is configured, by label.
    """

    draft: Draft
    source: Source
    workshop: Workshop
    all_variants: bool
    images: dict[str, KernelImage] = field(default_factory=dict)
    configs: dict[str, KernelConfig] = field(default_factory=dict)

    def run(self, steps: Sequence[Step]) -> None:
        """Build, or find, the image of each step.

        Raises:
            BuildError: One does not compile; the draft has the finding, with the patch.
            ConfigMissing: A symbol that was asked for did not survive.
            InfraError: This machine is at fault.
        """
        before: KernelImage | None = None
        for step in steps:
            with self.draft.stages.run(f"build {step.label}") as stage:
                config = self._config(step)
                if step.variant.name != "on" and not self.all_variants:
                    self._compile(step, config, stage)
                    continue
                image = self._image(step, config)
                follows = before is not None and step.variant.name == "on"
                new = new_warnings(before, image) if before and follows else ()
                self.images[step.label] = image
                log = self.draft.keep(image.log, _log_name(step))
                self.draft.images.append(facts.of_image(image, step.patch, new, log))
                stage.cached = image.cached
                warned = f"{len(new)} new" if follows else f"{len(image.warnings)}"
                stage.summary = f"{image.release}, {warned} warnings"
                before = image

    def _config(self, step: Step) -> KernelConfig:
        workshop, complete = self.workshop, step.complete
        config = find_config(
            step.tree, step.variant, workshop.toolchain, workshop.store, complete=complete
        )
        if config is None:
            config = configure(
                self.source.at(step.commit), step.tree, step.variant, workshop,
                objtree=self.source.tree.key, complete=complete, check=False,
                log=self.draft.log(_log_name(step)),
            )  # fmt: skip
        self.configs[step.label] = config
        if complete or step.patch is None:
            self.draft.kconfig.append(facts.of_config(config))
        if config.missing:
            lost = "".join(f"\n  {missing}" for missing in config.missing)
            raise ConfigMissing(f"{step.label}: what was asked for did not survive:{lost}")
        return config

    def _image(self, step: Step, config: KernelConfig) -> KernelImage:
        workshop = self.workshop
        found = find_image(step.tree, config, workshop.toolchain, workshop.store, label=step.label)
        if found is not None:
            return found
        try:
            return kbuild.build(
                self.source.at(step.commit), step.tree, config, workshop,
                objtree=self.source.tree.key, label=step.label,
                log=self.draft.log(_log_name(step)),
            )  # fmt: skip
        except BuildError as error:
            self.draft.found("build", error, step.patch)
            raise

    def _compile(self, step: Step, config: KernelConfig, stage: Stage) -> None:
        workshop = self.workshop
        done = find_compiled(step.tree, config, workshop.toolchain, workshop.store)
        stage.cached = done is not None
        if done is None:
            try:
                done = self._compiled(step, config)
            except BuildError as error:
                self.draft.found("build", error, self._first_not_compiling(step))
                raise
        self.draft.images.append(facts.of_compiled(done, step, config, cached=stage.cached))
        stage.summary = f"{' '.join(done.folders) or 'nothing'} compiled"

    def _compiled(self, step: Step, config: KernelConfig) -> Compiled:
        source = self.source
        return compile_touched(
            source.series, source.at(step.commit), step.tree, config, self.workshop,
            objtree=f"{source.tree.key}-{step.variant.name}", label=step.label,
            log=self.draft.log(_log_name(step)),
        )  # fmt: skip

    def _first_not_compiling(self, step: Step) -> int | None:
        """The first patch that does not compile in a variant in which the last does not."""
        for patch in self.source.apply().patches:
            if patch.commit is None or patch.tree is None or patch.commit == step.commit:
                break
            label = f"{step.label}-{patch.number}"
            earlier = Step(
                label, patch.number, patch.commit, patch.tree, step.variant, complete=False
            )
            try:
                self._compiled(earlier, self._config(earlier))
            except BuildError:
                return patch.number
        return step.patch


def _log_name(step: Step) -> str:
    """File name of a step's build log in the run directory."""
    return f"build-{step.label.replace('/', '-of-')}.log"
