# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series``: what was posted, and whether its manifest is right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from patchtool.series import manifest
from patchtool.series.sources import bundled, load_series, manifest_path

if TYPE_CHECKING:
    from patchtool.commands.context import Context
    from patchtool.series.model import Patch


@click.group()
def command() -> None:
    """Look at a patch series and its manifest.

    SERIES is a folder with a series.toml, a folder of NNNN-*.patch files, one mailbox or
    patch file, or the name of a series that comes with patchtool.
    """


@command.command()
@click.argument("series")
@click.pass_obj
def show(context: Context, series: str) -> None:
    """Show what SERIES holds: its patches, their authors, and the files they touch."""
    found = load_series(series, context.settings)
    click.echo(f"{found.title} (v{found.revision}, {len(found.patches)} patches)")
    for patch in found.patches:
        click.echo(f"\n{patch.number}/{len(found.patches)} {patch.subject}")
        click.echo(f"    {patch.author}, {patch.date}")
        for line in _touched(patch):
            click.echo(f"    {line}")


def _touched(patch: Patch) -> list[str]:
    lines = []
    for diff in patch.files:
        added = sum(len(hunk.added) for hunk in diff.hunks)
        removed = sum(len(hunk.removed) for hunk in diff.hunks)
        lines.append(f"{diff.path} {'binary' if diff.binary else f'+{added} -{removed}'}")
    return lines


@command.command()
def schema() -> None:
    """Print the JSON schema of a series.toml, for editors and other programs."""
    click.echo(json.dumps(manifest.schema(), indent=2))


@command.command()
@click.argument("series")
@click.pass_obj
def check(context: Context, series: str) -> None:
    """Check the manifest of SERIES and the patches it names; every mistake is reported."""
    path = manifest_path(series)
    manifest.load(path)
    found = load_series(str(path), context.settings)
    click.echo(f"{path}: good; {len(found.patches)} patches, revision {found.revision}")


@command.command("list")
def list_() -> None:
    """List the series that come with patchtool."""
    for name in bundled():
        click.echo(name)
