# SPDX-License-Identifier: GPL-2.0-or-later
"""A series is recognised by what it is, and refused when part of it is missing."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import MailError, ManifestError, NetworkError, UsageError
from patchtool.intake.load import Kind, Reference, load_series, recognise, slug
from patchtool.intake.servers.fetched import Copies, Fetched
from patchtool.intake.sources import bundled, folders

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


def load(path: Path | str, kind: Kind | None = None) -> Series:
    return load_series(Reference(str(path), kind), Settings(), Silent())


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
MANIFEST_ID = MANIFEST.replace('cover = "0000-f0.patch"\n', "").replace(
    'patches = ["0001-f1.patch", "0002-f2.patch"]', 'message_id = "x.1@example.org"'
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("20250203.1@example.org", Kind.LORE),
        ("<20250203.1@example.org>", Kind.LORE),
        ("mid:<20250203.1@example.org>", Kind.LORE),
        ("Message-ID: <20250203.1@example.org>", Kind.LORE),
        ("https://lore.kernel.org/linux-mm/x@y/", Kind.LORE),
        ("https://lore.kernel.org/r/x@y", Kind.LORE),
        ("http://127.0.0.1:8080/a/x@y/t.mbox.gz", Kind.LORE),
        ("https://lore.kernel.org/all/x@y/T/#t", Kind.LORE),
        ("https://lore.kernel.org/all/x@y/T/#v3", Kind.LORE),
        ("x@y.org#v2", Kind.LORE),
        ("patchwork:123", Kind.PATCHWORK),
        ("https://patchwork.kernel.org/project/linux-mm/list/?series=123", Kind.PATCHWORK),
        ("https://pw.example.org/series/123/mbox/", Kind.PATCHWORK),
        ("https://pw.example.org/project/p/patch/x@y/", Kind.PATCHWORK),
        ("http://127.0.0.1:8000/api/1.3/series/7/", Kind.PATCHWORK),
        ("v6.12..topic", Kind.RANGE),
        ("HEAD~3..", Kind.RANGE),
        ("../linux:v6.12..b4/topic", Kind.RANGE),
        ("-", Kind.STDIN),
        ("balloon-counters", Kind.BUNDLED),
    ],
)
def test_what_is_no_path_is_told_by_its_shape(text: str, kind: Kind) -> None:
    assert recognise(text) is kind


@pytest.mark.parametrize("text", ["v6.12", "a...b", "../gone", "gone/../there", "a/b@c", "..", ""])
def test_what_is_nothing_is_a_usage_error(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)  # what lies beside a clone of patchtool may well be a series
    with pytest.raises(UsageError, match=r"no series|no such"):
        load(text)


def test_a_path_that_exists_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a..b", "x@y.org", "patchwork:1", "x#v2"):
        (tmp_path / name).write_text(mail("[PATCH]", "f1"))
        assert recognise(name) is Kind.MBOX
        assert load(name).title == "f1"


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
    with pytest.raises(MailError, match=r"2/4\b.* missing"):
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


def test_two_revisions_in_a_folder_are_told_apart_by_name(tmp_path: Path) -> None:
    for revision in (1, 2):
        for number in (1, 2):
            lead = "" if revision == 1 else f"v{revision}-"
            tags = f"[PATCH v{revision} {number}/2]"
            (tmp_path / f"{lead}{number:04d}-x.patch").write_text(mail(tags, f"f{number}"))
    with pytest.raises(UsageError, match="patches of v1 and v2") as caught:
        load(tmp_path)
    assert f"{tmp_path}#v2" in caught.value.hint
    assert load(f"{tmp_path}#v2").revision == 2
    assert load(f"{tmp_path}#v1").revision == 1


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
    subjects = 'revision = 2\nsubjects = ["f1", "f9"]'
    (path / "series.toml").write_text(MANIFEST.replace("revision = 2", subjects))
    with pytest.raises(ManifestError, match=r"subjects\.1: it says 'f9', the mail says 'f2'"):
        load(path)
    order = '["0002-f2.patch", "0001-f1.patch"]'
    (path / "series.toml").write_text(MANIFEST.replace('["0001-f1.patch", "0002-f2.patch"]', order))
    with pytest.raises(MailError, match="another order"):
        load(path)
    (path / "series.toml").write_text(MANIFEST.replace(', "0002-f2.patch"', ""))
    with pytest.raises(MailError, match=r"2/2\b.* missing"):
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


def test_a_patch_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "LIMIT", 1 << 20)
    (tmp_path / "0001-x.patch").write_text(
        mail("[PATCH]", "f1").partition("\n")[2] + "x\n" * 900000
    )
    for path in (tmp_path, tmp_path / "0001-x.patch"):
        with pytest.raises(MailError, match=r"0001-x\.patch: larger than 1 MiB"):
            load(path)


@pytest.mark.parametrize("kind", [Kind.MAILDIR, Kind.QUILT, Kind.FOLDER])
def test_a_file_is_no_folder_whatever_is_said(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "x.mbox"
    path.write_text(mail("[PATCH]", "f1"))
    with pytest.raises(UsageError, match=f"a file, so no {kind}"):
        load(path, kind)
    with pytest.raises(UsageError, match="a folder, so no mail"):
        load(tmp_path, Kind.MAIL)


def test_a_folder_with_two_things_is_refused_until_one_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path, 1, 2, total=2)
    (path / "other.mbox").write_text(mail("[PATCH]", "other"))
    with pytest.raises(UsageError, match=r"holds folder .* and mbox") as caught:
        load(path)
    assert "--from" in caught.value.hint
    assert load(path, Kind.MBOX).title == "other"
    assert load(path, Kind.FOLDER).title == "f1"


def test_patches_without_numbers_are_left_out_by_name(tmp_path: Path) -> None:
    path = folder(tmp_path, 1, 2, total=2)
    (path / "extra.patch").write_text(mail("[PATCH]", "extra"))
    series = load(path)
    assert [patch.subject for patch in series.patches] == ["f1", "f2"]
    (left,) = series.left_out
    assert left.where.endswith("extra.patch")
    assert "no number" in left.reason


def test_patches_whose_order_nothing_tells_are_refused(tmp_path: Path) -> None:
    for name in ("fix.patch", "add.diff"):
        (tmp_path / name).write_text(mail("[PATCH]", name))
    with pytest.raises(UsageError, match="2 patches in this folder, and nothing says their order"):
        load(tmp_path)
    (tmp_path / "fix.patch").unlink()
    assert load(tmp_path).title == "add.diff"


def test_a_page_of_an_archive_is_refused_with_the_way_to_recover_it(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    lost = "A. Author\n2025-Feb-03\n[PATCH 1/2] mm: x\nWhy. --- a/f +++ b/f @@ -1 +1 @@ -a +b\n"
    page.write_text(lost)
    assert recognise(str(page)) is Kind.ARCHIVE
    with pytest.raises(MailError, match="archive's page") as caught:
        load(page)
    assert f"series recover {page} --tree TREE -o DIR" in caught.value.hint


def test_lost_blanks_make_a_page_of_a_patch(tmp_path: Path) -> None:
    """Pages keep the line breaks and lose the blank in front of context lines."""
    page = tmp_path / "page.txt"
    page.write_text("x\n\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\nint a;\n-b\n+c\n")
    assert recognise(str(page)) is Kind.ARCHIVE


def test_a_git_tree_is_refused_with_the_way_to_name_a_range(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(UsageError, match="a git tree") as caught:
        load(tmp_path)
    assert f"{tmp_path}:BASE..TOPIC" in caught.value.hint


def test_damaged_gzip_is_said_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.mbox.gz"
    whole = gzip.compress(mail("[PATCH]", "f1").encode() * 50)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MailError, match=r"x\.mbox\.gz: damaged gzip data"):
        load(path)


def test_bundled_series_are_known_by_name() -> None:
    assert "balloon-counters" in bundled.names()
    assert load("balloon-counters").manifest is not None


def fetched(top: Path, *mails: str) -> Settings:
    """Settings in whose cache the thread of the manifest is, as if fetched before."""
    settings = Settings(cache=top / "cache", offline=True)
    box = "".join(
        each.replace("\nFrom:", "\nMessage-ID: <x.1@example.org>\nFrom:", 1) for each in mails
    )
    when = datetime(2025, 2, 3, tzinfo=UTC)
    copy = Fetched(
        box.encode(), "https://e.org/x", "https://e.org/x", when, False, "x.1@example.org"
    )
    Copies(settings.cache).keep("mid:x.1@example.org", copy)
    return settings


def test_a_posting_of_a_bundled_series_gets_its_manifest(tmp_path: Path) -> None:
    """Fetched or saved elsewhere, it is tested as the bundled folder is; another one is not."""
    here = bundled.folder_of("balloon-counters")
    assert here is not None
    for path in here.glob("*.patch"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    found = load(tmp_path)
    assert found.manifest == load(here).manifest is not None
    text = (tmp_path / "0002-other.patch").as_posix()
    changed = next(tmp_path.glob("0002-*"))
    title = b"Subject: [PATCH 2/5] mm: something else\n\n"
    before, _, after = changed.read_bytes().partition(b"Subject: ")
    changed.rename(text).write_bytes(before + title + after.partition(b"\n\n")[2])
    assert load(tmp_path).manifest is None


def test_a_manifest_without_mails_is_met_by_its_message_id(tmp_path: Path) -> None:
    (tmp_path / "series.toml").write_text(
        MANIFEST_ID.replace("[base]", 'subjects = ["f1"]\n[base]')
    )
    settings = fetched(tmp_path, mail("[PATCH v2]", "f1"))
    series = load_series(Reference(str(tmp_path)), settings, Silent())
    assert series.manifest is not None
    assert (series.title, series.message_id, series.revision) == ("f1", "x.1@example.org", 2)
    assert load_series(Reference("x.1@example.org"), settings, Silent()).manifest is None


def test_a_manifest_must_agree_with_what_was_fetched(tmp_path: Path) -> None:
    (tmp_path / "series.toml").write_text(
        MANIFEST_ID.replace("[base]", 'subjects = ["f2"]\n[base]')
    )
    settings = fetched(tmp_path, mail("[PATCH v4]", "f1"))
    with pytest.raises(ManifestError) as caught:
        load_series(Reference(str(tmp_path)), settings, Silent())
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "revision",
        "subjects.0",
    ]


def test_what_was_never_fetched_is_said_offline(tmp_path: Path) -> None:
    (tmp_path / "series.toml").write_text(MANIFEST_ID)
    settings = Settings(cache=tmp_path / "cache")
    with pytest.raises(NetworkError, match=r"x\.1@example\.org"):
        load_series(Reference(str(tmp_path), offline=True), settings, Silent())


def test_names_are_safe_in_file_names() -> None:
    assert slug("../Ü b/c") == "b-c"
    assert slug("///") == "series"
    assert Reference("https://lore.kernel.org/r/A.b@c.org/").name == "a-b-c-org"
    assert Reference("../linux:v6.1..topic").name
