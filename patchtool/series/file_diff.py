# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch does to files: hunks and file diffs, as values that pydantic writes as JSON."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, ConfigDict, PlainSerializer, computed_field


def _to_json(value: bytes) -> str | dict[str, str]:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": b64encode(value).decode("ascii")}


def _from_json(value: object) -> object:
    text = value.get("base64") if isinstance(value, dict) else None
    return b64decode(text, validate=True) if isinstance(text, str) else value


#: Lines and mails as they came: in JSON a string where they are UTF-8, else an object with the
#: one key ``base64``.
Bytes = Annotated[bytes, BeforeValidator(_from_json), PlainSerializer(_to_json, when_used="json")]
#: For values with attributes that are worked out: what JSON says of these is not read.
DERIVED: Final = ConfigDict(extra="ignore")


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
    lines: tuple[Bytes, ...]

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

    __pydantic_config__ = DERIVED

    old_path: str | None
    new_path: str | None
    old_blob: str | None
    new_blob: str | None
    new_mode: str | None
    hunks: tuple[Hunk, ...]
    binary: bool = False

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def path(self) -> str:
        """The path it is known by: the new one, or the old one of a removed file."""
        return self.new_path or self.old_path or ""
