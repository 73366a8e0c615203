# SPDX-License-Identifier: GPL-2.0-or-later
"""Change logs are taken whole, for each revision, however they are headed."""

from __future__ import annotations

import pytest

from patchtool.series.changelog import parse, without


@pytest.mark.parametrize(
    ("heading", "revision"),
    [
        ("v8: * introduce a thing", 8),
        ("V2:", 2),
        ("v2", 2),
        ("Changes since v1:", 2),
        ("Changes since v1", 2),
        ("Change since V3 (https://lore.kernel.org/r/x):", 4),
        ("Changes since RFC:", 1),
        ("Changes since RFC v2:", 3),
        ("Changes from v3:", 4),
        ("Changes in v3 (2012-08-21):", 3),
        ("Changes in V3:", 3),
        ("Changes for v3:", 3),
        ("Changes v3:", 3),
        ("changelog v2:", 2),
        ("Changelog since v4", 5),
        ("v2->v3", 3),
        ("v2 -> v3:", 3),
        ("v2 --> v3:", 3),
        ("V1 => V2:", 2),
        ("From v1 to v2:", 2),
        ("Changes v1..v2:", 2),
        ("Since v1:", 2),
        ("* v3:", 3),
        ("- v3: fixed", 3),
        ("  v3 - fixed", 3),
        ("[v3]", 3),
        ("[Changes since v2]", 3),
        ("Version 4:", 4),
        ("Patch v4:", 4),
        ("v4 changes:", 4),
        ("Changes in version 4:", 4),
        ("Diff from v6:", 7),
        ("What's new in v4:", 4),
    ],
)
def test_headings(heading: str, revision: int) -> None:
    text = f"Intro.\n\n{heading}\n * one\n   two\n\n * three\n"
    (change,) = parse(text)
    assert change.revision == revision
    assert change.text == f"{heading}\n * one\n   two\n\n * three"
    assert without(text) == "Intro.\n"


@pytest.mark.parametrize(
    "line",
    [
        "v6.12 is out:",
        "In v2 the lock was taken twice.",
        "since v1 was wrong, it goes",
        "The v2: thing",
        "v2x: no",
        "Tested on v4.1:",
        "changes since v1 are many and they matter",
        "Version control:",
    ],
)
def test_other_lines_are_no_headings(line: str) -> None:
    assert parse(f"{line}\n- x\n") == ()


COVER = """\
 12 files changed, 595 insertions(+), 37 deletions(-)

Change log:
v8:
 * introduce a common MM interface (Michael);
 * remove the global state
   preventing more (Michael);
v7:
 * fix a leak (Mel);

V2: * address comments on PATCH 01;

Preliminary test results:
 * 64mB balloon: v7: not this
"""


def test_a_cover_letter() -> None:
    changes = parse(COVER)
    assert [change.revision for change in changes] == [8, 7, 2]
    assert changes[0].text.endswith("preventing more (Michael);")
    assert changes[1].text == "v7:\n * fix a leak (Mel);"
    assert changes[2].text == "V2: * address comments on PATCH 01;"


def test_oldest_first_is_turned_round() -> None:
    assert [c.revision for c in parse("v1 -> v2:\n- a\n\nv2 -> v3:\n- b\n")] == [3, 2]


def test_plain_paragraphs_belong_to_the_heading_above() -> None:
    (change,) = parse("Changes since v1:\n\nRebased.\nDropped the rest.\n\nThis series does x.\n")
    assert change.text == "Changes since v1:\n\nRebased.\nDropped the rest."


@pytest.mark.parametrize(
    "line",
    [
        "---",
        " mm/x.c | 2 +-",
        " 1 file changed",
        "Signed-off-by: A <a@b.org>",
        "diff --git a/x b/x",
        "base-commit: 123",
    ],
)
def test_where_a_part_ends(line: str) -> None:
    (change,) = parse(f"v2:\n- a\n{line}\n- b\n")
    assert change.text == "v2:\n- a"
