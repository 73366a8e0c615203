# SPDX-License-Identifier: GPL-2.0-or-later
"""The runs of two revisions side by side, as a terminal and Markdown show them. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from patchtool.core.text import number
from patchtool.report.layout import Column, Heading, Sentence, Span, Table, row
from patchtool.report.revisions_markdown import escaped, table
from patchtool.report.tables import short, style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.report.layout import Block
    from patchtool.verdict.contrast import Contrast, Counts, Words


def blocks(found: Contrast) -> Iterator[Block]:
    """What differs, and the figures of both."""
    old, new = found.verdict.old or "-", found.verdict.new or "-"
    yield Heading(f"Run of both on {found.base}: {old} -> {new}")
    for title, rows in _words(found):
        yield Sentence(title, "dim")
        if not rows:
            continue
        yield Table(
            (Column("", shrink="middle"), Column("old"), Column("new")),
            tuple(
                row(
                    _short(each.name),
                    *(Span(text or "-", style(text or "")) for text in (each.old, each.new)),
                )
                for each in rows
            ),
        )
    for title, figures in _counts(found):
        yield Sentence(title, "dim")
        columns = (Column("", shrink="middle"), *(
            Column(name, right=True) for name in ("old", "new", "difference")
        ))  # fmt: skip
        yield Table(columns, tuple(row(_short(each.name), *_cells(each)) for each in figures))


def markdown(found: Contrast) -> Iterator[str]:
    """The same for Markdown."""
    old, new = found.verdict.old or "-", found.verdict.new or "-"
    yield f"\n## Run of both on {escaped(found.base)}: {old} → {new}"
    for title, rows in _words(found):
        yield f"\n{escaped(title)}\n"
        if not rows:
            continue
        cells = [(_short(each.name), each.old or "-", each.new or "-") for each in rows]
        yield from table(("", "old", "new"), [tuple(map(escaped, each)) for each in cells])
    for title, figures in _counts(found):
        yield f"\n{escaped(title)}\n"
        lines = [(escaped(_short(each.name)), *_cells(each)) for each in figures]
        yield from table(("", "old", "new", "difference"), lines)


def _words(found: Contrast) -> Iterator[tuple[str, Sequence[Words]]]:
    """Title and rows of each table of words."""
    differ = [each for each in found.tests if each.differs]
    if found.tests:
        yield f"tests with the series: {_outcomes(found.tests)}", differ
    for title, rows in (
        ("findings that only one of them has", found.findings),
        ("warnings, and the patch that brings them", found.warnings),
        ("figures of the cover letters", found.claims),
    ):
        if rows:
            yield title, rows


def _outcomes(tests: Sequence[Words]) -> str:
    """``40 passed, 2 failed -> 42 passed``."""
    sides = []
    for outcomes in ([each.old for each in tests], [each.new for each in tests]):
        counts = Counter(each for each in outcomes if each)
        sides.append(", ".join(f"{count} {name}" for name, count in counts.most_common()) or "none")
    return " -> ".join(sides)


def _counts(found: Contrast) -> Iterator[tuple[str, Sequence[Counts]]]:
    """Title and rows of each table of figures."""
    for title, rows in (
        (f"counters: {short(found.main)}", found.counters),
        ("counters that differ in other tests", found.deltas),
        ("bytes that the series adds to vmlinux", found.sizes),
    ):
        if rows:
            yield title, rows


def _cells(each: Counts) -> tuple[str, str, str]:
    sides = (each.old, each.new, each.difference)
    old, new, more = ("-" if side is None else number(side, sign=True) for side in sides)
    return old, new, more


def _short(name: str) -> str:
    nodeid, colon, rest = name.partition(": ")
    return f"{short(nodeid)}{colon}{rest}" if "::" in nodeid else name
