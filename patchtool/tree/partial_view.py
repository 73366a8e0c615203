# SPDX-License-Identifier: GPL-2.0-or-later
"""A partial clone (``git clone --filter``), read so that it fetches nothing.

Such a tree fetches what it lacks when it is asked for. patchtool never lets it: a download would
hang where the server does not answer, would ask for one object at a time, and would change a tree
that is only to be read. git before 2.45 cannot be told so (``GIT_NO_LAZY_FETCH``), thus the tree
is read through a git directory of our own: its refs, objects and configuration, less the remotes.
There an object that is missing is missing, at once. What needs none of those works; all else
raises :class:`patchtool.errors.MissingObjects`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.durable import write_atomic
from patchtool.tree import plumbing
from patchtool.tree.kernel_tree import KernelTree
from patchtool.tree.partial_clone import is_partial

if TYPE_CHECKING:
    from patchtool.core.settings import Settings

#: What a git directory has besides HEAD and its configuration, as far as questions need it.
_PARTS = ("objects", "refs", "packed-refs", "reftable", "shallow", "logs")
_OF_WORKTREE = ("FETCH_HEAD", "ORIG_HEAD")
#: Of its configuration, what makes git fetch, and what stands for a path from its place.
_DROPPED = r"^(remote|include|includeif|url)\.|^extensions\.partialclone$|^core\.worktree$"


def readable(tree: KernelTree, settings: Settings) -> KernelTree:
    """The same tree, which fetches nothing: itself, or of a partial clone the view of it.

    Raises:
        CommandError: Its configuration cannot be read.
    """
    if not is_partial(tree.objects):
        return tree
    name = hashlib.sha256(str(tree.git_dir.resolve()).encode()).hexdigest()[:12]
    view = settings.cache.resolve() / "views" / f"{name}.git"
    view.mkdir(parents=True, exist_ok=True)
    for part in _PARTS:
        _link(view / part, tree.common_dir / part)
    for part in _OF_WORKTREE:
        _link(view / part, tree.git_dir / part)
    write_atomic(view / "HEAD", (tree.git_dir / "HEAD").read_text(encoding="utf-8"))
    _configure(view, tree.common_dir / "config", settings)
    return KernelTree(tree.name, view, view)


def _configure(view: Path, source: Path, settings: Settings) -> None:
    with tempfile.TemporaryDirectory(dir=view.parent) as folder:
        config = Path(folder) / "config"
        if source.is_file():
            shutil.copyfile(source, config)
        else:  # git needs none
            config.touch()
        words = ("config", "--file", str(config))
        asked = (*words, "--name-only", "--get-regexp", _DROPPED)
        names = plumbing.run(asked, settings, cwd=view.parent, check=False, capture=True).stdout
        for key in dict.fromkeys(os.fsdecode(names).splitlines()):
            plumbing.run((*words, "--unset-all", key), settings, cwd=view.parent)
        config.replace(view / "config")


def _link(link: Path, target: Path) -> None:
    target = target.resolve()
    if link.is_symlink() and link.readlink() == target:
        return
    if not target.exists():
        link.unlink(missing_ok=True)
        return
    made = link.with_name(f".{link.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    made.symlink_to(target)
    made.replace(link)
