# SPDX-License-Identifier: GPL-2.0-or-later
"""String literals that the damage went through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?')
_WIDE = re.compile(rb"[ \t]{2,}|\t")


@dataclass(frozen=True, slots=True)
class Literal:
    """An added string literal in which white space may have been, or was, folded.

    Attributes:
        line: In the new file, from 1.
        text: As it was recovered, quotes included.
        wide: Whether it holds more than single blanks now.
    """

    line: int
    text: bytes
    wide: bool


def literals(lines: Iterable[tuple[int, bytes]], *, proved: bool) -> tuple[Literal, ...]:
    """The literals of added *lines* (number from 1, text) whose blanks the page does not tell.

    Of a file that is *proved*, only those in which blanks were folded.
    """
    found = []
    for number, text in lines:
        for match in _STRING.finditer(text):
            wide = bool(_WIDE.search(match[0]))
            if wide or (not proved and b" " in match[0]):
                found.append(Literal(number, match[0], wide))
    return tuple(found)
