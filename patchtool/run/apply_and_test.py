# SPDX-License-Identifier: GPL-2.0-or-later
"""A run of apply-and-test from its run directory to its report, however it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.core.process import CommandLog, recording
from patchtool.core.store import Store, new_run_directory
from patchtool.errors import Exit, PatchtoolError, SeriesError, UsageError
from patchtool.report import outputs
from patchtool.report.bundle import write_bundle
from patchtool.run.draft import Draft
from patchtool.run.pipeline import Pipeline
from patchtool.run.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.record import RunRecord, Verdict
    from patchtool.run.request import Request
    from patchtool.series.model import Series


def run_directory(out: Path | None, settings: Settings, title: str) -> Path:
    """Make the run directory.

    Raises:
        UsageError: *out* is there already and is not empty.
    """
    if out is None:
        return new_run_directory(settings.state, title)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            f"{out} is there already", hint="name a folder that does not exist, or is empty"
        )
    out.mkdir(parents=True, exist_ok=True)
    return out.resolve()


def apply_and_test(
    request: Request,
    settings: Settings,
    progress: Progress,
    folder: Path,
    argv: Sequence[str] = (),
    series: Series | None = None,
) -> RunRecord:
    """Run every stage and write the report into *folder*.

    Args:
        request: What to do.
        settings: The settings in force.
        progress: Where the stages say what they do.
        folder: The run directory.
        argv: The command line, for the report.
        series: What the request's series is, if it was read already.

    Returns:
        The record, also when the series is at fault.

    Raises:
        InfraError, UsageError, ManifestError: After the report was written as far as it goes.
    """
    draft = Draft(folder, tuple(argv), Stages(progress), series=series)
    pipeline = Pipeline(request, settings, draft, Store(settings.cache / "store"))
    with recording(CommandLog(folder / draft.COMMANDS)):
        try:
            pipeline.run()
        except SeriesError as error:
            progress.note(error.message)
            draft.ended_by(error)
            return _finish(pipeline, ("failed", Exit.FAILED))
        except KeyboardInterrupt:
            _finish(pipeline, ("interrupted", Exit.INTERRUPTED))
            raise
        except PatchtoolError as error:
            draft.ended_by(error)
            _finish(pipeline, ("infra", error.exit_code))
            raise
        return _finish(pipeline, None)


def _finish(pipeline: Pipeline, ended: tuple[Verdict, int] | None) -> RunRecord:
    draft, settings, request = pipeline.draft, pipeline.settings, pipeline.request
    record = draft.record(ended)
    outputs.write_all(record, draft.folder, settings.cache, draft.stages.progress)
    series = draft.series
    if series is not None and draft.base is not None:
        paths = [request.modules_folder / name for name in request.module_names(series)]
        options: dict[str, str | int | float | bool] = {
            "tests": request.tests,
            "control": request.control,
            "runs": request.runs,
            "quick": request.quick,
            "only": " ".join(request.only),
        }
        if request.toolchain is not None:
            options["toolchain"] = request.toolchain
        write_bundle(draft.folder, record, series, settings, paths, options)
    return record
