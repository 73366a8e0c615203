# SPDX-License-Identifier: GPL-2.0-or-later
"""What holds for any two postings: no patch and no line is lost on the way."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.revisions import lines
from patchtool.revisions.pair import ChangeKind, Line, Part
from tests.lib.revised import BASE, Draft, compared, post

if TYPE_CHECKING:
    from patchtool.revisions.lines import Entry
    from patchtool.series.model import Patch, Series

_LINES = BASE.split("\n")
_NEW = ("\tgrab_page(page);", "\tput_page(page);", "{", "}", "", "\tif (page)", "\treturn 0;")


@st.composite
def after(draw: st.DrawFn) -> str:
    """The base with some lines removed, and some added."""
    text = list(_LINES)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text) - 2))
        if draw(st.booleans()):
            del text[at]
        else:
            text.insert(at, draw(st.sampled_from(_NEW)))
    return "\n".join(text) if text != _LINES else "\n".join([*text[:-1], "\tlast();", ""])


@st.composite
def series(draw: st.DrawFn, revision: int) -> Series:
    paths = draw(st.lists(st.sampled_from(["mm/a.c", "mm/b.c", "fs/c.c"]), min_size=1, max_size=3))
    drafts = [Draft(f"mm: change of {path}", {path: (BASE, draw(after()))}) for path in paths]
    return post(*drafts, revision=revision)


def changed(patches: list[Patch], given_away: set[Line]) -> Counter[str]:
    """The lines that patches add and remove, but for some."""
    entries: list[Entry] = [
        entry
        for patch in patches
        for diff in patch.files
        for entry in lines.of_file(patch.number, diff)
    ]
    kept = [each.line for each in entries if each.mark != " " and each.line not in given_away]
    return Counter(line.text for line in kept)


@given(series(1), series(2))
@settings(max_examples=30, deadline=None)
def test_each_patch_is_in_one_pair(old: Series, new: Series) -> None:
    pairs = compared(old, new).pairs
    ours = [at for pair in pairs for at in pair.old]
    theirs = [to for pair in pairs for to in pair.new]
    assert sorted(ours) == [patch.number for patch in old.patches]
    assert sorted(theirs) == [patch.number for patch in new.patches]


@given(series(1), series(2))
@settings(max_examples=30, deadline=None)
def test_what_is_in_no_difference_is_the_same(old: Series, new: Series) -> None:
    for pair in compared(old, new).pairs:
        code = [each for each in pair.differences if each.part is Part.DIFF]
        if pair.old and pair.new:
            ours = [patch for patch in old.patches if patch.number in pair.old]
            theirs = [patch for patch in new.patches if patch.number in pair.new]
            one = changed(ours, {line for each in code for line in each.old})
            assert one == changed(theirs, {line for each in code for line in each.new})


@given(series(1), series(2))
@settings(max_examples=30, deadline=None)
def test_something_became_of_each_line(old: Series, new: Series) -> None:
    found = compared(old, new)
    known = {each.id for each in found.differences}
    for patch in old.patches:
        for diff in patch.files:
            for entry in lines.of_file(patch.number, diff):
                line = entry.line
                change = found.change_at(patch.number, line.path, line.side, line.number)
                assert change.old == (line,)
                assert change.difference in {"", *known}
                assert bool(change.new) or change.kind in (
                    ChangeKind.GONE, ChangeKind.PATCH_DROPPED, ChangeKind.UNCHANGED
                )  # fmt: skip


@given(series(1))
@settings(max_examples=20, deadline=None)
def test_nothing_differs_from_itself(old: Series) -> None:
    assert compared(old, old).differences == ()
