# SPDX-License-Identifier: GPL-2.0-or-later
"""A series.toml is read whole, and every mistake in it is reported at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchtool.errors import ManifestError
from patchtool.series import manifest

GOOD = """\
title = "mm: count"
revision = 2
patches = ["0001-a.patch"]
[base]
tag = "v6.12"
[kconfig]
options = ["BALLOON_EVENTS"]
[kconfig.requires]
COMPACTION = "y"
[counters]
adds = ["compact_balloon_isolated", "compact_balloon_migrated"]
invariants = ["compact_balloon_isolated == compact_balloon_migrated"]
[[claims]]
balloon_mib = 64
guest_mib = 1024
source = "cover letter"
deltas = { compact_balloon_isolated = 16384 }
[tests]
modules = ["test_balloon.py"]
"""


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text, Path("series.toml"))
    return caught.value.problems


def test_a_good_manifest_is_read() -> None:
    read = manifest.parse(GOOD, Path("series.toml"))
    assert read.revision == 2
    assert read.kconfig.options == ("BALLOON_EVENTS",)
    assert read.claims[0].deltas == {"compact_balloon_isolated": 16384}


def test_five_mistakes_of_every_kind_are_reported_together(tmp_path: Path) -> None:
    bad = (
        GOOD.replace("revision = 2", 'revision = "two"')
        .replace('"BALLOON_EVENTS"', '"CONFIG_balloon"')
        .replace("== compact_balloon_migrated", "== compact_balloon_lost")
        .replace("[tests]", "[tests]\ncolour = 1")
    )
    path = tmp_path / "series.toml"
    path.write_text(bad)
    with pytest.raises(ManifestError) as caught:
        manifest.load(path)
    found = caught.value.problems
    starts = sorted(problem.partition(":")[0] for problem in found)
    assert starts == [
        "counters.invariants.0",
        "kconfig.options.0",
        "patches.0",
        "revision",
        "tests.colour",
    ]
    assert "compact_balloon_lost" in str(caught.value)
    assert str(path) in str(caught.value)
    assert "5 problems" in str(caught.value)


@pytest.mark.parametrize("name", ["/etc/passwd", "../0001.patch", "a/../../b.patch"])
def test_a_patch_outside_the_folder_is_refused(name: str) -> None:
    assert "patches.0" in problems(GOOD.replace("0001-a.patch", name))[0]


@pytest.mark.parametrize("text", ["", "title = ", "patches = 3\ncounters = 5\n", "\x00"])
def test_nonsense_is_a_manifest_error(text: str) -> None:
    assert problems(text)


def test_a_manifest_that_cannot_be_read_is_a_manifest_error(tmp_path: Path) -> None:
    path = tmp_path / "series.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestError):
        manifest.load(path)
    with pytest.raises(ManifestError):
        manifest.load(tmp_path / "none.toml")


def test_the_schema_names_every_key() -> None:
    schema = manifest.schema()
    assert set(schema["properties"]) == set(manifest.Manifest.model_fields)
    assert schema["additionalProperties"] is False
