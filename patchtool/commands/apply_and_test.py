# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool apply-and-test``: the main job."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.series_argument import series_argument

if TYPE_CHECKING:
    from patchtool.commands.context import Context
    from patchtool.intake import Reference


@click.command("apply-and-test")
@series_argument
@click.option(
    "--tree",
    "-t",
    required=True,
    help="Imported tree's name, git tree, source folder or tarball.",
)
@click.option("--base", metavar="REV", help="Commit to apply to.  [default: as the series says]")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    help="Run directory.  [default: a new one in the state folder]",
)
@click.option("--tests/--no-tests", default=True, show_default=True, help="Boot and test.")
@click.option(
    "--control/--no-control",
    default=True,
    show_default=True,
    help="Run the tests on the base as well.",
)
@click.option(
    "--share-host-root",
    is_flag=True,
    help="Let guests read this machine's files instead of a root of their own.",
)
@click.option(
    "--all-variants",
    is_flag=True,
    help="Build and boot the series with its option off, too, not only compile what it touches.",
)
@click.option("--retest", is_flag=True, help="Run tests again that passed in an earlier run.")
@click.option("--plan", is_flag=True, help="Print what would run, and what is stored; run nothing.")
@click.pass_obj
def command(
    context: Context,
    series: Reference,
    tree: str,
    base: str | None,
    out: Path | None,
    tests: bool,
    control: bool,
    share_host_root: bool,
    all_variants: bool,
    retest: bool,
    plan: bool,
) -> int:
    """Apply SERIES to a kernel tree, build every patch, boot it, and test it.

    The report is printed, and kept in the run directory as text, JSON, HTML, JUnit XML and
    KTAP, with every log and command line, and a bundle for `patchtool rerun`. A run that was
    interrupted is continued by the same command.
    """
    from patchtool.pipeline import Request
    from patchtool.report.render import show
    from patchtool.running import apply_and_test, run_directory

    request = Request(
        series,
        tree,
        base,
        tests,
        control,
        share_host_root,
        all_variants=all_variants,
        retest=retest,
    )
    if plan:
        from patchtool.planning import planned

        for line in planned(request, context.settings, context.progress):
            click.echo(line)
        return 0
    folder = run_directory(out, context.settings, series.name)
    record = apply_and_test(request, context.settings, context.progress, folder, sys.argv)
    context.progress.close()
    show(record, folder, sys.stdout)
    return record.exit_code
