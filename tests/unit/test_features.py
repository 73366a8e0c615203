# SPDX-License-Identifier: GPL-2.0-or-later
"""Features: what an image promises, and what a booted kernel lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchtool.series import manifest
from patchtool.series.model import FileDiff, Hunk, Patch, Series
from patchtool.testing import features

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


def test_absent_asks_the_guest() -> None:
    """What the booted kernel lacks is named; facts of the build are not asked for."""
    asked = [
        "counter:a",
        "counter:b",
        "config:X",
        "thp",
        "numa",
        "fail-function:f",
        "fail-function:g",
    ]
    there = {features.INJECTABLE, features.PATHS["numa"]}
    gone = features.absent(asked, {"a"}, there.__contains__, lambda _: "f\tERRNO\nh\tERRNO\n")
    assert gone == ("counter:b", "thp", "fail-function:g")
    gone = features.absent(["fail-function:f"], (), lambda _: False, lambda _: "")
    assert gone == ("fail-function:f",)


@pytest.mark.parametrize("feature", ["", "counter:", "coutner:x", "balloon:x"])
def test_unknown_feature_is_refused(feature: str) -> None:
    """A mistyped feature is an error that lists the kinds there are."""
    with pytest.raises(ValueError, match="is no kernel feature; there are counter:NAME"):
        features.kind(feature)
