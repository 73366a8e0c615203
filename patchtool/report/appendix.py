# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of the text report that only a file has room for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.core.text import duration
from patchtool.report import tables
from patchtool.report.layout import Column, Heading, Sentence, Span, Table, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.report.layout import Block
    from patchtool.run.record import RunRecord

#: Counters a test's table shows when they moved; those of the series are always shown.
_RELATED = ("compact_", "balloon_", "thp_", "pgmigrate_", "numa_")


def kconfig(record: RunRecord) -> Iterator[Block]:
    """What each variant asked for, and got."""
    for config in record.kconfig:
        yield Heading(f"configuration, variant {config.variant}")
        columns = (Column("symbol", shrink="middle"), Column("wanted"), Column("got"))
        rows = [
            row(f"CONFIG_{s.name}", s.wanted, Span(s.got, "" if s.ok else "bad"), note=s.reason)
            for s in config.symbols
        ]
        if rows:
            yield Table(columns, tuple(rows), note="why")


def deltas(record: RunRecord) -> Iterator[Block]:
    """Every test's own delta table: what it promised to move, and what moved."""
    for test in record.patched.tests if record.patched else ():
        names = tuple(
            name
            for name, found in test.deltas.items()
            if name in record.series.counters or (found.delta and name.startswith(_RELATED))
        )
        if names:
            yield Heading(f"{tables.short(test.nodeid)}: {test.outcome}")
            yield tables.counter_table(test.deltas, names)
        for check in test.checks:
            yield Sentence(check.explain(), "" if check.holds else "bad", hang=4)


def stages(record: RunRecord) -> Iterator[Block]:
    """Where the time went."""
    if not record.stages:
        return
    yield Heading("stages")
    rows = [
        row(
            stage.name,
            "stored" if stage.cached else duration(stage.seconds),
            note=Span(stage.summary, "" if stage.ok else "bad"),
        )
        for stage in record.stages
    ]
    yield Table((Column("stage"), Column("took", right=True)), tuple(rows), note="result")
