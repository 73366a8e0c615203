# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool tree``: import kernel trees, and list them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.printing import put
from patchtool.tree.packaged import import_package, package_of
from patchtool.tree.repository import import_tree, list_trees

if TYPE_CHECKING:
    from patchtool.commands.options import Context


@click.group(
    epilog=example("import a tarball", "patchtool tree import linux-6.12.tar.xz --name linux-6.12")
)
def command() -> None:
    """Import kernel trees, and list them.

    A git tree needs no import: give it to --tree as it is, and it is only read. Import source
    tarballs and folders, packages, or a git tree that you want to keep a copy of.
    """


@command.command(
    "import",
    epilog=example(
        "fetch the kernel source of Debian 11, and make a tree of it",
        "patchtool tree import bullseye:linux-source-5.10",
    ),
)
@click.argument("source")
@click.option("--name", help="Name for --tree.  [default: linux- and the release]")
@click.pass_obj
def import_(context: Context, source: str, name: str | None) -> None:
    """Make a git tree of SOURCE, and print its name.

    SOURCE is a kernel tarball, a source folder, a git repository, or a package of a Debian
    release such as bullseye:linux-source-5.10. A package is fetched and not installed.

    A source that was imported before is recognised by its content and not imported again.
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
    put(tree.name)


@command.command("list", epilog=example("names and tags alone", "patchtool tree list | cut -f 1,2"))
@click.pass_obj
def list_(context: Context) -> None:
    """List the imported trees: name, tag, commit, and source."""
    for tree in list_trees(context.settings):
        put(f"{tree.name}\t{tree.tag}\t{tree.commit[:12]}\t{tree.source}")
