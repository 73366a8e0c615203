# SPDX-License-Identifier: GPL-2.0-or-later
"""Partial clones (``git clone --filter``): how they are told, and what git says of their gaps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.errors import MissingObjects
from patchtool.tree.borrowing import with_lenders
from patchtool.tree.kernel_tree import common_dir

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LACKING = re.compile(
    r"unable to read|failed to read|could not get object info|could not fetch"
    r"|missing (?:blob|object)|invalid object|bad (?:file|object)\b",
    re.IGNORECASE,
)


def missing(argv: Sequence[str], status: int, text: str, where: Path) -> MissingObjects | None:
    """The error for a git command that failed at *where* for want of objects, else None.

    Args:
        argv: The command line.
        status: Its exit status.
        text: What git said.
        where: The git directory, or the worktree.
    """
    if status == 0 or not _LACKING.search(text) or not is_partial(_objects(where)):
        return None
    return MissingObjects(argv, status, text)


def is_partial(objects: Path) -> bool:
    """Whether an object folder, or one it borrows from, is that of a partial clone."""
    return any(any((each / "pack").glob("*.promisor")) for each in with_lenders(objects))


def _objects(where: Path) -> Path:
    git = where / ".git"
    if git.is_file():
        text = git.read_text(encoding="utf-8", errors="replace")
        where = where / text.removeprefix("gitdir:").strip()
    elif git.is_dir():
        where = git
    return common_dir(where) / "objects"
