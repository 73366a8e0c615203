# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a line of a proposal: a diff in the thread, between OLD and NEW. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.revisions import lines
from patchtool.revisions.pair import Change, ChangeKind, Difference, Part
from patchtool.revisions.thread.quotes import key
from patchtool.revisions.thread.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.revisions.lines import Entry
    from patchtool.revisions.pair import Line, PatchPair
    from patchtool.revisions.remark import Place, Remark
    from patchtool.revisions.versions import Comparison
    from patchtool.series.file_diff import FileDiff


def of_proposal(remark: Remark, files: Iterable[FileDiff], found: Comparison) -> Scene:
    """What became of a remark's place in a proposal, compared with NEW instead of OLD.

    Args:
        remark: It is placed in a proposal.
        files: The diffs of that proposal.
        found: OLD and NEW.
    """
    place = remark.place
    pair = _pair(place.patch, found)
    entries = [each for diff in files for each in lines.of_file(place.patch or 0, diff)]
    here = next((each for each in entries if _is_at(each.line, place)), None)
    if here is None:
        return Scene(Change(ChangeKind.UNCHANGED), pair=pair, elsewhere=found.differences)
    hunk = [
        each
        for each in entries
        if each.hunk == here.hunk and each.line.path == here.line.path and each.mark != " "
    ]
    added = [each.line for each in hunk if each.mark == "+"]
    taken = tuple(_taken_up(place.path, hunk, found))
    new = [line for each in taken for line in each.new]
    there = next((line for line in _of_new(found, place.path) if _same(line, here.line)), None)
    if there is not None:
        change = Change(ChangeKind.UNCHANGED, (here.line,), (there,))
    elif taken:
        change = Change(ChangeKind.CHANGED, (here.line,), tuple(new), taken[0].id)
    else:
        change = Change(ChangeKind.GONE, (here.line,))
    old = [line for line in added if not any(_same(line, other) for other in new)]
    new = [line for line in new if not any(_same(line, other) for other in added)]
    other = Difference(
        taken[0].id if taken else "", Part.DIFF, place.path, place.function, tuple(old), tuple(new)
    )
    return Scene(
        change=change,
        near=(other,) if new else (),
        pair=pair,
        elsewhere=found.differences,
        text=here.line.text,
    )


def _pair(number: int | None, found: Comparison) -> PatchPair | None:
    return next((each for each in found.pairs if number in each.old), None)


def _is_at(line: Line, place: Place) -> bool:
    return (line.path, line.side, line.number) == (place.path, place.side, place.line)


def _same(one: Line, two: Line) -> bool:
    return key(one.text) == key(two.text)


def _taken_up(path: str, hunk: Sequence[Entry], found: Comparison) -> Iterator[Difference]:
    """The differences that bring a line of a proposal, or take away one that it takes away."""
    brings = {key(each.line.text) for each in hunk if each.mark == "+"} - {"+"}
    drops = {f"+{key(each.text)}" for each in hunk if each.mark == "-"} - {"+"}
    for each in found.differences:
        if each.path == path and (
            brings.intersection(key(line.text) for line in each.new)
            or drops.intersection(key(line.text) for line in each.old)
        ):
            yield each


def _of_new(found: Comparison, path: str) -> Iterator[Line]:
    """The lines that NEW adds to a file."""
    for patch in found.new.patches:
        for diff in patch.files:
            if diff.path == path:
                yield from (
                    each.line for each in lines.of_file(patch.number, diff) if each.mark == "+"
                )
