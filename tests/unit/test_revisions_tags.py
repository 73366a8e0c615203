# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of tags: one test for each answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.revisions.compare import compare
from patchtool.revisions.record import TagState
from patchtool.revisions.tags import is_whole, tag_findings
from tests.lib.revised import ANN, BOB, EVE, Draft, Post, Reply, compared, edit

if TYPE_CHECKING:
    from patchtool.revisions.record import TagFinding
    from patchtool.series.model import Series

ALPHA = ("\t\tcount_alpha(result);", "\t\tcount_alpha_locked(result, GFP_KERNEL);")
ATOMIC = (ALPHA[0], "\t\tcount_alpha_locked(result, GFP_ATOMIC);")
OMEGA = ("\t\tcount_omega(result);", "\t\tcount_omega_pages(result, zone);")
ACK = Reply(1, f"Fine.\n\nAcked-by: {BOB}\n")


def patch(
    change: tuple[str, str] = ALPHA, tags: str = "", subject: str = "mm: lock alpha"
) -> Draft:
    return edit(subject, change, text=f"Why.\n\n{tags}Signed-off-by: {ANN}\n")


def posted(*drafts: Draft, replies: tuple[Reply, ...] = (), revision: int = 1) -> Series:
    return Post(drafts, revision, "Why.\n", replies).series()


def findings(old: Series, *new: Draft, earlier: tuple[Series, ...] = ()) -> list[TagFinding]:
    return list(tag_findings(compared(old, posted(*new, revision=old.revision + 1)), earlier))


def states(old: Series, *new: Draft) -> list[tuple[TagState, str, int | None]]:
    return [(each.state, each.name, each.new) for each in findings(old, *new)]


def test_a_tag_that_was_given_in_a_reply_is_carried() -> None:
    old = posted(patch(), replies=(ACK,))
    assert states(old, patch(tags=f"Acked-by: {BOB}\n")) == [(TagState.CARRIED, "Acked-by", 1)]


def test_a_tag_to_the_cover_letter_holds_for_each_patch() -> None:
    old = posted(patch(), edit("fs: b", OMEGA), replies=(Reply(0, ACK.text),))
    tagged = edit("fs: b", OMEGA, text=f"Why.\n\nAcked-by: {BOB}\n")
    assert states(old, patch(), tagged) == [
        (TagState.LOST, "Acked-by", 1), (TagState.CARRIED, "Acked-by", 2)
    ]  # fmt: skip


def test_a_tag_from_another_address_of_its_giver_is_carried() -> None:
    old = posted(patch(), replies=(ACK,))
    tags = "Acked-by: Bob Bo <bob@home.org>\n"
    assert states(old, patch(tags=tags)) == [(TagState.CARRIED, "Acked-by", 1)]


def test_a_tag_is_stale_where_the_code_changed_since() -> None:
    old = posted(patch(), replies=(ACK,))
    (tag,) = findings(old, patch(ATOMIC, f"Acked-by: {BOB}\n"))
    assert (tag.state, tag.differences, tag.given_in) == (
        TagState.STALE, ("1.1",), "v1.102@a.org"
    )  # fmt: skip


def test_white_space_and_comments_make_no_tag_stale() -> None:
    old = posted(patch(), replies=(ACK,))
    for more in (f"{ALPHA[1]}\n", f"{ALPHA[1]}\n\t\t/* under the lock */"):
        new = patch((ALPHA[0], more), f"Acked-by: {BOB}\n")
        assert states(old, new) == [(TagState.CARRIED, "Acked-by", 1)]


def test_thanks_are_not_stale() -> None:
    old = posted(patch(tags=f"Reported-by: {BOB}\n"))
    new = patch(ATOMIC, f"Reported-by: {BOB}\n")
    assert states(old, new) == [(TagState.CARRIED, "Reported-by", 1)]


def test_a_tag_that_got_lost() -> None:
    assert states(posted(patch(), replies=(ACK,)), patch()) == [(TagState.LOST, "Acked-by", 1)]


def test_a_tag_that_was_lost_rightly() -> None:
    old = posted(patch(), replies=(ACK,))
    assert states(old, patch(ATOMIC)) == [(TagState.LOST_RIGHTLY, "Acked-by", 1)]


def test_a_tag_of_a_dropped_patch() -> None:
    old = posted(patch(), edit("fs: b", OMEGA, path="fs/b.c"), replies=(ACK,))
    (tag,) = findings(old, edit("fs: b", OMEGA, path="fs/b.c"))
    assert (tag.state, tag.old, tag.new) == (TagState.LOST_RIGHTLY, 1, None)


def test_a_tag_on_another_patch_than_it_was_given_to_moved() -> None:
    other = edit("fs: b", OMEGA, path="fs/b.c")
    old = posted(patch(tags=f"Acked-by: {BOB}\n"), other)
    tagged = edit("fs: b", OMEGA, path="fs/b.c", text=f"Why.\n\nAcked-by: {BOB}\n")
    found = findings(old, patch(tags=f"Acked-by: {BOB}\n"), tagged)
    assert [(each.state, each.old, each.new) for each in found] == [
        (TagState.CARRIED, 1, 1), (TagState.MOVED, 1, 2)
    ]  # fmt: skip


def test_who_suggested_something_is_thanked() -> None:
    old = posted(patch(), replies=(Reply(1, "Use GFP_ATOMIC.\n", EVE),))
    new = patch(ATOMIC, f"Suggested-by: {EVE}\n")
    assert states(old, new) == [(TagState.DERIVED, "Suggested-by", 1)]


def test_a_tag_that_no_mail_has_is_invented_only_if_all_were_read() -> None:
    reply = Reply(1, "Looks right.\n")
    new = patch(tags=f"Reviewed-by: {EVE}\n")
    assert states(posted(patch()), new) == [(TagState.NOT_SEEN, "Reviewed-by", 1)]
    whole = posted(patch(), replies=(reply,))
    assert is_whole(whole)
    (tag,) = findings(whole, new)
    assert (tag.state, "v1" in tag.text) == (TagState.INVENTED, True)


def test_without_the_thread_of_the_first_revision_nothing_is_invented() -> None:
    old = posted(patch(), replies=(Reply(1, "Looks right.\n"),), revision=2)
    new = patch(tags=f"Reviewed-by: {EVE}\n")
    assert states(old, new) == [(TagState.NOT_SEEN, "Reviewed-by", 1)]
    first = posted(patch(), replies=(Reply(1, "Hm.\n"),))
    assert [each.state for each in findings(old, new, earlier=(first,))] == [TagState.INVENTED]


def test_a_tag_of_an_earlier_revision_is_carried() -> None:
    old = posted(patch(), replies=(Reply(1, "Hm.\n"),), revision=2)
    found = findings(
        old, patch(tags=f"Acked-by: {BOB}\n"), earlier=(posted(patch(), replies=(ACK,)),)
    )
    assert [each.state for each in found] == [TagState.CARRIED]


def test_who_commented_and_is_not_addressed() -> None:
    replies = (Reply(1, "Why?\n"), Reply(0, "No.\n", EVE), Reply(1, "So?\n", "Al A <al.ax@x.org>"))
    old = posted(patch(), replies=replies)
    new = Post((patch(ATOMIC),), 2, "Why.\n", to="Bob Bo <bob@b.org>, al.ax@home.org").series()
    assert [(each.who, each.patches) for each in compare(old, new).not_addressed] == [(EVE, (0,))]


def test_whom_a_trailer_names_is_addressed() -> None:
    old = posted(patch(), replies=(Reply(1, "Why?\n"),))
    new = posted(patch(ATOMIC, f"Suggested-by: {BOB}\n"), revision=2)
    assert compare(old, new).not_addressed == ()


OTHER = edit("fs: b", OMEGA, path="fs/b.c")


def whole(old: Series, *new: Draft) -> list[TagFinding]:
    """As :func:`findings`, with what came of the remarks."""
    return list(compare(old, posted(*new, revision=old.revision + 1)).tags)


def test_a_tag_for_one_patch_is_out_of_its_scope_on_another() -> None:
    """It was said to have moved, though the patch that it was given to is still there."""
    tagged = replace(OTHER, text=f"Why.\n\nAcked-by: {BOB}\n")
    for text in (ACK.text, f"Patch 1 looks good.\n\nAcked-by: {BOB}\n"):
        old = posted(patch(), OTHER, replies=(Reply(1, text),))
        found = whole(old, patch(tags=f"Acked-by: {BOB}\n"), tagged)
        assert [(each.state, each.old, each.new) for each in found] == [
            (TagState.CARRIED, 1, 1), (TagState.WRONG_SCOPE, 1, 2)
        ]  # fmt: skip


def test_a_tag_by_numbers_in_a_reply_to_the_cover_letter() -> None:
    text = f"Patch 2 LGTM.\n\nAcked-by: {BOB}\n"
    old = posted(patch(), OTHER, replies=(Reply(0, text),))
    tagged = replace(OTHER, text=f"Why.\n\nAcked-by: {BOB}\n")
    found = whole(old, patch(tags=f"Acked-by: {BOB}\n"), tagged)
    assert [(each.state, each.new) for each in found] == [
        (TagState.WRONG_SCOPE, 1), (TagState.CARRIED, 2)
    ]  # fmt: skip
    assert "Patch 2" in found[0].text


def test_a_tag_for_the_series_does_not_hold_for_a_patch_that_came_later() -> None:
    old = posted(patch(), replies=(Reply(0, ACK.text),))
    new = replace(OTHER, text=f"Why.\n\nAcked-by: {BOB}\n")
    found = whole(old, patch(tags=f"Acked-by: {BOB}\n"), new)
    assert [(each.state, each.new) for each in found] == [
        (TagState.CARRIED, 1), (TagState.WRONG_SCOPE, 2)
    ]  # fmt: skip


def test_a_tag_of_a_patch_that_is_gone_moved() -> None:
    old = posted(patch(), OTHER, replies=(Reply(2, ACK.text),))
    found = whole(old, patch(tags=f"Acked-by: {BOB}\n"))
    assert (TagState.MOVED, 1) in [(each.state, each.new) for each in found]


CONDITION = Reply(
    1,
    f"> +{ALPHA[1]}\n\nPlease use GFP_ATOMIC here.\n\nWith that fixed, feel free to add\n\n"
    f"Reviewed-by: {BOB}\n",
)


def test_a_condition_that_was_met_makes_no_tag_stale() -> None:
    """The change that it asked for was held against it."""
    old, tags = posted(patch(), replies=(CONDITION,)), f"Reviewed-by: {BOB}\n"
    assert [each.state for each in whole(old, patch(ATOMIC, tags))] == [TagState.CARRIED]
    more = edit("mm: lock alpha", ATOMIC, OMEGA, text=f"Why.\n\n{tags}Signed-off-by: {ANN}\n")
    (tag,) = whole(old, more)
    assert (tag.state, "besides" in tag.text) == (TagState.STALE, True)


def test_a_condition_that_was_not_met() -> None:
    old, tags = posted(patch(), replies=(CONDITION,)), f"Reviewed-by: {BOB}\n"
    (tag,) = whole(old, patch(tags=tags))
    assert (tag.state, tag.new) == (TagState.CONDITION_NOT_MET, 1)
    assert "1 of 1 wishes not done" in tag.text


def test_a_condition_about_what_was_said_in_another_mail() -> None:
    wish = Reply(1, f"> +{ALPHA[1]}\n\nPlease use GFP_ATOMIC here.\n")
    late = Reply(1, f"Once that is addressed:\n\nAcked-by: {BOB}\n")
    old = posted(patch(), replies=(wish, late))
    (tag,) = whole(old, patch(tags=f"Acked-by: {BOB}\n"))
    assert tag.state is TagState.CONDITION_NOT_MET
    (tag,) = whole(old, patch(ATOMIC, f"Acked-by: {BOB}\n"))
    assert tag.state is TagState.CARRIED


def test_a_suggestion_is_named_with_the_mail_that_made_it() -> None:
    wish = Reply(1, f"> +{ALPHA[1]}\n\nPlease use GFP_ATOMIC here.\n", EVE)
    (tag,) = whole(posted(patch(), replies=(wish,)), patch(ATOMIC, f"Suggested-by: {EVE}\n"))
    assert (tag.state, tag.text) == (TagState.DERIVED, "of a wish in <v1.102@a.org>")
