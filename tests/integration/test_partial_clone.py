# SPDX-License-Identifier: GPL-2.0-or-later
"""A partial clone was filled in silence, or waited for a server that did not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.errors import CommandError, MissingObjects
from patchtool.intake.load import Reference, load_series
from patchtool.tree import plumbing
from patchtool.tree.apply import Outcome, apply_series
from patchtool.tree.base.belonging import find_base
from patchtool.tree.base.choose import choose_base
from patchtool.tree.history import History
from patchtool.tree.repository import open_tree
from patchtool.tree.workspace import worktree
from tests.lib.gitrepo import git
from tests.lib.usertree import Tree

if TYPE_CHECKING:
    from pathlib import Path


class Partial:
    """A partial clone of a tree whose server says that it was asked, and then nothing more."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.full = Tree(folder)
        self.full.change("mm/x.c", "line 30\n", "line thirty\n", "mm: x: thirty")
        self.full.change("mm/y.c", "row 30\n", "row thirty\n", "mm: y: thirty")
        self.full.change("mm/x.c", "line 2\n", "line two\n", "mm: x: two")
        self.full.git("config", "uploadpack.allowFilter", "true")
        self.conf = self.full.conf
        self.top = folder / "part"
        url = f"file://{self.full.top}"
        git(folder, "clone", "-q", "--filter=blob:none", *options, url, str(self.top))
        self.asked = folder / "asked"
        server = folder / "server"
        server.write_text(f"#!/bin/sh\ntouch {self.asked}\nsleep 30\n")
        server.chmod(0o755)
        git(self.top, "config", "remote.origin.uploadpack", str(server))
        self.before = self.objects()

    def objects(self) -> list[str]:
        return sorted(str(path) for path in (self.top / ".git/objects").rglob("*"))

    def untouched(self) -> bool:
        return not self.asked.exists() and self.objects() == self.before


@pytest.fixture
def it(tmp_path: Path) -> Partial:
    return Partial(tmp_path)


def test_a_range_that_needs_missing_blobs_says_how_to_get_them(it: Partial) -> None:
    range_ = Reference(f"{it.top}:v6.1..main")
    with pytest.raises(MissingObjects, match="partial clone") as caught:
        load_series(range_, it.conf, Silent())
    assert "git fetch --refetch --no-filter" in caught.value.hint
    assert it.untouched()
    git(it.top, "config", "--unset", "remote.origin.uploadpack")
    git(it.top, "fetch", "-q", "--refetch", "--no-filter")
    assert len(load_series(range_, it.conf, Silent()).patches) == 3


def test_a_git_directory_without_configuration_is_one(it: Partial) -> None:
    """git needs none, and snapshots of repositories come without."""
    (it.top / ".git/config").unlink()
    tree = open_tree(str(it.top), it.conf)
    with plumbing.open_repository(tree.git_dir, it.conf) as repo:
        assert repo.ask("rev-parse", "main") == it.full.git("rev-parse", "main")


def test_what_needs_no_blobs_is_answered(it: Partial) -> None:
    tree = open_tree(str(it.top), it.conf)
    with plumbing.open_repository(tree.git_dir, it.conf) as repo:
        history = History(tree, it.conf, repo)
        for commit in ("v6.1", "main~1", "main"):
            (state,) = history.states([commit], ["mm/x.c", "mm/y.c", "mm/none.c"])
            assert state == {
                path: git(it.full.top, "rev-parse", f"{commit}:{path}")
                for path in ("mm/x.c", "mm/y.c")
            }
        assert len(history.walk(["main"], ["mm/x.c"]).transitions) == 3
        assert repo.find("main") == git(it.full.top, "rev-parse", "main")
        with pytest.raises(MissingObjects):
            history.walk_output("log", "-p", "main")
    assert it.untouched()


def test_a_series_is_applied_where_the_blobs_are_there(it: Partial) -> None:
    it.full.change("mm/y.c", "row 9\n", "row nine\n", "mm: y: nine")
    source = it.full.post("main~1")
    tree = open_tree(str(it.top), it.conf)
    series = load_series(Reference(str(source)), it.conf, Silent())
    base = choose_base(tree, series, None, it.conf, Silent())
    assert base.commit == git(it.top, "rev-parse", "main")
    with worktree(tree, base.commit, it.conf, Silent()) as work:
        done = apply_series(series, base, work, Silent())
    assert [patch.outcome for patch in done.patches] == [Outcome.CLEAN]
    assert it.untouched()


def test_a_commit_whose_files_are_missing_is_not_checked_out(it: Partial) -> None:
    tree = open_tree(str(it.top), it.conf)
    commit = git(it.top, "rev-parse", "v6.1")
    with pytest.raises(MissingObjects) as caught, worktree(tree, commit, it.conf, Silent()):
        pass
    assert "git fetch --refetch" in caught.value.hint
    assert it.untouched()


def test_no_commit_that_could_be_tried_is_not_said_to_be_none(it: Partial) -> None:
    source = it.full.post("v6.1")  # on what has no blobs here
    tree = open_tree(str(it.top), it.conf)
    series = load_series(Reference(str(source)), it.conf, Silent())
    git(it.top, "update-ref", "refs/heads/main", "v6.1")
    with pytest.raises(MissingObjects):
        find_base(series, tree, None, it.conf, Silent())
    assert it.untouched()


def test_the_view_follows_the_tree(it: Partial) -> None:
    open_tree(str(it.top), it.conf)
    git(it.top, "checkout", "-q", "-b", "later")
    git(it.top, "commit", "-q", "--allow-empty", "-m", "later")
    git(it.top, "config", "branch.later.description", "What it is for")
    tree = open_tree(str(it.top), it.conf)
    with plumbing.open_repository(tree.git_dir, it.conf) as repo:
        assert repo.find("HEAD") == git(it.top, "rev-parse", "later")
        assert repo.ask("config", "branch.later.description") == "What it is for"


def test_no_tree_is_fetched_into(it: Partial) -> None:
    """Also where git is asked in the tree itself."""
    for words in (("cat-file", "blob", "v6.1:mm/x.c"), ("fetch", "origin")):
        with (
            pytest.raises(CommandError),
            plumbing.open_repository(it.top / ".git", it.conf) as repo,
        ):
            repo.ask(*words)
    assert it.untouched()


def test_a_merge_that_was_not_tried_is_named(it: Partial) -> None:
    """The blob that the index line names is promised, so a 3-way merge has nothing to work on."""
    git(it.full.top, "checkout", "-q", "v6.1")
    it.full.edit("mm/x.c", "line 29\n", "line twenty-nine\n")
    it.full.change("mm/x.c", "line 31\n", "line thirty-one\n", "mm: x: 29 and 31")
    source = it.full.post("v6.1")
    tree = open_tree(str(it.top), it.conf)
    series = load_series(Reference(str(source)), it.conf, Silent())
    base = choose_base(tree, series, "main", it.conf, Silent())
    with worktree(tree, base.commit, it.conf, Silent()) as work:
        done = apply_series(series, base, work, Silent())
    assert done.conflict is not None
    assert "a 3-way merge was not tried: this partial clone" in done.conflict.detail
    assert it.untouched()
