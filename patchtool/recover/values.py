# SPDX-License-Identifier: GPL-2.0-or-later
"""What passes between the steps of a recovery. Nothing here does I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk whose place is known.

    Attributes:
        mark: ``' '`` context, ``'-'`` removed, ``'+'`` added.
        pieces: The text between the blanks, in order; none in an empty line.
        indented: Whether white space stands in front of the first piece; None when the page
            does not tell.
        text: The exact line without its mark and line end, where it is known: context and
            removed lines have it from the base; None in an added line.
        ended: False where the diff says that there is no line end behind it.
    """

    mark: Literal[" ", "-", "+"]
    pieces: tuple[bytes, ...]
    indented: bool | None
    text: bytes | None
    ended: bool = True


@dataclass(frozen=True, slots=True)
class StructuredHunk:
    """A hunk whose lines are told apart.

    Attributes:
        old_start: First line in the old file, counted from 1 (0 for an empty range), with the
            offset against the header already added.
        old_count: Lines it covers in the old file.
        new_start: As its header says.
        new_count: Lines it covers in the new file.
        section: The function heading behind the second ``@@``.
        lines: In order.
        offset: How many lines further down than its header says it was found in the base.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[HunkLine, ...]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Structure:
    """One reading of the lines of a damaged file diff; the white space of added lines is open.

    Attributes:
        old_path: None for a new file.
        new_path: None for a removed file.
        old_blob: Abbreviated blob hash of the index line, or None.
        new_blob: As above, after.
        new_mode: Such as ``100644``; None when the diff states none.
        hunks: In order.
        base: The old file's bytes; None without a tree, empty for a new file.
        cost: How unlikely the reading is, in bits; the likeliest of a list comes first.
    """

    old_path: str | None
    new_path: str | None
    old_blob: str | None
    new_blob: str | None
    new_mode: str | None
    hunks: tuple[StructuredHunk, ...]
    base: bytes | None
    cost: float = 0.0
