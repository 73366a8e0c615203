# SPDX-License-Identifier: GPL-2.0-or-later
"""Columns of a line of bytes with tabs, and the white space that reaches them. Pure."""

from __future__ import annotations

import itertools
import re

#: Columns of a tab.
TAB = 8
_WORD = re.compile(rb"[^ \t\r\v\f]+")
#: White space to some column; two blanks behind a sentence are none.
_PADDED = re.compile(rb"[^\s.?!]( +\t[ \t]*|\t[ \t]*|  +)")


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


def aligned(left: bytes, blanks: bytes, column: int) -> bytes:
    """White space to the column that other *blanks* reach; a blank if they are one."""
    return b" " if blanks == b" " else to_column(left, column, tabs=b"\t" in blanks)


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
    words = list(itertools.islice(_WORD.finditer(text), max(0, at - 1), at + 1))
    start = words[0].end() if at and words else 0
    end = words[-1].start() if len(words) > (at > 0) else len(text)
    left = width(text[:start])
    return text[start:end], left, width(text[start:end], left)


def padding(text: bytes) -> str:
    """How a line is padded: to a tab stop by ``tabs``, or by ``blanks``; empty if it is not."""
    found = _PADDED.search(text)
    return "" if found is None else "tabs" if found[1].endswith(b"\t") else "blanks"
