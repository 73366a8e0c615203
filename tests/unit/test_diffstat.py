# SPDX-License-Identifier: GPL-2.0-or-later
"""The diffstat a mail claims is read as git writes it, and compared with the diff."""

from __future__ import annotations

import pytest

from patchtool.series.diff import parse_diff
from patchtool.series.diffstat import Diffstat, StatLine, compare, compare_paths, parse

STAT = """\
Some text | 3

 .../very/long/path/to/a/file.c                | 212 +++++++++++++-
 mm/{old.c => new.c}                           |   2 +-
 a/{ => sub}/x.c                               |   0
 old/y.c => new/y.c                            |   4 ++--
 data.bin                                      | Bin 0 -> 12 bytes
 5 files changed, 213 insertions(+), 5 deletions(-)
 create mode 100644 data.bin
"""


def diff(path: str, added: int = 1, removed: int = 1) -> str:
    lines = "-a\n" * removed + "+b\n" * added
    return f"--- a/{path}\n+++ b/{path}\n@@ -1,{removed} +1,{added} @@\n{lines}"


def texts(stat: str, *diffs: str) -> list[str]:
    claimed = parse(stat)
    assert claimed is not None
    return [each.text for each in compare(claimed, parse_diff("".join(diffs).encode(), "x"))]


def test_a_diffstat_is_read() -> None:
    assert parse(STAT) == Diffstat(
        (
            StatLine(".../very/long/path/to/a/file.c", 212),
            StatLine("mm/{old.c => new.c}", 2),
            StatLine("a/{ => sub}/x.c", 0),
            StatLine("old/y.c => new/y.c", 4),
            StatLine("data.bin", None),
        ),
        files=5,
        insertions=213,
        deletions=5,
    )
    assert parse("no files\n") is None


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        (" 1 file changed, 1 insertion(+)", (1, 1, 0)),
        (" 1 file changed, 2 deletions(-)", (1, 0, 2)),
        (" 2 files changed", (2, 0, 0)),
        ("2 files changed, 3 insertions(+), 1 deletion(-)", (2, 3, 1)),
    ],
)
def test_summaries(line: str, counts: tuple[int, int, int]) -> None:
    stat = parse(line)
    assert stat is not None
    assert (stat.files, stat.insertions, stat.deletions) == counts


def test_what_agrees_gives_nothing() -> None:
    stat = " .../b/x.c | 3 ++-\n y.c | 2 +-\n 2 files changed\n"
    assert texts(stat, diff("drivers/long/b/x.c", 2), diff("y.c")) == []
    assert texts(" {old => new}/x.c | 2 +-\n 1 file changed\n", diff("new/x.c")) == []
    assert texts(" a/{b => }/x.c | 2 +-\n 1 file changed\n", diff("a/x.c")) == []


def test_what_differs_is_named() -> None:
    stat = " x.c | 3 ++-\n gone.c | 1 +\n 2 files changed\n"
    assert texts(stat, diff("x.c", 5), diff("more.c")) == [
        "gone.c: in the diffstat, but not in the diff",
        "more.c: in the diff, but not in the diffstat",
        "x.c: the diffstat says 3 changed lines, the diff has 6 changed lines",
    ]


def test_lines_that_git_left_out_are_no_mismatch() -> None:
    assert texts(" x.c | 2 +-\n 2 files changed\n", diff("x.c"), diff("y.c")) == []


def test_a_cover_letter_is_compared_by_paths() -> None:
    claimed = parse(" x.c | 9 ++-\n y.c | 1 +\n 2 files changed\n")
    assert claimed is not None
    assert [each.path for each in compare_paths(claimed, ["x.c", "z.c"])] == ["y.c", "z.c"]
