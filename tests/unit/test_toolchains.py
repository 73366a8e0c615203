# SPDX-License-Identifier: GPL-2.0-or-later
"""Toolchains are known by name, and what they are stays what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.build.container.runtime import Runtime
from patchtool.build.kernel.make import make_words, target_compiler
from patchtool.build.toolchain import toolchain
from patchtool.build.toolchain.recipe import (
    DEFAULT,
    check_name,
    known_toolchains,
    read_recipe,
    recipe_names,
)
from patchtool.build.toolchain.toolchain import Toolchain
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.core.store import Store
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.build.toolchain.recipe import Recipe

NAMES = ("bookworm", "bullseye", "bullseye-gcc9", "clang", "trixie")


def test_the_known_toolchains_are_listed_the_default_first() -> None:
    assert recipe_names() == NAMES
    assert recipe_names()[0] == DEFAULT
    assert known_toolchains().endswith("trixie, or registry:IMAGE")


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_can_compile_host_programs_and_kernels(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.name == name
    assert recipe.title
    assert {"gcc", "libc6-dev", "make", "bc", "flex", "bison", "libelf-dev"} <= set(recipe.packages)
    assert recipe.program in recipe.packages


def test_a_new_key_of_recipes_makes_no_image_anew() -> None:
    """An image's key held all keys of the recipe: one more with its default changed every key."""
    assert sorted(read_recipe("bookworm").content) == [
        "distribution", "image", "name", "packages", "suite",
    ]  # fmt: skip
    assert read_recipe("clang").content["make"] == {"LLVM": "1"}


@pytest.mark.parametrize("name", ["gcc-1", "../bookworm", "", "registry:", "registry:--all"])
def test_an_unknown_name_is_told_what_is_known(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_name(name)
    assert (name or "''") in str(caught.value)
    assert ("bookworm, bullseye" in caught.value.hint) == (not name.startswith("registry:"))


def test_what_an_earlier_version_stored_is_read() -> None:
    """The image would be made again, and with newer packages every kernel built again."""
    stored = (
        '{"image": "i", "name": "bookworm", "digest": "d", "gcc": "gcc (Debian 12.2.0-14) 12.2.0",'
        ' "packages": [], "origin": "bookworm packages", "needs": null}'
    )
    found = Toolchain.model_validate_json(stored)
    assert str(found.compiler) == "gcc 12.2.0"
    assert Toolchain.model_validate_json(found.model_dump_json()) == found


def test_the_compiler_and_its_words_reach_make() -> None:
    recipe = read_recipe("clang")
    made = Toolchain(
        image="i", name="clang", digest="d", version="Debian clang version 19.1.7 (3+b1)",
        packages=(), origin="", program=recipe.program, make=recipe.make,
    )  # fmt: skip
    assert target_compiler(made) == "clang"
    words = make_words(made, "vmlinux", CC="/in/cc")
    assert list(words[-3:]) == ["LLVM=1", "CC=/in/cc", "vmlinux"]


def test_each_cache_keeps_its_own_tag(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A second cache's image took the tag, and the first went when its child was removed."""
    tags: list[str] = []

    def make_image(_runtime: Runtime, _recipe: Recipe, tag: str, *_: object) -> tuple[str, str]:
        tags.append(tag)
        return "i", "here"

    monkeypatch.setattr(toolchain, "make_image", make_image)
    monkeypatch.setattr(toolchain, "inventory", lambda *_: ["gcc (Debian 12.2.0-14) 12.2.0"])
    monkeypatch.setattr(toolchain, "_stored", lambda *_: None)
    for cache in ("one", "two", "one"):
        store = Store(tmp_path / cache)
        runtime = Runtime(program="podman")
        toolchain.ensure_toolchain(runtime, Settings(), store, Silent())
    assert tags[0].startswith("localhost/patchtool-bookworm:")
    assert tags[0] != tags[1]
    assert tags[0] == tags[2]
