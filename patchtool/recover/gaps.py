# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand between two words of an added line: candidates, and what speaks for each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.recover.blanks import Candidate, Rule, collected
from patchtool.recover.gap_kinds import ALIGNED, kinds
from patchtool.recover.groups import joined, rows_by, widest_by
from patchtool.recover.leads import hang, lead
from patchtool.recover.style import gap_of, to_column, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.sheet import Pieces, Sheet

#: So much white space for no other reason.
_COUNTED = frozenset(["two", "three", "four", "five", "tab", "tabs", "tabss"])


def kinds_in(sheet: Sheet, line: int) -> list[str]:
    """As `kinds`; a line of text below a list item that is still open is ``hung``."""
    if line in sheet.names:
        return sheet.names[line]
    found = sheet.names[line] = kinds(sheet.pieces[line], sheet.places[line])
    if found and found[0] == "star" and any(name == "hang" for name, _ in hang(sheet, line)):
        found[0] = "hung"
    return found


def gap_by(rule: Rule, sheet: Sheet, left: bytes) -> bytes:
    """The white space that a rule makes behind *left*."""
    match rule:
        case ("is", bytes(text)):
            return text
        case ("like", int(line), int(at)):
            return gap_of(sheet.texts[line] or b"", at)[0]
        case ("follow", int(_), int(_)):
            return rows_by(rule, sheet, left)
        case ("column", int(line), int(at), int(more), str(how)):
            blanks, _, column = gap_of(sheet.texts[line] or b"", at)
            tabs = how == "tabs" or (how == "same" and (b"\t" in left or b"\t" in blanks))
            return to_column(left, column + more, tabs=tabs)
        case ("rows", *_):
            return rows_by(rule, sheet, left)
        case ("widest", *_):
            return widest_by(rule, sheet, left)
        case ("left", int(at)):
            return gap_of(left, at)[0]
        case ("nested", int(line), int(more)):
            text = sheet.texts[line] or b""
            pieces = sheet.pieces[line]
            return (gap_of(text, 1)[0] if pieces[:1] == (b"#",) else b"") + b" " * more
        case ("pad", int(column), bool(tabs)):
            return to_column(left, column, tabs=tabs)
    raise AssertionError(rule)


def gaps(sheet: Sheet, line: int, at: int, left: bytes, names: list[str]) -> list[Candidate]:
    """What may stand in gap *at* of *line* behind *left*."""
    found = [
        (name, rule, gap_by(rule, sheet, left))
        for name, rule in _rules(sheet, line, at, left, names)
    ]
    kind = names[at - 1]
    if kind not in ("star", "item", "hung"):
        known = {text for name, _, text in found if name not in _COUNTED}
        found = [entry for entry in found if entry[0] not in _COUNTED or entry[2] not in known]
    candidates = collected([entry for entry in found if entry[2]], sheet)
    if kind in ("star", "hung"):  # a line of prose does not follow when the one above is moved
        return [
            replace(one, rule=("is", b" "))
            if one.text == b" " and "fellow" not in one.signs
            else one
            for one in candidates
        ]
    return candidates


def _rules(
    sheet: Sheet, line: int, at: int, left: bytes, names: list[str]
) -> Iterator[tuple[str, Rule]]:
    kind = names[at - 1]
    pieces = sheet.pieces[line]
    if kind == "sentence":
        yield from _sentence(sheet, line, at, names)
    elif kind == "nested":
        yield from _nested(sheet, line)
    elif kind not in ("code", "hash", "string", "comment", "type"):
        yield from joined(sheet, line, at, left, kinds_in)
        yield from _columns(sheet, line, at, names)
    if kind == "lead":
        yield from _words_above(sheet, line)
    if kind in ("star", "item", "hung"):
        yield from hang(sheet, line)
        yield from lead(sheet, line)
    if kind in ("comment", "string", "star", "hung", "item", "code", "dash", "row", "sentence"):
        yield from _any_column(sheet, line, at, left)
    old = sheet.alike.get(line)
    if old is not None:
        yield from _old(old, pieces, at, "alike")
    donor = sheet.donors.lines.get(pieces)
    if donor is not None:
        blanks = gap_of(donor, at)[0]
        yield f"donor{'' if blanks == b' ' else 'w'}", ("is", blanks)
    yield from _plain(sheet, kind, left)


def _plain(sheet: Sheet, kind: str, left: bytes) -> Iterator[tuple[str, Rule]]:
    """What any gap may hold: so many blanks, tabs, the columns the file uses."""
    yield "one", ("is", b" ")
    yield "two", ("is", b"  ")
    yield "tab", ("is", b"\t")
    if kind in ALIGNED or kind in ("star", "string", "comment", "code", "nested"):
        yield "three", ("is", b"   ")
        yield "tabs", ("is", b"\t\t")
    if kind in ALIGNED or kind == "star":
        yield "tabss", ("is", b"\t\t\t")
        yield "four", ("is", b"    ")
        yield "five", ("is", b"     ")
        here = width(left)
        for rank, (column, tabs) in enumerate(sheet.usual.get(kind, ())):
            if column > here:
                yield f"usual{rank}", ("pad", column, tabs)


def _sentence(sheet: Sheet, line: int, at: int, names: list[str]) -> Iterator[tuple[str, Rule]]:
    """How the sentence before was ended: in this line, in the added lines, in the file."""
    if "sentence" in names[: at - 1]:
        yield "last", ("left", names.index("sentence") + 1)
    near = added = False
    for above in range(line - 1, max(-1, line - 200), -1):
        new = above in sheet.given
        if (near and not new) or not sheet.pieces[above]:
            continue
        found = kinds_in(sheet, above)
        if "sentence" not in found or b"Copyright" in sheet.pieces[above]:
            continue
        rule: Rule = ("like", above, found.index("sentence") + 1)
        if new and not added:
            added = True
            yield "last", rule
        elif not new:
            near = True
            yield "near", rule
        if added and near:
            return


def _words_above(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """Under a word of the string literal in the line above."""
    above = sheet.before(line)
    if above < 0 or b'"' not in b"".join(sheet.pieces[above]):
        return
    for at in range(1, min(6, len(sheet.pieces[above]))):
        yield f"word{at}", ("column", above, at, 0, "same")


def _nested(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
    """As deep as the conditions around the directive."""
    place = sheet.places[line]
    if place.sibling >= 0:
        yield "sibling", ("nested", place.sibling, 0)
    if place.parent >= 0:
        yield "parent", ("nested", place.parent, 1)
        yield "level", ("nested", place.parent, 0)


def _old(text: bytes, pieces: Pieces, at: int, name: str) -> Iterator[tuple[str, Rule]]:
    """The gap of the line this one stands for."""
    words = text.split()
    for other in range(1, len(words)):
        both = words[other - 1] == pieces[at - 1], words[other] == pieces[at]
        if all(both):
            blanks = gap_of(text, other)[0]
            yield f"{name}2{'' if blanks == b' ' else 'w'}", ("is", blanks)
            return
    from_end = len(words) - (len(pieces) - at)
    for other in (at, from_end):
        if 0 < other < len(words) and (
            words[other - 1] == pieces[at - 1] or words[other] == pieces[at] or other == at
        ):
            blanks, _, column = gap_of(text, other)
            exact = words[other - 1] == pieces[at - 1] or words[other] == pieces[at]
            yield f"{name}{int(exact)}{'' if blanks == b' ' else 'w'}", ("is", blanks)
            if blanks != b" ":
                yield f"{name}c", ("pad", column, b"\t" in blanks)
            return


def _columns(sheet: Sheet, line: int, at: int, names: list[str]) -> Iterator[tuple[str, Rule]]:
    """The columns of the same kind of gap in the lines around."""
    kind = names[at - 1]
    rank = names[: at - 1].count(kind)
    for direction, name in ((-1, "up"), (1, "down")):
        seen = 0
        other = line + direction
        while 0 <= other < len(sheet.texts) and abs(other - line) < 30 and seen < 3:
            pieces = sheet.pieces[other]
            if seen and pieces in ((), (b"*",)):
                break
            if pieces and (direction < 0 or other not in sheet.given):
                found = kinds_in(sheet, other)
                same = [number for number, one in enumerate(found) if one == kind]
                if len(same) > rank:
                    gap = same[rank] + 1
                    yield f"{name}{seen}{'' if other == line + direction else '-'}", (
                        "follow", other, gap,
                    )  # fmt: skip
                    if seen == 0:
                        blanks, _, column = gap_of(sheet.texts[other] or b"", gap)
                        yield f"{name}like", ("like", other, gap)
                        if blanks == b" ":
                            yield f"{name}col", ("column", other, gap, 0, "tabs")
                        else:
                            yield f"{name}other", ("pad", column, b"\t" not in blanks)
                    seen += 1
                elif kind not in ALIGNED:
                    seen += 1
            other += direction


def _any_column(sheet: Sheet, line: int, at: int, left: bytes) -> Iterator[tuple[str, Rule]]:
    """Where a word stands behind a run of blanks in the lines around."""
    here = width(left)
    word = sheet.pieces[line][at]
    for step, name in ((-1, "over"), (1, "below")):
        seen = 0
        for other in range(line + step, line + 5 * step, step):
            if not 0 <= other < len(sheet.texts) or (step > 0 and other in sheet.given):
                continue
            text = sheet.texts[other]
            if text is None or not (b"  " in text.strip() or b"\t" in text.strip()):
                continue
            seen += 1
            for gap in range(1, len(sheet.pieces[other])):
                blanks, _, column = gap_of(text, gap)
                if column > here + 1 and blanks != b" ":
                    same = sheet.pieces[other][gap] == word
                    yield f"{name}{'same' if same else seen}", ("follow", other, gap)
                    if not same:
                        break
            if seen == 2:
                break
