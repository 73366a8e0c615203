# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions that are asked of a kernel tree: which files it has, and which text in them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

if TYPE_CHECKING:
    from collections.abc import Callable

    #: The text of a file of the tree, by its path; None where there is no such file.
    Reader = Callable[[str], str | None]


def _pattern(value: str) -> str:
    try:
        re.compile(value, re.MULTILINE)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


class Strict(BaseModel):
    """A value of a data file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(Strict):
    """Something asked of a tree; see the head of ``kernel/eras.toml``."""

    file: str | None = None
    missing: str | None = None
    has: Pattern | None = None
    lacks: Pattern | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.file is None) == (self.missing is None):
            raise ValueError("give one of file and missing")
        if self.missing is not None and (self.has is not None or self.lacks is not None):
            raise ValueError("a missing file has no text")
        return self

    def ask(self, read: Reader) -> bool:
        """Whether the tree's answer is yes."""
        if self.file is None:
            assert self.missing is not None
            return read(self.missing) is None
        text = read(self.file)
        if text is None:
            return False
        if self.has is not None and not re.search(self.has, text, re.MULTILINE):
            return False
        return self.lacks is None or not re.search(self.lacks, text, re.MULTILINE)

    def __str__(self) -> str:
        if self.file is None:
            return f"there is no {self.missing}"
        parts = [f"there is {self.file}"]
        if self.has is not None:
            parts.append(f"with a match of /{self.has}/")
        if self.lacks is not None:
            parts.append(f"without a match of /{self.lacks}/")
        return " ".join(parts)


class FileText(Strict):
    """What a file of the tree says: the first group of a pattern."""

    file: str
    says: Pattern

    def find(self, read: Reader) -> str | None:
        """The text, or None where the tree says nothing."""
        found = re.search(self.says, read(self.file) or "", re.MULTILINE)
        return found[1] if found else None
