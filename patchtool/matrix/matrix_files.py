# SPDX-License-Identifier: GPL-2.0-or-later
"""The files a matrix is kept in, and its printing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from patchtool.core.durable import write_atomic
from patchtool.matrix import table
from patchtool.matrix.matrix_record import FILE_NAME
from patchtool.report import html, render

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.matrix.matrix_record import MatrixRecord


def page(record: MatrixRecord) -> str:
    """The matrix as one self-contained HTML page."""
    return (
        html.environment()
        .get_template("matrix.html.j2")
        .render(
            m=record,
            steps=[(step, table.title(step, record)) for step in table.columns(record)],
            legend=table.legend(record),
            verdict=table.verdict(record),
            toolchain=table.toolchain,
            notes=table.notes,
        )
    )


def write_all(record: MatrixRecord, folder: Path) -> None:
    """Write the matrix into its run directory as JSON, text and HTML."""
    write_atomic(folder / FILE_NAME, record.model_dump_json(indent=1) + "\n")
    write_atomic(folder / "matrix.txt", table.text(record, folder))
    write_atomic(folder / "matrix.html", page(record))


def show(record: MatrixRecord, folder: Path, stream: TextIO) -> None:
    """Print the table to *stream*: in colour on a terminal, else as plain text."""
    render.put(table.blocks(record, folder), stream, table.WIDTH)
