# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool bisect-step``: one try, for a user's own ``git bisect run``."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import series_argument, toolchain_option
from patchtool.commands.printing import put

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference


@click.command(
    "bisect-step",
    epilog=example(
        "try what is checked out; git bisect run takes the same words",
        "patchtool bisect-step balloon-merged --test test_boot.py",
    ),
)
@series_argument
@click.option("--tree", "-t", default=".", show_default=True, help="Kernel tree: a git tree.")
@click.option(
    "--commit", default="HEAD", show_default=True, metavar="REV", help="The commit to try."
)
@click.option("--test", required=True, metavar="MODULE::TEST", help="The guest test to run.")
@click.option(
    "--symptom",
    "symptoms",
    multiple=True,
    metavar="TEXT",
    help="What the test has to fail with to be bad, or a part of it. Another failure is 125. "
    "May be repeated.",
)
@click.option(
    "--with",
    "patches",
    multiple=True,
    metavar="PATCH",
    help="Apply this first, in any form that SERIES may have. May be repeated.",
)
@toolchain_option
@click.pass_obj
def command(
    context: Context,
    series: Reference,
    tree: str,
    commit: str,
    test: str,
    symptoms: tuple[str, ...],
    patches: tuple[str, ...],
    toolchain: str | None,
) -> int:
    """Try one commit of a tree, with SERIES on it, and end as `git bisect run` expects.

    \b
    Exit codes:
      0    the test passes
      1    it fails
      125  it cannot be told: a patch does not apply, or the kernel does not build or boot
      128  and above: this machine is at fault, or the command line; git ends its search
    """  # noqa: D301 (click reads the backspace: what follows is not wrapped)
    from patchtool.bisect.attempts import tried
    from patchtool.bisect.bisection import step_folder
    from patchtool.bisect.experiment import experiment_of, trials_in
    from patchtool.bisect.tries import CANNOT_TRY, TryRecord
    from patchtool.bisect.values import Verdict
    from patchtool.core.text import one_line
    from patchtool.tree import plumbing
    from patchtool.tree.commit_range import resolved
    from patchtool.tree.repository import open_tree

    settings, progress = context.settings, context.progress
    found = open_tree(tree, settings)
    with plumbing.open_repository(found.git_dir, settings) as repo:
        name = resolved(repo, commit, found.name)
    experiment = experiment_of(
        series, None, test, patches, tree, settings, progress, toolchain=toolchain
    )
    folder = step_folder(found, name, experiment, settings)
    with ExitStack() as stack:
        trials = trials_in(found, experiment, settings, progress, stack, folder)
        seen = tried(lambda: trials.attempt(name, 1, folder), progress)
    record = TryRecord(commit=name, attempt=1, **seen.model_dump())
    verdict = record.verdict(symptoms)
    progress.close()
    put(f"{verdict}: {name[:12]} {one_line(record.reason)} ({folder})")
    if verdict is Verdict.GOOD:
        return 0
    return 1 if verdict is Verdict.BAD else CANNOT_TRY
