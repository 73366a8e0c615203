# SPDX-License-Identifier: GPL-2.0-or-later
"""How likely each candidate of a place is: what speaks for it, in bits, and the file's habits.

A candidate's weight is the sum over its signs, and its probability 2**weight over the sum of that
for all candidates of the place. The weights are in ``weights.toml``, which says how they were
fitted. A sign may have a second weight by how often the known lines near the change do what it
says (``sign:always``).
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from patchtool.core.columns import gap_of, indent_of
from patchtool.recover.gaps import kinds_in
from patchtool.recover.indents import indents
from patchtool.recover.syntax import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.recover.indents import Signed
    from patchtool.recover.sheet import Sheet

#: Alternatives that cost so many bits more than the likeliest are not tried.
_HOPELESS = 16.0
#: Known lines looked at on either side of a change, and of one kind.
_REACH, _MANY = 150, 60
_ASKED = frozenset(["parenthesis", "hanging", "continuation", "inside", "case", "label"])
#: Bits: kind of line or gap -> sign -> what it says for a candidate.
Weights = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Option:
    """An alternative of a place: its cost in bits, its white space, and the signs that it has."""

    cost: float
    text: bytes
    signs: frozenset[str] = frozenset()


def _weights(table: str) -> Weights:
    """The weights of ``indent`` or ``gap``; what ``any`` kind has is added to each of C."""
    text = resources.files("patchtool.recover").joinpath("weights.toml").read_text("utf-8")
    rows: dict[str, str] = tomllib.loads(text)[table]
    found: Weights = {}
    for kind, row in rows.items():
        found[kind] = {} if kind in PLAIN else dict(found.get("any", {}))
        for word in row.split():
            sign, _, bits = word.rpartition("=")
            found[kind][sign] = found[kind].get(sign, 0.0) + float(bits)
    return found


_INDENT: Final = MappingProxyType(_weights("indent"))
_GAP: Final = MappingProxyType(_weights("gap"))


@dataclass(frozen=True, slots=True)
class Habits:
    """How often the known lines near the change do what a sign says.

    Attributes:
        lines: Kind of line -> how many were looked at; kind and sign -> how many of them had the
            indentation it stands for.
        gaps: Kind of gap -> how many were looked at; and with ``wide`` how many of them were
            not a single blank, with ``tabs`` how many of those hold a tab.
    """

    lines: Counter[str | tuple[str, str]] = field(default_factory=Counter)
    gaps: Counter[str | tuple[str, str]] = field(default_factory=Counter)

    def indent_signs(self, kind: str, sign: str) -> Iterable[str]:
        """A sign, and how often lines of *kind* do what it says."""
        if kind not in _ASKED:
            return (sign,)
        often = _share(self.lines[kind, sign], self.lines[kind]) if self.lines[kind] >= 4 else "?"
        return sign, f"{sign}:{often}"

    def gap_sign(self, kind: str, text: bytes) -> str:
        """How often gaps of *kind* are as *text* is: a blank, or wider, with tabs or without."""
        total, wide = self.gaps[kind], self.gaps[kind, "wide"]
        if text != b" ":
            how = "tabs" if b"\t" in text else "blanks"
            often = _share(self.gaps[kind, "tabs"], wide) if wide else "?"
            return f"{how}:{often}"
        if total < 4:
            return "one:some?" if wide else "one:none?"
        if not wide:
            return "one:never" if total >= 20 else "one:none"
        return f"one:{_share(wide, total)}"


def _share(some: int, total: int) -> str:
    """A word for how often something is so."""
    words = (0.1, "seldom"), (0.5, "partly"), (0.9, "mostly"), (9.0, "always")
    return next(word for below, word in words if some / total < below)


def habits_of(sheet: Sheet) -> Habits:
    """Look at the known lines near the added ones."""
    near: set[int] = set()
    for line in sheet.added:
        near.update(range(max(0, line - _REACH), min(len(sheet.texts), line + _REACH)))
    found = Habits()
    for line in sorted(near.difference(sheet.added)):
        pieces, text, kind = sheet.pieces[line], sheet.text(line), sheet.places[line].kind
        if not pieces:
            continue
        if kind in _ASKED and found.lines[kind] < _MANY:
            found.lines[kind] += 1
            own = indent_of(text)
            signs = {sign for sign, made in indents(sheet, line) if made == own}
            found.lines.update((kind, sign) for sign in signs)
        names = kinds_in(sheet, line)
        found.gaps.update(names)
        if b"  " in text or b"\t" in text.lstrip():
            for at, name in enumerate(names, 1):
                blanks = gap_of(text, at)[0]
                if blanks != b" ":
                    found.gaps[name, "wide"] += 1
                    found.gaps[name, "tabs"] += b"\t" in blanks
    return found


def indent_options(kind: str, found: Sequence[Signed], habits: Habits) -> list[Option]:
    """The alternatives in front of a line, likeliest first."""
    signs: dict[bytes, set[str]] = {}
    for sign, text in found:
        signs.setdefault(text, set()).update(habits.indent_signs(kind, sign))
    return _options(signs, _INDENT.get(kind) or _INDENT["any"])


def gap_options(kind: str, found: Sequence[Signed], habits: Habits) -> list[Option]:
    """The alternatives of a gap, likeliest first."""
    signs: dict[bytes, set[str]] = {}
    for sign, text in found:
        signs.setdefault(text, {habits.gap_sign(kind, text)}).add(sign)
    return _options(signs, _GAP.get(kind) or _GAP["any"])


def _options(signs: dict[bytes, set[str]], table: dict[str, float]) -> list[Option]:
    # Exact, so that it does not matter in which order a set gives its members.
    bits = {text: math.fsum(table.get(sign, 0.0) for sign in own) for text, own in signs.items()}
    top = max(bits.values())
    total = top + math.log2(math.fsum(2 ** (own - top) for own in bits.values()))
    options = [
        Option(total - own, text, frozenset(signs[text]))
        for text, own in bits.items()
        if top - own <= _HOPELESS
    ]
    return sorted(options, key=lambda option: option.cost)
