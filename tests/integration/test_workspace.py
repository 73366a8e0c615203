# SPDX-License-Identifier: GPL-2.0-or-later
"""The worktree: the user's tree untouched, times kept, a killed run's leftovers cleaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import CommandError
from patchtool.tree.repository import KernelTree, open_tree
from patchtool.tree.workspace import worktree
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A user's tree: two commits, a branch, a stash of changes in the index and the files."""
    top = tmp_path / "linux"
    (top / "mm").mkdir(parents=True)
    (top / "Makefile").write_text(MAKEFILE)
    (top / "Kconfig").write_text("config A\n")
    (top / ".gitignore").write_text("*.o\n")
    for number in range(30):
        (top / "mm" / f"{number}.c").write_text(f"int a{number};\n")
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "one")
    git(top, "tag", "v6.12")
    (top / "mm" / "3.c").write_text("int changed;\n")
    (top / "new.c").write_text("int n;\n")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "two")
    (top / "mm" / "4.c").write_text("int mine;\n")
    git(top, "add", "mm/4.c")
    (top / "mm" / "5.c").write_text("int mine_too;\n")
    (top / "untracked").write_text("x\n")
    hook = top / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hook-ran\n")
    hook.chmod(0o755)
    return top


def state_of(top: Path) -> list[object]:
    """HEAD, refs, status, worktrees, and every file in it, objects and index included.

    Not the times of objects: git renews them where it is about to write one that is there.
    """
    asked = [
        git(top, "--no-optional-locks", *words)
        for words in (
            ("rev-parse", "HEAD"),
            ("for-each-ref",),
            ("status", "--porcelain=v2"),
            ("worktree", "list", "--porcelain"),
        )
    ]
    files = sorted(
        (
            str(path),
            0 if "objects" in path.parts else path.lstat().st_mtime_ns,
            path.lstat().st_size,
            path.lstat().st_mode,
        )
        for path in top.rglob("*")
    )
    return [*asked, *files]


def times(top: Path) -> dict[str, int]:
    return {
        str(path.relative_to(top)): path.lstat().st_mtime_ns
        for path in top.rglob("*")
        if path.is_file() and path.name != ".git"
    }


def tree_of(user: Path, conf: Settings) -> tuple[KernelTree, str, str]:
    one, two = git(user, "rev-parse", "v6.12", "HEAD").split()
    return open_tree(str(user), conf), one, two


def test_the_users_tree_is_not_touched(user: Path, conf: Settings, tmp_path: Path) -> None:
    tree, one, two = tree_of(user, conf)
    before = state_of(user)
    with worktree(tree, one, conf, Silent()) as work:
        assert (work.path / "mm" / "3.c").read_text() == "int a3;\n"
        work.checkout(two)
        assert (work.path / "mm" / "3.c").read_text() == "int changed;\n"
        (work.path / "mm" / "0.c").write_text("int b;\n")
        git(work.path, "commit", "-q", "-a", "-m", "ours")
    assert state_of(user) == before
    assert not (tmp_path / "hook-ran").exists()


def test_times_of_unchanged_files_survive(user: Path, conf: Settings) -> None:
    tree, one, two = tree_of(user, conf)
    with worktree(tree, one, conf, Silent()) as work:
        before = times(work.path)
        path = work.path
    time.sleep(0.02)
    with worktree(tree, two, conf, Silent()) as work:
        assert work.path == path
        after = times(work.path)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"mm/3.c", "new.c"}
    with worktree(tree, two, conf, Silent()) as work:
        assert times(work.path) == after


def test_a_checkout_removes_what_the_commit_has_not(user: Path, conf: Settings) -> None:
    tree, one, two = tree_of(user, conf)
    with worktree(tree, two, conf, Silent()) as work:
        (work.path / "mm" / "built.o").write_text("x")
        (work.path / "sub").mkdir()
        git(work.path / "sub", "init", "-q")
        work.checkout(one)
        assert git(work.path, "status", "--porcelain", "--ignored") == ""
        assert not (work.path / "new.c").exists()


def test_leftovers_of_a_killed_run_are_cleaned(user: Path, conf: Settings) -> None:
    tree, one, two = tree_of(user, conf)
    with worktree(tree, one, conf, Silent()) as work:
        before = times(work.path)
    for lock in ("index.lock", "HEAD.lock"):
        (work.git_dir / lock).touch()
    for lock in ("packed-refs.lock", "config.lock"):
        (work.clone / lock).touch()
    (work.git_dir / "rebase-apply").mkdir()
    (work.git_dir / "rebase-apply" / "next").write_text("1\n")
    (work.git_dir / "MERGE_HEAD").write_text(two + "\n")
    (work.path / "mm" / "3.c").write_text("half a fi")
    (work.path / "new.c").write_text("half")
    (work.path / "mm" / "6.c").unlink()
    with worktree(tree, one, conf, Silent()) as work:
        assert git(work.path, "status", "--porcelain") == ""
        after = times(work.path)
        assert {name for name in after if after[name] != before[name]} == {"mm/3.c", "mm/6.c"}
        assert not (work.git_dir / "rebase-apply").exists()


@pytest.mark.parametrize("broken", ["HEAD", "index", "commondir", "gitdir"])
def test_a_broken_worktree_is_made_anew(user: Path, conf: Settings, broken: str) -> None:
    tree, one, _ = tree_of(user, conf)
    for damage in (b"", b"garbage"):
        with worktree(tree, one, conf, Silent()) as work:
            pass
        (work.git_dir / broken).write_bytes(damage)
        with worktree(tree, one, conf, Silent()) as work:
            assert git(work.path, "status", "--porcelain") == ""
            assert git(work.path, "rev-parse", "HEAD") == one


def test_a_commit_that_the_user_has_lost_does_not_block_us(user: Path, conf: Settings) -> None:
    tree, one, two = tree_of(user, conf)
    with worktree(tree, two, conf, Silent()):
        pass
    git(user, "reset", "-q", "--hard", "v6.12")
    git(user, "reflog", "expire", "--expire=now", "--all")
    git(user, "gc", "-q", "--prune=now")
    with worktree(tree, one, conf, Silent()) as work:
        assert git(work.path, "status", "--porcelain") == ""
    with pytest.raises(CommandError), worktree(tree, two, conf, Silent()):
        pass


def test_linked_shallow_bare_and_borrowing_trees_work(
    user: Path, conf: Settings, tmp_path: Path
) -> None:
    _, _, two = tree_of(user, conf)
    git(user, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{user}", "shallow")
    git(tmp_path, "clone", "-q", "--bare", str(user), "bare.git")
    git(tmp_path, "clone", "-q", "--shared", str(user), "shared")
    for name in ("linked", "shallow", "bare.git", "shared"):
        before = state_of(tmp_path / name) if name != "bare.git" else None
        with worktree(open_tree(str(tmp_path / name), conf), two, conf, Silent()) as work:
            assert git(work.path, "status", "--porcelain") == ""
            assert git(work.path, "log", "--format=%s", "-1") == "two"
        assert before is None or state_of(tmp_path / name) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a tree of somebody else")
def test_a_tree_of_another_user_can_be_read(user: Path, conf: Settings) -> None:
    for path in (user, *user.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    tree = open_tree(str(user), conf)
    two = (user / ".git" / "refs" / "heads" / "main").read_text().strip()
    with worktree(tree, two, conf, Silent()) as work:
        assert (work.path / "new.c").exists()


def test_two_runs_take_turns(user: Path, conf: Settings) -> None:
    tree, one, two = tree_of(user, conf)
    notes: list[str] = []
    entered = threading.Event()

    class Noting(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    def second() -> None:
        with worktree(tree, two, conf, Noting()):
            entered.set()

    with worktree(tree, one, conf, Silent()) as work:
        thread = threading.Thread(target=second)
        thread.start()
        while not notes:
            time.sleep(0.01)
        assert not entered.is_set()
        assert git(work.path, "rev-parse", "HEAD") == one
    thread.join(60)
    assert entered.is_set()
    assert "waiting" in notes[0]


HOLDER = """
import sys, time
from pathlib import Path
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.tree.repository import open_tree
from patchtool.tree.workspace import worktree
top, user, commits = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
conf = Settings(cache=top / "cache", data=top / "data", state=top / "state")
with worktree(open_tree(user, conf), commits[0], conf, Silent()) as work:
    print("held", flush=True)
    while True:
        for commit in commits:
            work.checkout(commit)
"""


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.07, 0.15])
def test_after_sigkill_the_next_run_works(
    user: Path, conf: Settings, tmp_path: Path, delay: float
) -> None:
    tree, one, two = tree_of(user, conf)
    before = state_of(user)
    words = [sys.executable, "-c", HOLDER, str(tmp_path), str(user), one, two]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        time.sleep(delay)
        holder.send_signal(signal.SIGKILL)
    with worktree(tree, two, conf, Silent()) as work:
        assert git(work.path, "status", "--porcelain") == ""
        assert git(work.path, "rev-parse", "HEAD") == two
    assert state_of(user) == before
