# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions OLD NEW``: two revisions compared, and run where that was asked for."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic_core import to_jsonable_python

from patchtool.commands.revisions_others import others
from patchtool.commands.revisions_output import columns, show, write
from patchtool.commands.revisions_run import run_both
from patchtool.core.text import escaped_json
from patchtool.errors import Exit, UsageError
from patchtool.intake.load import load_series
from patchtool.report import (
    comment_calls,
    contrast_text,
    layout,
    log_draft,
    reply_draft,
    revisions_markdown,
    revisions_text,
)
from patchtool.report.render import WIDTH
from patchtool.revisions.compare import OnOneBase, compare, comparison, parts
from patchtool.revisions.record import to_json
from patchtool.tree.repository import ensure_tree
from patchtool.tree.side_by_side import side_by_side

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.commands.options import Context
    from patchtool.commands.revisions_run import RunOptions, Runs
    from patchtool.intake.load import Reference
    from patchtool.revisions.record import Revisions
    from patchtool.series.model import Series

_WITH_RUNS = ("text", "json", "md")  # formats that have both runs


@dataclass(frozen=True, slots=True)
class Two:
    """How two revisions are compared.

    Attributes:
        tree: What names the kernel tree, or None.
        run: How both are run; None to run none.
        earlier: What names revisions before OLD.
        diff: Whether what differs is printed.
        kind: The format.
        output: The file it is written to; None for standard output.
    """

    tree: str | None
    run: RunOptions | None
    earlier: tuple[str, ...]
    diff: bool
    kind: str
    output: Path | None


def compare_two(context: Context, old: Reference, new: Reference, two: Two) -> int:
    """Compare NEW with OLD, and print or write it.

    Raises:
        PatchtoolError: They cannot be read, compared, or run.
    """
    if two.run is not None and two.kind not in _WITH_RUNS:
        raise UsageError(f"--run: printed as {', '.join(_WITH_RUNS)}, not as {two.kind}")
    begin = time.monotonic()
    context.progress.start("revisions", f"{old.text} {new.text}")
    before = load_series(old, context.settings, context.progress)
    after = load_series(new, context.settings, context.progress)
    on_base, base, note = (
        _on_base(before, after, two.tree, context) if two.tree is not None else (None, None, "")
    )
    more = tuple(replace(old, text=text) for text in two.earlier)
    beside = others(context, (old, new), more, before, after)
    found = compare(before, after, beside.earlier, on_base)
    found = replace(found, notes=(*found.notes, *beside.notes, *filter(None, [note])))
    summary = revisions_text.summary(found)
    seconds = time.monotonic() - begin
    context.progress.finish("revisions", summary, seconds, cached=False, ok=True)
    runs = None
    if two.run is not None:
        options = replace(two.run, base=base)
        runs = run_both(context, options, (old, before), (new, after))
        found = replace(found, notes=(*found.notes, *runs.notes))
    _print(context, two, old, (before, after), found, runs)
    good = found.good and (runs is None or runs.good)
    return Exit.OK if good else Exit.FAILED


def _print(
    context: Context,
    two: Two,
    named: Reference,
    both: tuple[Series, Series],
    found: Revisions,
    runs: Runs | None,
) -> None:
    room = columns() if two.output is None else WIDTH
    if two.kind == "patchwork":
        write(_calls(context, named, both[0], found), two.output)
    elif two.kind == "text":
        lines = revisions_text.lines(found, room, diff=two.diff)
        if runs is not None:
            lines += layout.lines(contrast_text.blocks(runs.contrast), room)
        if two.output is None:
            show(lines)
        else:
            write(layout.without_style(lines), two.output)
    else:
        text = _text(two, found, *both, runs)
        if not text:
            context.progress.note("nothing is open, so there is nothing to write to the list")
        write(text, two.output)


def _text(two: Two, found: Revisions, old: Series, new: Series, runs: Runs | None) -> str:
    """The comparison in a format; empty for a reply about which nothing is open."""
    if two.kind == "json":
        text = to_json(found)
        if runs is not None:
            text = json.dumps(
                {**json.loads(text), "runs": to_jsonable_python(runs.contrast)}, indent=1
            )
        return f"{escaped_json(text)}\n"
    if two.kind == "md":
        page = revisions_markdown.page(found, diff=two.diff)
        if runs is not None:
            page += "\n".join(contrast_text.markdown(runs.contrast)) + "\n"
        return page
    if two.kind == "html":
        from patchtool.report import revisions_page  # jinja2 takes a while to load

        return revisions_page.page(found, old)
    if two.kind == "reply":
        return reply_draft.draft(found, old, new)
    return "".join(f"# {note}.\n" for note in parts(old, new)) + log_draft.draft(found)


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


def _on_base(
    old: Series, new: Series, spec: str, context: Context
) -> tuple[OnOneBase | None, str | None, str]:
    """Both postings on one base of a tree and its commit, or what stands in the way."""
    comparison(old, new)  # what cannot be compared is not applied
    settings, progress = context.settings, context.progress
    tree = ensure_tree(spec, settings, progress)
    both = side_by_side(old, new, tree, settings, progress)
    if both.base is None:
        return (
            None,
            None,
            f"{tree.name} has no base for both, so their mails were compared: {both.reason}",
        )
    name = f"{tree.name} at {both.base.name}"
    return OnOneBase(name, both.old, both.new, both.range_diff), both.base.commit, ""
