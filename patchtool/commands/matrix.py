# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool matrix``: the main job on several trees, with several toolchains."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import run_options, series_argument
from patchtool.commands.printing import put

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference


@click.command(
    "matrix",
    epilog=example(
        "build a series on two trees with two compilers, without tests",
        "patchtool matrix balloon-counters --trees linux-6.1.192,linux-6.12.117 \\",
        "    --toolchains bookworm,trixie --no-tests",
    ),
)
@series_argument
@click.option(
    "--trees",
    "-t",
    required=True,
    multiple=True,
    metavar="A,B,...",
    help="Kernel trees: names of imported trees, git trees, source folders or tarballs. May be "
    "repeated.",
)
@click.option(
    "--toolchains",
    multiple=True,
    metavar="X,Y,...",
    help="Build each tree with each of these.  [default: what each tree's era names]",
)
@click.option(
    "--variants",
    multiple=True,
    metavar="on,off",
    help="off: build and boot the kernel with the series' option off as well. Without it, only the "
    "folders that the series touches are compiled that way. The option on is always tested.",
)
@run_options
@click.pass_obj
def command(
    context: Context,
    series: Reference,
    trees: tuple[str, ...],
    toolchains: tuple[str, ...],
    variants: tuple[str, ...],
    out: Path | None,
    tests: bool,
    control: bool,
    all_tests: bool,
    retest: bool,
    runs: int,
    quick: bool,
    only: tuple[str, ...],
    plan: bool,
) -> int:
    """Run SERIES through `apply-and-test` on every tree with every toolchain.

    Prints a table with a row for each run and a column for each step. The run directory keeps
    it as matrix.txt, matrix.json and matrix.html, with the run directory of each run below it.
    A run that fails does not stop the others; the exit code is the highest of all. Steps that
    several runs share are done once. The same command continues a matrix that was interrupted.
    """
    from patchtool.build.toolchain.recipe import check_name
    from patchtool.intake.load import load_series
    from patchtool.matrix import matrix_files
    from patchtool.matrix.combinations import combined, has_off, split_names
    from patchtool.matrix.running import Matrix, named_trees
    from patchtool.run.preview import preview
    from patchtool.run.request import Request
    from patchtool.run.run_directory import run_directory

    specs = split_names(trees, "--trees")
    builders = split_names(toolchains, "--toolchains")
    off = has_off(split_names(variants, "--variants"))
    for name in builders:
        check_name(name)
    settings, progress = context.settings, context.progress
    progress.start("series", series.text)
    found = load_series(replace(series, tree=specs[0]), settings, progress)
    request = Request(
        series,
        specs[0],
        tests=tests,
        control=control,
        all_variants=off,
        all_tests=all_tests,
        retest=retest,
        runs=runs,
        quick=quick,
        only=only,
    )
    if plan:
        for combination in combined([(spec, spec) for spec in specs], builders):
            using = f" with {combination.toolchain}" if combination.toolchain else ""
            put(f"{combination.tree}{using}:")
            one = replace(request, tree=combination.tree, toolchain=combination.toolchain)
            for line in preview(one, settings, progress, found):
                put(f"  {line}")
        return 0
    combinations = combined(named_trees(specs, settings, progress), builders)
    title, rows = f"{series.name}-matrix", [combination.name for combination in combinations]
    with run_directory(out, settings, title, request, progress, rows) as folder:
        matrix = Matrix(request, found, combinations, settings, progress, folder, tuple(sys.argv))
        try:
            matrix.run()
        finally:
            progress.close()
            matrix_files.show(matrix.record(), folder, sys.stdout)
    return matrix.record().exit_code
