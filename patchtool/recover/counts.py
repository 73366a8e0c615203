# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a damaged hunk where there is no old file: told from the header's counts alone."""

from __future__ import annotations

from patchtool.recover import breaks
from patchtool.recover.beam import COMMENT, MARK, OPEN, Way
from patchtool.recover.breaks import End, Kind
from patchtool.recover.lattice import ADDED, CONTEXT, ODD, REMOVED, Lattice


class CountsOnly(Lattice):
    """The ways to cut a hunk of which the old lines are not known.

    Where line breaks were kept that is mostly one way. In folded text where context lines end is
    a guess.
    """

    def old_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Take a context line or a removed one."""
        words, marks = self.words, self.marks
        comment = flags & COMMENT
        if at >= self.size or (marks is not None and not words[at]):
            behind = min(at + 1, self.size)
            if new < self.new and (marks is None or at < self.size):
                self.empty_context(behind, at, old, new, flags, ways)
            return
        word = words[at]
        if marks is not None and not marks[at]:
            return
        if new < self.new:
            if marks is None:
                self.empty_context(at, at, old, new, flags, ways)
            cost = ODD if word[:1] in b"+-" else 0.0
            stop = self.next[at + 1]
            kind = Kind.OTHER if comment else breaks.kind_of(word, self.word(at + 1))
            after = CONTEXT | OPEN | kind << 2 | self.comment_behind(at, stop, comment)
            if marks is None:
                cost += breaks.begins(word, column=False, comment=bool(comment))
            self.go_on(stop, at, old + 1, new + 1, after, cost, ways)
        if word[:1] == b"-" and flags & MARK != ADDED:
            stop = self.next[at + 1]
            after = REMOVED | OPEN | self.comment_behind(at, stop, comment)
            self.go_on(stop, at, old + 1, new, after, 0.0, ways)

    def empty_context(
        self, behind: int, at: int, old: int, new: int, flags: int, ways: list[Way]
    ) -> None:
        """Take an empty context line."""
        cost = self.between(None, flags, column=True) if self.marks is None else 0.0
        after = CONTEXT | End.EMPTY << 2 | flags & COMMENT
        for way in ways:
            self.push(behind, old + 1, new + 1, after, (way[0] + cost, way, (CONTEXT, at, behind)))
