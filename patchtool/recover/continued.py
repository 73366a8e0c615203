# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand in front of the second and later lines of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.recover.style import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.blanks import Rule
    from patchtool.recover.sheet import Sheet


def continued(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """Indentation of the second and later lines of a statement."""
    place = sheet.places[line]
    previous = sheet.places[line - 1] if line else place
    if line and previous.kind == place.kind and previous.opener == place.opener:
        yield "mated", ("at", line - 1, 0)
    elif (other := _previous(sheet, line)) >= 0:
        mine, theirs = (one.opener[0] if one.opener else one.parent
                        for one in (place, sheet.places[other]))  # fmt: skip
        yield "likewise", ("likewise", other, line, mine, theirs)
    if place.opener is not None:
        yield from _opened(sheet, line, place.opener)
    else:
        text = sheet.texts[place.parent] or b""
        equals = text.find(b"= ")
        if equals >= 0:
            character = sum(byte not in b" \t" for byte in text[: equals + 1])
            yield "equals", ("under", place.parent, character, 0, sheet.style.tabs)
        if text.lstrip().startswith(b"return "):
            yield "return", ("under", place.parent, 6, 0, sheet.style.tabs)
        yield "half", ("add", place.parent, b"    ")


def _opened(sheet: Sheet, line: int, opener: tuple[int, int]) -> Iterator[tuple[str, Rule]]:
    """Indentation in a parenthesis: under it, or so many tabs."""
    start, character = opener
    yield "under", ("under", start, character, 1, sheet.style.tabs)
    yield "underb", ("under", start, character, 1, False)
    for more in (-1, 1, 2):
        yield f"under{more:+}", ("under", start, character, 1 + more, sheet.style.tabs)
    column = column_of(sheet.texts[start] or b"", character) + 1
    yield "undert", ("is", b"\t" * (column // 8))
    yield "overt", ("is", b"\t" * ((column + 7) // 8))
    for fewer in (1, 2):
        yield f"undert-{fewer}", ("is", b"\t" * max(0, column // 8 - fewer))
    for steps in (0, 1, 2, 3):
        yield f"opened{steps}", ("at", start, steps)
    above = line - 1
    while above > start and sheet.places[above].opener != opener:
        above -= 1
    if above > start:
        yield "fellow", ("at", above, 0)


def _previous(sheet: Sheet, line: int) -> int:
    """The added line before this one that is the second line of a statement like it; or -1."""
    kind = sheet.places[line].kind
    for other in range(line - 1, max(-1, line - 400), -1):
        place = sheet.places[other]
        if other in sheet.given and place.kind == kind:
            above = sheet.places[other - 1]
            if above.kind != kind or above.opener != place.opener:
                return other
    return -1
