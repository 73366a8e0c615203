# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series lint``: what a maintainer would say before reading the code."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from pydantic_core import to_jsonable_python

from patchtool.commands.lint_b4 import B4, B4Run, for_b4, series_for
from patchtool.commands.man import example
from patchtool.commands.options import Context, series_argument, styled
from patchtool.commands.printing import put, put_json
from patchtool.core.progress import Silent
from patchtool.core.text import cut, one_line, wrap
from patchtool.errors import Exit, UsageError
from patchtool.intake.load import load_series
from patchtool.lint import b4 as protocol
from patchtool.lint.checks import CHECKS, OF_THE_WHOLE, choose, lint
from patchtool.lint.findings import Finding, Severity, reaches, tally
from patchtool.lint.kernel import at_base
from patchtool.tree.base.choose import choose_base
from patchtool.tree.repository import ensure_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.intake.load import Reference
    from patchtool.lint.kernel import Kernel
    from patchtool.report.layout import Style
    from patchtool.series.model import Series

_WIDTH = 100
_STYLES: dict[Severity, Style] = {
    Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "dim"
}  # fmt: skip
_HELP = f"Names of checks, or ids of findings. Checks: {', '.join(CHECKS)}."


@click.command(
    "lint",
    epilog=example(
        "check your patches with the tree's own scripts, before they are sent",
        "patchtool series lint outgoing/ --tree ~/linux --skip cover",
    ),
)
@series_argument
@click.option(
    "--tree",
    help="Kernel tree: the name of an imported tree, a git tree, a source folder or a tarball.",
)
@click.option("--base", "rev", help="Commit it is for.  [default: as `series base` finds]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="Exit with 1 at a finding as bad as this, or worse.",
)
@click.option("--only", multiple=True, metavar="CHECK", help=f"Run only these checks. {_HELP}")
@click.option("--skip", multiple=True, metavar="CHECK", help="Leave out these checks or findings.")
@click.option(
    "--b4",
    "mode",
    type=click.Choice([mode.value for mode in B4]),
    help="Run as a check command of b4: SERIES is -, and the output is in the form b4 reads.",
)
@click.pass_obj
def command(
    context: Context,
    series: Reference,
    tree: str | None,
    rev: str | None,
    as_json: bool,
    fail_on: str,
    only: Sequence[str],
    skip: Sequence[str],
    mode: str | None,
) -> int:
    """Check SERIES as a posting: tags, subjects, recipients, coding style.

    With --tree, the tree's own checkpatch.pl and get_maintainer.pl are run as well, and its
    history is read. The scripts are those of the commit that you name with --base, else those
    of HEAD's history, and never those of a commit that only a mail names.

    Each finding has an id, whose first word is the check's name, and a place: file:line in the
    tree after the patch, or message:line, where the subject is line 1.

    To run it inside b4, configure your kernel repository once (--tree is . there):

    \b
      git config b4.prep-perpatch-check-cmd   "patchtool series lint - --b4 prep"
      git config b4.am-perpatch-check-cmd     "patchtool series lint - --b4 prep"
      git config b4.review-perpatch-check-cmd "patchtool series lint - --b4 patch"
      git config b4.review-series-check-cmd   "patchtool series lint - --b4 series"
    """  # noqa: D301 (click reads the backspace: what follows is not wrapped)
    choose(only, skip)
    if mode is not None:
        if series.text != "-":
            raise UsageError("b4 gives the mail on standard input", hint="write - for SERIES")
        run = B4Run(B4(mode), tree or ".", offline=series.offline, partial=series.partial)
        return _for_b4(context, run, rev, fail_on, only, skip)
    loaded = load_series(series, context.settings, context.progress)
    with _kernel(context, loaded, tree, rev) as kernel:
        found = lint(loaded, kernel, only, skip)
        if as_json:
            put_json(_json(loaded, kernel, found))
        else:
            put(_text(loaded, kernel, found))
    return _status(found, fail_on)


def _for_b4(
    context: Context,
    run: B4Run,
    rev: str | None,
    fail_on: str,
    only: Sequence[str],
    skip: Sequence[str],
) -> int:
    quiet = Context(context.settings, Silent())  # b4 takes a word on standard error for a failure
    mail = sys.stdin.buffer.read()
    loaded = series_for(run, mail, os.environ.get(protocol.TRACKING), quiet)
    if run.mode is not B4.SERIES:
        skip = [*skip, *OF_THE_WHOLE]
    with _kernel(quiet, loaded, run.tree, rev) as kernel:
        found = for_b4(run.mode, lint(loaded, kernel, only, skip))
    if run.mode is B4.PREP:
        put(protocol.lines(found), newline=False)
        return _status(found, fail_on)
    tool = "patchtool-series" if run.mode is B4.SERIES else "patchtool"
    put(protocol.results(found, tool), newline=False)
    return _status(found, fail_on)


@contextmanager
def _kernel(
    context: Context, series: Series, spec: str | None, rev: str | None
) -> Iterator[Kernel | None]:
    if spec is None:
        if rev is not None:
            raise UsageError("--base needs --tree", hint="name the kernel tree with --tree")
        yield None
        return
    settings, progress = context.settings, context.progress
    tree = ensure_tree(spec, settings, progress)
    base = choose_base(tree, series, rev, settings, progress)
    begin = time.monotonic()
    progress.start("lint", series.name)
    asked = rev is not None
    with at_base(series, tree, base, settings, progress, asked=asked) as kernel:
        yield kernel
        name = kernel.at
    seconds = time.monotonic() - begin
    progress.finish("lint", f"{series.name} at {name}", seconds, cached=False, ok=True)


def _status(found: Sequence[Finding], fail_on: str) -> int:
    bad = fail_on != "never" and reaches(found, Severity(fail_on))
    return Exit.FAILED if bad else Exit.OK


def _json(series: Series, kernel: Kernel | None, found: Sequence[Finding]) -> str:
    against = None
    if kernel is not None:
        base = kernel.base
        against = {"tree": kernel.tree.name, "base": base.name, "commit": base.commit}
    return json.dumps(
        {
            "series": {
                "name": series.name,
                "title": series.title,
                "revision": series.revision,
                "patches": [patch.subject for patch in series.patches],
                "missing": series.missing,
            },
            "against": against,
            "findings": [{"check": each.check, **to_jsonable_python(each)} for each in found],
        },
        indent=1,
    )


def _text(series: Series, kernel: Kernel | None, found: Sequence[Finding]) -> str:
    total = len(series.patches)
    heads: dict[int | None, str] = {0: f"0/{total} {series.title}", None: "the series"}
    heads |= {patch.number: f"{patch.number}/{total} {patch.subject}" for patch in series.patches}
    lines = []
    said: set[tuple[str, str]] = set()
    for number in dict.fromkeys(each.patch for each in found):
        lines += [styled(one_line(heads.get(number, f"patch {number}")), "bold")]
        lines += [line for each in found if each.patch == number for line in _shown(each, said)]
        lines.append("")
    where = ""
    if kernel is not None:
        where = f" against {kernel.tree.name} at {kernel.at} ({kernel.base.chosen_by})"
    summary = tally(found) or "nothing to complain about"
    size = f"v{series.revision}, {series.part or series.size}"
    lines.append(one_line(f"{series.title} ({size}){where}: {summary}"))
    return "\n".join(lines)


def _shown(finding: Finding, said: set[tuple[str, str]]) -> Iterator[str]:
    """The lines about a finding, without advice that an earlier finding gave (*said*)."""
    place = f"{finding.place}: " if finding.place else ""
    label = styled(f"{finding.severity:<8}", _STYLES[finding.severity])
    text = wrap(one_line(f"{place}{finding.text} [{finding.id}]"), _WIDTH - 11)
    yield f"  {label} {text[0]}"
    yield from (f"           {line}" for line in text[1:])
    if finding.source:
        yield f"           | {cut(one_line(finding.source), _WIDTH - 13)}"
    if finding.todo and (finding.id, finding.todo) not in said:
        said.add((finding.id, finding.todo))
        first, *rest = wrap(one_line(finding.todo), _WIDTH - 14)
        yield f"           -> {first}"
        yield from (f"              {line}" for line in rest)
