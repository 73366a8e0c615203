# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a commit, read without a checkout."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from patchtool.core.settings import Settings


@contextmanager
def reading(
    git_dir: Path, commit: str, settings: Settings
) -> Iterator[Callable[[str], str | None]]:
    """A function that gives the text of a file of *commit*, or None where there is no such file.

    Raises:
        CommandError, CommandTimeout: git failed.
    """
    with plumbing.opened(git_dir, settings) as repo:

        @cache
        def read(path: str) -> str | None:
            blob = repo.find(f"{commit}:{path}")
            return repo.blob(blob).decode("utf-8", "replace") if blob else None

        yield read
