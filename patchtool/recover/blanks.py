# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand in front of an added line: candidates, and what speaks for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.recover.style import indent_of, reach, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchtool.recover.nesting import Place
    from patchtool.recover.sheet import Sheet

#: How white space is made, so that it follows when a line above it changes.
#: ``("is", text)`` the text; ``("at", line, steps)`` a line's indentation, moved by steps;
#: ``("under", line, character, tabs)`` under a character of a line; see gaps.py for the others.
Rule = tuple[str | int | bytes | bool, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """White space that may stand in one place.

    Attributes:
        text: The white space.
        rule: How it is made.
        signs: What speaks for it.
    """

    text: bytes
    rule: Rule
    signs: tuple[str, ...]


def column_of(text: bytes, character: int) -> int:
    """The column of the character that stands behind so many characters that are no blanks."""
    seen = 0
    for at, byte in enumerate(text):
        if byte in b" \t":
            continue
        if seen == character:
            return width(text[:at])
        seen += 1
    return width(text)


def indent_by(rule: Rule, sheet: Sheet) -> bytes:
    """The indentation a rule makes."""
    match rule:
        case ("is", bytes(text)):
            return text
        case ("at", int(line), int(steps)):
            return sheet.style.moved(indent_of(sheet.texts[line] or b""), steps)
        case ("add", int(line), bytes(text)):
            return indent_of(sheet.texts[line] or b"") + text
        case ("under", int(line), int(character), int(more), bool(tabs)):
            column = column_of(sheet.texts[line] or b"", character) + more
            return reach(0, column, tabs=tabs)
        case ("likewise", int(other), int(line), _, _):
            text = indent_of(sheet.texts[other] or b"")
            ways = zip(_ways(sheet, other), _ways(sheet, line), strict=False)
            for theirs, ours in ways:
                if indent_by(theirs, sheet) == text:
                    return indent_by(ours, sheet)
            return b""
    raise AssertionError(rule)


def _ways(sheet: Sheet, line: int) -> list[Rule]:
    """The ways to indent the second line of a statement, in a fixed order."""
    place = sheet.places[line]
    start, character = place.opener or (place.parent, 0)
    return [
        ("under", start, character, 1, sheet.style.tabs),
        *(("at", start, steps) for steps in (1, 2, 3, 0)),
        ("add", start, b"    "),
        ("under", start, character, 1, False),
    ]


def indents(sheet: Sheet, line: int) -> list[Candidate]:
    """What may stand in front of *line*; the lines above it must be written."""
    found = [(name, rule, indent_by(rule, sheet)) for name, rule in _rules(sheet, line)]
    given = sheet.given.get(line)
    if given is not None and given.indented is True:
        found = [entry for entry in found if entry[2]]
    return collected(found, sheet)


def collected(found: Iterable[tuple[str, Rule, bytes]], sheet: Sheet) -> list[Candidate]:
    """One candidate for each text, with all that speaks for it.

    Of its rules the first that looks at an added line is kept, so that it follows that line.
    """
    rules: dict[bytes, Rule] = {}
    signs: dict[bytes, dict[str, None]] = {}
    for name, rule, text in found:
        if text not in rules or (not _follows(rules[text], sheet) and _follows(rule, sheet)):
            rules[text] = rule
        signs.setdefault(text, {})[name] = None
    return [Candidate(text, rule, tuple(signs[text])) for text, rule in rules.items()]


def _follows(rule: Rule, sheet: Sheet) -> bool:
    """Whether a rule looks at an added line."""
    return rule[0] not in ("is", "pad", "left") and rule[1] in sheet.given


def _rules(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    place = sheet.places[line]
    kind = place.kind
    above, below = sheet.before(line), sheet.after(line)
    first = sheet.pieces[line][0]
    if kind == "inside":
        yield from _inside(sheet, line, first)
    elif kind in ("parenthesis", "hanging", "continuation"):
        yield from _continued(sheet, line)
    yield from _nested(sheet, place)
    if kind == "label":
        yield from _labels(sheet, line)
    mate = _mate(sheet, line)
    if mate >= 0:
        yield "mate", ("at", mate, 0)
    for name, other in (("above", above), ("below", below)):
        if other >= 0:
            for steps in (0, 1, -1):
                yield f"{name}{steps}", ("at", other, steps)
    yield from _known(sheet, line, above)
    yield "step", ("is", sheet.style.moved(b"", 1))
    yield "tab", ("is", b"\t")
    yield "blank", ("is", b" ")


def _nested(sheet: Sheet, place: Place) -> Iterator[tuple[str, Rule]]:
    """As deep as what stands before it in the same block, or deeper than what is around it."""
    kind = place.kind
    if kind == "statement" and place.opener is not None:
        yield "row", ("under", *_behind(place.opener), 0, sheet.style.tabs)
    if place.sibling >= 0 and kind not in ("parenthesis", "hanging", "continuation", "inside"):
        yield "sibling", ("at", place.sibling, 0)
    if place.parent >= 0 and kind != "inside":
        for steps in (0, 1, 2):
            yield f"parent{steps}", ("at", place.parent, steps)
    elif kind != "inside":
        yield "top", ("is", b"")


def _known(sheet: Sheet, line: int, above: int) -> Iterator[tuple[str, Rule]]:
    """As the removed line it stands for, or as a line with the same words."""
    old = sheet.alike.get(line)
    if old is not None:
        same = tuple(old.split()) == sheet.pieces[line]
        yield ("same" if same else "alike"), ("is", indent_of(old))
        if above in sheet.alike and sheet.alike[above] is not None:
            shift = width(indent_of(old)) - width(indent_of(sheet.alike[above] or b""))
            here = width(indent_of(sheet.texts[above] or b"")) + shift
            if here >= 0:
                yield "shifted", ("is", reach(0, here, tabs=sheet.style.tabs))
    donor = sheet.donors.lines.get(sheet.pieces[line])
    if donor is not None:
        yield "donor", ("is", indent_of(donor))


def _inside(sheet: Sheet, line: int, first: bytes) -> Iterator[tuple[str, Rule]]:
    """Indentation in a comment."""
    place = sheet.places[line]
    start = place.parent
    mark = "*" if first[:1] == b"*" else "-"
    code = max(0, sheet.places[start].code)
    if place.sibling >= 0:
        yield f"next{mark}", ("at", place.sibling, 0)
    if code:
        yield f"under{mark}", ("under", start, code, 1, sheet.style.tabs)
        yield f"under{mark}b", ("under", start, code, 1, False)
        yield f"text{mark}", ("under", start, code, 3, sheet.style.tabs)
    else:
        yield f"start{mark}", ("add", start, b" ")
        yield f"flush{mark}", ("at", start, 0)
        yield f"text{mark}", ("add", start, b"   ")
        yield f"two{mark}", ("add", start, b"  ")


def _continued(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
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
        start, character = place.opener
        yield "under", ("under", start, character, 1, sheet.style.tabs)
        yield "underb", ("under", start, character, 1, False)
        for more in (-1, 1, 2):
            yield f"under{more:+}", ("under", start, character, 1 + more, sheet.style.tabs)
        column = column_of(sheet.texts[start] or b"", character) + 1
        yield "undert", ("is", b"\t" * (column // 8))
        yield "overt", ("is", b"\t" * ((column + 7) // 8))
        for steps in (0, 1, 2, 3):
            yield f"opened{steps}", ("at", start, steps)
        above = line - 1
        while above > start and sheet.places[above].opener != place.opener:
            above -= 1
        if above > start:
            yield "fellow", ("at", above, 0)
    else:
        text = sheet.texts[place.parent] or b""
        equals = text.find(b"= ")
        if equals >= 0:
            character = sum(byte not in b" \t" for byte in text[: equals + 1])
            yield "equals", ("under", place.parent, character, 0, sheet.style.tabs)
        if text.lstrip().startswith(b"return "):
            yield "return", ("under", place.parent, 6, 0, sheet.style.tabs)
        yield "half", ("add", place.parent, b"    ")


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


def _labels(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """As the labels around; those with blanks in front are few."""
    for step, name in ((-1, "labelled"), (1, "labels")):
        for other in range(line + step, line + 300 * step, step):
            if not 0 <= other < len(sheet.places):
                break
            if sheet.places[other].kind == "label" and (step < 0 or other not in sheet.given):
                yield name, ("at", other, 0)
                break


def _behind(opener: tuple[int, int]) -> tuple[int, int]:
    """Where the first word behind a brace stands."""
    return opener[0], opener[1] + 1


def _mate(sheet: Sheet, line: int) -> int:
    """A known line below with the same rank in the same block, or -1."""
    place = sheet.places[line]
    if place.kind not in (
        "statement",
        "comment",
        "case",
        "label",
        "inside",
        "parenthesis",
        "hanging",
    ):
        return -1
    for below in range(line + 1, min(line + 60, len(sheet.places))):
        other = sheet.places[below]
        if below in sheet.given or other.kind == "blank":
            continue
        if place.kind in ("inside", "parenthesis", "hanging"):
            if other.kind != place.kind or other.opener != place.opener:
                return -1
            return below if other.parent == place.parent else -1
        if other.parent == place.parent and (
            other.kind == place.kind or {other.kind, place.kind} <= {"statement", "comment"}
        ):
            return below
        if other.kind == "close" and other.parent == place.parent:
            return -1
    return -1
