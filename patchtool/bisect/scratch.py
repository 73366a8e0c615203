# SPDX-License-Identifier: GPL-2.0-or-later
"""Commits of a user's tree in a worktree of ours: checked out, patched, or with one reverted."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.core.locks import held
from patchtool.errors import ApplyConflict, InfraError, UsageError
from patchtool.tree import plumbing
from patchtool.tree.base.choose import Base
from patchtool.tree.release import KernelRelease, release_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.settings import Settings
    from patchtool.run.workplace import Source
    from patchtool.series.model import Series
    from patchtool.tree.apply import AppliedSeries
    from patchtool.tree.kernel_tree import KernelTree
    from patchtool.tree.workspace import Worktree

#: Most searches that go on in one tree at once.
PLACES = 64
#: When all that is committed here was committed: the same content has the same hash.
_DATE = "2000-01-01T00:00:00Z"


@contextmanager
def place_of_own(tree: KernelTree, settings: Settings) -> Iterator[int]:
    """The number of a place in a tree that no other search has; from 1, as runs have place 0.

    Raises:
        InfraError: All are taken.
    """
    for number in range(1, PLACES + 1):
        lock = settings.cache.resolve() / "bisect" / f"{tree.key}-{number}.lock"
        with ExitStack() as stack:
            try:
                stack.enter_context(held(lock, "", None))
            except BlockingIOError:
                continue
            yield number
            return
    raise InfraError(f"{tree.name}: {PLACES} searches go on in it already")


@dataclass(frozen=True, slots=True)
class Scratch:
    """A worktree of ours for one search.

    Attributes:
        source: The source tree, in this search's place.
        patches: What is applied to each commit first.
    """

    source: Source
    patches: tuple[Series, ...] = ()

    def base(self, commit: str) -> Base:
        """A commit of the user's tree, or of our clone of it, to apply patches to."""
        work = self._work(commit)
        with plumbing.open_repository(work.git_dir, work.settings) as repo:
            try:
                release = release_of(repo, commit, self.source.tree.name)
            except UsageError:
                release = KernelRelease("")  # no kernel: a command may test anything
            top = repo.find(f"{commit}^{{tree}}")
        return Base(commit, top, release, commit[:12], "the search")

    def patched(self, base: Base) -> Base:
        """The same with the patches on it; the worktree may be anywhere then.

        Raises:
            ApplyConflict: One does not apply.
            MailError, CommandError: As :func:`patchtool.tree.apply.apply_series`.
        """
        for series in self.patches:
            base = on_top(self.source.apply(series, base))
        return base

    def check_out(self, commit: str) -> Worktree:
        """The worktree with the files of a commit.

        What the last command left and git ignores stays, so that make goes on from it.
        """
        work = self._work(commit)
        work.abandon()
        work.git("checkout", "--quiet", "--force", "--detach", commit)
        work.git("clean", "-ffdq")
        return work

    def reverted(self, on: str, culprit: str, *, merge: bool) -> str | None:
        """The commit *on* with what *culprit* did taken back; None where that does not fit.

        Args:
            merge: The culprit is a merge: what it brought to its first parent is taken back.
        """
        work = self._work(on)
        work.abandon()
        work.checkout(on)
        words = ["revert", "--no-commit", *(["-m", "1"] if merge else []), culprit]
        done = plumbing.run(words, work.settings, cwd=work.path, check=False)
        changed = work.git("diff", "--cached", "--name-only", "HEAD")
        if done.status == 0 and changed:
            plumbing.run(
                ["commit", "--quiet", "-m", f"Revert {culprit}"],
                work.settings,
                cwd=work.path,
                env={"GIT_AUTHOR_DATE": _DATE, "GIT_COMMITTER_DATE": _DATE},
            )
            with plumbing.open_repository(work.git_dir, work.settings) as repo:
                return repo.find("HEAD")
        work.git("reset", "--quiet", "--hard")
        work.abandon()
        return None

    def _work(self, commit: str) -> Worktree:
        return self.source.worktree(commit)


def on_top(made: AppliedSeries) -> Base:
    """The commit with all patches of a series, as a base for others.

    Raises:
        ApplyConflict: One does not apply.
    """
    bad = made.conflict
    if bad is not None:
        raise ApplyConflict(f'"{bad.subject}" does not apply at {made.base.name}: {bad.detail}')
    if not made.patches:
        return made.base
    last = made.patches[-1]
    assert last.commit is not None
    assert last.tree is not None
    return replace(made.base, commit=last.commit, tree=last.tree)
