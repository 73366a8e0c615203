# SPDX-License-Identifier: GPL-2.0-or-later
"""A tag in a reply: for which patches, on what condition, by whom; and what is no tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.series.tags.own_text import own_lines
from patchtool.series.tags.person import same_person
from patchtool.series.tags.reply import of_reply
from patchtool.series.tags.value import Scope, Trailer, holds_for
from tests.lib import fuzzing

BOB = "Bob Reviewer <bob@example.org>"
TAG = f"Reviewed-by: {BOB}"


def only(text: str, sender: str = BOB) -> Trailer:
    (tag,) = of_reply(f"> Why.\n\n{text}\n", "r@example.org", sender)
    return tag


def patches(text: str, answered: int = 0, total: int = 6) -> tuple[int, ...]:
    return holds_for(only(text), answered, total)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (f"Patches 4, 5, and 6 LGTM, FWIW,\n{TAG}", (4, 5, 6)),
        (f"Patches 4-6:\n{TAG}", (4, 5, 6)),
        (f"For patches 1 through 3 and 5,\n\n{TAG}", (1, 2, 3, 5)),
        (f"For 1/6, 2/6 and 4/6:\n{TAG}", (1, 2, 4)),
        (f"For 1-3/6:\n{TAG}", (1, 2, 3)),
        (f"Feel free to add this to patch 2:\n{TAG}", (2,)),
        (f"I have tested patches 1 to 3 here.\n\n{TAG}", (1, 2, 3)),
        (f"LGTM for patch #2.\n\n{TAG}", (2,)),
        (f"The first two patches look good.\n{TAG}", (1, 2)),
        (f"For the last patch:\n{TAG}", (6,)),
        (f"For the series, but not more.\n\nFor patches 2 & 3:\n{TAG}", (2, 3)),
        (f"For all patches except 3:\n{TAG}", (1, 2, 4, 5, 6)),
        (f"Except for patch 3, this looks good.\n{TAG}", (1, 2, 4, 5, 6)),
        (f"With the exception of the old patch 2, I like it.\n{TAG}", (1, 3, 4, 5, 6)),
        (f"Other than that, patches 1-2 look good.\n{TAG}", (1, 2)),
        (f"{TAG} # patch 3", (3,)),
        (f"{TAG} # 1/6", (1,)),
        (f"{TAG} (1-3)", (1, 2, 3)),
        (f"{TAG} [for patch 2]", (2,)),
        (f"{TAG}\n[for patch 2]", (2,)),
        (f"{TAG}\n# for patches 1, 2", (1, 2)),
        (f"{TAG} [for patches 1,\n2 and 3]", (1, 2, 3)),
        (f"{TAG} for patches 1-3", (1, 2, 3)),
        (f"{TAG}\n\nfor patches 1-3.", (1, 2, 3)),
    ],
)
def test_the_words_around_a_tag_say_which_patches_it_is_for(
    text: str, want: tuple[int, ...]
) -> None:
    assert patches(text) == want
    assert patches(text, answered=5) == want


@pytest.mark.parametrize(
    "text",
    [
        f"For the series:\n{TAG}",
        f"For the whole series,\n\n{TAG}",
        f"For this patch set:\n{TAG}",
        f"Feel free to add, for the entire series:\n{TAG}",
        f"The whole series looks good to me.\n{TAG}",
        f"Thanks, the whole series looks good to me.\n{TAG}",
        f"{TAG} for the series.",
        f"{TAG} [for the whole series]",
        f"{TAG} # entire series",
        f"{TAG}\n\nto all six patches.",
        f"{TAG}\n...for the series.",
        f"{TAG}\n\nfor all of them",
    ],
)
def test_a_tag_for_the_series_is_for_every_patch_whatever_it_answers(text: str) -> None:
    assert patches(text, answered=0) == (0,)
    assert patches(text, answered=2) == (0,)
    assert patches(text, answered=1, total=1) == (1,)


@pytest.mark.parametrize(
    "text",
    [
        TAG,
        f"Thanks for the series!\n\n{TAG}",
        f"Thanks for fixing patch 3.\n\n{TAG}",
        f"I did not look at patches 1-3.\n{TAG}",
        f"Patch 3 needs work.\n{TAG}",
        f"Looks good, independent of patch 1.\n{TAG}",
        f"I will take it with the rest of the series.\n{TAG}",
        f"For patches 7-9:\n{TAG}",
        f"{TAG} [1]",
        f"{TAG} # v6.1+",
        f"{TAG} # 32 and 64 bit",
        f"{TAG} (for the mm part)",
        f"{TAG}\n\nFor patch 3, please split it.",
        f"For patch 3:\n> int x;\n\n{TAG}",
    ],
)
def test_other_words_leave_a_tag_where_it_was_given(text: str) -> None:
    assert patches(text, answered=0) == (0,)
    assert patches(text, answered=2) == (2,)


def test_a_scope_keeps_its_words_and_its_note_stays_in_the_value() -> None:
    tag = only(f"{TAG}\n[for patch 2]")
    assert tag.value == f"{BOB} [for patch 2]"
    assert tag.scope == Scope("[for patch 2]", (2,))
    assert not tag.scope.whole
    assert only(f"For the series:\n{TAG}").scope == Scope("For the series:")


def test_one_of_several_tags_has_its_own_scope() -> None:
    first, second = of_reply(f"For the series:\n{TAG} # patch 2\nTested-by: {BOB}", None, BOB)
    assert (holds_for(first, 0, 3), holds_for(second, 0, 3)) == ((2,), (0,))


CONDITIONS = [
    "With that fixed, feel free to add",
    "With that,",
    "With the typos fixed:",
    "With the commit message fixed,",
    "Once that is addressed,",
    "Looks good to me once the lock is dropped.",
    "After fixing the leak you can add:",
    "After that you can add:",
    "Other than that, looks good to me.",
    "Apart from that:",
    "Nits aside, this looks good.",
    "Except for the above nit, this is fine.",
    "A few nits below, otherwise",
    "Otherwise looks good:",
    "If you change that, feel free to add",
    "If Ann's comment is addressed, you can add:",
    "Assuming you test it on arm64,",
    "Looks good, modulo the name.",
    "When you resend, please add",
]


@pytest.mark.parametrize("sentence", CONDITIONS)
def test_a_condition_is_kept_with_its_sentence(sentence: str) -> None:
    for text in (f"{sentence}\n{TAG}", f"Hm, x leaks here.\n\n{sentence}\n\n{TAG}\n\nBob"):
        tag = only(text)
        assert (tag.condition, tag.value, tag.counts) == (sentence, BOB, True)
    assert only(f"{sentence} Feel free to add:\n{TAG}").condition.startswith(sentence[:20])


@pytest.mark.parametrize(
    "text",
    [
        f"{TAG} with the typo fixed",
        f"{TAG} # with the typo fixed",
        f"{TAG} [once the typo is fixed]",
        f"{TAG}\n\nwith the typo fixed.",
        f"{TAG}\n(once the typo is fixed)",
        f"{TAG}\n\nif you fix the typo.",
    ],
)
def test_a_condition_may_stand_behind_the_tag(text: str) -> None:
    assert "typo" in only(text).condition


@pytest.mark.parametrize(
    "sentence",
    [
        "Looks good to me.",
        "With this patch applied, the bug is fixed.",
        "With the series applied it boots.",
        "I am fine with the change.",
        "Feel free to add, if you like:",
        "If you need it:",
        "I tested it after switching to gcc 13.",
        "If that fails, the table was consumed, otherwise it must be freed.",
        "No new warnings, as before.",
        "I see that it was changed once more.",
        "LGTM with or without the split.",
    ],
)
def test_other_sentences_set_no_condition(sentence: str) -> None:
    assert only(f"{sentence}\n{TAG}").condition == ""


def test_only_the_sentence_of_the_tag_counts() -> None:
    text = f"If you change x to y, it would be faster. But I measured it, and it is fast.\n{TAG}"
    assert only(text).condition == ""
    assert only(f"With that fixed:\n> int x;\n\n{TAG}").condition == ""
    assert (
        only(f"{TAG}\n\nIf you change x to y here, please do the same there as well.").condition
        == ""
    )


@pytest.mark.parametrize(
    ("tag", "sender"),
    [
        ("Bob Reviewer <bob@work.example>", BOB),
        ("bob reviewer <bob@work.example>", BOB),
        ("Bob Reviewer <bob+kernel@example.org>", "bob@example.org <bob@example.org>"),
        ("<bob@example.org>", BOB),
        ("bob@example.org", "Robert <Bob@Example.org>"),
        ("Bob Reviewer <b@c.org>", '"Reviewer, Bob" <bob@example.org>'),
        ("Bob Reviewer <b@c.org>", "Bob Reviewer (CORP) <bob@example.org>"),
        ("Bob Reviewer <b@c.org>", "Bob Reviewer via lists <lists@example.org>"),
        ("Bob Q. Reviewer <b@c.org>", BOB),
        ("Juergen Gross <j@c.org>", "J\xfcrgen Gro\xdf <jg@example.org>"),
        ("Bob <bob@c.org>", "Bob Reviewer <bob@example.org>"),
        ("Bob Reviewer <b@c.org>", "bob <bob.reviewer7@mail.example>"),
    ],
)
def test_addresses_of_one_name_are_one_person(tag: str, sender: str) -> None:
    assert same_person(tag, sender)
    assert same_person(sender, tag)
    assert only(f"Acked-by: {tag}", sender).counts


@pytest.mark.parametrize(
    ("tag", "sender"),
    [
        ("Ann Author <ann@example.org>", BOB),
        ("Bob Other <b@c.org>", "Bob Reviewer <bob@example.org>"),
        ("Ann Author <linux@ann.example>", "Bob Reviewer <linux@bob.example>"),
        ("Ann Author <info@a.org>", "Bob Reviewer <info@b.org>"),
        ("Ann Reviewer <a@c.org>", BOB),
    ],
)
def test_a_tag_of_somebody_else_is_marked(tag: str, sender: str) -> None:
    found = only(f"Tested-by: {tag}", sender)
    assert (found.value, found.sent_by, found.counts) == (tag, sender, False)


def test_what_names_nobody_is_anybodys() -> None:
    assert only("Fixes: 1234567890ab", BOB).counts
    assert only("Tested-by: Ann Author <ann@example.org>", "").counts


PASTED = """\
commit 123456789abcdef0123456789abcdef012345678 (HEAD)
Author: Ann Author <ann@example.org>
Date:   Mon Feb 3 10:00:00 2025 +0100

    mm: count pages

    Reviewed-by: Ann Author <ann@example.org>
    Fixes: 1234567890ab ("x")
"""


@pytest.mark.parametrize(
    "text",
    [
        PASTED,
        PASTED.replace("    ", ""),
        "".join(f"  {line}\n" for line in PASTED.splitlines()),
        PASTED.replace("commit 1", "Commit-ID:     1"),
        PASTED.partition("\n")[2],
        "Maybe say it so:\n\n    mm: count pages\n\n    Why.\n\n    Acked-by: A <a@b.org>\n",
        "\tmm: count pages\n\n\tAcked-by: A <a@b.org>\n",
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n Acked-by: A <a@b.org>\n-a\n+b\n",
        "@@ -1,2 +1,2 @@\n Acked-by: A <a@b.org>\n-a\n+b\n",
        "> Acked-by: A <a@b.org>\n",
        "| Acked-by: A <a@b.org>\n",
        "Ann> Acked-by: A <a@b.org>\n",
        "From: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\nAcked-by: A <a@b.org>\n",
    ],
)
def test_what_was_not_written_as_a_tag_is_none(text: str) -> None:
    assert of_reply(f"See:\n\n{text}", None, BOB) == ()
    assert only(f"Look:\n\n{text.partition('From: Ann')[0]}\nSo,\n{TAG}").value == BOB


@pytest.mark.parametrize("indent", ["\t", "    ", "  "])
def test_a_tag_that_is_indented_alone_counts(indent: str) -> None:
    assert only(f"Feel free to add\n\n{indent}{TAG}\n\nto it.").value == BOB
    assert (
        only(f"Add\n\n{indent}Reviewed-by: Bob Reviewer\n{indent}<bob@example.org>\n").value == BOB
    )


ROBOT = "kernel test robot <robot@example.org>"


@pytest.mark.parametrize(
    "asked",
    [
        "If you fix the issue, kindly add following tag as appropriate",
        (
            "If you fix the issue in a separate patch/commit (i.e. not just a new version of\n"
            "the same patch/commit), kindly add following tags"
        ),
        "IMPORTANT: if you fix the issue, please add the following tag to the commit:",
        (
            "If these findings have caused you to resend the series or submit a\n"
            "separate fix, please add the following tag to your commit message:"
        ),
    ],
)
def test_a_robots_tag_is_for_the_commit_that_fixes_its_report(asked: str) -> None:
    tags = f"Reported-by: {ROBOT}\nCloses: https://b.example/1\nTested-by: {ROBOT}"
    assert of_reply(f"x.c:3: error\n\n{asked}\n{tags}\n\nAll errors:\n", None, ROBOT) == ()
    assert only(f"It boots.\n\nTested-by: {ROBOT}", ROBOT).counts
    assert only(f"If you fix that, feel free to add\n{TAG}").condition


PATCH = "---\n mm/x.c | 2 +-\n\ndiff --git a/mm/x.c b/mm/x.c\n--- a/mm/x.c\n+++ b/mm/x.c\n"


def test_the_tags_of_a_patch_in_a_reply_are_of_that_patch() -> None:
    """Its message ends with a Signed-off-by and ``---``; a tag above it is given."""
    message = f"8<====\nFrom: {BOB}\nSubject: [PATCH] x\n\nWhy.\n\nReported-by: {BOB}\n"
    diff = f"{PATCH}@@ -1 +1 @@\n-a\n+b\n"
    text = f"{TAG}\n\nOn top of it:\n\n{message}Signed-off-by: {BOB}\n{diff}"
    assert [each.name for each in of_reply(text, "r", BOB)] == ["Reviewed-by"]
    given = f"{TAG}\n{diff}"  # no patch: nobody signed it
    assert [each.name for each in of_reply(given, "r", BOB)] == ["Reviewed-by"]


@pytest.mark.parametrize("marker", ["------- Original Message -------", "-----Original Message"])
def test_a_quote_below_original_message_is_answered(marker: str) -> None:
    """Some programs put that line above an ordinary quote, others above a whole mail."""
    text = f"{marker}\nOn Monday, Ann\n<ann@example.org> wrote:\n\n> Why.\n\n{TAG}\n"
    assert [each.name for each in of_reply(text, "r", BOB)] == ["Reviewed-by"]
    whole = f"Hm.\n{marker}\nFrom: Ann\nSent: Monday\n\n> Why.\n\n{TAG}\n"
    assert of_reply(whole, "r", BOB) == ()
    plain = f"Hm.\n{marker}\nOn Monday, Ann wrote:\n\nWhy.\n\n\n\n\n> old\n{TAG}\n"
    assert of_reply(plain, "r", BOB) == ()


def test_notes_that_are_folded_are_whole() -> None:
    assert (
        only(f"{TAG} (on top of next\nas of today).").value
        == f"{BOB} (on top of next as of today)."
    )
    assert only(f"{TAG} [no end\n\nText").value == f"{BOB} [no end"
    assert only(f"{TAG}\n[ann: took the lock]").value == BOB


def test_what_a_sender_did_not_write_has_no_lines() -> None:
    lines = own_lines(f"Hi\n> x\n  y\n{PASTED}\nz\n-- \nBob")
    assert [line for line in lines if line] == ["Hi", "  y", "z"]
    assert len(lines) == 3 + PASTED.count("\n") + 2


PIECES = [
    TAG, "Acked-by:", "Tested-by: x <a@b.org> [", "Fixes: 1234567 (\"", "> q", "", "\t", "    x",
    "commit 1234567890", "Author: A <a@b>", "diff --git a/x b/x", "@@ -1,3 +1,3 @@", "-- ", "+a",
    "From: a", "Sent: b", "for patches 1, 2-3", "with that fixed", "if you fix it, add", ", " * 30,
    "for the series", "\xa0", "--- a", "+++ b", "Except for patch 3,", "\u20ac\x00",
]  # fmt: skip


@fuzzing.quick
@given(lines=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=40)), max_size=40))
def test_any_text_is_read(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert len(own_lines(text)) <= text.count("\n") + 1
    for tag in of_reply(text, None, BOB):
        for answered in range(4):
            assert {*holds_for(tag, answered, 3)} <= {0, 1, 2, 3}
            assert holds_for(tag, answered, 3)


@pytest.mark.parametrize(
    "unit",
    [", with the" * 40, "so once " * 50, "for patches " + "1, " * 120, "add for " * 50,
     "if the a b c " * 20, "otherwise it all " * 20, "for the whole " * 30],
)  # fmt: skip
def test_words_that_lead_nowhere_take_no_time(unit: str) -> None:
    """A list of numbers once took twice as long for each number in it."""
    text = f"{unit}\n{TAG}\n"
    with fuzzing.no_hang():
        of_reply(text * 300, None, BOB)
