# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series base``: the commit a series was made on, and what to rebase it over."""

from __future__ import annotations

import hashlib
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from patchtool.errors import UsageError
from tests.lib.usertree import LINES, Tree, needing, on_x

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def it(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_base_commit_is_believed_when_the_series_applies_there(it: Tree) -> None:
    base = it.change("mm/y.c", "row 5\n", "row five\n", "y")
    on_x(it)
    source = it.post(base, f"--base={base}")
    it.change("mm/y.c", "row 6\n", "row six\n", "later")
    found = it.ask(source)
    assert found["base"]["hash"] == base
    assert found["found_by"].startswith("base-commit")
    assert found["evidence"]["matched"] == found["evidence"]["total"] == 1
    assert found["at_tip"]["failed"] is None


def test_the_patches_a_series_needs_first_are_found_by_patch_id(it: Tree) -> None:
    base, source = needing(it)
    it.change("mm/y.c", "row 50\n", "row fifty\n", "another")
    there = it.change("mm/x.c", "line 29\n", "line twenty-nine\n", "mm: x: needed first, as merged")
    it.change("mm/x.c", "line 31\n", "line 31, later\n", "mm: x: in its way")
    found = it.ask(source)
    assert found["base"]["hash"] == there
    assert found["found_by"].startswith("base-commit in ")
    assert found["found_by"].endswith("and 1 of 1 prerequisite patches behind it")
    assert base != there


def test_a_patch_it_needs_first_that_the_tree_lacks_is_named(it: Tree) -> None:
    base, source = needing(it)
    it.change("mm/y.c", "row 50\n", "row fifty\n", "another")
    text = it.run(source, status=1)
    assert f"1 of 1 prerequisite patches are not in this tree behind {base[:12]}: patch-id" in text


def test_a_base_commit_the_tree_lacks_is_said_and_the_blobs_are_asked(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    (mail,) = source.iterdir()
    mail.write_text(mail.read_text() + "\nbase-commit: " + "ab" * 20 + "\n")
    text = it.run(source)
    assert "abababababab" in text
    assert "is not in this tree" in text
    assert "found by: 1 of 1 blobs match" in text


def test_blobs_find_a_release_and_leave_the_users_tree_alone(it: Tree) -> None:
    it.change("mm/x.c", "line 2\n", "line two\n", "two")
    it.git("tag", "v6.2-rc1")
    it.change("mm/y.c", "row 2\n", "row two\n", "y two")
    it.git("tag", "v6.2")
    it.edit("mm/x.c", "line 30\n", "line thirty\n")
    it.commit("x")
    it.edit("mm/y.c", "row 30\n", "row thirty\n")
    it.edit("mm/x.c", "line 31\n", "line thirty-one\n")
    it.commit("x and y")
    source = it.post("v6.2")
    it.change("mm/x.c", "line 50\n", "line fifty\n", "fifty")
    before = it.state()
    text = it.run(source)
    assert it.state() == before
    assert list((it.folder / "cache").glob("base-*")) == []
    assert re.search(r"^Base +v6\.2: ", text, re.MULTILINE)
    assert "found by: 2 of 2 blobs match; all 2 patches apply" in text
    assert "nearest tag: v6.2" in text
    assert "applies" in text.split("Tip")[1]


def test_between_releases_the_nearest_are_named(it: Tree) -> None:
    it.change("mm/y.c", "row 3\n", "row three\n", "y three")
    base = it.change("mm/x.c", "line 2\n", "line two\n", "two")
    on_x(it)
    source = it.post(base)
    it.change("mm/x.c", "line 3\n", "line three\n", "three")
    it.git("tag", "v6.2-rc1")
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    it.git("tag", "v6.2-rc2")
    text = it.run(source)
    assert f"Base    {base[:12]}" in text
    assert "nearest tag: 2 commits after v6.1; before v6.2-rc1" in text
    assert re.search(r"stay as they are until \w{12} \S+ three", text)
    assert "newest release it applies to: v6.2-rc1" in text
    assert "first release it does not apply to: v6.2-rc2" in text


def test_blobs_that_the_tree_never_had_are_named(it: Tree) -> None:
    it.change("mm/y.c", "row 50\n", "row fifty\n", "never posted")
    private = it.git("rev-parse", "HEAD")
    on_x(it)
    it.change("mm/y.c", "row 5\n", "row five\n", "mm: y: five")
    source = it.post(private)
    it.git("reset", "-q", "--hard", "v6.1")
    it.forget()
    found = it.ask(source)
    assert (found["evidence"]["matched"], found["evidence"]["total"]) == (1, 2)
    (absent,) = found["evidence"]["absent"]
    assert (absent["path"], absent["known"]) == ("mm/y.c", "nowhere")
    assert found["base_name"] == "v6.1"
    assert "1 of 2 match" in it.run(source)


def test_blobs_that_only_a_merge_brings_together_name_the_merge(it: Tree) -> None:
    it.git("checkout", "-q", "-b", "side")
    it.change("mm/y.c", "row 2\n", "row two\n", "on the side")
    it.git("checkout", "-q", "main")
    it.change("mm/x.c", "line 2\n", "line two\n", "on main")
    it.days += 1
    it.git("merge", "-q", "--no-ff", "-m", "both", "side")
    merge = it.git("rev-parse", "HEAD")
    it.edit("mm/y.c", "row 30\n", "row thirty\n")
    on_x(it)
    source = it.post(merge)
    it.change("mm/x.c", "line 3\n", "line three\n", "three")
    it.change("mm/y.c", "row 3\n", "row three\n", "three rows")
    found = it.ask(source)
    assert found["base"]["hash"] == merge
    assert found["evidence"]["matched"] == 2


def test_a_base_on_a_side_branch_is_found(it: Tree) -> None:
    it.git("checkout", "-q", "-b", "side")
    side = it.change("mm/x.c", "line 2\n", "line two\n", "on the side")
    on_x(it)
    source = it.post(side)
    it.change("mm/x.c", "line 29\n", "line 29a\n", "the side goes on")
    it.git("checkout", "-q", "main")
    it.change("mm/x.c", "line 50\n", "line fifty\n", "on main")
    it.days += 1
    it.git("merge", "-q", "--no-ff", "-m", "both", "side")
    found = it.ask(source)
    assert found["base"]["hash"] == side
    (obstacle,) = found["obstacles"]["found"]
    assert (obstacle["reason"], obstacle["commit"]["subject"]) == ("changed", "the side goes on")


def test_a_merge_whose_own_resolution_is_in_the_way_is_named(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    it.git("checkout", "-q", "-b", "side")
    it.change("mm/x.c", "line 2\n", "line two\n", "on the side")
    it.git("checkout", "-q", "main")
    it.change("mm/x.c", "line 50\n", "line fifty\n", "on main")
    it.git("merge", "-q", "--no-ff", "--no-commit", "side")
    it.edit("mm/x.c", "line 31\n", "line of the merge\n")
    merge = it.commit("Merge with a change of its own")
    found = it.ask(source)
    assert [item["hash"] for item in found["obstacles"]["over"]] == [merge]


def test_the_commit_to_rebase_over_is_named_by_hash_and_subject(it: Tree) -> None:
    on_x(it)
    it.change("mm/x.c", "line thirty\n", "line thirty!\n", "mm: x: louder")
    it.change("mm/y.c", "row 30\n", "row thirty\n", "mm: y: thirty")
    source = it.post("v6.1")
    it.change("mm/x.c", "line 1\n", "line 0\nline 1\n", "above it")
    guilty = it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "x: change the context")
    it.change("mm/x.c", "line 60\n", "line sixty\n", "below it")
    again = it.change("mm/x.c", "line twenty-eight\n", "line 28b\n", "x: change it again")
    text = it.run(source)
    assert re.search(rf"Rebase over\n  {guilty[:12]} \S+ x: change the context\n", text)
    assert re.search(rf"Changed again.*\n  {again[:12]} \S+ x: change it again\n", text)
    rebase = text.partition("Rebase over")[2]
    assert "above it" not in rebase
    assert "below it" not in rebase
    assert "1/3 mm/x.c @@ -27,7 +27,7 @@" in text
    found = it.ask(source)
    assert found["at_tip"]["failed"] == 1
    assert [item["patch"] for item in found["obstacles"]["found"]] == [1, 2]
    assert {item["commit"]["hash"] for item in found["obstacles"]["found"]} == {guilty}


def test_a_change_that_was_reverted_and_came_again_is_named_by_its_second_coming(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    it.change("mm/x.c", "line 28\n", "line other\n", "first")
    it.change("mm/x.c", "line other\n", "line 28\n", "revert")
    last = it.change("mm/x.c", "line 28\n", "line other\n", "again")
    found = it.ask(source)
    assert [item["hash"] for item in found["obstacles"]["over"]] == [last]


def test_a_moved_file_is_followed(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    it.git("mv", "mm/x.c", "mm/z.c")
    move = it.commit("mm: call it z")
    guilty = it.change("mm/z.c", "line 32\n", "line thirty-two\n", "z: thirty-two")
    text = it.run(source)
    assert re.search(rf"moved to mm/z\.c by {move[:12]} \S+ mm: call it z", text)
    assert re.search(rf"changed by {guilty[:12]} \S+ z: thirty-two", text)


def test_a_removed_file_is_said_with_the_commit_that_did_it(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    it.git("rm", "-q", "mm/x.c")
    gone = it.commit("mm: remove x")
    assert re.search(rf"the file was removed by {gone[:12]} \S+ mm: remove x", it.run(source))


def test_a_file_that_somebody_else_made_is_said(it: Tree) -> None:
    it.write("mm/new.c", "int n;\n")
    it.commit("mm: new")
    source = it.post("v6.1")
    it.write("mm/new.c", "int other;\n")
    maker = it.commit("mm: another new")
    found = it.ask(source)
    (obstacle,) = found["obstacles"]["found"]
    assert (obstacle["reason"], obstacle["commit"]["hash"]) == ("exists", maker)


def test_what_is_upstream_is_told_by_patch_id(it: Tree) -> None:
    on_x(it)
    it.change("mm/y.c", "row 30\n", "row thirty\n", "mm: y: thirty")
    source = it.post("v6.1")
    it.change("mm/x.c", "line 1\n", "line 0\nline 1\n", "above it")
    taken = it.change("mm/x.c", "line 30\n", "line thirty\n", "another subject")
    text = it.run(source)
    pattern = rf"Upstream already, by\n  1/2 {taken[:12]} \S+ another subject \(the same patch-id\)"
    assert re.search(pattern, text)
    assert "Rebase over" not in text
    assert "applies; patch 1 is there already" in text


def test_what_is_upstream_and_changed_since_is_no_commit_to_rebase_over(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    it.change("mm/x.c", "line 30\n", "line 30, thirty\n", "mm: x: thirty")
    found = it.ask(source)
    (obstacle,) = found["obstacles"]["found"]
    assert obstacle["detail"] == "the same subject, another patch-id"
    assert found["obstacles"]["over"] == []


def test_a_tree_without_history_says_how_much_it_has(it: Tree) -> None:
    on_x(it)
    it.change("mm/y.c", "row 30\n", "row thirty\n", "mm: y: thirty")
    source = it.post("v6.1")
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "lost")
    it.git("checkout", "-q", "--orphan", "fresh")
    it.commit("Linux 6.2")
    it.git("tag", "v6.2")
    it.git("tag", "-d", "v6.1")
    it.git("branch", "-D", "main")
    it.forget()
    text = it.run(source, status=1)
    assert "Base    none found" in text
    assert "1 of 2 match at" in text
    assert "has no history" in text
    assert "not known: the tip's history shows no commit that took these lines away" in text


def test_new_files_only_go_to_the_release_before_the_date(it: Tree) -> None:
    it.git("tag", "v6.2")
    it.write("mm/new.c", "int n;\n")
    it.commit("mm: new")
    source = it.post("v6.2")
    it.days += 30
    it.commit("later")
    it.git("tag", "v6.3")
    found = it.ask(source)
    assert found["evidence"] is None
    assert found["base_name"] in ("v6.1", "v6.2")
    assert found["at_tip"]["failed"] is None


def test_plain_diffs_are_tried_on_the_releases(it: Tree) -> None:
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "x")
    it.git("tag", "v6.2")
    on_x(it)
    source = it.post("v6.2")
    (mail,) = source.iterdir()
    text = re.sub(r"^(diff --git|index) .*\n", "", mail.read_text(), flags=re.MULTILINE)
    mail.write_text(text)
    it.days += 20
    guilty = it.change("mm/x.c", "line 31\n", "line thirty-one\n", "in the way")
    it.git("tag", "v6.3")
    found = it.ask(source)
    assert found["evidence"] is None
    assert found["base_name"] == "v6.2"
    assert found["obstacles"]["over"][0]["hash"] == guilty


def test_a_release_that_the_notes_name_is_tried(it: Tree) -> None:
    it.git("tag", "v6.2")
    it.write("mm/new.c", "int n;\n")
    it.commit("mm: new")
    source = it.post("v6.2", "--cover-letter")
    cover = source / "0000-cover-letter.patch"
    cover.write_text(cover.read_text().replace("*** BLURB HERE ***", "Based on v6.1, tested."))
    found = it.ask(source)
    assert found["found_by"] == "v6.1, named in the cover letter"


def test_hashes_short_for_two_objects_are_told_apart_by_path(it: Tree) -> None:
    known: dict[str, str] = {}
    number = 0
    while True:
        text = f"{LINES}extra {number}\n"
        data = text.encode()
        short = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()[:4]
        if short in known:
            break
        known[short] = text
        number += 1
    it.write("mm/x.c", text)
    it.write("mm/other.c", known[short])
    base = it.commit("two that begin alike")
    on_x(it)
    source = it.post(base)
    (mail,) = source.iterdir()
    mail.write_text(
        re.sub(r"^index ([0-9a-f]{4})\w+", r"index \1", mail.read_text(), flags=re.MULTILINE)
    )
    found = it.ask(source)
    assert found["base"]["hash"] == base
    assert found["evidence"]["ambiguous"] == [short]
    assert "told apart by path" in it.run(source)


def test_a_series_of_nowhere_has_no_base(it: Tree) -> None:
    it.write("mm/x.c", "".join(f"other {number}\n" for number in range(60)))
    private = it.commit("never posted")
    it.change("mm/x.c", "other 30\n", "other thirty\n", "mm: x")
    source = it.post(private)
    it.git("reset", "-q", "--hard", "v6.1")
    it.forget()
    text = it.run(source, status=1)
    assert "Base    none found in linux" in text
    assert "0 of 1 match" in text
    assert "nowhere in this tree" in text


def test_without_a_base_the_last_commit_that_had_the_lines_is_found(it: Tree) -> None:
    it.change("mm/x.c", "line 60\n", "line sixty\n", "never posted")
    private = it.change("mm/y.c", "row 30\n", "row of mine\n", "never posted either")
    on_x(it)
    it.change("mm/y.c", "row of mine\n", "row thirty\n", "mm: y")
    source = it.post(private)
    it.git("reset", "-q", "--hard", "v6.1")
    it.forget()
    guilty = it.change("mm/x.c", "line 32\n", "line thirty-two\n", "in the way")
    text = it.run(source, status=1)
    assert "Base    none found" in text
    assert re.search(rf"Rebase over\n  {guilty[:12]} \S+ in the way\n", text)
    assert "not known: the tip's history shows no commit that took these lines away" in text


def test_what_the_command_line_says_wrong_is_said(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    with pytest.raises(UsageError, match=r"tip 'v9\.9' does not exist"):
        it.run(source, "--tip", "v9.9")
    with pytest.raises(UsageError, match="no kernel tree"):
        it.call(str(source), "--tree", str(it.folder / "nothing"))
    with pytest.raises(UsageError, match="no series"):
        it.run(it.folder / "nothing")


def test_a_repository_without_a_commit_is_refused(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    empty = it.folder / "empty"
    empty.mkdir()
    subprocess.run(["git", "init", "-q", str(empty)], check=True, capture_output=True)
    with pytest.raises(UsageError, match="it has no commit"):
        it.call(str(source), "--tree", str(empty))
