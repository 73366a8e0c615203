# SPDX-License-Identifier: GPL-2.0-or-later
"""The manifest of a series: ``series.toml``, validated whole.

Facts about a posting that the mails do not say in a form a program can read: what base it
is for, which counters it brings, how these hang together, what its cover letter claims. The
mails lie beside it (``patches``), or are fetched by ``message_id``.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from patchtool.core.settings import problems
from patchtool.errors import ManifestError
from patchtool.series.figures import Claim, Figures  # noqa: TC001 (pydantic reads them)
from patchtool.series.terms import (
    INVARIANT,
    TERM,
    Commit,
    Counter,
    Invariant,
    MessageId,
    Place,
    RelativePath,
    Subject,
    Symbol,
    Tag,
    inside,
)

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "series.toml"
_DEEPEST_KEY = 30
_STRING = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'[^']*'""")
Tristate = Literal["y", "m", "n"] | int
#: See patchtool.testing.roles.
Role = Literal["isolated", "migrated", "returned", "released"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Base(_Strict):
    """Where the series belongs."""

    tag: Tag = Field(description="what it was made for: v6.12, v3.6-rc2, next-20121109")
    tree: str | None = Field(
        default=None,
        description="whose tag or commit that is, where not Linus Torvalds': linux-next",
    )
    commit: Commit | None = Field(default=None, description="base-commit, where it is known")
    also: tuple[Tag, ...] = Field(default=(), description="other releases it applies to")


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

    adds: tuple[Counter, ...] = Field(default=(), description="in the order of /proc/vmstat")
    uses: tuple[Counter, ...] = Field(
        default=(), description="counters of the base that its tests read as well"
    )
    roles: dict[Role, Counter] = Field(
        default_factory=dict, description="which of them says what became of a balloon page"
    )
    invariants: tuple[Invariant, ...] = Field(
        default=(), description="must hold for the deltas of every test"
    )


class Source(_Strict):
    """Where facts of this manifest are from."""

    facts: tuple[str, ...] = Field(
        min_length=1, description="key paths in this file, such as counters.adds"
    )
    where: Place = Field(description="Message-ID, or URL")


class Tests(_Strict):
    """Which test modules apply."""

    modules: tuple[RelativePath, ...] = Field(
        min_length=1, description="in tests/guest; their tests are chosen by the features they need"
    )


class Manifest(_Strict):
    """A ``series.toml``. Without ``patches``, the mails are fetched by ``message_id``.

    With ``merged`` there is nothing to apply: its tests run on the tree as it is.
    """

    title: str = Field(min_length=1, description="subject of the cover letter, without prefix")
    revision: int = Field(ge=1, description="1 for a first posting")
    message_id: MessageId | None = Field(
        default=None, description="of the cover letter, without angle brackets"
    )
    merged: bool = Field(default=False, description="trees since base.tag have it already")
    base: Base = Field(description="where the series belongs")
    patches: tuple[RelativePath, ...] = Field(
        default=(), description="files with one mail each, in order"
    )
    subjects: tuple[Subject, ...] = Field(
        default=(), description="of the patches, in order, without prefix"
    )
    cover: RelativePath | None = Field(default=None, description="file with the cover letter")
    kconfig: Kconfig = Field(default=Kconfig(), description="what to configure")
    counters: Counters = Field(default=Counters(), description="vm events, and how they agree")
    claims: tuple[Claim, ...] = Field(default=(), description="deltas that tests measure again")
    figures: tuple[Figures, ...] = Field(default=(), description="what else the letter measured")
    sources: tuple[Source, ...] = Field(default=(), description="where facts are from")
    tests: Tests = Field(description="test modules")


def parse(text: str, path: Path) -> Manifest:
    """Read a manifest's text; *path* only names it in errors.

    Raises:
        ManifestError: With every mistake and its key path.
    """
    return _checked(_values(text, path), path, [])


def load(path: Path) -> Manifest:
    """Read a ``series.toml`` and check that the files it names exist.

    Raises:
        ManifestError: With every mistake and its key path.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(path, [str(error)]) from error
    values = _values(text, path)
    return _checked(values, path, _missing_files(values, path.parent))


def _values(text: str, path: Path) -> dict[str, Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if _deepest(line) > _DEEPEST_KEY:
            raise ManifestError(path, [f"line {number}: a key of more than {_DEEPEST_KEY} parts"])
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ManifestError(path, ["arrays or tables are nested too deeply"]) from error
    except ValueError as error:  # also of an integer of thousands of digits
        raise ManifestError(path, [str(error)]) from error


def _deepest(line: str) -> int:
    """At least as many as the dots of the deepest key on a line; tomllib is quadratic in them."""
    if line.count(".") <= _DEEPEST_KEY:
        return 0
    if '"""' not in line and "'''" not in line:
        line = _STRING.sub("", line).partition("#")[0]
    return max(part.count(".") for part in re.split(r"[,={}\[\]]", line))


def _checked(values: dict[str, Any], path: Path, found: list[str]) -> Manifest:
    """Validate; mistakes of every kind are reported together, also between keys."""
    found = [*_between_keys(values), *found]
    try:
        manifest = Manifest.model_validate(values)
    except ValidationError as error:
        raise ManifestError(path, [*problems(error), *found]) from error
    if found:
        raise ManifestError(path, found)
    return manifest


def _between_keys(values: dict[str, Any]) -> list[str]:
    """Mistakes that show only when keys are held against each other."""
    return [
        *_unnamed_mails(values),
        *_unknown_counters(values),
        *_unknown_figures(values),
        *_unknown_facts(values),
    ]


def _texts(table: object, key: str) -> list[str]:
    """The strings under *key*, of a table that may not be valid."""
    value = table.get(key) if isinstance(table, dict) else None
    return (
        [item if isinstance(item, str) else "" for item in value] if isinstance(value, list) else []
    )


def _unnamed_mails(values: dict[str, Any]) -> list[str]:
    patches, subjects = _texts(values, "patches"), _texts(values, "subjects")
    if values.get("merged") is True:
        keys = [key for key in ("patches", "subjects", "cover", "message_id") if key in values]
        return [f"{key}: what is merged has no mails to apply" for key in keys]
    if not values.get("patches") and values.get("message_id") is None:
        return [
            "patches: name the mails' files; or give message_id, to fetch them, or merged = true"
        ]
    if patches and subjects and len(patches) != len(subjects):
        return [f"subjects: {len(subjects)} of them for {len(patches)} patches"]
    return []


def _unknown_counters(values: dict[str, Any]) -> list[str]:
    counters = values.get("counters")
    known = {*_texts(counters, "adds"), *_texts(counters, "uses")}
    roles = counters.get("roles") if isinstance(counters, dict) else None
    named = {
        f"invariants.{index}": set(re.findall(TERM, text))
        for index, text in enumerate(_texts(counters, "invariants"))
        if INVARIANT.match(text)
    }
    if isinstance(roles, dict):
        named.update({f"roles.{role}": {n} for role, n in roles.items() if isinstance(n, str)})
    return [
        f"counters.{key}: {name} is in neither counters.adds nor counters.uses"
        for key, names in named.items()
        for name in sorted(names - known)
    ]


def _unknown_figures(values: dict[str, Any]) -> list[str]:
    entries = values.get("figures")
    found = []
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict):
            continue
        base, patched = entry.get("base"), entry.get("patched")
        if isinstance(base, dict) and isinstance(patched, dict):
            found += [
                f"figures.{index}.base.{name}: not in figures.{index}.patched"
                for name in sorted(base.keys() - patched.keys())
            ]
    return found


def _unknown_facts(values: dict[str, Any]) -> list[str]:
    entries = values.get("sources")
    return [
        f"sources.{index}.facts.{at}: there is no {fact} in this manifest"
        for index, entry in enumerate(entries if isinstance(entries, list) else [])
        for at, fact in enumerate(_texts(entry, "facts"))
        if fact and not _has(values, fact)
    ]


def _has(values: dict[str, Any], key_path: str) -> bool:
    at: object = values
    for key in key_path.split("."):
        if isinstance(at, dict) and key in at:
            at = at[key]
        elif isinstance(at, list) and re.fullmatch(r"[0-9]{1,6}", key) and int(key) < len(at):
            at = at[int(key)]
        else:
            return False
    return True


def _missing_files(values: dict[str, Any], folder: Path) -> list[str]:
    named = [(f"patches.{index}", name) for index, name in enumerate(_texts(values, "patches"))]
    cover = values.get("cover")
    if isinstance(cover, str):
        named.append(("cover", cover))
    return [
        f"{key}: {name} does not exist"
        for key, name in named
        if name and "\0" not in name and inside(name) and not _is_file(folder / name)
    ]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, or a folder that may not be entered
        return False


def schema() -> dict[str, Any]:
    """The JSON schema of a manifest, for editors."""
    return Manifest.model_json_schema()
