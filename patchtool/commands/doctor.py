# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from patchtool.build.container.detect import choose_runtime
from patchtool.build.toolchain.toolchain import ensure_toolchain
from patchtool.commands.man import example
from patchtool.commands.options import styled, toolchain_option
from patchtool.commands.printing import put
from patchtool.core.store import Store
from patchtool.errors import Exit, UsageError
from patchtool.run import doctor
from patchtool.run.workplace import suited, toolchain_for
from patchtool.tree.base.choose import choose_base
from patchtool.tree.repository import ensure_tree

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.report.layout import Style

_STYLES: dict[doctor.State, Style] = {
    doctor.State.OK: "good", doctor.State.LIMITED: "warn", doctor.State.MISSING: "bad",
}  # fmt: skip


@click.command(
    "doctor",
    epilog=example("say what an old tree needs, and why", "patchtool doctor --tree linux-3.6.5"),
)
@click.option("--tree", help="Say what this kernel tree needs because of its age, instead.")
@toolchain_option
@click.pass_obj
def command(context: Context, tree: str | None, toolchain: str | None) -> int:
    """Say what this machine can do, and how to get what is missing.

    Tries each part of the main job: runs a container, and runs and times guest code. Exits
    with 3 when the main job cannot run here.
    """
    if tree is not None:
        put(_needs(tree, toolchain, context))
        return Exit.OK
    if toolchain is not None:
        raise UsageError("--toolchain needs --tree", hint="name a kernel tree with --tree")
    context.progress.start("doctor", "trying each part of the main job")
    missing = 0
    for line in doctor.examine(context.settings, context.progress):
        state = styled(f"{line.state:8}", _STYLES[line.state])
        put(f"{state} {line.part:12} {line.text}")
        if line.hint:
            put(f"{'':21} -> {line.hint}")
        missing += line.state is doctor.State.MISSING
    if missing:
        put(f"The main job cannot run here: {missing} missing.")
        return Exit.INFRA
    put("The main job can run here.")
    return Exit.OK


def _needs(spec: str, named: str | None, context: Context) -> str:
    """Which entries of kernel/eras.toml apply to the newest release of a tree, and why."""
    settings, progress = context.settings, context.progress
    tree = ensure_tree(spec, settings, progress)
    base = choose_base(tree, None, None, settings, progress)
    runtime = choose_runtime(settings, progress)
    name = named or toolchain_for(tree, base, settings)
    made = ensure_toolchain(runtime, settings, Store(settings.cache / "store"), progress, name)
    needs = suited(made, tree, base, settings).needs
    assert needs is not None
    return f"{tree.name} at {base.name}, toolchain {name}: {made.version}\n{needs.describe()}"
