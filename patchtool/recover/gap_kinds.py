# SPDX-License-Identifier: GPL-2.0-or-later
"""What kind of gap stands between two words of a line: told from the words alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.recover.plain import PLAIN

if TYPE_CHECKING:
    from patchtool.recover.nesting import Place
    from patchtool.recover.sheet import Pieces

BULLET = re.compile(rb"[-+*o]|\(?\w{1,2}[.):]|\(\w{1,3}\)|--")
_SHORT = frozenset([b"e.g.", b"i.e.", b"vs.", b"etc.", b"..."])
_ASSIGNED = frozenset([b"=", b":=", b"+=", b"?="])
_NAME = re.compile(rb"[*(]*\w+")
#: Kinds of gap that are often aligned with those of the lines around.
ALIGNED = frozenset(
    ["trailing", "backslash", "define", "value", "init", "enum", "member", "decl", "row", "dash",
     "argument", "assign", "proto", "item", "bullet", "hung", "lead", "option"]
)  # fmt: skip


def kinds(pieces: Pieces, place: Place) -> list[str]:
    """The kind of each gap of a line; the first entry is for the gap behind the first word."""
    found = []
    comment = place.kind == "inside"
    quoted = False
    first = pieces[0] if pieces else b""
    for at in range(1, len(pieces)):
        left, right = pieces[at - 1], pieces[at]
        if (
            not comment and not quoted and b"/*" in left and b"*/" not in left.split(b"/*")[-1]
        ) or (not comment and not quoted and left[:2] == b"//"):
            comment = True
        elif comment and left.endswith(b"*/"):
            comment = False
        if not comment and _quotes(left):
            quoted = not quoted
        found.append(_kind(pieces, place, at, left, right, comment, quoted, first))
    return found


def _quotes(piece: bytes) -> bool:
    """Whether a word opens or closes a string literal."""
    return (piece.replace(b"\\\\", b"").replace(b'\\"', b"").replace(b"'\"'", b"")).count(
        b'"'
    ) % 2 == 1


def _kind(
    pieces: Pieces, place: Place, at: int, left: bytes, right: bytes, comment: bool,
    quoted: bool, first: bytes,
) -> str:  # fmt: skip
    if right == b"\\" and at == len(pieces) - 1:
        return "backslash"
    if comment:
        return _of_comment(at, left, right)
    if quoted:
        return _of_string(left, right)
    if place.kind in PLAIN:
        return "assign" if right in _ASSIGNED else "sentence" if left[-1:] == b"." else "comment"
    if right[:2] in (b"/*", b"//"):
        return "trailing"
    if first[:1] == b"#":
        return _of_directive(pieces, at)
    return _of_code(pieces, place, at, left, right)


def _of_comment(at: int, left: bytes, right: bytes) -> str:
    if at == 1 and left in (b"*", b"/*", b"/**", b"//", b"/*!"):
        if right[:1] == b"@":
            return "tag"
        return "item" if BULLET.fullmatch(right) else "star"
    if at == 2 and left != b"*" and BULLET.fullmatch(left):
        return "bullet"
    if right in (b"-", b":", b"=", b"--", b"->"):
        return "dash"
    if right == b"*/":
        return "comment"
    if left.rstrip(b")\"'")[-1:] in (b".", b"?", b"!") and left not in _SHORT:
        return "sentence"
    if left[:1] == b"@" or (left[-1:] == b":" and at <= 2):
        return "argument"
    return "comment"


def _of_string(left: bytes, right: bytes) -> str:
    if left[-1:] == b'"':
        return "lead"
    bare = left.lstrip(b'"')
    if (bare[:1] == b"-" or bare[-1:] in (b">", b"]")) and right[:1] not in (b"-", b"[", b"<"):
        return "option"
    return "sentence" if left[-1:] == b"." and len(left) > 2 else "string"


def _of_directive(pieces: Pieces, at: int) -> str:
    if at == 1 and pieces[0] == b"#":
        return "nested"
    if pieces[0] != b"#define":
        return "hash"
    if at == 1:
        return "define"
    name = 1
    while name < len(pieces) - 1 and b"(" in pieces[1] and b")" not in pieces[name]:
        name += 1
    return "value" if at == name + 1 else "code"


def _of_code(pieces: Pieces, place: Place, at: int, left: bytes, right: bytes) -> str:
    if right in (b"=", b":") or right[:1] == b"=":
        return _of_equals(place, right)
    if place.block == "init":
        return "row" if left.endswith(b",") or at == 1 else "code"
    if place.kind not in ("statement", "continuation"):
        return "code"
    if place.block == "struct" and not any(b"(" in piece for piece in pieces[:at]):
        return _of_member(pieces, at, right)
    if pieces[0] in (b"return", b"goto", b"else", b"if", b"case", b"while", b"for", b"do"):
        return "code"
    declared = all(_NAME.fullmatch(piece) and b"(" not in piece for piece in pieces[:at])
    if declared and _NAME.match(right) and not any(b"=" in piece for piece in pieces[:at]):
        if place.block == "top":
            return "proto" if b"(" in right else "global"
        return "decl"
    return "code"


def _of_equals(place: Place, right: bytes) -> str:
    if place.block in ("init", "enum"):
        return place.block
    return "assign" if right[:1] == b"=" else "code"


def _of_member(pieces: Pieces, at: int, right: bytes) -> str:
    rest = [piece for piece in pieces[at:] if piece[:2] not in (b"/*", b"//")]
    last = right.endswith((b";", b",")) or b"(" in right or len(rest) == 1
    return "member" if last else "type"
