# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails are read as git reads them; what can't be read is refused with file and line."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.errors import MailError
from patchtool.series.mail import Mail, parse_mail, parse_subject, split_mbox

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
        (MAIL.replace(b"Date:", b"X-Date:"), ["no Date:"]),
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
@settings(max_examples=400, deadline=None, database=None)
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
