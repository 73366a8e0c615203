# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of the text report about vmlinux: what grew, and what is exported. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.core.text import number
from patchtool.report.layout import Column, Heading, Row, Sentence, Span, Table, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.build.elf.events import EventsCheck
    from patchtool.build.elf.vmlinux import ElfDiff
    from patchtool.report.layout import Block
    from patchtool.run.record import RunRecord


def elf(record: RunRecord, top: int | None) -> Iterator[Block]:
    """The ELF images before and after, as scripts/bloat-o-meter prints it."""
    if record.elf is None:
        return
    found, changed = record.elf.diff, record.elf.diff.changed
    yield Heading(f"vmlinux, base against {tip_label(record)}")
    yield Sentence(bloat_line(found))
    shown = changed if top is None else changed[:top]
    if shown:
        columns = (Column("symbol", shrink="middle"), *_figures("old", "new", "delta"))
        rows = [_change(c.name, c.before, c.after) for c in shown]
        left = changed[len(shown) :]
        if left:
            rows.append(row(f"({len(left)} more)", "", "", _signed(sum(c.delta for c in left))))
        yield Table(columns, tuple(rows))
    if total_line(found):
        yield Sentence(total_line(found))
    moved = [section for section in found.sections if section.delta]
    if moved:
        yield Heading("")
        columns = (Column("section", shrink="middle"), *_figures("old", "new", "delta"))
        yield Table(columns, tuple(_change(c.name, c.before, c.after) for c in moved))
    for title, names in (("added", found.exports_added), ("removed", found.exports_removed)):
        if names:
            yield Sentence(f"exports {title}: {', '.join(names)}", hang=4)
    events = record.elf.patched
    if events is not None:
        yield Sentence(f"vmstat_text: {events_text(events)}", "" if events.ok else "bad", hang=4)


def tip_label(record: RunRecord) -> str:
    """The label of the image that is compared with the base's."""
    return record.tip.label if record.tip else "patched"


def events_text(events: EventsCheck) -> str:
    """``160 names for 160 events``, or what is wrong with them."""
    return "; ".join(events.problems) or f"{events.entries} names for {events.expected} events"


def bloat_line(diff: ElfDiff) -> str:
    """``add/remove: 1/0 grow/shrink: 3/1 up/down: 212/-8 (204)``."""
    up = sum(symbol.delta for symbol in (*diff.added, *diff.grown))
    down = sum(symbol.delta for symbol in (*diff.removed, *diff.shrunk))
    return (
        f"add/remove: {len(diff.added)}/{len(diff.removed)} "
        f"grow/shrink: {len(diff.grown)}/{len(diff.shrunk)} up/down: {up}/{down} ({up + down})"
    )


def total_line(diff: ElfDiff) -> str:
    """``Total: Before=8366080, After=8366392, chg +0.00%``, or empty where nothing was counted."""
    before, after = diff.total
    if not before:
        return ""
    share = 100 * (after - before) / before
    return f"Total: Before={before}, After={after}, chg {share:+.2f}%"


def _figures(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, right=True) for title in titles)


def _signed(value: int) -> Span:
    return Span(number(value, sign=True), "bold" if value else "dim")


def _change(name: str, before: int, after: int) -> Row:
    return row(name, str(before or "-"), str(after or "-"), _signed(after - before))
