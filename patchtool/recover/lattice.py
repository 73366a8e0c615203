# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a damaged hunk: the cheapest ways to cut its words into marked lines.

A dynamic programme over (word, old line, new line). The hunk header fixes how many old and
new lines there are; context and removed lines must have the words of the old file's lines; what
an added line may be is weighed by :mod:`.breaks`. Without an old file the counts alone tell: where
line breaks were kept that is mostly one way, in folded text where context lines end is a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.recover import breaks
from patchtool.recover.beam import (
    ADDED,
    CLASS,
    COMMENT,
    CONTEXT,
    ENDS,
    MARK,
    NO_END,
    OPEN,
    REMOVED,
    UNENDED,
    Beam,
    Effort,
    Way,
)
from patchtool.recover.breaks import End, Kind
from patchtool.recover.undo import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.fragment import DamagedHunk, OldFile

#: Bits for what git's own diffs never do.
_ODD = 9.0
#: Bits for the removal of an empty line: mostly it is context, and the next line is removed.
_GONE = 5.0


class Lattice(Beam):
    """The ways to cut one hunk that has *above* lines of the old file above it."""

    def __init__(
        self, hunk: DamagedHunk, old: OldFile | None, above: int, effort: Effort, *, code: bool
    ) -> None:
        super().__init__(hunk, effort, anchored=old is not None)
        self.code = code and self.marks is None  # else the page tells where lines end
        self.comment = 0
        self.context: Sequence[tuple[bytes, ...]] = ()
        self.removed: Sequence[tuple[bytes, ...]] = ()
        self.lead = self.tail = -1  # where three lines of context end, and begin again
        if old is not None:
            end = above + self.old
            self.context, self.removed = old.context[above:end], old.removed[above:end]
            self.kinds = [breaks.kind_of(*(*one, b"", b"")[:2]) for one in self.context]
            self.columns = [not line[:1].isspace() for line in old.lines[above:end]]
            self.comment = COMMENT * (above < len(old.comment) and old.comment[above])
            self.lead = 3 if above else -1
            self.tail = self.old - 3 if end < len(old.lines) else -1
        self.prepare()

    def prepare(self) -> None:
        """Find the words at which a line may end, and those that open or close a comment."""
        size, words = self.size, self.words
        stops = [True] * (size + 1)
        if self.marks is not None:
            stops[:size] = self.marks
        elif self.anchored:
            first = {pieces[0] for pieces in (*self.context, *self.removed) if pieces}
            first |= {word for word in words if b"@" in word} | {NO_END[0]}
            stops[:size] = [word in first or word[:1] == b"+" for word in words]
            for line in range(min(self.old, len(self.context)) - 1, -1, -1):
                self.latest[line] = self.latest[line + 1] - len(self.context[line])
        self.next = [size] * (size + 2)
        for at in range(size - 1, -1, -1):
            self.next[at] = at if stops[at] else self.next[at + 1]
        self.last = [-1] * (size + 1)  # the last word up to each that opens or closes a comment
        for at, word in enumerate(words):
            tells = b"*/" in word or b"/*" in word
            self.last[at] = at if tells else self.last[at - 1] if at else -1

    def new_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Begin a line with the word *at*."""
        words, marks = self.words, self.marks
        if at < self.size and marks is not None and not words[at]:  # a line not of the mail
            self.put(at + 1, old, new, flags, _ODD, None, ways)
        if old < self.old:
            (self.old_line if self.anchored else self.guessed)(at, old, new, flags, ways)
        if at >= self.size:
            return
        if words[at][:1] == b"+" and new < self.new and (marks is None or marks[at]):
            self.added_line(at, old, new, flags, ways)
        elif words[at : at + len(NO_END)] == NO_END:
            behind = at + len(NO_END)
            self.put(behind, old, new, flags, 0.0, (UNENDED, at, behind), ways)

    def old_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Take a context line, or a removed one."""
        mark, pieces = flags & MARK, self.context[old]
        behind, cost = self.fits(at, pieces)
        if new < self.new and behind >= 0:
            if mark == CONTEXT:
                cost += _ODD * ((old == self.lead and new == self.lead) + (old == self.tail))
            else:
                cost += _ODD * (old < self.lead or 0 <= self.tail < old)
            kind = self.kinds[old] if pieces else None
            end = End.EMPTY if mark == CONTEXT else End.GAP
            end = end if kind is None else breaks.end_of(kind, pieces[-1])
            if self.code:
                cost += self.between(kind, flags, column=self.columns[old])
            after = CONTEXT | end << 2 | self.comment_behind(at, behind, flags & COMMENT)
            self.put(behind, old + 1, new + 1, after, cost, (CONTEXT, at, behind), ways)
        if mark != ADDED:
            behind, cost = self.fits(at, self.removed[old])
            if behind >= 0:
                cost += _GONE * (not pieces)
                line = REMOVED, at, behind
                self.put(behind, old + 1, new, flags & ~MARK | REMOVED, cost, line, ways)

    def fits(self, at: int, pieces: tuple[bytes, ...]) -> tuple[int, float]:
        """The word behind a line with these words, or -1 if it does not stand at *at*."""
        words, marks = self.words, self.marks
        behind = at + len(pieces)
        if not pieces and marks is not None:
            there = at < self.size and not words[at] and marks[at]
            return (at + 1, 0.0) if there else (at, _ODD)
        if behind > self.size or (marks is not None and at < self.size and not marks[at]):
            return -1, 0.0
        if words[at:behind] != pieces and not all(map(same, words[at:behind], pieces)):
            return -1, 0.0
        if marks is None:
            return behind, 0.0
        joined = behind < self.size and not marks[behind]
        return behind, _ODD * (sum(marks[at + 1 : behind]) + joined)

    def guessed(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Take a context line or a removed one that is not known."""
        words, marks, comment = self.words, self.marks, flags & COMMENT
        ends = at >= self.size or (marks is not None and not words[at])
        if new < self.new and (at < self.size if marks is not None and ends else marks is None):
            behind = min(at + 1, self.size) if ends else at
            cost = self.between(None, flags, column=True) if marks is None else 0.0
            after = CONTEXT | End.EMPTY << 2 | comment
            self.put(behind, old + 1, new + 1, after, cost, (CONTEXT, at, behind), ways)
        if ends or (marks is not None and not marks[at]):
            return
        word, stop = words[at], self.next[at + 1]
        behind = self.comment_behind(at, stop, comment)
        if new < self.new:
            cost = _ODD if word[:1] in b"+-" else 0.0
            if marks is None:
                cost += breaks.begins(word, column=False, comment=bool(comment))
            kind = Kind.OTHER if comment else breaks.kind_of(word, self.word(at + 1))
            after = CONTEXT | OPEN | kind << 2 | behind
            self.put(stop, old + 1, new + 1, after, cost, (CONTEXT, at, -1), ways)
        if word[:1] == b"-" and flags & MARK != ADDED:
            self.put(stop, old + 1, new, REMOVED | OPEN | behind, 0.0, (REMOVED, at, -1), ways)

    def comment_behind(self, at: int, behind: int, before: int) -> int:
        """The state's bit for an open comment, behind the words *at* to *behind*."""
        last = self.last[behind - 1] if behind > at else -1
        return before if last < at else COMMENT * bool(breaks.opens_comment(self.words[last]))

    def between(self, kind: Kind | None, flags: int, *, column: bool) -> float:
        """The cost of a line that follows another in the new file; an empty one has no kind."""
        before = End((flags & CLASS) >> 2)
        if kind is None:
            return breaks.empty(before, comment=bool(flags & COMMENT))
        return breaks.follows(before, kind, column=column)

    def added_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Begin an added line."""
        after_context = flags & MARK == CONTEXT
        cost = _ODD * (after_context and (old < self.lead or 0 <= self.tail < old))
        word, comment = self.words[at], flags & COMMENT
        start, column, first = at, True, word[1:]
        if word == b"+":
            more = self.between(None, flags, column=True) if self.code else 0.0
            after = ADDED | End.EMPTY << 2 | comment
            self.put(at + 1, old, new + 1, after, cost + more, (ADDED, at, at + 1), ways)
            start, column, first = at + 1, False, self.word(at + 1)
            if start >= self.size or (self.marks is not None and self.marks[start]):
                return
        kind = Kind.OTHER
        if self.code:
            cost += breaks.begins(first, column=column, comment=bool(comment))
            kind = Kind.OTHER if comment else breaks.kind_of(first, self.word(start + 1))
            cost += self.between(kind, flags, column=column)
            cost += 1.5 * (flags & CLASS == End.GAP << 2)
        stop = self.next[start + 1]
        after = ADDED | OPEN | kind << 2 | self.comment_behind(at, stop, comment)
        self.put(stop, old, new + 1, after, cost, (ADDED, at, -1), ways)

    def open_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """End the line in front of the word *at*, and let it go on as well."""
        words = self.words
        comment, kind = bool(flags & COMMENT), Kind((flags & CLASS) >> 2)
        cost = breaks.ends(words[at - 1], kind, comment=comment) if self.code else 0.0
        cost += _ODD * (self.marks is not None and at < self.size and not self.marks[at])
        after = flags & MARK | breaks.end_of(kind, words[at - 1]) << 2 | flags & COMMENT
        self.put(at, old, new, after, cost, (ENDS, 0, at), ways)
        if at < self.size and words[at]:
            stop = self.next[at + 1]
            after = flags & ~COMMENT | self.comment_behind(at, stop, flags & COMMENT)
            self.put(stop, old, new, after, self.inside(at, kind, comment=comment), None, ways)

    def inside(self, at: int, kind: Kind, *, comment: bool) -> float:
        """The cost of a line that goes on with the word *at*."""
        if self.marks is not None:
            return _ODD
        before, word, after = self.words[at - 1], self.words[at], self.word(at + 1)
        if self.words[at : at + len(NO_END)] == NO_END:
            return 2 * _ODD
        if not self.code:
            return _ODD * (word[:1] == b"+")
        if word[:1] != b"+":
            return breaks.stays(before, word, after, comment=comment)
        return breaks.inside(before, word, after, comment=comment) + 2.0 * (kind == Kind.DIRECTIVE)
