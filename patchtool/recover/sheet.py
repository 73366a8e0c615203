# SPDX-License-Identifier: GPL-2.0-or-later
"""The new file of a structure, line by line, with the added lines still to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.recover.donors import Donors, likeness, most_alike
from patchtool.recover.nesting import Place
from patchtool.recover.plain import plain_places
from patchtool.recover.style import Style, style_of
from patchtool.recover.syntax import places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.values import HunkLine, Structure

#: Lines above and below the change that are looked at.
_ABOVE, _BELOW = 200, 160
#: Removed lines looked at for an added one.
_NEAR = 60
Pieces = tuple[bytes, ...]


@dataclass(slots=True)
class Sheet:
    """The new file.

    Attributes:
        texts: Its lines; an added line is None until it is written.
        pieces: The words of each line.
        added: The lines that are added, in order.
        given: What the structure says of them.
        places: Where each line stands.
        alike: An added line -> the removed line it most likely stands for, or None.
        style: How the file indents.
        neat: How its author is taken to pad every list, table and macro to one column:
            ``tabs`` (to a tab stop) or ``blanks``; empty if they need not be padded.
        donors: Lines known from elsewhere.
        usual: Kind of gap -> the columns that known gaps of it reach most often, and whether by
            tabs; likeliest first.
        names: The kinds of a line's gaps, once they were looked at.
        ends: Whether the last line has a line end.
        dos: Whether the known lines end in a carriage return.
        code: Whether it is C.
    """

    texts: list[bytes | None]
    pieces: list[Pieces]
    added: list[int]
    given: dict[int, HunkLine]
    places: list[Place]
    alike: dict[int, bytes | None]
    style: Style
    donors: Donors
    ends: bool
    dos: bool
    code: bool
    neat: str = ""
    usual: dict[str, tuple[tuple[int, bool], ...]] = field(default_factory=dict)
    names: dict[int, list[str]] = field(default_factory=dict)

    def before(self, line: int) -> int:
        """The last line above *line* that is not empty; -1 if there is none."""
        line -= 1
        while line >= 0 and not self.pieces[line]:
            line -= 1
        return line

    def after(self, line: int) -> int:
        """The next line below *line* that is known and not empty; -1 if there is none."""
        for below in range(line + 1, min(line + 400, len(self.texts))):
            if self.pieces[below] and below not in self.given:
                return below
        return -1


def sheet_of(
    structure: Structure, donors: Donors, style: Style | None = None, *, neat: str = ""
) -> Sheet:
    """Lay the hunks of *structure* over its base; *style* is what a new file is to have."""
    base = structure.base or b""
    old = base.split(b"\n")
    ends = not old[-1]
    if ends:
        del old[-1]
    texts: list[bytes | None] = []
    pieces: list[Pieces] = []
    given: dict[int, HunkLine] = {}
    alike: dict[int, bytes | None] = {}
    at = 0
    for hunk in structure.hunks:
        start = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        for line in old[at:start]:
            texts.append(line)
            pieces.append(tuple(line.split()))
        at = start + hunk.old_count
        _take(hunk.lines, texts, pieces, given, alike)
    for line in old[at:]:
        texts.append(line)
        pieces.append(tuple(line.split()))
    if at >= len(old) and structure.hunks and structure.hunks[-1].lines:
        last = structure.hunks[-1].lines[-1]
        ends = ends or last.mark == "+"
    if not structure.base:
        ends = True
    path = structure.new_path or structure.old_path or ""
    code = path.endswith((".c", ".h", ".cc", ".cpp", ".hpp", ".S", ".y", ".l"))
    empty = Place("statement")
    where = [empty] * len(texts)
    if code and given:
        top, end = _around(texts, min(given), max(given))
        where[top:end] = places([b" ".join(one) for one in pieces[top:end]], top)
    elif not code:
        where = plain_places(pieces, path)
    dos = bool(old) and 2 * sum(line[-1:] == b"\r" for line in old) > len(old)
    style = style or style_of(old)
    return Sheet(texts, pieces, sorted(given), given, where, alike, style, donors, ends,
                 dos, code, neat)  # fmt: skip


def _around(texts: Sequence[bytes | None], first: int, last: int) -> tuple[int, int]:
    """The lines to look at: from the end of a function well above the change to below it."""
    start = max(0, first - _ABOVE)
    while start > 0 and (texts[start] or b"")[:1] != b"}":
        start -= 1
    return start, min(len(texts), last + _BELOW)


def _take(
    lines: Sequence[HunkLine], texts: list[bytes | None], pieces: list[Pieces],
    given: dict[int, HunkLine], alike: dict[int, bytes | None],
) -> None:  # fmt: skip
    """Add the lines of one hunk."""
    everything = [line.text or b"" for line in lines if line.mark == "-"]
    group: list[HunkLine] = []

    def finish(first: int) -> None:
        gone = [line.text or b"" for line in group if line.mark == "-"]
        new = [at for at in range(first, len(texts)) if at in given]
        own = set(gone)
        rest = [line for line in everything if line not in own][:_NEAR]
        words = [pieces[at] for at in new]
        pairs = _paired(words, gone)
        for at, pair in zip(new, pairs, strict=True):
            alike[at] = pair if pair is not None else most_alike(pieces[at], rest)

    first = len(texts)
    for line in (*lines, None):
        if line is None or line.mark == " ":
            if group:
                finish(first)
                group = []
            if line is None:
                break
            texts.append(line.text)
            pieces.append(line.pieces)
            first = len(texts)
            continue
        group.append(line)
        if line.mark == "+":
            given[len(texts)] = line
            texts.append(None)
            pieces.append(line.pieces)


def _paired(new: Sequence[Pieces], gone: Sequence[bytes]) -> list[bytes | None]:
    """For each added line the removed line it most likely stands for."""
    old = [tuple(line.split()) for line in gone]
    found: list[bytes | None] = []
    for number, pieces in enumerate(new):
        best, chosen = 0.4, None
        middle = number * len(old) // len(new)
        low, high = max(0, middle - _NEAR), middle + _NEAR
        for other, words in enumerate(old[low:high], low):
            value = likeness(pieces, words)
            if value <= 0:
                continue
            value += 0.05 * (len(new) == len(gone) and other == number)
            value -= 0.01 * min(5, abs(other - number))
            if value > best:
                best, chosen = value, gone[other]
        found.append(chosen)
    return found
