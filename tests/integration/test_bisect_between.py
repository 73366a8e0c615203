# SPDX-License-Identifier: GPL-2.0-or-later
"""The commits between two ends, as real git has them; and what is refused, with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.bisect.between import Between, Words, between
from patchtool.core.settings import Settings
from patchtool.errors import UsageError
from patchtool.tree.repository import open_tree
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


class Repo:
    """A repository in which a commit is made by its name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")
        self.minute = 0

    def git(self, *words: str) -> str:
        self.minute = getattr(self, "minute", 0) + 1
        date = f"2025-02-03T10:{self.minute // 60:02}:{self.minute % 60:02}+0000"
        return git(self.path, *words, GIT_COMMITTER_DATE=date)

    def commit(self, name: str, file: str = "file") -> None:
        with (self.path / file).open("a") as out:
            out.write(f"{name}\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"change {name}")
        self.git("tag", name)

    def merge(self, name: str, other: str) -> None:
        self.git("merge", "-q", "--no-ff", "-m", f"merge {name}", other)
        self.git("tag", name)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "linux")


@pytest.fixture
def merged(repo: Repo) -> Repo:
    """a-b-c-m-d, and from a by side/file: s-t into m."""
    repo.commit("a")
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("s", "side")
    repo.commit("t", "side")
    repo.git("checkout", "-q", "main")
    repo.commit("b")
    repo.commit("c")
    repo.merge("m", "topic")
    repo.commit("d")
    return repo


def found(repo: Repo, good: str, bad: str, conf: Settings, **more: object) -> Between:
    return between(open_tree(str(repo.path), conf), good, bad, conf, **more)  # type: ignore[arg-type]


def names(made: Between) -> list[str]:
    return [made.subjects[name].split()[1] for name in made.names]


def edges(made: Between) -> Iterator[tuple[str, set[str]]]:
    called = names(made)
    for at, parents in enumerate(made.history.parents):
        assert all(parent < at for parent in parents)
        yield called[at], {called[parent] for parent in parents}


def test_a_line_is_listed_with_the_oldest_first(repo: Repo, conf: Settings) -> None:
    for name in "abcde":
        repo.commit(name)
    made = found(repo, "b", "e", conf)
    assert names(made) == ["c", "d", "e"]
    assert made.history.parents == ((), (0,), (1,))
    assert made.bases == ()
    assert made.number(made.good) == -1
    assert made.number(made.bad) == 2 == made.number(made.last)
    assert made.number(repo.git("rev-parse", "a")) is None
    assert made.parents(0) == (made.good,)
    assert made.subjects[made.good] == "change b"


def test_merges_keep_their_sides(merged: Repo, conf: Settings) -> None:
    made = found(merged, "b", "d", conf)
    assert dict(edges(made)) == {
        "s": set(), "t": {"s"}, "c": set(), "m": {"c", "t"}, "d": {"m"},
    }  # fmt: skip


def test_first_parents_leave_the_side_out(merged: Repo, conf: Settings) -> None:
    made = found(merged, "a", "d", conf, first_parent=True)
    assert dict(edges(made)) == {"b": set(), "c": {"b"}, "m": {"c"}, "d": {"m"}}


def test_paths_leave_out_what_does_not_touch_them(merged: Repo, conf: Settings) -> None:
    made = found(merged, "a", "d", conf, paths=("side",))
    assert names(made) == ["s", "t"]
    assert made.last == merged.git("rev-parse", "t")


def test_a_good_end_on_another_branch_gives_the_merge_base(merged: Repo, conf: Settings) -> None:
    made = found(merged, "t", "c", conf)
    assert names(made) == ["b", "c"]
    assert made.bases == (merged.git("rev-parse", "a"),)
    assert made.parents(0) == made.bases


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("c", "c", "the same commit"),
        ("d", "b", "came before"),
        ("b", "nowhere", "no commit 'nowhere'"),
        ("b", "--output=x", "no commit '--output=x'"),
    ],
)
def test_wrong_ends_are_refused(
    merged: Repo, conf: Settings, good: str, bad: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        found(merged, good, bad, conf)
    assert caught.value.hint


def test_swapped_ends_name_the_users_terms(merged: Repo, conf: Settings) -> None:
    with pytest.raises(UsageError, match=r"b \(fixed\) came before d \(broken\)"):
        found(merged, "d", "b", conf, words=Words("broken", "fixed"))


def test_histories_that_never_met_are_refused(merged: Repo, conf: Settings) -> None:
    merged.git("checkout", "-q", "--orphan", "other")
    merged.commit("o")
    with pytest.raises(UsageError, match="no commit in common"):
        found(merged, "o", "d", conf)


def test_paths_that_nothing_changes_are_refused(merged: Repo, conf: Settings) -> None:
    with pytest.raises(UsageError, match="changes nothing/here"):
        found(merged, "a", "d", conf, paths=("nothing/here",))


def shallow(merged: Repo, conf: Settings, folder: Path, good: str) -> UsageError:
    """What is said of a clone with m and d, c and t, and the commit *good* apart from them."""
    source = f"file://{merged.path}"
    git(folder, "clone", "-q", "--depth=3", source, "shallow")
    git(folder / "shallow", "fetch", "-q", "--depth=1", source, good)
    with pytest.raises(UsageError, match="a shallow clone") as caught:
        between(open_tree(str(folder / "shallow"), conf), "FETCH_HEAD", "HEAD", conf)
    return caught.value


def test_a_shallow_clone_may_not_reach_back_to_the_good_end(
    merged: Repo, conf: Settings, tmp_path: Path
) -> None:
    error = shallow(merged, conf, tmp_path, "a")
    assert "where FETCH_HEAD and HEAD met" in str(error)
    assert "--unshallow" in error.hint


def test_a_shallow_clone_may_lack_a_part_of_the_range(
    merged: Repo, conf: Settings, tmp_path: Path
) -> None:
    error = shallow(merged, conf, tmp_path, "c")
    assert merged.git("rev-parse", "--short=12", "t") in str(error)
    assert "--unshallow" in error.hint


def test_a_partial_clone_is_asked_for_commits_alone(
    merged: Repo, conf: Settings, tmp_path: Path
) -> None:
    """Its missing blobs are said when a commit is checked out; the list of commits needs none."""
    merged.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=tree:0", f"file://{merged.path}", "p")
    made = between(open_tree(str(tmp_path / "p"), conf), "b", "d", conf)
    assert names(made) == names(found(merged, "b", "d", conf))
