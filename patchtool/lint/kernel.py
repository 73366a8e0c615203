# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree that a series is held against: its history, and its own scripts.

Scripts are programs, and they run on this machine. So they are those of a commit that the user
chose, and never those of a commit that only a mail names (``base-commit:``), which may be any
object that was once fetched: with ``--base``, that commit's; else those of the newest commit
that the base and HEAD have in common. All below ``scripts/`` and what configures them is taken
from there; the files that patches touch are the base's.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.tree import plumbing
from patchtool.tree.commit_files import export
from patchtool.tree.commits import has_history, in_common

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.series.model import Series
    from patchtool.tree.base.choose import Base
    from patchtool.tree.kernel_tree import KernelTree

CHECKPATCH = "scripts/checkpatch.pl"
GET_MAINTAINER = "scripts/get_maintainer.pl"
EXPLANATIONS = "Documentation/dev-tools/checkpatch.rst"
_BINDINGS = "Documentation/devicetree/bindings"
#: What these two scripts read beside the files a patch touches.
_READ = (
    CHECKPATCH,
    GET_MAINTAINER,
    EXPLANATIONS,
    "scripts/spelling.txt",
    "scripts/const_structs.checkpatch",
    "MAINTAINERS",
    ".mailmap",
    ".checkpatch.conf",
    ".get_maintainer.conf",
    ".get_maintainer.ignore",
)
_TRUST = "--base lets the scripts of a commit run that you name"
_ASM = re.compile(rb"\s*#\s*include\s*<asm/([\w./-]+\.h)>")
_COMPATIBLE = re.compile(rb"\bcompatible\b")


@dataclass(frozen=True, slots=True)
class Kernel:
    """A tree at the base of a series.

    Attributes:
        tree: The tree.
        base: Its commit that counts.
        history: Whether the commits before that are there.
        scripts: A folder with the tree's scripts and what they read, to run them in.
        without: Why there are no scripts in it; empty where there are.
        settings: The settings in force.
        progress: Told about what takes long.
    """

    tree: KernelTree
    base: Base
    history: bool
    scripts: Path
    without: str
    settings: Settings
    progress: Progress

    @property
    def at(self) -> str:
        """Name of the base, for people: a hash is cut short."""
        name = self.base.name
        return name[:12] if self.base.commit.startswith(name) else name

    def lacks(self, script: str) -> str:
        """Why a script cannot be run; empty where it can."""
        return self.without or ("" if self.has(script) else f"{self.at} has no {script}")

    def has(self, path: str) -> bool:
        """Whether a file is in the folder of the scripts."""
        there = self.scripts / path
        return there.is_file() and there.stat().st_size > 0


@contextmanager
def at_base(
    series: Series,
    tree: KernelTree,
    base: Base,
    settings: Settings,
    progress: Progress,
    *,
    asked: bool = False,
) -> Iterator[Kernel]:
    """The tree at *base*, with what its scripts need for *series* in a folder of its own.

    Args:
        series: The series.
        tree: The tree.
        base: The commit it is held against.
        settings: The settings in force.
        progress: Told where the scripts are not those of *base*.
        asked: The user named the base.

    Raises:
        CommandError: git failed.
    """
    with tempfile.TemporaryDirectory(prefix="patchtool-lint-") as name:
        folder = Path(name)
        with plumbing.open_repository(tree.git_dir, settings) as repo:
            trusted = base.commit if asked else in_common(repo, base.commit, repo.find("HEAD"))
            wanted = {*_READ, *_wanted(series)}
            programs = {path for path in wanted if path in _READ or path.startswith("scripts/")}
            export(repo, base.commit, wanted - programs, folder)
            if trusted:
                export(repo, trusted, programs, folder)
            history = has_history(repo, base.commit)
        for patch in series.patches:
            for path in patch.paths:  # MAINTAINERS may name the folder of a new file
                parent = (folder / path).parent
                if not any(part.is_file() for part in (parent, *parent.parents)):
                    parent.mkdir(parents=True, exist_ok=True)
        without = ""
        if not trusted:
            without = f"{base.name} has no commit in common with the tree's HEAD; {_TRUST}"
        elif trusted != base.commit:
            progress.note(
                f"{base.name} is not in the history of HEAD, so the tree's scripts are those of "
                f"{trusted[:12]}; {_TRUST}"
            )
        yield Kernel(tree, base, history, folder, without, settings, progress)


def _wanted(series: Series) -> Iterator[str]:
    """What checkpatch looks up in the tree because of what the patches say."""
    for patch in series.patches:
        yield from patch.paths
        for line in (line for diff in patch.files for hunk in diff.hunks for line in hunk.added):
            if header := _ASM.match(line):
                yield f"include/linux/{header[1].decode()}"
            elif _COMPATIBLE.search(line):
                yield _BINDINGS
