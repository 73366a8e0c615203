# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand behind the star of a line of a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.recover.gap_kinds import BULLET
from patchtool.recover.style import gap_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.blanks import Rule
    from patchtool.recover.sheet import Sheet

_STAR = (b"*",)
_WIDE = (("2", b"  "), ("3", b"   "), ("4", b"    "), ("5", b"     "), ("t", b"\t"))


def hang(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """Under the text of the list item above."""
    place = sheet.places[line]
    name = "hang"
    for above in range(line - 1, max(-1, line - 15), -1):
        other = sheet.places[above]
        if above != place.parent and other.parent != place.parent:
            return
        pieces = sheet.pieces[above]
        if len(pieces) == 1 and pieces[0] == b"*":
            name = "hangs"
        if len(pieces) > 2 and BULLET.fullmatch(pieces[1]):
            yield name, ("column", above, 2, 0, "same")
            yield f"{name}t", ("column", above, 2, 0, "tabs")
            yield f"{name}item", ("column", above, 1, 0, "same")
            return
        if name == "hang" and len(pieces) > 3 and pieces[2] == b"-":
            yield "title", ("column", above, 3, 0, "tabs")
            yield "titleb", ("column", above, 3, 0, "blanks")
            return
        if len(pieces) > 2 and pieces[1][:1] == b"@":
            yield f"{name}@", ("column", above, 2, 0, "same")
            yield f"{name}@t", ("column", above, 2, 0, "tabs")
            if name == "hang":
                yield "hang@-1", ("column", above, 2, -1, "same")
            return


def lead(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """By how the line begins, and how the one above ended: prose, or a list, or an example."""
    place = sheet.places[line]
    pieces = sheet.pieces[line]
    if place.kind != "inside" or len(pieces) < 2 or pieces[0] != b"*":
        return
    above = line - 1
    apart = sheet.pieces[above] in (_STAR, ())
    if apart:
        above -= 1
    seen = f"{_first(pieces[1])}{_last(sheet, above, place.parent)}{'+' if apart else ''}"
    yield f"one{seen}", ("is", b" ")
    other = sheet.pieces[above]
    if above > place.parent and other[:1] == _STAR and len(other) > 1:
        text = sheet.texts[above]
        if text is not None and gap_of(text, 1)[0] != b" ":
            yield f"as{seen}", ("like", above, 1)
        if pieces[1][:1] == other[1][:1] and not pieces[1][:1].isalnum():
            yield "fellow", ("like", above, 1)
    for name, text in _WIDE:
        yield f"wide{seen}", ("is", text)
        yield f"wide{name}", ("is", text)


def _first(word: bytes) -> str:
    """What a word begins with."""
    first = word[:1]
    if first.isalpha():
        return "a" if first.islower() else "A"
    return "0" if first.isdigit() else "@" if first in b"@%" else "x"


def _last(sheet: Sheet, line: int, top: int) -> str:
    """What a line ended with."""
    if line <= top or not sheet.pieces[line]:
        return "^"
    last = sheet.pieces[line][-1][-1:]
    return last.decode() if last in b".:,;" else "w"
