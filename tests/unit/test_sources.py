# SPDX-License-Identifier: GPL-2.0-or-later
"""A series is found by folder, mailbox, file or name, and is refused when part of it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.errors import MailError, ManifestError, UsageError
from patchtool.series.sources import bundled, load_series, slug
from patchtool.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series


def mail(tags: str, title: str, *, diff: bool = True) -> str:
    body = (
        f"\nWhy.\n---\ndiff --git a/{title} b/{title}\n--- a/{title}\n+++ b/{title}\n"
        "@@ -1 +1 @@\n-a\n+b\n"
    )
    return (
        "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
        f"From: A <a@b.org>\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nSubject: {tags} {title}\n"
        f"{body if diff else chr(10) + 'Cover text.' + chr(10)}-- \n2.39.5\n\n"
    )


def load(path: Path | str) -> Series:
    return load_series(str(path), Settings())


def folder(path: Path, *numbers: int, total: int = 4) -> Path:
    made = path / "My Series_v2"
    made.mkdir()
    for number in numbers:
        text = mail(f"[PATCH v2 {number}/{total}]", f"f{number}", diff=number > 0)
        (made / f"{number:04d}-f{number}.patch").write_text(text)
    return made


MANIFEST = """\
title = "t"
revision = 2
cover = "0000-f0.patch"
patches = ["0001-f1.patch", "0002-f2.patch"]
[base]
tag = "v6.12"
[tests]
modules = ["test_x.py"]
"""


def test_a_folder_of_patches_is_a_series(tmp_path: Path) -> None:
    series = load(folder(tmp_path, 0, 1, 2, 3, 4))
    assert (series.name, series.title, series.revision) == ("my-series-v2", "f0", 2)
    assert series.cover == "Cover text."
    assert [patch.subject for patch in series.patches] == ["f1", "f2", "f3", "f4"]


def test_a_missing_patch_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path, 0, 1, 3, 4)
    with pytest.raises(MailError, match="0002 is missing"):
        load(path)
    (path / "0003-f3.patch").rename(path / "0002-f3.patch")
    (path / "0004-f4.patch").rename(path / "0003-f4.patch")
    with pytest.raises(MailError, match="patch 2/4 is missing"):
        load(path)


def test_missing_patches_at_the_ends_are_named(tmp_path: Path) -> None:
    path = folder(tmp_path, 1, 2)
    with pytest.raises(MailError, match="3/4, 4/4 are missing"):
        load(path)
    (path / "0001-f1.patch").unlink()
    with pytest.raises(MailError, match="0001 is missing"):
        load(path)


def test_a_mailbox_is_sorted_and_replies_are_left_out(tmp_path: Path) -> None:
    box = tmp_path / "thread.mbox"
    reply = mail("Re: [PATCH v2 1/2]", "f1")
    talk = mail("", "unrelated", diff=False)
    box.write_text(
        mail("[PATCH v2 2/2]", "f2")
        + reply
        + mail("[PATCH v2 0/2]", "cover", diff=False)
        + talk
        + mail("[PATCH v2 1/2]", "f1")
    )
    series = load(box)
    assert (series.name, series.title) == ("thread", "cover")
    assert [patch.subject for patch in series.patches] == ["f1", "f2"]


@pytest.mark.parametrize(
    ("mails", "word"),
    [
        ((("[PATCH v1 1/2]", "a"), ("[PATCH v2 2/2]", "b")), "revisions v1 and v2"),
        ((("[PATCH 1/2]", "a"), ("[PATCH 1/2]", "b")), "1/2 is there twice"),
        ((("[PATCH 1/2]", "a"), ("[PATCH 2/3]", "b")), "count to 2, some to 3"),
        ((("[PATCH 1/1]", "a"), ("[PATCH 2/1]", "b")), "past the end"),
    ],
)
def test_mixed_up_series_are_refused(
    tmp_path: Path, mails: tuple[tuple[str, str], ...], word: str
) -> None:
    box = tmp_path / "x.mbox"
    box.write_text("".join(mail(*each) for each in mails))
    with pytest.raises(MailError, match=word):
        load(box)


def test_a_single_patch_file_is_a_series(tmp_path: Path) -> None:
    path = tmp_path / "0001-f1.patch"
    path.write_text(mail("[PATCH]", "f1"))
    series = load(path)
    assert (series.title, series.revision, series.cover) == ("f1", 1, None)


def test_a_manifest_gives_patches_and_cover(tmp_path: Path) -> None:
    path = folder(tmp_path, 0, 1, 2, total=2)
    (path / "series.toml").write_text(MANIFEST)
    for source in (path, path / "series.toml"):
        series = load(source)
        assert series.manifest is not None
        assert (series.title, series.cover, len(series.patches)) == ("f0", "Cover text.", 2)


def test_a_manifest_must_agree_with_its_mails(tmp_path: Path) -> None:
    path = folder(tmp_path, 0, 1, 2, total=2)
    (path / "series.toml").write_text(MANIFEST.replace("revision = 2", "revision = 3"))
    with pytest.raises(ManifestError, match="revision"):
        load(path)
    order = '["0002-f2.patch", "0001-f1.patch"]'
    (path / "series.toml").write_text(MANIFEST.replace('["0001-f1.patch", "0002-f2.patch"]', order))
    with pytest.raises(MailError, match="another order"):
        load(path)
    (path / "series.toml").write_text(MANIFEST.replace(', "0002-f2.patch"', ""))
    with pytest.raises(MailError, match="2/2 is missing"):
        load(path)


def test_what_is_no_series_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no series"):
        load(tmp_path)
    with pytest.raises(UsageError, match="no such file") as caught:
        load("no-such-series")
    assert "come with patchtool" in caught.value.hint


@pytest.mark.parametrize("data", [b"", b"\x7fELF\0\1\2", b"hello\nworld\n"])
def test_empty_and_binary_files_are_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "0001-x.patch"
    path.write_bytes(data)
    with pytest.raises(MailError, match=r"0001-x\.patch"):
        load(path)


def test_bundled_series_load_by_name() -> None:
    for name in bundled():
        assert load(name).manifest is not None


def test_names_are_safe_in_file_names() -> None:
    assert slug("../Ü b/c") == "b-c"
    assert slug("///") == "series"
