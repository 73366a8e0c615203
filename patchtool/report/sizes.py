# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of the text report about vmlinux: what grew, and what is exported. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.core.text import number
from patchtool.report.layout import Column, Heading, Row, Sentence, Span, Table, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.report.layout import Block
    from patchtool.run.record import RunRecord


def elf(record: RunRecord, top: int | None) -> Iterator[Block]:
    """The ELF images before and after, as scripts/bloat-o-meter prints it."""
    if record.elf is None:
        return
    found = record.elf
    changed = sorted(found.symbols, key=lambda change: (-abs(change.delta), change.name))
    yield Heading(f"vmlinux, {found.before} against {found.after or 'patched'}")
    yield Sentence(bloat_line(record))
    shown = changed if top is None else changed[:top]
    if shown:
        columns = (Column("symbol", shrink="middle"), *_figures("old", "new", "delta"))
        rows = [_change(c.name, c.before, c.after) for c in shown]
        left = changed[len(shown) :]
        if left:
            rows.append(row(f"({len(left)} more)", "", "", _signed(sum(c.delta for c in left))))
        yield Table(columns, tuple(rows))
    if found.total is not None:
        yield Sentence(total_line(record))
    moved = [section for section in found.sections if section.delta]
    if moved:
        yield Heading("")
        columns = (Column("section", shrink="middle"), *_figures("old", "new", "delta"))
        yield Table(columns, tuple(_change(c.name, c.before, c.after) for c in moved))
    for title, names in (("added", found.exports_added), ("removed", found.exports_removed)):
        if names:
            yield Sentence(f"exports {title}: {', '.join(names)}", hang=4)
    events = found.events_after
    if events is not None:
        said = events.detail or f"{events.names} names for {events.expected} events"
        yield Sentence(f"vmstat_text: {said}", "" if events.ok else "bad", hang=4)


def bloat_line(record: RunRecord) -> str:
    """``add/remove: 1/0 grow/shrink: 3/1 up/down: 212/-8 (204)``."""
    symbols = record.elf.symbols if record.elf else ()
    added = sum(not change.before for change in symbols)
    removed = sum(not change.after for change in symbols)
    both = [change for change in symbols if change.before and change.after]
    grown = sum(change.delta > 0 for change in both)
    shrunk = sum(change.delta < 0 for change in both)
    up = sum(change.delta for change in symbols if change.delta > 0)
    down = sum(change.delta for change in symbols if change.delta < 0)
    return (
        f"add/remove: {added}/{removed} grow/shrink: {grown}/{shrunk} "
        f"up/down: {up}/{down} ({up + down})"
    )


def total_line(record: RunRecord) -> str:
    """``Total: Before=8366080, After=8366392, chg +0.00%``, or empty."""
    if record.elf is None or record.elf.total is None:
        return ""
    before, after = record.elf.total
    share = 100 * (after - before) / before if before else 0
    return f"Total: Before={before}, After={after}, chg {share:+.2f}%"


def _figures(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, right=True) for title in titles)


def _signed(value: int) -> Span:
    return Span(number(value, sign=True), "bold" if value else "dim")


def _change(name: str, before: int, after: int) -> Row:
    return row(name, str(before or "-"), str(after or "-"), _signed(after - before))
