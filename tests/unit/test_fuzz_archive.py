# SPDX-License-Identifier: GPL-2.0-or-later
"""A page of a mail archive, damaged further, is read; its file diffs have a structure or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.recover.fragment import file_diffs
from tests.lib import fuzzing

TARGETS = ["page", "structure"]


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


@fuzzing.few
@given(draw=st.data())
def test_a_damaged_page_is_recovered_or_not(draw: st.DataObject) -> None:
    fuzzing.run("recovery", draw.draw(fuzzing.damaged("recovery")))


def test_a_path_that_leaves_the_tree_is_not_said_to_apply() -> None:
    for text in fuzzing.seeds("recovery"):
        for path in (b"../../etc/passwd", b"/etc/passwd", b".git/config"):
            fuzzing.run("recovery", text.replace(b"mm/balloon_compaction.c", path))


def test_a_page_without_a_diff() -> None:
    """A cover letter, or an empty page, ended in a ValueError: zip() of no starts and one end."""
    for path in fuzzing.found("page"):
        fuzzing.run("page", path.read_bytes())
    assert list(file_diffs(b"")) == []


@pytest.mark.parametrize("line", [b"Date: a\n", b"Subject: a\n\n", b"--b\n\n"])
def test_a_page_of_one_line_again_and_again(line: bytes) -> None:
    """100 kB of `Date: a` took 73 s, of `Subject: a` 33 s; twice as much, four times as long."""
    fuzzing.run("page", line * (150_000 // len(line)))
