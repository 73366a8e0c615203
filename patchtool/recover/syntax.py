# SPDX-License-Identifier: GPL-2.0-or-later
"""Where each line of a C file stands: told from its words alone, never from its blanks.

What ``#if`` opened is taken back at ``#else``: both branches start from the same state.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Kinds of lines that are no C.
PLAIN = frozenset(["attribute", "help", "text"])
_TOKEN = re.compile(
    rb"/\*.*?(?:\*/|$)|//.*|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[(){}\[\];]", re.DOTALL
)
_WORD = re.compile(rb"\w+")
_LABEL = re.compile(rb"[A-Za-z_]\w*:$")
_MACRO = re.compile(rb"#\s*define\s+\w+(?:\([^)]*\))?(.*)\\$", re.DOTALL)
_CONTROL = frozenset([b"if", b"for", b"while", b"switch", b"else", b"do"])
_DEEP = 60  # open blocks and conditions up to which ``#if`` keeps the state


@dataclass(slots=True)
class Place:
    """Where one line stands.

    Attributes:
        kind: ``blank``, ``statement``, ``body``, ``continuation``, ``parenthesis``, ``hanging``,
            ``open``, ``close``, ``case``, ``label``, ``comment``, ``inside``, ``directive``, or
            one of :data:`PLAIN`.
        parent: The line whose block, condition, comment or statement this one is in; -1 at
            the top. Of help text in a Kconfig file: the line with the word ``help``.
        sibling: The line before it that has the same rank; -1 if it is the first.
        opener: Line and character (blanks not counted) of the innermost open parenthesis.
        block: What the block around it is: ``top``, ``code``, ``switch``, ``struct``, ``enum``
            or ``init``.
        code: Characters in front of a comment that follows the code, blanks not counted.
    """

    kind: str
    parent: int = -1
    sibling: int = -1
    opener: tuple[int, int] | None = None
    block: str = "top"
    code: int = -1


@dataclass(slots=True)
class _Block:
    """An open brace: what it interrupts, the last line and case in it, its ``if`` lines."""

    start: int
    kind: str
    parens: list[tuple[int, int]]
    statement: int
    last: int = -1
    case: int = -1
    ifs: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """Everything that a directive like ``#else`` takes back."""

    blocks: list[_Block] = field(default_factory=lambda: [_Block(-1, "top", [], -1)])
    parens: list[tuple[int, int]] = field(default_factory=list)
    statement: int = -1
    controls: list[int] = field(default_factory=list)
    ready: bool = False  # the head of a control statement is complete
    first: bytes = b""
    assigned: bool = False
    called: bool = False  # its last parenthesis is closed

    def begin(self, statement: int = -1, *, assigned: bool = False) -> None:
        """Wait for a statement, or go on with the one that a block interrupted."""
        self.statement, self.assigned = statement, assigned
        self.ready, self.first = False, b""


def places(lines: Sequence[bytes], first: int = 0) -> list[Place]:
    """The place of each line of C; *lines* may have any blanks; the first is number *first*."""
    return _Scan().run(lines, first)


def _first(text: bytes) -> bytes:
    """The word that *text* begins with."""
    word = _WORD.match(text)
    return word[0] if word else b""


def _count(text: bytes) -> int:
    """Characters that are no blanks."""
    return len(text) - text.count(b" ") - text.count(b"\t")


class _Scan:
    def __init__(self) -> None:
        self.state = _State()
        self.branches: list[_State] = []
        self.bare: set[tuple[int, int]] = set()  # openers that end their line
        self.outside: _State | None = None  # what a macro's body interrupts
        self.comment = self.inside = -1
        self.at = 0

    def run(self, lines: Sequence[bytes], first: int) -> list[Place]:
        found = []
        for at, line in enumerate(lines, first):
            self.at = at
            bare = line.strip()
            found.append(self.place(bare))
            if self.outside is not None and not bare.endswith(b"\\") and self.comment < 0:
                self.state, self.outside = self.outside, None
        return found

    def place(self, bare: bytes) -> Place:
        if self.comment >= 0:
            place = Place("inside" if bare else "blank", self.comment, self.inside)
            self.inside = self.at if bare else self.inside
            end = bare.find(b"*/")
            if end >= 0:
                self.comment = self.inside = -1
                self.code(bare[end + 2 :].strip().removesuffix(b"\\"))
            return place
        if not bare:
            return Place("blank", block=self.state.blocks[-1].kind)
        if bare[:1] == b"#" and self.outside is None:
            return self.directive(bare)
        place = self.of_code(bare, self.state, self.state.blocks[-1])
        self.code(bare, place)
        return place

    def directive(self, bare: bytes) -> Place:
        word = _WORD.search(bare)
        name = word[0] if word else b""
        if name in (b"if", b"ifdef", b"ifndef"):
            if len(self.branches) + len(self.state.blocks) < _DEEP:
                self.branches.append(deepcopy(self.state))
        elif name in (b"else", b"elif") and self.branches:
            self.state = deepcopy(self.branches[-1])
        elif name == b"endif" and self.branches:
            self.branches.pop()
        elif name == b"define" and bare.endswith(b"\\"):
            self.outside, self.state = self.state, _State([_Block(self.at, "code", [], -1)])
            if (match := _MACRO.match(bare)) and match[1].strip():
                self.code(match[1])
        place = Place("directive", block=self.state.blocks[-1].kind)
        if (start := bare.find(b"/*")) >= 0:
            place.code = _count(bare[:start])
            self.comment = self.at if bare.find(b"*/", start) < 0 else -1
        return place

    def of_code(self, bare: bytes, state: _State, block: _Block) -> Place:
        if bare[:1] == b"}" and len(state.blocks) > 1:
            return Place("close", block.start, block.last, None, block.kind)
        if state.parens:
            opener = state.parens[-1]
            kind = "hanging" if opener in self.bare else "parenthesis"
            return Place(kind, state.statement, self.at - 1, opener, block.kind)
        if state.statement < 0:
            return self.of_statement(bare, block)
        if bare[:1] == b"{":
            return Place("open", state.statement, -1, None, block.kind)
        if state.ready:
            kind = "comment" if bare[:2] in (b"/*", b"//") else "body"
            return Place(kind, (state.controls or [state.statement])[-1], -1, None, block.kind)
        return Place("continuation", state.statement, self.at - 1, None, block.kind)

    def of_statement(self, bare: bytes, block: _Block) -> Place:
        first = _first(bare)
        if first == b"case" or re.match(rb"default\s*:", bare):
            place = Place("case", block.start, block.case, None, block.kind)
            block.case = block.last = self.at
            return place
        if first == b"else" and block.ifs:
            return Place("close", block.ifs[-1], -1, None, block.kind)
        kind = "statement"
        if _LABEL.match(bare) and block.kind in ("code", "switch"):
            kind = "label"
        elif bare[:2] in (b"/*", b"//"):
            kind = "comment"
        return Place(kind, block.start, block.last, None, block.kind)

    def code(self, bare: bytes, place: Place | None = None) -> None:
        """Take the line's brackets, and whether it ends a statement."""
        text = bare[:-1].rstrip() if bare.endswith(b"\\") else bare
        begun, position, last = self.state.statement, 0, b""
        for match in (*_TOKEN.finditer(text), None):
            before = text[position : match.start() if match else len(text)].strip()
            if before:
                self.word(before)
                last = before[-1:]
            if match is None:
                break
            token, position = match[0], match.end()
            if token[:2] in (b"/*", b"//"):
                if place is not None and match.start():
                    place.code = _count(text[: match.start()])
                if token[:2] == b"/*" and (len(token) < 4 or not token.endswith(b"*/")):
                    self.comment = self.at
            else:
                self.token(token, _count(text[: match.start()]))
                last = token[-1:]
        if last in (b"(", b"[", b"{"):
            self.bare.add((self.at, _count(text) - 1))
        if last and not self.state.parens and self.state.statement >= 0:
            self.end(text, last, begun)

    def word(self, text: bytes) -> None:
        state, block = self.state, self.state.blocks[-1]
        began = state.statement < 0
        if began or (state.ready and not state.parens):
            state.first, state.statement = _first(text), self.at
            state.ready = False
            if began:
                state.assigned = state.called = False
                block.last = self.at
                if state.first != b"else":
                    block.ifs.clear()
            if state.first in _CONTROL:
                again = state.first == b"else" and began and block.ifs
                state.controls.append(block.ifs.pop() if again else self.at)
                state.ready = state.first in (b"else", b"do")
        state.assigned |= b"=" in text and not state.parens

    def token(self, token: bytes, at: int) -> None:
        state = self.state
        if token in (b"(", b"["):
            if state.statement < 0 or state.ready:
                self.word(token)
            state.parens.append((self.at, at))
        elif token in (b")", b"]"):
            del state.parens[-1:]
            if not state.parens:
                state.called = True
                state.ready = state.ready or state.first in _CONTROL
        elif token == b"{":
            self.open()
        elif token == b"}":
            self.close()
        elif token == b";" and not state.parens:
            self.finish()
        elif token[:1] in (b'"', b"'"):
            self.word(token)

    def open(self) -> None:
        state, outer = self.state, self.state.blocks[-1]
        kind = "code"
        if state.statement < 0:
            state.statement = outer.last = self.at
            kind = "init" if outer.kind in ("init", "enum") else "code"
        elif state.parens:
            kind = "init" if state.assigned else "code"
        elif state.first == b"switch":
            kind = "switch"
        elif state.assigned or outer.kind == "init":
            kind = "init"
        elif not state.called and state.first in (b"struct", b"union", b"typedef", b"enum"):
            kind = "enum" if state.first == b"enum" else "struct"
        start = state.controls[-1] if state.ready and state.controls else state.statement
        state.blocks.append(_Block(start, kind, state.parens, state.statement))
        state.parens = []
        state.begin()

    def close(self) -> None:
        state = self.state
        if len(state.blocks) == 1:
            state.statement = -1
            return
        block = state.blocks.pop()
        state.begin(block.statement, assigned=block.kind == "init")
        state.parens = block.parens
        if block.kind in ("code", "switch") and not state.parens:
            self.finish()

    def finish(self) -> None:
        """A statement ended."""
        self.state.begin()
        block = self.state.blocks[-1]
        mine = [one for one in self.state.controls if one > block.start or block.kind == "top"]
        block.ifs += mine
        del self.state.controls[len(self.state.controls) - len(mine) :]

    def end(self, text: bytes, last: bytes, begun: int) -> None:
        """The line ended in a statement: with a row, a label, or the head of a loop macro."""
        state, kind = self.state, self.state.blocks[-1].kind
        named = state.first in (b"case", b"default") or _LABEL.search(text)
        if (last == b"," and kind in ("init", "enum")) or (
            last == b":" and kind not in ("init", "enum") and named
        ):
            state.begin()
        elif last == b")" and kind in ("code", "switch") and begun < 0 and b"each" in state.first:
            state.controls.append(state.statement)
            state.ready = True
