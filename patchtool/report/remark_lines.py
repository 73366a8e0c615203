# SPDX-License-Identifier: GPL-2.0-or-later
"""The remarks on OLD and what came of them, as a terminal shows them.

What is open stands first and whole, weightiest first; then what a person has to look at, OLD and
NEW side by side; then a line for each of the others. None is left out.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from patchtool.core.text import cut, one_line, pad, width, wrap
from patchtool.report import layout
from patchtool.report.layout import Column, Heading, Span, Table, row
from patchtool.report.remark_words import (
    answer_text,
    bullet_of,
    code,
    in_order,
    mail_text,
    name,
    outcome,
    place_text,
    sums,
    text_lines,
)
from patchtool.revisions.remark import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.report.layout import Style
    from patchtool.report.remark_words import Outcome
    from patchtool.revisions.pair import Line
    from patchtool.revisions.record import Revisions
    from patchtool.revisions.remark import Answer, Judgement

_QUOTED = 3  # lines of the quote above a remark
_SAID = 8  # lines of what was said
_ANSWERED = 3  # lines of an answer
_ANSWERS = 4  # answers; the last ones count
_LINES = 8  # lines of OLD and NEW
_SHORT = (
    Column("verdict"), Column("place", shrink="middle"), Column("by", shrink="end"),
    Column("remark", shrink="end"),
)  # fmt: skip


def remarks(found: Revisions, room: int) -> Iterator[layout.Line]:
    """All remarks, in lines of at most *room* columns."""
    if not found.judgements:
        return
    yield from layout.lines([Heading(f"Remarks on v{found.old.revision}")], room)
    yield from _indented(sums(found.judgements), 2, room, "")
    others: list[Judgement] = []
    above: set[tuple[Line, ...]] = set()  # lines of NEW that stand above already
    for each in in_order(found.judgements):
        if each.open or each.verdict is Verdict.LOOK:
            yield ()
            shown = outcome(found, each, _LINES)
            yield from _whole(found, each, shown, room, again=shown.new in above)
            above.add(shown.new)
        else:
            others.append(each)
    if others:
        yield ()
        rows = tuple(
            row(
                str(each.verdict), place_text(each.remark.place), name(each.remark.author),
                each.remark.text[:room], note=Span(_why(each), "dim"),
            )
            for each in others
        )  # fmt: skip
        yield from layout.lines([Table(_SHORT, rows)], room)


def _why(judgement: Judgement) -> str:
    nothing = judgement.verdict is Verdict.NOTHING_ASKED
    return "" if nothing else "; ".join(judgement.evidence)


def _whole(
    found: Revisions, judgement: Judgement, shown: Outcome, room: int, *, again: bool
) -> Iterator[layout.Line]:
    remark = judgement.remark
    style: Style = "bad" if judgement.open else "warn"
    said_by = f"{name(remark.author)}, {place_text(remark.place)}"
    head = f"{judgement.verdict}: "
    yield (
        Span(head, style),
        Span(cut(one_line(said_by), max(room - len(head), 10)), "bold"),
    )
    where = f"{mail_text(remark.message_id, remark.date)}, remark {remark.id}"
    yield (Span(cut(f"  {one_line(where)}", room), "dim"),)
    for line in remark.place.quoted[-_QUOTED:]:
        yield (Span(cut(f"  > {code(line)}", room), "dim"),)
    for text in text_lines(remark.text, room - 4, _SAID):
        yield (Span(f"  {text}"),)
    yield from _answers(judgement.answers, room)
    if judgement.left:
        done = f"{judgement.done} of {judgement.like} like places; left: "
        yield from _indented(done + ", ".join(judgement.left), 4, room, style)
    yield from _outcome(shown, room, again=again and len(shown.new) > 1)
    bullet = bullet_of(found, judgement)
    if bullet is not None:
        yield from _indented(f"change log: {bullet.text}", 4, room, "dim")
    for text in judgement.evidence:
        yield from _indented(f"because: {text}", 4, room, "dim")


def _answers(answers: Sequence[Answer], room: int) -> Iterator[layout.Line]:
    left = len(answers) - _ANSWERS
    if left > 0:
        yield (Span(f"    ({left} earlier answer{'s' * (left > 1)})", "dim"),)
    for each in answers[-_ANSWERS:]:
        first, *rest = text_lines(each.text, max(room - 8, 20), _ANSWERED) or [""]
        who = cut(one_line(answer_text(each)), room - 8)
        yield (Span(f"    {who}:", "bold"),)
        yield from ((Span(f"      {text}"),) for text in (first, *rest))


def _outcome(shown: Outcome, room: int, *, again: bool) -> Iterator[layout.Line]:
    if again:
        yield from _indented(f"{shown.text}: as above", 4, room, "")
        return
    lines = shown.old or shown.new
    if shown.text:
        yield from _indented(f"{shown.text}:" if lines else shown.text, 4, room, "")
    if not shown.changed:
        yield from ((Span(f"      {_cell(each, room - 6)}"),) for each in shown.new[:_LINES])
    elif not shown.old or not shown.new:
        mark = "-" if shown.old else "+"
        style: Style = "bad" if shown.old else "good"
        for each in lines[:_LINES]:
            yield (Span("      "), Span(f"{mark}{_cell(each, room - 7)}", style))
    else:
        yield from _both(list(zip_longest(shown.old, shown.new))[:_LINES], room)
    more = max(len(shown.old), len(shown.new)) - _LINES
    if more > 0:
        yield (Span(f"      ({more} more lines)", "dim"),)


def _both(pairs: Sequence[tuple[Line | None, Line | None]], room: int) -> Iterator[layout.Line]:
    """Old and new lines side by side; below each other where they would be cut."""
    half = (room - 9) // 2
    if all(width(_cell(line, room)) <= half for pair in pairs for line in pair):
        for old, new in pairs:
            left = pad(_cell(old, half), half)
            yield (Span("      "), Span(left, "bad"), Span(" | "), Span(_cell(new, half), "good"))
        return
    for old, new in pairs:
        if old is not None:
            yield (Span("      "), Span(f"-{_cell(old, room - 7)}", "bad"))
        if new is not None:
            yield (Span("      "), Span(f"+{_cell(new, room - 7)}", "good"))


def _cell(line: Line | None, room: int) -> str:
    return "" if line is None else cut(code(line.text).rstrip(), room)


def _indented(text: str, blanks: int, room: int, style: Style) -> Iterator[layout.Line]:
    for part in wrap(one_line(text[:2000]), max(room - blanks, 10)):
        yield (Span(" " * blanks), Span(part, style))
