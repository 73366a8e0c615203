# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand in front of an added line: candidates, and what speaks for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.recover.continued import continued
from patchtool.recover.plain import PLAIN, beginnings
from patchtool.recover.style import column_of, indent_of, reach, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchtool.recover.nesting import Place
    from patchtool.recover.sheet import Sheet

#: A line with the same words is looked for so many lines away, if it has so many characters.
_FAR, _TELLING = 60, 6
#: Lines that go on with what an earlier one began.
_LATER = frozenset(["inside", "parenthesis", "hanging", "continuation"])
#: How white space is made, so that it follows when a line above it changes.
#: ``("is", text)`` the text; ``("at", line, steps)`` a line's indentation, moved by steps;
#: ``("under", line, character, tabs)`` under a character of a line; see gaps.py for the others.
Rule = tuple[str | int | bytes | bool, ...]
#: Those that look at no other line that is written.
OWN = frozenset(["is", "pad", "left", "widest"])


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
            mine = _ways(sheet, line)
            for theirs, ours in zip(_ways(sheet, other), mine, strict=False):
                if indent_by(theirs, sheet) == text:
                    return indent_by(ours, sheet)
            return indent_by(mine[0], sheet)
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
    return rule[0] not in OWN and rule[1] in sheet.given


def _rules(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    place = sheet.places[line]
    kind = place.kind
    if kind in PLAIN:
        yield from beginnings(sheet, line)
        yield from _known(sheet, line)
        return
    above, below = sheet.before(line), sheet.after(line)
    if kind not in _LATER:
        above = _begun(sheet, above)
    first = sheet.pieces[line][0]
    if kind == "inside":
        yield from _inside(sheet, line, first)
    elif kind in ("parenthesis", "hanging", "continuation"):
        yield from continued(sheet, line)
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
    yield from _known(sheet, line)
    yield "step", ("is", sheet.style.moved(b"", 1))
    yield "tab", ("is", b"\t")
    yield "blank", ("is", b" ")


def _begun(sheet: Sheet, line: int) -> int:
    """The line in which the statement or comment of *line* begins."""
    while line >= 0 and sheet.places[line].kind in _LATER and sheet.places[line].parent >= 0:
        line = sheet.places[line].parent
    return line


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


def _known(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """As the removed line it stands for, or as a line with the same words."""
    above = sheet.before(line)
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
    elif (kin := sheet.donors.like(sheet.pieces[line])) is not None:
        yield "kin", ("is", indent_of(kin))
    if (lent := sheet.donors.lending(sheet.pieces[line])) is not None:
        yield "lent", ("is", indent_of(lent))
    if (twin := _twin(sheet, line)) >= 0:
        yield "twin", ("at", twin, 0)


def _twin(sheet: Sheet, line: int) -> int:
    """The nearest known line with the same words, not far away; -1 if there is none."""
    pieces = sheet.pieces[line]
    if len(b"".join(pieces)) < _TELLING:
        return -1
    for away in range(1, _FAR):
        for other in (line + away, line - away):
            if 0 <= other < len(sheet.pieces) and sheet.pieces[other] == pieces and (
                other not in sheet.given
            ):  # fmt: skip
                return other
    return -1


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
