# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a tree's own perl scripts on the patches of a series, several at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import call
from typing import TYPE_CHECKING

from patchtool.core import process, programs
from patchtool.core.command_log import keeping_log
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.process import Completed
    from patchtool.lint.kernel import Kernel
    from patchtool.series.model import Patch


def on_each(
    patches: Sequence[Patch], kernel: Kernel, script: str, words: Sequence[str]
) -> tuple[Completed, ...]:
    """The run of *script* with *words* on each patch, which it reads from its standard input.

    The script stands in a folder of its own, as the base commit has it. Where the tree has a
    history, it may ask git about it.

    Raises:
        ToolMissing: perl is not installed.
        CommandTimeout: A run took longer than ``settings.script_timeout``.
    """
    programs.require("perl")
    env = {"PERL_BADLANG": "0"}
    if kernel.history:
        env = {**plumbing.environment(kernel.settings), **env, "GIT_DIR": str(kernel.tree.git_dir)}
    argv = ["perl", script, *words]
    runs = [keeping_log(partial(_run, kernel, argv, env, patch)) for patch in patches]
    done: list[Completed] = []
    pool = ThreadPoolExecutor(max_workers=kernel.settings.jobs)
    try:
        for at, completed in enumerate(pool.map(call, runs), 1):
            done.append(completed)
            kernel.progress.update(script, at, len(patches))
    finally:
        pool.shutdown(cancel_futures=True)
    return tuple(done)


def _run(kernel: Kernel, argv: Sequence[str], env: dict[str, str], patch: Patch) -> Completed:
    return process.run(
        argv,
        cwd=kernel.scripts,
        timeout=kernel.settings.script_timeout,
        check=False,
        env=env,
        stdin=patch.raw,
        capture=True,
    )


def broken(completed: Completed) -> str:
    """Why a run that said nothing useful failed: the last line of what it complained."""
    lines = [line.strip() for line in completed.tail.splitlines() if line.strip()]
    return lines[-1] if lines else f"it ended with status {completed.status}"
