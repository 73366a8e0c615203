# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand between two words of an added line: candidates, and what speaks for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.recover.blanks import Candidate, Rule, collected
from patchtool.recover.gap_kinds import ALIGNED, BULLET, kinds
from patchtool.recover.style import TAB, gap_of, reach, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.sheet import Pieces, Sheet


def kinds_in(sheet: Sheet, line: int) -> list[str]:
    """As `kinds`; a line of text below a list item that is still open is ``hung``."""
    if line in sheet.names:
        return sheet.names[line]
    found = sheet.names[line] = kinds(sheet.pieces[line], sheet.places[line])
    if found and found[0] == "star" and any(name == "hang" for name, _ in _hang(sheet, line)):
        found[0] = "hung"
    return found


def gap_by(rule: Rule, sheet: Sheet, left: bytes) -> bytes:
    """The white space that a rule makes behind *left*."""
    match rule:
        case ("is", bytes(text)):
            return text
        case ("like", int(line), int(at)):
            return gap_of(sheet.texts[line] or b"", at)[0]
        case ("follow", int(line), int(at)):
            blanks, _, column = gap_of(sheet.texts[line] or b"", at)
            if blanks == b" ":
                return blanks
            here = width(left)
            if column <= here:
                return b" "
            return reach(here, column, tabs=b"\t" in blanks)
        case ("column", int(line), int(at), int(more), str(how)):
            blanks, _, column = gap_of(sheet.texts[line] or b"", at)
            here = width(left)
            column += more
            tabs = how == "tabs" or (how == "same" and (b"\t" in left or b"\t" in blanks))
            return reach(here, column, tabs=tabs) if column > here else b" "
        case ("left", int(at)):
            return gap_of(left, at)[0]
        case ("nested", int(line), int(more)):
            text = sheet.texts[line] or b""
            pieces = sheet.pieces[line]
            own = gap_of(text, 1)[0] if pieces and pieces[0] == b"#" else b""
            return own + b" " * more
        case ("pad", int(column), bool(tabs)):
            here = width(left)
            return reach(here, column, tabs=tabs) if column > here else b" "
    raise AssertionError(rule)


def gaps(sheet: Sheet, line: int, at: int, left: bytes, names: list[str]) -> list[Candidate]:
    """What may stand in gap *at* of *line* behind *left*."""
    found = [
        (name, rule, gap_by(rule, sheet, left))
        for name, rule in _rules(sheet, line, at, left, names)
    ]
    return collected([entry for entry in found if entry[2]], sheet)


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
        yield from _columns(sheet, line, at, names)
    if kind == "lead":
        yield from _words_above(sheet, line)
    if kind in ("star", "item", "hung"):
        yield from _hang(sheet, line)
    if kind in ("comment", "string", "star", "hung", "item", "code", "dash", "row", "sentence"):
        yield from _any_column(sheet, line, at, left)
    old = sheet.alike.get(line)
    if old is not None:
        yield from _old(old, pieces, at, "alike")
    donor = sheet.donors.lines.get(pieces)
    if donor is not None:
        yield "donor", ("is", gap_of(donor, at)[0])
    yield from _plain(sheet, line, at, left, names)


def _plain(
    sheet: Sheet, line: int, at: int, left: bytes, names: list[str]
) -> Iterator[tuple[str, Rule]]:
    """What any gap may hold: so many blanks, tabs, the columns the file uses."""
    kind = names[at - 1]
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
        yield from _group(sheet, line, at, left, names)


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


def _hang(sheet: Sheet, line: int) -> Iterator[tuple[str, Rule]]:
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
            yield f"{name}item", ("column", above, 1, 0, "same")
            return
        if name == "hang" and len(pieces) > 3 and pieces[2] == b"-":
            yield "title", ("column", above, 3, 0, "tabs")
            yield "titleb", ("column", above, 3, 0, "blanks")
            return
        if len(pieces) > 2 and pieces[1][:1] == b"@":
            yield f"{name}@", ("column", above, 2, 0, "same")
            if name == "hang":
                yield "hang@-1", ("column", above, 2, -1, "same")
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
            yield f"{name}2", ("is", gap_of(text, other)[0])
            return
    from_end = len(words) - (len(pieces) - at)
    for other in (at, from_end):
        if 0 < other < len(words) and (
            words[other - 1] == pieces[at - 1] or words[other] == pieces[at] or other == at
        ):
            blanks, _, column = gap_of(text, other)
            exact = words[other - 1] == pieces[at - 1] or words[other] == pieces[at]
            yield f"{name}{int(exact)}", ("is", blanks)
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
            elif not pieces and seen:
                break
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


def _group(
    sheet: Sheet, line: int, at: int, left: bytes, names: list[str]
) -> Iterator[tuple[str, Rule]]:
    """The column that the added lines around need for this kind of gap."""
    kind = names[at - 1]
    rank = names[: at - 1].count(kind)
    indent = left[: len(left) - len(left.lstrip())]
    widest = width(left)
    members = 1
    for below in range(line + 1, min(line + 60, len(sheet.texts))):
        pieces = sheet.pieces[below]
        if not pieces or below not in sheet.given:
            break
        found = kinds_in(sheet, below)
        same = [number for number, one in enumerate(found) if one == kind]
        if len(same) <= rank:
            if kind == "trailing":
                continue
            break
        start = indent if sheet.given[below].indented is not False else b""
        widest = max(widest, width(start + b" ".join(pieces[: same[rank] + 1])))
        members += 1
    if members == 1:
        return
    stop = (widest // TAB + 1) * TAB
    yield "gtab", ("pad", stop, True)
    yield "gtab2", ("pad", stop + TAB, True)
    yield "gblank", ("pad", widest + 1, False)
    yield "gblank2", ("pad", widest + 2, False)
    yield "gmixed", ("pad", widest + 1, True)
    yield "gstop", ("pad", stop, False)
