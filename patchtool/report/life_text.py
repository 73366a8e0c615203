# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a series, as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.report import layout
from patchtool.report.layout import Column, Heading, Sentence, Span, Table, row
from patchtool.report.life_words import (
    cell_text,
    day,
    entries,
    fate,
    summary,
    time_passed,
    title,
    way,
)
from patchtool.report.remark_words import name, place_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.report.layout import Block, Row, Style
    from patchtool.revisions.lifetime import Entry, Life

_SUMS = (
    Column("revision"), Column("of"), Column("remarks", right=True), Column("asked", right=True),
    Column("again", right=True), Column("settled", right=True), Column("open", right=True),
    Column("answered after", right=True),
)  # fmt: skip
_LEDGER = (
    Column("said on"), Column("by", shrink="end"), Column("place", shrink="middle"),
    Column("remark", shrink="end"), Column("outcome"),
)  # fmt: skip


def lines(life: Life, room: int) -> list[layout.Line]:
    """All of it, in lines of at most *room* columns."""
    out = [*layout.lines(_blocks(life, room), room)]
    while out and not out[0]:
        del out[0]
    return out


def _blocks(life: Life, room: int) -> Iterator[Block]:
    yield Heading(title(life))
    for note in life.notes:
        yield Sentence(f"Note: {note}.", "warn", hang=6)
    yield Table(_SUMS, tuple(_sums(life)))
    yield Heading("Patches")
    columns = (Column("patch", shrink="end"), *(Column(name) for name in life.names))
    rows = (row(each.subject, *map(cell_text, each.cells)) for each in life.rows)
    yield Table(columns, tuple(rows))
    yield Heading("Ledger")
    asked = tuple(_entry(life, entry, room) for entry in entries(life))
    if asked:
        yield Table(_LEDGER, asked)
    left = sum(not entry.asks for entry in life.ledger)
    if left:
        yield Sentence(f"{left} remark{'s' * (left != 1)} asked for nothing", "dim")
    yield Heading(summary(life))


def _sums(life: Life) -> Iterator[Row]:
    for at, (name_of, posted, each) in enumerate(
        zip(life.names, life.postings, life.sums, strict=True)
    ):
        later = str(each.settled), Span(str(each.open), "bad" if each.open else "")
        here = map(str, (each.remarks, each.requests, each.again))
        time = time_passed(each.answered_after)
        yield row(
            name_of, day(posted), *here, *(later if at else ("-", "-")), time
        )  # fmt: skip


def _entry(life: Life, entry: Entry, room: int) -> Row:
    remark = entry.remark
    style: Style = "bad" if entry.open else "warn" if entry.is_to_look_at else ""
    reasons = "; ".join(entry.steps[-1].evidence) if entry.steps else ""
    stations = ", ".join(way(life, entry))
    note = f"{stations}: {reasons}" if reasons else stations
    return row(
        life.names[entry.mentions[0].posting], name(remark.author), place_text(remark.place),
        remark.text[:room], Span(fate(life, entry), style),
        note=Span(note, "dim"),
    )  # fmt: skip
