# SPDX-License-Identifier: GPL-2.0-or-later
"""A series from its first posting to its last: the ledger, the matrix, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from patchtool.cli import patchtool
from patchtool.errors import UsageError
from patchtool.report import layout, life_markdown, life_page, life_text, life_words
from patchtool.revisions import ledger, lifetime
from tests.lib.revised import ANN, EVE, Draft, Post, Reply, edit, post

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series

ALPHA = ("\t\tcount_alpha(result);", "\t\tcount_alpha_locked(result);")
SAFE = (ALPHA[0], "\t\tcount_alpha_locked_safe(result);")
OMEGA = ("\t\tcount_omega(result);", "\t\tcount_omega_pages(result);")
QUOTE = "> +\t\tcount_alpha_locked(result);\n\n"
WISH = f"{QUOTE}Please use count_alpha_locked_safe() here, <b>as</b> others may write.\n"
AGAIN = f"{QUOTE}Please still use count_alpha_locked_safe() here, others may write.\n"


def v(number: int, *drafts: Draft, replies: tuple[Reply, ...] = ()) -> Series:
    return post(*drafts, revision=number, cover="Why.\n", replies=replies)


FIRST = edit("mm: alpha", ALPHA)
OTHER = edit("fs: omega", OMEGA, path="fs/b.c")


def lived(*postings: Series) -> lifetime.Life:
    ordered, notes = ledger.in_order(postings)
    return ledger.live(ordered, notes)


def overlooked() -> lifetime.Life:
    """Left out of v1's answers, overlooked in v2, done in v3 without a word."""
    return lived(
        v(1, FIRST, OTHER, replies=(Reply(1, WISH), Reply(2, f"Acked-by: {EVE}\n", EVE))),
        v(2, FIRST, OTHER),
        v(3, edit("mm: alpha", SAFE), OTHER),
    )


def test_a_remark_that_lives_through_two_revisions_is_one_line() -> None:
    found = overlooked()
    (line,) = [entry for entry in found.ledger if entry.asks]
    steps = [(found.names[step.posting], step.verdict) for step in line.steps]
    assert steps == [("v2", "unanswered"), ("v3", "addressed")]
    assert line.settled_in == 2
    assert life_words.fate(found, line) == "settled in v3"
    assert [(each.remarks, each.requests, each.settled, each.open) for each in found.sums] == [
        (2, 1, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0),
    ]  # fmt: skip
    assert found.good


def test_the_matrix_tells_of_each_patch_in_each_posting() -> None:
    cells = {
        each.subject: [life_words.cell_text(cell) for cell in each.cells]
        for each in overlooked().rows
    }
    assert cells == {
        "mm: alpha": ["1, 1 asked", "1 =, 1 open", "1 !"], "fs: omega": ["2", "2 =", "2 ="],
    }  # fmt: skip


def test_a_remark_made_again_is_on_the_line_of_the_first() -> None:
    answer = "".join(f"> {line}\n" for line in WISH.splitlines()) + "\nWill do.\n"
    found = lived(
        v(1, FIRST, replies=(Reply(1, WISH), Reply(102, answer, ANN))),
        v(2, FIRST, replies=(Reply(1, AGAIN),)),
        v(3, edit("mm: alpha", SAFE)),
    )
    (line,) = [entry for entry in found.ledger if entry.asks]
    assert [each.posting for each in line.mentions] == [0, 1]
    assert list(life_words.way(found, line))[-2:] == ["asked again on v2", "v3 addressed"]
    assert found.sums[1].again == 1
    assert line.answered_after == 60


def test_another_wish_of_the_same_reviewer_is_another_line() -> None:
    other = "> +\t\tcount_alpha_locked(result);\n\nMissing a blank line below.\n"
    found = lived(
        v(1, FIRST, replies=(Reply(1, WISH),)), v(2, FIRST, replies=(Reply(1, other),)),
        v(3, FIRST),
    )  # fmt: skip
    assert [len(entry.mentions) for entry in found.ledger if entry.asks] == [1, 1]
    assert not found.good
    assert found.sums[2].open == 2


def test_what_another_reviewer_asks_is_another_line() -> None:
    found = lived(
        v(1, FIRST, replies=(Reply(1, WISH),)), v(2, FIRST, replies=(Reply(1, AGAIN, EVE),)),
        v(3, FIRST),
    )  # fmt: skip
    assert [len(entry.mentions) for entry in found.ledger if entry.asks] == [1, 1]


def test_a_remark_on_the_last_posting_has_no_verdict_yet() -> None:
    found = lived(v(1, FIRST), v(2, FIRST, replies=(Reply(1, WISH),)))
    (line,) = found.ledger
    assert (line.steps, line.open, line.settled_in) == ((), False, None)
    assert life_words.fate(found, line) == "new"
    assert "1 on v2, which nothing followed yet" in life_words.summary(found)


def test_patches_that_come_and_go_have_cells_where_they_are() -> None:
    found = lived(v(1, FIRST, OTHER), v(2, OTHER), v(3, OTHER, edit("mm: late", SAFE)))
    rows = {each.subject: [cell and cell.number for cell in each.cells] for each in found.rows}
    assert rows == {
        "fs: omega": [2, 1, 1], "mm: late": [None, None, 2], "mm: alpha": [1, None, None],
    }  # fmt: skip


def test_postings_are_ordered_once_each_and_what_is_not_posted_comes_last() -> None:
    branch = replace(v(1, edit("mm: alpha", SAFE)), message_id=None)
    second = v(2, FIRST)
    ordered, notes = ledger.in_order([branch, second, v(1, FIRST), second])
    assert [each.revision for each in ordered] == [1, 2, 1]
    assert notes == ()
    assert ledger.live(ordered).names == ("v1", "v2", "not posted yet")


def test_a_posting_of_another_series_is_left_out_and_said() -> None:
    made = ("struct of_another_thing {", "\tunsigned long member;", "};")
    other = Draft("net: another", {"net/x.c": (None, "\n".join(made) + "\n")})
    alien = replace(post(other), title="net: another")
    found = lived(v(1, FIRST), v(2, FIRST), alien)
    assert found.names == ("v1", "v2")
    assert "'net: another' was left out" in found.notes[0]


def test_one_posting_is_not_enough() -> None:
    with pytest.raises(UsageError, match="1 revision of a series found"):
        ledger.in_order([v(1, FIRST), v(1, FIRST)])


def test_what_was_not_read_is_said() -> None:
    found = lived(v(1, FIRST), v(3, FIRST))
    assert found.notes[-2:] == (
        "v2 was not read",
        "no reply to v1 was read: what was said about it is not known",
    )


def test_json_can_be_read_again() -> None:
    found = overlooked()
    assert TypeAdapter(lifetime.Life).validate_json(lifetime.to_json(found)) == found
    output = CliRunner().invoke(patchtool, ["schema", "life"]).output
    assert "ledger" in json.loads(output)["properties"]


def test_foreign_text_is_escaped() -> None:
    found = overlooked()
    assert "<b>as" not in life_page.page(found)
    assert "&lt;b&gt;as" in life_page.page(found)
    assert r"\<b\>as" in life_markdown.page(found)


def test_the_text_has_the_line(tmp_path: Path) -> None:
    text = layout.without_style(life_text.lines(overlooked(), 100))
    assert "settled in v3" in text
    assert "v2 unanswered, v3 addressed: count_alpha_locked_safe is there now" in text
    assert text.rstrip().endswith(
        "2 remarks on 3 revisions, 1 ask for something, 1 settled; none open"
    )


@pytest.mark.parametrize("form", ["text", "json", "md", "html"])
def test_the_verb_finds_the_revisions_in_what_is_named(tmp_path: Path, form: str) -> None:
    """One mailbox may have two of them."""
    two = [
        Post((FIRST,), 1, "Why.\n", (Reply(1, WISH),)).mails(),
        Post((FIRST,), 2, "Why.\n").mails(),
    ]
    (tmp_path / "two.mbox").write_bytes(b"".join(two))
    (tmp_path / "three.mbox").write_bytes(Post((FIRST,), 3, "Why.\n").mails())
    names = [str(tmp_path / "two.mbox"), str(tmp_path / "three.mbox")]
    words = ["--progress", "none", "revisions", "--all", *names, "--format", form]
    done = CliRunner().invoke(patchtool, words, standalone_mode=False, catch_exceptions=False)
    assert done.return_value == 1  # open in v3 as well
    assert "v3" in done.stdout or json.loads(done.stdout)["postings"][2]["revision"] == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "a", "b", "--format", "reply"], "is about two revisions"),
        (["--all", "a", "b", "--tree", "t"], "go with two revisions"),
        (["a", "b", "c"], "3 SERIES named, expected OLD and NEW"),
        (["a"], "1 SERIES named, expected OLD and NEW"),
    ],
)
def test_what_does_not_go_together_is_refused(words: list[str], said: str) -> None:
    done = CliRunner().invoke(patchtool, ["revisions", *words], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
