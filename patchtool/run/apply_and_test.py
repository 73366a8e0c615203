# SPDX-License-Identifier: GPL-2.0-or-later
"""A run of apply-and-test from its run directory to its report, however it ends."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.core.command_log import CommandLog, recording
from patchtool.errors import Exit, PatchtoolError, SeriesError
from patchtool.report import outputs
from patchtool.report.bundle import remove_bundle, write_bundle
from patchtool.run.assemble import COMMANDS, Assembly, Ending
from patchtool.run.pipeline import Walk
from patchtool.run.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.record import RunRecord
    from patchtool.run.request import Request
    from patchtool.series.model import Series


def apply_and_test(
    request: Request,
    settings: Settings,
    progress: Progress,
    folder: Path,
    argv: Sequence[str] = (),
    series: Series | None = None,
) -> RunRecord:
    """Walk through the whole plan and write the report into *folder*.

    Args:
        request: What to do.
        settings: The settings in force.
        progress: Where the stages say what they do.
        folder: The run directory; the report of an earlier run in it goes.
        argv: The command line, for the report.
        series: What the request's series is, if it was read already.

    Returns:
        The record, also when the series is at fault.

    Raises:
        InfraError, UsageError, ManifestError: After the report was written as far as it goes.
    """
    outputs.remove_all(folder)
    remove_bundle(folder)
    with recording(CommandLog(folder / COMMANDS)), ExitStack() as stack:
        walk = Walk(request, settings, Stages(progress), folder, stack, folder / COMMANDS)
        walk.state = replace(walk.state, series=series)
        assembly = Assembly(walk, tuple(argv))
        try:
            walk.run()
        except SeriesError as error:
            progress.note("\n  -> ".join(filter(None, (error.message, error.hint))))
            return _finish(assembly, Ending("failed", Exit.FAILED, error))
        except KeyboardInterrupt:
            _finish(assembly, Ending("interrupted", Exit.INTERRUPTED))
            raise
        except PatchtoolError as error:
            _finish(assembly, Ending("infra", error.exit_code, error))
            raise
        return _finish(assembly, None)


def _finish(assembly: Assembly, ending: Ending | None) -> RunRecord:
    walk = assembly.walk
    request, settings, series = walk.request, walk.settings, walk.state.series
    record = assembly.record(ending)
    outputs.write_all(record, walk.folder, settings.cache, walk.progress)
    if series is not None and walk.state.base is not None:
        paths = [request.modules_folder / name for name in request.module_names(series)]
        write_bundle(walk.folder, record, series, settings, paths, request.options())
    return record
