# SPDX-License-Identifier: GPL-2.0-or-later
"""The words for the life of a series, which terminal, Markdown and page share. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from patchtool.report.remark_words import ORDER, SHORT_NAMES
from patchtool.revisions.pair import PairKind
from patchtool.series.envelope import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.revisions.lifetime import Cell, Entry, Life
    from patchtool.revisions.record import Posted

_SAME = (PairKind.UNCHANGED, PairKind.TEXT, PairKind.REBASED, PairKind.REORDERED)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def title(life: Life) -> str:
    """``mm: story: v1 -> v2 -> v3``."""
    return f"{life.postings[-1].title}: {' -> '.join(life.names)}"


def summary(life: Life) -> str:
    """In one line: how much was asked, and what is open."""
    asked = [entry for entry in life.ledger if entry.asks]
    settled = sum(entry.settled_in is not None for entry in asked)
    still = sum(entry.open for entry in asked)
    new = sum(not entry.steps for entry in asked)
    look = sum(entry.is_to_look_at for entry in asked)
    parts = [
        f"{len(life.ledger)} remarks on {len(life.postings)} revisions",
        f"{len(asked)} ask for something",
        f"{settled} settled",
    ]
    if look:
        parts.append(f"{look} changed (look)")
    if new:
        parts.append(f"{new} on {life.names[-1]}, which nothing followed yet")
    return f"{', '.join(parts)}; {still or 'none'} open"


def time_passed(seconds: int | None) -> str:
    """Of a time to answer: ``40 min``, ``17 h``, ``3 d``; ``-`` where there was no answer."""
    if seconds is None:
        return "-"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return f"{seconds // _HOUR} h" if seconds < 2 * _DAY else f"{seconds // _DAY} d"


def day(posted: Posted) -> str:
    """The day of a posting, in UTC: ``2026-11-21``."""
    seconds = seconds_of(posted.date)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d") if seconds else "no date"


def mark(cell: Cell) -> str:
    """As a table of pairs has it: ``=`` for the same code, ``!`` for other, ``>`` for new."""
    if cell.kind is None:
        return ""
    return ">" if cell.kind is PairKind.NEW else "=" if cell.kind in _SAME else "!"


def cell_text(cell: Cell | None) -> str:
    """``2 !, 3 asked, 1 open``; ``-`` where there is no such patch."""
    if cell is None:
        return "-"
    parts = [f"{cell.number} {mark(cell)}".strip()]
    parts += [f"{cell.requests} asked"] if cell.requests else []
    parts += [f"{cell.open} open"] if cell.open else []
    return ", ".join(parts)


def entries(life: Life) -> list[Entry]:
    """The lines that ask for something: open ones first, then those that lived longest."""
    asked = [entry for entry in life.ledger if entry.asks]
    return sorted(asked, key=_weight)


def _weight(entry: Entry) -> tuple[bool, int, int]:
    verdict = ORDER.index(entry.steps[-1].verdict) if entry.steps else len(ORDER)
    return (not entry.open, -len(entry.steps), verdict)


def fate(life: Life, entry: Entry) -> str:
    """``open``, ``settled in v3``, ``look in v2``, or ``new``, where nothing followed."""
    if entry.settled_in is not None:
        return f"settled in {life.names[entry.settled_in]}"
    if entry.is_to_look_at:
        return f"look in {life.names[entry.steps[-1].posting]}"
    return "open" if entry.open else "new"


def way(life: Life, entry: Entry) -> Iterator[str]:
    """Its stations: ``answered after 17 h``, ``v2 unanswered``, ``asked again on v2``."""
    again = {each.posting for each in entry.mentions[1:]}
    stations = sorted({*again, *(step.posting for step in entry.steps)})
    steps = {step.posting: step for step in entry.steps}
    if entry.answered_after is not None:
        yield f"answered after {time_passed(entry.answered_after)}"
    for at in stations:
        if at in steps:
            verdict = steps[at].verdict
            yield f"{life.names[at]} {SHORT_NAMES.get(verdict, verdict)}"
        if at in again:
            yield f"asked again on {life.names[at]}"
