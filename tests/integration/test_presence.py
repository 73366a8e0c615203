# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tree has of a series already: proved by patch-id or by place, never by likeness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.intake.load import Reference, load_series
from patchtool.tree.apply import AppliedSeries, Outcome, apply_series
from patchtool.tree.base.choose import choose_base
from patchtool.tree.repository import open_tree
from patchtool.tree.workspace import worktree
from tests.lib.usertree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PRESENT, CLEAN, CONFLICT = Outcome.PRESENT, Outcome.CLEAN, Outcome.CONFLICT
BODY = """\
	struct page *page;

	page = first_page(zone);
	if (!page)
		return 0;
	count(page);
	put_page(page);
	return 1;
}

"""
FIXED = BODY.replace("\tcount(page);\n", "\tlock_page(page);\n\tcount(page);\n")


def twins(left: str, right: str) -> str:
    filler = "".join(f"int value_{number};\n" for number in range(20))
    return f"{filler}int scan_left(void)\n{{\n{left}{filler}int scan_right(void)\n{{\n{right}"


@pytest.fixture
def it(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path)
    tree.write("mm/twin.c", twins(BODY, BODY))
    tree.commit("mm: twin: add")
    tree.git("tag", "v6.2")
    return tree


def apply(it: Tree, source: Path) -> AppliedSeries:
    series = load_series(Reference(str(source)), it.conf, Silent())
    tree = open_tree(str(it.top), it.conf)
    base = choose_base(tree, series, "HEAD", it.conf, Silent())
    with worktree(tree, base.commit, it.conf, Silent()) as work:
        return apply_series(series, base, work, Silent())


def outcomes(applied: AppliedSeries) -> list[Outcome]:
    return [patch.outcome for patch in applied.patches]


def fix_left(it: Tree) -> Path:
    """A posted fix of the first function."""
    it.write("mm/twin.c", twins(FIXED, BODY))
    it.commit("mm: twin: lock in scan_left")
    return it.post("v6.2")


def start_anew(it: Tree) -> str:
    """Make the tree one commit, without the blobs which the posted index lines name."""
    it.git("checkout", "-q", "--orphan", "fresh")
    only = it.commit("Linux 6.3")
    it.git("tag", "-d", "v6.1", "v6.2")
    it.git("branch", "-D", "main")
    it.forget()
    return only


def left_changed(it: Tree) -> None:
    """The fix is missing where it belongs, and would not apply there; its twin has it."""
    other = BODY.replace("first_page(zone)", "last_page(zone)").replace("count(", "sum(")
    it.write("mm/twin.c", twins(other, FIXED))


def left_gone(it: Tree) -> None:
    """The twin stands where the function was that the fix is for."""
    text = twins(BODY, FIXED)
    start, end = text.index("int scan_left"), text.index("int scan_right")
    it.write("mm/twin.c", text[:start] + text[end:])


@pytest.mark.parametrize("change", [left_changed, left_gone])
@pytest.mark.parametrize("whole", [True, False])
def test_a_twin_that_has_the_fix_proves_nothing(
    it: Tree, change: Callable[[Tree], None], whole: bool
) -> None:
    source = fix_left(it)
    change(it)
    it.commit("mm: twin: another matter")
    if not whole:
        start_anew(it)
    applied = apply(it, source)
    assert outcomes(applied) == [CONFLICT]
    found = it.ask(source, status=0 if whole else 1)
    assert found["at_tip"]["present"] == []
    assert found["at_tip"]["failed"] == 1
    named = [item for item in found["obstacles"]["found"] if item["reason"] == "upstream"]
    assert named == []
    assert "pstream already" not in it.run(source, status=0 if whole else 1)


def test_the_fix_at_its_place_is_there_in_a_tree_of_one_commit(it: Tree) -> None:
    source = fix_left(it)
    it.write("mm/twin.c", twins(FIXED, BODY) + "int more;\n")
    only = start_anew(it)
    applied = apply(it, source)
    assert outcomes(applied) == [PRESENT]
    assert applied.patches[0].detail == "the tree has all of it"
    found = it.ask(source, status=1)
    assert found["at_tip"]["present"] == [1]
    assert found["at_tip"]["failed"] is None
    assert only not in [(item["commit"] or {}).get("hash") for item in found["obstacles"]["found"]]


def test_what_is_there_at_two_places_is_proved_by_the_whole_file_only(it: Tree) -> None:
    it.write("mm/twin.c", twins(BODY, FIXED))
    it.commit("mm: twin: lock in scan_right")
    it.git("tag", "-f", "v6.2")
    source = fix_left_of(it)
    it.write("mm/twin.c", twins(FIXED, FIXED))
    start_anew(it)
    assert outcomes(apply(it, source)) == [PRESENT]
    it.write("mm/twin.c", twins(FIXED, FIXED) + "int more;\n")
    it.commit("more")
    assert outcomes(apply(it, source)) == [CONFLICT]


def fix_left_of(it: Tree) -> Path:
    """A posted fix of the first function, where the second has it."""
    it.write("mm/twin.c", twins(FIXED, FIXED))
    it.commit("mm: twin: lock in scan_left")
    return it.post("v6.2")


def posted_without_y(it: Tree) -> Path:
    (it.top / "mm/y.c").unlink()
    it.commit("mm: y: remove")
    return it.post("v6.2")


def test_a_file_that_the_tree_never_had_cannot_be_gone_from_it(it: Tree) -> None:
    source = posted_without_y(it)
    (it.top / "mm/y.c").unlink()
    start_anew(it)
    applied = apply(it, source)
    assert outcomes(applied) == [CONFLICT]
    (conflict,) = applied.patches[0].conflicts
    assert (conflict.path, conflict.found) == ("mm/y.c", "the tree has no such file")
    assert it.ask(source, status=1)["at_tip"]["present"] == []


def test_a_file_that_was_only_moved_is_not_deleted(it: Tree) -> None:
    source = posted_without_y(it)
    it.git("mv", "mm/y.c", "mm/z.c")
    it.commit("mm: y: move")
    assert outcomes(apply(it, source)) == [CONFLICT]


def test_a_file_that_the_history_deleted_is_gone(it: Tree) -> None:
    source = posted_without_y(it)
    it.change("mm/y.c", "row 9\n", "row nine\n", "mm: y: nine")
    (it.top / "mm/y.c").unlink()
    it.commit("mm: y: nobody uses it")
    assert outcomes(apply(it, source)) == [PRESENT]


def three(it: Tree) -> Path:
    """A posted series of which each patch stands on the one before."""
    it.change("mm/x.c", "line 30\n", "line thirty\n", "mm: x: thirty")
    it.change("mm/x.c", "line 31\n", "line thirty-one\n", "mm: x: thirty-one")
    it.change("mm/y.c", "row 5\n", "row five\n", "mm: y: five")
    return it.post("v6.2")


def test_patches_that_the_history_has_are_skipped_where_git_am_would_conflict(it: Tree) -> None:
    source = three(it)
    first = it.change("mm/x.c", "line 30\n", "line thirty\n", "taken")
    second = it.change("mm/x.c", "line 31\n", "line thirty-one\n", "taken, too")
    it.change("mm/x.c", "line thirty\nline thirty-one\n", "line 30f\n", "written anew")
    applied = apply(it, source)
    assert outcomes(applied) == [PRESENT, PRESENT, CLEAN]
    details = [patch.detail for patch in applied.patches[:2]]
    assert details == [f"{name[:12]} has the same patch-id" for name in (first, second)]
    found = it.ask(source)
    assert found["at_tip"]["present"] == [1, 2]
    assert found["at_tip"]["failed"] is None


def test_a_patch_that_the_history_has_is_not_put_on_its_twin(it: Tree) -> None:
    source = fix_left(it)
    it.write("mm/twin.c", twins(FIXED, BODY))
    it.commit("taken")
    it.edit("mm/twin.c", "\tlock_page(page);\n\tcount(page);\n", "\tlock_and_count(page);\n")
    it.commit("in one")
    applied = apply(it, source)
    assert outcomes(applied) == [PRESENT]
    assert applied.tip == applied.base.commit


@pytest.mark.parametrize("told", [True, False])
def test_a_patch_that_was_reverted_is_not_there(it: Tree, told: bool) -> None:
    source = three(it)
    it.change("mm/x.c", "line 30\n", "line thirty\n", "taken")
    it.git("revert", "--no-edit", "HEAD")
    if not told:
        it.git("commit", "-q", "--amend", "-m", "back to where it was")
    assert outcomes(apply(it, source)) == [CLEAN] * 3


def test_a_patch_with_a_rename_is_known_by_its_patch_id(it: Tree) -> None:
    def rename() -> str:
        it.git("mv", "mm/y.c", "mm/z.c")
        return it.change("mm/z.c", "row 9\n", "row nine\n", "mm: y: move")

    rename()
    source = it.post("v6.2")
    rename()
    it.change("mm/z.c", "row nine\n", "row 9, again\n", "later")
    applied = apply(it, source)
    assert outcomes(applied) == [PRESENT]
    assert "patch-id" in applied.patches[0].detail


def test_a_partial_clone_proves_nothing_and_applies(it: Tree, tmp_path: Path) -> None:
    source = three(it)
    it.change("mm/x.c", "line 30\n", "line thirty\n", "taken")
    it.change("mm/x.c", "line thirty\n", "line 30\n", "another way")
    it.git("config", "uploadpack.allowFilter", "true")
    part = tmp_path / "part"
    it.git("clone", "-q", "--filter=blob:none", f"file://{it.top}", str(part))
    it.top = part
    assert outcomes(apply(it, source)) == [CLEAN] * 3
