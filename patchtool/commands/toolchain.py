# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool toolchain``: the compilers for ``--toolchain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from patchtool.build.container.detect import choose_runtime
from patchtool.build.toolchain.recipe import DEFAULT, REGISTRY, read_recipe, recipe_names
from patchtool.build.toolchain.toolchain import find_toolchain
from patchtool.commands.man import example
from patchtool.commands.printing import put
from patchtool.core.store import Store

if TYPE_CHECKING:
    from patchtool.commands.options import Context


@click.group(epilog=example("list the compilers there are", "patchtool toolchain list"))
def command() -> None:
    """Show the toolchains that --toolchain may name.

    A toolchain is a container image with a compiler and what a kernel build needs.
    """


@command.command(
    "list",
    epilog=example("names and compiler versions alone", "patchtool toolchain list | cut -f 1,3"),
)
@click.pass_obj
def list_(context: Context) -> None:
    """List the toolchains: name, what it is, and its compiler.

    An image is made when it is first used; until then the compiler is "not made yet".
    """
    settings = context.settings
    runtime = choose_runtime(settings, context.progress)
    store = Store(settings.cache / "store")
    for name in recipe_names():
        recipe = read_recipe(name)
        made = find_toolchain(runtime, settings, store, name)
        default = " (default)" if name == DEFAULT else ""
        state = made.version if made else "not made yet"
        put(f"{name}\t{recipe.title}, {recipe.suite}{default}\t{state}")
    put(f"{REGISTRY}IMAGE\tan image of a registry, or of this machine, as it is")
