# SPDX-License-Identifier: GPL-2.0-or-later
"""Columns, and the step by which a file indents."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Columns of a tab.
TAB = 8
_STEPS = (2, 3, 4, 8)
_WORD = re.compile(rb"[^ \t\r\v\f]+")


def indent_of(text: bytes) -> bytes:
    """The white space in front of *text*."""
    return text[: len(text) - len(text.lstrip())]


def width(text: bytes, start: int = 0) -> int:
    """The column behind *text* that begins in column *start*."""
    if b"\t" not in text:
        return start + len(text)
    for part in text.split(b"\t")[:-1]:
        start = (start + len(part)) // TAB * TAB + TAB
    return start + len(text) - text.rfind(b"\t") - 1


def reach(start: int, column: int, *, tabs: bool) -> bytes:
    """White space from column *start* to *column*: tabs and then blanks, or blanks only."""
    if not tabs:
        return b" " * (column - start)
    count = column // TAB - start // TAB
    return b"\t" * count + b" " * (column % TAB) if count > 0 else b" " * (column - start)


def to_column(left: bytes, column: int, *, tabs: bool) -> bytes:
    """White space behind *left* up to *column*; a blank if the text is that long already."""
    here = width(left)
    return reach(here, column, tabs=tabs) if column > here else b" "


def column_of(text: bytes, character: int) -> int:
    """The column of the character that stands behind so many characters that are no blanks."""
    seen = 0
    for at, byte in enumerate(text):
        if byte in b" \t":
            continue
        if seen == character:
            return width(text[:at])
        seen += 1
    return width(text)


def gap_of(text: bytes, at: int) -> tuple[bytes, int, int]:
    """Gap *at* of a line (1: behind the first word): its blanks, and its columns."""
    words = _WORD.finditer(text)
    before = next(itertools.islice(words, at - 1, at), None) if at else None
    after = next(words, None)
    start = before.end() if before else 0
    end = after.start() if after else len(text)
    left = width(text[:start])
    return text[start:end], left, width(text[start:end], left)


@dataclass(frozen=True, slots=True)
class Style:
    """How a file indents.

    Attributes:
        step: Columns of one step.
        tabs: Whether eight columns become a tab.
    """

    step: int
    tabs: bool

    def moved(self, indent: bytes, steps: int) -> bytes:
        """*indent*, so many steps deeper (or less deep)."""
        if steps == 0:
            return indent
        if self.tabs and self.step == TAB and not indent.strip(b"\t"):
            return b"\t" * max(0, len(indent) + steps)
        column = width(indent) + steps * self.step
        return reach(0, column, tabs=self.tabs) if column > 0 else b""


#: The styles a new file may have, and what each costs in bits where nothing else is known.
STYLES = (
    (Style(TAB, tabs=True), 1.0),
    (Style(4, tabs=False), 2.5),
    (Style(2, tabs=False), 3.0),
    (Style(TAB, tabs=False), 6.0),
)


def style_of(texts: Iterable[bytes]) -> Style:
    """The style of a file, from its lines; tabs where they do not tell."""
    tabs = blanks = 0
    steps: Counter[int] = Counter()
    before, opened = 0, False
    for text in texts:
        bare = text.strip()
        if not bare or bare[:1] in (b"*", b"#"):
            continue
        first = text[:1]
        tabs += first == b"\t"
        blanks += text[:2] == b"  "
        here = width(indent_of(text))
        if opened and here > before:
            steps[here - before] += 1
        before, opened = here, bare.endswith(b"{")
    if not tabs and not blanks:
        return Style(TAB, tabs=True)
    likely = max(_STEPS, key=lambda step: (steps[step], step))
    if not steps[likely]:
        likely = TAB if tabs > blanks else 4
    use_tabs = tabs > blanks if likely == TAB else tabs * 4 > blanks
    return Style(likely, tabs=use_tabs)
