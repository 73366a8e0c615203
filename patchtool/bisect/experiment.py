# SPDX-License-Identifier: GPL-2.0-or-later
"""What is tried on each commit of a search, and the place where it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.bisect.command_trial import Command, CommandTrials, command_of
from patchtool.bisect.kernel_trial import KernelTrials, require_test
from patchtool.bisect.scratch import Scratch, place_of_own
from patchtool.core import data
from patchtool.core.store import Store, digest, file_digest
from patchtool.errors import UsageError
from patchtool.intake.load import Reference, load_series
from patchtool.run.workplace import Preparation, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.series.model import Series
    from patchtool.tree.kernel_tree import KernelTree

#: Where the command lines that are run go, in a run directory.
COMMANDS = "commands.sh"


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is tried on each commit.

    Attributes:
        command: A command that says whether the symptom is there; None for a test.
        timeout: Seconds it may take.
        test: Node id of a guest test; empty for a command.
        series: What the test is of; None for a command.
        patches: What is applied to each commit first.
        toolchain: Name of the toolchain; None for what each commit's era names.
        modules: Folder of the test modules; None for patchtool's own.
        share_host_root: Guests see the host's files instead of a root of their own.
    """

    command: Command | None = None
    timeout: float = 3600
    test: str = ""
    series: Series | None = None
    patches: tuple[Series, ...] = ()
    toolchain: str | None = None
    modules: Path | None = None
    share_host_root: bool = False

    @property
    def facts(self) -> dict[str, object]:
        """What decides its results, as a question keeps it."""
        found: dict[str, object] = {
            "patches": tuple(_digest(each) for each in self.patches),
            "toolchain": self.toolchain or "",
        }
        if self.command is not None:
            return found | {"run": self.command.text, "run_digest": self.command.digest}
        assert self.series is not None
        module = require_test(self.modules or data.guest_tests(), self.test)
        return found | {
            "test": self.test,
            "share_host_root": self.share_host_root,
            "series": _digest(self.series),
            "modules": file_digest(module),
        }


def _digest(series: Series) -> str:
    manifest = series.manifest.model_dump(mode="json") if series.manifest else None
    return digest(series.digest, manifest)


def experiment_of(
    series: Reference | None,
    run: str | None,
    test: str | None,
    patches: Sequence[str],
    tree: str,
    settings: Settings,
    progress: Progress,
    **more: object,
) -> Experiment:
    """What a command line asks to have tried.

    Args:
        series: SERIES.
        run: What ``--run`` says.
        test: What ``--test`` says.
        patches: What ``--with`` says.
        tree: What ``--tree`` names; a range is looked up in it.
        settings: The settings in force.
        progress: Told what is read.
        more: Further attributes of what is returned.

    Raises:
        UsageError: It does not fit together, or there is no such thing.
        ManifestError, MailError, NetworkError: As :func:`patchtool.intake.load.load_series`.
    """
    if (run is None) == (test is None):
        raise UsageError(
            "say what tells a good commit from a bad one: either --run or --test",
            hint="--run './my-test' for a command, or SERIES --test MODULE::TEST for a test in a "
            "guest (balloon-merged is a SERIES without patches)",
        )
    if test is not None and series is None:
        raise UsageError(
            "--test needs SERIES, which says how the kernel is configured",
            hint="balloon-merged is one without patches, for a tree as it is",
        )
    offline = series.offline if series is not None else settings.offline
    loaded = [
        load_series(Reference(text, None, offline, tree), settings, progress) for text in patches
    ]
    given = load_series(series, settings, progress) if series is not None else None
    if run is not None:
        loaded += [given] if given is not None else []
        return Experiment(command=command_of(run, Path.cwd()), patches=tuple(loaded), **more)  # type: ignore[arg-type]
    assert test is not None
    return Experiment(test=test, series=given, patches=tuple(loaded), **more)  # type: ignore[arg-type]


def trials_in(
    tree: KernelTree,
    experiment: Experiment,
    settings: Settings,
    progress: Progress,
    stack: ExitStack,
    folder: Path,
) -> CommandTrials | KernelTrials:
    """A place of its own in a tree, where it is tried.

    Args:
        tree: The user's tree, which is only read.
        experiment: What is tried.
        settings: The settings in force.
        progress: Told what is done.
        stack: Gives the place back.
        folder: The run directory.

    Raises:
        InfraError: All places are taken.
    """
    number = stack.enter_context(place_of_own(tree, settings))
    source = Source(tree, settings, progress, stack, number)
    scratch = Scratch(source, experiment.patches)
    if experiment.command is not None:
        return CommandTrials(scratch, experiment.command, experiment.timeout)
    assert experiment.series is not None
    store = Store(settings.cache / "store", progress.note)
    guests = not experiment.share_host_root
    preparation = Preparation(settings, store, progress, experiment.toolchain, guests=guests)
    return KernelTrials(
        scratch=scratch,
        series=experiment.series,
        test=experiment.test,
        modules=experiment.modules or data.guest_tests(),
        preparation=preparation,
        settings=settings,
        progress=progress,
        commands=folder / COMMANDS,
    )
