# SPDX-License-Identifier: GPL-2.0-or-later
"""How likely a line ends or begins between two words, in bits. Pure.

The figures are rough ones for C as the kernel, git and curl write it: that an identifier ends
a line of code is one case in twenty, that a semicolon does is nearly certain.
"""

from __future__ import annotations

import re
from enum import IntEnum


class End(IntEnum):
    """What the line before says of the next one: it is empty, opens a block, goes on, and so on.

    ``GAP`` is an empty line behind a change.
    """

    ANY, EMPTY, OPENS, GOES_ON, DECLARES, CLOSES, DIRECTS, GAP = range(8)


class Kind(IntEnum):
    """What a line begins with."""

    OTHER, DIRECTIVE, DECLARATION, CONTROL, CLOSE, COMMENT = range(6)


_KEYWORDS = frozenset(
    b"if for while do else return switch case default goto break continue static struct union "
    b"enum typedef extern const void unsigned signed int char long short bool u8 u16 u32 u64 "
    b"inline volatile".split()
)
_TYPES = frozenset(
    b"struct union enum const void unsigned signed int char long short bool u8 u16 u32 u64 s8 s16 "
    b"s32 s64 size_t ssize_t static gfp_t FILE float double uint32_t uint64_t time_t".split()
)
_CONTROLS = frozenset([b"if", b"for", b"while", b"else", b"switch", b"do"])
_ENDING = frozenset([b"else", b"do", b"int", b"void", b"bool", b"inline", b"static"])
_OPERATOR = frozenset(b"&|=+-*/%<>?!^~")
_IMPOSSIBLE = 14.0
_NAME = re.compile(rb"[A-Za-z_]\w*")
_NAMED = re.compile(rb"\**[A-Za-z_]\w*(?:[\[;,=]|$)")
_NO_TYPES = frozenset([b"return", b"goto", b"case", b"typedef", b"extern", b"sizeof", b"else"])


def ends(word: bytes, kind: Kind, *, comment: bool) -> float:
    """The cost of a line of code that ends with *word*."""
    last = word[-1:]
    if comment or last in b";{}\\" or word.endswith(b"*/"):
        return 0.0
    if last in b",:)":
        return 0.7 if last == b")" else 0.5
    if kind == Kind.DIRECTIVE or word in _ENDING:
        return 1.0
    if last == b'"':
        return 1.5
    return 2.0 if last[0] in _OPERATOR or last == b"(" else 4.5


def begins(word: bytes, *, column: bool, comment: bool) -> float:
    """The cost of an added line whose first word is *word*; *column*: with nothing before it."""
    first = word[:1]
    if comment:
        return 0.0 if first == b"*" else 3.0 if column else 1.5
    if first.isalpha() or first in b"_{}#" or word.startswith((b"/*", b"//")):
        return 0.3 * column
    if column:
        return 5.0 if first in b"\"'*(" else 10.0
    if first in b"+-":
        changes = word.startswith((b"++", b"--")) and len(word) > 2
        return 1.0 if changes else 8.0 if first == b"-" else _IMPOSSIBLE
    if first in b"*(&\"'.|":
        return 0.5 * (first in b"\"'.|")
    return 4.0 if first.isdigit() else 6.0 if first in b"=;," else 1.5


def inside(before: bytes, word: bytes, after: bytes, kind: Kind, *, comment: bool) -> float:
    """The cost of a line of code of this *kind* that goes on with *word*."""
    if word[:1] != b"+":
        return _stays(before, word, after, comment=comment)
    cost = 2.0 * (kind == Kind.DIRECTIVE)
    if comment:
        return cost + (5.0 if word == b"+" else 6.0) + 5.0 * (after[:1] == b"*")
    if before in (b"#else", b"#endif"):
        return _IMPOSSIBLE
    if word == b"+":
        cost += 8.0 * (before[-1:] == b'"' and after[:1] == b'"')
        return cost + _operand_ends(before) + _operand_begins(after)
    if word.startswith((b"+=", b"++")):
        return cost + (word[1:2] == b"+")
    if word[1:2].isdigit():
        return cost + 1.5
    return cost + (5.0 if word[1:2] in b"\"'(" else 7.0 + _operand_ends(before) / 2)


def _stays(before: bytes, word: bytes, after: bytes, *, comment: bool) -> float:
    if comment:
        return 4.0 if word[:1] == b"*" else 0.5
    if word == b"-":
        return _operand_ends(before) + _operand_begins(after)
    if word[:1] == b"-":
        return 0.5 if word.startswith((b"--", b"->", b"-=")) or word[1:2].isdigit() else 3.0
    if before[-1:] in b";{}\\" or before.endswith(b"*/"):
        return 0.5 if word.startswith((b"/*", b"//")) else 4.0
    return 0.2


def _operand_ends(word: bytes) -> float:
    """The cost of a word in front of a binary operator."""
    last = word[-1:]
    if last.isalnum() or last in b"_)]\"'":
        return 3.0 if word in _KEYWORDS else 0.5
    return _IMPOSSIBLE if last in b";{}\\," or word.endswith(b"*/") else 7.0


def _operand_begins(word: bytes) -> float:
    """The cost of a word behind a binary operator."""
    first, name = word[:1], _NAME.match(word)
    if name is not None or first.isdigit():
        return 7.0 if name is not None and name[0] in _KEYWORDS else 0.0
    if word.startswith((b"/*", b"//", b"&&", b"*/", b"!=")):
        return 4.5
    return 0.5 if first in b"(\"'&~!\\-*" else _IMPOSSIBLE if first in b"#{}" else 6.0


#: The cost of an empty line behind a line of each End.
_EMPTY = (1.0, 5.0, 5.0, 7.0, 0.5, 0.7, 0.7, 5.0)


def follows(before: End, kind: Kind | None, *, column: bool, comment: bool) -> float:
    """The cost of a line of this *kind* behind one that ended with *before*; None: an empty one."""
    if kind is None:
        return _EMPTY[before] + 10.0 * comment
    if before in (End.EMPTY, End.GAP):
        return 3.0 if kind == Kind.CLOSE else 1.5 * (kind == Kind.DECLARATION and not column)
    if before == End.DECLARES and kind not in (Kind.DECLARATION, Kind.CLOSE):
        return 0.5 if kind == Kind.COMMENT else 1.5
    if before == End.CLOSES and column and kind not in (Kind.CLOSE, Kind.DIRECTIVE):
        return 2.0
    return 1.0 * (before == End.DIRECTS and column and kind == Kind.DECLARATION)


def kind_of(word: bytes, second: bytes) -> Kind:
    """What a line is that begins with *word*, and goes on with *second* (empty: it ends)."""
    first = word[:1]
    if first == b"#":
        return Kind.DIRECTIVE
    if first == b"}":
        return Kind.CLOSE
    if first == b"/" and word.startswith((b"/*", b"//")):
        return Kind.COMMENT
    name = word.partition(b"(")[0]
    if name in _TYPES:
        return Kind.DECLARATION
    if name in _CONTROLS:
        return Kind.CONTROL
    if name == word and word not in _NO_TYPES and _NAME.fullmatch(word) and _NAMED.match(second):
        return Kind.DECLARATION
    return Kind.OTHER


def end_of(kind: Kind, word: bytes) -> End:
    """How a line of this *kind* ended whose last word is *word*."""
    last = word[-1:]
    if kind == Kind.DIRECTIVE:
        return End.GOES_ON if last == b"\\" else End.DIRECTS
    if last == b"{":
        return End.OPENS
    if last == b"}" or word == b"};":
        return End.CLOSES
    if last == b";":
        return End.DECLARES if kind == Kind.DECLARATION else End.ANY
    if last == b"," or word == b"else" or (last == b")" and kind == Kind.CONTROL):
        return End.GOES_ON
    if last in b"\\(" or (last[0] in _OPERATOR and not word.endswith(b"*/")):
        return End.GOES_ON
    return End.ANY


def opens_comment(word: bytes) -> bool | None:
    """Whether a comment is open behind *word*; None if it says nothing of that."""
    start, end = word.rfind(b"/*"), word.rfind(b"*/")
    if start < 0 and end < 0:
        return None
    return start >= 0 and end < start + 2
