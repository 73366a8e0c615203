# SPDX-License-Identifier: GPL-2.0-or-later
"""The files that the patches of a posting start from and leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from patchtool.recover.hashes import has_hash, is_hash
from patchtool.recover.verdict import From, Verdict

if TYPE_CHECKING:
    from patchtool.recover.fragment import DamagedDiff
    from patchtool.recover.verdict import FileRecovery


class Files(Protocol):
    """Where old files come from."""

    def by_path(self, path: str) -> bytes | None:
        """The file of that path at the base commit; None if there is none."""

    def by_blob(self, prefix: str) -> bytes | None:
        """The blob of that abbreviated hash; None if there is none."""


class NoFiles:
    """Without a tree there are none."""

    def by_path(self, path: str) -> bytes | None:  # noqa: ARG002 (the protocol's signature)
        """Nothing."""
        return None

    def by_blob(self, prefix: str) -> bytes | None:  # noqa: ARG002
        """Nothing."""
        return None


class State:
    """The files as the patches so far have left them."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.made: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.proved: list[bytes] = []
        self.removed: list[bytes] = []
        self.lent: list[bytes] = []

    def base(self, diff: DamagedDiff) -> tuple[bytes | None, From, bool]:
        """The old file, where it is from, and whether it is the one that the index line names."""
        path, blob = diff.old_path, diff.old_blob
        if path is None:
            return b"", From.NEW, True
        if path in self.made:
            made = self.made[path]
            return made, From.SERIES, blob is not None and has_hash(made, blob)
        if blob is not None and is_hash(blob) and (found := self.files.by_blob(blob)) is not None:
            return found, From.BLOB, True
        content = None if path in self.gone else self.files.by_path(path)
        return content, From.PATH if content is not None else From.NOTHING, False

    def take(self, diff: DamagedDiff, found: FileRecovery) -> None:
        """Keep what a file diff made."""
        if (diff.new_path is None or diff.renames) and diff.old_path:
            self.gone.add(diff.old_path)
            self.made.pop(diff.old_path, None)
        if found.content is not None and diff.new_path:
            self.made[diff.new_path] = found.content
            if found.verdict is Verdict.PROVED:
                self.proved.append(found.content)
                self.lent += found.lines
