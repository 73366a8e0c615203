# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions OLD - --check MODE``: what is open, as b4's check commands say it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from patchtool.commands.lint_b4 import B4, B4Run, series_for
from patchtool.commands.options import Context
from patchtool.commands.printing import put
from patchtool.core.progress import Silent
from patchtool.core.text import cut, one_line
from patchtool.errors import Exit
from patchtool.intake.load import load_series
from patchtool.lint import b4 as protocol
from patchtool.lint.findings import Finding, Severity, in_order
from patchtool.report.remark_words import name
from patchtool.revisions.compare import UnrelatedError, compare
from patchtool.revisions.record import BAD_TAGS, TagState
from patchtool.revisions.remark import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.intake.load import Reference
    from patchtool.revisions.record import Revisions
    from patchtool.revisions.remark import Judgement

_LONGEST = 160  # characters of a remark
_IDS = {
    Verdict.CONTESTED: "remark-contested", Verdict.PROMISED: "remark-promised",
    Verdict.UNANSWERED: "remark-unanswered", Verdict.PARTLY: "remark-partly",
}  # fmt: skip


def check(context: Context, old: Reference, mode: B4, tree: str | None) -> int:
    """Compare what b4 gives on standard input with OLD, and print what is open.

    Args:
        context: Whose settings hold.
        old: The posting before.
        mode: How b4 runs us: with the whole series, or with one patch of it.
        tree: The repository; the current one by default.

    Raises:
        PatchtoolError: OLD or the mail cannot be read, or they cannot be compared.
    """
    quiet = Context(context.settings, Silent())  # b4 takes a word on standard error for a failure
    mail = sys.stdin.buffer.read()
    new = series_for(
        B4Run(mode, tree or ".", offline=old.offline),
        mail,
        os.environ.get(protocol.TRACKING),
        quiet,
    )
    before = load_series(old, quiet.settings, quiet.progress)
    alone = mode is not B4.SERIES
    found: tuple[Finding, ...] = ()
    try:
        found = findings(compare(before, new), alone=alone)
    except UnrelatedError:
        if not alone:
            raise  # one patch may be new in its series
    if mode is B4.PREP:
        put(protocol.lines(found), newline=False)
    else:
        put(protocol.results(found, "patchtool-revisions"), newline=False)
    return Exit.FAILED if found else Exit.OK


def findings(found: Revisions, *, alone: bool) -> tuple[Finding, ...]:
    """What is open, and tags that are wrong.

    Args:
        found: The comparison.
        alone: Whether NEW is one patch of its series; then what is on others is not told.
    """
    told = [*_remarks(found, alone=alone), *_tags(found)]
    return in_order(told)


def _remarks(found: Revisions, *, alone: bool) -> Iterator[Finding]:
    partner = {old: pair.new[0] for pair in found.pairs for old in pair.old if pair.new}
    for each in found.judgements:
        place = each.remark.place
        number = place.patch if place.patch is not None else each.remark.patch
        if each.verdict in _IDS and (number in partner or not alone):
            yield _remark(found, each, partner.get(number) if number else number)


def _remark(found: Revisions, judgement: Judgement, number: int | None) -> Finding:
    new = judgement.change.new
    here = new[0] if new else None
    place = f"{here.path or 'message'}:{here.number}" if here is not None and here.patch else ""
    said = cut(one_line(judgement.remark.text[: 4 * _LONGEST]), _LONGEST)
    who = one_line(name(judgement.remark.author))
    return Finding(
        Severity.WARNING, _IDS[judgement.verdict], number,
        f'{who} on v{found.old.revision}: "{said}": {judgement.verdict}',
        place=place, source=here.text[1:] if here is not None else "",
    )  # fmt: skip


def _tags(found: Revisions) -> Iterator[Finding]:
    for tag in found.tags:
        if tag.state in BAD_TAGS:
            severity = Severity.ERROR if tag.state is TagState.INVENTED else Severity.WARNING
            word = tag.state.replace(" ", "-")
            text = f"{tag.name}: {one_line(tag.value)} is {tag.state}: {tag.text}"
            yield Finding(severity, f"tag-{word}", tag.new, text)
