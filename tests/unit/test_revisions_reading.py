# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails cut into quotes and text, quoted lines found again, and what an answer does."""

from __future__ import annotations

import pytest

from patchtool.revisions.compare import compare
from patchtool.revisions.remark import AnswerKind, Fate, FoundBy
from patchtool.revisions.thread import wishes
from patchtool.revisions.thread.answers import kind_of
from patchtool.revisions.thread.attributions import is_attribution, quoter
from patchtool.revisions.thread.matching import Text
from patchtool.revisions.thread.proposals import diffs_in
from patchtool.revisions.thread.quotes import key, pieces_of
from patchtool.revisions.thread.sentences import sentences_of
from tests.lib import truth

#: Attributions in many languages, then headers above an original, each behind a line of ``=``.
ABOVE = (truth.FOLDER / "attributions.txt").read_text("utf-8").split("\n==\n")
PATCH = ("\tint value;", "+\tfirst(value);", "+\tsame();", " }", "+\tsecond(value);", "+\tsame();")


def depths(body: str, *answers: str) -> list[tuple[int, str]]:
    pieces = pieces_of(body, {key(line) for line in answers}, ("Ann Author",))
    return [(piece.depth, " ".join(" ".join(piece.lines).split())) for piece in pieces]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("> a\n> > b\n>>> c\n\nmine", [(1, "a"), (2, "b"), (3, "c"), (0, "mine")]),
        ("On Tue, Feb 4, 2025, Ann Author\n<a@b.c> wrote:\n> a", [(1, "a")]),
        ("Am 4.2.2025 um 10:00 schrieb Ann Author:\n> a", [(1, "a")]),
        ("> a\n[...]\n> b\n\nmine\n-- \nRob\nsome joke", [(1, "a"), (1, "b"), (0, "mine")]),
        (
            "mine\n-----Original Message-----\nFrom: a\nSent: b\n\ntheirs",
            [(0, "mine"), (1, "theirs")],
        ),
        ("mine\n____________________________\na list\nhttp://x", [(0, "mine")]),
    ],
)
def test_a_mail_in_pieces(body: str, expected: list[tuple[int, str]]) -> None:
    assert depths(body) == expected


def test_other_marks_are_marks_where_they_quote_the_mail_above() -> None:
    line = "+\tcount_all_pages(zone);"
    assert depths(f"| {line}\n\nmine", line) == [(1, "+ count_all_pages(zone);"), (0, "mine")]
    assert depths(f"| {line}\n\nmine") == [(0, f"| {line} mine".replace("\t", " "))]


def test_a_diff_of_the_writer_is_no_quote() -> None:
    diff = (
        "--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n int value;\n-\told_way(value);\n+\tnew_way(value);"
    )
    assert depths(f"How about\n\n{diff}", "int value;", "+\told_way(value);")[0][0] == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann Author wrote:", True),
        ("On 2025-02-04 10:00, Ann Author wrote:", True),
        ("Ann Author a écrit :", True),
        ("This should be:", False),
        ("The documentation says that it has to be done in this way, see below:", False),
    ],
)
def test_who_wrote_what_is_below(text: str, expected: bool) -> None:
    assert is_attribution(text, ("Ann Author",)) is expected


@pytest.mark.parametrize("line", ABOVE[0].split("\n"))
def test_who_wrote_it_in_any_language(line: str) -> None:
    """A line in another language than English or German was taken for a remark."""
    for name in ("Ann Author", "Ann Author <ann@a.example>"):
        body = f"{line.format(name)}\n> a\n\nmine"
        assert depths(body) == [(1, "a"), (0, "mine")]
        assert depths(body.replace(" <", "\n<")) == [(1, "a"), (0, "mine")]
        if "<" in name or " {} " in line:
            assert quoter(body).startswith("Ann Author")


@pytest.mark.parametrize("head", ABOVE[1:])
def test_headers_of_the_original_in_any_language(head: str) -> None:
    """They, and all that stands below them, were taken for a remark."""
    assert depths(f"mine\n\n{head}\n\ntheirs") == [(0, "mine"), (1, "theirs")]


def test_a_quote_right_below_a_signature() -> None:
    """The reader looked for its attribution above the signature, and never came to an end."""
    assert depths("> a\n\nmine\n-- \n> b\n\nmore") == [(1, "a"), (0, "mine"), (1, "b"), (0, "more")]


def test_a_line_that_stands_twice_is_told_by_its_neighbours_then_by_the_order() -> None:
    text = Text(PATCH)
    first, second = text.find(["+\tsecond(value);", "+\tsame();"])
    assert first is not None
    assert second is not None
    assert (first.at, first.found_by) == (4, FoundBy.EXACT)
    assert (second.at, second.found_by) == (5, FoundBy.NEIGHBOURS)
    alone = text.find(["+\tsame();"])[0]
    assert alone is not None
    assert (alone.at, alone.found_by) == (2, FoundBy.OCCURRENCE)


def test_wrapped_lines_are_found_by_their_text() -> None:
    text = Text(["one", "+\tcall_it(first_argument, second_argument);", "three"])
    matches = text.find(["+    call_it(first_argument,", "second_argument);"])
    assert [each and (each.at, each.found_by) for each in matches] == [(1, FoundBy.WRAPPED)] * 2


def test_what_is_not_there_is_not_found() -> None:
    assert Text(PATCH).find(["+\tthird(value);", "", "something else"]) == [None, None, None]


def test_a_diff_in_a_reply_is_read_though_it_is_indented_and_cut() -> None:
    lines = [
        "   diff --git a/x.c b/x.c",
        "   @@ -10,90 +10,90 @@ int x(void)",
        "    int value;",
        "   -old();",
        "   +new();",
        "and so on",
    ]
    (found,), used = diffs_in(lines)
    assert (found.path, found.hunks[0].old_count, found.hunks[0].new_count) == ("x.c", 2, 2)
    assert used == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Will do.", AnswerKind.PROMISED),
        ("Fixed in v3.", AnswerKind.PROMISED),
        ("Good point, I'll rename it.", AnswerKind.PROMISED),
        ("Ok.", AnswerKind.AGREED),
        ("Agreed.", AnswerKind.AGREED),
        ("Ok, but it is used elsewhere, so it can't be static.", AnswerKind.DECLINED),
        ("I'd rather keep it as it is.", AnswerKind.DECLINED),
        (
            "I could do that. But it would break the others, so I don't think so.",
            AnswerKind.DECLINED,
        ),
        ("Which one do you mean?", AnswerKind.ASKED_BACK),
        ("I could, but it looks different. Thoughts?", AnswerKind.ASKED_BACK),
        ("The caller holds the lock.", AnswerKind.EXPLAINED),
    ],
)
def test_what_an_answer_does(text: str, expected: AnswerKind) -> None:
    assert kind_of(sentences_of([text], 1), by_author=True) is expected


def test_only_who_made_a_remark_takes_it_back() -> None:
    said = sentences_of(["Never mind, I misread it."], 1)
    assert kind_of(said, by_author=False) is AnswerKind.WITHDRAWN
    assert kind_of(said, by_author=True) is not AnswerKind.WITHDRAWN


def test_two_wishes_of_one_sentence_are_two() -> None:
    assert wishes.halves("Please drop this, and document the other one.") == (
        "Please drop this",
        "document the other one.",
    )
    assert len(wishes.halves("This is read and written by two tasks.")) == 1


def test_greetings_and_names_are_not_said() -> None:
    lines = ["Hi Ann,", "", "Please drop it.", "", "Thanks,", "Rob Reviewer"]
    assert [each.text for each in sentences_of(lines, 1, last_piece=True)] == ["Please drop it."]
    lines = ["Please drop it.", "", "Thoughts? Thanks"]
    assert sentences_of(lines, 1, last_piece=True)[1].text == "Thoughts?"


def test_a_remark_keeps_its_id_and_two_have_two() -> None:
    thread = next(each for each in truth.threads() if "half of a sentence" in each.name)
    ids = [each.remark.id for each in thread.judged()]
    assert ids == [each.remark.id for each in thread.judged()]
    assert len(set(ids)) == len(ids) > 1


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("No regressions on arm64 and riscv, so", False),
        ("I did not see any new warnings.", False),
        ("It runs for a day without any crash.", False),
        ("This regresses on arm64.", True),
        ("There is a leak on the error path.", True),
        ("Please add a test without races.", True),
    ],
)
def test_a_fault_that_was_not_found_asks_for_nothing(text: str, asks: bool) -> None:
    assert wishes.is_wish(text) is asks


def test_what_new_made_of_patches_in_reply_to_patches() -> None:
    """They were patches of their own, and what was said to them was lost."""
    fates: dict[tuple[str, str], Fate] = {}
    for thread in truth.threads():
        if thread.name.startswith("proposals/"):
            found = compare(thread.old, thread.new)
            fates |= {(each.message_id[:2], each.subject): each.fate for each in found.proposals}
    assert fates == {
        ("f1", "mm: lock: count outside"): Fate.ADAPTED,
        ("f1", "mm: forget: check the page"): Fate.NOT_TAKEN,
        ("f1", "mm: speed: free them at once"): Fate.TAKEN_OVER,
        ("f2", "mm: speed: free them later"): Fate.NOT_TAKEN,
        ("a1", ""): Fate.TAKEN_OVER,
    }


def test_a_patch_in_reply_gives_no_tags_and_takes_those_of_its_own() -> None:
    thread = next(each for each in truth.threads() if each.name.endswith("patches of reviewers"))
    assert [each.value for each in thread.old.patches[0].trailers] == [truth.PEOPLE["Ann"]]
