# SPDX-License-Identifier: GPL-2.0-or-later
"""Toolchains by name: what goes into their images, ``kernel/containers/*.toml``."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from patchtool.core import data
from patchtool.errors import UsageError

#: The toolchain of a tree whose era names no other.
DEFAULT = "bookworm"
#: Before the name of an image that is used as it is.
REGISTRY = "registry:"
_IMAGE = re.compile(r"[a-z0-9][A-Za-z0-9._/:@-]*\Z")


class Recipe(BaseModel):
    """A ``kernel/containers/*.toml``.

    Attributes:
        name: As in the file's name.
        title: What it is, for people.
        distribution: Whose packages.
        suite: Which release of it.
        image: Base image, tried first when the settings name a registry.
        packages: What is installed.
        program: The compiler of kernel code.
        make: Words of make's command line that go with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str = ""
    distribution: str
    suite: str = Field(pattern=r"^[a-z]+$")
    image: str
    packages: tuple[str, ...] = Field(min_length=1)
    program: str = Field(default="gcc", pattern=r"^[a-z0-9.+-]+$")
    make: dict[str, str] = Field(default_factory=dict)

    @property
    def content(self) -> dict[str, object]:
        """What the image depends on."""
        return self.model_dump(exclude_defaults=True, exclude={"title"})


def recipe_names() -> tuple[str, ...]:
    """The recipes there are, the default first."""
    names = {path.stem for path in (data.kernel() / "containers").glob("*.toml")}
    return tuple(sorted(names, key=lambda name: (name != DEFAULT, name)))


def known_toolchains() -> str:
    """What may be named, for people."""
    return f"{', '.join(recipe_names())}, or {REGISTRY}IMAGE"


def check_name(name: str) -> str:
    """The name of a toolchain, if there can be one of that name.

    Raises:
        UsageError: There is none; the known ones are named.
    """
    if name.startswith(REGISTRY):
        if not _IMAGE.match(name.removeprefix(REGISTRY)):
            raise UsageError(
                f"{name}: not the name of an image",
                hint=f"such as {REGISTRY}HOST/gcc:4.9",
            )
    elif name not in recipe_names():
        raise UsageError(
            f"no toolchain {name!r}",
            hint=f"known: {known_toolchains()}; `patchtool toolchain list` says what they are",
        )
    return name


def read_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ManifestError: It has mistakes.
        UsageError: There is none; the known ones are named.
    """
    check_name(name)
    return data.read(data.kernel() / "containers" / f"{name}.toml", Recipe)
