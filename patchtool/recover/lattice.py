# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a damaged hunk: the cheapest ways to cut its words into marked lines.

A dynamic programme over (word, old line, new line). The hunk header fixes how many old and
new lines there are; context and removed lines must have the words of the old file's lines; what
an added line may be is weighed by :mod:`.breaks`. Each state keeps its cheapest few ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.recover import breaks
from patchtool.recover.beam import CLASS, COMMENT, MARK, NO_END, OPEN, Beam, Effort, Way
from patchtool.recover.breaks import End, Kind
from patchtool.recover.oldfile import OldFile, kind_of
from patchtool.recover.unmask import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.fragment import DamagedHunk

#: Bits for what git's own diffs never do.
ODD = 9.0
#: Bits for the removal of an empty line: mostly it is context, and the next line is removed.
GONE = 5.0
CONTEXT, REMOVED, ADDED = range(3)


class Lattice(Beam):
    """The ways to cut one hunk.

    Args:
        hunk: The hunk.
        old: The old file, or None if there is none to compare with.
        above: How many lines of it stand above the hunk.
        effort: What may be spent.
        code: Whether it is C.
    """

    def __init__(
        self, hunk: DamagedHunk, old: OldFile | None, above: int, effort: Effort, *, code: bool
    ) -> None:
        super().__init__(hunk, effort, known=old is not None)
        self.code = code and self.marks is None  # else the page tells where lines end
        self.comment = 0
        self.context: Sequence[tuple[bytes, ...]] = ()
        self.removed: Sequence[tuple[bytes, ...]] = ()
        self.lead = self.tail = -1
        self.tells = old is not None and old.tells
        if old is not None:
            end = above + self.old
            self.context, self.removed = old.context[above:end], old.removed[above:end]
            self.kinds = [kind_of(one) for one in self.context]
            self.columns = [not line[:1].isspace() for line in old.lines[above:end]]
            self.comment = COMMENT * (above < len(old.comment) and old.comment[above])
            self.lead = 3 if above else -1
            self.tail = self.old - 3 if end < len(old.lines) else -1
        self.prepare()

    def prepare(self) -> None:
        """Find the words at which a line may end, and those that open or close a comment."""
        size, words = self.size, self.words
        first = {pieces[0] for pieces in (*self.context, *self.removed) if pieces}
        stops = [True] * (size + 1)
        if self.marks is not None:
            stops[:size] = self.marks
        elif self.known:
            masked = {word for word in words if b"@" in word}
            first |= masked | {NO_END[0]}
            stops[:size] = [word in first or word[:1] == b"+" for word in words]
        self.next = [size] * (size + 2)
        self.effect: list[bool | None] = [None] * (size + 1)
        self.last = [-1] * (size + 1)
        for at in range(size - 1, -1, -1):
            self.next[at] = at if stops[at] else self.next[at + 1]
        if self.known and self.marks is None:
            for line in range(min(self.old, len(self.context)) - 1, -1, -1):
                self.latest[line] = self.latest[line + 1] - len(self.context[line])
        last = -1
        for at, word in enumerate(words):
            if b"*/" in word or b"/*" in word:
                self.effect[at] = breaks.opens_comment(word)
                last = at
            self.last[at] = last

    def new_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Begin a line with the word *at*."""
        words = self.words
        if at < self.size and self.marks is not None and not words[at]:
            self.skip(at, old, new, flags, ways)
        if old < self.old:
            self.old_line(at, old, new, flags, ways)
        if at >= self.size:
            return
        word = words[at]
        if word[:1] == b"+" and new < self.new and (self.marks is None or self.marks[at]):
            self.added_line(at, old, new, flags, ways)
        elif words[at : at + len(NO_END)] == NO_END:
            line = (-1, at, at + len(NO_END))
            for way in ways:
                self.push(line[2], old, new, flags, (way[0], way, line))

    def skip(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Take an empty line of the page for one that was never in the mail."""
        for way in ways:
            self.push(at + 1, old, new, flags, (way[0] + ODD, way, None))

    def old_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Take a context line, or a removed one."""
        mark = flags & MARK
        if new < self.new:
            behind, cost = self.fits(at, self.context[old])
            if behind >= 0:
                cost += self.odd(old, new, mark)
                self.context_line((at, behind), old, new, flags, cost, ways)
        if mark != ADDED:
            behind, cost = self.fits(at, self.removed[old])
            if behind >= 0:
                if not self.context[old]:
                    cost += GONE
                after = flags & ~MARK | REMOVED
                for way in ways:
                    self.push(behind, old + 1, new, after,
                              (way[0] + cost, way, (REMOVED, at, behind)))  # fmt: skip

    def odd(self, old: int, new: int, mark: int) -> float:
        """The cost of more or less than three lines of context at an end, or of a gap's."""
        if mark == CONTEXT:
            return ODD * ((old == self.lead and new == self.lead) + (old == self.tail))
        return ODD * (old < self.lead or 0 <= self.tail < old)

    def context_line(
        self, place: tuple[int, int], old: int, new: int, flags: int, cost: float, ways: list[Way]
    ) -> None:
        """Take a context line that stands at *place*."""
        kind = self.kinds[old]
        if kind is not None:
            end = self.end_of(kind, self.context[old][-1])
        else:
            end = End.EMPTY if flags & MARK == CONTEXT else End.GAP
        if self.code:
            cost += self.between(kind, flags, column=self.columns[old])
        after = CONTEXT | end << 2 | self.comment_behind(*place, flags & COMMENT)
        for way in ways:
            self.push(place[1], old + 1, new + 1, after, (way[0] + cost, way, (CONTEXT, *place)))

    def fits(self, at: int, pieces: tuple[bytes, ...]) -> tuple[int, float]:
        """The word behind a line with these words, or -1 if it does not stand at *at*."""
        words, marks = self.words, self.marks
        behind = at + len(pieces)
        if marks is None:
            if words[at:behind] == pieces or (
                behind <= self.size and all(map(same, words[at:behind], pieces))
            ):
                return behind, 0.0
            return -1, 0.0
        if not pieces:
            if at < self.size and not words[at] and marks[at]:
                return at + 1, 0.0
            return at, ODD
        if behind > self.size or (at < self.size and not marks[at]):
            return -1, 0.0
        if words[at:behind] != pieces and not all(map(same, words[at:behind], pieces)):
            return -1, 0.0
        joined = behind < self.size and not marks[behind]
        return behind, ODD * (sum(marks[at + 1 : behind]) + joined)

    def end_of(self, kind: Kind, word: bytes) -> End:
        """How a line of that kind ended whose last word is *word*."""
        return End.OPENS if self.tells and word == b"*/" else breaks.end_of(kind, word)

    def comment_behind(self, at: int, behind: int, before: int) -> int:
        """The state's bit for an open comment, behind the words *at* to *behind*."""
        if behind <= at:
            return before
        last = self.last[behind - 1]
        if last < at:
            return before
        return COMMENT if self.effect[last] else 0

    def between(self, kind: Kind | None, flags: int, *, column: bool) -> float:
        """The cost of a line that follows another in the new file; an empty one has no kind."""
        before = End((flags & CLASS) >> 2)
        if kind is None:
            return breaks.empty(before, comment=bool(flags & COMMENT))
        return breaks.follows(before, kind, column=column)

    def added_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Begin an added line."""
        extra = 0.0
        if flags & MARK == CONTEXT and (old < self.lead or (self.tail >= 0 and old > self.tail)):
            extra = ODD
        word = self.words[at]
        comment = flags & COMMENT
        if word == b"+":
            cost = extra + (self.between(None, flags, column=True) if self.code else 0.0)
            after = ADDED | End.EMPTY << 2 | comment
            line = (ADDED, at, at + 1)
            for way in ways:
                self.push(at + 1, old, new + 1, after, (way[0] + cost, way, line))
            start, column = at + 1, False
            if start >= self.size or (self.marks is not None and self.marks[start]):
                return
            first = self.words[start]
        else:
            start, column, first = at, True, word[1:]
        cost = extra
        kind = Kind.OTHER
        if self.code:
            cost += breaks.begins(first, column=column, comment=bool(comment))
            kind = Kind.OTHER if comment else breaks.kind_of(first, self.word(start + 1))
            cost += self.between(kind, flags, column=column)
            cost += 1.5 * (flags & CLASS == End.GAP << 2)
        stop = self.next[start + 1]
        after = ADDED | OPEN | kind << 2 | self.comment_behind(at, stop, comment)
        self.go_on(stop, at, old, new + 1, after, cost, ways)

    def go_on(
        self, stop: int, at: int, old: int, new: int, flags: int, cost: float, ways: list[Way]
    ) -> None:
        """Put an open line that began with *at* in front of the word *stop*."""
        line = (flags & MARK, at, -1)
        for way in ways:
            self.push(stop, old, new, flags, (way[0] + cost, way, line))

    def open_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """End the line in front of the word *at*, and let it go on as well."""
        words = self.words
        before = words[at - 1]
        comment = bool(flags & COMMENT)
        mark = flags & MARK
        kind = Kind((flags & CLASS) >> 2)
        cost = 0.0
        if self.code:
            cost = breaks.ends(before, directive=kind == Kind.DIRECTIVE, comment=comment)
        if self.marks is not None and at < self.size and not self.marks[at]:
            cost += ODD
        after = mark | self.end_of(kind, before) << 2 | flags & COMMENT
        line = (-2, 0, at)
        for way in ways:
            self.push(at, old, new, after, (way[0] + cost, way, line))
        if at >= self.size or not words[at]:
            return
        cost = self.inside(at, kind, comment=comment)
        stop = self.next[at + 1]
        after = flags & ~COMMENT | self.comment_behind(at, stop, flags & COMMENT)
        for way in ways:
            self.push(stop, old, new, after, (way[0] + cost, way, None))

    def inside(self, at: int, kind: Kind, *, comment: bool) -> float:
        """The cost of a line that goes on with the word *at*."""
        if self.marks is not None:
            return ODD
        before, word, after = self.words[at - 1], self.words[at], self.word(at + 1)
        if self.words[at : at + len(NO_END)] == NO_END:
            return 2 * ODD
        if word[:1] != b"+":
            return breaks.stays(before, word, after, comment=comment) if self.code else 0.0
        if not self.code:
            return breaks.PLAIN_INSIDE
        cost = breaks.inside(before, word, after, comment=comment)
        return cost + 2.0 * (kind == Kind.DIRECTIVE)
