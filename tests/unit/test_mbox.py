# SPDX-License-Identifier: GPL-2.0-or-later
"""Mailboxes of every make are split where their mails start, and nowhere else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.errors import MailError
from patchtool.series import mbox
from patchtool.series.mbox import Mailbox, envelope, scan, split_mbox

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RD = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
MUTT = b"From ann@a.org Mon Feb  3 10:00:00 2025\n"
GIT = b"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
ONE = b"From: a@b.org\nSubject: [PATCH 1/2] one\n\nText.\n\n"
TWO = b"From: a@b.org\nSubject: [PATCH 2/2] two\n\nText.\n"


def split(data: bytes) -> list[bytes]:
    return [mail for mail, _ in split_mbox(data)]


@pytest.mark.parametrize("line", [RD, MUTT, GIT, b"From a@b  Sat Jan  3 01:05:34 1996 +0100\n"])
def test_mails_are_split(line: bytes) -> None:
    data = line + ONE + line + TWO
    assert split(data) == [ONE, TWO]
    assert split(b"\n\n" + data) == [ONE, TWO]
    assert split(data.removesuffix(b"\n")) == [ONE, TWO.removesuffix(b"\n")]
    crlf = data.replace(b"\n", b"\r\n")
    assert split(crlf) == [ONE.replace(b"\n", b"\r\n"), TWO.replace(b"\n", b"\r\n")]
    (_, first), (_, second) = split_mbox(data)
    assert (first, second) == (2, 8)


def test_a_file_without_a_from_line_is_one_mail() -> None:
    assert split_mbox(ONE + MUTT + TWO) == ((ONE + MUTT + TWO, 1),)
    assert split_mbox(b"") == ((b"", 1),)


@pytest.mark.parametrize(
    "text",
    [
        b"From here on it is easy.\n",
        b"From ann@a.org Mon Feb  3 10:00:00 2025\nis how it starts\n",
        b"From ann@a.org Mon Feb  3 10:00:00 2025\n\n",
        b"From 10:00 on\nSubject: no\n",
        b" From ann@a.org Mon Feb  3 10:00:00 2025\nSubject: no\n",
    ],
)
def test_other_lines_that_start_with_from_split_nothing(text: bytes) -> None:
    mail = ONE + text
    assert split(GIT + mail + GIT + TWO) == [mail, TWO]


def test_escapes_are_undone_as_the_format_has_them() -> None:
    body = b">From a\n>>From b\n> From c\n"
    assert split(RD + ONE + body) == [ONE + b"From a\n>From b\n> From c\n"]
    assert split(MUTT + ONE + body) == [ONE + b"From a\n>>From b\n> From c\n"]
    assert split(GIT + ONE + body) == [ONE + body]
    assert split(b"From git@z Thu Jan  1 00:00:00 1970\n" + ONE + body) == [ONE + body]


def test_a_content_length_that_is_right_is_followed() -> None:
    inside = MUTT + b"Subject: quoted whole\n\nText.\n"
    head = b"From: a@b.org\nContent-Length: %d\n\n"
    for end in (b"", b"\n" + MUTT + TWO):
        data = MUTT + head % len(inside) + inside + end
        assert split(data)[0].rstrip().endswith(b"quoted whole\n\nText.")
        assert len(split(data)) == 1 + bool(end)
    wrong = MUTT + head % (len(inside) + 7) + inside + b"\n" + MUTT + TWO
    assert len(split(wrong)) == 3
    assert split(MUTT + head % 3 + b"Text.\n" + MUTT + TWO)[1] == TWO


class Slow(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(7, size) if size else 7)


def test_mails_are_found_however_the_stream_comes() -> None:
    """A From_ line that a read cut in two was overlooked."""
    data = RD + ONE + RD + TWO + RD + ONE
    assert [piece.data for piece in scan(Slow(data), "m")] == [ONE, TWO, ONE]
    assert [piece.line for piece in scan(Slow(data), "m")] == [2, 8, 13]


def test_a_mail_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: WriteableBuffer, /) -> int:
            view = memoryview(buffer).cast("B")
            view[:] = b"x" * len(view)
            return len(view)

    monkeypatch.setattr(mbox, "LIMIT", 1 << 20)
    with pytest.raises(MailError, match=r"m:1: a mail of more than 1 MiB"):
        list(scan(io.BufferedReader(Endless()), "m"))


def test_envelopes_say_what_the_mails_say() -> None:
    mail = (
        b"Received: x\nfrom: =?utf-8?q?J=C3=B6rg?= <J@D.org>\n"
        b"DATE: Mon, 3 Feb 2025 10:00:00 +0100\n"
        b"Subject: Re:\n [PATCH net-next v3 1/2] =?utf-8?q?=C3=BC?=\nMessage-Id: <a@b>\n"
        b"In-Reply-To: <p@b> (Ann's message)\nReferences: <r@b>\n <q@b>\n <p@b>\n\n"
        b"Text\n"
    )
    box = Mailbox(io.BytesIO(RD + mail + RD + ONE), "m")
    first, second = box.envelopes
    assert (first.title, first.sender, first.message_id) == ("ü", "j@d.org", "a@b")
    assert (first.prefix.label, first.prefix.words, first.prefix.reply) == (
        "v3",
        ("net-next",),
        True,
    )
    assert first.parents == ("p@b", "q@b", "r@b")
    assert first.subject == "Re: [PATCH net-next v3 1/2] ü"
    assert (first.place, second.place) == ("m:2", "m:15")
    assert box.mail(0).envelope == first
    crlf = envelope(mail.replace(b"\n", b"\r\n"), "m", 2)
    assert crlf == first


def test_a_diff_is_seen_also_in_base64() -> None:
    assert envelope(b"Subject: x\n\ndiff --git a/x b/x\n", "m", 1).diff
    coded = b"Subject: x\nContent-Transfer-Encoding: base64\n\nZGlmZiAtLWdpdCBhL3ggYi94Cg==\n"
    assert envelope(coded, "m", 1).diff
    assert not envelope(coded.replace(b"ZGlm", b"QUFB"), "m", 1).diff


def test_a_diff_is_seen_also_where_quoted_printable_hides_line_ends() -> None:
    """A patch whose whole text is one line for its mail program was no patch in a mailbox."""
    coded = (
        b"Subject: [PATCH] x\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"Why.=0D=0A---=0D=0Adiff --git a/x b/x=0D=0A--- a/x=0D=0A+++ b/x=0D=0A@@ -1 +1=\n @@=0D=0A"
    )
    assert envelope(coded, "m", 1).diff
    assert not envelope(coded.replace(b"+++ ", b"++ ").replace(b"diff", b"dif"), "m", 1).diff


_LINES = [
    RD,
    MUTT,
    GIT,
    ONE,
    TWO,
    b"\n",
    b">From x\n",
    b"From x\n",
    b"Content-Length: 9\n",
    b"\r\n",
]


@given(st.lists(st.sampled_from(_LINES) | st.binary(max_size=40), max_size=12).map(b"".join))
@settings(max_examples=150)
def test_no_byte_is_lost(data: bytes) -> None:
    pieces = list(scan(io.BytesIO(data), "m"))
    for piece in pieces:
        assert data[piece.offset : piece.offset + len(piece.data)] == piece.data
        assert data.count(b"\n", 0, piece.offset) + 1 == piece.line
    between = len(data) - sum(len(piece.data) for piece in pieces)
    assert between <= data.count(b"\n") * 80 + 40
    slow = list(scan(Slow(data), "m"))
    assert slow == pieces
    for name in Mailbox(io.BytesIO(data), "m").envelopes:
        assert name.where == "m"
