# SPDX-License-Identifier: GPL-2.0-or-later
"""Headings, sentences and tables set in columns, for terminals, pipes and text files. Pure.

One layout serves all of them, so that a report pasted into a mail looks as it did on the
screen; a terminal only adds colour. There are no box characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from patchtool.core.text import clean, cut, elide, one_line, pad, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Style = Literal["", "good", "bad", "warn", "dim", "bold"]
#: What a terminal adds to a style, in the words that rich and click share.
COLOURS: Mapping[Style, str] = {
    "": "", "good": "green", "bad": "bold red", "warn": "yellow", "dim": "dim", "bold": "bold",
}  # fmt: skip
GAP = "  "
#: No column is made narrower than this.
NARROWEST = 6


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one style."""

    text: str
    style: Style = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a part; an empty line goes before it."""

    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Text that is wrapped; following lines are indented by *hang* more columns."""

    text: str
    style: Style = ""
    indent: int = 0
    hang: int = 0


@dataclass(frozen=True, slots=True)
class Literally:
    """A line that is never wrapped or cut, such as a path to be pasted."""

    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Foreign lines such as source code: cut at the right, never wrapped; at most *limit*."""

    text: str
    indent: int = 0
    limit: int = 14


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        right: Figures are set flush right.
        shrink: How a cell is shortened when the table is too wide; never by default.
    """

    title: str
    right: bool = False
    shrink: Literal["", "middle", "end"] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row; its *note* stands behind the cells where it fits, else below them."""

    cells: tuple[Span, ...]
    note: Span = Span("")


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


Block = Heading | Sentence | Literally | Verbatim | Table


def row(*cells: str | Span, note: str | Span = "") -> Row:
    """A row of plain or styled cells."""
    spans = tuple(Span(cell) if isinstance(cell, str) else cell for cell in cells)
    return Row(spans, Span(note) if isinstance(note, str) else note)


def lines(blocks: Iterable[Block], room: int) -> Iterator[Line]:
    """The blocks as lines of at most *room* columns."""
    for block in blocks:
        if isinstance(block, Heading):
            yield ()
            yield from ((Span(text, "bold"),) for text in wrap(one_line(block.text), room))
        elif isinstance(block, Sentence):
            yield from _sentence(block, room)
        elif isinstance(block, Literally):
            yield (Span(one_line(block.text), block.style),)
        elif isinstance(block, Verbatim):
            yield from _verbatim(block, room)
        else:
            yield from _table(block, room)


def plain(blocks: Iterable[Block], room: int = 80) -> str:
    """The blocks as plain text."""
    return without_style(lines(blocks, room))


def without_style(set_lines: Iterable[Line]) -> str:
    """Lines as plain text, without empty ones at the ends."""
    texts = ("".join(span.text for span in line).rstrip() for line in set_lines)
    return "\n".join(texts).strip("\n") + "\n"


def _sentence(block: Sentence, room: int) -> Iterator[Line]:
    first, others = " " * block.indent, " " * (block.indent + block.hang)
    text = one_line(block.text)
    for count, part in enumerate(wrap(text, max(room - len(others), 10))):
        yield (Span(others if count else first), Span(part, block.style))


def _verbatim(block: Verbatim, room: int) -> Iterator[Line]:
    texts = clean(block.text).expandtabs().splitlines()
    left = len(texts) - block.limit
    shown = texts if left <= 0 else [*texts[: block.limit], f"({left} more lines)"]
    yield from ((Span(" " * block.indent), Span(cut(t, room - block.indent))) for t in shown)


def _table(table: Table, room: int) -> Iterator[Line]:
    cleaned = [[one_line(cell.text) for cell in entry.cells] for entry in table.rows]
    widths = _widths(table.columns, cleaned, room)
    titles = [column.title for column in table.columns]
    head = _joined(table.columns, titles, widths, [""] * len(titles))
    taken = sum(widths) + len(GAP) * len(widths)
    if table.note and taken + width(table.note) <= room:
        head = (*head, Span(GAP + table.note))
    yield tuple(Span(span.text, "dim") for span in head)
    for entry, texts in zip(table.rows, cleaned, strict=True):
        spans = _joined(table.columns, texts, widths, [cell.style for cell in entry.cells])
        note = one_line(entry.note.text)
        if not note:
            yield spans
        elif taken + width(note) <= room:
            yield (*spans, Span(GAP), Span(note, entry.note.style))
        else:
            yield spans
            for part in wrap(note, room - 4):
                yield (Span("    "), Span(part, entry.note.style))


def _joined(
    columns: Sequence[Column], texts: Sequence[str], widths: Sequence[int], styles: Sequence[Style]
) -> Line:
    spans: list[Span] = []
    for column, text, room, style in zip(columns, texts, widths, styles, strict=True):
        short = elide(text, room) if column.shrink != "end" else cut(text, room)
        spans += [Span(GAP), Span(pad(short, room, right=column.right), style)]
    return tuple(spans[1:])


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    widths = [
        max([width(column.title), *(width(texts[at]) for texts in rows)])
        for at, column in enumerate(columns)
    ]
    shrinkable = [at for at, column in enumerate(columns) if column.shrink]
    for candidates in (shrinkable, range(len(columns))):
        over = sum(widths) + len(GAP) * (len(widths) - 1) - room
        while over > 0 and candidates:
            widest = max(candidates, key=lambda at: widths[at])
            if widths[widest] <= NARROWEST:
                break
            widths[widest] -= 1
            over -= 1
    return widths
