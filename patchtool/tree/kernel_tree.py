# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel tree: a git repository that is only read, and where it keeps what it has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 4096  # bytes; git's own files with one path in them


@dataclass(frozen=True, slots=True)
class KernelTree:
    """A git tree that is only ever read.

    Attributes:
        name: For people.
        git_dir: The git directory that git is run on. Of a tree that is not patchtool's own it
            is the view of it (:mod:`patchtool.tree.view`).
        objects: The object folder, the tree's own.
    """

    name: str
    git_dir: Path
    objects: Path

    @property
    def shallow(self) -> Path:
        """The file that lists where a shallow clone ends; only such a clone has it."""
        return common_dir(self.git_dir) / "shallow"

    @property
    def key(self) -> str:
        """A name for file names that no other tree on this machine has."""
        return hashlib.sha256(str(self.objects.resolve()).encode()).hexdigest()[:12]


def find_git_dir(path: Path) -> Path | None:
    """The git directory of the worktree or bare repository at *path* itself, or None."""
    dot_git = path / ".git"
    if dot_git.is_file():
        text = _start_of(dot_git)
        if not text.startswith("gitdir:"):
            return None
        path = (path / text.removeprefix("gitdir:").strip()).resolve()
    elif dot_git.is_dir():
        path = dot_git
    if not (path / "HEAD").is_file():
        return None
    return path if (common_dir(path) / "objects").is_dir() else None


def common_dir(git_dir: Path) -> Path:
    """Where the objects and refs of a git directory are (elsewhere for a linked worktree)."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    return (git_dir / _start_of(pointer).strip()).resolve()


def _start_of(path: Path) -> str:
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        return file.read(_LONGEST)
