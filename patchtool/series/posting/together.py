# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether two patches that bear no numbers apply one after the other, by their diffs alone. Pure.

No tree is asked. Of each file that both change:

- The blobs chain (the later patch was made of what the earlier one leaves): they apply.
- Otherwise they do not if the later one names lines, at the same place, as they were before the
  earlier one changed them; nor if both add the file, remove it, or replace it (a binary patch).

So two patches made of the same blob apply together if they change different places of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.series.hunks import before

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from patchtool.series.file_diff import FileDiff, Hunk


def apply_together(earlier: Collection[FileDiff], later: Collection[FileDiff]) -> bool:
    """Whether a patch applies behind another, as far as the two diffs tell.

    Args:
        earlier: The files of the patch that goes first.
        later: Those of the other.
    """
    changed: dict[str, FileDiff] = {}
    for each in earlier:
        changed.update({path: each for path in (each.new_path, each.old_path) if path})
    return not any(
        _collide(changed[path], each)
        for each in later
        if (path := each.old_path or each.path) in changed
    )


def _collide(one: FileDiff, two: FileDiff) -> bool:
    if _same_blob(one.new_blob, two.old_blob):
        return False
    if None in (one.old_path, one.new_path) or one.binary:
        return (one.old_path, one.new_path) == (two.old_path, two.new_path)
    return any(_stands_before(hunk, other) for hunk in one.hunks for other in two.hunks)


def _same_blob(one: str | None, two: str | None) -> bool:
    if not one or not two:
        return False
    size = min(len(one), len(two))
    return one[:size] == two[:size]


def _stands_before(one: Hunk, two: Hunk) -> bool:
    """Whether *two* names lines that *one* changes, as they were before."""
    old, other = (dict(enumerate(before(each), each.old_start)) for each in (one, two))
    shared = old.keys() & other.keys()
    if not shared or any(old[number] != other[number] for number in shared):
        return False
    return any(
        number in shared and (gone or number - 1 in shared) for number, gone in _changes(one)
    )


def _changes(hunk: Hunk) -> Iterator[tuple[int, bool]]:
    """The old lines that a hunk removes, and (False) those in front of which it adds."""
    number = hunk.old_start
    for line in hunk.lines:
        if line.startswith(b"+"):
            yield number, False
        elif line[:1] in (b"-", b" "):
            if line.startswith(b"-"):
                yield number, True
            number += 1
