# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever comes as mail, diff, manifest or page is read, or refused with an error of ours.

What `ci/fuzz` does for as long as one likes, briefly and the same way in each run; and what
was found once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.errors import ManifestError
from patchtool.intake.pages.posting import file_diffs
from patchtool.series.diff import parse_diff
from tests.lib import fuzzing

if TYPE_CHECKING:
    from pathlib import Path

#: They run what the other tests do, a hundred times; tracing that costs three times as much.
pytestmark = pytest.mark.no_cover

#: One of these takes as long as ten of the others.
SLOW = ("recovery", "structure")
QUICK = [name for name in fuzzing.TARGETS if name not in SLOW]


@pytest.mark.parametrize("target", QUICK)
@fuzzing.quick
@given(draw=st.data())
def test_a_damaged_seed_raises_nothing_else(target: str, draw: st.DataObject) -> None:
    fuzzing.run(target, draw.draw(fuzzing.damaged(target)))


@pytest.mark.parametrize("target", fuzzing.TARGETS)
@fuzzing.quick
@given(text=st.binary(max_size=300))
def test_any_bytes_raise_nothing_else(target: str, text: bytes) -> None:
    fuzzing.run(target, text)


@pytest.mark.parametrize("target", fuzzing.TARGETS)
def test_the_seeds_are_taken(target: str) -> None:
    for text in fuzzing.seeds(target):
        fuzzing.TARGETS[target](text)


@pytest.mark.parametrize("target", SLOW)
@fuzzing.few
@given(draw=st.data())
def test_a_damaged_diff_is_recovered_or_not(target: str, draw: st.DataObject) -> None:
    fuzzing.run(target, draw.draw(fuzzing.damaged(target)))


@pytest.mark.parametrize("path", fuzzing.found("manifest"), ids=lambda path: path.name)
def test_what_was_found_in_manifests_stays_mended(path: Path) -> None:
    """Brackets, digits and key parts by the thousand: RecursionError, ValueError, a minute."""
    with pytest.raises(ManifestError):
        fuzzing.TARGETS["manifest"](path.read_bytes())


def test_tabs_behind_a_file_name() -> None:
    """100 kB of tabs in a `---` line took 90 s: a pattern tried each of them as the first."""
    fuzzing.run("diff", b"--- a" + b"\t" * 300_000 + b"\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n")


def test_a_time_stamp_of_1970_still_says_that_there_was_no_file() -> None:
    for stamp in (b"1970-01-01 00:00:00.000000000 +0000", b"Thu Jan  1 01:00:00 1970"):
        text = b"--- a/x\t" + stamp + b"\n+++ b/x\t2012-08-21\n@@ -0,0 +1 @@\n+b\n"
        (file,) = parse_diff(text, "x.patch")
        assert (file.old_path, file.new_path) == (None, "x")


def test_a_path_that_leaves_the_tree_is_not_said_to_apply() -> None:
    for text in fuzzing.seeds("recovery"):
        for path in (b"../../etc/passwd", b"/etc/passwd", b".git/config"):
            moved = re.sub(rb"(mm|drivers/virtio)/\w+\.c", path, text)
            assert moved != text
            fuzzing.run("recovery", moved)


def test_a_page_without_a_diff() -> None:
    """A cover letter, or an empty page, ended in a ValueError: zip() of no starts and one end."""
    for path in fuzzing.found("page"):
        fuzzing.run("page", path.read_bytes())
    assert list(file_diffs(b"")) == []


@pytest.mark.parametrize("line", [b"Date: a\n", b"Subject: a\n\n", b"--b\n\n"])
def test_a_page_of_one_line_again_and_again(line: bytes) -> None:
    """100 kB of `Date: a` took 73 s, of `Subject: a` 33 s; twice as much, four times as long."""
    fuzzing.run("page", line * (150_000 // len(line)))
