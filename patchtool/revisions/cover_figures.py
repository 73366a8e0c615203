# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of the cover letters: tables and counters, those of OLD beside those of NEW. Pure.

A table is two or more lines of as many words as its heading has, with two figures or more; its rows
are named by the columns up to the last one that holds a word, or by the first. A counter is a name
as /proc/vmstat has them, with the figures behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.revisions.record import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NUMBER = re.compile(r"[-+~]?[0-9][0-9.,]*%?\Z")
_COUNTER = re.compile(r"\s*([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\s*[:=]?((?:\s+[-+]?[0-9]+){1,6})\s*\Z")
_FEWEST = 3  # columns
_UNITS = 2  # lines between a heading and its first row
_LONGEST = 200  # characters of a line
_MOST = 2000  # lines


def figures(old: str | None, new: str | None) -> tuple[Figure, ...]:
    """The figures of two cover letters, in the order of NEW; those that OLD alone has come last."""
    ours, theirs = (dict(_figures((text or "").split("\n")[:_MOST])) for text in (old, new))
    return tuple(Figure(name, ours.get(name), theirs.get(name)) for name in {**theirs, **ours})


def _figures(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    words = [line.split() if len(line) <= _LONGEST else [] for line in lines]
    at = 0
    while at < len(lines):
        counter = _COUNTER.match(lines[at][:_LONGEST])
        if counter:
            yield counter[1], " ".join(counter[2].split())
            at += 1
            continue
        rows = _rows(words, at)
        heading = _heading(words, at, len(words[at])) if rows else None
        if heading is not None:
            yield from _cells(heading, rows)
        at += max(len(rows), 1)


def _rows(words: Sequence[list[str]], at: int) -> list[list[str]]:
    """The lines of a table that begins there; none where there is no table."""
    rows: list[list[str]] = []
    for row in words[at:]:
        if len(row) != len(words[at]) or sum(map(_is_number, row)) < _UNITS:
            break
        rows.append(row)
    return rows if len(rows) > 1 and len(rows[0]) >= _FEWEST else []


def _heading(words: Sequence[list[str]], at: int, columns: int) -> list[str] | None:
    """The nearest line above with a name for each column."""
    for above in range(at - 1, max(-1, at - 2 - _UNITS), -1):
        row = words[above]
        if len(row) == columns and not any(map(_is_number, row)):
            return row
    return None


def _cells(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    texts = [at for row in rows for at, word in enumerate(row) if not _is_number(word)]
    keys = max(texts, default=0) + 1
    if keys == len(heading):
        keys = 1
    for row in rows:
        name = ", ".join(row[:keys])
        for column, word in zip(heading[keys:], row[keys:], strict=True):
            yield f"{column} ({name})", word


def _is_number(word: str) -> bool:
    return _NUMBER.match(word) is not None
