# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool schema``: the JSON schemas of the files patchtool reads and writes."""

from __future__ import annotations

import json

import click


@click.command("schema")
@click.argument("which", type=click.Choice(["series", "settings", "report", "matrix", "records"]))
def command(which: str) -> None:
    """Print a JSON schema: of series.toml, config.toml, a run, a matrix, or the test records."""
    if which == "series":
        from patchtool.series.manifest import schema

        made = schema()
    elif which == "settings":
        from patchtool.core.settings import Settings

        made = Settings.model_json_schema()
    elif which == "report":
        from patchtool.run.record import schema as report_schema

        made = report_schema()
    elif which == "matrix":
        from patchtool.matrix.record import schema as matrix_schema

        made = matrix_schema()
    else:
        from patchtool.testing.records import schema as records_schema

        made = records_schema()
    click.echo(json.dumps(made, indent=1))
