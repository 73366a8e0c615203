# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a git tree keeps its git directory, found without running git."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def find_git_dir(path: Path) -> Path | None:
    """The git directory of the worktree or bare repository at *path* itself, or None."""
    dot_git = path / ".git"
    if dot_git.is_file():
        text = dot_git.read_text(encoding="utf-8", errors="replace")
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
    return (git_dir / pointer.read_text(encoding="utf-8", errors="replace").strip()).resolve()
