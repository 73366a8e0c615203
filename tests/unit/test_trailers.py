# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers are found where they stand, in messages and in replies, and nowhere else."""

from __future__ import annotations

import pytest

from patchtool.series.trailers import of_message, of_reply


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
