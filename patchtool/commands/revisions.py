# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions``: what changed from one posting to the next."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands import revisions_all, revisions_b4
from patchtool.commands.lint_b4 import B4
from patchtool.commands.man import example
from patchtool.commands.options import many_series_arguments
from patchtool.commands.revisions_others import others
from patchtool.commands.revisions_output import columns, show, write
from patchtool.errors import Exit, UsageError
from patchtool.intake.load import load_series
from patchtool.report import (
    comment_calls,
    layout,
    log_draft,
    reply_draft,
    revisions_markdown,
    revisions_text,
)
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

    With --all, prints for each remark the revision that settled it, which were made again on a
    later one, how long the author took to answer, and a table of patches and revisions.

    To be told by b4 what is open, configure your kernel repository (--tree is . there):

    \b
      git config b4.prep-perpatch-check-cmd   "patchtool revisions OLD - --check prep"
      git config b4.review-perpatch-check-cmd "patchtool revisions OLD - --check patch"
      git config b4.review-series-check-cmd   "patchtool revisions OLD - --check series"

    Exits with 1 if a remark is open, or tags are stale, out of their scope, or invented.
    """  # noqa: D301 (click reads the backspace: what follows is not wrapped)
    chosen = _chosen(kind, as_json=as_json, as_markdown=as_markdown)
    if whole_life:
        if tree is not None or mode is not None or earlier:
            raise UsageError("--tree, --check and --earlier go with two revisions, not with --all")
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
    begin = time.monotonic()
    context.progress.start("revisions", f"{old.text} {new.text}")
    before = load_series(old, context.settings, context.progress)
    after = load_series(new, context.settings, context.progress)
    on_base, note = _on_base(before, after, tree, context) if tree is not None else (None, "")
    more = tuple(replace(old, text=text) for text in earlier)
    beside = others(context, series, more, before, after)
    found = compare(before, after, beside.earlier, on_base)
    found = replace(found, notes=(*found.notes, *beside.notes, *filter(None, [note])))
    summary = revisions_text.summary(found)
    seconds = time.monotonic() - begin
    context.progress.finish("revisions", summary, seconds, cached=False, ok=True)
    if chosen == "patchwork":
        write(_calls(context, old, before, found), output)
    elif chosen in ("", "text") and output is None:
        show(revisions_text.lines(found, columns(), diff=diff))
    else:
        text = _text(chosen, found, before, after, diff=diff)
        if not text:
            context.progress.note("nothing is open, so there is nothing to write to the list")
        write(text, output)
    return Exit.OK if found.good else Exit.FAILED


def _chosen(kind: str | None, *, as_json: bool, as_markdown: bool) -> str:
    """The format that was asked for; empty for none."""
    kinds = {kind or "", "json" if as_json else "", "md" if as_markdown else ""} - {""}
    if len(kinds) > 1:
        raise UsageError("--json, --md and --format: choose one")
    return next(iter(kinds), "")


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


def _calls(context: Context, named: Reference, old: Series, found: Revisions) -> str:
    """The calls that tell patchwork what came of the comments on OLD."""
    from patchtool.intake.servers import patchwork_comments  # so does requests

    if named.offline or context.settings.offline:
        raise UsageError("--format patchwork asks the server for the comments; without --offline")
    server = patchwork_comments.server_of(named.text, context.settings)
    ids = [patch.message_id for patch in old.patches if patch.message_id is not None]
    cover = old.message_id if old.cover is not None else None
    there = patchwork_comments.comments_on(cover, ids, server, context.settings, context.progress)
    return comment_calls.script(found, there, server)


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
