# SPDX-License-Identifier: GPL-2.0-or-later
"""A new file written as it most likely was, and written anew behind another choice.

A draft writes every added line from the top down: each place is weighed with the lines above it
as they are written.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from patchtool.core.columns import indent_of
from patchtool.recover.gaps import ALONE, gaps, kinds_in
from patchtool.recover.indents import indents
from patchtool.recover.structure import Deviation, in_order
from patchtool.recover.weights import (
    Habits,
    Option,
    gap_options,
    habits_of,
    indent_options,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.sheet import Sheet

#: A line of the new file, and which of its gaps.
Gap = tuple[int, int]
#: Words of a line, and of a whole draft, up to which gaps are weighed; behind them stand single
#: blanks, so that a page of nothing but words ends soon.
_LONG, _MANY = 120, 10_000
#: Bits: an alternative that became a likely one, and how much less likely it was.
_CLOSE, _FAR = 2.0, 3.0
#: Signs that several columns may have.
_LOOSE = frozenset(["neat", "list", "fits", "torn"])
_NONE, _BLANK = Option(0.0, b""), Option(0.0, b" ")
_KEPT = 4096  # lengths whose hash of the shared bytes is kept


class BlobHash:
    """git's blob hash of contents that share their first bytes.

    The hash begins with the length, so the state behind the shared bytes is kept per length.
    """

    def __init__(self, shared: bytes) -> None:
        self.shared = shared
        self.states: dict[int, Any] = {}

    def of(self, rest: bytes) -> str:
        """The hash of the shared bytes and *rest*, in hex."""
        size = len(self.shared) + len(rest)
        state = self.states.get(size)
        if state is None:
            state = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
            state.update(self.shared)
            if len(self.states) < _KEPT:
                self.states[size] = state
        state = state.copy()
        state.update(rest)
        return str(state.hexdigest())


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
    chosen: list[Option] = field(default_factory=list)
    slots: dict[int, Slot] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)


class Draft:
    """The likeliest text of a sheet and its slots, behind a choice in a slot of *parent*."""

    def __init__(
        self, sheet: Sheet, parent: Draft | None = None, deviation: Deviation = (0, 0)
    ) -> None:
        self.habits: Habits = parent.habits if parent is not None else habits_of(sheet)
        self.texts = _Watched(parent.sheet.texts if parent is not None else sheet.texts)
        self.sheet: Sheet = replace(sheet, texts=self.texts)
        self.own: dict[int, _Line] = {}
        self.forced: dict[tuple[int, int], Option] = {}
        self.weighed = 0
        if parent is None:
            words = 0
            for line in sheet.added:
                words += min(_LONG, len(sheet.pieces[line]))
                self.decode(line, _LONG if words <= _MANY else 1)
        else:
            self.follow(parent, deviation)
        self.sheet = replace(self.sheet, texts=list(self.texts))
        self.slots = [slot for line in self.own.values() for slot in line.slots.values()]
        self.cost = sum(one.cost for one in self.forced.values())
        self.least = self.cost + sum(slot.options[0].cost for slot in self.slots)
        # Further choices behind those followed are made in a draft of their own.
        self.moves: dict[Deviation, dict[Gap, bytes]] = {}
        self.followed: set[Deviation] = set()
        self.choices = in_order([[one.cost for one in slot.options] for slot in self.slots])
        # What no choice changes: in front of the first line with one, and behind the last.
        texts = [text or b"" for text in self.texts] + [b""] * sheet.ends
        lines = [slot.line for slot in self.slots] or [0]
        self.first, last = lines[0], max(lines) + 1
        self.shared = b"".join(text + b"\n" for text in texts[: self.first])
        self.middle = texts[self.first : last]
        self.tail = b"".join(b"\n" + text for text in texts[last:])
        self.blob = BlobHash(self.shared)

    def branch(self, deviation: Deviation) -> tuple[Draft | None, int]:
        """The draft written anew behind a choice, if it differs; the places weighed for it."""
        kind = self.slots[deviation[0]].kind
        if kind in ALONE:
            return None, 0
        draft = Draft(self.sheet, self, deviation)
        self.moves[deviation], more = draft.moved(self, kind)
        if more and not self.moves[deviation]:
            self.followed.add(deviation)
        return draft if more else None, draft.weighed

    def moved(self, parent: Draft, kind: str) -> tuple[dict[Gap, bytes], bool]:
        """What a choice in a gap of *kind* moves in *parent*, and whether that is not all it does.

        Each line goes on following the sign it followed, and rows the column of the rows above
        them. That is not all where a line follows another sign now, or is much nearer to it.
        """
        found: dict[Gap, bytes] = {}
        more = False
        for line, own in self.own.items():
            before = parent.own[line]
            for gap, (new, old) in enumerate(zip(own.chosen, before.chosen, strict=True)):
                if own is before or (line, gap) in self.forced:
                    continue
                slot, past = own.slots.get(gap), before.slots.get(gap)
                row = slot is not None and slot.kind == kind and "rows" in old.signs
                text = new.text
                if slot is not None and row:
                    text = next((one.text for one in slot.options if "rows" in one.signs), text)
                if text != old.text and (row or _same(new, old)):
                    found[line, gap] = text
                more = more or new.text != found.get((line, gap), old.text)
                if slot is not None and past is not None:
                    more = more or _turned(slot.options, past.options)
        return found, more

    def follow(self, parent: Draft, deviation: Deviation) -> None:
        """Write anew what looks, at first or second hand, at the line of a choice."""
        slot = parent.slots[deviation[0]]
        self.forced = {**parent.forced, (slot.line, slot.gap): slot.options[deviation[1]]}
        for gap, chosen in enumerate(parent.own[slot.line].chosen[: slot.gap]):
            self.forced.setdefault((slot.line, gap), chosen)
        changed: set[int] = set()
        for line, own in parent.own.items():
            if line != slot.line and changed.isdisjoint(own.read):
                self.own[line] = own
                continue
            self.decode(line, own.most, own)
            if self.sheet.text(line) != parent.sheet.text(line):
                changed.add(line)

    def decode(self, line: int, most: int, before: _Line | None = None) -> None:
        """Write a line as it most likely is; behind *most* words stand single blanks.

        Where no column is looked for, a blank stays the blank it was *before*.
        """
        sheet = self.sheet
        own = self.own[line] = _Line(most)
        self.texts.read = own.read
        pieces = (*sheet.pieces[line], b"")
        names = ["indentation", *kinds_in(sheet, line), "end"] if pieces[0] else ["end"]
        text = b""
        for gap, (kind, piece) in enumerate(zip(names, pieces, strict=True)):
            chosen = self.forced.get((line, gap))
            if chosen is None and before and kind in ALONE and before.chosen[gap].text == b" ":
                chosen = before.chosen[gap]
                own.slots |= {gap: before.slots[gap]} if gap in before.slots else {}
            elif chosen is None:
                options = self.weigh(line, gap, kind, text)
                chosen = options[0]
                if len(options) > 1:
                    own.slots[gap] = Slot(line, gap, kind, tuple(options))
            own.chosen.append(chosen)
            text += chosen.text + piece
        sheet.texts[line] = text

    def weigh(self, line: int, gap: int, kind: str, left: bytes) -> Sequence[Option]:
        """What may stand behind *left*, likeliest first."""
        sheet = self.sheet
        if kind != "end" and gap >= self.own[line].most:
            return (_BLANK,)
        if kind == "indentation" and sheet.added[line].indented is False:
            return (_NONE,)
        self.weighed += 1
        if kind == "end":
            return self.ends(line)
        if gap:
            return gap_options(kind, gaps(sheet, line, gap, left), self.habits)
        return indent_options(sheet.places[line].kind, indents(sheet, line), self.habits)

    def ends(self, line: int) -> list[Option]:
        """White space at the end of a line, as often as the old file has any."""
        sheet = self.sheet
        ends: tuple[bytes, ...] = (b"\r",) if sheet.dos else (b" ", b"\t")
        if not sheet.pieces[line] and not sheet.dos:
            above = sheet.before(line)
            near = indent_of(sheet.text(above)) if above >= 0 else b""
            moved = sheet.style.moved(near, 1), sheet.style.moved(near, -1)
            ends = tuple(dict.fromkeys(filter(None, (near, *moved, *ends))))
        share = 0.3 if (sheet.alike.get(line) or b"")[-1:].isspace() else sheet.loose
        cost = -math.log2(share)
        options = [Option(cost + at, text) for at, text in enumerate(ends, len(ends) > 1)]
        return sorted([Option(-math.log2(1 - share), b""), *options], key=attrgetter("cost"))

    def written(self, deviations: Sequence[Deviation]) -> dict[int, bytes]:
        """The lines that these choices make different."""
        made: dict[Gap, bytes] = {}
        for deviation in sorted(deviations):  # rows after those above them
            made.update(self.moves.get(deviation, {}))
        for at, option in deviations:
            slot = self.slots[at]
            made[slot.line, slot.gap] = slot.options[option].text
        chosen: dict[int, list[bytes]] = {}
        for (line, gap), text in made.items():
            if line not in chosen:
                chosen[line] = [one.text for one in self.own[line].chosen]
            chosen[line][gap] = text
        return {
            line: b"".join(map(b"".join, zip(blanks, (*self.sheet.pieces[line], b""), strict=True)))
            for line, blanks in chosen.items()
        }

    def rest(self, changed: dict[int, bytes]) -> bytes:
        """The new file behind what stays as it is."""
        middle = list(self.middle)
        for line, text in changed.items():
            middle[line - self.first] = text
        return b"\n".join(middle) + self.tail


def _turned(new: Sequence[Option], old: Sequence[Option]) -> bool:
    """Whether an alternative is about as likely as the likeliest now, and was far from it."""
    costs = {option.text: option.cost - old[0].cost for option in old}
    return any(
        (more := option.cost - new[0].cost) < _CLOSE and more + _FAR < costs.get(option.text, 0.0)
        for option in new[1:]
    )


def _same(new: Option, old: Option) -> bool:
    """Whether both follow the same sign, one that stands for one column."""
    return any(":" not in sign for sign in (new.signs & old.signs) - _LOOSE)
