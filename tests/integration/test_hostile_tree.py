# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree's own configuration and hooks ran programs on the host, or held patchtool up."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.errors import PatchtoolError, UsageError
from patchtool.intake.load import Reference, load_series
from patchtool.tree import plumbing
from patchtool.tree.apply import apply_series
from patchtool.tree.base.choose import choose_base
from patchtool.tree.borrowing import with_lenders
from patchtool.tree.importing import import_tree
from patchtool.tree.repository import open_tree
from patchtool.tree.workspace import worktree
from tests.lib.gitrepo import git
from tests.lib.usertree import Tree

if TYPE_CHECKING:
    from pathlib import Path

#: Keys of a repository's configuration whose value is a program that git runs.
PROGRAMS = (
    "core.alternateRefsCommand",
    "core.askPass",
    "core.editor",
    "core.fsmonitor",
    "core.gitProxy",
    "core.pager",
    "core.sshCommand",
    "credential.helper",
    "diff.external",
    "diff.c.command",
    "diff.c.textconv",
    "filter.c.clean",
    "filter.c.process",
    "filter.c.smudge",
    "gpg.program",
    "interactive.diffFilter",
    "merge.c.driver",
    "sequence.editor",
    "uploadpack.packObjectsHook",
)
HOOKS = ("post-checkout", "post-index-change", "pre-applypatch", "applypatch-msg", "post-commit")


class Trap:
    """A tree that notes it when anything of it is run."""

    def __init__(self, folder: Path) -> None:
        self.tree = Tree(folder)
        self.tree.write(".gitattributes", "*.c diff=c filter=c merge=c\n")
        self.tree.commit("attributes")
        self.base = self.tree.git("rev-parse", "HEAD")
        self.tree.change("mm/x.c", "line 30\n", "line thirty\n", "mm: x: thirty")
        self.tree.git("branch", "topic")
        self.patches = self.tree.post(self.base)
        self.conf = self.tree.conf
        self.ran = folder / "ran"
        self.program = folder / "program"
        self.program.write_text(f"#!/bin/sh\necho $0 >> {self.ran}\nexit 1\n")
        self.program.chmod(0o755)

    @property
    def config(self) -> Path:
        return self.tree.top / ".git" / "config"

    def set(self) -> None:
        for key in PROGRAMS:
            self.tree.git("config", key, str(self.program))
        hooks = self.tree.top / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        for name in HOOKS:
            shutil.copy(self.program, hooks / name)
        self.tree.git("config", "core.hooksPath", str(hooks))
        self.tree.git("config", "commit.gpgSign", "true")
        self.tree.git("config", "core.attributesFile", str(self.tree.top / ".gitattributes"))

    def use(self) -> None:
        """All that patchtool does with a tree."""
        load_series(Reference(f"{self.tree.top}:{self.base}..topic"), self.conf, Silent())
        tree = open_tree(str(self.tree.top), self.conf)
        series = load_series(Reference(str(self.patches)), self.conf, Silent())
        base = choose_base(tree, series, self.base, self.conf, Silent())
        with worktree(tree, base.commit, self.conf, Silent()) as work:
            done = apply_series(series, base, work, Silent())
            assert "line thirty" in (work.path / "mm/x.c").read_text(encoding="utf-8")
        assert done.conflict is None
        import_tree(self.tree.top, self.conf, Silent())


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


def test_no_program_that_a_tree_names_is_run(trap: Trap) -> None:
    trap.set()
    trap.use()
    assert not trap.ran.exists(), trap.ran.read_text(encoding="utf-8")


def test_the_trap_would_have_shown_it(trap: Trap) -> None:
    """git by itself runs some of these programs on the same tree."""
    trap.set()
    with contextlib.suppress(subprocess.CalledProcessError):  # the program fails
        git(trap.tree.top, "diff", "HEAD~1")
    assert trap.ran.exists()


def test_what_a_configuration_includes_is_not_read(trap: Trap) -> None:
    pipe = trap.tree.folder / "pipe"
    os.mkfifo(pipe)
    trap.tree.git("config", "include.path", str(pipe))
    trap.use()


@pytest.mark.parametrize("name", ["config", "HEAD"])
def test_what_is_no_plain_file_is_refused(trap: Trap, name: str) -> None:
    path = trap.tree.top / ".git" / name
    if name == "HEAD":
        path.unlink()
        path.symlink_to("/dev/zero")
        with pytest.raises(UsageError, match="not a git tree"):
            open_tree(str(trap.tree.top), trap.conf)
        return
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UsageError, match=f"{name}: no plain file"):
        open_tree(str(trap.tree.top), trap.conf)


def test_a_configuration_without_end_is_refused(trap: Trap) -> None:
    with trap.config.open("a", encoding="utf-8") as file:
        file.write("# long\n" * 200_000)
    with pytest.raises(UsageError, match="config: longer than 1048576 bytes"):
        open_tree(str(trap.tree.top), trap.conf)


def test_a_file_that_is_linked_as_configuration_is_not_shown(trap: Trap) -> None:
    secret = trap.tree.folder / "secret"
    secret.write_text("root:hash:of:a:password\n", encoding="utf-8")
    trap.config.unlink()
    trap.config.symlink_to(secret)
    with pytest.raises(PatchtoolError) as caught:
        open_tree(str(trap.tree.top), trap.conf)
    assert "password" not in f"{caught.value} {caught.value.hint}"


def test_a_repository_of_somebody_else_is_read(trap: Trap) -> None:
    """git refuses to run on one; patchtool never lets it, and needs no exception."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for path in (trap.tree.top, *trap.tree.top.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    trap.use()


@pytest.mark.parametrize("name", ["two\nlines", 'a "quote"', "back\\slash", "käse", " blank "])
def test_a_path_may_have_any_byte(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    trap = Trap(folder)
    tree = open_tree(str(trap.tree.top), trap.conf)
    with worktree(tree, trap.base, trap.conf, Silent()) as work:
        assert (work.path / "mm/x.c").is_file()


def test_lenders_that_borrow_from_each_other_end(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "info").mkdir(parents=True)
    (tmp_path / "a/info/alternates").write_text("# to and fro\n../b\n", encoding="utf-8")
    (tmp_path / "b/info/alternates").write_text('"../a"\n', encoding="utf-8")
    assert len(list(with_lenders(tmp_path / "a"))) == 6


def test_a_link_among_the_objects_is_not_imported(trap: Trap) -> None:
    secret = trap.tree.folder / "secret"
    secret.write_text("a key\n", encoding="utf-8")
    (trap.tree.top / ".git/objects/pack/pack-0.keep").symlink_to(secret)
    made = import_tree(trap.tree.top, trap.conf, Silent())
    assert not (made.path / "objects/pack/pack-0.keep").exists()
    assert not (made.path / "objects/info/alternates").exists()
    shutil.rmtree(trap.tree.top)
    with plumbing.open_repository(made.path, trap.conf) as repo:
        assert repo.ask("rev-list", "--count", "--objects", "main").isdigit()


def test_an_upstream_is_known_as_the_tree_knows_it(trap: Trap) -> None:
    copy = trap.tree.folder / "copy"
    git(trap.tree.folder, "clone", "-q", str(trap.tree.top), str(copy))
    git(copy, "commit", "-q", "--allow-empty", "-m", "mine")
    tree = open_tree(str(copy), trap.conf)
    with plumbing.open_repository(tree.git_dir, trap.conf) as repo:
        assert repo.find("main@{upstream}") == trap.tree.git("rev-parse", "main")
        assert repo.find("HEAD") == git(copy, "rev-parse", "HEAD")
