# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of files that are no C: Kconfig, makefiles, text. Where they stand, how they begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.recover.nesting import Kind, Place
from patchtool.recover.style import indent_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.recover.blanks import Rule
    from patchtool.recover.sheet import Pieces, Sheet

PLAIN = frozenset(["attribute", "help", "text"])
#: What an entry of a Kconfig file begins with.
_ENTRIES = frozenset(
    [b"config", b"menuconfig", b"choice", b"endchoice", b"menu", b"endmenu", b"if", b"endif",
     b"comment", b"source", b"mainmenu"]
)  # fmt: skip
_ATTRIBUTES = frozenset(
    [b"bool", b"tristate", b"string", b"hex", b"int", b"def_bool", b"def_tristate", b"prompt",
     b"default", b"depends", b"select", b"imply", b"range", b"visible", b"option", b"optional",
     b"modules", b"transitional"]
)  # fmt: skip
_HELP = frozenset([b"help", b"---help---"])


def plain_places(pieces: Sequence[Pieces], path: str) -> list[Place]:
    """The place of each line; the parent of help text is the line with the word ``help``."""
    if not path.rpartition("/")[2].startswith("Kconfig"):
        return [Place("text")] * len(pieces)
    found = []
    entry = helping = -1
    for at, words in enumerate(pieces):
        first = words[0] if words else b""
        kind: Kind = "text"
        if first in _ENTRIES and not (helping >= 0 and len(words) > 4):
            entry, helping = at, -1
        elif helping >= 0:
            kind = "help"
        elif first in _ATTRIBUTES or first in _HELP:
            kind = "attribute"
            helping = at if first in _HELP else -1
        found.append(Place(kind, helping if kind == "help" else entry))
    return found


def beginnings(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """What may stand in front of a line that is no C."""
    place = sheet.places[line]
    above, below = sheet.before(line), sheet.after(line)
    if place.kind == "help" and above == place.parent:
        yield "helped", ("add", above, b"  ")
        yield "wide", ("add", above, b"    ")
    if place.kind == "attribute":
        other = above
        while other > place.parent and sheet.places[other].kind != "attribute":
            other -= 1
        if other > place.parent:
            yield "attribute", ("at", other, 0)
    if above >= 0:
        yield "above0", ("at", above, 0)
    if below >= 0:
        yield "below0", ("is", indent_of(sheet.texts[below] or b""))
    yield "tab", ("is", b"\t")
    yield "tabs", ("is", b"\t\t")
    yield "helps", ("is", b"\t  ")
    yield "two", ("is", b"  ")
    yield "four", ("is", b"    ")
    yield "blank", ("is", b" ")
