# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions --all``: each remark through all revisions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from patchtool.commands.revisions_output import columns, show, write
from patchtool.core.text import escaped_json
from patchtool.errors import Exit, UsageError
from patchtool.intake.load import postings
from patchtool.report import layout, life_markdown, life_text, life_words
from patchtool.report.render import WIDTH
from patchtool.revisions import ledger, lifetime
from patchtool.series.model import Series

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference

_FORMATS = ("text", "json", "md", "html")


def follow(context: Context, named: tuple[Reference, ...], kind: str, output: Path | None) -> int:
    """Follow each remark through all revisions that the named SERIES hold."""
    if kind not in _FORMATS:
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
        show(life_text.lines(made, columns()))
    else:
        write(_text(kind, made), output)
    return Exit.OK if made.good else Exit.FAILED


def _text(kind: str, made: lifetime.Life) -> str:
    if kind == "json":
        return f"{escaped_json(lifetime.to_json(made))}\n"
    if kind == "md":
        return life_markdown.page(made)
    if kind == "html":
        from patchtool.report import life_page  # jinja2 takes a while to load

        return life_page.page(made)
    return layout.without_style(life_text.lines(made, WIDTH))
