# SPDX-License-Identifier: GPL-2.0-or-later
"""The files a report consists of, and the formats ``patchtool report`` can print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from patchtool.core.durable import write_atomic
from patchtool.errors import InfraError
from patchtool.report import html, markdown, plots, render
from patchtool.run import record
from patchtool.testing.formats import to_junit, to_ktap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from patchtool.core.progress import Progress
    from patchtool.run.record import RunRecord
    from patchtool.testing.records import TestRun


@dataclass(frozen=True, slots=True)
class Format:
    """A form of the report.

    Attributes:
        file: Its name in a run directory.
        make: Its text, from the run, the run directory or None, patchtool's cache folder, and
            who is told when there are no plots.
    """

    file: str
    make: Callable[[RunRecord, Path | None, Path, Progress], str]


#: The formats by name. Each is a choice of ``patchtool report --format`` and a file of every run.
FORMATS: Final = {
    "text": Format("report.txt", lambda run, folder, *_: render.text(run, folder)),
    "json": Format(record.FILE_NAME, lambda run, *_: run.model_dump_json(indent=1) + "\n"),
    "html": Format(
        "report.html", lambda run, _, cache, progress: html.page(run, drawn(run, cache, progress))
    ),
    "markdown": Format("report.md", lambda run, *_: markdown.page(run)),
    "junit": Format("junit.xml", lambda run, *_: to_junit(test_runs(run))),
    "ktap": Format("report.ktap", lambda run, *_: to_ktap(test_runs(run))),
}


def write_all(made: RunRecord, folder: Path, cache: Path, progress: Progress) -> None:
    """Write the report in every format into the run directory; JSON first.

    Args:
        made: The run.
        folder: The run directory.
        cache: patchtool's cache folder.
        progress: Is told when there are no plots.
    """
    record.write(made, folder)
    for form in FORMATS.values():
        if form.file != record.FILE_NAME:
            write_atomic(folder / form.file, form.make(made, folder, cache, progress))


def remove_all(folder: Path) -> None:
    """Remove the report of an earlier run from the run directory, in every format."""
    for form in FORMATS.values():
        (folder / form.file).unlink(missing_ok=True)


def drawn(made: RunRecord, cache: Path, progress: Progress) -> dict[str, str]:
    """The plots of a run; none, and a note, when they cannot be drawn."""
    try:
        return plots.draw(html.wanted_plots(made), cache / "matplotlib")
    except InfraError as error:
        progress.note(f"the HTML report has no plots: {str(error).splitlines()[0]}")
        return {}


def test_runs(made: RunRecord) -> tuple[TestRun, ...]:
    """The test runs of a record, control first."""
    runs = (made.control, made.patched, *made.other_runs)
    return tuple(run for run in runs if run is not None)
