# SPDX-License-Identifier: GPL-2.0-or-later
"""The worktree a run works in: patchtool's own, at a path that never changes.

The user's tree is only read. (git renews the times of objects in it that we would write
again, which keeps them from being pruned under us; nothing else changes.) For each tree there
is a bare clone of our own below ``cache/clones``, which borrows the tree's objects
(``objects/info/alternates``) and takes all new ones, and below ``cache/src`` one worktree of
that clone. A lock gives the worktree to one run at a time. It is kept between runs, and git
rewrites only files that differ, so the times of all others survive, and with them what make
and ccache know.

A killed run may leave anything behind: locks, half an ``am``, half-written files. So each
use starts with a clean-up, and a worktree that git can't work with is made anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from bisect import bisect_left
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import process
from patchtool.core.locks import held, lock_file
from patchtool.errors import CommandError, CommandTimeout, MissingObjects
from patchtool.tree import plumbing
from patchtool.tree.borrowing import borrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree

#: What git keeps in a worktree's git directory while an operation is under way.
_UNFINISHED = (
    "rebase-apply",
    "rebase-merge",
    "sequencer",
    "MERGE_HEAD",
    "MERGE_MSG",
    "MERGE_MODE",
    "MERGE_RR",
    "AUTO_MERGE",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "ORIG_HEAD",
)


@dataclass(frozen=True, slots=True)
class Worktree:
    """A checked-out tree, for the time of one run.

    Attributes:
        path: Its folder; the same for every run on the same tree.
        git_dir: Its git directory inside the clone.
        clone: patchtool's bare clone.
        settings: The settings in force.
        progress: Told about long checkouts.
    """

    path: Path
    git_dir: Path
    clone: Path
    settings: Settings
    progress: Progress

    def has(self, commit: str) -> bool:
        """Whether the clone, or the tree it borrows from, has a commit."""
        words = ("cat-file", "-e", f"{commit}^{{commit}}")
        done = plumbing.run(words, self.settings, cwd=self.clone, check=False)
        return done.status == 0

    def checkout(self, commit: str) -> None:
        """Make the files those of *commit*; files that are the same already are not touched.

        Whatever is not in that commit goes, build output and ignored files too.

        Raises:
            CommandError: There is no such commit, or objects of it are missing.
        """
        fresh = not (self.git_dir / "index").is_file()
        words = ["git", "checkout", "--quiet", "--force", "--detach", commit]
        if fresh:
            self._first_checkout(words, commit)
        else:
            plumbing.run(words[1:], self.settings, cwd=self.path)
        plumbing.run(["clean", "-ffdxq"], self.settings, cwd=self.path)

    def _first_checkout(self, words: Sequence[str], commit: str) -> None:
        """Write all files, and say how far it is.

        git's own progress is one line that it overwrites; what it has written by now is as
        easy to find, because it writes the files in the order of its index.
        """
        with plumbing.open_repository(self.clone, self.settings) as repo:
            listed = repo.ask("ls-tree", "-r", "-z", "--name-only", commit)
        names = [self.path / name for name in listed.split("\0") if name]
        deadline = time.monotonic() + self.settings.git_timeout
        env = plumbing.environment(self.settings)
        with process.start(words, cwd=self.path, env=env) as running:
            while running.poll() is None:
                with contextlib.suppress(CommandTimeout):
                    running.wait(0.5)
                if time.monotonic() > deadline:
                    raise CommandTimeout(words, self.settings.git_timeout, running.text())
                done = bisect_left(names, 1, key=lambda name: not os.path.lexists(name))
                self.progress.update("files checked out", done, len(names))
        if running.poll() != 0:
            raise plumbing.failure(running.argv, running.wait(), running.text(), self.path)

    def git(self, *arguments: str, stdin: bytes | None = None, check: bool = True) -> str:
        """Run a git command that changes this worktree; what it printed last.

        Raises:
            CommandError: It failed, and *check* is set.
        """
        done = plumbing.run(arguments, self.settings, cwd=self.path, stdin=stdin, check=check)
        return done.tail

    def abandon(self) -> None:
        """Forget an operation that git left half done; the files stay until a checkout."""
        for name in _UNFINISHED:
            _remove(self.git_dir / name)
        for lock in self.git_dir.glob("*.lock"):
            _remove(lock)


@contextmanager
def worktree(
    tree: KernelTree, commit: str, settings: Settings, progress: Progress, number: int = 0
) -> Iterator[Worktree]:
    """The worktree of *tree*, at *commit*, for this run alone; waits while another run has it.

    Args:
        tree: The user's tree.
        commit: What to check out.
        settings: The settings in force.
        progress: Told when another run is waited for.
        number: Which of several worktrees of one clone; each has its own lock.

    Raises:
        CommandError: git failed.
        MissingObjects: The user's tree is a partial clone, and lacks files of *commit*.
    """
    name = f"{tree.key}-{number}" if number else tree.key
    path = settings.cache.resolve() / "src" / name
    with (
        held(path.with_suffix(".lock"), f"the tree {tree.name}", progress),
        _clone_of(tree, settings) as clone,
    ):
        work = Worktree(path, clone / "worktrees" / name, clone, settings, progress)
        try:
            _attach(work, commit)
            work.checkout(commit)
        except MissingObjects:
            raise
        except CommandError:
            # for instance: the user's tree lost the objects our last commit stood on
            _wipe(work)
            _attach(work, commit)
            work.checkout(commit)
            progress.note(f"{path} could not be used any more and was made anew")
        yield work


@contextmanager
def _clone_of(tree: KernelTree, settings: Settings) -> Iterator[Path]:
    """Our bare clone of a tree, for the use of one of its worktrees.

    It is made, or cleaned of what killed git commands left, only while no other worktree of it
    is in use: what those have in it may be half written for good reason.
    """
    with lock_file(settings.cache.resolve() / "clones" / f"{tree.key}.lock") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(handle, fcntl.LOCK_SH)  # whoever has it has made it
            yield _clone(tree, settings)
            return
        clone = _clone(tree, settings)
        _drop_leftovers(clone)
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield clone


def _clone(tree: KernelTree, settings: Settings) -> Path:
    """Our bare clone of a tree; made, or brought up to date with what it borrows from."""
    clone = settings.cache.resolve() / "clones" / f"{tree.key}.git"
    for leftover in clone.parent.glob(f".{tree.key}.*"):
        _remove(leftover)
    if not (clone / "HEAD").is_file():
        clone.parent.mkdir(parents=True, exist_ok=True)
        with plumbing.open_repository(tree.git_dir, settings) as repo:
            kind = repo.ask("rev-parse", "--show-object-format")
        made = Path(tempfile.mkdtemp(dir=clone.parent, prefix=f".{tree.key}."))
        try:
            words = ["init", "--quiet", "--bare", f"--object-format={kind}", str(made)]
            plumbing.run(words, settings, cwd=clone.parent)
            shutil.rmtree(clone, ignore_errors=True)
            made.rename(clone)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    borrow(clone / "objects", tree.objects)
    if tree.shallow.is_file():
        (clone / "shallow").write_bytes(tree.shallow.read_bytes())
    else:
        _remove(clone / "shallow")
    return clone


def _drop_leftovers(clone: Path) -> None:
    """Remove what killed git commands left in the clone itself."""
    for lock in (*clone.glob("*.lock"), *clone.glob("refs/**/*.lock")):
        _remove(lock)
    for part in clone.glob("objects/??/tmp_obj_*"):
        _remove(part)
    _remove(clone / "rr-cache")


def _attach(work: Worktree, commit: str) -> None:
    """Make the worktree, without files, unless it is there; end what a killed run began."""
    pointer = work.path / ".git"
    linked = pointer.is_file() and pointer.read_bytes() == b"gitdir: %b\n" % bytes(work.git_dir)
    parts = ("HEAD", "commondir", "gitdir")
    whole = all((work.git_dir / part).is_file() for part in parts)
    if linked and whole and (work.git_dir / "HEAD").stat().st_size > 0:
        work.abandon()
        return
    _wipe(work)
    work.path.parent.mkdir(parents=True, exist_ok=True)
    words = ["worktree", "add", "--quiet", "--detach", "--no-checkout", str(work.path), commit]
    plumbing.run(words, work.settings, cwd=work.clone)


def _wipe(work: Worktree) -> None:
    _remove(work.path)
    _remove(work.git_dir)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
