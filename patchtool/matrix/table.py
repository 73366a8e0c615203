# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix as text: what a terminal shows last, and ``matrix.txt``. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from patchtool.core.text import cut, duration
from patchtool.report import layout
from patchtool.report.layout import Column, Heading, Literally, Sentence, Span, Table, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.matrix.matrix_record import MatrixRecord, MatrixRow, Outcome, State
    from patchtool.report.layout import Block, Row, Style

#: Columns of a table that goes to a file or a pipe; most are narrower.
WIDTH = 100
#: Columns of a reason in all; its run's report has the whole of it.
LONGEST = 240
_CELL_STYLES: dict[State, Style] = {"good": "good", "stored": "", "warn": "warn", "bad": "bad"}
_OUTCOME_STYLES: dict[Outcome, Style] = {
    "passed": "good", "failed": "bad", "refused": "warn", "infra": "bad", "interrupted": "warn",
    "not run": "dim",
}  # fmt: skip
#: What the columns mean, by the step's name; the others say it themselves.
LEGEND = {
    "patches": "built one by one",
    "off": "the series with its option off",
    "boot": "to the first answer",
    "tests": "passed/failed/skipped",
}


def columns(record: MatrixRecord) -> tuple[str, ...]:
    """The steps that any run reached, in order."""
    order = ("apply", "kconfig", "base", "patches", "off", "boot", "tests")
    return tuple(name for name in order if any(name in row.steps for row in record.rows))


def title(step: str, record: MatrixRecord) -> str:
    """What the table calls a step."""
    return f"1..{len(record.series.patches)}" if step == "patches" else step


def toolchains(record: MatrixRecord) -> tuple[str, ...]:
    """What the runs were built with, each once."""
    return tuple(dict.fromkeys(filter(None, map(toolchain, record.rows))))


def toolchain(row: MatrixRow) -> str:
    """What a run was built with: the name that was asked for, or the compiler."""
    return row.toolchain or row.compiler


def legend(record: MatrixRecord) -> str:
    """What the columns mean."""
    said = [f"{title(s, record)}: {LEGEND[s]}" for s in columns(record) if s in LEGEND]
    less = dict.fromkeys(what for row in record.rows for what in row.left_out)
    if less:
        said.append(f"left out: {', '.join(less)}")
    return "; ".join(said)


def verdict(record: MatrixRecord) -> str:
    """``2 of 3 passed; 1 failed``, or what else they came to."""
    found = Counter(row.outcome for row in record.rows)
    others = [f"{count} {name}" for name, count in found.items() if name != "passed"]
    return "; ".join([f"{found['passed']} of {len(record.rows)} passed", *others])


def notes(row: MatrixRow) -> str:
    """In short why a run did not pass, or that it has warnings."""
    if row.reason:
        return cut(row.reason, LONGEST)
    noun = "warning" if row.warnings == 1 else "warnings"
    return f"{row.warnings} {noun}" if row.warnings else ""


def blocks(record: MatrixRecord, folder: Path | None) -> Iterator[Block]:
    """The table, top to bottom; the verdict and the run directory come last."""
    series = record.series
    yield Heading(f"{series.name} v{series.revision}: {series.title}")
    if series.part:
        yield Sentence(series.part, "warn", hang=4)
    used = toolchains(record)
    if len(used) == 1:
        yield Sentence(f"toolchain: {used[0]}")
    yield Heading("")
    yield _table(record, with_toolchain=len(used) > 1)
    said = legend(record)
    if said:
        yield Sentence(said, "dim", hang=2)
    yield Heading("")
    good = record.exit_code == 0 and all(row.there for row in record.rows)
    yield Sentence(verdict(record), "good" if good else "bad")
    if record.seconds is not None:
        yield Sentence(f"took {duration(record.seconds)}, exit code {record.exit_code}", "dim")
    if folder is not None:
        yield Literally(f"run directory: {folder}")


def text(record: MatrixRecord, folder: Path | None = None) -> str:
    """``matrix.txt``: no colours, no box characters."""
    return layout.plain(blocks(record, folder), WIDTH)


def _table(record: MatrixRecord, *, with_toolchain: bool) -> Table:
    steps = columns(record)
    heads = [Column("tree", shrink="middle")]
    if with_toolchain:
        heads.append(Column("toolchain", shrink="end"))
    heads += [Column(title(step, record), right=step in ("base", "boot")) for step in steps]
    heads.append(Column("verdict"))
    return Table(
        tuple(heads),
        tuple(_row(run, steps, with_toolchain=with_toolchain) for run in record.rows),
    )


def _row(run: MatrixRow, steps: tuple[str, ...], *, with_toolchain: bool) -> Row:
    cells: list[str | Span] = [run.tree]
    if with_toolchain:
        cells.append(toolchain(run) or "-")
    for step in steps:
        cell = run.steps.get(step)
        cells.append(Span(cell.text, _CELL_STYLES[cell.state]) if cell else Span("-", "dim"))
    style = _OUTCOME_STYLES[run.outcome]
    cells.append(Span(run.outcome, style))
    return row(*cells, note=Span(notes(run), style if run.reason else "warn"))
