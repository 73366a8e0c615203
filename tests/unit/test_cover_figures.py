# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures that cover letters claim, those of OLD beside those of NEW."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from patchtool.report import layout, revisions_markdown, revisions_page, revisions_text
from patchtool.revisions.compare import compare
from patchtool.revisions.cover_figures import figures
from patchtool.revisions.record import Figure
from tests.lib.revised import edit, post

BUNDLED = Path(__file__).resolve().parents[2] / "series" / "balloon-counters"
TABLE = """Why.

  balloon  writers  isolated  returned
       MB
       64      1x1     16254         0
       64      1x6     21967      6654

More.
"""


def changed(old: str, new: str) -> list[tuple[str, str | None, str | None]]:
    return [(f.name, f.old, f.new) for f in figures(old, new) if not f.same]


def test_a_table_is_read_by_its_heading() -> None:
    """The columns up to the last with a word name the row: 64 MB, one or six writers."""
    found = figures(None, TABLE)
    assert [(f.name, f.new) for f in found] == [
        ("isolated (64, 1x1)", "16254"), ("returned (64, 1x1)", "0"),
        ("isolated (64, 1x6)", "21967"), ("returned (64, 1x6)", "6654"),
    ]  # fmt: skip


def test_a_cell_that_differs_is_shown_for_its_row() -> None:
    assert changed(TABLE, TABLE.replace("6654", "6700")) == [("returned (64, 1x6)", "6654", "6700")]


def test_a_row_that_one_alone_has() -> None:
    more = TABLE.replace("\n\nMore", "\n      128      1x1     32651         0\n\nMore")
    assert changed(TABLE, more) == [
        ("isolated (128, 1x1)", None, "32651"), ("returned (128, 1x1)", None, "0"),
    ]  # fmt: skip


def test_counters_are_read_with_all_their_figures() -> None:
    old = "Before and after:\n\ncompact_balloon_isolated 0 16384\nballoon_migrate: 12\n"
    new = old.replace("16384", "16390")
    assert figures(old, new) == (
        Figure("compact_balloon_isolated", "0 16384", "0 16390"),
        Figure("balloon_migrate", "12", "12"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a sentence that has 1 2 3 in it\nand one more of 4 5 6 with it\n",
        "mm/a.c | 1 +\nmm/b.c | 2 +\n",
        "- 1 2\n- 3 4\n",
        "x_y is 12\n",
    ],
)
def test_prose_is_no_table(text: str) -> None:
    assert figures(text, text) == ()


def test_the_bundled_cover_letter_has_its_table() -> None:
    text = next(BUNDLED.glob("0000*")).read_text(encoding="utf-8")
    found = {f.name: f.new for f in figures(None, text)}
    assert len(found) == 24
    assert found["released (1024, 128, 3x6)"] == "35358"


def test_long_input_takes_no_time() -> None:
    hostile = ["a_" * 200_000, "a_b " + "1 " * 200_000, "\n".join(["1 2 3 4"] * 200_000)]
    begin = time.process_time()
    for text in hostile:
        figures(text, text)
    assert time.process_time() - begin < 2


def test_every_form_shows_what_differs() -> None:
    alpha = edit("mm: a", ("count_alpha(result)", "count_alpha_locked(result)"))
    old = post(alpha, cover=TABLE)
    found = compare(old, post(alpha, revision=2, cover=TABLE.replace("6654", "6700")))
    text = layout.without_style(
        revisions_text.lines(found, 100, diff=False)
    )  # fmt: skip
    assert "returned (64, 1x6)  6654  6700" in text
    assert "3 as before" in text
    assert "| returned (64, 1x6) | 6654 | 6700 |" in revisions_markdown.page(found, diff=False)
    assert '<td class="n">6654</td><td class="n">6700</td>' in revisions_page.page(found, old)
