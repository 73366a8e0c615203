# SPDX-License-Identifier: GPL-2.0-or-later
"""Where each line of a C file stands: told from its words alone, never from its blanks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.recover.nesting import Block, Conditions, Kind, Place, State, count_words, fresh

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(
    rb"/\*.*?(?:\*/|$)|//.*|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[(){}\[\];]", re.DOTALL
)
_WORD = re.compile(rb"\w+")
_LABEL = re.compile(rb"[A-Za-z_]\w*:$")
_CONTROL = frozenset([b"if", b"for", b"while", b"switch", b"else", b"do"])


def places(lines: Sequence[bytes], first: int = 0) -> list[Place]:
    """The place of each line; *lines* may have any blanks; *first* is the first one's number."""
    return _Scan().run(lines, first)


class _Scan:
    def __init__(self) -> None:
        self.state = fresh()
        self.branches: list[State] = []
        self.conditions = Conditions()
        self.bare: set[tuple[int, int]] = set()  # openers that end their line
        self.outside: State | None = None  # what a macro's body interrupts
        self.comment = -1
        self.inside = -1
        self.at = 0

    def run(self, lines: Sequence[bytes], first: int) -> list[Place]:
        found = []
        for at, line in enumerate(lines, first):
            self.at = at
            bare = line.strip()
            place = self.place(bare)
            place.macro = self.outside is not None
            found.append(place)
            if self.outside is not None and not bare.endswith(b"\\") and self.comment < 0:
                self.state, self.outside = self.outside, None
        return found

    def place(self, bare: bytes) -> Place:
        state = self.state
        block = state.blocks[-1]
        if self.comment >= 0:
            place = Place("inside" if bare else "blank", self.comment, self.inside, None, "top")
            if bare:
                self.inside = self.at
            end = bare.find(b"*/")
            if end >= 0:
                self.comment = self.inside = -1
                rest = bare[end + 2 :].strip()
                if rest and rest != b"\\":
                    self.code(rest)
            return place
        if not bare:
            return Place("blank", block=block.kind)
        if bare[:1] == b"#" and self.outside is None:
            return self.directive(bare)
        place = self.of_code(bare, state, block)
        self.code(bare, place)
        return place

    # --- directives

    def directive(self, bare: bytes) -> Place:
        word = _WORD.search(bare)
        name = word[0] if word else b""
        if name in (b"if", b"ifdef", b"ifndef"):
            self.branches.append(self.state.copy())
        elif name in (b"else", b"elif") and self.branches:
            self.state = self.branches[-1].copy()
        elif name == b"endif" and self.branches:
            self.branches.pop()
        elif name == b"define" and bare.endswith(b"\\"):
            self.outside, self.state = self.state, fresh()
            self.state.blocks[-1].start = self.at
            self.state.blocks[-1].kind = "code"
            match = re.match(rb"#\s*define\s+\w+(\([^)]*\))?(.*)\\$", bare, re.DOTALL)
            if match and match[2].strip():
                self.code(match[2])
        block = self.state.blocks[-1].kind
        parent, sibling = self.conditions.take(name, self.at)
        if b"/*" in bare:
            start = bare.find(b"/*")
            if bare.find(b"*/", start) < 0:
                self.comment = self.at
            return Place("directive", parent, sibling, block=block, code=count_words(bare[:start]))
        return Place("directive", parent, sibling, block=block)

    # --- code

    def of_code(self, bare: bytes, state: State, block: Block) -> Place:
        kind: Kind
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
            return Place(kind, state.controls[-1] if state.controls else state.statement, -1, None,
                         block.kind)  # fmt: skip
        return Place("continuation", state.statement, self.at - 1, None, block.kind)

    def of_statement(self, bare: bytes, block: Block) -> Place:
        word = _WORD.match(bare)
        first = word[0] if word else b""
        if first == b"case" or re.match(rb"default\s*:", bare):
            place = Place("case", block.start, block.case, None, block.kind)
            block.case = block.last = self.at
            return place
        if first == b"else" and block.ifs:
            return Place("close", block.ifs[-1], -1, None, block.kind)
        if _LABEL.match(bare) and block.kind in ("code", "switch"):
            return Place("label", block.start, block.last, None, block.kind)
        if bare[:2] in (b"/*", b"//"):
            return Place("comment", block.start, block.last, None, block.kind)
        opener = block.opener if block.opener not in self.bare else None
        return Place("statement", block.start, block.last, opener, block.kind)

    def code(self, bare: bytes, place: Place | None = None) -> None:
        """Take the line's brackets, and whether it ends a statement."""
        state = self.state
        text = bare[:-1].rstrip() if bare.endswith(b"\\") else bare
        begun = state.statement
        last = b""
        position = 0
        for match in _TOKEN.finditer(text):
            before = text[position : match.start()].strip()
            position = match.end()
            if before:
                self.word(before)
                last = before[-1:]
            token = match[0]
            if token[:2] in (b"/*", b"//"):
                if place is not None and match.start():
                    place.code = count_words(text[: match.start()])
                if token[:2] == b"/*" and (len(token) < 4 or not token.endswith(b"*/")):
                    self.comment = self.at
                continue
            self.token(token, match.start(), text)
            last = token[-1:]
        rest = text[position:].strip()
        if rest:
            self.word(rest)
            last = rest[-1:]
        elif last in (b"(", b"[", b"{"):
            self.bare.add((self.at, count_words(text) - 1))
        if last:
            self.end(text, last, begun)

    def word(self, text: bytes) -> None:
        state = self.state
        if state.statement < 0:
            state.statement = self.at
            state.assigned = state.called = False
            word = _WORD.match(text)
            state.first = word[0] if word else b""
            state.blocks[-1].last = self.at
            if state.first != b"else":
                state.blocks[-1].ifs.clear()
            if state.first in _CONTROL:
                self.control(state.first)
        elif state.ready and not state.parens:
            word = _WORD.match(text)
            name = word[0] if word else b""
            state.ready = False
            state.first = name
            state.statement = self.at
            if name in _CONTROL:
                self.control(name)
        if b"=" in text and not state.parens:
            state.assigned = True

    def control(self, name: bytes) -> None:
        state = self.state
        if name == b"else":
            ifs = state.blocks[-1].ifs
            state.controls.append(ifs.pop() if ifs else self.at)
        else:
            state.controls.append(self.at)
        if name in (b"else", b"do"):
            state.ready = True

    def token(self, token: bytes, at: int, text: bytes) -> None:
        state = self.state
        if token in (b"(", b"["):
            if state.statement < 0 or state.ready:
                self.word(token)
            state.parens.append((self.at, count_words(text[:at])))
        elif token in (b")", b"]"):
            self.shut()
        elif token == b"{":
            self.open(count_words(text[:at]))
        elif token == b"}":
            self.close()
        elif token == b";" and not state.parens:
            self.finish()
        elif token[:1] in (b'"', b"'"):
            self.word(token)

    def shut(self) -> None:
        """A parenthesis is closed."""
        state = self.state
        if state.parens:
            state.parens.pop()
        if not state.parens:
            state.called = True
            state.ready = state.ready or state.first in _CONTROL

    def open(self, at: int) -> None:
        state = self.state
        outer = state.blocks[-1].kind
        control = bool(state.ready)
        if state.statement < 0:
            state.statement = self.at
            state.blocks[-1].last = self.at
            kind = "init" if outer in ("init", "enum") else "code"
        elif state.parens:
            kind = "init" if state.assigned else "code"
        elif state.first == b"switch":
            kind = "switch"
        elif state.assigned or (outer == "init"):
            kind = "init"
        elif not state.called and state.first in (b"struct", b"union", b"typedef", b"enum"):
            kind = "enum" if state.first == b"enum" else "struct"
        else:
            kind = "code"
        start = state.controls[-1] if control and state.controls else state.statement
        state.blocks.append(
            Block(start, kind, state.parens, state.statement, control, (self.at, at))
        )
        state.parens = []
        state.statement = -1
        state.ready = False
        state.first = b""
        state.assigned = False

    def close(self) -> None:
        state = self.state
        if len(state.blocks) == 1:
            state.statement = -1
            return
        block = state.blocks.pop()
        state.parens = block.parens
        state.statement = block.statement
        state.ready = False
        state.first = b""
        state.assigned = block.kind == "init"
        if block.kind in ("code", "switch") and not state.parens:
            self.finish()

    def finish(self) -> None:
        """A statement ended."""
        state = self.state
        state.statement = -1
        state.ready = False
        state.first = b""
        state.assigned = False
        block = state.blocks[-1]
        if state.controls:
            floor = block.start
            mine = [one for one in state.controls if one > floor or block.kind == "top"]
            block.ifs.extend(mine)
            state.controls = [one for one in state.controls if one not in mine]

    def end(self, text: bytes, last: bytes, begun: int) -> None:
        state = self.state
        if state.parens or state.statement < 0:
            return
        kind = state.blocks[-1].kind
        if (kind in ("init", "enum") and last == b",") or (
            last == b":"
            and kind in ("code", "switch", "struct", "top")
            and (state.first in (b"case", b"default") or _LABEL.search(text))
        ):
            state.statement, state.first, state.assigned = -1, b"", False
        elif (
            last == b")"
            and kind in ("code", "switch")
            and begun < 0
            and (state.first.endswith(b"each") or b"for_each" in state.first)
        ):
            state.controls.append(state.statement)
            state.ready = True
