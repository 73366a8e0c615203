# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lines that are known do: how they continue a statement, and where they align."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.recover.blanks import indents
from patchtool.recover.gaps import kinds_in
from patchtool.recover.style import indent_of, width

if TYPE_CHECKING:
    from patchtool.recover.sheet import Sheet

#: Known lines looked at on either side of a change.
_REACH = 150
#: Columns kept of each kind of gap.
_USUAL = 3
_ASKED = frozenset(["parenthesis", "hanging", "continuation", "inside", "case", "label"])


@dataclass(frozen=True, slots=True)
class Habits:
    """How often the known lines near the change do what a sign says.

    Attributes:
        lines: Kind of line -> how many were looked at.
        signs: Kind of line and sign -> how many of them had the indentation it stands for.
        gaps: Kind of gap -> how many were looked at.
        wide: Kind of gap -> how many were not a single blank.
        tabs: Kind of gap -> how many of the wide ones hold a tab.
        ends: How many lines were looked at: ``empty`` and ``full`` ones, and with white space
            at the end of them ``empty+`` and ``full+``.
    """

    lines: Counter[str]
    signs: Counter[tuple[str, str]]
    gaps: Counter[str]
    wide: Counter[str]
    tabs: Counter[str]
    ends: Counter[str]

    def often(self, kind: str, sign: str) -> str:
        """A word for how often lines of *kind* do what *sign* says."""
        total = self.lines[kind]
        if total < 4:
            return "?"
        return _word(self.signs[kind, sign] / total)

    def aligned(self, kind: str) -> str:
        """A word for how often gaps of *kind* are wide."""
        total = self.gaps[kind]
        if total < 4:
            return "some?" if self.wide[kind] else "none?"
        if not self.wide[kind]:
            return "never" if total >= 20 else "none"
        return _word(self.wide[kind] / total)

    def tabbed(self, kind: str) -> str:
        """A word for how often wide gaps of *kind* hold a tab."""
        total = self.wide[kind]
        return _word(self.tabs[kind] / total) if total else "?"


def _word(share: float) -> str:
    if share < 0.1:
        return "seldom"
    if share < 0.5:
        return "partly"
    return "mostly" if share < 0.9 else "always"


def habits_of(sheet: Sheet) -> Habits:
    """Look at the known lines near the added ones."""
    near: set[int] = set()
    for line in sheet.added:
        near.update(range(max(0, line - _REACH), min(len(sheet.texts), line + _REACH)))
    found = Habits(Counter(), Counter(), Counter(), Counter(), Counter(), Counter())
    columns: dict[str, Counter[tuple[int, bool]]] = {}
    for line in sorted(near.difference(sheet.given)):
        pieces, text = sheet.pieces[line], sheet.texts[line]
        end = "full" if pieces else "empty"
        found.ends[end] += 1
        found.ends[f"{end}+"] += (text or b"")[-1:].isspace()
        if not pieces or text is None:
            continue
        place = sheet.places[line]
        if place.kind in _ASKED and found.lines[place.kind] < 60:
            found.lines[place.kind] += 1
            mine = indent_of(text)
            for candidate in indents(sheet, line):
                if candidate.text == mine:
                    for sign in candidate.signs:
                        found.signs[place.kind, sign] += 1
        names = kinds_in(sheet, line)
        found.gaps.update(names)
        if b"  " in text or b"\t" in text.lstrip():
            _wide(text, pieces, names, found, columns)
    for kind, seen in columns.items():
        sheet.usual[kind] = tuple(place for place, _ in seen.most_common(_USUAL))
    return found


def _wide(
    text: bytes, pieces: tuple[bytes, ...], names: list[str], found: Habits,
    columns: dict[str, Counter[tuple[int, bool]]],
) -> None:  # fmt: skip
    """Count the wide gaps of one line."""
    at = len(text) - len(text.lstrip())
    column = width(text[:at])
    for number, name in enumerate(names):
        at += len(pieces[number])
        column += len(pieces[number])
        end = at
        while end < len(text) and text[end] in b" \t\r\v\f":
            end += 1
        gap = text[at:end]
        column = width(gap, column)
        at = end
        if gap != b" ":
            tabs = b"\t" in gap
            found.wide[name] += 1
            found.tabs[name] += tabs
            columns.setdefault(name, Counter())[column, tabs] += 1
