# SPDX-License-Identifier: GPL-2.0-or-later
"""A new file written as it most likely was, and rewritten where another choice is made."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from patchtool.recover.blanks import OWN, Rule, indent_by, indents
from patchtool.recover.evidence import BlobHash
from patchtool.recover.gaps import gap_by, gaps, kinds_in
from patchtool.recover.habits import Habits, habits_of
from patchtool.recover.style import indent_of
from patchtool.recover.weighing import Option, weigh_ends, weigh_gaps, weigh_indents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchtool.recover.candidates import Deviation
    from patchtool.recover.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where white space is to be chosen.

    Attributes:
        line: In the new file, from 0.
        gap: 0 in front of the first word, 1 behind it, and so on.
        kind: The kind of gap, or ``indentation``.
        options: Likeliest first.
    """

    line: int
    gap: int
    kind: str
    options: tuple[Option, ...]


#: Words of a line, and of a whole draft, up to which gaps are weighed; behind them stand single
#: blanks, so that a page of nothing but words ends soon.
_LONG, _MANY = 120, 10_000


class _Watched(list[bytes | None]):
    """Lines that keep in mind which of them were looked at."""

    def __init__(self, lines: Iterable[bytes | None]) -> None:
        super().__init__(lines)
        self.read: set[int] = set()

    def __getitem__(self, line: Any) -> Any:
        self.read.add(line)
        return super().__getitem__(line)


class Draft:
    """The likeliest text of a sheet, its slots, and what other choices make of it."""

    def __init__(
        self, sheet: Sheet, parent: Draft | None = None, deviation: Deviation = (0, 0)
    ) -> None:
        self.habits: Habits = parent.habits if parent is not None else habits_of(sheet)
        self.watched = _Watched(parent.texts if parent is not None else sheet.texts)
        self.sheet = replace(sheet, texts=self.watched)
        self.own: dict[int, list[Slot]] = {}
        self.rules: dict[int, list[Rule]] = {}
        self.read: dict[int, set[int]] = {}  # a line -> those looked at to write it
        self.made_from: dict[int, list[int]] = {}
        self.composed: dict[object, bytes] = {}
        self.needed: dict[int, set[int]] = {}  # a line -> the lines made from it
        self.forced: dict[tuple[int, int], Option] = {}
        self.decoded = 0
        self.told: int = parent.told if parent is not None else self.weighed()
        if parent is None:
            for line in self.sheet.added:
                self.decode(line)
        else:
            self.follow(parent, deviation)
        self.slots = [slot for line in self.sheet.added for slot in self.own[line]]
        self.cost = sum(option.cost for option in self.forced.values())
        for line, sources in self.made_from.items():
            for other in sources:
                self.needed.setdefault(other, set()).add(line)
        self.texts: list[bytes | None] = list(self.watched)
        self.sheet = replace(self.sheet, texts=list(self.texts))
        self.frame()

    def weighed(self) -> int:
        """The last line whose gaps are weighed."""
        words = 0
        for line in self.sheet.added:
            words += min(_LONG, len(self.sheet.pieces[line]))
            if words > _MANY:
                return line
        return len(self.sheet.pieces)

    def follow(self, parent: Draft, deviation: Deviation) -> None:
        """Write anew what looks, at first or second hand, at the line of a choice."""
        slot = parent.slots[deviation[0]]
        self.forced = {**parent.forced, (slot.line, slot.gap): slot.options[deviation[1]]}
        self.forced |= {
            (one.line, one.gap): one.options[0]
            for one in parent.own[slot.line]
            if one.gap < slot.gap
        }
        changed: set[int] = set()
        for line in self.sheet.added:
            if line == slot.line or not changed.isdisjoint(parent.read[line]):
                self.decode(line)
                if self.watched[line] != parent.texts[line]:
                    changed.add(line)
            else:
                self.own[line], self.rules[line] = parent.own[line], parent.rules[line]
                self.read[line], self.made_from[line] = parent.read[line], parent.made_from[line]

    def decode(self, line: int) -> None:
        """Write a line as it most likely is."""
        sheet = self.sheet
        self.decoded += 1
        self.own[line] = []
        self.read[line] = self.watched.read = set()
        pieces, place = sheet.pieces[line], sheet.places[line]
        rules = self.rules[line] = []
        text = b""
        if pieces:
            if sheet.given[line].indented is not False:
                options = weigh_indents(place, indents(sheet, line), self.habits)
                text = self.add(line, 0, "indentation", options, rules)
            else:
                rules.append(("is", b""))
            text += pieces[0]
        names = kinds_in(sheet, line)
        told = min(len(pieces), _LONG if line <= self.told else 1)
        for at in range(1, told):
            name = names[at - 1]
            options = weigh_gaps(name, gaps(sheet, line, at, text, names), self.habits)
            text += self.add(line, at, name, options, rules) + pieces[at]
        text += b"".join(b" " + piece for piece in pieces[told:])
        rules += [("is", b" ")] * (len(pieces) - told)
        sheet.texts[line] = text + self.end(line, self.habits, rules)
        self.made_from[line] = _sources(rules)

    def end(self, line: int, habits: Habits, rules: list[Rule]) -> bytes:
        """White space at the end of a line."""
        sheet = self.sheet
        pieces = sheet.pieces[line]
        if pieces:
            ends, kind = [b" ", b"\t"], "full"
        else:
            above = sheet.before(line)
            near = indent_of(sheet.texts[above] or b"") if above >= 0 else b""
            kinds_of = (near, sheet.style.moved(near, 1), sheet.style.moved(near, -1), b"\t", b" ")
            ends, kind = list(dict.fromkeys(text for text in kinds_of if text)), "empty"
        if sheet.dos:
            ends = [b"\r"]
        options = weigh_ends(kind, ends, habits, sheet.alike.get(line))
        return self.add(line, len(pieces), "end", options, rules)

    def add(
        self, line: int, gap: int, kind: str, options: list[Option], rules: list[Rule]
    ) -> bytes:
        """Take the option of a slot that is forced, or the likeliest."""
        forced = self.forced.get((line, gap))
        if forced is not None:
            rules.append(forced.rule)
            return forced.text
        rules.append(options[0].rule)
        if len(options) > 1:
            self.own[line].append(Slot(line, gap, kind, tuple(options)))
        return options[0].text

    @property
    def lists(self) -> bool:
        """Whether there are rows that may be padded to a column of their own."""
        return any(
            option.rule[0] == "widest" and slot.kind != "star"
            for slot in self.slots
            for option in slot.options
        )

    @property
    def least(self) -> float:
        """What it costs in bits with the likeliest option of each slot."""
        return self.cost + sum(slot.options[0].cost for slot in self.slots)

    def frame(self) -> None:
        """Join what no choice changes: in front of the first line with one, behind each."""
        open_lines = sorted({slot.line for slot in self.slots})
        texts = [text if text is not None else b"" for text in self.texts]
        end = b"\n" if self.sheet.ends else b""
        self.open_lines = open_lines
        if not open_lines:
            self.shared = b"\n".join(texts) + (end if texts else b"")
            self.blob = BlobHash(self.shared)
            self.tails: list[bytes] = []
            return
        first = open_lines[0]
        self.shared = b"".join(text + b"\n" for text in texts[:first])
        self.blob = BlobHash(self.shared)
        bounds = [*open_lines, len(texts)]
        self.tails = []
        for line, stop in zip(open_lines, bounds[1:], strict=False):
            between = texts[line + 1 : stop]
            last = stop == len(texts)
            if between:
                tail = b"\n" + b"\n".join(between) + (end if last else b"\n")
            else:
                tail = end if last else b"\n"
            self.tails.append(tail)

    def written(self, deviations: Iterable[Deviation] = ()) -> dict[int, bytes]:
        """The lines that these choices make different."""
        chosen: dict[int, dict[int, Rule]] = {}
        for slot, choice in deviations:
            where = self.slots[slot]
            chosen.setdefault(where.line, {})[where.gap] = where.options[choice].rule
        if not chosen:
            return {}
        sheet = self.sheet
        changed: dict[int, bytes] = {}
        queue = sorted(chosen)
        while queue:
            line = heapq.heappop(queue)
            if line in changed:
                continue
            text = self.write(line, chosen.get(line, {}))
            if text != self.texts[line]:
                changed[line] = text
                sheet.texts[line] = text
                for other in self.needed.get(line, ()):
                    heapq.heappush(queue, other)
        for line in changed:
            sheet.texts[line] = self.texts[line]
        return changed

    def write(self, line: int, chosen: dict[int, Rule]) -> bytes:
        """As `compose`, but each text is composed only once."""
        texts = self.sheet.texts
        made_from = self.made_from[line]
        if chosen:
            made_from = [*made_from, *_sources(chosen.values())]
        key = (line, tuple(chosen.items()), tuple([texts[other] for other in made_from]))
        text = self.composed.get(key)
        if text is None:
            text = self.composed[key] = self.compose(line, chosen)
        return text

    def compose(self, line: int, chosen: dict[int, Rule]) -> bytes:
        """One line with these rules in place of its likeliest."""
        rules = self.rules[line]
        pieces = self.sheet.pieces[line]
        end = chosen.get(len(pieces), rules[-1])[1]
        assert isinstance(end, bytes)
        if not pieces:
            return end
        rule = chosen.get(0, rules[0])
        indent = rule[1] if rule[0] == "is" else indent_by(rule, self.sheet)
        assert isinstance(indent, bytes)
        text = indent + pieces[0]
        for at in range(1, len(pieces)):
            rule = chosen.get(at, rules[at])
            gap = rule[1] if rule[0] == "is" else gap_by(rule, self.sheet, text)
            assert isinstance(gap, bytes)
            text += gap + pieces[at]
        return text + end

    def rest(self, changed: dict[int, bytes]) -> bytes:
        """The new file behind what stays as it is."""
        parts = []
        for line, tail in zip(self.open_lines, self.tails, strict=True):
            text = changed.get(line)
            parts.append(text if text is not None else (self.texts[line] or b""))
            parts.append(tail)
        return b"".join(parts)


def _sources(rules: Iterable[Rule]) -> list[int]:
    """The lines that rules look at."""
    found = {int(rule[1]) for rule in rules if rule[0] not in OWN}
    for rule in rules:
        if rule[0] == "rows":
            found |= {int(line) for line in rule[1::2]}
        if rule[0] == "likewise":
            found |= {int(line) for line in rule[3:]}
    return sorted(found)
