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
from patchtool.commands.options import styled, two_series_arguments
from patchtool.core.durable import write_atomic
from patchtool.errors import Exit, UsageError
from patchtool.intake.load import load_series
from patchtool.report import layout, log_draft, reply_draft, revisions_markdown, revisions_text
from patchtool.report.render import WIDTH
from patchtool.revisions.compare import OnOneBase, compare, comparison
from patchtool.revisions.record import to_json
from patchtool.tree.repository import ensure_tree
from patchtool.tree.side_by_side import side_by_side

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference
    from patchtool.revisions.record import Revisions
    from patchtool.series.model import Series

_FORMATS = ("text", "json", "md", "html", "reply", "changelog")
_WIDEST = 120  # columns; longer lines are hard to read


@click.command(
    "revisions",
    epilog=example(
        "see what is new in your branch since v2 was posted",
        "patchtool revisions v2.mbox base..my-branch --tree ~/linux",
    ),
)
@two_series_arguments
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
    old: Reference,
    new: Reference,
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

    Exits with 1 if a remark is open, or tags are stale, out of their scope, or invented.
    """
    kinds = {kind or "", "json" if as_json else "", "md" if as_markdown else ""} - {""}
    if len(kinds) > 1:
        raise UsageError("--json, --md and --format: choose one")
    chosen = next(iter(kinds), "text")
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
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text)
    return Exit.OK if found.good else Exit.FAILED


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
