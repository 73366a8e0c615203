# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool bisect``: find the commit with which something began to fail."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import series_argument, toolchain_option
from patchtool.commands.printing import put, put_json

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TERM = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z")
#: What `git bisect` takes for something else (git-bisect(1)).
_NO_TERMS = frozenset(
    {
        *("bad", "good", "help", "log", "new", "next", "old", "replay", "reset", "run", "skip"),
        *("start", "terms", "view", "visualize"),
    }
)


def _duration(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", value)
    if not found:
        raise click.BadParameter(f"{value!r} is not such as 90s, 45m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def _term(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001 (click's signature)
    if value is not None and (not _TERM.match(value) or value in _NO_TERMS):
        raise click.BadParameter(f"{value!r} cannot be a term of git bisect")
    return value


@click.command(
    "bisect",
    epilog=example(
        "which commit broke a guest test; ./my-test for --run would be yours",
        "patchtool bisect balloon-merged --tree ~/linux --good v6.12 --bad HEAD \\",
        "    --test test_balloon_resize.py::test_no_page_is_lost",
    ),
)
@series_argument(required=False)
@click.option("--tree", "-t", required=True, help="A git tree with its history; it is only read.")
@click.option("--good", required=True, metavar="REV", help="A commit without the symptom.")
@click.option("--bad", required=True, metavar="REV", help="A later commit that shows it.")
@click.option(
    "--test",
    metavar="MODULE::TEST",
    help="The guest test that fails. Each commit is built with SERIES on it, and booted.",
)
@click.option(
    "--run",
    metavar="COMMAND",
    help="A shell command that tells: 0 good, 125 cannot be tried, 1 to 127 bad, 128 and above an "
    "error that says nothing. It runs in a worktree of the commit.",
)
@click.option(
    "--timeout",
    callback=_duration,
    default="1h",
    show_default=True,
    metavar="TIME",
    help="How long COMMAND may take.",
)
@click.option(
    "--with",
    "patches",
    multiple=True,
    metavar="PATCH",
    help="Apply this to each commit, in any form that SERIES may have. May be repeated.",
)
@click.option(
    "--symptom",
    "titles",
    multiple=True,
    metavar="TEXT",
    help="What the test has to fail with, or a part of it. May be repeated.  [default: what it "
    "fails with at the bad end]",
)
@click.option("--any-failure", is_flag=True, help="Whatever the test fails with is the symptom.")
@click.option(
    "--rate",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="PART",
    help="How often it fails where the symptom is, such as 0.3.  [default: learnt on the way]",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=0.99,
    show_default=True,
    metavar="PART",
    help="How sure the answer has to be.",
)
@click.option(
    "--budget", callback=_duration, metavar="TIME", help="Stop after this time, such as 90m or 2h."
)
@click.option(
    "--max-tries", type=click.IntRange(1), metavar="N", help="Stop after so many tries in all."
)
@click.option("--first-parent", is_flag=True, help="Of merges, follow the first parent alone.")
@click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="PATH",
    help="Only commits that change this file or folder. May be repeated.",
)
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take each verdict of this `git bisect log` for a try. May be repeated.",
)
@click.option(
    "--fix", is_flag=True, help="Find what ended the symptom: GOOD shows it, and BAD does not."
)
@click.option("--term-old", callback=_term, metavar="TERM", help="Call good commits so.")
@click.option("--term-new", callback=_term, metavar="TERM", help="Call bad commits so.")
@click.option(
    "--share-host-root",
    is_flag=True,
    help="Let guests read this machine's files instead of a root of their own.",
)
@toolchain_option
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    help="Run directory.  [default: one in the state folder, named by what is searched]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(
    context: Context,
    series: Reference | None,
    tree: str,
    good: str,
    bad: str,
    test: str | None,
    run: str | None,
    timeout: float,
    patches: tuple[str, ...],
    titles: tuple[str, ...],
    any_failure: bool,
    rate: float | None,
    confidence: float,
    budget: float | None,
    max_tries: int | None,
    first_parent: bool,
    paths: tuple[str, ...],
    logs: tuple[Path, ...],
    fix: bool,
    term_old: str | None,
    term_new: str | None,
    share_host_root: bool,
    toolchain: str | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Find the commit between GOOD and BAD with which something began to fail.

    What tells is a guest test (SERIES --test) or a command (--run). The test may fail only
    sometimes, and commits may not build. Each try is kept: the same command continues a search
    that was interrupted, and tries nothing twice.

    The command has PATH, HOME and LANG in its environment, and PATCHTOOL_COMMIT and
    PATCHTOOL_ATTEMPT, which counts the tries of one commit.

    The run directory keeps the result as bisect.json, what is certain as bisect.log for `git
    bisect replay`, and the logs of each try. Exit codes: 0 found, 1 not found.
    """
    from patchtool.bisect.between import Words
    from patchtool.bisect.bisection import Bisection
    from patchtool.bisect.experiment import experiment_of
    from patchtool.bisect.hunt import Limits
    from patchtool.bisect.result_text import result_text
    from patchtool.bisect.values import Failures

    if (term_old is None) != (term_new is None) or (term_old and term_old == term_new):
        raise click.UsageError("--term-old and --term-new are given together, and differ")
    settings, progress = context.settings, context.progress
    words = Words(term_old or "good", term_new or "bad")
    if fix and term_old is None:
        words = Words("broken", "fixed")
    experiment = experiment_of(
        series, run, test, patches, tree, settings, progress,
        timeout=timeout, toolchain=toolchain, share_host_root=share_host_root,
    )  # fmt: skip
    bisection = Bisection(
        tree=tree,
        good=good,
        bad=bad,
        experiment=experiment,
        limits=Limits(confidence, max_tries, budget),
        failures=Failures(rate),
        words=words,
        settings=settings,
        progress=progress,
        first_parent=first_parent,
        paths=paths,
        titles=titles,
        any_failure=any_failure,
        fix=fix,
        logs=logs,
        argv=tuple(sys.argv),
    )
    record, folder = bisection.run(out)
    progress.close()
    if as_json:
        put_json(record.model_dump_json(indent=1))
    else:
        put(result_text(record), newline=False)
        put(f"all of it: {folder}")
    return record.exit_code
