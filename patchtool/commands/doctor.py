# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from patchtool import doctor
from patchtool.errors import Exit

if TYPE_CHECKING:
    from patchtool.commands.context import Context


@click.command("doctor")
@click.pass_obj
def command(context: Context) -> int:
    """Say what this machine can do, and how to get what is missing.

    Everything is tried for real: guest code is run and timed, a container is run.
    Exits with 3 when the main job cannot run here.
    """
    context.progress.start("doctor", "trying each part of the main job")
    missing = 0
    for line in doctor.examine(context.settings, context.progress):
        colour = {"ok": "green", "limited": "yellow", "missing": "red"}[line.state]
        state = click.style(f"{line.state:8}", fg=colour)
        click.echo(f"{state} {line.part:12} {line.text}")
        if line.hint:
            click.echo(f"{'':21} -> {line.hint}")
        missing += line.state is doctor.State.MISSING
    if missing:
        click.echo(f"The main job cannot run here: {missing} missing.")
        return Exit.INFRA
    click.echo("The main job can run here.")
    return Exit.OK
