# SPDX-License-Identifier: GPL-2.0-or-later
"""``--toolchain``: the same option for every command that compiles."""

from __future__ import annotations

import click

toolchain_option = click.option(
    "--toolchain",
    metavar="NAME",
    help="Toolchain: a name of `patchtool toolchain list`, or registry:IMAGE.  "
    "[default: what the tree's era names]",
)
