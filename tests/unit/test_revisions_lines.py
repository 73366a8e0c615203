# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a line: one test for each answer, and how lines are aligned."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.revisions.align import align, counterparts, increasing
from patchtool.revisions.lines import function_name, of_file
from patchtool.revisions.pair import Change, ChangeKind, Side
from patchtool.series.diff import parse_diff
from patchtool.series.file_diff import FileDiff, Hunk
from tests.lib.revised import BASE, Draft, compared, edit, post, replaced

if TYPE_CHECKING:
    from tests.lib.revised import Draft as _Draft

AFTER = Side.AFTER
CALL = "\t\tcount_alpha(result);"
LOCKED = (CALL, "\t\tcount_alpha_locked(result, GFP_KERNEL);\n\t\tflush_alpha_cache();")


def line_of(draft: Draft, text: str, path: str = "mm/a.c") -> int:
    """The number of a line in the file after a patch."""
    after = draft.edits[path][1]
    assert after is not None
    return next(at for at, line in enumerate(after.split("\n"), 1) if text in line)


def change(old: _Draft, new: _Draft, text: str) -> Change:
    found = compared(post(old), post(new, revision=2))
    return found.change_at(1, "mm/a.c", AFTER, line_of(old, text))


def texts(found: Change) -> list[str]:
    return [line.text.strip("+\t ") for line in found.new]


def test_a_line_that_stays() -> None:
    found = change(edit("mm: a", LOCKED), edit("mm: a", LOCKED), "flush_alpha_cache")
    assert (found.kind, texts(found)) == (ChangeKind.UNCHANGED, ["flush_alpha_cache();"])


def test_a_line_that_changed() -> None:
    other = (CALL, LOCKED[1].replace("GFP_KERNEL", "GFP_NOWAIT"))
    found = change(edit("mm: a", LOCKED), edit("mm: a", other), "GFP_KERNEL")
    assert (found.kind, found.difference) == (ChangeKind.CHANGED, "1.1")
    assert texts(found) == ["count_alpha_locked(result, GFP_NOWAIT);"]
    assert not found.blank_only


def test_a_line_that_changed_in_white_space() -> None:
    other = (CALL, LOCKED[1].replace(", GFP", ",GFP"))
    found = change(edit("mm: a", LOCKED), edit("mm: a", other), "GFP_KERNEL")
    assert found.blank_only


def test_a_line_that_is_gone() -> None:
    other = (CALL, LOCKED[1].partition("\n")[0])
    found = change(edit("mm: a", LOCKED), edit("mm: a", other), "flush_alpha_cache")
    assert (found.kind, found.new) == (ChangeKind.GONE, ())


def test_a_line_that_moved_within_its_file() -> None:
    apart = [
        (CALL, LOCKED[1].partition("\n")[0]),
        ("int filler_6;", "int filler_6;\nflush_alpha_cache();"),
    ]
    found = change(edit("mm: a", LOCKED), edit("mm: a", *apart), "flush_alpha_cache")
    assert found.kind is ChangeKind.MOVED
    assert texts(found) == ["flush_alpha_cache();"]


def test_a_line_that_is_in_another_file_now() -> None:
    after = {
        "mm/a.c": (BASE, replaced(BASE, (CALL, LOCKED[1].partition("\n")[0]))),
        "mm/b.c": (BASE, replaced(BASE, ("int filler_3;", "\t\tflush_alpha_cache();"))),
    }
    found = change(edit("mm: a", LOCKED), Draft("mm: a", after), "flush_alpha_cache")
    assert (found.kind, [line.path for line in found.new]) == (ChangeKind.ELSEWHERE, ["mm/b.c"])


def test_a_line_of_a_dropped_patch() -> None:
    old = edit("mm: a", LOCKED)
    other = edit("fs: b", ("int filler_2;", "int pages_of_filler;"), path="fs/b.c")
    found = compared(post(old, other), post(other, revision=2))
    line = found.change_at(1, "mm/a.c", AFTER, line_of(old, "GFP_KERNEL"))
    assert (line.kind, line.new) == (ChangeKind.PATCH_DROPPED, ())


def test_a_removed_line_counts_in_the_file_before() -> None:
    old = edit("mm: a", LOCKED)
    found = compared(post(old), post(old, revision=2))
    line = found.change_at(1, "mm/a.c", Side.BEFORE, 6)
    assert (line.kind, line.old[0].text) == (ChangeKind.UNCHANGED, f"-{CALL}")


def test_a_renamed_file_is_known_by_both_names() -> None:
    lines = [b" \tone();", b"-\ttwo();", b"+\tthree();", b" \tfour();"]
    hunk = Hunk(1, 3, 1, 3, "", tuple(lines))
    series = post(edit("mm: a", LOCKED))
    renamed = FileDiff("mm/old.c", "mm/new.c", None, None, None, (hunk,))
    patch = replace(series.patches[0], files=(renamed,))
    found = compared(replace(series, patches=(patch,)), replace(series, patches=(patch,)))
    for name in ("mm/old.c", "mm/new.c"):
        assert found.change_at(1, name, Side.BEFORE, 2).old[0].text == "-\ttwo();"
        assert found.change_at(1, name, AFTER, 2).old[0].text == "+\tthree();"


def test_context_that_new_does_not_show_is_unchanged() -> None:
    wide = (("\tint result = read_first(first);", "\tlong result = read_first(first);"), LOCKED)
    old, new = edit("mm: a", *wide), edit("mm: a", wide[0])
    found = compared(post(old), post(new, revision=2))
    assert found.change_at(1, "mm/a.c", AFTER, 10).kind is ChangeKind.UNCHANGED


@pytest.mark.parametrize("where", [("mm/a.c", 400), ("mm/none.c", 1)])
def test_a_line_that_the_patch_does_not_show(where: tuple[str, int]) -> None:
    old = edit("mm: a", LOCKED)
    found = compared(post(old), post(old, revision=2))
    with pytest.raises(KeyError):
        found.change_at(1, where[0], AFTER, where[1])


def test_a_line_of_the_message() -> None:
    old = edit("mm: a", LOCKED, text="One of it.\nTwo of it.\n")
    new = edit("mm: a", LOCKED, text="One of it.\nTwo of them all.\n")
    found = compared(post(old), post(new, revision=2))
    assert found.change_at(1, "", AFTER, 3).kind is ChangeKind.UNCHANGED
    changed = found.change_at(1, "", AFTER, 4)
    assert (changed.kind, changed.new[0].text) == (ChangeKind.CHANGED, " Two of them all.")


def test_a_function_moved_out_is_found_again() -> None:
    """Its lines have another indentation there."""
    body = "\t\tif (first)\n\t\t\tcount_alpha_of_first(first, GFP_KERNEL);"
    out = "static void helper(int first)\n{\n\tif (first)\n\t\tcount_alpha_of_first(first, "
    out += "GFP_KERNEL);\n}\n\nint omega(int last)"
    old = edit("mm: a", (CALL, body))
    new = edit("mm: a", (CALL, "\t\thelper(first);"), ("int omega(int last)", out))
    found = change(old, new, "count_alpha_of_first")
    assert (found.kind, found.blank_only) == (ChangeKind.MOVED, True)


def test_the_function_of_a_line() -> None:
    diff = b"--- a/f.c\n+++ b/f.c\n@@ -9,3 +9,5 @@ int above(void)\n"
    diff += b" \ta;\n+\tb;\n+int below(int x)\n \tc;\n \td;\n"
    (file,) = parse_diff(diff, "x")
    found = of_file(1, file)
    assert [(each.text.strip(), function_name(each.function), each.before) for each in found] == [
        ("a;", "above", 9), ("b;", "above", None), ("int below(int x)", "below", None),
        ("c;", "below", 10), ("d;", "below", 11),
    ]  # fmt: skip


LINES = st.lists(st.sampled_from(["{", "}", "", "alpha();", "omega();", "return 0;"]), max_size=30)


@given(LINES, LINES)
def test_aligned_lines_are_equal_and_in_order(old: list[str], new: list[str]) -> None:
    found = align(old, new)
    assert all(old[at] == new[to] for at, to in found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))


@given(LINES)
def test_a_text_is_aligned_with_itself_whole(text: list[str]) -> None:
    assert align(text, text) == [(at, at) for at in range(len(text))]


def test_a_long_line_is_worth_more_than_a_brace() -> None:
    long = ["return_all();", "return_all();"]
    assert align(["x", "x", *long], [*long, "x"]) == [(2, 0), (3, 1)]


def test_long_texts_of_one_line_are_not_compared_cell_by_cell() -> None:
    """A mail with ten thousand braces must not take minutes."""
    assert align(["}"] * 9000 + ["a"], ["b"] + ["}"] * 9000) == []


def test_the_longest_increasing_run() -> None:
    assert [[3, 1, 2, 5, 4][at] for at in increasing([3, 1, 2, 5, 4])] == [1, 2, 4]
    assert increasing([]) == []


def test_lines_are_matched_with_those_most_like_them() -> None:
    old = ["int count = get_count(a);", "return 0;"]
    assert counterparts(old, ["unrelated words here", "int count = get_count(a, b);"]) == {0: 1}


def test_one_line_without_end_takes_no_minutes() -> None:
    """The name of its function was looked for by the square of its length."""
    old, new = (edit("mm: a", ("int filler_1;", letter * 200_000)) for letter in "xy")
    assert len(compared(post(old), post(new, revision=2)).differences) == 1


def test_a_goto_is_not_taken_for_one_of_another_function() -> None:
    """`goto leave_it;` was shown as changed to `goto put_it;` of a function far away."""
    stays = "read_first(first);\n\tcheck_first(first);"
    alpha = ("read_first(first);", f"{stays}\n\tgoto leave_it;")
    omega = ("read_last(last);", "read_last(last);\n\tgoto put_it;")
    new = edit("mm: a", ("read_first(first);", stays), omega)
    found = change(edit("mm: a", alpha), new, "goto leave_it;")
    assert (found.kind, found.new) == (ChangeKind.GONE, ())
