# SPDX-License-Identifier: GPL-2.0-or-later
"""The change log against the changes, and the people in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.revisions.bullets import bullets, numbers_in
from patchtool.revisions.compare import compare
from patchtool.revisions.people import People, is_robot, named_in
from patchtool.revisions.support import supported, without_reason
from tests.lib import truth
from tests.lib.revised import BOB, EVE, Post, Reply, compared, edit, post

if TYPE_CHECKING:
    from patchtool.revisions.record import Bullet, HunkWithoutReason

ALPHA = ("\t\tcount_alpha(result);", "\t\tcount_alpha_locked(result, GFP_KERNEL);")
ATOMIC = (ALPHA[0], "\t\tcount_alpha_locked(result, GFP_ATOMIC);")
OMEGA = ("\t\tcount_omega(result);", "\t\tcount_omega_pages(result, zone);")
ONE, TWO = edit("mm: lock alpha", ALPHA), edit("mm: count omega by pages", OMEGA, path="mm/b.c")


def read(
    log: str, old: Post | None = None
) -> tuple[tuple[Bullet, ...], tuple[HunkWithoutReason, ...]]:
    """What supports a change log of v2, which has GFP_ATOMIC in patch 1 and drops patch 2."""
    before = (old or Post((ONE, TWO), cover="Why.\n")).series()
    after = post(edit(ONE.subject, ATOMIC), revision=2, cover=f"Why.\n\n{log}\n")
    found = compared(before, after)
    told = supported(found, bullets(before, after))
    return told, without_reason(found, told)


def test_words_that_a_bullet_quotes_are_looked_for() -> None:
    """ "default n" has no name in it, and is what the line says."""
    before = post(edit("mm: a", ("int filler_3;", "int filler_3;\n\tdefault n")))
    log = 'v2:\n- Kconfig: drop "default n"\n- drop "depends on X"\n'
    draft = edit("mm: a", ("int filler_3;", "int filler_3;\n\tdefault y"))
    after = post(draft, revision=2, cover=f"Why.\n\n{log}")
    told = supported(compared(before, after), bullets(before, after))
    assert [[each.by for each in bullet.support] for bullet in told] == [["default n"], []]


def log_of(text: str, where: str = "cover", revision: int = 2) -> list[tuple[str, int, str]]:
    """Id, level and text of each bullet that is read."""
    notes, cover = ("", f"Why.\n\n{text}\n") if where == "cover" else (text, None)
    draft = edit("mm: lock alpha", ATOMIC, notes=notes)
    new = Post((draft,), revision=revision, cover=cover).series()
    return [(each.id, each.level, each.text) for each in bullets(post(ONE), new)]


@pytest.mark.parametrize(
    "heading", ["Changes since v1:", "v2:", "v1->v2:", "Changelog v1 -> v2:", "Changes in v2:"]
)
@pytest.mark.parametrize("where", ["cover", "notes"])
def test_bullets_under_any_heading(heading: str, where: str) -> None:
    place = "/1" if where == "notes" else ""
    assert log_of(f"{heading}\n- Lock it\n- Count it\n", where) == [
        (f"v2.1{place}", 0, "Lock it"), (f"v2.2{place}", 0, "Count it"),
    ]  # fmt: skip


def test_bullets_that_are_wrapped_and_nested() -> None:
    text = "v2:\n * Lock alpha with\n   a spinlock\n   - and not\n     a mutex\n * Count it"
    assert log_of(text) == [
        ("v2.1", 0, "Lock alpha with a spinlock"), ("v2.2", 1, "and not a mutex"),
        ("v2.3", 0, "Count it"),
    ]  # fmt: skip


def test_text_behind_the_heading_is_a_bullet() -> None:
    assert log_of("v2: rename alpha\n    to omega") == [("v2.1", 0, "rename alpha to omega")]


def test_only_revisions_after_old_count_and_links_do_not() -> None:
    text = "v3:\n- three\nv2:\n- two\n- Link to v1: https://x.org/r/1@x\nv1:\n- one"
    assert [text for *_, text in log_of(text, revision=3)] == ["three", "two"]


def test_a_name_supports_a_bullet_and_a_hunk_without_one_is_named() -> None:
    told, silent = read(
        "Changes in v2:\n- use GFP_ATOMIC\n- drop the patch to count omega by pages"
    )
    assert [[(each.what, each.by) for each in bullet.support] for bullet in told] == [
        [("1.1", "GFP_ATOMIC")], [("mm: count omega by pages", "count, omega, page")]
    ]  # fmt: skip
    assert silent == ()


def test_nothing_supports_a_bullet_and_nobody_says_why() -> None:
    told, silent = read("Changes in v2:\n- take the zone lock in shrink_everything()")
    assert [bullet.support for bullet in told] == [()]
    assert [(each.difference, each.patch, each.text) for each in silent] == [
        ("1.1", 1, f"+{ATOMIC[1]}"), ("", 2, "mm: count omega by pages")
    ]  # fmt: skip


def test_a_remark_that_asked_for_it_is_a_reason() -> None:
    old, new = post(ONE), post(edit(ONE.subject, ATOMIC), revision=2)
    found = compared(old, new)
    assert [each.difference for each in without_reason(found, ())] == ["1.1"]
    assert without_reason(found, (), asked_for={"1.1"}) == ()


def test_a_bullet_in_a_patch_is_about_that_patch() -> None:
    other = edit(TWO.subject, (OMEGA[0], "\t\tcount_omega_pages(result, node);"), path="mm/b.c")
    first = edit(ONE.subject, ATOMIC, notes="v2:\n- as asked for\n")
    old, new = post(ONE, TWO), post(first, other, revision=2)
    found = compared(old, new)
    (bullet,) = supported(found, bullets(old, new))
    assert [each.what for each in bullet.support] == ["1.1"]


def test_new_tags_and_new_words_support_bullets() -> None:
    old = Post((ONE,), cover="Why.\n").series()
    text = f"Other words.\n\nAcked-by: {BOB}\n"
    log = "v2:\n- collect tags\n- better commit message\n- rebased to -next"
    new = post(edit(ONE.subject, ALPHA, text=text), revision=2, cover=f"Why.\n\n{log}\n")
    found = compared(old, new)
    told = supported(found, bullets(old, new))
    assert [[each.kind.value for each in bullet.support] for bullet in told] == [
        ["tag"], ["message"], ["text only"]
    ]  # fmt: skip


def test_a_difference_that_brings_the_same_names_is_told_of_as_well() -> None:
    wide = [("int filler_1;", "flags_t flags_one;"), ("int filler_7;", "flags_t flags_two;")]
    typed = [(old, new.replace("flags_t", "mhp_flags_t")) for old, new in wide]
    old = post(edit("mm: a", *wide), TWO)
    new = post(edit("mm: a", *typed, notes="v2:\n- mhp_flags_t for flags_one\n"), TWO, revision=2)
    found = compared(old, new)
    told = supported(found, bullets(old, new))
    assert without_reason(found, told) == ()


def test_reviewers_that_a_bullet_credits() -> None:
    old = Post((ONE, TWO), cover="Why.\n", replies=(Reply(1, "Why?\n"), Reply(2, "No.\n", EVE)))
    told, _ = read("v2:\n- use GFP_ATOMIC (Bob)\n- lock it, as Eve Ek asked\n- Bobs are fine", old)
    assert [bullet.reviewers for bullet in told] == [(BOB,), (EVE,), ()]


def test_two_of_one_first_name_are_told_apart() -> None:
    who = ("Michal One <m@one.org>", "Michal Two <m@two.org>")
    assert named_in("as suggested by Michal Two", who) == (who[1],)
    assert named_in("as suggested by Michal", who) == who


def test_robots_have_other_names() -> None:
    robot = "kernel test robot <lkp@intel.com>"
    assert is_robot(robot)
    assert named_in("fix a warning (0day report)", (robot, BOB)) == (robot,)


def test_one_person_has_several_addresses() -> None:
    people = People([BOB, "Bob Bo <bob@home.org>", "Bo, Bob <bob@work.org>", "Bob <other@b.org>"])
    assert people.key("Bo, Bob <bob@work.org>") == BOB
    assert people.same("whoever <bob@home.org>", BOB)
    assert not people.same("Bob <other@b.org>", BOB)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("patch 3", (3,)), ("patches 2, 4-6 and 9", (2, 4, 5, 6, 9)), ("(patch 1/5)", (1,)),
        ("squash patch 3 into patch 2", (3, 2)), ("the patch", ()),
        ("patch 5-999", tuple(range(5, 105))),
    ],
)  # fmt: skip
def test_numbers_of_patches(text: str, numbers: tuple[int, ...]) -> None:
    assert numbers_in(text) == numbers


def silent_after(text: str, *changes: tuple[str, str]) -> list[str]:
    """What nobody asked for and nobody says, where Bob said *text* to the line of alpha."""
    quoted = f"> +{ALPHA[1]}\n\n{text}\n"
    old = Post((ONE,), replies=(Reply(1, quoted),)).series()
    new = post(edit(ONE.subject, *changes), revision=2)
    return [each.text for each in compare(old, new).without_reason]


def test_a_hunk_that_a_remark_asked_for_needs_no_bullet() -> None:
    """It was listed as "nobody asked, nobody says"."""
    wish = "Please use GFP_ATOMIC, this is called under a lock."
    assert silent_after(wish, ATOMIC) == []
    assert silent_after("Is GFP_KERNEL right? It looks odd.", ATOMIC) == []
    assert silent_after("Nice.", ATOMIC) == [f"+{ATOMIC[1]}"]


def test_a_hunk_that_nobody_asked_for_is_listed_beside_one_that_was() -> None:
    wish = "Please use GFP_ATOMIC, this is called under a lock."
    assert silent_after(wish, ATOMIC, OMEGA) == [f"-{OMEGA[0]}"]
    there = (OMEGA[0], "\t\tcount_omega_pages(result, GFP_ATOMIC);")
    assert silent_after(wish, ATOMIC, there) == []


def test_a_patch_that_a_remark_asked_for_needs_no_bullet() -> None:
    thread = next(each for each in truth.threads() if each.name.endswith("done by a new patch"))
    assert compare(thread.old, thread.new).without_reason == ()
