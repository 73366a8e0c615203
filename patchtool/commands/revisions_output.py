# SPDX-License-Identifier: GPL-2.0-or-later
"""Where what ``patchtool revisions`` says goes: a terminal, its pager, or a file."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from patchtool.commands.options import styled
from patchtool.commands.printing import put
from patchtool.core.durable import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.report.layout import Line

_WIDEST = 120  # columns; longer lines are hard to read


def columns() -> int:
    """How wide lines may be."""
    return min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)


def show(lines: list[Line]) -> None:
    """Print lines, through a pager where they are more than a terminal shows."""
    text = "\n".join("".join(styled(span.text, span.style) for span in line) for line in lines)
    if sys.stdout.isatty() and len(lines) > shutil.get_terminal_size().lines:
        click.echo_via_pager(f"{text}\n")
    else:
        click.echo(text)


def write(text: str, output: Path | None) -> None:
    """Write a text to a file, or to standard output; of JSON, an escaped one."""
    if output is None:
        put(text, newline=False)
    else:
        write_atomic(output, text)
