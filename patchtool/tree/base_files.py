# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a tree as a recovery needs them: by path at a commit, and by abbreviated blob hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree

from contextlib import contextmanager

_LARGEST = 16 << 20  # bytes; no source file is larger


@dataclass(slots=True)
class BaseFiles:
    """The files of a tree; what was read is kept.

    Attributes:
        repo: The open repository.
        commit: The commit whose paths are meant, full hash.
        name: The revision as it was asked for.
    """

    repo: plumbing.Questions
    commit: str
    name: str
    _read: dict[str, bytes | None] = field(default_factory=dict)

    def by_path(self, path: str) -> bytes | None:
        """The file at the commit; None if there is none."""
        return self._object(f"{self.commit}:{path}")

    def by_blob(self, prefix: str) -> bytes | None:
        """The blob of that abbreviated hash, from any commit; None if there is none, or several."""
        return self._object(f"{prefix}^{{blob}}")

    def _object(self, name: str) -> bytes | None:
        if name not in self._read:
            found = self.repo.find(name)
            if found and self.repo.ask("cat-file", "-t", found) != "blob":
                found = ""
            if found and int(self.repo.ask("cat-file", "-s", found)) > _LARGEST:
                found = ""
            self._read[name] = self.repo.blob(found) if found else None
        return self._read[name]


@contextmanager
def base_files(tree: KernelTree, rev: str | None, settings: Settings) -> Iterator[BaseFiles]:
    """The files of *tree* at *rev*, or at its HEAD.

    Raises:
        UsageError: There is no such commit.
        CommandError: git failed.
    """
    with plumbing.opened(tree.git_dir, settings) as repo:
        name = rev or "HEAD"
        commit = repo.find(f"{name}^{{commit}}")
        if not commit:
            raise UsageError(
                f"{tree.name}: there is no commit {name!r}",
                hint="name the commit that the series is for with --base",
            )
        yield BaseFiles(repo, commit, name)
