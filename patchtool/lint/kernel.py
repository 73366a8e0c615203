# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree that a series is held against: its history, and its own scripts."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.tree import plumbing
from patchtool.tree.commit_files import export
from patchtool.tree.commits import has_history

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
        settings: The settings in force.
        progress: Told about what takes long.
    """

    tree: KernelTree
    base: Base
    history: bool
    scripts: Path
    settings: Settings
    progress: Progress

    @property
    def at(self) -> str:
        """Name of the base, for people: a hash is cut short."""
        name = self.base.name
        return name[:12] if self.base.commit.startswith(name) else name

    def has(self, script: str) -> bool:
        """Whether the tree has a script."""
        path = self.scripts / script
        return path.is_file() and path.stat().st_size > 0


@contextmanager
def at_base(
    series: Series, tree: KernelTree, base: Base, settings: Settings, progress: Progress
) -> Iterator[Kernel]:
    """The tree at *base*, with what its scripts need for *series* in a folder of its own.

    Raises:
        CommandError: git failed.
    """
    with tempfile.TemporaryDirectory(prefix="patchtool-lint-") as name:
        folder = Path(name)
        with plumbing.open_repository(tree.git_dir, settings) as repo:
            export(repo, base.commit, [*_READ, *_wanted(series)], folder)
            history = has_history(repo, base.commit)
        for patch in series.patches:
            for path in patch.paths:  # MAINTAINERS may name the folder of a new file
                parent = (folder / path).parent
                if not any(part.is_file() for part in (parent, *parent.parents)):
                    parent.mkdir(parents=True, exist_ok=True)
        yield Kernel(tree, base, history, folder, settings, progress)


def _wanted(series: Series) -> Iterator[str]:
    """What checkpatch looks up in the tree because of what the patches say."""
    for patch in series.patches:
        yield from patch.paths
        for line in (line for diff in patch.files for hunk in diff.hunks for line in hunk.added):
            if header := _ASM.match(line):
                yield f"include/linux/{header[1].decode()}"
            elif _COMPATIBLE.search(line):
                yield _BINDINGS
