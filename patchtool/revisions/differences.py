# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs between two versions of a patch, and where each line of the one is in the other.

Lines are aligned file by file, with their marks first; what is left, without. Lines of context that
one version shows and the other does not are no difference: hunks grow and shrink. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from patchtool.revisions.align import align, counterparts, likeness, words
from patchtool.revisions.pair import Difference, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.revisions.lines import Entry

_SIGNIFICANT = 4  # characters of a line that is looked for at other places
_APART = 40  # lines between two places in a file that are no longer one place
_NAME = re.compile(r"[A-Za-z_]\w{2,}")
_KEYWORDS = frozenset(
    ["goto", "return", "break", "int", "struct", "static", "void", "const", "for"]
)
_MOST = 0.65  # of the words of a line that has to be in another one that took its place


@dataclass(frozen=True, slots=True)
class Aligned:
    """A file of a patch in both versions.

    Attributes:
        old_path: In OLD; empty of a file that only NEW touches.
        new_path: In NEW; empty of a file that only OLD touches.
        old: The lines of OLD.
        new: The lines of NEW.
        same: Index in OLD -> index in NEW of the same line, in order.
        moved: The same, of lines that stand at another place.
    """

    old_path: str
    new_path: str
    old: tuple[Entry, ...]
    new: tuple[Entry, ...]
    same: Mapping[int, int]
    moved: Mapping[int, int]

    @property
    def context_differs(self) -> bool:
        """Whether the same lines have other numbers, or other lines around them."""
        return (
            len(self.same) != len(self.old)
            or len(self.same) != len(self.new)
            or any(
                (self.old[at].before, self.old[at].after)
                != (self.new[to].before, self.new[to].after)
                for at, to in self.same.items()
            )
        )


def aligned_files(
    old: Mapping[str, tuple[Entry, ...]], new: Mapping[str, tuple[Entry, ...]]
) -> tuple[Aligned, ...]:
    """The files of two versions of a patch, those of the same name or of the same lines beside."""
    names = {path: path for path in old if path in new}
    lone = [path for path in new if path not in old]
    for path in (path for path in old if path not in new):
        best = max(lone, key=lambda other: _shared(old[path], new[other]), default=None)
        if best is not None and 2 * _shared(old[path], new[best]) > len(old[path]):
            names[path] = best
            lone.remove(best)
    files = [aligned(path, names.get(path, ""), old, new) for path in old]
    return (*files, *(aligned("", path, old, new) for path in lone))


def _shared(old: Sequence[Entry], new: Sequence[Entry]) -> int:
    return len({each.line.text for each in old} & {each.line.text for each in new})


def aligned(
    old_path: str,
    new_path: str,
    old: Mapping[str, tuple[Entry, ...]],
    new: Mapping[str, tuple[Entry, ...]],
) -> Aligned:
    """One file in both versions."""
    ours, theirs = old.get(old_path, ()), new.get(new_path, ())
    same = dict(_in_order(ours, theirs))
    moved: dict[int, int] = {}
    for form in (_exactly, _blanks_aside):
        places: dict[str, list[int]] = {}
        taken = {*same.values(), *moved.values()}
        for to, entry in enumerate(theirs):
            if to not in taken and _is_said(entry):
                places.setdefault(form(entry), []).append(to)
        for at, entry in enumerate(ours):
            if at not in same and at not in moved and places.get(form(entry)):
                moved[at] = places[form(entry)].pop(0)
    return Aligned(old_path, new_path, ours, theirs, same, moved)


def _in_order(old: Sequence[Entry], new: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    """The same lines with the same marks, in order.

    The lines that the file had before stand firm, so that an added line which comes above one of
    them, and not below it as before, has moved.
    """
    ours = [at for at, each in enumerate(old) if _is_firm(each)]
    theirs = [to for to, each in enumerate(new) if _is_firm(each)]
    firm = align([old[at].text for at in ours], [new[to].text for to in theirs])
    low = left = 0
    for at, to in [*((ours[at], theirs[to]) for at, to in firm), (len(old), len(new))]:
        texts = [each.line.text for each in old[low:at]], [each.line.text for each in new[left:to]]
        yield from ((low + one, left + other) for one, other in align(*texts))
        if at < len(old) and old[at].mark == new[to].mark:
            yield at, to
        low, left = at + 1, to + 1


def _is_firm(entry: Entry) -> bool:
    return entry.before is not None and len(entry.text.strip()) >= _SIGNIFICANT


def _exactly(entry: Entry) -> str:
    return entry.line.text


def _blanks_aside(entry: Entry) -> str:
    return "".join(entry.line.text.split()) if entry.mark != " " else entry.line.text


def _is_said(entry: Entry) -> bool:
    """Whether a line is changed, and says enough to be looked for elsewhere."""
    return entry.mark != " " and len(entry.text.strip()) >= _SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Block:
    """A difference, with the indices of its lines.

    Attributes:
        difference: As a value.
        old: Indices of its lines in :attr:`Aligned.old`.
        new: Indices of its lines in :attr:`Aligned.new`.
    """

    difference: Difference
    old: tuple[int, ...]
    new: tuple[int, ...]


def blocks(file: Aligned, part: Part, number: int, first: int = 1) -> tuple[Block, ...]:
    """The differences of a file.

    Args:
        file: The file in both versions.
        part: The part of the posting it is of.
        number: Of the pair, for the ids.
        first: Number of the first difference.
    """
    found: list[Block] = []
    for ours, theirs in _gaps(file):
        old, new = _without_context(file, ours, theirs, part)
        if not old and not new:
            continue
        entries = [file.old[at] for at in old], [file.new[to] for to in new]
        some = (*entries[1], *entries[0])[0]
        difference = Difference(
            id=f"{number}.{first + len(found)}",
            part=part,
            path=file.new_path or file.old_path,
            function=some.function,
            old=tuple(each.line for each in entries[0]),
            new=tuple(each.line for each in entries[1]),
            blank_only=_bare(entries[0]) == _bare(entries[1]),
            moved=_all_moved(file, old, new),
        )
        found.append(Block(difference, tuple(old), tuple(new)))
    return tuple(found)


def _gaps(file: Aligned) -> Iterator[tuple[range, range]]:
    """What lies between lines that are the same: the indices on both sides."""
    at = to = 0
    ends = [*sorted(file.same.items()), (len(file.old), len(file.new))]
    for end, other in ends:
        ours, theirs = _by_hunk(file.old, at, end), _by_hunk(file.new, to, other)
        while ours or theirs:
            one, two = ours[:1], theirs[:1]
            if one and two and not _are_near(file.old[one[0].start], file.new[two[0].start]):
                if _place(file.old[one[0].start]) < _place(file.new[two[0].start]):
                    two = []
                else:
                    one = []
            ours, theirs = ours[len(one) :], theirs[len(two) :]
            yield (one or [range(at, at)])[0], (two or [range(to, to)])[0]
        at, to = end + 1, other + 1


def _by_hunk(entries: Sequence[Entry], low: int, high: int) -> list[range]:
    """The lines from *low* to before *high*, hunk by hunk."""
    marks = [(entries[at].hunk, entries[at].line.patch) for at in range(low, high)]
    starts = [low + at for at, mark in enumerate(marks) if at == 0 or mark != marks[at - 1]]
    return [range(start, end) for start, end in pairwise([*starts, high])]


def _are_near(one: Entry, two: Entry) -> bool:
    """Whether what begins there in OLD can have become what begins there in NEW."""
    return one.function == two.function or abs(_place(one) - _place(two)) <= _APART


def _place(entry: Entry) -> int:
    return entry.after or entry.before or 0


def _without_context(
    file: Aligned, ours: range, theirs: range, part: Part
) -> tuple[list[int], list[int]]:
    """A gap without the lines of context that the other version does not show.

    Those stay that the other version adds or removes.
    """
    if part is not Part.DIFF:  # trailers and change logs are compared for themselves
        return _prose(file.old, ours), _prose(file.new, theirs)
    changed_old = {file.old[at].text for at in ours if file.old[at].mark != " "} - {""}
    changed_new = {file.new[to].text for to in theirs if file.new[to].mark != " "} - {""}
    old = [at for at in ours if file.old[at].mark != " " or file.old[at].text in changed_new]
    new = [to for to in theirs if file.new[to].mark != " " or file.new[to].text in changed_old]
    return old, new


def _prose(entries: Sequence[Entry], among: range) -> list[int]:
    """The lines of a message that are prose, without empty ones at the ends."""
    prose = [at for at in among if not entries[at].function]
    said = [number for number, at in enumerate(prose) if entries[at].text.strip()]
    return prose[said[0] : said[-1] + 1] if said else []


def _bare(entries: Sequence[Entry]) -> list[str]:
    """What is left without white space; empty lines are nothing."""
    joined: dict[str, str] = {}
    for entry in entries:
        joined[entry.mark] = joined.get(entry.mark, "") + "".join(entry.text.split())
    return [mark + rest for mark, rest in sorted(joined.items()) if rest]


def _all_moved(file: Aligned, old: Sequence[int], new: Sequence[int]) -> bool:
    """Whether all lines of a difference that say something stand elsewhere in the other version."""
    there = set(file.moved.values())
    ours = [at in file.moved for at in old if _is_said(file.old[at])]
    theirs = [to in there for to in new if _is_said(file.new[to])]
    return bool(ours or theirs) and all(ours) and all(theirs)


def in_place_of(file: Aligned, block: Block) -> dict[int, int]:
    """For lines of OLD in a difference, the lines of NEW there that are most like them."""
    found = counterparts(
        [file.old[at].text for at in block.old], [file.new[to].text for to in block.new]
    )
    pairs = {block.old[at]: block.new[to] for at, to in found.items()}
    return {at: to for at, to in pairs.items() if may_become(file, at, to)}


def may_become(file: Aligned, at: int, to: int) -> bool:
    """Whether a line of OLD can have become one of NEW; ``goto out;`` is like any other goto.

    One of another function, where NEW shows the first as well, has to have two names in common.
    """
    old, new = file.old[at], file.new[to]
    if old.function == new.function or not (old.function and new.function):
        return True
    if len(_names(old.text) & _names(new.text)) > 1:
        return True
    return not any(each.function == old.function for each in file.new)


def _names(text: str) -> set[str]:
    return set(_NAME.findall(text)) - _KEYWORDS


def most_like(file: Aligned, found: Sequence[Block], at: int) -> int | None:
    """The line that NEW changes in the same file and that is most like one of OLD, or None."""
    ours = words(file.old[at].text)
    free = {to for block in found for to in block.new} - set(file.moved.values())
    likes = [
        (likeness(ours, words(new.text)), -to)
        for to in free
        if _is_said(new := file.new[to]) and may_become(file, at, to)
    ]
    like, to = max(likes, default=(0.0, 0))
    return -to if like >= _MOST and _is_said(file.old[at]) else None
