# SPDX-License-Identifier: GPL-2.0-or-later
"""The run record as text: what a terminal shows last, and ``report.txt``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from patchtool.core.text import duration
from patchtool.report import appendix, claim_tables, layout, sizes, tables
from patchtool.report.layout import Heading, Literally, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from patchtool.report.layout import Block, Style
    from patchtool.run.record import RunRecord

#: Columns of a report that goes to a file or a pipe, and the most a terminal's takes.
WIDTH = 80
WIDEST = 100

_COLOURS: dict[Style, str] = {
    "": "", "good": "green", "bad": "bold red", "warn": "yellow", "dim": "dim", "bold": "bold",
}  # fmt: skip


def blocks(record: RunRecord, folder: Path | None, *, full: bool = False) -> Iterator[Block]:
    """The report, top to bottom; the verdict and the run directory come last.

    Args:
        record: The run.
        folder: The run directory; None leaves its line out.
        full: With what only a file has room for: every delta, the configuration, the stages.
    """
    yield from title(record)
    yield from tables.counters(record)
    yield from claim_tables.blocks(record, full=full)
    yield from tables.tests(record)
    yield from tables.applied(record)
    yield from tables.warnings(record)
    yield from sizes.elf(record, top=None if full else 8)
    if full:
        yield from appendix.kconfig(record)
        yield from appendix.deltas(record)
        yield from appendix.stages(record)
    yield from tables.findings(record)
    yield from verdict(record)
    if folder is not None:
        yield Literally(f"run directory: {folder}")


def title(record: RunRecord) -> Iterator[Block]:
    """What was tested, on what, with what."""
    series, base, host = record.series, record.base, record.host
    yield Heading(f"{series.name} v{series.revision}: {series.title}")
    commit = f" ({base.commit[:12]})" if base.commit else ""
    yield Sentence(f"base: {base.tag or base.describe}{commit} of {base.tree}", hang=6)
    parts = [
        f"{host.cpus} CPUs" if host.cpus else "",
        host.accelerator,
        host.qemu,
        host.container,
        host.compiler,
    ]
    yield Sentence(f"host: {', '.join(part for part in parts if part)}", hang=6)


def verdict(record: RunRecord) -> Iterator[Block]:
    """The one line that says it all."""
    yield Heading("")
    style: Style = "good" if record.outcome == "passed" else "bad"
    yield Sentence(tables.verdict_text(record), style, hang=4)
    if record.seconds is not None:
        yield Sentence(f"took {duration(record.seconds)}, exit code {record.exit_code}", "dim")


def text(record: RunRecord, folder: Path | None = None, *, full: bool = True) -> str:
    """``report.txt``: at most 80 columns, no colours, no box characters."""
    return layout.plain(blocks(record, folder, full=full), WIDTH)


def show(record: RunRecord, folder: Path | None, stream: TextIO) -> None:
    """Print the report to *stream*; see :func:`put`."""
    put(blocks(record, folder), stream)


def put(made: Iterable[Block], stream: TextIO, width: int = WIDTH) -> None:
    """Print blocks to *stream*: in colour on a terminal, else as plain text in *width* columns."""
    if not stream.isatty() or os.environ.get("TERM") in (None, "", "dumb"):
        stream.write(layout.plain(made, width))
        stream.flush()
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    room = max(min(console.width, WIDEST), 40)
    for number, line in enumerate(layout.lines(made, room)):
        if number or line:
            shown = Text.assemble(*((span.text, _COLOURS[span.style]) for span in line))
            console.print(shown, soft_wrap=True)
