# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions``: what changed from one posting to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands import revisions_all, revisions_b4
from patchtool.commands.lint_b4 import B4
from patchtool.commands.man import example
from patchtool.commands.options import many_series_arguments
from patchtool.commands.revisions_run import RunOptions
from patchtool.commands.revisions_two import Two, compare_two
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference

_FORMATS = ("text", "json", "md", "html", "reply", "changelog", "patchwork")


@click.command(
    "revisions",
    epilog=example(
        "see what is new in your branch since v2 was posted",
        "patchtool revisions v2.mbox base..my-branch --tree ~/linux",
    ),
)
@many_series_arguments
@click.option(
    "--all",
    "whole_life",
    is_flag=True,
    help="Follow each remark through all revisions, from v1 on, that the named SERIES hold: "
    "mailboxes, threads, or one of each revision.",
)
@click.option(
    "--tree",
    help="Kernel tree: apply both to one base of it, so that a rebase is told from a change, and "
    "ask git range-diff as well. A range A..B is in it.",
)
@click.option(
    "--run",
    "both",
    is_flag=True,
    help="Apply, build and test both on one base, as apply-and-test does, and print the runs side "
    "by side. Needs --tree.",
)
@click.option(
    "--quick", is_flag=True, help="With --run, build and test only the whole of each series."
)
@click.option(
    "--tests/--no-tests",
    default=True,
    show_default=True,
    help="With --run, boot the kernels and run the tests.",
)
@click.option(
    "--module", "only", multiple=True, metavar="NAME", help="With --run, run this test module."
)
@click.option(
    "--earlier",
    multiple=True,
    metavar="SERIES",
    help="A revision before OLD, for tags that were given to it. May be repeated; those that OLD "
    "and NEW hold are found without it.",
)
@click.option("--diff/--no-diff", default=True, show_default=True, help="Print what differs.")
@click.option("--json", "as_json", is_flag=True, help="Print everything, as JSON: --format json.")
@click.option("--md", "as_markdown", is_flag=True, help="Print Markdown: --format md.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMATS),
    help="What to print. html is a page that needs no network; reply drafts a mail to the list "
    "about what is open; changelog drafts what the author says of the changes; patchwork is a "
    "shell script that tells the server which comments were addressed.  [default: text]",
)
@click.option(
    "--check",
    "mode",
    type=click.Choice([mode.value for mode in B4]),
    help="Run as a check command of b4: NEW is -, and what is open is in the form b4 reads.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
)
@click.pass_obj
def command(
    context: Context,
    series: tuple[Reference, ...],
    *,
    whole_life: bool,
    tree: str | None,
    both: bool,
    quick: bool,
    tests: bool,
    only: tuple[str, ...],
    earlier: tuple[str, ...],
    diff: bool,
    as_json: bool,
    as_markdown: bool,
    kind: str | None,
    mode: str | None,
    output: Path | None,
) -> int:
    """Compare NEW with OLD, two postings of a series: what changed, and was each remark answered?

    OLD and NEW are each a SERIES. Prints what came of each remark; which patch came from which,
    and the lines that differ; the change log of NEW, with the changes that support each entry;
    changes that nobody tells of; what became of each tag; and who commented on OLD and is not
    addressed by NEW.

    A line that differs has two marks: the first says whether OLD (-) or NEW (+) has it, the
    second is its mark in the patch.

    Remarks stand first: those that are open, those whose lines changed in a sense that nothing
    shows ("changed, look"), and one line for each of the others.

    With --partial, what is said to be new, dropped or open may be so only because patches of OLD
    or NEW are missing.

    With --all, prints for each remark the revision that settled it, which were made again on a
    later one, how long the author took to answer, and a table of patches and revisions.

    To be told by b4 what is open, configure your kernel repository (--tree is . there):

    \b
      git config b4.prep-perpatch-check-cmd   "patchtool revisions OLD - --check prep"
      git config b4.review-perpatch-check-cmd "patchtool revisions OLD - --check patch"
      git config b4.review-series-check-cmd   "patchtool revisions OLD - --check series"

    Exits with 1 if a remark is open, tags are stale, out of their scope, or invented, or NEW fails
    its run.
    """  # noqa: D301 (click reads the backspace: what follows is not wrapped)
    chosen = _chosen(kind, as_json=as_json, as_markdown=as_markdown)
    if whole_life:
        if tree is not None or mode is not None or earlier or both:
            raise UsageError(
                "--tree, --run, --check and --earlier go with two revisions, not with --all"
            )
        return revisions_all.follow(context, series, chosen or "text", output)
    if len(series) != 2:
        raise UsageError(
            f"{len(series)} SERIES named, expected OLD and NEW",
            hint="--all follows the remarks through any number of revisions",
        )
    old, new = series
    if mode is not None:
        if new.text != "-" or chosen or output is not None:
            raise UsageError("--check: NEW is -, and b4 wants no other form than its own")
        return revisions_b4.check(context, old, B4(mode), tree)
    if not both and (quick or not tests or only):
        raise UsageError("--quick, --no-tests and --module go with --run")
    if both and tree is None:
        raise UsageError("--run needs --tree")
    run = RunOptions(tree, tests=tests, quick=quick, only=only) if both and tree else None
    two = Two(tree, run, earlier, diff, chosen or "text", output)
    return compare_two(context, old, new, two)


def _chosen(kind: str | None, *, as_json: bool, as_markdown: bool) -> str:
    """The format that was asked for; empty for none."""
    kinds = {kind or "", "json" if as_json else "", "md" if as_markdown else ""} - {""}
    if len(kinds) > 1:
        raise UsageError("--json, --md and --format: choose one")
    return next(iter(kinds), "")
