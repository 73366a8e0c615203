# SPDX-License-Identifier: GPL-2.0-or-later
"""A new file written as it most likely was, and written anew behind another choice.

A draft writes every added line from the top down: each place is weighed with the lines above it
as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from patchtool.recover.gaps import gaps, kinds_in
from patchtool.recover.indents import indents
from patchtool.recover.sheet import indent_of
from patchtool.recover.verdict import BlobHash
from patchtool.recover.weights import (
    Habits,
    Option,
    end_options,
    gap_options,
    habits_of,
    indent_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchtool.recover.sheet import Sheet

#: A choice that is not the likeliest: which slot, and which alternative (0 is the likeliest).
Deviation = tuple[int, int]
#: Words of a line, and of a whole draft, up to which gaps are weighed; behind them stand single
#: blanks, so that a page of nothing but words ends soon.
_LONG, _MANY = 120, 10_000


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where white space is to be chosen: line from 0, which gap, what; likeliest first."""

    line: int
    gap: int
    kind: str
    options: tuple[Option, ...]


class _Watched(list[bytes | None]):
    """Lines that keep in mind which of them were looked at."""

    read: set[int] = set()  # noqa: RUF012 (each line that is written has its own)

    def __getitem__(self, line: Any) -> Any:
        self.read.add(line)
        return super().__getitem__(line)


@dataclass(slots=True)
class _Line:
    """An added line: how many words have slots, its white space, its slots, what it looked at."""

    most: int
    blanks: list[bytes] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    read: set[int] = field(default_factory=set)


class Draft:
    """The likeliest text of a sheet and its slots, behind a choice in a slot of *parent*."""

    def __init__(
        self, sheet: Sheet, parent: Draft | None = None, deviation: Deviation = (0, 0)
    ) -> None:
        self.habits: Habits = parent.habits if parent is not None else habits_of(sheet)
        self.watched = _Watched(parent.sheet.texts if parent is not None else sheet.texts)
        self.sheet: Sheet = replace(sheet, texts=self.watched)
        self.own: dict[int, _Line] = {}
        self.forced: dict[tuple[int, int], Option] = {}
        self.decoded = 0
        if parent is None:
            words = 0
            for line in sheet.given:
                words += min(_LONG, len(sheet.pieces[line]))
                self.decode(line, _LONG if words <= _MANY else 1)
        else:
            self.follow(parent, deviation)
        self.sheet = replace(self.sheet, texts=list(self.watched))
        self.slots = [slot for line in self.own.values() for slot in line.slots]
        self.cost = sum(one.cost for one in self.forced.values())
        self.least = self.cost + sum(slot.options[0].cost for slot in self.slots)
        self.frame()

    def follow(self, parent: Draft, deviation: Deviation) -> None:
        """Write anew what looks, at first or second hand, at the line of a choice."""
        slot = parent.slots[deviation[0]]
        self.forced = {**parent.forced, (slot.line, slot.gap): slot.options[deviation[1]]}
        for one in parent.own[slot.line].slots:
            if one.gap < slot.gap:
                self.forced[one.line, one.gap] = one.options[0]
        changed: set[int] = set()
        for line, own in parent.own.items():
            if line != slot.line and changed.isdisjoint(own.read):
                self.own[line] = own
                continue
            self.decode(line, own.most)
            if self.sheet.text(line) != parent.sheet.text(line):
                changed.add(line)

    def decode(self, line: int, most: int) -> None:
        """Write a line as it most likely is; behind *most* words stand single blanks."""
        sheet = self.sheet
        self.decoded += 1
        own = self.own[line] = _Line(most)
        self.watched.read = own.read
        pieces, kind = sheet.pieces[line], sheet.places[line].kind
        text = b""
        if pieces:
            if sheet.given[line].indented is False:
                own.blanks.append(b"")
            else:
                options = indent_options(kind, indents(sheet, line), self.habits)
                text = self.add(line, 0, "indentation", options)
            text += pieces[0]
        names = kinds_in(sheet, line)
        for at in range(1, len(pieces)):
            if at < most:
                options = gap_options(names[at - 1], gaps(sheet, line, at, text), self.habits)
                text += self.add(line, at, names[at - 1], options) + pieces[at]
            else:
                own.blanks.append(b" ")
                text += b" " + pieces[at]
        sheet.texts[line] = text + self.end(line)

    def end(self, line: int) -> bytes:
        """White space at the end of a line."""
        sheet, pieces = self.sheet, self.sheet.pieces[line]
        ends: tuple[bytes, ...] = (b" ", b"\t")
        kind = "full"
        if not pieces:
            above = sheet.before(line)
            near = indent_of(sheet.text(above)) if above >= 0 else b""
            moved = sheet.style.moved(near, 1), sheet.style.moved(near, -1)
            ends, kind = tuple(dict.fromkeys(filter(None, (near, *moved, *ends)))), "empty"
        options = end_options(kind, (b"\r",) if sheet.dos else ends, self.habits,
                              sheet.alike.get(line))  # fmt: skip
        return self.add(line, len(pieces), "end", options)

    def add(self, line: int, gap: int, kind: str, options: list[Option]) -> bytes:
        """Take the option of a place that is forced, or the likeliest."""
        chosen = self.forced.get((line, gap))
        if chosen is None:
            chosen = options[0]
            if len(options) > 1:
                self.own[line].slots.append(Slot(line, gap, kind, tuple(options)))
        self.own[line].blanks.append(chosen.text)
        return chosen.text

    def frame(self) -> None:
        """Join what no choice changes: in front of the first line with one, and behind the last."""
        texts = [text or b"" for text in self.sheet.texts]
        lines = [slot.line for slot in self.slots] or [len(texts)]
        self.first, last = lines[0], max(lines) + 1
        self.shared = b"".join(text + b"\n" for text in texts[: self.first])
        self.middle = texts[self.first : last]
        self.tail = b"".join(b"\n" + text for text in texts[last:])
        self.tail += b"\n" if self.sheet.ends and self.middle else b""
        if not self.sheet.ends and not self.middle:
            self.shared = self.shared.removesuffix(b"\n")
        self.blob = BlobHash(self.shared)

    def written(self, deviations: Iterable[Deviation]) -> dict[int, bytes]:
        """The lines that these choices make different."""
        chosen: dict[int, list[bytes]] = {}
        for at, option in deviations:
            slot = self.slots[at]
            blanks = chosen.setdefault(slot.line, list(self.own[slot.line].blanks))
            blanks[slot.gap] = slot.options[option].text
        return {
            line: b"".join(map(b"".join, zip(blanks, (*self.sheet.pieces[line], b""), strict=True)))
            for line, blanks in chosen.items()
        }

    def rest(self, changed: dict[int, bytes]) -> bytes:
        """The new file behind what stays as it is."""
        middle = self.middle
        if changed:
            middle = list(middle)
            for line, text in changed.items():
                middle[line - self.first] = text
        return b"\n".join(middle) + self.tail
