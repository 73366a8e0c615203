# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings, paired and aligned: what differs, and what became of a line. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.revisions import lines
from patchtool.revisions.differences import (
    Aligned,
    Block,
    aligned_files,
    blocks,
    in_place_of,
    may_become,
    most_like,
)
from patchtool.revisions.kinds import with_kind
from patchtool.revisions.pair import (
    Change,
    ChangeKind,
    DecidedBy,
    Line,
    PairKind,
    Part,
    PatchPair,
    Side,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from patchtool.revisions.lines import Entry
    from patchtool.revisions.match import Match
    from patchtool.revisions.pair import Difference
    from patchtool.series.model import Patch, Series

_FEW = 4  # characters; a shorter line is not looked for in other patches


@dataclass(frozen=True, slots=True)
class Versions:
    """A pair with its lines aligned.

    Attributes:
        pair: As a value.
        files: Its files; none of a new or dropped patch.
        blocks: The differences of each file, in the order of *files*.
        message: The message in both versions, or None.
        words: The differences of the message.
    """

    pair: PatchPair
    files: tuple[Aligned, ...] = ()
    blocks: tuple[tuple[Block, ...], ...] = ()
    message: Aligned | None = None
    words: tuple[Block, ...] = ()


class Comparison:
    """Two postings of a series, patch beside patch.

    Args:
        old: The earlier one.
        new: The later one.
        matches: Which patches belong together.
        rebased: Numbers in OLD of pairs whose mails differ in their diffs; where the diffs that
            are compared here do not, the patch was rebased.
    """

    def __init__(
        self,
        old: Series,
        new: Series,
        matches: Sequence[Match],
        rebased: Collection[int] = (),
    ) -> None:
        self.old = old
        self.new = new
        self.matches = tuple(matches)
        self._rebased = rebased
        self._ours = {patch.number: patch for patch in old.patches}
        self._theirs = {patch.number: patch for patch in new.patches}
        self.versions = tuple(
            self._versions(number, match) for number, match in enumerate(matches, 1)
        )
        self.cover = _cover(old, new)
        self._of_old = {at: each for each in self.versions for at in each.pair.old}
        self._instead: dict[str, dict[int, int]] = {}  # by the id of the difference
        self._texts: dict[str, list[Line]] = {}
        for patch in new.patches:
            for diff in patch.files:
                for entry in lines.of_file(patch.number, diff):
                    if entry.mark == "+" and len(entry.text.strip()) >= _FEW:
                        self._texts.setdefault(entry.text, []).append(entry.line)

    @property
    def pairs(self) -> tuple[PatchPair, ...]:
        """The pairs, in the order of NEW."""
        return tuple(each.pair for each in self.versions)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All differences, those of the cover letter last."""
        cover = self.cover.differences if self.cover else ()
        return (*(each for pair in self.pairs for each in pair.differences), *cover)

    def pair_of(self, patch: int) -> PatchPair:
        """The pair of a patch of OLD.

        Raises:
            KeyError: OLD has no such patch.
        """
        return self._of_old[patch].pair

    def change_at(self, patch: int, path: str, side: Side, line: int) -> Change:
        """What became of a line of OLD.

        Args:
            patch: Number of the patch of OLD.
            path: The file, by its name before or after; empty for the commit message.
            side: On which side *line* counts; without meaning in a message.
            line: Its number; see :class:`patchtool.revisions.pair.Line`.

        Raises:
            KeyError: OLD has no such patch, or the patch does not show that line.
        """
        versions = self._of_old[patch]
        if not versions.pair.new:
            entry = self._lone(patch, path, side, line)
            found = self._elsewhere(entry)
            kind = ChangeKind.ELSEWHERE if found else ChangeKind.PATCH_DROPPED
            return Change(kind, (entry.line,), found)
        for file, found_blocks, at in self._places(versions, patch, path, side, line):
            return self._change(file, found_blocks, at)
        raise KeyError((patch, path, line))

    def _places(
        self, versions: Versions, patch: int, path: str, side: Side, line: int
    ) -> Iterator[tuple[Aligned, tuple[Block, ...], int]]:
        """The file, its differences, and the index in it, of a line of OLD."""
        files = list(zip(versions.files, versions.blocks, strict=True))
        if not path and versions.message is not None:
            files = [(versions.message, versions.words)]
        names = self._names(patch, path)
        for file, found in files:
            for at, entry in enumerate(file.old):
                if _is_at(entry, patch, names, side, line):
                    yield file, found, at

    def _names(self, patch: int, path: str) -> frozenset[str]:
        """A file's names before and after the patch of OLD."""
        names = {path}
        for diff in self._ours[patch].files:
            if path in (diff.old_path, diff.new_path):
                names |= {name for name in (diff.old_path, diff.new_path) if name}
        return frozenset(names)

    def _lone(self, patch: int, path: str, side: Side, line: int) -> Entry:
        whole = self._ours[patch]
        entries = [entry for diff in whole.files for entry in lines.of_file(patch, diff)]
        entries += lines.of_message(whole) if not path else ()
        for entry in entries:
            if _is_at(entry, patch, self._names(patch, path), side, line):
                return entry
        raise KeyError((patch, path, line))

    def _change(self, file: Aligned, found: tuple[Block, ...], at: int) -> Change:
        entry = file.old[at]
        if at in file.same:
            return Change(ChangeKind.UNCHANGED, (entry.line,), (file.new[file.same[at]].line,))
        block = next((each for each in found if at in each.old), None)
        name = block.difference.id if block else ""
        if at in file.moved:
            there = file.new[file.moved[at]].line
            blank = there.text != entry.line.text
            return Change(ChangeKind.MOVED, (entry.line,), (there,), name, blank)
        if block is None:  # context that NEW does not show
            return Change(ChangeKind.UNCHANGED, (entry.line,))
        instead = self._instead.get(name)
        if instead is None:
            instead = self._instead[name] = in_place_of(file, block)
        if at in instead:
            there = file.new[instead[at]].line
            blank = "".join(there.text.split()) == "".join(entry.line.text.split())
            return Change(ChangeKind.CHANGED, (entry.line,), (there,), name, blank)
        elsewhere = self._elsewhere(entry)
        if elsewhere:
            return Change(ChangeKind.ELSEWHERE, (entry.line,), elsewhere, name)
        like = most_like(file, found, at)
        if like is not None:
            return Change(ChangeKind.CHANGED, (entry.line,), (file.new[like].line,), name)
        left = (to for to in block.new if to not in instead.values())
        free = [to for to in left if may_become(file, at, to)]
        kind = ChangeKind.CHANGED if free else ChangeKind.GONE
        return Change(kind, (entry.line,), tuple(file.new[to].line for to in free), name)

    def _elsewhere(self, entry: Entry) -> tuple[Line, ...]:
        """Where NEW adds the line that OLD added, as far as it is the only such place."""
        found = self._texts.get(entry.text, []) if entry.mark == "+" else []
        return tuple(found[:1]) if len(found) == 1 else ()

    def _versions(self, number: int, match: Match) -> Versions:
        old = [self._ours[at] for at in match.old]
        new = [self._theirs[to] for to in match.new]
        pair = PatchPair(
            kind=PairKind.NEW if new else PairKind.DROPPED,
            old=match.old,
            new=match.new,
            decided_by=match.decided_by,
            reason=match.reason,
            similarity=match.similarity,
            runner_up=match.runner_up,
            reordered=match.reordered,
            old_subject=old[0].subject if old else "",
            new_subject=new[0].subject if new else "",
        )
        if not old or not new:
            return Versions(pair)
        files = aligned_files(lines.of_patches(old), lines.of_patches(new))
        found: list[tuple[Block, ...]] = []
        count = 1
        for file in files:
            found.append(blocks(file, Part.DIFF, number, count))
            count += len(found[-1])
        message = _aligned_message(old[0], new[0])
        words = blocks(message, Part.MESSAGE, number, count)
        every = tuple(block.difference for some in (*found, words) for block in some)
        pair = replace(pair, differences=every)
        pair = with_kind(pair, old, new, files, replaced=match.replaced)
        if pair.old[0] in self._rebased and pair.kind in (PairKind.UNCHANGED, PairKind.TEXT):
            pair = replace(pair, kind=PairKind.REBASED)
        return Versions(pair, files, tuple(found), message, words)


def _is_at(entry: Entry, patch: int, names: Collection[str], side: Side, line: int) -> bool:
    number = entry.before if side is Side.BEFORE and entry.line.path else entry.after
    return number == line and entry.line.path in names and entry.line.patch == patch


def _aligned_message(old: Patch, new: Patch) -> Aligned:
    ours = {"": lines.of_message(old)}
    theirs = {"": lines.of_message(new)}
    return aligned_files(ours, theirs)[0]


def _cover(old: Series, new: Series) -> PatchPair | None:
    """The cover letters as a pair, if both have one."""
    if old.cover is None or new.cover is None:
        return None
    found = aligned_files(
        {"": lines.of_text(0, old.title, old.cover)},
        {"": lines.of_text(0, new.title, new.cover)},
    )[0]
    differences = tuple(block.difference for block in blocks(found, Part.COVER, 0))
    return PatchPair(
        kind=PairKind.TEXT if differences else PairKind.UNCHANGED,
        old=(0,),
        new=(0,),
        decided_by=DecidedBy.SUBJECT if old.title == new.title else DecidedBy.CONTENT,
        reason="the cover letters",
        old_subject=old.title,
        new_subject=new.title,
        differences=differences,
    )
