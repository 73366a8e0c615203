# SPDX-License-Identifier: GPL-2.0-or-later
"""The value a posted series becomes. Nothing here does I/O."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchtool.series.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a file diff.

    Attributes:
        old_start: First line in the old file, counted from 1 (0 for an empty range).
        old_count: Lines it covers in the old file.
        new_start: First line in the new file.
        new_count: Lines it covers in the new file.
        section: git's function heading behind the second ``@@``.
        lines: The body, each line with its leading ``' '``, ``'+'``, ``'-'`` or a backslash
            and without its line end.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[bytes, ...]

    @property
    def added(self) -> tuple[bytes, ...]:
        """Added lines without their ``+``."""
        return tuple(line[1:] for line in self.lines if line.startswith(b"+"))

    @property
    def removed(self) -> tuple[bytes, ...]:
        """Removed lines without their ``-``."""
        return tuple(line[1:] for line in self.lines if line.startswith(b"-"))

    @property
    def header(self) -> str:
        """The ``@@ -a,b +c,d @@`` line."""
        old = f"{self.old_start},{self.old_count}"
        new = f"{self.new_start},{self.new_count}"
        return f"@@ -{old} +{new} @@ {self.section}".rstrip()


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a patch does to one file.

    Attributes:
        old_path: Path before, or None for a new file.
        new_path: Path after, or None for a removed file.
        old_blob: Abbreviated blob hash of the ``index`` line, or None.
        new_blob: As above, after.
        new_mode: File mode where the diff states one, such as ``100644``.
        hunks: Its hunks in order.
        binary: A ``GIT binary patch`` with data.
    """

    old_path: str | None
    new_path: str | None
    old_blob: str | None
    new_blob: str | None
    new_mode: str | None
    hunks: tuple[Hunk, ...]
    binary: bool = False

    @property
    def path(self) -> str:
        """The path it is known by: the new one, or the old one of a removed file."""
        return self.new_path or self.old_path or ""


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch mail.

    Attributes:
        number: Its place in the series, from 1.
        subject: The subject without the ``[PATCH …]`` prefix.
        author: ``Name <address>``; the in-body ``From:`` line wins.
        date: The Date header as it was sent.
        message: The commit message below the subject, up to the ``---`` line.
        message_id: Without angle brackets; None for a patch that was never mailed.
        files: Its file diffs, in order.
        raw: The mail as ``git am`` takes it.
    """

    number: int
    subject: str
    author: str
    date: str
    message: str
    message_id: str | None
    files: tuple[FileDiff, ...]
    raw: bytes

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path the patch touches."""
        names = {name for diff in self.files for name in (diff.old_path, diff.new_path) if name}
        return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class Series:
    """A posted series.

    Attributes:
        name: Short name, usable in file names.
        title: Subject of the cover letter, or of the only patch.
        revision: 1 for a first posting.
        cover: Text of the cover letter, or None.
        patches: In order.
        manifest: What is known about the series, or None.
    """

    name: str
    title: str
    revision: int
    cover: str | None
    patches: tuple[Patch, ...]
    manifest: Manifest | None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the mails in order."""
        whole = hashlib.sha256()
        for patch in self.patches:
            whole.update(hashlib.sha256(patch.raw).digest())
        return whole.hexdigest()
