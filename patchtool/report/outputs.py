# SPDX-License-Identifier: GPL-2.0-or-later
"""The files a report consists of, and the formats ``patchtool report`` can print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from patchtool.core.store import write_atomic
from patchtool.errors import InfraError
from patchtool.report import html, markdown, plots, render
from patchtool.run import record
from patchtool.testing.formats import to_junit, to_ktap

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.core.progress import Progress
    from patchtool.run.record import RunRecord
    from patchtool.testing.records import TestRun

Format = Literal["text", "json", "html", "markdown", "junit", "ktap"]
#: The file of each format in a run directory.
FILES: dict[Format, str] = {
    "text": "report.txt",
    "json": record.FILE_NAME,
    "html": "report.html",
    "markdown": "report.md",
    "junit": "junit.xml",
    "ktap": "report.ktap",
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
    for kind, name in FILES.items():
        if kind != "json":
            write_atomic(folder / name, rendered(made, kind, folder, cache, progress))


def rendered(
    made: RunRecord, kind: Format, folder: Path | None, cache: Path, progress: Progress
) -> str:
    """The report in one format; see :func:`write_all` for the arguments."""
    if kind == "text":
        return render.text(made, folder)
    if kind == "html":
        return html.page(made, drawn(made, cache, progress))
    if kind == "markdown":
        return markdown.page(made)
    if kind == "junit":
        return to_junit(test_runs(made))
    if kind == "ktap":
        return to_ktap(test_runs(made))
    return made.model_dump_json(indent=1) + "\n"


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
