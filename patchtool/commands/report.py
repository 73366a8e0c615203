# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool report``: render a finished run again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from patchtool.errors import UsageError
from patchtool.report import outputs, record, render
from patchtool.store import write_atomic

if TYPE_CHECKING:
    from patchtool.commands.context import Context


@click.command("report")
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "kind",
    type=click.Choice(get_args(outputs.Format)),
    default="text",
    show_default=True,
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
)
@click.option("--schema", is_flag=True, help="Print the JSON schema of report.json instead.")
@click.pass_obj
def command(
    context: Context,
    directory: Path | None,
    kind: outputs.Format,
    output: Path | None,
    schema: bool,
) -> None:
    """Print the report of the run in DIRECTORY again, in another format if you like.

    DIRECTORY is a run directory of `patchtool apply-and-test`, or a report.json.
    """
    if schema:
        _put(json.dumps(record.schema(), indent=2) + "\n", output)
        return
    if directory is None:
        raise UsageError("which run?", hint="name a run directory: `patchtool report DIRECTORY`")
    made = record.read(directory)
    folder = directory if directory.is_dir() else directory.parent
    if kind == "text" and output is None:
        render.show(made, folder, sys.stdout)
        return
    cache = context.settings.cache
    _put(outputs.rendered(made, kind, folder, cache, context.progress), output)


def _put(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text)
