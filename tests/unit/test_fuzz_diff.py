# SPDX-License-Identifier: GPL-2.0-or-later
"""A diff, however damaged, becomes file diffs or a PatchtoolError."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.series.diff import parse_diff
from tests.lib import fuzzing

TARGETS = ["diff"]


@pytest.mark.parametrize("target", TARGETS)
@fuzzing.quick
@given(draw=st.data())
def test_a_damaged_seed_raises_nothing_else(target: str, draw: st.DataObject) -> None:
    fuzzing.run(target, draw.draw(fuzzing.damaged(target)))


@pytest.mark.parametrize("target", TARGETS)
@fuzzing.quick
@given(text=st.binary(max_size=300))
def test_any_bytes_raise_nothing_else(target: str, text: bytes) -> None:
    fuzzing.run(target, text)


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_are_taken(target: str) -> None:
    for text in fuzzing.seeds(target):
        fuzzing.TARGETS[target](text)


def test_tabs_behind_a_file_name() -> None:
    """100 kB of tabs in a `---` line took 90 s: a pattern tried each of them as the first."""
    fuzzing.run("diff", b"--- a" + b"\t" * 300_000 + b"\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n")


def test_a_time_stamp_of_1970_still_says_that_there_was_no_file() -> None:
    for stamp in (b"1970-01-01 00:00:00.000000000 +0000", b"Thu Jan  1 01:00:00 1970"):
        text = b"--- a/x\t" + stamp + b"\n+++ b/x\t2012-08-21\n@@ -0,0 +1 @@\n+b\n"
        (file,) = parse_diff(text, "x.patch")
        assert (file.old_path, file.new_path) == (None, "x")
