# SPDX-License-Identifier: GPL-2.0-or-later
"""A pile of mails becomes the one series that was meant; nothing in it is lost in silence."""

from __future__ import annotations

import contextlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.errors import MailError
from patchtool.series.envelope import NO_DATE
from patchtool.series.mail import Mail, parse_mail
from patchtool.series.mbox import split_mbox
from patchtool.series.model import Series
from patchtool.series.posting.threads import Refused, assemble, every_series, from_mailbox

A, B = "Ann <ann@a.org>", "Bob <bob@b.org>"


def post(
    subject: str,
    ident: str = "",
    to: str = "",
    *,
    by: str = A,
    at: int = 0,
    text: str = "Why.\n",
    diff: str = "f.c",
) -> bytes:
    """A mail; *diff* names the file it changes, *to* the mail it answers, *at* its minute."""
    head = f"From: {by}\nDate: Mon, 3 Feb 2025 {10 + at // 60}:{at % 60:02}:00 +0000\n"
    head += f"Subject: {subject}\n"
    head += f"Message-ID: <{ident}>\n" if ident else ""
    head += f"In-Reply-To: <{to}>\n" if to else ""
    body = text
    if diff and "0/" not in subject and not subject.startswith("Re:"):
        body += f"---\n {diff} | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
        body += f"diff --git a/{diff} b/{diff}\n--- a/{diff}\n+++ b/{diff}\n@@ -1 +1 @@\n-a\n+b\n"
    return f"{head}\n{body}-- \n2.39.5\n\n".encode()


def box(*mails: bytes) -> bytes:
    return b"".join(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + mail for mail in mails)


def made(*mails: bytes, pick: str | None = None) -> Series:
    """The series, taken both ways: from mails that were parsed, and from a mailbox."""
    parsed = [parse_mail(text, "box", line) for text, line in split_mbox(box(*mails))]
    one = assemble("x", parsed, "box", pick=pick)
    assert one == from_mailbox("x", BytesIO(box(*mails)), "box", pick=pick)
    used = 1 + len(one.patches) + len(one.reviews) if one.cover is not None else len(one.patches)
    used += sum(len(patch.reviews) for patch in one.patches)
    used += len(one.reviews) if one.cover is None else 0
    assert used + len(one.left_out) == len(mails)
    return one


def refused(*mails: bytes, pick: str | None = None) -> str:
    with pytest.raises(MailError) as caught:
        made(*mails, pick=pick)
    with pytest.raises(MailError) as again:
        from_mailbox("x", BytesIO(box(*mails)), "box", pick=pick)
    assert str(caught.value) == str(again.value)
    return str(caught.value)


def thread(
    version: str = "v2", stem: str = "c", total: int = 3, at: int = 0, **more: str
) -> list[bytes]:
    """A posting as ``git send-email`` makes it."""
    cover = post(f"[PATCH {version} 0/{total}] all", f"{stem}.0", at=at, text="Cover.\n", **more)
    rest = [
        post(
            f"[PATCH {version} {n}/{total}] p{n}", f"{stem}.{n}", f"{stem}.0", at=at, diff=f"f{n}.c"
        )
        for n in range(1, total + 1)
    ]
    return [cover, *rest]


def test_a_thread_becomes_a_series() -> None:
    series = made(*reversed(thread()))
    assert (series.title, series.revision, series.message_id) == ("all", 2, "c.0")
    assert [patch.subject for patch in series.patches] == ["p1", "p2", "p3"]
    assert [patch.in_reply_to for patch in series.patches] == ["c.0"] * 3
    assert (series.author, series.date) == (A, "Mon, 3 Feb 2025 10:00:00 +0000")
    assert (series.left_out, series.irregular, series.reviews) == ((), (), ())


def test_replies_follow_the_patch_they_answer() -> None:
    series = made(
        *thread(),
        post("Re: [PATCH v2 1/3] p1", "r2", "r1", at=9, text="> ok?\n\nYes.\n"),
        post(
            "Re: [PATCH v2 1/3] p1",
            "r1",
            "c.1",
            by=B,
            at=5,
            text="ok?\n\nAcked-by: Bob <bob@b.org>\n",
        ),
        post("Re: [PATCH v2 1/3] p1", "r3", "c.1", by=B, at=7, text="And?\n"),
        post(
            "Re: [PATCH v2 0/3] all", "r4", "c.0", by=B, at=8, text="Tested-by: Bob <bob@b.org>\n"
        ),
        post("why not", "r5", "r4", at=10, diff="", text="A new subject.\n"),
        post("Re: [PATCH v2 3/3] p3", "r6", "not.here", by=B, at=11, text="By subject.\n"),
    )
    first = series.patches[0]
    assert [review.message_id for review in first.reviews] == ["r1", "r2", "r3"]
    assert first.reviews[1].body.startswith("> ok?\n\nYes.\n-- \n")
    assert [(t.name, t.value, t.given_in) for t in first.trailers] == [
        ("Acked-by", "Bob <bob@b.org>", "r1")
    ]
    assert [review.message_id for review in series.reviews] == ["r4", "r5"]
    assert [t.given_in for t in series.trailers] == ["r4"]
    assert [review.message_id for review in series.patches[2].reviews] == ["r6"]


def test_a_broken_thread_is_joined_by_number_revision_and_sender() -> None:
    cover, one, two, three = thread()
    stray = post("[PATCH v2 2/3] p2", "c.2", at=1)
    wrong = post("[PATCH v2 3/3] p3", "c.3", "elsewhere", at=1)
    series = made(wrong, cover, one, stray)
    assert [patch.message_id for patch in series.patches] == ["c.1", "c.2", "c.3"]
    assert len(series.irregular) == 2
    assert all("in no thread with the others" in line for line in series.irregular)
    assert made(cover, one, two, three).irregular == ()


def test_files_without_message_ids_are_one_series_whoever_wrote_them() -> None:
    series = made(post("[PATCH 2/2] b", by=B), post("[PATCH 1/2] a"))
    assert [patch.author for patch in series.patches] == [A, B]


def test_patches_without_numbers_keep_their_order() -> None:
    assert [p.subject for p in made(post("[PATCH] z"), post("[PATCH] a")).patches] == ["z", "a"]
    series = made(post("[PATCH] z", "1"), post("[PATCH] a", "2", "1", diff="g.c"))
    assert [patch.subject for patch in series.patches] == ["z", "a"]


def test_authors_differ_in_what_b4_am_writes() -> None:
    ids = [f"20250203-slug-v2-{n}-0123456789ab@host.org" for n in (1, 2)]
    series = made(post("[PATCH v2 1/2] a", ids[0]), post("[PATCH v2 2/2] b", ids[1], by=B))
    assert [patch.author for patch in series.patches] == [A, B]
    assert "Message-ID" in series.irregular[0]


@pytest.mark.parametrize("subject", ["[PATCH v2.1 2/3] p2", "[PATCH v3 2/3] p2", "[PATCH v3] p2"])
def test_a_partial_reroll_takes_the_place_of_its_patch(subject: str) -> None:
    series = made(
        *thread(),
        post(
            "Re: [PATCH v2 2/3] p2",
            "r1",
            "c.2",
            by=B,
            text="Fix it.\n\nAcked-by: Bob <bob@b.org>\n",
        ),
        post(subject, "n.2", "c.2", at=30, diff="new.c"),
        post(f"Re: {subject}", "r2", "n.2", by=B, at=31, text="Reviewed-by: Bob <bob@b.org>\n"),
    )
    assert series.revision == 2
    assert [patch.message_id for patch in series.patches] == ["c.1", "n.2", "c.3"]
    (left,) = series.left_out
    assert left.subject == "[PATCH v2 2/3] p2"
    assert "replaced by v" in left.reason
    assert "n.2" in left.reason
    assert "n.2" in series.irregular[0]
    again = series.patches[1]
    assert [review.message_id for review in again.reviews] == ["r1", "r2"]
    assert [t.name for t in again.trailers] == ["Reviewed-by"]


def test_rerolls_of_a_reroll() -> None:
    series = made(
        *thread("v5"),
        post("[PATCH v7 2/3] p2", "n7", "n6", at=40),
        post("[PATCH v6 2/3] p2", "n6", "c.2", at=30),
    )
    assert [patch.message_id for patch in series.patches] == ["c.1", "n7", "c.3"]
    assert sorted(left.reason[:14] for left in series.left_out) == [
        "replaced by v6",
        "replaced by v7",
    ]


def test_a_name_of_a_release_is_no_revision() -> None:
    series = made(post("[PATCH v6.12 1/2] a", "1"), post("[PATCH v6.12 2/2] b", "2", "1"))
    assert (series.revision, series.tags) == (1, ("v6.12",))


def test_what_was_sent_again_replaces_the_first() -> None:
    again = [mail.replace(b"[PATCH v2", b"[PATCH RESEND v2") for mail in thread("v2", "d", at=60)]
    series = made(*again, *thread())
    assert series.message_id == "d.0"
    assert series.tags == ("RESEND",)
    assert len(series.left_out) == 4
    assert all("sent again" in left.reason for left in series.left_out)
    one = made(*thread(), post("[PATCH RESEND v2 2/3] p2", "d.2", "c.0", at=60))
    assert [patch.message_id for patch in one.patches] == ["c.1", "d.2", "c.3"]
    assert "sent again" in one.left_out[0].reason


def test_replies_to_what_was_sent_again_are_kept_with_its_patch() -> None:
    first, again = post("[PATCH] p", "1"), post("[PATCH RESEND] p", "2", at=60)
    reply = post("Re: [PATCH] p", "r", "1", by=B, at=9, text="Acked-by: Bob <bob@b.org>\n")
    series = made(first, again, reply)
    assert [t.name for t in series.patches[0].trailers] == ["Acked-by"]
    assert series.reviews == ()
    two = [post("[PATCH 0/2] a", "1"), post("[PATCH 0/2] b", "2")]
    assert "mixes 2 series" in refused(*two)


def test_a_mail_that_came_through_two_lists_counts_once() -> None:
    mails = thread()
    series = made(*mails, mails[2])
    assert len(series.patches) == 3
    assert "same Message-ID as the mail at box:" in series.left_out[0].reason


def test_several_postings_must_be_told_apart() -> None:
    both = [*thread("v7", "a"), *thread("v8", "b", at=100)]
    text = refused(*both)
    assert "mixes revisions v7 and v8" in text
    assert "v7 'all', 3 of 3 patches, <a.0>: name it as box#v7" in text
    reply = post("Re: [PATCH v7 1/3] p1", "r", "a.1", by=B)
    for pick in ("v7", "V7", "a.0", "<a.2>", "mid:a.3", "r"):
        series = made(*both, reply, pick=pick)
        assert (series.revision, len(series.left_out)) == (7, 4)
        assert "another posting, v8 'all'" in series.left_out[0].reason
        assert len(series.patches[0].reviews) == 1
    assert made(*both, pick="v8").message_id == "b.0"
    assert "holds no v9" in refused(*both, pick="v9")
    assert "holds no mail <x@y>" in refused(*both, pick="x@y")
    talk = post("hello", "t", diff="")
    assert "belongs to no posting" in refused(*both, talk, pick="t")


def test_a_new_revision_in_the_thread_of_the_old_one() -> None:
    old = thread("v1", "a")
    new = [mail.replace(b"\n\n", b"\nReferences: <a.0>\n\n", 1) for mail in thread("v2", "b", at=9)]
    assert made(*old, *new, pick="v1").message_id == "a.0"
    assert made(*old, *new, pick="v2").message_id == "b.0"


def test_two_series_are_refused() -> None:
    text = refused(*thread(), *thread("v2", "d", by=B))
    assert "mixes 2 series, all v2" in text
    assert "name it as box#c.0" in text
    text = refused(*thread(), *thread("v2", "d", by=B), pick="v2")
    assert "mixes 2 series" in text
    text = refused(post("[PATCH 1/2] a", "1"), post("[PATCH 2/2] b", "2", by=B))
    assert "mixes 2 series" in text


def test_a_patch_in_someones_thread_is_no_part_of_it() -> None:
    aside = post("[PATCH] what about this", "s", "c.2", by=B)
    series = made(*thread(), aside)
    assert (len(series.patches), [each.message_id for each in series.patches[1].reviews]) == (
        3,
        ["s"],
    )
    alone = made(*thread(), aside, pick="s")
    assert [patch.subject for patch in alone.patches] == ["what about this"]
    assert made(*thread(), post("[PATCH v4] [PATCH] new", "s", "c.2", by=B)).revision == 2


def test_what_is_not_used_is_listed() -> None:
    series = made(
        *thread(),
        post("hello", "t", diff="", text="Talk.\n"),
        post("Re: something", "u", "not.here"),
    )
    assert [(left.subject, left.reason) for left in series.left_out] == [
        ("hello", "no patch, and no reply to one"),
        ("Re: something", "answers no patch or cover letter that is there"),
    ]
    assert series.left_out[0].where.startswith("box:")


def test_a_reply_that_cannot_be_read_does_not_end_it() -> None:
    bad = post("Re: [PATCH v2 1/3] p1", "r", "c.1").replace(b"From: ", b"X-From: ")
    series = from_mailbox("x", BytesIO(box(*thread(), bad)), "box")
    assert "cannot be read: box:" in series.left_out[0].reason


@pytest.mark.parametrize(
    ("mails", "words"),
    [
        ([thread()[0], thread()[1], thread()[3]], "patch 2/3 is missing"),
        ([thread()[0], thread()[3]], "patch 1/3, 2/3 are missing"),
        ([thread()[0]], "without patches"),
        ([*thread(), post("[PATCH v2 2/3] p2", "e", "c.0")], "2/3 is there twice"),
        ([*thread()[:3], post("[PATCH v2 3/3] p3", "c.3", "c.0", diff="")], "no diff in this mail"),
        ([post("hello", "t", diff=""), post("hi", "u", diff="")], "no patch in it"),
        ([post("hello", "t", diff="")], "no diff in this mail"),
        ([post("[PATCH 1/2] a"), post("[PATCH 1/2] b")], "1/2 is there twice"),
        ([post("[PATCH 1/2] a"), post("[PATCH 2/3] b")], "count to 2, some to 3"),
        ([post("[PATCH 1/1] a"), post("[PATCH 2/1] b")], "past the end"),
        ([post("[PATCH 1/2] a"), post("[PATCH] b")], "bears no number"),
        ([post("[PATCH 0/1] a"), post("[PATCH 0/1] b"), post("[PATCH 1/1] c")], "2 cover letters"),
        ([post("[PATCH v1 1/2] a"), post("[PATCH v2 2/2] b")], "revisions v1 and v2"),
    ],
)
def test_what_is_no_whole_series_is_refused(mails: list[bytes], words: str) -> None:
    assert words in refused(*mails)


def test_a_reply_with_scissors_is_a_patch_if_there_is_no_other() -> None:
    patch = post("x", "i", text="Below.\n").partition(b"\n\n")[2]
    inside = "Try this.\n\n-- >8 --\nSubject: [PATCH] mm: do it\n\n" + patch.decode()
    reply = post("Re: bug", "r", "q", text=inside)
    series = made(reply)
    assert (series.title, series.patches[0].message) == ("mm: do it", "Below.")
    whole = made(*thread(), reply.replace(b"Re: bug", b"Re: p1").replace(b"<q>", b"<c.1>"))
    assert len(whole.patches[0].reviews) == 1


def test_every_posting_of_a_mailbox_is_read_one_by_one() -> None:
    mails = [*thread("v7", "a"), *thread("v8", "b")[:2], *thread("v1", "d", by=B)]
    mails.append(post("Re: [PATCH v7 1/3] p1", "r", "a.1"))
    found = list(every_series("x", BytesIO(box(*mails)), "box"))
    first, second, third = found
    assert isinstance(first, Series)
    assert isinstance(third, Series)
    assert (first.revision, len(first.patches[0].reviews), third.revision) == (7, 1, 1)
    assert isinstance(second, Refused)
    assert (second.revision, second.title, second.message_id) == ("v8", "all", "b.0")
    assert "missing" in str(second.error)


def test_threads_that_run_in_a_ring_end() -> None:
    ring = [post("Re: [PATCH v2 1/3] p1", "r1", "r2"), post("Re: [PATCH v2 1/3] p1", "r2", "r1")]
    assert len(made(*thread(), *ring).patches[0].reviews) == 2


def test_the_order_of_a_manifest_is_checked() -> None:
    mails = [parse_mail(mail, "m") for mail in thread()]
    series = assemble("x", mails, "m", cover_given=True)
    assert (series.title, len(series.patches)) == ("all", 3)
    with pytest.raises(MailError, match="another order"):
        assemble("x", [mails[0], mails[2], mails[1], mails[3]], "m", cover_given=True)
    with pytest.raises(MailError, match="no patch"):
        assemble("x", mails[:1], "m", cover_given=True)


def test_tags_addresses_and_dependencies_are_taken() -> None:
    cover = post("[PATCH RFC net-next v2 0/1] all", "c.0", text="Based-on: <base@x.org>\n")
    cover = cover.replace(b"\n\n", b"\nTo: L <l@x.org>,\n\tM <M@x.org>\nCc: n@x.org\n\n", 1)
    patch = post("[PATCH RFC net-next mm v2 1/1] p", "c.1", "c.0", text="Why.\n\nLink: x\n")
    series = made(cover, patch)
    assert series.tags == ("RFC", "net-next")
    assert series.patches[0].tags == ("RFC", "net-next", "mm")
    assert series.recipients == ("l@x.org", "m@x.org", "n@x.org")
    assert [(d.kind, d.value, d.patch) for d in series.dependencies] == [
        ("based-on", "base@x.org", 0)
    ]
    assert series.patches[0].diffstat is not None


def test_digest_and_raw_do_not_depend_on_the_replies() -> None:
    reply = post("Re: [PATCH v2 1/3] p1", "r", "c.1", text="Acked-by: Bob <bob@b.org>\n")
    assert made(*thread()).digest == made(*thread(), reply).digest


def test_mails_can_be_given_one_by_one() -> None:
    mails: list[Mail] = [parse_mail(mail, f"{at}.eml") for at, mail in enumerate(thread())]
    assert assemble("x", mails, "folder").patches[0].where == "1.eml"


def test_patches_of_several_authors_in_one_thread() -> None:
    """They were taken for two series when they came in another order than they were sent."""
    mails = [
        post("[PATCH 3/3] c", "3", "2", by=B),
        post("[PATCH 2/3] b", "2", "1", by="C <c@c.org>"),
        post("[PATCH 1/3] a", "1"),
    ]
    assert [patch.subject for patch in made(*mails).patches] == ["a", "b", "c"]
    apart = [post("[PATCH 1/2] a", "1", "gone"), post("[PATCH 2/2] b", "2", "gone", by=B)]
    assert [patch.subject for patch in made(*apart).patches] == ["a", "b"]


def test_patches_without_numbers_are_noted() -> None:
    series = made(post("[PATCH] z"), post("[PATCH] a"))
    assert "bear no numbers" in series.irregular[0]
    assert made(post("[PATCH] z")).irregular == ()


def test_a_cover_letter_without_a_number() -> None:
    patches = [post(f"[PATCH {n}/2] p{n}", str(n), "c") for n in (1, 2)]
    series = made(post("what this is about", "c", diff="", text="Why.\n"), *patches)
    assert (series.title, series.cover) == ("what this is about", "Why.")
    assert "bears no number" in series.irregular[0]
    series = made(post("a bug", "c", diff="", text="Help.\n", by=B), *patches)
    assert series.cover is None
    assert [left.reason for left in series.left_out] == ["what the series was sent in reply to"]


_PREFIXES = ["", "Re: ", "[PATCH] ", "[PATCH 0/2] ", "[PATCH 1/2] ", "[PATCH 2/2] ", "[PATCH 1/3] "]
_PREFIXES += ["[PATCH v2 0/2] ", "[PATCH v2 1/2] ", "[PATCH v2.1 1/2] ", "[PATCH RESEND 1/2] "]
_PREFIXES += [
    "Re: [PATCH 1/2] ",
    "Re: [PATCH v2 0/2] ",
    "[PATCH v3 2/2] ",
    "[PATCH RESEND v2 2/2] ",
]
_MAILS = st.builds(
    lambda prefix, title, ident, to, by, at: post(prefix + title, ident, to, by=by, at=at),
    st.sampled_from(_PREFIXES),
    st.sampled_from(["x", "y"]),
    st.sampled_from(["", *(f"{n}@h" for n in range(9))]),
    st.sampled_from(["", *(f"{n}@h" for n in range(9))]),
    st.sampled_from([A, A, B]),
    st.integers(0, 3),
)


@pytest.mark.no_cover
@given(st.lists(_MAILS, min_size=1, max_size=9), st.sampled_from([None, "v1", "v2", "3@h"]))
@settings(max_examples=150)
def test_whatever_is_piled_up_every_mail_is_accounted_for(
    mails: list[bytes], pick: str | None
) -> None:
    with contextlib.suppress(MailError):
        made(*mails, pick=pick)
    for found in every_series("x", BytesIO(box(*mails)), "box"):
        assert isinstance(found, Series | Refused)


def test_patches_without_the_revision_of_their_cover() -> None:
    cover, *patches = thread("v5")
    series = made(cover, *(mail.replace(b"PATCH v5", b"PATCH") for mail in patches))
    assert (series.revision, len(series.patches)) == (5, 3)
    assert "2/3 'p2' bears no v5; placed by its number, sender and thread" in series.irregular


def test_a_cover_without_the_revision_of_its_patches() -> None:
    cover, *patches = thread("v5")
    series = made(cover.replace(b"PATCH v5", b"PATCH"), *patches)
    assert (series.revision, series.cover) == (5, "Cover.")


def test_one_patch_without_its_revision() -> None:
    mails = thread("v3")
    mails[2] = mails[2].replace(b"PATCH v3", b"PATCH")
    series = made(*mails, post("Re: [PATCH 2/3] p2", "r", "c.2", by=B, text=f"Acked-by: {B}\n"))
    assert [patch.subject for patch in series.patches] == ["p1", "p2", "p3"]
    assert [each.name for each in series.patches[1].trailers] == ["Acked-by"]


@pytest.mark.parametrize(("place", "wrong"), [(0, "v2"), (1, "v4"), (2, "v2"), (3, "v4")])
def test_one_mail_with_a_wrong_revision(place: int, wrong: str) -> None:
    """A slip in one subject made a series of which all mails are there two broken ones."""
    mails = thread("v3")
    mails[place] = mails[place].replace(b"PATCH v3", f"PATCH {wrong}".encode())
    series = made(*mails)
    assert (series.revision, [patch.subject for patch in series.patches]) == (3, ["p1", "p2", "p3"])
    assert series.cover == "Cover."
    assert [each for each in series.irregular if f"bears {wrong}, not v3" in each]


def test_a_wrong_revision_is_told_from_another_posting() -> None:
    """It is none where another posting lacks the mail, or where it was sent apart."""
    mails = thread("v3")
    wrong = mails[2].replace(b"PATCH v3", b"PATCH v2")
    alone = [mails[0], mails[1], mails[3]]
    lacking = thread("v2", "b", at=4)
    del lacking[2]
    assert "mixes revisions" in refused(*lacking, *alone, wrong)
    assert "mixes revisions" in refused(*alone, wrong.replace(b" 10:00:00", b" 12:00:00"))
    assert "mixes revisions" in refused(*alone, wrong.replace(b"ann@a.org", b"bob@b.org"))
    lost = post("[PATCH v4 0/3] all", "d.0", "c.1", text="Cover.\n")  # it has lost its patches
    assert "mixes revisions" in refused(*mails[1:], lost)


def test_a_wrong_revision_in_the_thread_of_that_revision() -> None:
    """The v2 whose thread it was sent in has a patch of that number and title already."""
    wrong = thread("v3", at=90)
    wrong[0] = wrong[0].replace(b"Message-ID: <c.0>", b"Message-ID: <c.0>\nIn-Reply-To: <b.0>")
    wrong[2] = wrong[2].replace(b"PATCH v3", b"PATCH v2")
    mails = [*thread("v2", "b"), *wrong]
    for pick, stem in (("v2", "b"), ("v3", "c")):
        ids = [patch.message_id for patch in made(*mails, pick=pick).patches]
        assert ids == [f"{stem}.{number}" for number in (1, 2, 3)]


def test_postings_whose_covers_alone_state_the_revision() -> None:
    """Their patches have the same titles and numbers, and were taken for one posting."""
    mails = thread("", "a", total=2)
    for version, at in (("v2", 60), ("v3", 120)):
        cover, *patches = thread(version, version, total=2, at=at)
        mails.append(cover.replace(b"Message-ID", b"In-Reply-To: <a.0>\nMessage-ID"))
        mails += [mail.replace(f"PATCH {version}".encode(), b"PATCH") for mail in patches]
    for revision, stem in enumerate(("a", "v2", "v3"), 1):
        series = made(*mails, pick=f"v{revision}")
        assert series.revision == revision
        assert [patch.message_id for patch in series.patches] == [f"{stem}.1", f"{stem}.2"]


def test_an_early_revision_is_not_taken_for_the_late_one() -> None:
    """A v2 cover that answers the first posting has lost its patches; they are not those of v1."""
    late = post("[PATCH v2 0/2] all", "d.0", "a.1", text="Cover.\n")
    early = [post(f"[PATCH {n}/2] p{n}", f"a.{n}", "a.1" * (n > 1)) for n in (1, 2)]
    assert "mixes revisions" in refused(*early, late)


def test_a_patch_past_the_end_is_one_of_its_own() -> None:
    mails = [*thread(), post("[PATCH v2 4/3] more", "more@x", "c.0", diff="more.c")]
    series = made(*mails)
    assert [patch.number for patch in series.patches] == [1, 2, 3]
    assert [each.message_id for each in series.reviews] == ["more@x"]
    assert [patch.subject for patch in made(*mails, pick="more@x").patches] == ["more"]


def test_a_cover_that_was_sent_twice() -> None:
    again = post("[PATCH v2 0/3] all", "d.0", "c.0", at=9, text="Cover, again.\n")
    cover, *patches = thread()
    for kept, mails in (
        ("Cover.", patches),
        ("Cover, again.", [mail.replace(b"To: <c.0>", b"To: <d.0>") for mail in patches]),
    ):
        series = made(cover, again, *mails)
        assert series.cover == kept
        assert len(series.left_out) == 1
        assert "sent twice" in series.left_out[0].reason
        assert "sent twice" in series.irregular[0]


def test_the_same_title_sent_anew_is_another_revision() -> None:
    first = post("[PATCH] mm: x", "a@x")
    second = post("[PATCH] mm: x", "b@x", "a@x", at=60, text="Why, better.\n")
    assert "mixes 2 series" in refused(first, second)
    series = made(first, second, pick="b@x")
    assert [patch.message for patch in series.patches] == ["Why, better."]


def test_a_patch_of_somebody_else_replaces_none() -> None:
    """Another developer's variant of patch 2 was taken in its place without a word."""
    other = post("[PATCH v3] p2", "o@x", "c.2", by=B, at=30, diff="f2.c")
    assert [patch.message_id for patch in made(*thread(), other, pick="v2").patches] == [
        "c.1",
        "c.2",
        "c.3",
    ]
    assert made(*thread(), other, pick="o@x").patches[0].author == B
    assert "mixes revisions v2 and v3" in refused(*thread(), other)
    own = made(*thread(), other.replace(b"bob@b.org", b"ann@a.org"))
    assert [patch.message_id for patch in own.patches] == ["c.1", "o@x", "c.3"]


@pytest.mark.parametrize(
    ("subject", "by", "taken"),
    [
        ("[PATCH 2/3] p2", B, True),
        ("[PATCH] p2", A, True),
        ("[PATCH] p2", B, False),
        ("[PATCH 2/3] another", B, None),
    ],
)
def test_a_single_patch_sent_anew_without_its_revision(
    subject: str, by: str, taken: bool | None
) -> None:
    """The title is that of the patch it answers; the whole series was refused as ambiguous."""
    mails = [*thread(""), post(subject, "o@x", "c.2", by=by, at=300, diff="f2.c", text="Anew.\n")]
    if taken is None:
        assert "mixes 2 series" in refused(*mails)
        return
    series = made(*mails)
    assert [patch.message_id == "o@x" for patch in series.patches] == [False, taken, False]
    if taken:
        assert "replaced by a new version of patch 2/3, <o@x>" in series.left_out[0].reason
    else:
        assert [each.message_id for each in series.patches[1].reviews] == ["o@x"]
    assert bool(series.irregular) == taken


CHAIN = ("index 1111111..2222222 100644\n", "index 2222222..3333333 100644\n")


@pytest.mark.parametrize(
    ("index", "hunk", "together"),
    [
        (CHAIN, "@@ -1 +1 @@\n-a\n+b\n", True),
        (CHAIN[:1] * 2, "@@ -1 +1 @@\n-a\n+c\n", False),
        (("", ""), "@@ -1 +1 @@\n-a\n+c\n", False),
        (("", ""), "@@ -1,2 +1,3 @@\n a\n+c\n d\n", False),
        (("", ""), "@@ -1 +1 @@\n-b\n+c\n", True),
        (CHAIN[:1] * 2, "@@ -9 +9 @@\n-a\n+b\n", True),
    ],
)
def test_patches_without_numbers_that_do_not_apply_together_are_no_series(
    index: tuple[str, str], hunk: str, together: bool
) -> None:
    """Of two ways to mend one line, sent within minutes, the second was made patch 2."""
    way = post("[PATCH] another way", "2@x", "1@x", at=4).replace(
        b"@@ -1 +1 @@\n-a\n+b\n", hunk.encode()
    )
    mails = [
        mail.replace(b"--- a/", blobs.encode() + b"--- a/")
        for mail, blobs in zip((post("[PATCH] a", "1@x"), way), index, strict=True)
    ]
    series = made(*mails)
    assert len(series.patches) == 1 + together
    if not together:
        assert [each.message_id for each in series.patches[0].reviews] == ["2@x"]
        assert made(*mails, pick="2@x").patches[0].subject == "another way"


def test_patches_without_numbers_were_sent_together() -> None:
    """An author's second fix, hours after the first and in reply to it, made them one series."""
    first, second = post("[PATCH] a", "1@x"), post("[PATCH] b", "2@x", "1@x", at=4, diff="g.c")
    assert len(made(first, second).patches) == 2
    late = post("[PATCH] b", "2@x", "1@x", at=300, diff="g.c")
    series = made(first, late)
    assert [patch.subject for patch in series.patches] == ["a"]
    assert [each.message_id for each in series.patches[0].reviews] == ["2@x"]
    assert [patch.subject for patch in made(first, late, pick="2@x").patches] == ["b"]


def test_what_is_said_to_a_patch_in_a_thread_is_kept_with_it() -> None:
    """It answered another posting, and was left out."""
    tag = "Fine.\n\nAcked-by: Bob <bob@b.org>\n"
    mails = [
        *thread(),
        post("Re: [PATCH v2 2/3] p2", "r", "c.2", by=B, diff="", text="Why?\n"),
        post("[PATCH] fix for p2", "s", "r"),
        post("Re: [PATCH] fix for p2", "t", "s", by=B, diff="", text=tag),
        post("[PATCH] fix for the fix", "u", "t"),
    ]
    series = made(*mails)
    assert [each.message_id for each in series.patches[1].reviews] == ["r", "s", "t", "u"]
    assert (series.patches[1].trailers, series.left_out) == (series.patches[0].trailers, ())
    assert made(*mails, pick="s").patches[0].reviews[0].message_id == "t"


@pytest.mark.parametrize("line", [b"Subject:\n", b"Subject: \n\t\n", b""])
def test_a_cover_without_a_subject(line: bytes) -> None:
    """A series whose cover letter lost its subject was refused, though nothing was missing."""
    cover, *patches = thread()
    series = made(cover.replace(b"Subject: [PATCH v2 0/3] all\n", line), *patches)
    assert (series.cover, series.title, series.revision) == ("Cover.", "p1", 2)
    assert series.irregular == ("the cover letter has no subject",)


def test_a_cover_or_patch_without_a_date() -> None:
    """A mail without a Date was refused; when it was received says as much."""
    cover, *patches = thread()
    dated = b"Date: Mon, 3 Feb 2025 10:00:00 +0000\n"
    series = made(cover.replace(dated, b""), patches[0].replace(dated, b""), *patches[1:])
    assert (series.cover, series.date) == ("Cover.", NO_DATE)
    assert [patch.date for patch in series.patches[:2]] == [NO_DATE, series.patches[2].date]
    assert series.irregular == ("0/3 'all' has no date", "1/3 'p1' has no date")
    got = b"Received: from a by b with SMTP;\n\tMon, 3 Feb 2025 10:00:09 +0000\n"
    series = made(cover, patches[0].replace(dated, got), *patches[1:])
    assert (series.patches[0].date, series.irregular) == ("Mon, 3 Feb 2025 10:00:09 +0000", ())


def test_a_cover_from_another_address_or_over_a_chain() -> None:
    home = "Ann <ann@home.org>"
    patches = [post(f"[PATCH {n}/2] p{n}", f"{n}@x", "c@x", diff=f"f{n}.c") for n in (1, 2)]
    cover = post("[PATCH] what this is about", "c@x", diff="", by=home)
    assert made(cover, *patches).title == "what this is about"
    chained = [patches[0], patches[1].replace(b"To: <c@x>", b"To: <1@x>")]
    series = made(post("what this is about", "c@x", diff=""), *chained)
    assert (series.cover, len(series.patches)) == ("Why.", 2)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_cover_that_counts_otherwise_than_its_patches(count: int) -> None:
    """Nothing is missing where the patches agree, but it was refused."""
    series = made(post(f"[PATCH v2 0/{count}] all", "c.0", text="Cover.\n"), *thread()[1:])
    assert (series.cover, len(series.patches)) == ("Cover.", 3)
    assert series.irregular == (f"the cover letter counts {count} patches, and there are 3",)
    late = thread("v5")[2].replace(b"PATCH v5", b"PATCH")
    series = made(post(f"[PATCH v5 0/{count}] all", "c.0"), *thread("v5")[1::2], late)
    assert [patch.subject for patch in series.patches] == ["p1", "p2", "p3"]


@pytest.mark.parametrize("number", [1, 3])
def test_a_cover_that_bears_the_number_of_a_patch(number: int) -> None:
    cover = post(f"[PATCH v2 {number}/3] all", "c.0", text="Cover.\n", diff="")
    series = made(cover, *thread()[1:])
    assert (series.cover, series.title) == ("Cover.", "all")
    assert series.irregular == (f"the cover letter bears a patch's number, {number}/3",)
    assert [patch.subject for patch in series.patches] == ["p1", "p2", "p3"]


@pytest.mark.parametrize("version", ["", "v2 "])
def test_a_cover_counts_patches_that_bear_no_number(version: str) -> None:
    cover = post(f"[PATCH {version}0/1] all", "c@x", text="Cover.\n")
    series = made(cover, post("[PATCH] a", "a@x", "c@x"))
    assert (series.cover, len(series.patches)) == ("Cover.", 1)
    assert series.revision == (2 if version else 1)
    assert series.irregular == ("'a' bears no number; taken for 1/1",)
    assert "without patches" in refused(
        post("[PATCH 0/3] all", "c@x"), post("[PATCH] a", "a@x", "c@x"), pick="c@x"
    )


def test_a_whole_posting_goes_before_mails_that_were_sent_early() -> None:
    """A run of git send-email that broke off left mails, and the whole posting was refused."""
    early = thread(stem="e")[:2]
    late = thread(at=30)
    series = made(*early, *late)
    assert [patch.message_id for patch in series.patches] == ["c.1", "c.2", "c.3"]
    assert {left.reason for left in series.left_out} == {"sent again, whole, as <c.0>"}
    assert "mixes 2 series" in refused(*late, *thread(stem="e", at=60)[:2])
    other = early[1].replace(b"p1", b"another")
    assert "mixes 2 series" in refused(other, *late)


def test_a_patch_that_was_sent_twice() -> None:
    """The same mail with another Message-ID was refused; two versions of it are for the user."""
    again = post("[PATCH v2 2/3] p2", "again@x", "c.0", at=5, diff="f2.c")
    series = made(*thread(), again)
    assert [patch.message_id for patch in series.patches] == ["c.1", "c.2", "c.3"]
    assert [left.reason for left in series.left_out] == ["the same as <c.2>"]
    better = again.replace(b"+b\n", b"+c\n")
    assert "twice, as <c.2> and <again@x>; name one" in refused(*thread(), better)
    series = made(*thread(), better, pick="again@x")
    assert [patch.message_id for patch in series.patches] == ["c.1", "again@x", "c.3"]
    assert made(*thread(), better, pick="c.2").patches[1].message_id == "c.2"


def test_a_reply_without_re_is_one() -> None:
    """An author who answered with git send-email was taken to have sent patch 2 twice."""
    review = post("Re: [PATCH v2 2/3] p2", "r@x", "c.2", by=B, at=10)
    answer = post(
        "[PATCH v2 2/3] p2", "s@x", "r@x", at=20, text=f"Done.\n\nAcked-by: {A}\n", diff=""
    )
    series = made(*thread(), review, answer)
    assert [len(patch.reviews) for patch in series.patches] == [0, 2, 0]
    series = made(*thread(), answer.replace(b"<r@x>", b"<c.2>"))
    assert [len(patch.reviews) for patch in series.patches] == [0, 1, 0]
    cover = post("[PATCH v2 0/3] all", "d@x", "e@x", at=20, text="Thanks.\n")
    series = made(*thread(), post("Re: [PATCH v2 0/3] all", "e@x", "c.0", by=B, at=9), cover)
    assert (series.cover, len(series.reviews)) == ("Cover.", 2)


def test_a_tester_who_took_the_cover_letters_subject_is_a_reply() -> None:
    """It was taken for a posting of somebody else's without patches, and its tag was lost."""
    tested = post("[PATCH v2 0/3] all", "t@x", "c.0", by=B, at=9, text=f"Fine.\n\nTested-by: {B}\n")
    series = made(*thread(), tested)
    assert [tag.name for tag in series.trailers] == ["Tested-by"]
    assert [review.message_id for review in series.reviews] == ["t@x"]
