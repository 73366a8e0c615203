# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scan of a C file keeps: blocks, parentheses, statements, and each line's place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "blank", "statement", "body", "continuation", "parenthesis", "hanging", "open", "close", "case",
    "label", "comment", "inside", "directive", "attribute", "help", "text",
]  # fmt: skip


@dataclass(slots=True)
class Place:
    """Where one line stands.

    Attributes:
        kind: What the line is.
        parent: The line whose block, condition, comment or statement this one is in; -1 at
            the top.
        sibling: The line before it that has the same rank; -1 if it is the first.
        opener: Line and character (blanks not counted) of the innermost open parenthesis, or of
            the brace that opened the row of an initialiser.
        block: What the block around it is: ``top``, ``code``, ``switch``, ``struct``, ``enum``
            or ``init``.
        macro: Whether it belongs to a macro that goes over several lines.
        stars: In a comment: whether its lines begin with ``*``.
        code: Characters in front of a comment that follows the code, blanks not counted; -1
            without one.
    """

    kind: Kind
    parent: int = -1
    sibling: int = -1
    opener: tuple[int, int] | None = None
    block: str = "top"
    macro: bool = False
    code: int = -1


@dataclass(slots=True)
class Block:
    """An open brace."""

    start: int
    kind: str
    parens: list[tuple[int, int]]
    statement: int
    control: bool
    opener: tuple[int, int] | None = None
    last: int = -1
    case: int = -1
    ifs: list[int] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """Everything that a directive like ``#else`` takes back."""

    blocks: list[Block]
    parens: list[tuple[int, int]] = field(default_factory=list)
    statement: int = -1
    controls: list[int] = field(default_factory=list)
    ready: bool = False  # the head of a control statement is complete
    first: bytes = b""
    assigned: bool = False
    called: bool = False  # its last parenthesis is closed

    def copy(self) -> State:
        """The state as it is now."""
        blocks = [
            Block(one.start, one.kind, list(one.parens), one.statement, one.control, one.opener,
                   one.last, one.case, list(one.ifs))
            for one in self.blocks
        ]  # fmt: skip
        return State(blocks, list(self.parens), self.statement, list(self.controls), self.ready,
                      self.first, self.assigned, self.called)  # fmt: skip


def fresh() -> State:
    """The state at the top of a file."""
    return State([Block(-1, "top", [], -1, False)])


class Conditions:
    """The ``#if`` directives that are open."""

    def __init__(self) -> None:
        self.open: list[list[int]] = [[-1, -1]]  # each one's line, and the last directive inside

    def take(self, name: bytes, at: int) -> tuple[int, int]:
        """The ``#if`` around the directive of line *at*, and the directive before it in there."""
        own = self.open[-1]
        if name in (b"else", b"elif", b"endif"):
            if len(self.open) == 1:
                return -1, -1
            if name == b"endif":
                self.open.pop()
            else:
                own[1] = -1
            return own[0], own[0]
        found = own[0], own[1]
        own[1] = at
        if name in (b"if", b"ifdef", b"ifndef"):
            self.open.append([at, -1])
        return found


def count_words(text: bytes) -> int:
    """Characters that are no blanks."""
    return len(text) - text.count(b" ") - text.count(b"\t")
