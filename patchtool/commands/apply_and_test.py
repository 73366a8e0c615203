# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool apply-and-test``: the main job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import run_options, series_argument, toolchain_option
from patchtool.commands.printing import put

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference


@click.command(
    "apply-and-test",
    epilog=example(
        "a first answer for a series on lore, from one test module",
        "patchtool apply-and-test 20250203.1@example.org --tree ~/linux --quick \\",
        "    --module test_claims.py",
    ),
)
@series_argument
@click.option(
    "--tree",
    "-t",
    required=True,
    help="Kernel tree: the name of an imported tree, a git tree, a source folder or a tarball.",
)
@click.option(
    "--base", metavar="REV", help="Commit to apply to.  [default: as `series base` finds]"
)
@click.option(
    "--share-host-root",
    is_flag=True,
    help="Let guests read this machine's files instead of a root of their own.",
)
@click.option(
    "--all-variants",
    is_flag=True,
    help="Build and boot the kernel with the series' option off as well. Without this, only the "
    "folders that the series touches are compiled that way.",
)
@toolchain_option
@run_options
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
    all_tests: bool,
    retest: bool,
    toolchain: str | None,
    runs: int,
    quick: bool,
    only: tuple[str, ...],
    plan: bool,
) -> int:
    """Apply SERIES to a kernel tree, build every patch, boot it, and test it.

    The report is printed, and kept in the run directory as text, JSON, HTML, JUnit XML and
    KTAP, with every log and command line, and a bundle for `patchtool rerun`. The same command
    continues a run that was interrupted.
    """
    from patchtool.report.render import show
    from patchtool.run.apply_and_test import apply_and_test
    from patchtool.run.request import Request
    from patchtool.run.run_directory import run_directory

    request = Request(
        series,
        tree,
        base,
        tests,
        control,
        share_host_root,
        all_variants=all_variants,
        all_tests=all_tests,
        retest=retest,
        toolchain=toolchain,
        runs=runs,
        quick=quick,
        only=only,
    )
    if plan:
        from patchtool.run.preview import preview

        for line in preview(request, context.settings, context.progress):
            put(line)
        return 0
    settings, progress = context.settings, context.progress
    with run_directory(out, settings, series.name, request, progress) as folder:
        record = apply_and_test(request, settings, progress, folder, sys.argv)
        progress.close()
        show(record, folder, sys.stdout)
    return record.exit_code
