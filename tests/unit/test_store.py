# SPDX-License-Identifier: GPL-2.0-or-later
"""The store: results appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from patchtool.core import durable, store


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


def test_a_reader_sees_no_gap_while_a_result_is_replaced(tmp_path: Path) -> None:
    """The old result was removed before the new one had its name."""
    kept = store.Store(tmp_path)
    kept.keep("image", "k", {"round": 0})
    ended, gaps = threading.Event(), list[int]()

    def read() -> None:
        while not ended.is_set():
            if not (tmp_path / "image" / "k" / store.VALUE).is_file():
                gaps.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for count in range(1, 50):
        kept.keep("image", "k", {"round": count})
    ended.set()
    reader.join()
    assert gaps == []
    assert kept.read("image", "k", dict[str, int]) == {"round": 49}
    assert [path.name for path in (tmp_path / "image").iterdir()] == ["k"]


def test_of_two_writers_of_one_result_one_wins(tmp_path: Path) -> None:
    kept = store.Store(tmp_path)
    with kept.put("image", "k") as first:
        store.write_value(first, {"by": "the first"})
        with kept.put("image", "k") as second:
            store.write_value(second, {"by": "the second"})
        assert kept.read("image", "k", dict[str, str]) == {"by": "the second"}
    assert kept.read("image", "k", dict[str, str]) == {"by": "the first"}
    assert [path.name for path in (tmp_path / "image").iterdir()] == ["k"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS])
def test_a_file_system_without_exchange_will_do(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(durable, "_exchange", refuse)
    kept = store.Store(tmp_path)
    for count in range(3):
        kept.keep("image", "k", {"round": count})
    assert kept.read("image", "k", dict[str, int]) == {"round": 2}
    assert [path.name for path in (tmp_path / "image").iterdir()] == ["k"]


def test_what_a_killed_writer_left_is_swept_and_nothing_of_a_living_one(tmp_path: Path) -> None:
    """Nobody swept it: each kill in a build left hundreds of megabytes for ever."""
    kept = store.Store(tmp_path)
    left = tmp_path / "image" / ".0123456789ab.killed"
    left.mkdir(parents=True)
    (left / "vmlinux").write_bytes(b"half of")
    with kept.put("apply", "k") as living:
        kept.sweep()
        assert not left.exists()
        store.write_value(living, {})
    left.mkdir()
    with kept.put("image", "k") as folder:
        assert not left.exists()
        left.mkdir()
        kept.keep("image", "other", {})
        kept.sweep()
        assert folder.is_dir()
        assert left.is_dir(), "its writer may be the one that lives"
        store.write_value(folder, {})
    kept.sweep()
    assert sorted(path.name for path in (tmp_path / "image").iterdir()) == ["k", "other"]


@pytest.mark.parametrize("name", ["bzImage", store.VALUE, store.CONTENTS])
@pytest.mark.parametrize("content", [b"", b"\0" * 6])
def test_a_damaged_result_is_said_and_made_again(name: str, content: bytes, tmp_path: Path) -> None:
    """After a power cut an image was an empty file, and its kernel did not boot."""
    notes: list[str] = []
    kept = store.Store(tmp_path, notes.append)

    def make() -> None:
        with kept.put("image", "k") as folder:
            (folder / "bzImage").write_bytes(b"kernel")
            store.write_value(folder, {"a": 1})

    make()
    assert kept.get("image", "k") is not None
    (tmp_path / "image" / "k" / name).write_bytes(content)
    for _ in range(2):
        assert kept.get("image", "k") is None
    assert notes == [f"{tmp_path}/image/k is not as it was written, and is made again"]
    make()
    assert kept.get("image", "k") is not None


def test_a_file_that_is_gone_is_damage_too(tmp_path: Path) -> None:
    kept = store.Store(tmp_path)
    with kept.put("image", "k") as folder:
        (folder / "bzImage").write_bytes(b"kernel")
        store.write_value(folder, {})
    (tmp_path / "image" / "k" / "bzImage").unlink()
    assert kept.get("image", "k") is None


def test_sizes_and_hashes_are_written_down(tmp_path: Path) -> None:
    kept = store.Store(tmp_path)
    with kept.put("image", "k") as folder:
        (folder / "bzImage").write_bytes(b"kernel")
        store.write_value(folder, {})
    listed = json.loads((tmp_path / "image" / "k" / store.CONTENTS).read_text())
    digest = "6923dd1bc0460082c5d55a831908c24a282860b7f1cd6c2b79cf1bc8857c639c"
    assert listed["bzImage"] == [6, digest]
    assert sorted(listed) == ["bzImage", store.VALUE]


def test_a_result_of_an_earlier_release_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "image" / "k"
    folder.mkdir(parents=True)
    store.write_value(folder, {"a": 1})
    assert store.Store(tmp_path).read("image", "k", dict[str, int]) == {"a": 1}


def test_all_of_a_result_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its value was flushed: after a power cut the rest were empty files."""
    kept, synced = store.Store(tmp_path), list[str]()
    target = kept.path("image", "k")

    def fsync(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        name = path.removeprefix(f"{tmp_path}/image")
        synced.append(f"{name} {'named' if target.exists() else 'not named'}")

    monkeypatch.setattr(os, "fsync", fsync)
    with kept.put("image", "k") as folder:
        (folder / "objects").mkdir()
        (folder / "objects" / "bzImage").write_bytes(b"kernel")
        store.write_value(folder, {})
    here = f"/{folder.name}"
    for name in (here, f"{here}/objects", f"{here}/objects/bzImage", f"{here}/{store.CONTENTS}"):
        assert f"{name} not named" in synced
    assert synced[-1] == " named"


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
