# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand in front of an added line: candidates, each with the sign that speaks for it.

In a comment that is what stands in front of the star, and between the star and the text.

A sign is a name that ``weights.toml`` knows; several may speak for the same white space.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.core.columns import (
    TAB,
    column_of,
    gap_of,
    indent_of,
    reach,
    to_column,
    width,
)
from patchtool.recover.syntax import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.sheet import Sheet

    #: A sign, and the white space it speaks for.
    Signed = tuple[str, bytes]

#: What marks an item of a list in a comment, and the words of an empty line in it.
BULLET = re.compile(rb"[-+*o]|\(?\w{1,2}[.):]|\(\w{1,3}\)|--")
STAR = (b"*",)
#: A literal up to its first tab, and where a word begins in it.
_LITERAL = re.compile(rb'"((?:[^"\\\t]|\\.)*)')
_WORD = re.compile(rb"(?<= )[^ ]")
#: Lines that go on with what an earlier one began.
_LATER = frozenset(["inside", "parenthesis", "hanging", "continuation"])


def indents(sheet: Sheet, line: int) -> list[Signed]:
    """What may stand in front of *line*; the lines above it must be written."""
    kind = sheet.places[line].kind
    found: list[Signed] = []
    if kind in PLAIN:
        found += _plain(sheet, line)
    else:
        if kind == "inside":
            found += _inside(sheet, line)
        else:
            found += (*(_continued(sheet, line) if kind in _LATER else ()), *_nested(sheet, line))
        found += _around(sheet, line)
    found += _known(sheet, line)
    hunk_line = sheet.added.get(line)
    if hunk_line is not None and hunk_line.indented is True:
        found = [entry for entry in found if entry[1]]
    return found


def _at(sheet: Sheet, line: int, steps: int) -> bytes:
    """The indentation of a line, so many steps deeper."""
    return sheet.style.moved(indent_of(sheet.text(line)), steps)


def _under(sheet: Sheet, line: int, character: int, more: int) -> bytes:
    """White space up to a character of a line, or so many columns behind it."""
    return reach(0, column_of(sheet.text(line), character) + more, tabs=sheet.style.tabs)


def _continued(sheet: Sheet, line: int) -> Iterator[Signed]:
    """The second and later lines of a statement."""
    place, style = sheet.places[line], sheet.style
    before, choice, _ = sheet.text(line - 1).rpartition(b"?")
    if choice and sheet.pieces[line][0][:1] == b":":
        yield "choice", reach(0, width(before), tabs=style.tabs)
    if place.opener is not None:
        start, character = place.opener
        for name, more in (("under", 1), ("off", 0), ("off", 2)):
            yield name, _under(sheet, start, character, more)
        column = column_of(sheet.text(start), character) + 1
        outer = width(sheet.text(start).partition(b"(")[0]) + 1
        if outer < column:
            yield "outer", reach(0, outer, tabs=style.tabs)
        for fewer in (0, 1, 2):
            yield f"undert-{fewer}", b"\t" * max(0, column // TAB - fewer)
        for steps in (0, 1, 2, 3):
            yield f"opened{steps}", _at(sheet, start, steps)
        return
    text = sheet.text(place.parent)
    if (equals := text.find(b"= ")) >= 0:
        yield "equals", reach(0, width(text[: equals + 2]), tabs=style.tabs)
    if text.lstrip().startswith(b"return "):
        yield "return", _under(sheet, place.parent, 6, 0)
    yield "half", indent_of(text) + b"    "


def _inside(sheet: Sheet, line: int) -> Iterator[Signed]:
    """In a comment."""
    place = sheet.places[line]
    start, code = place.parent, max(0, sheet.places[place.parent].code)
    mark = "*" if sheet.pieces[line][0][:1] == b"*" else "-"
    if place.sibling >= 0:
        yield f"next{mark}", _at(sheet, place.sibling, 0)
    if code:
        yield f"under{mark}", _under(sheet, start, code, 1)
        yield f"text{mark}", _under(sheet, start, code, 3)
        return
    own = indent_of(sheet.text(start))
    for name, more in (("start", b" "), ("flush", b""), ("text", b"   "), ("two", b"  ")):
        yield f"{name}{mark}", own + more


def leads(sheet: Sheet, line: int, left: bytes) -> Iterator[Signed]:
    """Behind the star of a comment's line: as the line above, or under the text of an item."""
    parent = sheet.places[line].parent
    if sheet.places[line].kind != "inside":
        return
    above = sheet.before(line)
    apart = sheet.pieces[above] == STAR
    if above - apart > parent and len(other := sheet.pieces[above - apart]) > 1:
        blanks = gap_of(sheet.text(above - apart), 1)[0]
        ends = other[-1][-1:] in (b".", b":") or apart
        yield ("asx" if ends else "asw"), blanks
    yield from (("wide2", b"  "), ("wide3", b"   "))
    if sheet.pieces[line][1][:1] == b"@":
        yield "one@", b" "
        return
    for top in range(line - 1, max(parent, line - 15), -1):
        words = sheet.pieces[top]
        item = len(words) > 2 and (BULLET.fullmatch(words[1]) or words[1][:1] == b"@")
        dash = words[2:3] == (b"-",) != sheet.pieces[line][2:3] and not apart
        if item or dash:
            blanks, _, column = gap_of(sheet.text(top), 2 + bool(dash))
            name = "title" if dash else "hang@" if words[1][:1] == b"@" else "hang"
            yield name, to_column(left, column, tabs=b"\t" in blanks)
            yield f"{name}t", to_column(left, column, tabs=True)
            yield f"{name}-1", to_column(left, column - 1, tabs=False)
            return


def under_words(sheet: Sheet, line: int, at: int) -> Iterator[Signed]:
    """Behind the quote that a literal begins with: under a word of the literal above."""
    for above in range(line - 1, max(-1, line - 4), -1):
        if (literal := _LITERAL.search(sheet.text(above))) is None:
            continue
        for word in _WORD.finditer(literal[1]):
            blanks = b" " * word.start()
            yield "word", blanks
            if word[0] == sheet.pieces[line][at][:1]:
                yield "wordsame", blanks
            if literal[1].find(b": ") == word.start() - 2:
                yield "usage", blanks
        return


def _nested(sheet: Sheet, line: int) -> Iterator[Signed]:
    """As deep as what stands before it in the same block, or deeper than what is around it."""
    place = sheet.places[line]
    if place.sibling >= 0 and place.kind not in _LATER:
        yield "sibling", _at(sheet, place.sibling, 0)
    if place.parent >= 0:
        for steps in (0, 1, 2):
            yield f"parent{steps}", _at(sheet, place.parent, steps)
    else:
        yield "top", b""


def _around(sheet: Sheet, line: int) -> Iterator[Signed]:
    """As the lines above and below, a step more or less; and what any line may have."""
    above, below = sheet.before(line), sheet.after(line)
    if sheet.places[line].kind not in _LATER:
        while above >= 0 and sheet.places[above].kind in _LATER and sheet.places[above].parent >= 0:
            above = sheet.places[above].parent  # where the statement or comment begins
    for name, other in (("above", above), ("below", below)):
        for steps in (0, 1, -1) if other >= 0 else ():
            yield f"{name}{steps}", _at(sheet, other, steps)
    yield "step", sheet.style.moved(b"", 1)
    yield "tab", b"\t"
    yield "blank", b" "


def _known(sheet: Sheet, line: int) -> Iterator[Signed]:
    """As the removed line it stands for, or as a line with the same words."""
    pieces, old = sheet.pieces[line], sheet.alike.get(line)
    if old is not None:
        yield ("same" if tuple(old.split()) == pieces else "alike"), indent_of(old)
    if (donor := sheet.donors.lines.get(pieces)) is not None:
        yield "donor", indent_of(donor)
    if (lent := sheet.donors.lending(pieces)) is not None:
        yield "lent", indent_of(lent)


def _plain(sheet: Sheet, line: int) -> Iterator[Signed]:
    """In front of a line that is no C."""
    place, above, below = sheet.places[line], sheet.before(line), sheet.after(line)
    if place.kind == "help" and above == place.parent:
        yield "helped", indent_of(sheet.text(above)) + b"  "
    if place.kind == "attribute":
        for other in range(above, place.parent, -1):
            if sheet.places[other].kind == "attribute":
                yield "attribute", _at(sheet, other, 0)
                break
    if above >= 0:
        yield "above0", _at(sheet, above, 0)
    if below >= 0:
        yield "below0", _at(sheet, below, 0)
    yield from (("tab", b"\t"), ("tabs", b"\t\t"), ("helps", b"\t  "), ("two", b"  "))
    yield from (("four", b"    "), ("blank", b" "))
