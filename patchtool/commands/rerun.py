# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool rerun``: repeat a run, on this machine or another."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.printing import put

if TYPE_CHECKING:
    from patchtool.commands.options import Context


@click.command(
    "rerun",
    epilog=example(
        "repeat a colleague's run on your own tree", "patchtool rerun their-run --tree ~/linux"
    ),
)
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--tree", "-t", help="Kernel tree.  [default: the imported tree of the same name]")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="New run directory.")
@click.pass_obj
def command(context: Context, directory: Path, tree: str | None, out: Path | None) -> int:
    """Repeat the run in DIRECTORY from its bundle.

    The bundle holds the series, the test modules and the settings of that run. So a copy of
    the run directory is enough on another machine, beside a kernel tree that has the base
    commit or its release tag. The last lines name what differs between the two machines.
    """
    from patchtool.core.settings import Settings
    from patchtool.errors import UsageError
    from patchtool.intake.load import Reference
    from patchtool.report.bundle import read_bundle
    from patchtool.report.render import show
    from patchtool.run.apply_and_test import apply_and_test
    from patchtool.run.request import Request
    from patchtool.run.run_directory import run_directory

    bundle = read_bundle(directory)
    settings = Settings.model_validate({**context.settings.model_dump(), **bundle.settings})
    request = Request.repeated(
        Reference(str(bundle.series_folder)),
        tree or bundle.tree,
        bundle.base.commit,
        bundle.folder / "tests",
        bundle.options,
    )
    name, progress = bundle.series_folder.name, context.progress
    with run_directory(out, settings, name, request, progress) as folder:
        try:
            record = apply_and_test(request, settings, progress, folder, sys.argv)
        except UsageError as error:
            if not bundle.base.release.version or "does not exist" not in error.message:
                raise
            tag = bundle.base.release.tag
            progress.note(f"no commit {bundle.base.commit[:12]} here; using {tag}")
            again = replace(request, base=tag)
            record = apply_and_test(again, settings, progress, folder, sys.argv)
        progress.close()
        show(record, folder, sys.stdout)
    for line in bundle.differences(record.host):
        put(f"not as in the first run: {line}")
    return record.exit_code
