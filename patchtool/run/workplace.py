# SPDX-License-Identifier: GPL-2.0-or-later
"""What is here for trials: a source tree, a toolchain, guests, and a numbered place.

A workplace is prepared once and used for many trials. Several places work side by side: each
has a worktree and object trees of its own, and all share one ccache and one store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.build.container.detect import choose_runtime
from patchtool.build.toolchain.eras import era_of, needs_of, refuse
from patchtool.build.toolchain.recipe import DEFAULT, check_name
from patchtool.build.toolchain.toolchain import ensure_toolchain
from patchtool.core.background import Background
from patchtool.core.progress import Notes
from patchtool.guest.accel import probe
from patchtool.guest.qemu import Start
from patchtool.guest.root import HOST_ROOT, ensure_root
from patchtool.tree.apply import apply_series
from patchtool.tree.commit_files import reading
from patchtool.tree.workspace import worktree

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from patchtool.build.container.runtime import Runtime
    from patchtool.build.kernel.workshop import Workshop
    from patchtool.build.toolchain.eras import FixUp, Needs
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.core.store import Store
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot
    from patchtool.run.trial import Trial
    from patchtool.series.model import Series
    from patchtool.tree.apply import AppliedSeries
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
    """The source tree in one place; checked out when it is first asked for.

    Attributes:
        tree: The user's tree, which is only read.
        number: Which place; runs that use the same wait for each other.
        stack: Ends the use of the worktree.
    """

    tree: KernelTree
    settings: Settings
    progress: Progress
    stack: ExitStack
    number: int = 0
    _worktree: Worktree | None = None

    @property
    def objtree(self) -> str:
        """The name of this place's object trees."""
        return f"{self.tree.key}-{self.number}" if self.number else self.tree.key

    def worktree(self, commit: str) -> Worktree:
        """The worktree of this place; *commit* is checked out when it is first asked for."""
        if self._worktree is None:
            self._worktree = self.stack.enter_context(
                worktree(self.tree, commit, self.settings, self.progress, self.number)
            )
        return self._worktree

    def apply(self, series: Series, base: Base) -> AppliedSeries:
        """Apply a series; the same series on the same base gives the same commits."""
        return apply_series(series, base, self.worktree(base.commit), self.progress)

    def at(self, commit: str, series: Series, base: Base) -> Path:
        """The source folder, with *commit* checked out: *base*, or one with patches on it."""
        here = self.worktree(base.commit)
        if commit != base.commit and not here.has(commit):
            self.apply(series, base)  # the result was stored, but the clone that held it is gone
        here.checkout(commit)
        return here.path

    def of(self, trial: Trial) -> Path:
        """The source folder with a trial's commit checked out."""
        return self.at(trial.commit, trial.series, trial.base)


@dataclass(frozen=True, slots=True)
class Guests:
    """How guests come up here.

    Attributes:
        accelerator: What runs guest code, and how fast.
        root: Their root folder.
        start: How the kernels of the tree's era are started.
        modules: Folder of the test modules.
        again: Run tests again that passed before.
    """

    accelerator: Accelerator
    root: GuestRoot
    start: Start
    modules: Path
    again: bool = False


@dataclass(frozen=True, slots=True)
class Workplace:
    """What is here for trials.

    Attributes:
        source: The source tree, and which place it is.
        workshop: Toolchain, container runtime, store, settings, progress.
        folder: Where logs go.
        guests: For tests; None where none are to be run.
        commands: The file that the guests' command lines are added to.
    """

    source: Source
    workshop: Workshop
    folder: Path
    guests: Guests | None = None
    commands: Path | None = None

    @property
    def toolchain(self) -> Toolchain:
        """What kernels are built with."""
        return self.workshop.toolchain

    def log(self, trial: Trial) -> Path:
        """The log of a trial's build."""
        path = self.folder / "logs" / f"build-{trial.name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


class Preparation:
    """Makes toolchain image and guest root in the background, while the tree is imported.

    Args:
        settings: The settings in force.
        store: Where they are looked up first.
        progress: Told of what is made when it is waited for.
        toolchain: The name that was asked for, or None for what the tree's era names.
        guests: Make the guests' root as well.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        progress: Progress,
        toolchain: str | None,
        *,
        guests: bool,
    ) -> None:
        self._settings, self._store, self._progress = settings, store, progress
        self._asked = toolchain
        self._likely = check_name(toolchain or DEFAULT)
        self._runtime = Background(lambda: choose_runtime(settings, progress))
        self._toolchain = Background(
            lambda: ensure_toolchain(
                self._runtime.result(), settings, store, Notes(progress), self._likely
            )
        )
        self._root = Background(self._make_root) if guests else None

    def _make_root(self) -> GuestRoot:
        self._toolchain.wait()  # one image at a time: both load and unpack packages
        return ensure_root(self._settings, self._store, Notes(self._progress))

    def runtime(self) -> Runtime:
        """The container program that works here."""
        return self._runtime.result()

    def toolchain(self, tree: KernelTree, base: Base) -> Toolchain:
        """The toolchain for a tree, as its era needs it.

        Raises:
            UsageError: See :func:`suited`.
            InfraError: It could not be made.
        """
        name = self._asked or toolchain_for(tree, base, self._settings)
        if name == self._likely:
            found = self._toolchain.result()
        else:
            found = ensure_toolchain(
                self.runtime(), self._settings, self._store, self._progress, name
            )
        return suited(found, tree, base, self._settings)

    def guests(self, toolchain: Toolchain, modules: Path, *, again: bool) -> Guests:
        """How guests of a tree's kernels come up.

        Raises:
            ToolMissing, InfraError: They cannot.
        """
        accelerator = probe(self._settings, self._progress)
        root = HOST_ROOT
        if self._root is not None:
            root = self._root.result()
            if toolchain.needs is not None:
                name = toolchain.needs.era.guest_root
                root = ensure_root(self._settings, self._store, self._progress, name)
        start = start_of(toolchain.needs, self._settings)
        return Guests(accelerator, root, start, modules, again)


def start_of(needs: Needs | None, settings: Settings) -> Start:
    """How guests of a tree start.

    Args:
        needs: What the tree needs; None when no tree was asked.
        settings: The settings; ``guest_start`` goes before the era.
    """
    asked = settings.guest_start
    if needs is None:
        return Start() if asked == "era" else Start(asked)
    return Start(
        needs.era.guest if asked == "era" else asked,
        needs.append,
        tuple(_cause(fixup, in_force=fixup in needs.fixups) for fixup in needs.suspects),
    )


def _cause(fixup: FixUp, *, in_force: bool) -> str:
    used = "was used" if in_force else "was not used, as this compiler is not known to need it"
    return f"{fixup.name}: {fixup.symptom} ({used})"
