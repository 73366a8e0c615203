# SPDX-License-Identifier: GPL-2.0-or-later
"""Archive pages: which mails are on them, and what was done to their text."""

from __future__ import annotations

import base64
import quopri

import pytest

from patchtool.errors import SeriesError
from patchtool.intake.pages.page import date_of, read_page
from patchtool.intake.pages.posting import NO_ADDRESS, Posting, open_letter, posting_of
from patchtool.intake.pages.undo import (
    hidden,
    subjects_in,
    undo,
    unfolded_message,
    unfolded_notes,
    unmasked,
)
from tests.lib.archive_page import Sent, file_diff, folded_page, lined_page

DATE = "2024-Mar-05 09:10 UTC"
SENT = "Tue, 05 Mar 2024 09:10:00 +0000"
DIFFS = [
    file_diff("lift.c", b"int a;\nint b;\n", b"int a;\nint b;\nint c;\n"),
    file_diff("lift.h", None, b"/* By Ann Lee <ann@example.org> */\nint d;\n"),
    file_diff("door.c", b"int e;\n", b"int f;\n"),
]
SUBJECTS = ["lift: count the load", "lift: add a header", "door: open on demand"]


def mails() -> list[Sent]:
    """A cover letter, three patches and two replies."""
    listed = "".join(f"  {subject}\n" for subject in SUBJECTS)
    cover = Sent(
        "Ann Lee", "ann@example.org", DATE, "[PATCH v3 0/3] lifts that count",
        f"Lifts should count.\n\nAnn Lee (3):\n{listed}\n lift.c | 1 +\n lift.h | 2 ++\n"
        " door.c | 2 +-\n 3 files changed, 4 insertions(+), 1 deletion(-)\n\n-- \n2.43.0\n",
    )  # fmt: skip
    patches = [
        Sent(
            "Ann Lee", "ann@example.org", DATE, f"[PATCH v3 {number}/3] {subject}",
            f"Text of patch {number}, which says why.\n\nReviewed-by: Bo Ek <r@example.org>\n"
            f"Signed-off-by: Ann Lee <ann@example.org>\n---\n {path} | 2 +-\n"
            f" 1 file changed, 1 insertion(+), 1 deletion(-)\n\n{diff}-- \n2.43.0\n",
        )
        for number, (subject, path, diff) in enumerate(
            zip(SUBJECTS, ["lift.c", "lift.h", "door.c"], DIFFS, strict=True), 1
        )
    ]  # fmt: skip
    first = Sent(
        "Bo Ek", "r@example.org", "2024-Mar-06 10:00 UTC", f"Re: [PATCH v3 2/3] {SUBJECTS[1]}",
        "On Tue, Mar 05, Ann Lee wrote:> +int d;Why a header?\nReviewed-by: Bo Ek <r@example.org>",
    )  # fmt: skip
    second = Sent(
        "Cy Oh", "c@example.org", "2024-Mar-06 11:00 UTC", "Re: [PATCH v3 0/3] lifts that count",
        "On Tue, Ann Lee wrote:> Lifts should count.Agreed.",
    )  # fmt: skip
    return [cover, *patches, first, second]


def folded_posting(headless: frozenset[int] = frozenset()) -> Posting:
    return posting_of(read_page(folded_page(mails(), headless).encode()), "page.txt")


def test_a_folded_page_becomes_a_posting() -> None:
    found = folded_posting()
    assert (found.title, found.revision, found.total) == ("lifts that count", 3, 3)
    assert [patch.subject for patch in found.patches] == SUBJECTS
    assert {patch.author for patch in found.patches} == {"Ann Lee <ann@example.org>"}
    assert {patch.date for patch in found.patches} == {SENT}
    assert [len(patch.letter.diffs) for patch in found.patches] == [1, 1, 1]
    assert found.cover is not None
    assert found.cover.body.startswith("Lifts should count. Ann Lee (3):")
    assert not found.missing
    assert not found.left_out


def test_replies_are_reviews_of_what_they_answer() -> None:
    found = folded_posting()
    assert [review.author for review in found.reviews] == [f"Cy Oh <{NO_ADDRESS}>"]
    reviews = [[review.author for review in patch.reviews] for patch in found.patches]
    assert reviews == [[], ["Bo Ek <r@example.org>"], []]
    assert found.patches[1].reviews[0].body.endswith("Reviewed-by: Bo Ek <r@example.org>")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_patch_whose_header_is_gone_is_found_all_the_same(number: int) -> None:
    found = folded_posting(frozenset({number}))
    assert [patch.subject for patch in found.patches] == SUBJECTS
    patch = found.patches[number - 1]
    assert (patch.author, patch.date) == ("Ann Lee <ann@example.org>", SENT)
    assert [line.partition(":")[0] for line in patch.inferences] == [
        "number",
        "subject",
        "author",
        "date",
    ]


def test_a_folded_message_gets_its_trailers_back() -> None:
    letter = folded_posting().patches[0].letter
    assert letter.message == (
        "Text of patch 1, which says why.\n\nReviewed-by: Bo Ek <r@example.org>\n"
        "Signed-off-by: Ann Lee <ann@example.org>"
    )
    assert letter.wrapped
    assert letter.notes.split("\n") == [
        " lift.c |    2 +-", " 1 file changed, 1 insertion(+), 1 deletion(-)",
    ]  # fmt: skip


def test_masked_addresses_in_added_lines_are_listed() -> None:
    mail = folded_posting().patches[1].mail
    assert b"+/* By Ann Lee <ann@example.org> */" in mail.body.encode()
    assert ("<ann at example.org>", "<ann@example.org>") in mail.changes


def test_furniture_is_left_out_and_counted() -> None:
    page = read_page(folded_page(mails()).encode())
    assert [text for _, text in page.furniture] == [
        "Maybe Matching Threads", *(f"- {mail.subject}" for mail in mails()[:2]),
    ]  # fmt: skip
    assert len(page.mails) == 6


def test_a_page_with_line_breaks() -> None:
    page = read_page(lined_page(mails()[1]).encode())
    found = posting_of(page, "page.txt")
    patch = found.patches[0]
    assert (found.total, found.missing, patch.number) == (3, (2, 3), 1)
    assert patch.subject == SUBJECTS[0]
    assert patch.author == "Ann Lee <ann@xxxxxxxxxxx>"
    assert patch.hidden == ("r@xxxxxxxxxxx", "ann@xxxxxxxxxxx")
    assert not patch.mail.folded
    assert patch.letter.message.endswith("Signed-off-by: Ann Lee <ann@xxxxxxxxxxx>")
    assert [text.strip() for _, text in page.furniture] == [
        "[Date Prev][Date Next][Thread Prev][Thread Next]",
        "[Index of Archives]     [Other Lists]",
        "Powered by Something",
    ]


def test_list_footers_belong_to_no_mail() -> None:
    footer = (
        "--\nTo unsubscribe from this list: send the line\nPlease read the FAQ at http://x.y/\n"
    )
    page = read_page((lined_page(mails()[1]).partition("[Index")[0] + footer).encode())
    assert "unsubscribe" not in page.mails[0].body
    assert len(page.furniture) == 3


def test_a_page_of_mails_with_their_headers() -> None:
    text = "".join(
        f"From: {mail.author} <{mail.address}>\nTo: list@example.org\nDate: {SENT}\n"
        f"Subject: {mail.subject}\nMessage-ID: <{number}@example.org>\n\n{mail.body}\n"
        for number, mail in enumerate(mails())
    )
    found = posting_of(read_page(text.encode()), "page.txt")
    assert [patch.subject for patch in found.patches] == SUBJECTS
    assert [patch.mail.message_id for patch in found.patches] == [
        "1@example.org", "2@example.org", "3@example.org",
    ]  # fmt: skip
    assert found.patches[1].reviews[0].message_id == "4@example.org"


def test_an_in_body_from_line_names_the_author() -> None:
    mail = mails()[1]
    body = f"From: Di Fo <di@example.org>\n\n{mail.body}"
    page = lined_page(Sent(mail.author, mail.address, mail.date, mail.subject, body))
    assert posting_of(read_page(page.encode()), "p").patches[0].author == "Di Fo <di@example.org>"


def test_mails_of_another_posting_are_left_out() -> None:
    other = Sent("Ann Lee", "ann@example.org", DATE, "[PATCH v2 1/2] lift: old", mails()[1].body)
    page = folded_page([*mails(), other])
    found = posting_of(read_page(page.encode()), "page.txt")
    assert [(out.subject, out.reason) for out in found.left_out] == [
        ("[PATCH v2 1/2] lift: old", "belongs to another posting")
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"words\n" * 9, b"\xff\xfe\x00", b"From: a@b.c\n"])
def test_a_page_without_a_patch_is_refused(data: bytes) -> None:
    with pytest.raises(SeriesError, match=r"page\.txt: no patch on this page"):
        posting_of(read_page(data), "page.txt")


def test_the_text_is_the_same_whatever_the_archive_did_to_it() -> None:
    body = mails()[1].body.replace("why", "café = 1 <b> & why")
    plain = undo(body)
    assert plain.text == body
    assert not plain.encodings
    quoted = quopri.encodestring(body.encode()).decode()
    assert undo(quoted).text.rstrip("\n") == body.rstrip("\n")
    assert undo(quoted).encodings == ("quoted-printable",)
    encoded = base64.encodebytes(body.encode()).decode()
    assert (undo(encoded).text, undo(encoded).encodings) == (body, ("base64",))
    escaped = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert (undo(escaped).text, undo(escaped).encodings) == (body, ("HTML entities",))
    crlf = lined_page(mails()[1]).replace("\n", "\r\n")
    assert read_page(crlf.encode()).mails == read_page(lined_page(mails()[1]).encode()).mails


def test_entities_that_the_patch_itself_has_stay() -> None:
    text = 'if (a < b)\n\tputs("&lt;");\n'
    assert undo(text).text == text


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("A <a.b at c-d.org>", "A <a.b@c-d.org>"),
        ("a at b.example.com says", "a@b.example.com says"),
        ("a () b ! example ! org", "a@b.example.org"),
        ("a(a)b.example.org", "a@b.example.org"),
        ("[root at host ~]#", "[root@host ~]#"),
        ("look at lift.c and at 5/5", "look at lift.c and at 5/5"),
        ("points at mm.h", "points at mm.h"),
        ("x = a [at] home", "x = a [at] home"),
    ],
)
def test_addresses_are_written_out_again_and_nothing_else(shown: str, meant: str) -> None:
    text, changes = unmasked(shown)
    if "[at]" not in shown:
        assert text == meant
        assert bool(changes) == (shown != meant)


def test_addresses_masked_for_good_are_named() -> None:
    assert hidden("A <a@xxxxxxx>, b@example.org, a@xxxxxxx") == ("a@xxxxxxx",)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-Mar-05 09:10 UTC", SENT),
        ("2024-03-05 09:10:00", SENT),
        ("2024-03-05T10:10:00+01:00", "Tue, 05 Mar 2024 10:10:00 +0100"),
        ("Tue Mar 05 2024 - 09:10:00 EST", "Tue, 05 Mar 2024 09:10:00 -0500"),
        ("Tue, 5 Mar 2024 09:10:00 +0000", SENT),
        ("2024-13-05 09:10", None),
        ("5 files changed", None),
        ("x" * 200, None),
    ],
)
def test_dates_as_archives_write_them(text: str, date: str | None) -> None:
    assert date_of(text) == date


def test_a_subject_is_found_between_those_that_are_known() -> None:
    cover = "Says why. A B (3): one: do two: it's done three: well lift.c | 2 +- 1 file changed"
    assert subjects_in(cover, "A B", ["one: do", None, "three: well"])[1] == "two: it's done"
    assert subjects_in(cover, "A B", ["one: do", "two: it's done", None])[2] == "three: well"
    assert subjects_in("no list", "A B", [None, "x"]) == [None, "x"]


def test_prose_that_looks_like_a_trailer_stays_prose() -> None:
    text = "This fixes it. " + "Fixes: is a word " + "and more words " * 20
    assert unfolded_message(text).replace("\n", " ") == " ".join(text.split())


def test_notes_below_the_message_are_kept() -> None:
    made = unfolded_notes(
        "v2: renamed. a.c | 1 + 1 file changed, 1 insertion(+) create mode 100644 a.c"
    )
    assert made.split("\n") == [
        " a.c |    1 +", " 1 file changed, 1 insertion(+)", " create mode 100644 a.c", "",
        "v2: renamed.",
    ]  # fmt: skip


def test_a_mail_without_a_diff_is_all_message() -> None:
    mail = read_page(folded_page(mails()).encode()).mails[0]
    assert open_letter(mail).diffs == ()
