# SPDX-License-Identifier: GPL-2.0-or-later
"""The trees that ``patchtool tree import`` made, and what is kept about each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 (pydantic and dataclasses read it)
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from patchtool.tree.kernel_tree import KernelTree
from patchtool.tree.release import KernelRelease

if TYPE_CHECKING:
    from patchtool.core.settings import Settings

RECORD = "patchtool.json"


class ImportRecord(BaseModel):
    """What is kept beside an imported tree (``patchtool.json`` in it)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    digests: tuple[str, ...]  # of every source that gave this very tree
    version: str
    tag: str
    commit: str


@dataclass(frozen=True, slots=True)
class ImportedTree:
    """A tree that patchtool keeps.

    Attributes:
        name: What ``--tree`` calls it.
        path: Its bare repository.
        tag: Its release's tag.
        release: What its Makefile says.
        commit: The commit its HEAD names, in hex.
        source: What it was made from.
    """

    name: str
    path: Path
    tag: str
    release: KernelRelease
    commit: str
    source: str

    @property
    def tree(self) -> KernelTree:
        """It as a kernel tree. It is ours, so git runs on it as it is."""
        return KernelTree(self.name, self.path, self.path / "objects")


def trees_folder(settings: Settings) -> Path:
    """Where imported trees are."""
    return settings.data / "trees"


def list_trees(settings: Settings) -> tuple[ImportedTree, ...]:
    """The imported trees, by name."""
    found = (read_tree(path) for path in sorted(trees_folder(settings).glob("*.git")))
    return tuple(tree for tree in found if tree is not None)


def read_tree(path: Path) -> ImportedTree | None:
    """The imported tree at *path*, or None."""
    record = read_record(path)
    if record is None:
        return None
    release = KernelRelease(record.version)
    return ImportedTree(path.stem, path, record.tag, release, record.commit, record.source)


def read_record(path: Path) -> ImportRecord | None:
    """What is kept about the tree at *path*, or None."""
    try:
        return ImportRecord.model_validate_json((path / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None  # not an import of ours, or of another version: import_tree replaces it
