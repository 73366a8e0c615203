# SPDX-License-Identifier: GPL-2.0-or-later
"""Which patch came from which, one test for each kind of a pair and for each trap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.revisions.pair import DecidedBy, PairKind, Part
from tests.lib.revised import BASE, Draft, compared, edit, post, replaced

if TYPE_CHECKING:
    from patchtool.revisions.versions import Comparison

ALPHA = ("\t\tcount_alpha(result);", "\t\tcount_alpha_locked(result, GFP_KERNEL);")
OMEGA = ("\t\tcount_omega(result);", "\t\tcount_omega_pages(result, zone);")
CHECK = (
    "\treturn result;\n}\n\nint filler_0",
    "\twarn_on_alpha(result);\n\treturn 0;\n}\n\nint filler_0",
)
ONE, TWO = edit("mm: lock alpha", ALPHA), edit("mm: count omega by pages", OMEGA)


def shape(found: Comparison) -> list[tuple[tuple[int, ...], tuple[int, ...], str]]:
    return [(pair.old, pair.new, pair.kind.value) for pair in found.pairs]


def test_the_same_patch_is_unchanged() -> None:
    found = compared(post(ONE, TWO), post(ONE, TWO, revision=2))
    assert shape(found) == [((1,), (1,), "unchanged"), ((2,), (2,), "unchanged")]
    assert {pair.decided_by for pair in found.pairs} == {DecidedBy.PATCH_ID}
    assert not found.differences


def test_only_a_tag_came() -> None:
    tagged = edit("mm: lock alpha", ALPHA, text=f"{ONE.text}Acked-by: Bob Bo <bob@b.org>\n")
    (pair,) = compared(post(ONE), post(tagged, revision=2)).pairs
    assert (pair.kind, pair.differences) == (PairKind.TEXT, ())


def test_only_the_message_changed() -> None:
    (pair,) = compared(
        post(ONE), post(edit(ONE.subject, ALPHA, text="Because.\n"), revision=2)
    ).pairs
    assert pair.kind is PairKind.TEXT
    (difference,) = pair.differences
    assert [line.text for line in difference.old] == [" Why it is so."]
    assert [(line.number, line.text) for line in difference.new] == [(3, " Because.")]


def test_a_message_that_was_wrapped_anew_is_white_space() -> None:
    long = "One two three four five\nsix seven eight.\n"
    short = "One two three\nfour five six\nseven eight.\n"
    (pair,) = compared(
        post(edit("mm: a", ALPHA, text=long)), post(edit("mm: a", ALPHA, text=short), revision=2)
    ).pairs
    assert [each.blank_only for each in pair.differences] == [True]


def test_the_same_lines_at_another_place_are_rebased() -> None:
    moved = Draft(
        ONE.subject, {"mm/a.c": (f"int more;\n\n{BASE}", f"int more;\n\n{replaced(BASE, ALPHA)}")}
    )
    (pair,) = compared(post(ONE), post(moved, revision=2)).pairs
    assert (pair.kind, pair.context_only) == (PairKind.REBASED, False)
    assert not pair.differences


def test_other_context_alone_is_no_change() -> None:
    base = BASE.replace("read_first(first)", "read_once(first)")
    (pair,) = compared(
        post(ONE), post(Draft(ONE.subject, {"mm/a.c": (base, replaced(base, ALPHA))}), revision=2)
    ).pairs
    assert (pair.kind, pair.context_only, pair.decided_by) == (
        PairKind.REBASED,
        True,
        DecidedBy.CONTENT,
    )


def test_a_changed_line_is_a_change() -> None:
    other = (ALPHA[0], "\t\tcount_alpha_locked(result, GFP_NOWAIT);")
    (pair,) = compared(post(ONE), post(edit(ONE.subject, other), revision=2)).pairs
    assert pair.kind is PairKind.CHANGED
    (difference,) = pair.differences
    assert difference.id == "1.1"
    assert [line.text for line in difference.old] == [f"+{ALPHA[1]}"]
    assert [line.text for line in difference.new] == [f"+{other[1]}"]


def test_white_space_alone_is_a_change_and_marked() -> None:
    """The patch-id takes no notice of it; a reviewer asked for it."""
    spaced = (ALPHA[0], "\t\tcount_alpha_locked(result,  GFP_KERNEL);")
    (pair,) = compared(post(ONE), post(edit(ONE.subject, spaced), revision=2)).pairs
    assert (pair.kind, pair.blank_only, pair.decided_by) == (
        PairKind.CHANGED,
        True,
        DecidedBy.PATCH_ID,
    )


def test_an_empty_line_that_came_is_white_space() -> None:
    spaced = (ALPHA[0], f"{ALPHA[1]}\n")
    (pair,) = compared(post(ONE), post(edit(ONE.subject, spaced), revision=2)).pairs
    assert (pair.kind, pair.blank_only) == (PairKind.CHANGED, True)


def test_lines_in_another_order_are_a_change() -> None:
    """A line that the file had stood above an added one, and now stands below it."""
    above = (
        "\tif (result)\n\t\tcount_alpha",
        "\tprepare_alpha(first);\n\tif (result)\n\t\tcount_alpha",
    )
    below = ("\t\tcount_alpha(result);", "\t\tcount_alpha(result);\n\tprepare_alpha(first);")
    (pair,) = compared(post(edit("mm: a", above)), post(edit("mm: a", below), revision=2)).pairs
    assert pair.kind is PairKind.CHANGED
    assert [each.moved for each in pair.differences] == [True, True]


def test_a_patch_that_was_split() -> None:
    both = edit("mm: lock alpha, count omega", ALPHA, OMEGA)
    after = replaced(BASE, ALPHA)
    second = Draft("mm: count omega by pages", {"mm/a.c": (after, replaced(after, OMEGA))})
    found = compared(post(both), post(ONE, second, revision=2))
    assert shape(found) == [((1,), (1, 2), "split")]


def test_patches_that_were_squashed() -> None:
    after = replaced(BASE, ALPHA)
    second = Draft("mm: count omega by pages", {"mm/a.c": (after, replaced(after, OMEGA))})
    both = edit("mm: lock alpha, count omega", ALPHA, OMEGA)
    found = compared(post(ONE, second), post(both, revision=2))
    assert shape(found) == [((1, 2), (1,), "merged")]
    assert [each.part for each in found.differences] == [Part.MESSAGE]


def test_the_change_log_says_what_was_squashed() -> None:
    """The lines of the one were written anew, so that they stand in no patch of NEW."""
    anew = [("\tint result = read_last(last);", "\tlong pages = read_pages_of_zone(last);")]
    after = replaced(BASE, ALPHA)
    second = Draft("fs: count omega", {"mm/a.c": (after, replaced(after, OMEGA))})
    both = edit("mm: lock alpha", ALPHA, *anew)
    log = "Why.\n\nv2:\n- squash patch 2 into patch 1\n"
    found = compared(post(ONE, second, cover="Why.\n"), post(both, revision=2, cover=log))
    assert shape(found) == [((1, 2), (1,), "merged")]
    assert "squash patch 2 into patch 1" in found.pairs[0].reason


def test_patches_in_another_order() -> None:
    three = edit("mm: warn of alpha", CHECK, path="mm/c.c")
    found = compared(post(ONE, TWO, three), post(TWO, three, ONE, revision=2))
    assert shape(found) == [
        ((2,), (1,), "unchanged"), ((3,), (2,), "unchanged"), ((1,), (3,), "reordered")
    ]  # fmt: skip


def test_a_new_patch_and_a_dropped_one() -> None:
    three = edit("fs: a thing of its own", CHECK, path="fs/c.c")
    found = compared(post(ONE, TWO), post(three, TWO, revision=2))
    assert shape(found) == [((1,), (), "dropped"), ((), (1,), "new"), ((2,), (2,), "unchanged")]
    assert found.pairs[0].decided_by is DecidedBy.NOTHING


def test_a_new_subject_does_not_part_a_pair() -> None:
    (pair,) = compared(post(ONE), post(edit("mm: entirely other words", ALPHA), revision=2)).pairs
    assert (pair.decided_by, pair.kind) == (DecidedBy.PATCH_ID, PairKind.TEXT)


def test_the_same_subject_keeps_a_rewritten_patch_together() -> None:
    (pair,) = compared(post(ONE), post(edit(ONE.subject, CHECK), revision=2)).pairs
    assert (pair.decided_by, pair.kind) == (DecidedBy.SUBJECT, PairKind.CHANGED)


@pytest.mark.parametrize("said", ["- Drop the patch that locks alpha", "- dropped patch 1"])
def test_the_change_log_says_what_was_dropped(said: str) -> None:
    """Without it the weak likeness of the subjects would make a pair."""
    old = post(edit("mm: lock alpha", ALPHA), TWO, cover="Why.\n")
    new = post(
        edit("mm: warn of alpha", CHECK), TWO, revision=2, cover=f"Why.\n\nChanges in v2:\n{said}\n"
    )
    found = compared(old, new)
    dropped = next(pair for pair in found.pairs if pair.kind is PairKind.DROPPED)
    assert (dropped.old, dropped.decided_by) == ((1,), DecidedBy.CHANGE_LOG)


def test_the_change_log_says_what_took_the_place() -> None:
    old = post(edit("mm: lock alpha", ALPHA), TWO, cover="Why.\n")
    said = "- Warn of the misuse instead of the patch to lock alpha\n"
    new = post(
        edit("mm: warn of misuse", CHECK, path="fs/w.c"),
        TWO,
        revision=2,
        cover=f"Why.\n\nv1 -> v2:\n{said}",
    )
    first = compared(old, new).pairs[0]
    assert (first.old, first.new, first.kind) == ((1,), (1,), PairKind.REPLACED)
    assert first.decided_by is DecidedBy.CHANGE_LOG


def test_of_two_like_patches_the_runner_up_is_named() -> None:
    first = edit("mm: use the locked count", ALPHA, path="mm/a.c")
    second = edit("mm: use the locked count", ALPHA, path="mm/b.c")
    other = (ALPHA[0], "\t\tcount_alpha_locked(result, GFP_ATOMIC);")
    new = post(edit(first.subject, other, path="mm/a.c"), second, revision=2)
    found = compared(post(first, second), new)
    assert [(pair.old, pair.new) for pair in found.pairs] == [((1,), (1,)), ((2,), (2,))]
    runner_up = found.pairs[0].runner_up
    assert runner_up is not None
    assert {runner_up.old, runner_up.new} == {1, 2}


def test_a_file_that_was_renamed_is_compared_by_its_lines() -> None:
    made = {"mm/old.c": (None, BASE)}
    named = {"mm/new.c": (None, BASE.replace("count_omega", "count_omega_pages"))}
    (pair,) = compared(
        post(Draft("mm: add a file", made)), post(Draft("mm: add a file", named), revision=2)
    ).pairs
    assert pair.kind is PairKind.CHANGED
    assert [len(each.old) for each in pair.differences] == [1]


def test_an_author_with_another_address_is_text() -> None:
    other = edit(ONE.subject, ALPHA, by="Ann Ax <ann@new.org>")
    (pair,) = compared(post(ONE), post(other, revision=2)).pairs
    assert (pair.kind, pair.differences) == (PairKind.TEXT, ())


def test_a_removed_definition_and_its_changed_user_are_two_differences() -> None:
    use = ("\tint result = read_last(last);", "\tint result = read_last(MOST);")
    defined = ("int filler_0;", "#define MOST 8\nint filler_0;")
    plain = (use[0], "\tint result = read_last(8);")
    (pair,) = compared(
        post(edit("mm: a", defined, use)), post(edit("mm: a", plain), revision=2)
    ).pairs
    first, second = pair.differences
    assert ([line.text for line in first.old], first.new) == (["+#define MOST 8"], ())
    assert [line.text for line in (*second.old, *second.new)] == [f"+{use[1]}", f"+{plain[1]}"]
