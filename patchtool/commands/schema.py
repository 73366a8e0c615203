# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool schema``: the JSON schemas of the files patchtool reads and writes."""

from __future__ import annotations

import json

import click

from patchtool.commands.man import example
from patchtool.commands.printing import put_json


@click.command(
    "schema",
    epilog=example("let an editor check manifests", "patchtool schema series > series.schema.json"),
)
@click.argument(
    "which",
    type=click.Choice(
        ["series", "settings", "report", "matrix", "records", "revisions", "life", "bisect"]
    ),
)
def command(which: str) -> None:
    """Print the JSON schema of a file that patchtool reads or writes.

    \b
    WHICH is one of:
      series    a manifest, series.toml
      settings  the settings file, config.toml
      report    the record of a run, report.json
      matrix    the record of a matrix, matrix.json
      records   what the tests of one image recorded, NAME.jsonl
      revisions what `patchtool revisions --json` prints
      life      what `patchtool revisions --all --json` prints
      bisect    the result of a search, bisect.json
    """  # noqa: D301 (click reads the backspace: what follows is not wrapped)
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
        from patchtool.matrix.matrix_record import schema as matrix_schema

        made = matrix_schema()
    elif which == "revisions":
        from patchtool.revisions.record import schema as revisions_schema

        made = revisions_schema()
    elif which == "life":
        from patchtool.revisions.lifetime import schema as life_schema

        made = life_schema()
    elif which == "bisect":
        from patchtool.bisect.record import schema as bisect_schema

        made = bisect_schema()
    else:
        from patchtool.testing.record_file import schema as records_schema

        made = records_schema()
    put_json(json.dumps(made, indent=1))
