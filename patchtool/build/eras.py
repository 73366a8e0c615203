# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel tree needs because of its age: ``kernel/eras.toml``, asked of the tree.

Nothing here looks at a version number: each entry asks for files and for text in them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from patchtool import data
from patchtool.errors import UsageError
from patchtool.store import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    #: The text of a file of the tree, by its path; None where there is no such file.
    Reader = Callable[[str], str | None]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Strict):
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
        if self.has is not None and not re.search(self.has, text):
            return False
        return self.lacks is None or not re.search(self.lacks, text)

    def __str__(self) -> str:
        if self.file is None:
            return f"there is no {self.missing}"
        parts = [f"there is {self.file}"]
        if self.has is not None:
            parts.append(f"with a match of /{self.has}/")
        if self.lacks is not None:
            parts.append(f"without a match of /{self.lacks}/")
        return " ".join(parts)


class _Entry(_Strict):
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    releases: str = Field(description="for people; never asked")
    when: tuple[Question, ...] = Field(min_length=1)

    def matches(self, read: Reader) -> bool:
        """Whether all its questions are answered with yes."""
        return all(question.ask(read) for question in self.when)


class Era(_Entry):
    """A generation of kernels; a tree is of one."""

    title: str


class FixUp(_Entry):
    """Something a tree needs that others do not."""

    reason: str
    until: str = Field(description="what ended the need upstream")
    gcc: int | None = Field(default=None, description="first major version that needs it")
    cc: tuple[str, ...] = Field(default=(), description="flags for CC itself")
    make: dict[str, str] = Field(default_factory=dict, description="make's command line")
    headers: dict[str, str] = Field(default_factory=dict, description="files below /in")


class Eras(_Strict):
    """``kernel/eras.toml``."""

    era: tuple[Era, ...] = Field(min_length=1)
    fixup: tuple[FixUp, ...] = ()


class Needs(_Strict):
    """What one tree needs, with one compiler.

    Attributes:
        era: The generation it is of.
        fixups: Those that matched, in the order of the file.
    """

    era: Era
    fixups: tuple[FixUp, ...] = ()

    @property
    def cc(self) -> tuple[str, ...]:
        """Flags for CC itself."""
        return tuple(flag for fixup in self.fixups for flag in fixup.cc)

    @property
    def make(self) -> dict[str, str]:
        """Variables of make's command line."""
        return {key: value for fixup in self.fixups for key, value in fixup.make.items()}

    @property
    def headers(self) -> dict[str, str]:
        """Files that the container sees below ``/in``."""
        return {name: text for fixup in self.fixups for name, text in fixup.headers.items()}

    def describe(self) -> str:
        """Which entries apply and why, a line or two each."""
        lines = [f"{self.era.name} ({self.era.releases}): {self.era.title}"]
        for fixup in self.fixups:
            asked = "; ".join(map(str, fixup.when))
            lines.append(f"  {fixup.name}: {fixup.reason}")
            lines.append(f"    because {asked}; until {fixup.until}")
        return "\n".join(lines)

    @property
    def key(self) -> str:
        """Hash of what reaches a build; empty when nothing does."""
        if not (self.cc or self.make or self.headers):
            return ""
        return digest(self.cc, self.make, self.headers)


def read_eras() -> Eras:
    """``kernel/eras.toml``.

    Raises:
        ManifestError: It has mistakes; all are named.
    """
    return data.read(data.kernel() / "eras.toml", Eras)


def needs_of(read: Reader, where: str, gcc: int) -> Needs:
    """What a tree needs.

    Args:
        read: Reads the tree.
        where: Its name, for the error.
        gcc: Major version of the compiler.

    Raises:
        UsageError: It is of no era; says which questions it failed.
    """
    eras = read_eras()
    fixups = [
        fixup
        for fixup in eras.fixup
        if (fixup.gcc is None or gcc >= fixup.gcc) and fixup.matches(read)
    ]
    return Needs(era=_era(eras.era, read, where), fixups=tuple(fixups))


def _era(eras: tuple[Era, ...], read: Reader, where: str) -> Era:
    """The first era that matches."""
    for era in eras:
        if era.matches(read):
            return era
    failed = "".join(
        f"\n  {era.name} ({era.releases}): not so that {question}"
        for era in eras
        for question in era.when
        if not question.ask(read)
    )
    raise UsageError(
        f"{where} is of no era that patchtool knows:{failed}",
        hint="is it a whole kernel source? A new era is an entry of kernel/eras.toml",
    )
