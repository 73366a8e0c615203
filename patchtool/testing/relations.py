# SPDX-License-Identifier: GPL-2.0-or-later
"""Relations between counters, such as ``isolated == migrated + returned``. Pure.

The grammar is that of a manifest's invariants, and numbers: on both sides of one comparison
stand terms joined by ``+`` or ``-``; a term is a name or a number, or a number ``*`` a name.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.testing.records import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Number = int | float

OPERATORS: dict[str, Callable[[Number, Number], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_COMPARISON = re.compile(r"==|!=|<=|>=|<|>")
_TERM = re.compile(
    r"\s*(?P<sign>[+-]?)\s*(?:(?P<factor>\d+(?:\.\d+)?)\s*(?:\*\s*(?P<scaled>[a-z]\w*))?"
    r"|(?P<name>[a-z]\w*))\s*"
)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a relation: the sum of factor times named value; no name for a constant."""

    terms: tuple[tuple[Number, str | None], ...]

    def value(self, values: Mapping[str, Number]) -> Number:
        """The sum, with *values* in place of the names."""
        return sum(factor * (1 if name is None else values[name]) for factor, name in self.terms)


@dataclass(frozen=True, slots=True)
class Relation:
    """A parsed relation.

    Attributes:
        text: As it was written.
        left: Left side.
        sign: One of the keys of :data:`OPERATORS`.
        right: Right side.
    """

    text: str
    left: Side
    sign: str
    right: Side

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, in order, each once."""
        sides = (*self.left.terms, *self.right.terms)
        return tuple(dict.fromkeys(name for _, name in sides if name is not None))

    def check(self, values: Mapping[str, Number]) -> Check:
        """Whether it holds for *values*.

        Raises:
            KeyError: A name has no value.
        """
        left, right = self.left.value(values), self.right.value(values)
        return Check(
            text=self.text,
            holds=OPERATORS[self.sign](left, right),
            values={name: values[name] for name in self.names},
            left=left,
            right=right,
        )


def parse(text: str) -> Relation:
    """Read a relation.

    Raises:
        ValueError: It is none; says where the reading stopped.
    """
    found = _COMPARISON.findall(text)
    if len(found) != 1:
        raise ValueError(f"{text!r}: write exactly one of {' '.join(OPERATORS)}")
    left, right = text.split(found[0])
    return Relation(" ".join(text.split()), _side(left, text), found[0], _side(right, text))


def _side(part: str, whole: str) -> Side:
    terms: list[tuple[Number, str | None]] = []
    at = 0
    while at < len(part) or not terms:
        match = _TERM.match(part, at)
        if match is None or (terms and not match["sign"]):
            raise ValueError(f"{whole!r}: not a sum of counters and numbers: {part[at:].strip()!r}")
        factor: Number = 1
        if match["factor"]:
            factor = float(match["factor"]) if "." in match["factor"] else int(match["factor"])
        name = match["name"] or match["scaled"]
        terms.append((-factor if match["sign"] == "-" else factor, name))
        at = match.end()
    return Side(tuple(terms))
