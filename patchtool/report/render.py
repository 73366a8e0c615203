# SPDX-License-Identifier: GPL-2.0-or-later
"""The run record as text: what a terminal shows last, and ``report.txt``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from patchtool.core.text import duration
from patchtool.report import claim_tables, layout, sizes, tables
from patchtool.report.layout import Column, Heading, Literally, Sentence, Span, Table, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.report.layout import Block, Row, Style
    from patchtool.run.record import RunRecord

#: Columns of a report that goes to a file or a pipe, and the most a terminal's takes.
WIDTH = 80
WIDEST = 100

#: Counters a test's table shows when they moved; those of the series are always shown.
_RELATED = ("compact_", "balloon_", "thp_", "pgmigrate_", "numa_")


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
        yield from kconfig(record)
        yield from deltas(record)
        yield from stages(record)
    yield from tables.findings(record)
    yield from verdict(record)
    if folder is not None:
        yield Literally(f"run directory: {folder}")


def title(record: RunRecord) -> Iterator[Block]:
    """What was tested, on what, with what."""
    series, host = record.series, record.host
    yield Heading(f"{series.name} v{series.revision}: {series.title}")
    if series.part:
        yield Sentence(series.part, "warn", hang=4)
    commit = f" ({record.base.commit[:12]})" if record.base else ""
    yield Sentence(f"base: {record.release}{commit} of {record.tree}", hang=6)
    parts = [
        f"{host.cpus} CPUs" if host.cpus else "",
        host.accelerator,
        host.qemu,
        host.container,
        host.compiler,
    ]
    yield Sentence(f"host: {', '.join(part for part in parts if part)}", hang=6)


def kconfig(record: RunRecord) -> Iterator[Block]:
    """What each variant asked for, and got."""
    for config in record.kconfig:
        yield Heading(f"configuration, variant {config.variant}")
        columns = (Column("symbol", shrink="middle"), Column("wanted"), Column("got"))
        rows = [_symbol(config, name) for name in config.asked]
        if rows:
            yield Table(columns, tuple(rows), note="why")


def _symbol(config: KernelConfig, name: str) -> Row:
    wanted, lost = config.asked[name], config.lost.get(name)
    got = Span(lost.got, "bad") if lost else wanted
    why = lost.reason if lost else config.origins.get(name, "")
    return row(f"CONFIG_{name}", wanted, got, note=why)


def deltas(record: RunRecord) -> Iterator[Block]:
    """Every test's own delta table: what it promised to move, and what moved."""
    for test in record.patched.tests if record.patched else ():
        names = tuple(
            name
            for name, found in test.deltas.items()
            if name in record.counters.adds or (found.delta and name.startswith(_RELATED))
        )
        if names:
            yield Heading(f"{tables.short(test.nodeid)}: {test.outcome}")
            yield tables.counter_table(test.deltas, names)
        for check in test.checks:
            yield Sentence(check.explain(), "" if check.holds else "bad", hang=4)


def stages(record: RunRecord) -> Iterator[Block]:
    """Where the time went."""
    if not record.stages:
        return
    yield Heading("stages")
    rows = [
        row(
            stage.name,
            "stored" if stage.cached else duration(stage.seconds),
            note=Span(stage.summary, "" if stage.ok else "bad"),
        )
        for stage in record.stages
    ]
    yield Table((Column("stage"), Column("took", right=True)), tuple(rows), note="result")


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
    """Print blocks to *stream*: in colour on a terminal, else as plain text in *width* columns.

    A reader that has gone, as of ``| head``, changes nothing: the rest is not printed, and the
    verdict's exit code stays.
    """
    try:
        _put(made, stream, width)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # Python flushes it once more at its end
        os.close(nowhere)


def _put(made: Iterable[Block], stream: TextIO, width: int) -> None:
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
            shown = Text.assemble(*((span.text, layout.COLOURS[span.style]) for span in line))
            console.print(shown, soft_wrap=True)
