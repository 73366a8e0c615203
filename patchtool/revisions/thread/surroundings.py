# SPDX-License-Identifier: GPL-2.0-or-later
"""From the place of a remark to what changed there and around it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.revisions.pair import Change, ChangeKind, PairKind, Part, Side
from patchtool.revisions.thread.names import request_of, tokens_of
from patchtool.revisions.thread.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.revisions.pair import Difference, PatchPair
    from patchtool.revisions.remark import Place, Remark
    from patchtool.revisions.versions import Comparison

_REACH = 3  # lines from the place to a change that counts as near
_MESSAGE = ("commit log", "commit message", "changelog", "description")


def scene_of(remark: Remark, found: Comparison) -> Scene:
    """What became of a remark's place, and what changed around it."""
    new = [patch for pair in found.pairs if pair.kind is PairKind.NEW for patch in pair.new]
    patches = [patch for patch in found.new.patches if patch.number in new]
    rows = (
        line.decode("utf-8", "replace")
        for patch in patches
        for diff in patch.files
        if diff.path == remark.place.path
        for hunk in diff.hunks
        for line in hunk.lines
        if line[:1] == b"+"
    )
    paths = {path for patch in found.new.patches for path in patch.paths}
    paths -= {path for patch in found.old.patches for path in patch.paths}
    return replace(_scene_of(remark, found), added=tuple(rows), paths=frozenset(paths))


def _scene_of(remark: Remark, found: Comparison) -> Scene:
    place = remark.place
    number = place.patch if place.patch is not None else remark.patch
    if place.part is Part.COVER or not number:
        return _in_cover(remark, found)
    try:
        pair = found.pair_of(number)
    except KeyError:
        return Scene(Change(ChangeKind.UNCHANGED), elsewhere=found.differences)
    change = _change(place, number, found)
    near, beside = _near_and_beside(place, change, pair)
    seen = {each.id for each in (*near, *beside)}
    elsewhere = tuple(each for each in found.differences if each.id not in seen)
    diff = place.part is Part.DIFF
    related: tuple[Difference, ...] = ()
    if not diff:
        related = _of_same_names(remark, pair, near)
        if place.line is None and not pair.new:
            change = Change(ChangeKind.PATCH_DROPPED)
    return Scene(
        change=change,
        near=near,
        beside=beside,
        pair=pair,
        elsewhere=elsewhere,
        before=_names_of_old(number, found),
        text=change.old[-1].text if change.old and diff else "",
        related=related,
        loose=not diff and _is_loose(remark, pair, found),
    )


def _in_cover(remark: Remark, found: Comparison) -> Scene:
    """Of a remark on the cover letter: the whole series may answer it."""
    words = found.cover.differences if found.cover else ()
    line = remark.place.line
    near = tuple(
        each for each in words if line is not None and _touches(each, "", None, line, None)
    )
    names = _names(remark)
    also = tuple(each for each in found.differences if each not in near and _shares(each, names))
    return Scene(
        Change(ChangeKind.UNCHANGED),
        near=near,
        related=also,
        beside=words,
        elsewhere=found.differences,
        loose=bool(found.differences),
    )


def _is_loose(remark: Remark, pair: PatchPair, found: Comparison) -> bool:
    """Whether what a remark speaks of in general changed: cover letter, message, or patch."""
    words = " ".join(remark.text.lower().split())
    if "cover letter" in words:
        return bool(found.cover and found.cover.differences)
    text = any(each in words for each in _MESSAGE)
    return any(not text or each.part is Part.MESSAGE for each in pair.differences)


def _of_same_names(
    remark: Remark, pair: PatchPair, near: Sequence[Difference]
) -> tuple[Difference, ...]:
    """Differences of the patch with a name that a remark on the whole of it has."""
    names = _names(remark)
    return tuple(each for each in pair.differences if each not in near and _shares(each, names))


def _names(remark: Remark) -> frozenset[str]:
    wanted = request_of(remark.text)
    return wanted.names | wanted.targets | wanted.against


def _change(place: Place, number: int, found: Comparison) -> Change:
    """What became of the line."""
    if place.line is None or place.proposal:
        return Change(ChangeKind.UNCHANGED)
    path = place.path if place.part is Part.DIFF else ""
    try:
        return found.change_at(number, path, place.side or Side.AFTER, place.line)
    except KeyError:
        return Change(ChangeKind.UNCHANGED)


def _names_of_old(number: int, found: Comparison) -> frozenset[str]:
    """Names in the lines that OLD's patch leaves."""
    patch = next(each for each in found.old.patches if each.number == number)
    rows = (line for diff in patch.files for hunk in diff.hunks for line in hunk.lines)
    return frozenset(tokens_of(row.decode("utf-8", "replace") for row in rows if row[:1] != b"-"))


def _near_and_beside(
    place: Place, change: Change, pair: PatchPair
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """The differences within a few lines of a place, and those of its function or message."""
    near: list[Difference] = []
    beside: list[Difference] = []
    diff = place.part is Part.DIFF
    there = change.new[0].number if change.new and change.kind is ChangeKind.UNCHANGED else None
    for each in pair.differences:
        if (each.part is Part.DIFF) is not diff:
            continue
        hit = bool(each.id) and each.id == change.difference
        if place.line is not None and not place.proposal:
            path = place.path if diff else ""
            hit |= _touches(each, path, place.side, place.line, there)
        if hit:
            near.append(each)
        elif not diff or (each.path == place.path and each.function == place.function):
            beside.append(each)
    return tuple(near), tuple(beside)


def _touches(
    difference: Difference, path: str, side: Side | None, line: int, there: int | None
) -> bool:
    """Whether a difference is within a few lines of a line of OLD, or of that line in NEW."""
    if path and path not in {difference.path, *(each.path for each in difference.old)}:
        return False
    places = [(each, line) for each in difference.old]
    places += [(each, there) for each in difference.new] if there is not None else []
    return any(
        abs(each.number - number) <= _REACH
        for each, number in places
        if side in (None, each.side) and (bool(path) or (each.number == 1) is (number == 1))
    )


def _shares(difference: Difference, names: Iterable[str]) -> bool:
    rows = [line.text for line in (*difference.old, *difference.new)]
    return not tokens_of(rows).isdisjoint(names)
