# SPDX-License-Identifier: GPL-2.0-or-later
"""Features: what an image promises, and what a booted kernel lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from patchtool.series import manifest
from patchtool.series.file_diff import FileDiff, Hunk
from patchtool.series.model import Patch, Series
from patchtool.testing import features, roles

CONFIG = """\
CONFIG_VIRTIO_BALLOON=y
CONFIG_BALLOON_COMPACTION=y
CONFIG_FAIL_FUNCTION=y
CONFIG_EVENTS=y
# CONFIG_NUMA is not set
CONFIG_TRANSPARENT_HUGEPAGE=m
"""
MANIFEST = """\
title = "t"
revision = 1
patches = ["1.patch"]
base.tag = "v6.12"
kconfig.options = ["EVENTS"]
counters.adds = ["c_isolated", "c_released"]
counters.uses = ["balloon_migrate"]
tests.modules = ["test_x.py"]
"""


def patch(number: int, *added: bytes) -> Patch:
    hunk = Hunk(1, 1, 1, 1, "", tuple(b"+" + line for line in added))
    diff = FileDiff("mm/vmstat.c", "mm/vmstat.c", None, None, None, (hunk,))
    return Patch(number, "s", "a", "d", "m", None, (diff,), b"")


SERIES = Series(
    name="s",
    title="t",
    revision=1,
    cover=None,
    patches=(
        patch(1, b'\t"c_isolated",', b'\t"unrelated",'),
        patch(2, b'\t[X] = "c_released",', b"ALLOW_ERROR_INJECTION(balloon_page_migrate, ERRNO);"),
    ),
    manifest=manifest.parse(MANIFEST, Path("series.toml")),
)


def test_promise_grows_patch_by_patch() -> None:
    """The base promises its own counters, each patch what its diff adds."""
    base = set(features.promise(CONFIG, SERIES, 0))
    assert "counter:balloon_migrate" in base
    assert {"balloon", "config:BALLOON_COMPACTION"} <= base
    assert not {"numa", "thp", "counter:c_isolated"} & base
    first = set(features.promise(CONFIG, SERIES, 1))
    assert first - base == {"counter:c_isolated"}
    whole = set(features.promise(CONFIG, SERIES))
    assert whole - first == {"counter:c_released", "fail-function:balloon_page_migrate"}


def test_option_off_promises_none_of_the_series() -> None:
    """With the series' option off, its counters are not there and not promised."""
    off = CONFIG.replace("CONFIG_EVENTS=y", "# CONFIG_EVENTS is not set")
    assert not any("c_" in feature for feature in features.promise(off, SERIES))


class Kernel:
    """A booted kernel that is none."""

    def __init__(self, counters: set[str], paths: set[str], *, marks: bool = False) -> None:
        self.counters = counters
        self._paths = paths
        self._marks = marks

    def exists(self, path: str) -> bool:
        return path in self._paths

    def read(self, path: str) -> str:
        assert path == features.INJECTABLE
        return "f\tERRNO\nh\tERRNO\n"

    def marks_balloon_pages(self) -> bool:
        return self._marks


def test_absent_asks_the_guest() -> None:
    """What the booted kernel lacks is named; facts of the build are not asked for."""
    asked = [
        "counter:a",
        "counter:b",
        "config:X",
        "movable-balloon",
        "balloon-flag",
        "thp",
        "numa",
        "fail-function:f",
        "fail-function:g",
    ]
    kernel = Kernel({"a"}, {features.INJECTABLE, features.PATHS["numa"]})
    gone = features.absent(asked, kernel)
    assert gone == ("counter:b", "balloon-flag", "thp", "fail-function:g")
    assert features.absent(["fail-function:f"], Kernel(set(), set())) == ("fail-function:f",)
    assert not features.absent(["balloon-flag"], Kernel(set(), set(), marks=True))


def test_what_the_guest_is_asked_for_is_not_skipped_before() -> None:
    """A mainline counter and the flag of balloon pages are asked for; the series' own are not."""
    needs = ["counter:c_isolated", "counter:balloon_migrate", "balloon-flag", "thp"]
    assert features.unpromised(needs, (), ["c_isolated"]) == ("counter:c_isolated", "thp")


def test_a_role_nobody_plays_is_a_reason_to_skip() -> None:
    """Before roles, a kernel of 2012 was asked for the counters of 2014, so no test ran on it."""
    filled = {"isolated": "c_isolated", "moved": "c_migrated"}
    needs = [roles.resolved(f"role:{role}", filled) for role in ("moved", "returned")]
    assert needs == ["counter:c_migrated", "role:returned"]
    promised = ["counter:c_migrated"]
    assert features.unpromised(needs, promised, ["c_isolated", "c_migrated"]) == ("role:returned",)


def test_a_series_without_an_option_promises_by_its_counter() -> None:
    """v7 has no Kconfig option: where its own counter of moved pages is, its balloon can move."""
    text = MANIFEST + 'counters.roles.migrated = "c_released"\n'
    series = replace(SERIES, manifest=manifest.parse(text, Path("series.toml")))
    config = CONFIG.replace("CONFIG_BALLOON_COMPACTION=y\n", "")
    assert "movable-balloon" in features.promise(CONFIG, series, 0)
    assert "movable-balloon" not in features.promise(config, series, 1)
    assert "movable-balloon" in features.promise(config, series, 2)


@pytest.mark.parametrize("feature", ["", "counter:", "coutner:x", "balloon:x"])
def test_unknown_feature_is_refused(feature: str) -> None:
    """A mistyped feature is an error that lists the kinds there are."""
    with pytest.raises(ValueError, match="is no kernel feature; there are counter:NAME"):
        features.kind(feature)


def test_balloon_is_movable_under_either_name_of_the_option() -> None:
    """On 7.3 nothing was tried: BALLOON_COMPACTION has been BALLOON_MIGRATION since v7.0."""
    for option in ("BALLOON_COMPACTION", "BALLOON_MIGRATION"):
        text = f"CONFIG_VIRTIO_BALLOON=y\nCONFIG_{option}=y\n"
        assert "movable-balloon" in features.of_config(text)
    assert "movable-balloon" not in features.of_config("CONFIG_VIRTIO_BALLOON=y\n")
