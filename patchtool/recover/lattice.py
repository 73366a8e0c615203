# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a damaged hunk: the cheapest ways to cut its words into marked lines.

A dynamic programme over (word, old line, new line). The hunk header fixes how many old and
new lines there are; context and removed lines must have the words of the old file's lines; what
an added line may be is weighed by :mod:`.breaks`. Without an old file the counts alone tell.
"""

from __future__ import annotations

from heapq import heappop, heappush
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from patchtool.intake.pages.undo import same
from patchtool.recover import breaks
from patchtool.recover.breaks import End, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.fragment import DamagedHunk, Effort, OldFile

#: Bits for what git's own diffs never do; for the removal of an empty line (mostly it is context,
#: and the next line is removed); for words that are left over behind a hunk.
_ODD, _GONE, FAR = 9.0, 5.0, 20.0
#: Ways kept for each state, fewer in a hunk of so many words; states kept for each word, and
#: when the effort for a wide search is spent, with one way for each.
_WAYS, _FEWER, _LONG, _STATES, _NARROW = 8, 3, 1000, 32, 8
#: What follows the last line of a file that does not end with a line end.
_NO_END = (b"\\", b"No", b"newline", b"at", b"end", b"of", b"file")

# A state is a number: (old line * (new lines + 1) + new line) << 7, and in the low bits the mark
# of the last line, how it ended (of an open line: its kind), and whether a comment is open.
_MARK, _CLASS, _COMMENT, _OPEN = 3, 28, 32, 64
#: Marks of lines; besides, that the one before has no line end, and that the open one ends.
CONTEXT, REMOVED, ADDED, UNENDED, _ENDS = 0, 1, 2, -1, -2
Line = tuple[int, int, int]  #: mark, first word, word behind
Cut = tuple[float, tuple[Line, ...], int]  #: cost in bits, lines, first word behind the hunk
Way = tuple[float, Any, Line | None]  #: cost, the way before, and the line that was added


class Lattice:
    """The ways to cut one hunk that has *above* lines of the old file above it."""

    def __init__(
        self, hunk: DamagedHunk, old: OldFile | None, above: int, effort: Effort, *, code: bool
    ) -> None:
        self.effort = effort
        self.words, self.marks, self.size = hunk.words, hunk.begins, len(hunk.words)
        self.old, self.new, self.width = hunk.old_count, hunk.new_count, hunk.new_count + 1
        self.anchored = old is not None
        self.code = code and self.marks is None  # else the page tells where lines end
        end = above + self.old
        self.context = old.context[above:end] if old else ()
        self.removed = old.removed[above:end] if old else ()
        self.columns = [not line[:1].isspace() for line in old.lines[above:end]] if old else []
        self.kinds = [breaks.kind_of(*(*one, b"", b"")[:2]) for one in self.context]
        self.comment = bool(old and above < len(old.comment) and old.comment[above])
        self.lead = 3 if old and above else -1  # where context ends, and where it begins again
        self.tail = self.old - 3 if old and end < len(old.lines) else -1
        self.states: list[dict[int, list[Way]]] = [{} for _ in range(self.size + 1)]
        self.heaps: list[list[tuple[int, int]]] = [[] for _ in range(self.size + 1)]
        first = {pieces[0] for pieces in (*self.context, *self.removed) if pieces} | {_NO_END[0]}
        self.next = [self.size] * (self.size + 2)  # the first word from there on behind a line
        self.plus = [0] * (self.size + 1)  # words from there on that may begin an added line
        for at in range(self.size - 1, -1, -1):
            word = self.words[at]
            stop = not self.anchored or word in first or word[:1] == b"+" or b"@" in word
            stop = stop if self.marks is None else self.marks[at]
            self.next[at] = at if stop else self.next[at + 1]
            self.plus[at] = self.plus[at + 1] + (word[:1] == b"+")
        self.latest = [self.size] * (self.old + 1)  # where an old line may begin at the latest
        if self.marks is None:
            for line in range(len(self.context) - 1, -1, -1):
                self.latest[line] = self.latest[line + 1] - len(self.context[line])
        self.last = [-1] * (self.size + 1)  # the last word up to each that tells of a comment
        for at, word in enumerate(self.words):
            tells = b"*/" in word or b"/*" in word
            self.last[at] = at if tells else self.last[at - 1] if at else -1

    # --- the search

    def cuts(self, starts: Sequence[tuple[int, float]]) -> list[Cut]:
        """The cheapest cuts; *starts*: words the first line may begin with, and their costs."""
        for at, cost in starts:
            if at <= self.size:
                self.put(at, 0, 0, _COMMENT * self.comment, cost, None, [(0.0, None, None)])
        found: list[tuple[float, int, Way]] = []
        for at in range(self.size + 1):
            if self.heaps[at]:
                self.at_word(at, found)
        best = sorted(found, key=itemgetter(0))[:_WAYS]
        return [(cost, _lines(way), rest) for cost, rest, way in best]

    def put(
        self, at: int, old: int, new: int, flags: int, cost: float, line: Line | None,
        ways: list[Way],
    ) -> None:  # fmt: skip
        """Put ways that go on with *line* in front of the word *at*, unless the counts forbid."""
        if at > self.latest[old] or self.new - new > self.plus[at] + self.old - old:
            return
        key = (old * self.width + new) << 7 | flags
        made: list[Way] = [(way[0] + cost, way, line) for way in ways]
        there = self.states[at].setdefault(key, made)
        if there is made:
            heappush(self.heaps[at], ((old + new) * 2 + (not flags & _OPEN), key))
        else:
            there += made

    def at_word(self, at: int, found: list[tuple[float, int, Way]]) -> None:
        """Go on from each state that stands in front of the word *at*."""
        states, heap = self.states[at], self.heaps[at]
        wide = self.effort.spend(len(states))
        costs = sorted(min(way[0] for way in ways) for ways in states.values())
        span = 45.0 if self.marks is None else 25.0
        limit = min([costs[0] + span, *costs[(_STATES if wide else _NARROW) - 1 :][:1]])
        most = (_WAYS if self.size < _LONG else _FEWER) if wide else 1
        while heap:
            key = heappop(heap)[1]
            ways = states[key]
            if len(ways) > 1:
                ways.sort(key=itemgetter(0))
                del ways[most:]
            if ways[0][0] > limit:
                continue
            self.effort.spend(len(ways))
            flags = key & 127
            old, new = divmod(key >> 7, self.width)
            if flags & _OPEN:
                self.open_line(at, old, new, flags, ways)
                continue
            if (old, new) == (self.old, self.new):
                cost = self.behind(at)
                found += [(way[0] + cost, at, way) for way in ways]
            self.new_line(at, old, new, flags, ways)
        self.states[at] = {}

    def behind(self, at: int) -> float:
        """The cost of the words that would be left over."""
        rest = self.words[at:]
        if not any(rest):
            return 0.0
        ended = rest[0] == b"--" or rest[: len(_NO_END)] == _NO_END
        return 1.0 if ended else FAR + 2.0 * min(20, len(rest))

    # --- lines

    def word(self, at: int) -> bytes:
        """The word there; empty behind the last, and where another line of the page begins."""
        ends = at >= self.size or (self.marks is not None and self.marks[at])
        return b"" if ends else self.words[at]

    def new_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Begin a line with the word *at*."""
        if old < self.old:
            (self.old_line if self.anchored else self.guessed)(at, old, new, flags, ways)
        if at == self.size:
            return
        if not self.words[at]:  # a line of the page that is none of the mail
            self.put(at + 1, old, new, flags, _ODD, None, ways)
        begins = self.marks is None or self.marks[at]
        if self.words[at][:1] == b"+" and new < self.new and begins:
            self.added_line(at, old, new, flags, ways)
        elif self.words[at : at + len(_NO_END)] == _NO_END:
            behind = at + len(_NO_END)
            self.put(behind, old, new, flags, 0.0, (UNENDED, at, behind), ways)

    def old_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Take a context line, or a removed one."""
        mark, pieces = flags & _MARK, self.context[old]
        behind, cost = self.fits(at, pieces)
        if new < self.new and behind >= 0:
            if mark == CONTEXT:
                cost += _ODD * ((old == self.lead and new == self.lead) + (old == self.tail))
            else:
                cost += _ODD * (old < self.lead or 0 <= self.tail < old)
            kind, end = None, End.EMPTY if mark == CONTEXT else End.GAP
            if pieces:
                kind = self.kinds[old]
                end = breaks.end_of(kind, pieces[-1])
            if self.code:
                cost += self.between(kind, flags, column=self.columns[old])
            after = CONTEXT | end << 2 | self.comment_behind(at, behind, flags & _COMMENT)
            self.put(behind, old + 1, new + 1, after, cost, (CONTEXT, at, behind), ways)
        if mark != ADDED:
            behind, cost = self.fits(at, self.removed[old])
            if behind >= 0:
                cost += _GONE * (not pieces)
                line = REMOVED, at, behind
                self.put(behind, old + 1, new, flags & ~_MARK | REMOVED, cost, line, ways)

    def fits(self, at: int, pieces: tuple[bytes, ...]) -> tuple[int, float]:
        """The word behind a line with these words, or -1 if it does not stand at *at*."""
        words, marks = self.words, self.marks
        behind = at + len(pieces)
        if not pieces and marks is not None:
            there = at < self.size and not words[at] and marks[at]
            return (at + 1, 0.0) if there else (at, _ODD)
        found = words[at:behind]
        begins = behind <= self.size and (marks is None or at == self.size or marks[at])
        if not begins or (found != pieces and not all(map(same, found, pieces))):
            return -1, 0.0
        if marks is None:
            return behind, 0.0
        joined = behind < self.size and not marks[behind]
        return behind, _ODD * (sum(marks[at + 1 : behind]) + joined)

    def guessed(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Take a context line or a removed one that is not known."""
        marks, comment = self.marks, flags & _COMMENT
        blank = marks is not None and at < self.size and not self.words[at]
        if new < self.new and (blank or marks is None):
            cost = self.between(None, flags, column=True) if marks is None else 0.0
            line = CONTEXT, at, at + blank
            after = CONTEXT | End.EMPTY << 2 | comment
            self.put(at + blank, old + 1, new + 1, after, cost, line, ways)
        if at >= self.size or blank or (marks is not None and not marks[at]):
            return
        word, stop = self.words[at], self.next[at + 1]
        behind = self.comment_behind(at, stop, comment)
        if new < self.new:
            cost = _ODD * (word[:1] in b"+-")
            if marks is None:
                cost += breaks.begins(word, column=False, comment=bool(comment))
            kind = Kind.OTHER if comment else breaks.kind_of(word, self.word(at + 1))
            after = CONTEXT | _OPEN | kind << 2 | behind
            self.put(stop, old + 1, new + 1, after, cost, (CONTEXT, at, -1), ways)
        if word[:1] == b"-" and flags & _MARK != ADDED:
            self.put(stop, old + 1, new, REMOVED | _OPEN | behind, 0.0, (REMOVED, at, -1), ways)

    def comment_behind(self, at: int, behind: int, before: int) -> int:
        """The state's bit for an open comment, behind the words *at* to *behind*."""
        last = self.last[behind - 1] if behind > at else -1
        return before if last < at else _COMMENT * bool(breaks.opens_comment(self.words[last]))

    def between(self, kind: Kind | None, flags: int, *, column: bool) -> float:
        """The cost of a line that follows another in the new file; an empty one has no kind."""
        before, comment = End((flags & _CLASS) >> 2), bool(flags & _COMMENT)
        return breaks.follows(before, kind, column=column, comment=comment)

    def added_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """Begin an added line."""
        after_context = flags & _MARK == CONTEXT
        cost = _ODD * (after_context and (old < self.lead or 0 <= self.tail < old))
        comment = flags & _COMMENT
        start, column, first = at, True, self.words[at][1:]
        if not first:
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
            cost += 1.5 * (flags & _CLASS == End.GAP << 2)
        stop = self.next[start + 1]
        after = ADDED | _OPEN | kind << 2 | self.comment_behind(at, stop, comment)
        self.put(stop, old, new + 1, after, cost, (ADDED, at, -1), ways)

    def open_line(self, at: int, old: int, new: int, flags: int, ways: list[Way]) -> None:
        """End the line in front of the word *at*, and let it go on as well."""
        before, comment, kind = self.words[at - 1], flags & _COMMENT, Kind((flags & _CLASS) >> 2)
        cost = breaks.ends(before, kind, comment=bool(comment)) if self.code else 0.0
        cost += _ODD * (self.marks is not None and at < self.size and not self.marks[at])
        after = flags & _MARK | breaks.end_of(kind, before) << 2 | comment
        self.put(at, old, new, after, cost, (_ENDS, 0, at), ways)
        if at < self.size and self.words[at]:
            stop = self.next[at + 1]
            after = flags & ~_COMMENT | self.comment_behind(at, stop, comment)
            self.put(stop, old, new, after, self.inside(at, kind, bool(comment)), None, ways)

    def inside(self, at: int, kind: Kind, comment: bool) -> float:
        """The cost of a line that goes on with the word *at*."""
        if self.marks is not None:
            return _ODD
        before, word, after = self.words[at - 1], self.words[at], self.word(at + 1)
        if self.words[at : at + len(_NO_END)] == _NO_END:
            return 2 * _ODD
        if self.code:
            return breaks.inside(before, word, after, kind, comment=comment)
        return _ODD * (word[:1] == b"+")


def _lines(way: Way) -> tuple[Line, ...]:
    """The lines of a way, in order."""
    lines: list[Line] = []
    behind = -1
    here: Any = way
    while here is not None:
        _, here, line = here
        if line is not None and line[0] == _ENDS:
            behind = line[2]
        elif line is not None:
            lines.append((*line[:2], behind if line[2] < 0 else line[2]))
    return tuple(reversed(lines))
