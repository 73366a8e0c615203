# SPDX-License-Identifier: GPL-2.0-or-later
"""A bundle holds all that another machine needs, and nothing of this one."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import ManifestError, UsageError
from patchtool.intake.load import Reference, load_series
from patchtool.report import bundle, series_files
from patchtool.series import manifest as manifests

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series

MAIL = """\
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: A Dev <dev@example.org>
Date: Sat, 21 Nov 2026 08:00:00 +0000
Subject: [PATCH 1/1] mm: say more

Because.

Signed-off-by: A Dev <dev@example.org>
---
 a | 1 +
 1 file changed, 1 insertion(+)

diff --git a/a b/a
index 0000001..0000002 100644
--- a/a
+++ b/a
@@ -1 +1,2 @@
 one
+two
--
2.39.5
"""
MANIFEST = """\
title = "mm: say \\"more\\" \\u00e9"
revision = 1
cover = "cover.patch"
patches = ["sub/0001.patch"]
[base]
tag = "v6.12"
also = ["v6.1"]
[kconfig]
options = ["SAY_MORE"]
[kconfig.requires]
COMPACTION = "y"
LOG_BUF_SHIFT = 17
[counters]
adds = ["said", "heard"]
invariants = ["said == heard"]
[[claims]]
balloon_mib = 64
guest_mib = 1024
source = "cover letter"
deltas = { said = 5, heard = 5 }
[tests]
modules = ["test_a.py"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


@pytest.fixture
def series(tmp_path: Path, settings: Settings) -> Series:
    folder = tmp_path / "say-more"
    (folder / "sub").mkdir(parents=True)
    (folder / "series.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "sub" / "0001.patch").write_text(MAIL)
    cover = MAIL.partition("---\n a")[0].replace("1/1] mm: say more", "0/1] mm: say more")
    (folder / "cover.patch").write_text(cover)
    return load_series(Reference(str(folder)), settings, Silent())


@pytest.fixture
def run(tmp_path: Path, series: Series, settings: Settings, sample: Any) -> Path:
    """A run directory with a bundle in it."""
    tests = tmp_path / "guest"
    tests.mkdir()
    (tests / "test_a.py").write_text("def test_a(): ...\n")
    (tests / "conftest.py").write_text("")
    folder = tmp_path / "run"
    folder.mkdir()
    bundle.write_bundle(
        folder, sample.record(), series, settings, [tests / "test_a.py"], {"no_tests": False}
    )
    return folder


def test_what_is_read_is_what_was_written(run: Path, series: Series, settings: Settings) -> None:
    plan = bundle.read_bundle(run)
    assert plan == bundle.read_bundle(run / "bundle")
    assert (plan.base.release.tag, plan.base.commit) == ("v6.12.117", "1f0a" * 10)
    assert plan.fragment("on").endswith("CONFIG_BALLOON_COMPACTION_EVENTS=y\n")
    assert [path.name for path in plan.module_paths] == ["test_a.py"]
    assert (plan.module_paths[0].parent / "conftest.py").is_file()
    assert plan.settings["guest_memory"] == 1024
    again = load_series(Reference(str(plan.series_folder)), settings, Silent())
    assert again.digest == series.digest
    assert (again.name, again.title, again.revision) == (series.name, series.title, series.revision)
    assert again.manifest is not None
    assert series.manifest is not None
    assert again.manifest.claims == series.manifest.claims
    assert again.manifest.kconfig == series.manifest.kconfig


def test_a_series_without_manifest_comes_back_as_well(
    tmp_path: Path, series: Series, settings: Settings
) -> None:
    folder = tmp_path / "again"
    folder.mkdir()
    for name, content in series_files.series_files(replace(series, manifest=None)).items():
        (folder / name).write_bytes(content)
    again = load_series(Reference(str(folder)), settings, Silent())
    assert again.manifest is None
    assert again.digest == series.digest
    assert again.cover is not None


def test_no_path_of_this_machine_is_in_it(run: Path, tmp_path: Path) -> None:
    for path in (run / "bundle").rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert str(tmp_path) not in text
            assert not re.search(r'"/[a-z]', text), path


def test_a_second_bundle_replaces_the_first(
    run: Path, series: Series, settings: Settings, sample: Any
) -> None:
    bundle.write_bundle(run, sample.record(), series, settings, [])
    assert bundle.read_bundle(run).modules == ()
    assert not (run / "bundle" / "tests").exists()


def test_changed_and_missing_files_are_all_named(run: Path) -> None:
    (run / "bundle/tests/test_a.py").write_text("changed")
    (run / "bundle/config/on.config").unlink()
    with pytest.raises(ManifestError) as caught:
        bundle.read_bundle(run)
    assert caught.value.problems == (
        "files.config/on.config: does not exist in the bundle",
        "files.tests/test_a.py: was changed",
    )


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a//b", ".", "a/../b", ""])
def test_a_bundle_cannot_point_outside(run: Path, path: str) -> None:
    plan = run / "bundle" / "plan.json"
    values = json.loads(plan.read_text())
    values["modules"] = [path]
    plan.write_text(json.dumps(values))
    with pytest.raises(ManifestError, match=r"modules\.0"):
        bundle.read_bundle(run)


def test_a_bundle_of_version_1_is_read(run: Path) -> None:
    now = bundle.read_bundle(run)
    path = run / "bundle" / "plan.json"
    values = json.loads(path.read_text())
    values["schema_version"] = 1
    del values["tree"]
    values["base"] = {
        "tree": "linux-6.12.117", "commit": "1f0a" * 10, "tag": "v6.12.117",
        "release": "6.12.117", "describe": "v6.12.117 (base.tag of the manifest)",
    }  # fmt: skip
    path.write_text(json.dumps(values))
    old = bundle.read_bundle(run)
    assert (old.tree, old.base.commit, old.base.release) == (
        now.tree, now.base.commit, now.base.release,
    )  # fmt: skip
    assert (old.base.name, old.base.chosen_by) == ("v6.12.117", "base.tag of the manifest")
    del values["base"]["commit"]
    path.write_text(json.dumps(values))
    with pytest.raises(ManifestError, match="not a whole plan of version 1"):
        bundle.read_bundle(run)


def test_a_link_out_of_the_bundle_is_refused(run: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    inside = run / "bundle/tests/test_a.py"
    outside.write_bytes(inside.read_bytes())
    inside.unlink()
    inside.symlink_to(outside)
    with pytest.raises(ManifestError, match="does not exist in the bundle"):
        bundle.read_bundle(run)


def test_no_bundle_is_a_wrong_command_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no bundle in it"):
        bundle.read_bundle(tmp_path)


def test_differences_of_the_machines_are_told(run: Path, sample: Any) -> None:
    plan = bundle.read_bundle(run)
    now = sample.record().host.model_copy(update={"accelerator": "kvm"})
    assert plan.differences(now) == ("accelerator: tcg then, kvm now",)
    assert plan.differences(plan.host) == ()


def test_a_manifest_survives_being_written_as_toml(series: Series) -> None:
    assert series.manifest is not None
    odd = series.manifest.model_copy(update={"title": 'quote " back \\ tab \t del \x7f \U0001f600'})
    text = series_files.to_toml(odd)
    assert manifests.Manifest.model_validate(tomllib.loads(text)) == odd
