# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand between two words of an added line: candidates, each with its sign.

The words tell what kind of gap it is; most kinds are a single blank, some are padded to a column
that several rows share. A row below a padded one goes to its column; the first row of a group is
tried with the columns that the longest of them needs. Signs are as in :mod:`.indents`.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from patchtool.core.columns import TAB, aligned, gap_of, indent_of, to_column, width
from patchtool.recover.indents import BULLET, STAR, leads, under_words
from patchtool.recover.syntax import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.recover.indents import Signed
    from patchtool.recover.sheet import Pieces, Sheet
    from patchtool.recover.syntax import Place

#: A line, which of its gaps is meant, and whether it is in the group of rows looked from.
Row = tuple[int, int, bool]

_SHORT = frozenset([b"e.g.", b"i.e.", b"vs.", b"etc.", b"..."])
_ASSIGNED = frozenset([b"=", b":=", b"+=", b"?="])
_KEYWORDS = frozenset(b"return goto else if case while for do".split())
_NAME = re.compile(rb"[*(]*\w+")
_QUOTE = re.compile(rb"(?<!\\)(?:\\\\)*+(?<!')\"")
#: Kinds of gap that are often aligned with those of the lines around; of these, those that not
#: every row of a group needs to have.
_LOOSE = frozenset(["trailing", "dash", "argument", "member", "backslash", "item", "bullet"])
_ALIGNED = _LOOSE | {
    "define", "value", "init", "enum", "decl", "row", "assign", "proto", "option",
}  # fmt: skip
#: Kinds that go to no column of other rows.
ALONE = frozenset(["comment", "code", "string", "hash"])
#: Kinds that a run of blanks in a line around may show the column of.
_SOLE = ALONE - {"hash"} | {"literal", "star", "item", "dash", "row", "sentence"}
#: So much white space for no other reason.
_COUNTED = {
    "two": b"  ", "tab": b"\t", "tabs": b"\t\t", "tabss": b"\t\t\t", "three": b"   ",
    "four": b"    ",
}  # fmt: skip
#: Rows looked at on either side, and those that a row looks back at.
_REACH, _BACK, _FAR = 40, 4, 60


# --- what kind of gap it is


def kinds(pieces: Pieces, place: Place) -> list[str]:
    """The kind of each gap of a line; the first entry is for the gap behind the first word."""
    found = []
    comment = place.kind == "inside"
    quoted = False
    for at, (left, right) in enumerate(pairwise(pieces), 1):
        if comment:
            comment = not left.endswith(b"*/")
        elif not quoted:
            opened = b"/*" in left and b"*/" not in left.rpartition(b"/*")[2]
            comment = opened or left[:2] == b"//"
        if not comment:  # a word may open or close a string literal
            quoted ^= len(_QUOTE.findall(left)) % 2 == 1
        if right == b"\\" and at == len(pieces) - 1:
            kind = "backslash"
        elif comment:
            kind = _of_comment(at, left, right)
        elif quoted:
            bare = left.lstrip(b'"')
            option = (bare[:1] == b"-" or bare[-1:] in (b">", b"]")) and right[:1] not in b"-[<"
            ends = left[-1:] == b"." and left not in _SHORT
            kind = "option" if option else "sentence" if ends else "string"
            first = not b"".join(pieces[:at]).partition(b'"')[2]
            kind = "literal" if first else kind
        elif place.kind in PLAIN:
            plain = "sentence" if left[-1:] == b"." else "comment"
            kind = "assign" if right in _ASSIGNED else plain
        elif right[:2] in (b"/*", b"//"):
            kind = "trailing"
        else:
            kind = (_of_directive if pieces[0][:1] == b"#" else _of_code)(pieces, place, at)
        found.append(kind)
    return found


def kinds_in(sheet: Sheet, line: int) -> list[str]:
    """As :func:`kinds`, of a line of *sheet*."""
    if line not in sheet.kinds:
        sheet.kinds[line] = kinds(sheet.pieces[line], sheet.places[line])
    return sheet.kinds[line]


def _of_comment(at: int, left: bytes, right: bytes) -> str:
    if at == 1 and left in (b"*", b"/*", b"/**", b"//"):
        return "item" if BULLET.fullmatch(right) else "star"
    if at == 2 and left != b"*" and BULLET.fullmatch(left):
        return "bullet"
    if right in (b"-", b":", b"=", b"--", b"->"):
        return "dash"
    if left.rstrip(b")\"'")[-1:] in (b".", b"?", b"!") and left not in _SHORT:
        return "sentence"
    return "argument" if left[:1] == b"@" or (left[-1:] == b":" and at <= 2) else "comment"


def _of_directive(pieces: Pieces, _: Place, at: int) -> str:
    if pieces[0] != b"#define":
        return "hash"
    if at == 1:
        return "define"
    name = 1
    while name < len(pieces) - 1 and b"(" in pieces[1] and b")" not in pieces[name]:
        name += 1
    return "value" if at == name + 1 else "code"


def _of_code(pieces: Pieces, place: Place, at: int) -> str:
    right, block = pieces[at], place.block
    if right[:1] == b"=" or right == b":":
        return block if block in ("init", "enum") else "assign" if right != b":" else "code"
    if block == "init":
        return "row" if pieces[at - 1].endswith(b",") or at == 1 else "code"
    before = b"".join(pieces[:at])
    if place.kind not in ("statement", "continuation"):
        return "code"
    if block == "struct" and b"(" not in before:
        rest = [piece for piece in pieces[at:] if piece[:2] not in (b"/*", b"//")]
        last = right.endswith((b";", b",")) or b"(" in right or len(rest) == 1
        return "member" if last else "code"
    named = all(_NAME.fullmatch(piece) for piece in pieces[:at]) and b"(" not in before
    if pieces[0] in _KEYWORDS or not named or not _NAME.match(right):
        return "code"
    return "proto" if block == "top" and b"(" in right else "decl"


# --- what may stand there


def gaps(sheet: Sheet, line: int, at: int, left: bytes) -> list[Signed]:
    """What may stand in gap *at* of *line* behind *left*."""
    kind = kinds_in(sheet, line)[at - 1]
    wide = kind in _ALIGNED or kind == "star"
    pieces, old = sheet.pieces[line], sheet.alike.get(line)
    found = [
        *(_columns(sheet, line, at, left) if wide else ()),
        *(leads(sheet, line, left) if kind in ("star", "item") else ()),
        *(_any_column(sheet, line, at, left) if kind in _SOLE else ()),
        *(under_words(sheet, line, at) if kind == "literal" else ()),
        *(_again(sheet, line) if kind == "sentence" else ()),
        *(_old(old, pieces, at, left) if old is not None else ()),
    ]
    if (donor := sheet.donors.lines.get(pieces)) is not None:
        blanks = gap_of(donor, at)[0]
        found.append((f"donor{'' if blanks == b' ' else 'w'}", blanks))
    told = {text for _, text in found}
    counted = [*_COUNTED.items()] if wide else [*_COUNTED.items()][:2]
    return [*found, ("one", b" "), *(entry for entry in counted if entry[1] not in {*told, b" "})]


def _rows(sheet: Sheet, line: int, step: int, kind: str, rank: int) -> list[Row]:
    """The lines around that have a gap of this kind, the nearest first."""
    found: list[Row] = []
    group = True
    for other in range(line + step, line + step * _REACH, step):
        if not 0 <= other < len(sheet.pieces):
            break
        pieces = sheet.pieces[other]
        if pieces in ((), STAR):
            if found:
                break
            group = False
            continue
        same = [at for at, one in enumerate(kinds_in(sheet, other), 1) if one == kind]
        headed = kind in ("star", "item") and pieces[-1][-1:] == b":"
        group = group and not headed and (len(same) > rank or kind in _LOOSE)
        if len(same) > rank:
            found.append((other, same[rank], group))
    return found


def _columns(sheet: Sheet, line: int, at: int, left: bytes) -> Iterator[Signed]:
    """The columns of the rows around."""
    names = kinds_in(sheet, line)
    kind = names[at - 1]
    rank = names[: at - 1].count(kind)
    above, below = (_rows(sheet, line, step, kind, rank) for step in (-1, 1))
    known = [row for row in below if row[0] not in sheet.added]
    for name, rows in (("up", above[:3]), ("down", known[:1])):
        for number, (other, gap, _) in enumerate(rows):
            blanks, _, column = gap_of(sheet.text(other), gap)
            far = "" if abs(other - line) == 1 else "-"
            yield f"{name}{number}{far}", aligned(left, blanks, column)
            if number == 0:
                yield f"{name}like", blanks
    seen = [gap_of(sheet.text(other), gap) for other, gap, group in above if group]
    columns = {column for _, _, column in seen}
    if seen:
        near = next((one for one in seen[:_BACK] if one[0] != b" "), None)
        name = "grid" if near else "bare" if len(seen) == 1 else "bares"
        text = aligned(left, near[0], near[2]) if near else b" "
        yield from ((name, text), ("rows", text))
        if near and len(seen) > 1 == len(columns):
            yield "even", text
    starts = [width(left), *(start for _, start, _ in seen)]
    starts += [_start(sheet, row, (line, at), left) for row in below if row[2]]
    if len(starts) > 1 and all(blanks == b" " for blanks, _, _ in seen):
        sheet.lists = sheet.lists or kind != "star"
        listed = kind == "dash" and len(starts) > 2
        yield from _padded(sheet, left, starts, columns, listed=listed)


def _start(sheet: Sheet, row: Row, own: tuple[int, int], left: bytes) -> int:
    """The column in which the gap of a row below begins, if that is indented as the *own* one."""
    other, gap, _ = row
    line, at = own
    if other not in sheet.added:
        return gap_of(sheet.text(other), gap)[1]
    words = sheet.pieces[other][:gap]
    front = indent_of(left)
    if at > 1 and gap > 1 and words[0] == b"*" == sheet.pieces[line][0]:
        front, words = left[: len(left) - len(left.split(None, 1)[1])], words[1:]
    elif sheet.added[other].indented is False:
        front = b""
    return width(front + b" ".join(words))


def _padded(
    sheet: Sheet, left: bytes, starts: Sequence[int], torn: set[int], *, listed: bool
) -> Iterator[Signed]:
    """The columns to which rows may be padded; those of the rows above, if any, are *torn*."""
    widest, uneven = max(starts), len(set(starts)) > 1
    stop = (widest // TAB + 1) * TAB
    for name, column, tabs in (
        ("tab", stop, True), ("tab2", stop + TAB, True), ("blank", widest + 1, False),
        ("blank2", widest + 2, False), ("blank3", widest + 3, False), ("mixed", widest + 1, True),
        ("stop", stop, False),
    ):  # fmt: skip
        text = to_column(left, column, tabs=tabs)
        yield f"{'h' if torn else 'g'}{name}", text
        if torn:
            yield ("fits" if torn == {column} else "torn"), text
        how = "tabs" if name[:3] == "tab" else "blanks" if torn or not tabs else ""
        if uneven and how and how == sheet.neat and torn <= {column}:
            yield "neat", text
        if uneven and listed:
            yield "list", text


def _old(text: bytes, pieces: Pieces, at: int, left: bytes) -> Iterator[Signed]:
    """The gap of the removed line that this one stands for."""
    words = text.split()
    for other in range(1, len(words)):
        if words[other - 1] == pieces[at - 1] and words[other] == pieces[at]:
            blanks = gap_of(text, other)[0]
            yield f"alike2{'' if blanks == b' ' else 'w'}", blanks
            return
    for other in (at, len(words) - (len(pieces) - at)):
        if not 0 < other < len(words):
            continue
        exact = words[other - 1] == pieces[at - 1] or words[other] == pieces[at]
        if exact or other == at:
            blanks, _, column = gap_of(text, other)
            yield f"alike{int(exact)}{'' if blanks == b' ' else 'w'}", blanks
            if blanks != b" ":
                yield "alikec", aligned(left, blanks, column)
            return


def _any_column(sheet: Sheet, line: int, at: int, left: bytes) -> Iterator[Signed]:
    """Where a word stands behind a run of blanks in the lines around."""
    here, word = width(left), sheet.pieces[line][at]
    for step, name in ((-1, "over"), (1, "below")):
        for other in range(line + step, line + 5 * step, step):
            if not 0 <= other < len(sheet.texts) or (step > 0 and other in sheet.added):
                continue
            bare = sheet.text(other).strip()
            if b"  " not in bare and b"\t" not in bare:
                continue
            for gap in range(1, len(sheet.pieces[other])):
                blanks, _, column = gap_of(sheet.text(other), gap)
                if column > here + 1 and blanks != b" ":
                    same = sheet.pieces[other][gap] == word
                    yield f"{name}{'same' if same else ''}", aligned(left, blanks, column)
                    if not same:
                        break
            break


def _again(sheet: Sheet, line: int) -> Iterator[Signed]:
    """What stands behind the last sentence above, in a comment behind the last one of it."""
    place = sheet.places[line]
    top = place.parent - 1 if place.kind == "inside" else -1
    for above in range(line - 1, max(top, line - _FAR), -1):
        if "sentence" in (names := kinds_in(sheet, above)):
            yield "again", gap_of(sheet.text(above), names.index("sentence") + 1)[0]
            return
