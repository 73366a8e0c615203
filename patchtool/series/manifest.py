# SPDX-License-Identifier: GPL-2.0-or-later
"""The manifest of a series: ``series.toml``, validated whole.

Facts about a posting that the mails do not say in a form a program can read: what base it
is for, which counters it brings, how these hang together, what its cover letter claims.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

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


def _inside(value: str) -> bool:
    return not value.startswith("/") and ".." not in value.split("/")


def _relative(value: str) -> str:
    if not _inside(value):
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


def parse(text: str, path: Path) -> Manifest:
    """Read a manifest's text; *path* only names it in errors.

    Raises:
        ManifestError: With every mistake and its key path.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(path, [str(error)]) from error
    return _checked(values, path, [])


def load(path: Path) -> Manifest:
    """Read a ``series.toml`` and check that the files it names exist.

    Raises:
        ManifestError: With every mistake and its key path.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(path, [str(error)]) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(path, [str(error)]) from error
    return _checked(values, path, _missing_files(values, path.parent))


def _checked(values: dict[str, Any], path: Path, found: list[str]) -> Manifest:
    """Validate; mistakes of every kind are reported together, also between keys."""
    found = [*_unknown_counters(values), *found]
    try:
        manifest = Manifest.model_validate(values)
    except ValidationError as error:
        raise ManifestError(path, [*problems(error), *found]) from error
    if found:
        raise ManifestError(path, found)
    return manifest


def _texts(table: object, key: str) -> list[str]:
    """The strings under *key*, of a table that may not be valid."""
    value = table.get(key) if isinstance(table, dict) else None
    return (
        [item if isinstance(item, str) else "" for item in value] if isinstance(value, list) else []
    )


def _unknown_counters(values: dict[str, Any]) -> list[str]:
    counters = values.get("counters")
    known = {*_texts(counters, "adds"), *_texts(counters, "uses")}
    return [
        f"counters.invariants.{index}: {name} is in neither counters.adds nor counters.uses"
        for index, text in enumerate(_texts(counters, "invariants"))
        if _INVARIANT.match(text)
        for name in sorted(set(re.findall(r"[a-z][a-z0-9_]*", text)) - known)
    ]


def _missing_files(values: dict[str, Any], folder: Path) -> list[str]:
    named = [(f"patches.{index}", name) for index, name in enumerate(_texts(values, "patches"))]
    cover = values.get("cover")
    if isinstance(cover, str):
        named.append(("cover", cover))
    return [
        f"{key}: {name} does not exist"
        for key, name in named
        if name and "\0" not in name and _inside(name) and not (folder / name).is_file()
    ]


def schema() -> dict[str, Any]:
    """The JSON schema of a manifest, for editors."""
    return Manifest.model_json_schema()
