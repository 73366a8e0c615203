# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails are read as git reads them; what can't be read is refused with file and line."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.errors import MailError
from patchtool.series.envelope import parse_subject
from patchtool.series.mail import Mail, parse_mail
from patchtool.series.mbox import split_mbox

DIFF = b"""\
diff --git a/mm/x.c b/mm/x.c
index 1234567..89abcde 100644
--- a/mm/x.c
+++ b/mm/x.c
@@ -1 +1 @@
-a
+b
--_
2.39.5

""".replace(b"--_", b"-- ")
MAIL = (
    b"""\
From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: Rafael Aquini <aquini@redhat.com>
Date: Tue, 21 Aug 2012 09:47:44 -0300
Subject: [PATCH RFC v8 2/5] mm: introduce a common
 interface
Message-Id: <abc.1@example.org>

Memory fragmentation.

Signed-off-by: Rafael Aquini <aquini@redhat.com>
---
v8: changed

 mm/x.c | 2 +-

"""
    + DIFF
)


def read(data: bytes) -> Mail:
    return parse_mail(data, "0001-x.patch")


def refused(data: bytes, *words: str) -> None:
    with pytest.raises(MailError) as caught:
        parse_mail(data, "0001-x.patch").patch(1)
    for word in ("0001-x.patch", *words):
        assert word in str(caught.value)


def test_a_mail_of_format_patch_is_read() -> None:
    mail = read(MAIL)
    assert mail.subject == "mm: introduce a common interface"
    assert (mail.prefix.revision, mail.prefix.number, mail.prefix.total) == (8, 2, 5)
    assert mail.author == "Rafael Aquini <aquini@redhat.com>"
    assert mail.date == "Tue, 21 Aug 2012 09:47:44 -0300"
    assert mail.message.startswith("Memory fragmentation.")
    assert mail.message.endswith("Signed-off-by: Rafael Aquini <aquini@redhat.com>")
    assert mail.message_id == "abc.1@example.org"
    assert mail.patch(2).paths == ("mm/x.c",)


@pytest.mark.parametrize(
    ("subject", "revision", "number", "total", "title"),
    [
        ("[PATCH RFC v3 2/5] mm: x", 3, 2, 5, "mm: x"),
        ("[RFC PATCH v3 02/10] mm: x", 3, 2, 10, "mm: x"),
        ("[PATCH] mm: x", 1, None, None, "mm: x"),
        ("[PATCHv12 1/1] mm: x", 12, 1, 1, "mm: x"),
        ("[v2 PATCH 1/2] mm: x", 2, 1, 2, "mm: x"),
        ("[PATCH V2 1/2] [media] mm: x [y]", 2, 1, 2, "mm: x [y]"),
        ("[PATCH 6.1.y 1/2] mm: x", 1, 1, 2, "mm: x"),
        ("[PATCH v6.12] mm: x", 1, None, None, "mm: x"),
        ("[PATCH net-next v2 0/2 RESEND] x", 2, 0, 2, "x"),
        ("Re: [PATCH v2 1/2] mm: x", 2, 1, 2, "mm: x"),
    ],
)
def test_subject_prefixes(
    subject: str, revision: int, number: int | None, total: int | None, title: str
) -> None:
    prefix, rest = parse_subject(subject)
    assert (prefix.revision, prefix.number, prefix.total, rest) == (revision, number, total, title)
    assert prefix.reply == subject.startswith("Re:")


def test_the_in_body_author_wins() -> None:
    mail = read(
        MAIL.replace(
            b"Memory frag",
            b"From: =?UTF-8?q?J=C3=B6rg?= Doe <j@d.org>\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n"
            b"\nMemory frag",
        )
    )
    assert mail.author == "Jörg Doe <j@d.org>"
    assert mail.date == "Mon, 3 Feb 2025 10:00:00 +0100"
    assert mail.message.startswith("Memory fragmentation.")


@pytest.mark.parametrize(
    ("header", "author"),
    [
        (b'"Doe, John" <j@d.org>', "Doe, John <j@d.org>"),
        (b'"John \\"J\\" Doe" <j@d.org>', 'John "J" Doe <j@d.org>'),
        (b"x@y.org via list <j@d.org>", "j@d.org <j@d.org>"),
        (b"j@d.org (John Doe)", "John Doe <j@d.org>"),
        (b"<j@d.org>", "j@d.org <j@d.org>"),
        (b"=?iso-8859-1?Q?J=F6rg_?=\n =?utf-8?B?RMO2?= <j@d.org>", "Jörg Dö <j@d.org>"),
        ("Jörg <j@d.org>".encode(), "Jörg <j@d.org>"),
        ("Jörg <j@d.org>".encode("latin-1"), "Jörg <j@d.org>"),
        (b"=?nonsense?Q?J=F6rg?= <j@d.org>", "Jörg <j@d.org>"),
    ],
)
def test_author_headers(header: bytes, author: str) -> None:
    mail = read(MAIL.replace(b"Rafael Aquini <aquini@redhat.com>\nDate", header + b"\nDate"))
    assert mail.author == author


def encoded(how: str, body: bytes, kind: str = "text/plain; charset=utf-8") -> bytes:
    head, _, _ = MAIL.partition(b"\n\n")
    return f"\nContent-Type: {kind}\nContent-Transfer-Encoding: {how}\n\n".encode().join(
        [head, body]
    )


def test_transfer_encodings_give_the_same_mail() -> None:
    _, _, body = MAIL.partition(b"\n\n")
    plain = read(MAIL)
    for data in (
        encoded("quoted-printable", quopri.encodestring(body)),
        encoded("base64", base64.encodebytes(body)),
        encoded("base64", base64.encodebytes(body.replace(b"\n", b"\r\n"))),
        MAIL.replace(b"\n", b"\r\n"),
        MAIL.replace(b"Message-Id", b"X-Spam: no\nMessage-ID"),
        encoded("8bit", body, "text/plain; charset=y"),
    ):
        assert read(data).raw == plain.raw


def test_parts_of_a_multipart_mail_are_joined() -> None:
    _, _, body = MAIL.partition(b"\n\n")
    text, mark, diff = body.partition(b"diff --git")
    parts = (
        b"--b1\nContent-Type: text/plain\n\n" + text + b"\n--b1\nContent-Type: text/x-patch\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(mark + diff) + b"\n--b1\n"
        b"Content-Type: image/png\n\nzzz\n--b1--\n"
    )
    mail = read(encoded("8bit", parts, 'multipart/mixed; boundary="b1"'))
    assert mail.files == read(MAIL).files
    assert mail.message == read(MAIL).message


def test_mixed_line_ends_are_kept() -> None:
    mail = read(MAIL.replace(b"-a\n+b\n", b"-a\r\n+b\r\n"))
    assert mail.files[0].hunks[0].added == (b"b\r",)


def test_the_plain_form_is_read_back_the_same() -> None:
    mail = read(MAIL)
    again = read(mail.raw)
    assert again.raw == mail.raw
    assert (again.author, again.message, again.files) == (mail.author, mail.message, mail.files)


def test_a_message_that_starts_like_a_header_survives() -> None:
    mail = read(
        MAIL.replace(b"Memory frag", b"From: a@b.c\n\nDate: is no header here\n\nMemory frag")
    )
    assert mail.message.startswith("Date: is no header here")
    assert read(mail.raw).message == mail.message
    assert read(mail.raw).date.startswith("Tue, 21 Aug 2012")


def test_mailboxes_are_split() -> None:
    two = MAIL + MAIL.replace(b"2/5", b"3/5")
    parts = split_mbox(two)
    assert len(parts) == 2
    assert [parse_mail(text, "m", at).prefix.number for text, at in parts] == [2, 3]
    assert two.split(b"\n")[parts[1][1] - 1].startswith(b"From: ")
    lore = MAIL.replace(b"From 0123456789012345678901234567890123456789", b"From mboxrd@z", 1)
    lore = lore.replace(b"Memory", b">From the start: Memory")
    (only,) = split_mbox(lore)
    assert parse_mail(*only[:1], "m").message.startswith("From the start")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["empty"]),
        (b" \n\n", ["empty"]),
        (b"\x7fELF\0\0", [":1:", "binary"]),
        (MAIL.replace(b"-a\n", b"-a\n\0"), ["binary"]),
        (DIFF, [":1:", "mail header"]),
        (b"hello\n", [":1:", "From:"]),
        (MAIL[: MAIL.index(b"-a\n")], [":21:", "mm/x.c", "the patch ends"]),
        (MAIL[: MAIL.index(b"diff --git")], ["no diff"]),
        (MAIL.replace(b"From: Rafael", b"X-From: Rafael"), ["no From:"]),
        (MAIL.replace(b"21 Aug 2012", b"99 Xyz"), ["expected a date"]),
        (MAIL.replace(b"aquini@redhat.com>\nDate", b"nobody>\nDate"), ["Name <address>"]),
        (MAIL.replace(b" mm: introduce a common\n interface", b""), ["no subject"]),
        (encoded("base64", b"A"), ["base64"]),
        (encoded("uuencode", b"x"), ["uuencode"]),
        (encoded("8bit", b"x", "multipart/mixed"), ["boundary"]),
    ],
)
def test_what_is_no_patch_mail_is_refused(data: bytes, words: list[str]) -> None:
    refused(data, *words)


_PIECES = [
    line
    for text in (MAIL, encoded("base64", base64.encodebytes(DIFF)))
    for line in text.split(b"\n")
]
_PIECES += [
    b"Content-Type: multipart/mixed; boundary=b1",
    b"--b1",
    b"--b1--",
    b"",
    b"From: =?utf-7?B?+AAA?= <a@b>",
    b"Subject: =?unicode_escape?Q?=5Cud800?= x",
    b"Date: Thu, 99 Feb 99999 25:61:61 +9999",
    b"Date: Thu, 1 Jan 1970 00:00:00 -2359",
]


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(_PIECES), max_size=40).map(b"\n".join),
        st.tuples(st.integers(0, 700), st.integers(0, 30), st.binary(max_size=12)).map(
            lambda t: MAIL[: t[0]] + t[2] + MAIL[t[0] + t[1] :]
        ),
        st.tuples(st.sampled_from([b"Subject: ", b"From: ", b"Date: "]), st.text(max_size=40)).map(
            lambda t: t[0] + t[1].encode() + b"\n" + MAIL.partition(b"\n")[2]
        ),
    )
)
@settings(max_examples=150)
def test_whatever_comes_only_a_mail_error_is_raised(data: bytes) -> None:
    for text, at in split_mbox(data):
        try:
            mail = parse_mail(text, "fuzz", at)
        except MailError:
            continue
        again = parse_mail(mail.raw, "again")
        assert again.raw == mail.raw
        assert again.author == mail.author
        assert again.files == mail.files


# --- as they occur in the wild: the patch that comes out is the one that was posted

BODY = MAIL.partition(b"\n\n")[2]
LIST_FOOTER = b"_______________________________________________\nlinux-mm mailing list\n- bye\n"
RICH = BODY.replace(b"-a\n+b\n", b"-\ta  \n+b = c; /* \xc3\xbc */  \n").replace(b"-1 +1", b"-1 +1")


def boundary(kind: str, *parts: bytes) -> bytes:
    """A mail of several parts."""
    inside = b"".join(b"--b1\n" + part + b"\n" for part in parts)
    return encoded("8bit", inside + b"--b1--\n", f'multipart/{kind}; boundary="b1"')


def part(kind: str, body: bytes, *more: str, how: str = "8bit") -> bytes:
    head = "\n".join([f"Content-Type: {kind}", f"Content-Transfer-Encoding: {how}", *more])
    return head.encode() + b"\n\n" + body


def stuffed(body: bytes) -> bytes:
    """Space-stuffed as RFC 3676 asks; nothing is folded."""
    lines = body.split(b"\n")
    return b"\n".join(
        b" " + line if line.startswith((b" ", b">", b"From ")) else line for line in lines
    )


FLOWED = "text/plain; charset=utf-8; format=flowed"
TEXT, _, DIFF_ONLY = RICH.partition(b"---\nv8")
DIFF_ONLY = b"---\nv8" + DIFF_ONLY
WHOLE = MAIL.replace(BODY, RICH)


@pytest.mark.parametrize(
    "data",
    [
        encoded("quoted-printable", quopri.encodestring(RICH)),
        encoded("quoted-printable", quopri.encodestring(RICH).replace(b"\n", b"\r\n")),
        encoded("base64", base64.encodebytes(RICH)),
        encoded("base64", base64.encodebytes(RICH) + b"\n" + LIST_FOOTER),
        encoded("8bit", RICH + LIST_FOOTER),
        encoded("8bit", RICH.replace(b"-- \n2.39.5\n\n", LIST_FOOTER)),
        encoded("8bit", RICH.replace(b"-- \n2.39.5\n", b"-\nTo unsubscribe from this list: x\n")),
        encoded("8bit", stuffed(RICH), FLOWED),
        encoded("quoted-printable", quopri.encodestring(stuffed(RICH)), FLOWED),
        encoded("8bit", RICH).replace(b"\n", b"\r\n"),
        boundary("mixed", part("text/plain", RICH), part("text/plain", LIST_FOOTER)),
        boundary(
            "mixed", part("text/plain", TEXT), part("text/x-patch; name=x.patch", DIFF_ONLY)
        ),
        boundary(
            "mixed",
            part("text/plain", TEXT.replace(b"\n", b"\r\n")),
            part("text/x-diff", base64.encodebytes(DIFF_ONLY), how="base64"),
        ),
        boundary(
            "mixed",
            part("text/plain", TEXT),
            part(
                "application/octet-stream",
                base64.encodebytes(DIFF_ONLY.replace(b"\n", b"\r\n")),
                "Content-Disposition: attachment;\n filename*0=\"0001-\"; filename*1=\"x.patch\"",
                how="base64",
            ),
            part("text/plain", LIST_FOOTER),
        ),
        boundary(
            "mixed",
            part("text/plain", TEXT),
            part("application/octet-stream; name=\"x.diff\"", DIFF_ONLY.rstrip(b"\n")),
            part("text/plain", LIST_FOOTER),
        ),
        boundary("alternative", part("text/plain", RICH), part("text/html", b"<p>diff --git\n")),
        boundary("alternative", part("text/html", b"<p>diff\n"), part("text/plain", RICH)),
        boundary("signed", part("text/plain", RICH), part("application/pgp-signature", b"-----B")),
        boundary("mixed", part("text/plain", b"See the patch.\n"), part(
            "text/x-patch; name=x.patch", WHOLE, "Content-Disposition: attachment"
        )),
        WHOLE.replace(b"\nDate", b"\nContent-Type: text/plain; charset=us-ascii\nDate", 1),
    ],
)  # fmt: skip
def test_the_patch_is_the_one_that_was_posted(data: bytes) -> None:
    posted, came = read(WHOLE), read(data)
    assert came.patch(1).patch_id == posted.patch(1).patch_id
    assert came.files == posted.files
    assert (came.subject, came.author) == (posted.subject, posted.author)
    assert came.message == posted.message
    assert came.patch(1).notes == posted.patch(1).notes


def test_a_flowed_patch_that_was_folded_is_joined() -> None:
    folded = stuffed(MAIL.partition(b"\n\n")[2]).replace(b"+b\n", b"+some words \nand more\n")
    lines = read(encoded("8bit", folded, FLOWED)).files[0].hunks[0].lines
    assert lines == (b"-a", b"+some words and more")
    lines = read(encoded("8bit", folded, FLOWED + "; delsp=yes")).files[0].hunks[0].lines
    assert lines == (b"-a", b"+some wordsand more")


def test_only_what_is_declared_flowed_is_changed() -> None:
    data = encoded("8bit", RICH)
    assert read(data).files[0].hunks[0].added == ("b = c; /* ü */  ".encode(),)
    assert read(encoded("8bit", b" Text \ngoes on.\n")).text == " Text \ngoes on.\n"
    assert read(encoded("8bit", b" Text \ngoes on.\n> a \n> b\n-- \nx\n", FLOWED)).text == (
        "Text goes on.\n> a b\n-- \nx\n"
    )


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        ("utf-8", "ü".encode(), "ü"),
        ("utf-8", "ü “x”".encode("cp1252"), "ü “x”"),
        ("iso-8859-1", b"\xfc", "ü"),
        ("koi8-r", "да".encode("koi8-r"), "да"),
        ("none-such", "ü".encode(), "ü"),
        ("us-ascii", b"\x81", "\x81"),
    ],
)
def test_charsets(header: str, body: bytes, text: str) -> None:
    mail = read(encoded("8bit", body + b"\n", f"text/plain; charset={header}"))
    assert mail.message.strip() == text.strip()


def test_text_that_is_no_base64_is_not_taken_for_a_footer() -> None:
    """A mail whose text was not encoded as its header says came out empty."""
    with pytest.raises(MailError, match="damaged base64"):
        read(encoded("base64", b"Not base64 at all, just text.\n\nTo this end.\n"))


def test_html_alone_is_refused_of_a_patch_and_read_of_a_reply() -> None:
    """What was said in a reply that had no plain text was lost."""
    data = encoded("8bit", b"<p>x &lt; y<br>z\n", "text/html")
    refused(data, "HTML only")
    reply = data.replace(b"Subject: [", b"Subject: Re: [", 1)
    assert read(reply).text == "x < y\nz\n"
    empty = boundary("alternative", part("text/plain", b"\n"), part("text/html", b"<p>said"))
    assert read(empty.replace(b"Subject: [", b"Subject: AW: [", 1)).text == "said\n"


def test_several_attached_patches_are_refused() -> None:
    files = [part("text/x-patch; name=x.patch", WHOLE) for _ in range(2)]
    refused(boundary("mixed", part("text/plain", b"See.\n"), *files), "2 patch files")


@pytest.mark.parametrize("count", [1, 2])
def test_a_reply_is_what_stands_beside_the_patches_attached_to_it(count: int) -> None:
    """The tags of such a patch were taken for tags that the reply gives."""
    files = [part("text/x-patch; name=x.patch", WHOLE) for _ in range(count)]
    mail = boundary("mixed", part("text/plain", b"> Why.\n\nSee.\n"), *files)
    reply = read(mail.replace(b"Subject: ", b"Subject: Re: ", 1))
    assert reply.text.rstrip() == "> Why.\n\nSee."
    assert bool(reply.files) == (count == 1)


def test_an_attached_file_of_format_patch_has_its_own_header() -> None:
    inner = WHOLE.replace(b"Rafael Aquini <aquini@redhat.com>\nDate", b"X <x@y.org>\nDate")
    outer = encoded("8bit", b"").replace(b"[PATCH RFC v8 2/5] mm: introduce a common\n", b"a bug\n")
    head = outer.partition(b"\nContent-Type")[0]
    mail = read(
        head + b"\nContent-Type: multipart/mixed; boundary=b1\n\n--b1\n\nSee.\n--b1\n"
        + part("application/octet-stream; name=x.patch", inner) + b"\n--b1--\n"
    )  # fmt: skip
    assert (mail.author, mail.sender) == ("X <x@y.org>", "Rafael Aquini <aquini@redhat.com>")
    assert mail.subject == "mm: introduce a common interface"
    assert mail.message.startswith("Memory fragmentation.")


def test_what_a_mail_holds_besides_its_patch() -> None:
    data = (
        MAIL.replace(
            b"\n\nMemory",
            b'\nTo: =?utf-8?q?J=C3=B6rg?= <J@x.org>, "B, (C)" <b@x.org>\nCC: j@x.org,\n c@x.org\n'
            b"In-Reply-To: <p@x.org>\nReferences: <q@x.org>\n\t<p@x.org>\n\nMemory",
            1,
        )
        .replace(b"v8: changed\n\n", b"v8: changed\n\n---\nv7: less\n\n")
        .replace(
            b" mm/x.c | 2 +-\n", b" mm/x.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n"
        )
    )
    mail = read(data)
    patch = mail.patch(2)
    assert patch.tags == ("RFC",)
    assert patch.recipients == ("j@x.org", "b@x.org", "c@x.org")
    assert (patch.in_reply_to, mail.parents) == ("p@x.org", ("p@x.org", "q@x.org"))
    assert patch.notes.startswith("v8: changed\n\n---\nv7: less\n")
    assert [change.revision for change in patch.changelog] == [8, 7]
    assert patch.diffstat is not None
    assert [line.path for line in patch.diffstat.lines] == ["mm/x.c"]
    assert [(t.name, t.given_in) for t in patch.trailers] == [("Signed-off-by", None)]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("[PATCH RFC net-next v3 2/5] x", ("RFC", "net-next")),
        ("[RFC PATCH, RESEND mm 1/2] x", ("RFC", "RESEND", "mm")),
        ("[RFC/PATCHv2 1/2] x", ("RFC",)),
        ("[PATCH v5.1 3/7] x", ("v5.1",)),
        ("[patch 1/2] [media] x", ("media",)),
        ("x", ()),
    ],
)
def test_tags_of_a_prefix(subject: str, words: tuple[str, ...]) -> None:
    assert parse_subject(subject)[0].words == words


def test_scissors_are_text_as_for_git_am() -> None:
    mail = read(MAIL.replace(b"Memory frag", b"Hello.\n\n-- >8 --\nMemory frag"))
    assert mail.message.startswith("Hello.\n\n-- >8 --\nMemory")


def test_an_in_body_subject_keeps_the_number_of_the_header() -> None:
    """The number was lost, and with it the patch's place in its series."""
    mail = read(MAIL.replace(b"Memory frag", b"Subject: mm: other\n\nMemory frag"))
    assert (mail.subject, mail.prefix.number) == ("mm: other", 2)


@pytest.mark.parametrize("quote", [b"> ", b"> > ", b">> a ", b"> On it: "])
def test_a_change_of_quote_depth_ends_a_flowed_paragraph(quote: bytes) -> None:
    text = b"Hi,\n" + quote + b"\nAcked-by: Bob <bob@b.org>\n>> y \n> z\n"
    assert read(encoded("8bit", text, FLOWED)).text == text.decode()


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("Bob Long (ACME) <bob@b.org>", "Bob Long (ACME) <bob@b.org>"),
        ("Long (Bob) Jr <bob@b.org> (home)", "Long (Bob) Jr (home) <bob@b.org>"),
        ("bob@b.org (Bob Long)", "Bob Long <bob@b.org>"),
        ('"Bob Long (ACME)" <bob@b.org>', "Bob Long (ACME) <bob@b.org>"),
    ],
)
def test_parentheses_are_of_the_name(value: str, author: str) -> None:
    outer = MAIL.replace(b"Rafael Aquini <aquini@redhat.com>\nDate", value.encode() + b"\nDate")
    assert read(outer).author == author
    inner = MAIL.replace(b"\n\nMemory", f"\n\nFrom: {value}\n\nMemory".encode())
    assert read(inner).author == author
    assert parse_mail(read(inner).raw, "raw").author == author


@pytest.mark.parametrize(
    "head",
    [
        "from: Bob <bob@b.org>\nsubject: mm: do it better",
        "FROM: Bob\n <bob@b.org>\nSubject: mm: do it\n better",
        "From: =?utf-8?q?Bob?=\n <bob@b.org>\n[PATCH] mm: do it better",
        "From: Bob <bob@b.org>\nSUBJECT: [PATCH v2] =?utf-8?q?mm=3A_do?=\n =?utf-8?q?_it?= better",
    ],
)
def test_headers_inside_are_in_any_case_and_folded(head: str) -> None:
    mail = read(MAIL.replace(b"\n\nMemory", f"\n\n{head}\n\nMemory".encode()))
    assert (mail.author, mail.subject) == ("Bob <bob@b.org>", "mm: do it better")
    assert mail.message.startswith("Memory fragmentation.")
    assert (mail.prefix.revision, mail.prefix.number) == (8, 2)


@pytest.mark.parametrize("line", ["Date: of no importance", "From: the start it was wrong"])
def test_a_sentence_is_no_header(line: str) -> None:
    mail = read(MAIL.replace(b"\n\nMemory", f"\n\n{line}\n\nMemory".encode()))
    assert mail.author == "Rafael Aquini <aquini@redhat.com>"
    assert mail.message.startswith(line)
    assert parse_mail(mail.raw, "raw").message == mail.message


def test_a_reply_has_no_headers_inside() -> None:
    head = "From: Rafael <r@r.org>\nDate: Fri, Mar 7, 2025 at 9:15 AM\n\n> Why?\n\n"
    text = f"{head}Acked-by: Bob <bob@b.org>\n"
    mail = read(
        b"From: Bob <bob@b.org>\nDate: Mon, 3 Feb 2025 10:00:00 +0000\n"
        b"Subject: Re: [PATCH] mm: x\n\n" + text.encode()
    )
    assert (mail.author, mail.text) == ("Bob <bob@b.org>", text)
    assert mail.date == "Mon, 3 Feb 2025 10:00:00 +0000"


@pytest.mark.parametrize("how", ["8-bit", "ascii", "7bit (as is)", "none"])
def test_an_encoding_no_rfc_knows_encodes_nothing(how: str) -> None:
    assert read(encoded(how, RICH)).files == read(WHOLE).files


def test_an_encoding_with_parameters_is_what_it_names() -> None:
    mail = read(encoded("Quoted-Printable; a=b", quopri.encodestring(RICH)))
    assert mail.files == read(WHOLE).files
    assert read(encoded("BASE64 (x)", base64.encodebytes(RICH))).files == read(WHOLE).files


@pytest.mark.parametrize("kind", ["b", "q"])
def test_encoded_words_may_cut_a_character(kind: str) -> None:
    whole = "mm: zähle Größen".encode()
    parts = [whole[:6], whole[6:14], whole[14:]]
    coded = [
        base64.b64encode(each).decode() if kind == "b" else "".join(f"={b:02X}" for b in each)
        for each in parts
    ]
    subject = "\n ".join(f"=?UTF-8?{kind}?{each}?=" for each in coded)
    title = MAIL.replace(b"mm: introduce a common\n interface", subject.encode())
    assert read(title).subject == whole.decode()


def test_crs_above_a_diff_were_added_on_the_way() -> None:
    came = MAIL.replace(b"\n", b"\r\n").replace(b"-- \r\n2.39.5\r\n", b"-- \r\n2.39.5\n")
    assert read(came).files == read(MAIL).files
    ours = MAIL.replace(b"-a\n+b\n", b"-a\r\n+b\r\n")
    assert read(ours).files[0].hunks[0].lines == (b"-a\r", b"+b\r")


@pytest.mark.parametrize(
    "word", ["回复:", "答复:", "答复\uff1a", "回覆:", "SV:", "Antw:", "Odp:", "转发:"]
)
def test_a_reply_in_other_languages_is_one(word: str) -> None:
    prefix, title = parse_subject(f"{word} [PATCH v3 2/4] mm: x")
    assert (prefix.reply, prefix.revision, prefix.number, title) == (True, 3, 2, "mm: x")


@pytest.mark.parametrize("word", ["fw: ", "aw: ", ""])
def test_a_word_behind_the_bracket_is_of_the_title(word: str) -> None:
    prefix, title = parse_subject(f"[PATCH] {word}load it")
    assert (prefix.reply, prefix.patch, title) == (False, True, f"{word}load it")
    assert parse_subject("[PATCH] Re: load it")[1] == "load it"  # as for git
    assert parse_subject("[list] Re: [PATCH] load it")[0].reply


@pytest.mark.parametrize(
    ("subject", "place", "words"),
    [
        ("[PATCH 2 of 7] x", (1, 2, 7), ()),
        ("[PATCH 0 OF 7 v3] x", (3, 0, 7), ()),
        ("[RFCv4 2/7] x", (4, 2, 7), ("RFC",)),
        ("[RESENDv4 2/7] x", (4, 2, 7), ("RESEND",)),
        ("[PATCH (resend) 2/7] x", (1, 2, 7), ("resend",)),
    ],
)
def test_numbers_and_revisions_in_other_forms(
    subject: str, place: tuple[int, int, int], words: tuple[str, ...]
) -> None:
    prefix, _ = parse_subject(subject)
    assert (prefix.revision, prefix.number, prefix.total) == place
    assert prefix.words == words
    assert prefix.resent == ("RESEND" in subject.upper())


@pytest.mark.parametrize("front", [b"\xef\xbb\xbf", b"\n\n", b"\xef\xbb\xbf\r\n"])
def test_what_an_editor_put_in_front_is_no_part_of_the_mail(front: bytes) -> None:
    for data in (MAIL, MAIL.partition(b"\n")[2]):
        mail = read(front + data)
        assert (mail.raw, mail.subject) == (read(MAIL).raw, read(MAIL).subject)
        assert [text for text, _ in split_mbox(front + MAIL + MAIL)] == [
            MAIL.partition(b"\n")[2]
        ] * 2
    refused(front + MAIL[: MAIL.index(b"-a\n")], f":{21 + front.count(10)}:")


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("2012-08-21 09:47:44 -0300", 1345553264),
        ("2012-08-21T09:47:44-03:00", 1345553264),
        ("2012-08-21T12:47:44Z", 1345553264),
        ("2012-08-21 12:47", 1345553220),
    ],
)
def test_a_date_may_be_one_of_iso_8601(date: str, seconds: int) -> None:
    mail = read(MAIL.replace(b"Tue, 21 Aug 2012 09:47:44 -0300", date.encode()))
    assert mail.envelope.when == seconds
    assert parse_mail(mail.raw, "raw").envelope.when == seconds


@pytest.mark.parametrize("date", ["2012-13-01 09:47:44", "2012-00-01 09:47:44", "2012-08-21"])
def test_what_is_no_date_of_iso_8601_is_refused(date: str) -> None:
    refused(MAIL.replace(b"Tue, 21 Aug 2012 09:47:44 -0300", date.encode()), "expected a date")


@pytest.mark.parametrize(
    "line",
    [b"X-Scanned : yes\n", b"some garbage without a colon\n", b">From x Mon Feb  3\n\tmore\n"],
)
def test_a_bad_line_among_the_headers_is_passed_over(line: bytes) -> None:
    """A mail with such a line was refused, and git takes what follows for the message."""
    mail = read(MAIL.replace(b"Date: Tue", line + b"Date: Tue", 1))
    assert mail.message == read(MAIL).message
    plain = read(MAIL)
    assert (mail.author, mail.subject, mail.date) == (plain.author, plain.subject, plain.date)


def test_text_right_behind_the_headers_is_no_bad_line_among_them() -> None:
    refused(MAIL.replace(b"example.org>\n\nMemory", b"example.org>\nMemory", 1), "mail header")


def test_no_break_spaces_are_of_the_message() -> None:
    """They were cut from line ends, which git does not do."""
    mail = read(MAIL.replace(b"fragmentation.\n", "fragmentation.\u00a0 \n\u2003\n".encode()))
    assert mail.message.startswith("Memory fragmentation.\u00a0\n\u2003\n")
