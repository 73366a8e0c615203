# SPDX-License-Identifier: GPL-2.0-or-later
"""The manifest of a series: ``series.toml``, validated whole.

Facts about a posting that the mails do not say in a form a program can read: what base it
is for, which counters it brings, how these hang together, what its cover letter claims.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from patchtool.errors import ManifestError
from patchtool.settings import problems

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "series.toml"
_SYMBOL = re.compile(r"[A-Z0-9_]+\Z")
_TERM = re.compile(r"[a-z][a-z0-9_]*\Z")
_INVARIANT = re.compile(
    r"\s*[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*\s*(==|<=|>=)"
    r"\s*[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*\s*\Z"
)


def _symbol(value: str) -> str:
    if not _SYMBOL.match(value):
        raise ValueError("a Kconfig symbol is written without CONFIG_, in capitals")
    return value


def _counter(value: str) -> str:
    if not _TERM.match(value):
        raise ValueError("a counter is named as in /proc/vmstat, such as compact_success")
    return value


def _relative(value: str) -> str:
    if value.startswith("/") or ".." in value.split("/"):
        raise ValueError("the path must stay inside the series' folder")
    return value


def _invariant(value: str) -> str:
    if not _INVARIANT.match(value):
        raise ValueError("write counters joined by + on both sides of one of == <= >=")
    return value


Symbol = Annotated[str, AfterValidator(_symbol)]
Counter = Annotated[str, AfterValidator(_counter)]
RelativePath = Annotated[str, AfterValidator(_relative)]
Invariant = Annotated[str, AfterValidator(_invariant)]
Tristate = Literal["y", "m", "n"] | int


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Base(_Strict):
    """Where the series belongs."""

    tag: str = Field(description="the release it was made for, such as v6.12")
    commit: str | None = Field(default=None, description="base-commit, where it is known")
    also: tuple[str, ...] = Field(default=(), description="other releases it applies to")


class Kconfig(_Strict):
    """What the kernel must be configured with."""

    requires: dict[Symbol, Tristate] = Field(
        default_factory=dict, description="symbols every variant needs"
    )
    options: tuple[Symbol, ...] = Field(
        default=(), description="symbols the series adds; on in one variant, off in the other"
    )


class Counters(_Strict):
    """The vm events the series brings, and how they hang together."""

    adds: tuple[Counter, ...] = ()
    uses: tuple[Counter, ...] = Field(
        default=(), description="counters of the base that its tests read as well"
    )
    invariants: tuple[Invariant, ...] = Field(
        default=(), description="must hold for the deltas of every test"
    )


class Claim(_Strict):
    """Figures that the cover letter gives."""

    balloon_mib: int = Field(gt=0)
    guest_mib: int = Field(gt=0)
    source: str = Field(description="where the figures stand")
    deltas: dict[Counter, int]


class Tests(_Strict):
    """Which test modules apply."""

    modules: tuple[RelativePath, ...] = Field(min_length=1)


class Manifest(_Strict):
    """A ``series.toml``."""

    title: str = Field(min_length=1)
    revision: int = Field(ge=1)
    message_id: str | None = None
    base: Base
    patches: tuple[RelativePath, ...] = Field(min_length=1)
    cover: RelativePath | None = None
    kconfig: Kconfig = Kconfig()
    counters: Counters = Counters()
    claims: tuple[Claim, ...] = ()
    tests: Tests

    @model_validator(mode="after")
    def _known_counters(self) -> Manifest:
        known = {*self.counters.adds, *self.counters.uses}
        for index, text in enumerate(self.counters.invariants):
            for name in sorted(set(re.findall(r"[a-z][a-z0-9_]*", text)) - known):
                raise ValueError(
                    f"counters.invariants.{index}: {name} is in neither counters.adds "
                    "nor counters.uses"
                )
        return self


def parse(text: str, path: Path) -> Manifest:
    """Read a manifest's text; *path* only names it in errors.

    Raises:
        ManifestError: With every mistake and its key path.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(path, [str(error)]) from error
    try:
        return Manifest.model_validate(values)
    except ValidationError as error:
        raise ManifestError(path, problems(error)) from error


def load(path: Path) -> Manifest:
    """Read a ``series.toml`` and check that the files it names exist.

    Raises:
        ManifestError: With every mistake and its key path.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(path, [str(error)]) from error
    manifest = parse(text, path)
    named = [(f"patches.{i}", name) for i, name in enumerate(manifest.patches)]
    if manifest.cover is not None:
        named.append(("cover", manifest.cover))
    missing = [
        f"{key}: {name} does not exist" for key, name in named if not (path.parent / name).is_file()
    ]
    if missing:
        raise ManifestError(path, missing)
    return manifest


def schema() -> dict[str, Any]:
    """The JSON schema of a manifest, for editors."""
    return Manifest.model_json_schema()
