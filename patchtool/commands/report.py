# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool report``: render a finished run again, or post it to patchwork as checks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.printing import put, put_json
from patchtool.core.durable import write_atomic
from patchtool.errors import UsageError
from patchtool.report import outputs, render
from patchtool.run import record

if TYPE_CHECKING:
    from patchtool.commands.options import Context


@click.command(
    "report",
    epilog=example(
        "say what would be posted to patchwork, and post nothing",
        "patchtool report RUN --patchwork patchwork:123456 --dry-run",
    ),
)
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(outputs.FORMATS)),
    default="text",
    show_default=True,
    help="Format to print.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
)
@click.option(
    "--patchwork",
    metavar="SERIES",
    help="Post the run as checks to this series on a patchwork server: a link, or patchwork:ID. "
    "The token is read from PATCHTOOL_PATCHWORK_TOKEN.",
)
@click.option("--target-url", default="", help="With --patchwork: link to the whole report.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="With --patchwork: print what would be posted, and post nothing.",
)
@click.option(
    "--pending",
    is_flag=True,
    help="With --patchwork: post that a run has begun. DIRECTORY is not given.",
)
@click.pass_obj
def command(
    context: Context,
    directory: Path | None,
    kind: str,
    output: Path | None,
    patchwork: str | None,
    target_url: str,
    dry_run: bool,
    pending: bool,
) -> None:
    """Print the report of the run in DIRECTORY again, or post it to patchwork.

    DIRECTORY is a run directory of `patchtool apply-and-test`, or a report.json.
    """
    if patchwork is None and (target_url or dry_run or pending):
        raise UsageError("--target-url, --dry-run and --pending go with --patchwork")
    if patchwork is not None and (output is not None or (pending and directory is not None)):
        raise UsageError("--output does not go with --patchwork, nor DIRECTORY with --pending")
    if patchwork is not None and pending:
        _post(context, patchwork, None, target_url, dry_run=dry_run)
        return
    if directory is None:
        raise UsageError("which run?", hint="name a run directory: `patchtool report DIRECTORY`")
    made = record.read(directory)
    if patchwork is not None:
        _post(context, patchwork, made, target_url, dry_run=dry_run)
        return
    folder = directory if directory.is_dir() else directory.parent
    if kind == "text" and output is None:
        render.show(made, folder, sys.stdout)
        return
    form = outputs.FORMATS[kind]
    _put(
        form.make(made, folder, context.settings.cache, context.progress),
        output,
        as_json=kind == "json",
    )


def _post(
    context: Context,
    series: str,
    made: record.RunRecord | None,
    target_url: str,
    *,
    dry_run: bool,
) -> None:
    """Post the checks of a run; without a run, post that one has begun."""
    from patchtool.intake.servers import patchwork_checks
    from patchtool.report import patchwork

    posted = patchwork_checks.post(
        patchwork.pending if made is None else lambda _: patchwork.checks(made),
        series,
        context.settings,
        context.progress,
        subjects={p.number: p.subject for p in made.series.patches} if made else {},
        target_url=target_url,
        dry_run=dry_run,
    )
    for row in posted:
        what = ("would post" if dry_run else "posted") if row.new else "there already"
        check = row.check
        put(f"{what}: {row.url} {check.context} {check.state}: {check.description}")


def _put(text: str, output: Path | None, *, as_json: bool) -> None:
    if output is None and as_json:
        put_json(text.rstrip("\n"))
    elif output is None:
        put(text, newline=False)
    else:
        write_atomic(output, text)
