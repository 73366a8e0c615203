# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a file on the way to a tip: its versions, its names, who changed its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.series.hunks import split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from patchtool.tree.history import History, Transition, Walk

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_MOVES = 10  # times a file is followed to another name
_CHUNK = 100  # versions of a file that are read at once
_LATER = 50  # later changes of the same lines that are looked for, newest first
_KEPT = 64 << 20  # bytes of them that are kept


@dataclass(frozen=True, slots=True)
class Move:
    """A commit that gave a file another name; *new* is empty when it removed the file."""

    commit: str
    old: str
    new: str


@dataclass(slots=True)
class Lineage:
    """The files of a series on the way to a tip.

    Attributes:
        history: The tree's.
        span: The commits looked at, as git names them: ``BASE..TIP``, or all of ``TIP``.
        tip: The last of them.
        walk: How the files changed in them.
        now: The blob the tip has of each file, by the name the file has in the base.
        moves: The moves of each file that was moved, oldest first.
        versions: The contents read last, by blob.
    """

    history: History
    span: str
    tip: str
    walk: Walk
    now: dict[str, str] = field(default_factory=dict)
    moves: dict[str, tuple[Move, ...]] = field(default_factory=dict)
    versions: dict[str, bytes] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """What the tip calls the file."""
        moves = self.moves.get(path, ())
        return moves[-1].new if moves else path

    def follow(self, path: str) -> tuple[tuple[Move, ...], str]:
        """What became of a file that the tip has not: the moves, and the tip's blob of it.

        The last move is its removal, and the blob empty, where it is gone for good. No moves
        mean that the history does not show any.
        """
        found: list[Move] = []
        name = path
        while len(found) < _MOVES:
            walk = self.history.walk([self.span], [name]) if found else self.walk
            gone = [change for change in walk.transitions if change.path == name]
            gone = [change for change in gone if not change.new]
            if not gone:
                return tuple(found), ""
            move = Move(gone[0].commit, name, self._renamed(gone[0].commit, name))
            found.append(move)
            if not move.new:
                return tuple(found), ""
            self.moves[path] = tuple(found)
            name = move.new
            (state,) = self.history.states([self.tip], [name])
            if name in state:
                return tuple(found), state[name]
        return tuple(found), ""

    def _renamed(self, commit: str, path: str) -> str:
        """The new name of a file that *commit* takes away, or an empty string."""
        form = ("-r", "-z", "-M", "--diff-filter=R", "--name-status", f"{commit}^1", commit)
        fields = self.history.ask("diff-tree", *form).split("\0")
        rows = zip(fields[::3], fields[1::3], fields[2::3], strict=False)
        return next((new for _, old, new in rows if old == path), "")

    def transitions(self, path: str) -> tuple[Transition, ...]:
        """How a file became what the tip has, newest first, under all its names."""
        moves = self.moves.get(path, ())
        if not moves:
            return tuple(change for change in self.walk.transitions if change.path == path)
        changes = self.history.walk([self.span], [path, *(move.new for move in moves)]).transitions
        news = {(change.commit, change.path): change.new for change in changes}
        onto = {(move.commit, move.old): move.new for move in moves}
        arrivals = {(move.commit, move.new) for move in moves}
        joined = []
        for change in changes:
            place = (change.commit, change.path)
            if place in onto:
                joined.append(replace(change, new=news.get((change.commit, onto[place]), "")))
            elif place not in arrivals:
                joined.append(change)
        return tuple(joined)

    def turn(
        self, changes: Sequence[Transition], holds: Callable[[bytes], bool]
    ) -> Transition | None:
        """The newest change at which *holds*, true of the file in each parent, ceases to be so."""
        for at in range(0, len(changes), _CHUNK):
            part = changes[at : at + _CHUNK]
            contents = self._read({blob for each in part for blob in (*each.olds, each.new)})
            state = {blob: holds(content) for blob, content in contents.items()}
            for change in part:
                known = all(blob in state for blob in (*change.olds, change.new))
                if known and all(state[blob] for blob in change.olds) and not state[change.new]:
                    return change
        return None

    def _read(self, blobs: set[str]) -> Mapping[str, bytes]:
        missing = blobs - self.versions.keys() - {""}
        if missing:
            if sum(map(len, self.versions.values())) > _KEPT:
                self.versions.clear()
                missing = blobs - {""}
            self.versions |= self.history.contents(missing)
        kept = {blob: self.versions[blob] for blob in blobs if blob in self.versions}
        return {**kept, "": b""}

    def changed_since(
        self, places: Sequence[tuple[str, str, int, int]], since: int
    ) -> tuple[str, ...]:
        """The commits from a time on that changed given lines of the tip's files, newest first.

        Args:
            places: Path, blob, first and last line of it (counted from 1): the lines as they
                were in a version of the file that the tip has replaced.
            since: Seconds since 1970.
        """
        ranges: dict[str, None] = {}
        for path, blob, first, last in places:
            name = self.name(path)
            size = len(split(self._read({self.now[path]})[self.now[path]]))
            if size == 0:
                continue
            form = ("-U0", "--no-color", "--no-ext-diff", "--no-textconv", blob, self.now[path])
            start, end = moved_range(self.history.ask("diff", *form), first, last)
            ranges[f"-L{min(start, size)},{min(end, size)}:{name}"] = None
        if not ranges:
            return ()
        words = ("log", "-s", "--format=%H", f"-n{_LATER}", f"--since={since}", *ranges, self.span)
        return tuple(self.history.walk_output(*words).split())


def moved_range(diff: str, first: int, last: int) -> tuple[int, int]:
    """Where the lines *first* to *last* of the old file are in the new one.

    Args:
        diff: ``git diff -U0`` from the old to the new file.
        first: Counted from 1; as is what is returned.
        last: As above. A line that changed stands for all that replaced it.
    """
    start = end = None
    before_first = before_last = 0  # how far the lines above have moved it
    for found in _HUNK.finditer(diff):
        at, count, new, added = (int(text) if text is not None else 1 for text in found.groups())
        low, high = (at, at + count - 1) if count else (at + 1, at)
        if high < first:
            before_first += added - count
            before_last += added - count
        elif low <= last:
            if low <= first:
                start = max(1, new)
            if high >= last:
                end = new + added - 1 if added else new + 1
            else:
                before_last += added - count
    begin = first + before_first if start is None else start
    return begin, max(begin, last + before_last if end is None else end)
