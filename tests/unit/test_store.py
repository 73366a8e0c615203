# SPDX-License-Identifier: GPL-2.0-or-later
"""The store: results appear whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ConfigDict

from patchtool.core import store

if TYPE_CHECKING:
    from pathlib import Path


def test_a_result_is_found_under_its_key(tmp_path: Path) -> None:
    kept = store.Store(tmp_path)
    key = store.digest("tree", "config")
    assert kept.get("image", key) is None
    with kept.put("image", key) as folder:
        (folder / store.VALUE).write_text("{}")
        (folder / "bzImage").write_bytes(b"kernel")
    found = kept.get("image", key)
    assert found is not None
    assert (found / "bzImage").read_bytes() == b"kernel"


def test_a_result_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    kept = store.Store(tmp_path)

    def interrupted() -> None:
        with kept.put("image", "k") as folder:
            (folder / store.VALUE).write_text("{}")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert kept.get("image", "k") is None
    assert list((tmp_path / "image").iterdir()) == []


def test_digest_depends_on_every_part_and_their_order() -> None:
    assert store.digest("a", "b") != store.digest("b", "a")
    assert store.digest({"x": 1, "y": 2}) == store.digest({"y": 2, "x": 1})
    assert store.digest(b"a") != store.digest(b"b")


def test_folder_digest_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = store.folder_digest(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    second = store.folder_digest(tmp_path)
    (tmp_path / "b").write_text("2")
    assert len({first, second, store.folder_digest(tmp_path)}) == 3


@pytest.mark.parametrize(
    ("text", "also", "name"),
    [
        ("../Ü b/c", "", "b-c"),
        ("...", "._+-", "none"),
        ("-rf", "._+-", "rf"),
        ("linux-6.12.1_a+b", "._+-", "linux-6.12.1_a+b"),
        ("registry:host/x@sha256:1", "._+-", "registry-host-x-sha256-1"),
        ("mm: a  b", "_", "mm-a-b"),
        ("a" * 29 + ",x", "", "a" * 29),
    ],
)
def test_a_slug_is_a_file_name_that_needs_no_quotes(text: str, also: str, name: str) -> None:
    assert store.slug(text, "none", also=also, longest=30) == name


class Kept(BaseModel):
    """A value with a part that is of one run alone."""

    model_config = ConfigDict(extra="forbid")

    label: str
    size: int


def test_a_value_is_read_back_with_what_holds_of_this_run(tmp_path: Path) -> None:
    kept = store.Store(tmp_path)
    assert kept.read("image", "k", Kept) is None
    kept.keep("image", "k", Kept(label="base", size=3), exclude={"label"})
    assert "base" not in (tmp_path / "image" / "k" / store.VALUE).read_text()
    assert kept.read("image", "k", Kept, label="1/4") == Kept(label="1/4", size=3)


@pytest.mark.parametrize("text", ["", "[1]", '{"size": 1, "more": 2}', '{"size": "big"}'])
def test_a_value_of_another_version_is_none(text: str, tmp_path: Path) -> None:
    kept = store.Store(tmp_path)
    with kept.put("image", "k") as folder:
        (folder / store.VALUE).write_text(text)
    assert kept.read("image", "k", Kept) is None
    assert kept.read("image", "k", Kept, label="1/4") is None
