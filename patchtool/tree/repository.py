# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel trees: what ``--tree`` may name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.text import command_line
from patchtool.errors import UsageError
from patchtool.tree.imported import RECORD, ImportedTree, list_trees, trees_folder
from patchtool.tree.importing import NAME, import_tree
from patchtool.tree.kernel_tree import KernelTree, find_git_dir
from patchtool.tree.packaged import find_package, import_package, package_of
from patchtool.tree.release import KernelRelease, read_release
from patchtool.tree.view import view_of

if TYPE_CHECKING:
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

__all__ = [
    "ImportedTree",
    "KernelRelease",
    "KernelTree",
    "ensure_tree",
    "import_tree",
    "list_trees",
    "open_tree",
    "read_release",
]

_IMPORT_HINT = "patchtool tree import {} makes a tree of a source tarball, folder or git repository"


def open_tree(spec: str, settings: Settings) -> KernelTree:
    """The git tree that *spec* names.

    Args:
        spec: The name of an imported tree, or the path of any git tree (a worktree, linked or
            not, or a bare repository).
        settings: The settings in force.

    Raises:
        UsageError: There is none; for a tarball or a source folder, says how to import it.
    """
    if NAME.match(spec):
        imported = trees_folder(settings) / f"{spec}.git"
        if (imported / RECORD).is_file():
            return KernelTree(spec, imported, imported / "objects")
    path = Path(spec).expanduser()
    package = package_of(spec)
    made = find_package(package, settings) if package else None
    if made is not None:
        return made.tree
    if not path.exists():
        known = ", ".join(tree.name for tree in list_trees(settings)) or "none"
        raise UsageError(
            f"no kernel tree {spec!r}: no such path, and no imported tree of that name",
            hint=f"imported trees: {known}; " + _IMPORT_HINT.format("SOURCE"),
        )
    git_dir = find_git_dir(path.resolve()) if path.is_dir() else None
    if git_dir is None:
        raise UsageError(f"{spec}: not a git tree", hint=_IMPORT_HINT.format(command_line([spec])))
    return view_of(git_dir, path.resolve().name, settings)


def ensure_tree(spec: str, settings: Settings, progress: Progress) -> KernelTree:
    """Like :func:`open_tree`; what is no git tree yet is imported first.

    That is a source tarball or folder, or a package: ``bullseye:linux-source-5.10``.

    Raises:
        UsageError: There is no such tree, or it is not a kernel.
        InfraError: A package cannot be fetched.
    """
    package = package_of(spec)
    if package is not None:
        return open_tree(import_package(package, settings, progress).name, settings)
    path = Path(spec).expanduser()
    named = NAME.match(spec) and (trees_folder(settings) / f"{spec}.git" / RECORD).is_file()
    if named or not path.exists() or (path.is_dir() and find_git_dir(path.resolve()) is not None):
        return open_tree(spec, settings)
    return open_tree(import_tree(path, settings, progress).name, settings)
