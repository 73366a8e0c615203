# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool tree``: the kernel trees patchtool keeps."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.tree.packaged import import_package, package_of
from patchtool.tree.repository import import_tree, list_trees

if TYPE_CHECKING:
    from patchtool.commands.context import Context


@click.group()
def command() -> None:
    """Import kernel trees, and list them.

    Any git tree can be given to --tree as it is; it is only read. To import is for source
    tarballs and folders, or to keep a copy of a git tree.
    """


@command.command("import")
@click.argument("source")
@click.option("--name", help="What --tree will call it; default: linux- and its release.")
@click.pass_obj
def import_(context: Context, source: str, name: str | None) -> None:
    """Make a git tree of SOURCE: a kernel tarball, a source folder, or a git repository.

    Or of a package of a distribution, such as bullseye:linux-source-5.10, which is fetched and
    not installed.

    What was imported before is found again by its content, and nothing is done then.
    """
    begin = time.monotonic()
    context.progress.start("import", source)
    before = {tree.name for tree in list_trees(context.settings)}
    package = package_of(source)
    if package is not None:
        tree = import_package(package, context.settings, context.progress, name)
    else:
        tree = import_tree(Path(source), context.settings, context.progress, name)
    context.progress.finish(
        "import",
        f"{tree.name} ({tree.tag})",
        time.monotonic() - begin,
        cached=tree.name in before,
        ok=True,
    )
    click.echo(tree.name)


@command.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """List the imported trees: name, tag, commit, and what it was made from."""
    for tree in list_trees(context.settings):
        click.echo(f"{tree.name}\t{tree.tag}\t{tree.commit[:12]}\t{tree.source}")
