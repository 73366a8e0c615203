# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows that are padded to one column: lists, initialisers, macros. One choice for all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.recover.gap_kinds import ALIGNED
from patchtool.recover.style import TAB, gap_of, to_column, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchtool.recover.blanks import Rule
    from patchtool.recover.sheet import Sheet

    Names = Callable[[Sheet, int], list[str]]

#: Rows looked at on either side.
_REACH = 40
#: Rows that a row looks back at.
_BACK = 4
_STAR = (b"*",)
#: White space to some column; two blanks behind a sentence are none.
_PADDED = re.compile(rb"[^\s.?!]( +\t[ \t]*|\t[ \t]*|  +)")
#: Kinds of gap that not every row of a group needs to have.
_LOOSE = frozenset(["trailing", "dash", "argument", "member", "backslash", "item", "bullet"])
#: A row's line, and which of its gaps it is.
Row = tuple[int, int]


def rows(
    sheet: Sheet, line: int, kind: str, rank: int, names: Names
) -> tuple[list[Row], list[Row]]:
    """The rows of the group that *line* is in, above it and below it; the nearest first.

    Args:
        sheet: The new file.
        line: A row.
        kind: What kind of gap it is.
        rank: How many gaps of that kind stand before it.
        names: The kinds of a line's gaps.
    """
    return (
        list(_rows(sheet, line, -1, (kind, rank), names)),
        list(_rows(sheet, line, 1, (kind, rank), names)),
    )


def _rows(sheet: Sheet, line: int, step: int, gap: tuple[str, int], names: Names) -> Iterator[Row]:
    kind, rank = gap
    other = line
    for _ in range(_REACH):
        other += step
        if not 0 <= other < len(sheet.pieces):
            return
        pieces = sheet.pieces[other]
        if not pieces or pieces == _STAR:
            return
        if kind in ("star", "item", "hung") and pieces[-1][-1:] == b":":
            return
        same = [at for at, one in enumerate(names(sheet, other), 1) if one == kind]
        if len(same) > rank:
            yield other, same[rank]
        elif kind not in _LOOSE:
            return


def rows_by(rule: Rule, sheet: Sheet, left: bytes) -> bytes:
    """White space to the column of the nearest row that is padded; a blank if none is."""
    for line, at in zip(rule[1::2], rule[2::2], strict=True):
        blanks, _, column = gap_of(sheet.texts[int(line)] or b"", int(at))
        if blanks != b" ":
            return to_column(left, column, tabs=b"\t" in blanks)
    return b" "


def joined(
    sheet: Sheet, line: int, at: int, left: bytes, names: Names
) -> Iterator[tuple[str, Rule]]:
    """The one column of a group.

    A row below a padded one goes to its column. Where none above is padded, all may still be:
    to the column that the longest of them needs, or somewhat further.
    """
    own = names(sheet, line)
    kind = own[at - 1]
    above, below = rows(sheet, line, kind, own[: at - 1].count(kind), names)
    seen = [gap_of(sheet.texts[other] or b"", gap) for other, gap in above]
    padded = [blanks != b" " for blanks, _, _ in seen]
    if seen:
        name = "grid" if any(padded[:_BACK]) else "bare" if len(seen) == 1 else "bares"
        rule: Rule = ("rows", *(number for row in above[:_BACK] for number in row))
        yield name, rule
        if any(padded) and len(seen) > 1 and len({column for _, _, column in seen}) == 1:
            yield "even", rule
    if (kind not in ALIGNED and kind != "star") or any(padded):
        return
    known = [row for row in below if row[0] not in sheet.given]
    if known and not seen:
        yield "gridb", ("follow", *known[0])
    starts = [width(left), *(start for _, start, _ in seen)]
    starts += [_start(sheet, row, (line, at), left) for row in below]
    if len(starts) > 1:
        uneven = len(set(starts)) > 1
        earlier = _earlier(sheet, line) if uneven and not seen else ""
        neat = sheet.neat if uneven and kind in ALIGNED else ""
        torn = {column for _, _, column in seen}
        yield from _columns(starts, torn, (line, at), below, earlier, neat)


def _start(sheet: Sheet, row: Row, own: Row, left: bytes) -> int:
    """The column in which the gap of a row below begins, if that is indented as the *own* one."""
    other, gap = row
    line, at = own
    if other not in sheet.given:
        return gap_of(sheet.texts[other] or b"", gap)[1]
    words = sheet.pieces[other][:gap]
    front = left[: len(left) - len(left.lstrip())]
    if at > 1 and gap > 1 and words[0] == b"*" == sheet.pieces[line][0]:
        front, words = left[: len(left) - len(left.split(None, 1)[1])], words[1:]
    elif sheet.given[other].indented is False:
        front = b""
    return width(front + b" ".join(words))


def padding(text: bytes) -> str:
    """How a line is padded: to a tab stop by ``tabs``, or by ``blanks``; empty if it is not."""
    found = _PADDED.search(text)
    return "" if found is None else "tabs" if found[1].endswith(b"\t") else "blanks"


def _earlier(sheet: Sheet, line: int) -> str:
    """How the nearest padded line added above is padded: who aligns one list aligns the next."""
    above = (other for other in range(line - 1, max(-1, line - _REACH), -1) if other in sheet.given)
    return next(filter(None, (padding(sheet.texts[other] or b"") for other in above)), "")


def widest_by(rule: Rule, sheet: Sheet, left: bytes) -> bytes:
    """White space to the column that the longest row of a group needs, or somewhat further."""
    _, line, at, name, *numbers = rule
    own = int(line), int(at)
    below = zip(map(int, numbers[::2]), map(int, numbers[1::2]), strict=True)
    widest = max(width(left), *(_start(sheet, row, own, left) for row in below))
    column, tabs = _COLUMNS[str(name)](widest)
    return to_column(left, column, tabs=tabs)


def _columns(
    starts: list[int], torn: set[int], own: Row, below: list[Row], earlier: str, neat: str
) -> Iterator[tuple[str, Rule]]:
    """The columns to which rows may be padded whose gaps begin in *starts*.

    Args:
        starts: Of the row in question first.
        torn: The columns of the rows above, of which none is padded.
        own: The row in question.
        below: The rows below it.
        earlier: How something above is padded; empty if nothing is.
        neat: How the rows are taken to be padded; empty if they need not be.
    """
    widest = max(starts)
    first = "h" if torn else "g"
    size = "2" if len(starts) == 2 else "s"
    for name, place in _COLUMNS.items():
        column, tabs = place(widest)
        rule: Rule = ("pad", column, tabs)
        if not torn:
            rule = ("widest", *own, name, *(number for row in below for number in row))
        yield f"{first}{name}", rule
        yield f"{first}{name}{size}", rule
        if torn:
            yield ("fits" if torn == {column} else "torn"), rule
        how = "tabs" if name[:3] == "tab" else "blanks"
        if how == neat and torn <= {column}:
            yield "neat", rule
        if earlier:
            yield ("again" if how == earlier else "unlike"), rule
        if own[1] == 2 and size == "s" and len(set(starts)) > 1:
            yield "list", rule
    if torn and torn != {widest + 1}:
        yield "loose", ("is", b" ")


def _stop(column: int) -> int:
    return (column // TAB + 1) * TAB


#: Where a group may be padded to whose longest row ends in a column, and whether by tabs.
_COLUMNS: dict[str, Callable[[int], tuple[int, bool]]] = {
    "tab": lambda widest: (_stop(widest), True),
    "tab2": lambda widest: (_stop(widest) + TAB, True),
    "blank": lambda widest: (widest + 1, False),
    "blank2": lambda widest: (widest + 2, False),
    "blank3": lambda widest: (widest + 3, False),
    "mixed": lambda widest: (widest + 1, True),
    "stop": lambda widest: (_stop(widest), False),
}
