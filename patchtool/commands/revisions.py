# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions``: what changed from one posting to the next."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import many_series_arguments, styled
from patchtool.core.durable import write_atomic
from patchtool.errors import Exit, UsageError
from patchtool.intake.load import load_series, postings
from patchtool.report import (
    layout,
    life_markdown,
    life_text,
    life_words,
    log_draft,
    reply_draft,
    revisions_markdown,
    revisions_text,
)
from patchtool.report.render import WIDTH
from patchtool.revisions import ledger, lifetime
from patchtool.revisions.compare import OnOneBase, compare, comparison
from patchtool.revisions.record import to_json
from patchtool.series.model import Series
from patchtool.tree.repository import ensure_tree
from patchtool.tree.side_by_side import side_by_side

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference
    from patchtool.revisions.record import Revisions

_FORMATS = ("text", "json", "md", "html", "reply", "changelog")
_OF_A_LIFE = ("text", "json", "md", "html")
_WIDEST = 120  # columns; longer lines are hard to read


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
@click.option("--diff/--no-diff", default=True, show_default=True, help="Print what differs.")
@click.option("--json", "as_json", is_flag=True, help="Print everything, as JSON: --format json.")
@click.option("--md", "as_markdown", is_flag=True, help="Print Markdown: --format md.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMATS),
    help="What to print. html is a page that needs no network; reply drafts a mail to the list "
    "about what is open; changelog drafts what the author says of the changes.  [default: text]",
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
    diff: bool,
    as_json: bool,
    as_markdown: bool,
    kind: str | None,
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

    With --all, prints for each remark the revision that settled it, which were made again on a
    later one, how long the author took to answer, and a table of patches and revisions.

    Exits with 1 if a remark is open, or tags are stale, out of their scope, or invented.
    """
    kinds = {kind or "", "json" if as_json else "", "md" if as_markdown else ""} - {""}
    if len(kinds) > 1:
        raise UsageError("--json, --md and --format: choose one")
    chosen = next(iter(kinds), "text")
    if whole_life:
        if tree is not None:
            raise UsageError("--tree goes with two revisions, not with --all")
        return _whole_life(context, series, chosen, output)
    if len(series) != 2:
        raise UsageError(
            f"{len(series)} SERIES named, expected OLD and NEW",
            hint="--all follows the remarks through any number of revisions",
        )
    old, new = series
    begin = time.monotonic()
    context.progress.start("revisions", f"{old.text} {new.text}")
    before = load_series(old, context.settings, context.progress)
    after = load_series(new, context.settings, context.progress)
    on_base, note = _on_base(before, after, tree, context) if tree is not None else (None, "")
    found = compare(before, after, on_base=on_base)
    if note:
        found = replace(found, notes=(*found.notes, note))
    summary = revisions_text.summary(found)
    seconds = time.monotonic() - begin
    context.progress.finish("revisions", summary, seconds, cached=False, ok=True)
    if chosen == "text" and output is None:
        _show(revisions_text.lines(found, _columns(), diff=diff))
        return Exit.OK if found.good else Exit.FAILED
    text = _text(chosen, found, before, after, diff=diff)
    if not text:
        context.progress.note("nothing is open, so there is nothing to write to the list")
    _write(text, output)
    return Exit.OK if found.good else Exit.FAILED


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text)


def _whole_life(
    context: Context, named: tuple[Reference, ...], kind: str, output: Path | None
) -> int:
    """Follow each remark through all revisions that the named SERIES hold."""
    if kind not in _OF_A_LIFE:
        raise UsageError(f"--format {kind} is about two revisions; with --all there is none")
    begin = time.monotonic()
    progress = context.progress
    progress.start("revisions", " ".join(each.text for each in named))
    found = [
        each
        for reference in named
        for each in postings(reference, context.settings, progress)
        if isinstance(each, Series)
    ]
    ordered, notes = ledger.in_order(found)
    made = ledger.live(
        ordered, notes, lambda done, total: progress.update("revisions compared", done, total)
    )
    seconds = time.monotonic() - begin
    progress.finish("revisions", life_words.summary(made), seconds, cached=False, ok=True)
    if kind == "text" and output is None:
        _show(life_text.lines(made, _columns()))
    else:
        _write(_text_of_life(kind, made), output)
    return Exit.OK if made.good else Exit.FAILED


def _text_of_life(kind: str, made: lifetime.Life) -> str:
    if kind == "json":
        return f"{lifetime.to_json(made)}\n"
    if kind == "md":
        return life_markdown.page(made)
    if kind == "html":
        from patchtool.report import life_page  # jinja2 takes a while to load

        return life_page.page(made)
    return layout.without_style(life_text.lines(made, WIDTH))


def _text(kind: str, found: Revisions, old: Series, new: Series, *, diff: bool) -> str:
    """The comparison in a format; empty for a reply about which nothing is open."""
    if kind == "json":
        return f"{to_json(found)}\n"
    if kind == "md":
        return revisions_markdown.page(found, diff=diff)
    if kind == "html":
        from patchtool.report import revisions_page  # jinja2 takes a while to load

        return revisions_page.page(found, old)
    if kind == "reply":
        return reply_draft.draft(found, old, new)
    if kind == "changelog":
        return log_draft.draft(found)
    return layout.without_style(revisions_text.lines(found, WIDTH, diff=diff))


def _on_base(old: Series, new: Series, spec: str, context: Context) -> tuple[OnOneBase | None, str]:
    """Both postings on one base of a tree, or what stands in the way."""
    comparison(old, new)  # what cannot be compared is not applied
    settings, progress = context.settings, context.progress
    tree = ensure_tree(spec, settings, progress)
    both = side_by_side(old, new, tree, settings, progress)
    if both.base is None:
        return (
            None,
            f"{tree.name} has no base for both, so their mails were compared: {both.reason}",
        )
    name = f"{tree.name} at {both.base.name}"
    return OnOneBase(name, both.old, both.new, both.range_diff), ""


def _columns() -> int:
    return min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)


def _show(lines: list[layout.Line]) -> None:
    """Print lines, through a pager where they are more than a terminal shows."""
    text = "\n".join("".join(styled(span.text, span.style) for span in line) for line in lines)
    if sys.stdout.isatty() and len(lines) > shutil.get_terminal_size().lines:
        click.echo_via_pager(f"{text}\n")
    else:
        click.echo(text)
