# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers are found where they stand, in messages and in replies, and nowhere else."""

from __future__ import annotations

import pytest

from patchtool.series.tags.commit_message import of_message
from patchtool.series.tags.reply import of_reply


def pairs(message: str) -> list[tuple[str, str]]:
    return [(trailer.name, trailer.value) for trailer in of_message(message)]


def test_the_last_paragraph_holds_them() -> None:
    assert pairs(
        'Why: because.\n\nMore.\n\nFixes: 123456789abc ("mm: x")\nCc: stable # v6.1+\n'
    ) == [
        ("Fixes", '123456789abc ("mm: x")'),
        ("Cc", "stable # v6.1+"),
    ]


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("", []),
        ("Just text.", []),
        ("See http://a.org\n", []),
        ("Signed-off-by: A <a@b>", ["Signed-off-by"]),
        ("Text.\nSigned-off-by: A <a@b>", ["Signed-off-by"]),
        ("a\nb\nc\nd\nSigned-off-by: A <a@b>", []),
        ("Text.\nNote: more text", []),
        ("x\n\nAcked-by: A <a@b>\n[akpm: fix the build]\nSigned-off-by: B <b@c>",
         ["Acked-by", "Signed-off-by"]),
        ("x\n\nSigned-off-by: A <a@b>\n(cherry picked from commit 123)", ["Signed-off-by"]),
        ("x\n\nLink: https://a.org/1\n\nSigned-off-by: A <a@b>", ["Link", "Signed-off-by"]),
        ("x\n\nExample: foo\n\nSigned-off-by: A <a@b>", ["Signed-off-by"]),
        ("x\n\nSigned-off-by: A <a@b>\n\nThat is all.", []),
    ],
)  # fmt: skip
def test_which_paragraphs_count(message: str, names: list[str]) -> None:
    assert [trailer.name for trailer in of_message(message)] == names


def test_values_may_go_on() -> None:
    assert pairs('x\n\nFixes: 12345678 ("mm: a\n  long title")\nLink: a\n b\n') == [
        ("Fixes", '12345678 ("mm: a long title")'),
        ("Link", "a b"),
    ]
    assert pairs('x\n\nFixes: 12345678 ("mm: a\nlong title")\nCc: a@b\n') == [
        ("Fixes", '12345678 ("mm: a long title")'),
        ("Cc", "a@b"),
    ]


REPLY = """\
On Monday, Ann wrote:
> Signed-off-by: Ann <ann@a.org>
>> Acked-by: X <x@y.org>

Nice. To: be fair, note: this is fine.
Reviewed-by: me

  Reviewed-by: Bob <bob@b.org<mailto:bob@b.org>> # the mm part
Tested-by: Robert Very Long Name
<robert@b.org>
Fixes: 123456789abc ("mm: x")
Cc: everyone@x.org

--\x20
Acked-by: Signature <s@s.org>
"""


def test_replies_give_what_they_do_not_quote() -> None:
    found = of_reply(REPLY, "id@b.org")
    assert [(each.name, each.value) for each in found] == [
        ("Reviewed-by", "Bob <bob@b.org> # the mm part"),
        ("Tested-by", "Robert Very Long Name <robert@b.org>"),
        ("Fixes", '123456789abc ("mm: x")'),
    ]
    assert {each.given_in for each in found} == {"id@b.org"}


@pytest.mark.parametrize(
    "mark",
    ["-----Original Message-----", "diff --git a/x b/x", "-- >8 --", "---- 8< ----", "--"],
)
def test_what_stands_below_is_not_given(mark: str) -> None:
    assert of_reply(f"Hm.\n{mark}\nAcked-by: A <a@b.org>\n", None) == ()


def given_by(text: str) -> list[tuple[str, str]]:
    return [(each.name, each.value) for each in of_reply(text, None)]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Acked-by:\xa0Bob <bob@b.org>", "Bob <bob@b.org>"),
        ("Acked-by: Bob\xa0Long\xa0<bob@b.org>", "Bob Long <bob@b.org>"),
        ("Acked-by: Bob <bob@b.org>> ---", "Bob <bob@b.org>"),
        ("Acked-by: Bob <bob@b.org", "Bob <bob@b.org>"),
        ("Acked-by: Bob <bob@b.org> for all three.", "Bob <bob@b.org>"),
        ("Acked-by: Bob <bob@b.org>,", "Bob <bob@b.org>"),
        ("Acked-by: Bob <bob@b.org> # mm", "Bob <bob@b.org> # mm"),
        ("Acked-by: Bob <bob@b.org> [mm only]", "Bob <bob@b.org> [mm only]"),
        ("Acked-by: bob@b.org", "bob@b.org"),
    ],
)
def test_what_stands_around_an_address_is_no_part_of_it(line: str, value: str) -> None:
    assert given_by(f"> Why.\n\n{line}\n") == [("Acked-by", value)]


@pytest.mark.parametrize(
    "line",
    [
        "Fixes: lines are always welcome here.",
        "Fixes: ??",
        "Link: would be nice to have.",
        "Closes: the hole, I think",
    ],
)
def test_prose_that_looks_like_a_tag_is_none(line: str) -> None:
    assert given_by(f"{line}\n") == []


@pytest.mark.parametrize(
    "value", ['1234567890ab ("mm: x")', "commit 123456789abc", "https://b.org/1"]
)
def test_fixes_names_a_commit_or_a_report(value: str) -> None:
    assert given_by(f"Fixes: {value}\n") == [("Fixes", value)]


def test_a_title_that_was_folded_is_whole() -> None:
    title = '1234567890ab ("zram: set "max" of all\nthe disks\nanew")'
    whole = title.replace("\n", " ")
    assert given_by(f"Add\n\nFixes: {title}\n\nThanks") == [("Fixes", whole)]
    assert pairs(f"x\n\nFixes: {title}\nCc: a@b\n") == [("Fixes", whole), ("Cc", "a@b")]
    assert given_by('Fixes: 1234567890ab ("x\n\nnot this")\n') == [("Fixes", '1234567890ab ("x')]


def test_a_note_of_several_lines_is_no_part_of_the_tag_above() -> None:
    notes = "[bob: took the lock,\n and its twin,\nlater: as asked]\n[bob: more]"
    assert pairs(f"x\n\nAcked-by: A <a@b>\n{notes}\nSigned-off-by: B <b@c>\n") == [
        ("Acked-by", "A <a@b>"),
        ("Signed-off-by", "B <b@c>"),
    ]


INLINE = """\
How about

diff --git a/doc.rst b/doc.rst
index 1234567..89abcde 100644
--- a/doc.rst
+++ b/doc.rst
@@ -1,5 +1,4 @@
 Reviewed-by: Context <c@c.org>

-Acked-by: Gone <g@g.org>
--\x20
+Acked-by: New <n@n.org>
 end
"""


def test_tags_below_a_diff_in_the_reply_count() -> None:
    want = [("Tested-by", "Bob <bob@b.org>")]
    assert given_by(f"{INLINE}\nWith it,\n\nTested-by: Bob <bob@b.org>\n") == want
    cut_short = INLINE.replace(" end\n", "[...]\n Acked-by: Doc <d@d.org>\n")
    assert given_by(f"{cut_short}\nTested-by: Bob <bob@b.org>\n-- \nAcked-by: X <x@x>\n") == want
