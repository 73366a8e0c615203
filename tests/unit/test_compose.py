# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written as a mail is read back as it was, and by the standard library too."""

from __future__ import annotations

import email
import email.charset
import email.policy

import pytest

from patchtool.series import compose
from patchtool.series.author import parse_author
from patchtool.series.encoded_words import decode_words

NAMES = ["Jörg Ünal", "Doe, Jane", 'A "B" C', "back\\slash", "John Q. Public", "O'Hara", "中文"]


@pytest.mark.parametrize("name", NAMES)
def test_an_author_is_read_back(name: str) -> None:
    value = compose.sender(f"{name} <a@b.org>")
    assert value.isascii()
    assert parse_author(decode_words(value), "here") == f"{name} <a@b.org>"
    parsed = email.message_from_string(f"From: {value}\n\n", policy=email.policy.default)
    address = parsed["From"].addresses[0]
    assert (address.display_name, address.addr_spec) == (name, "a@b.org")


def test_what_another_library_does_to_pythons_charsets_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As ``email.charset.add_charset("utf-8", None)``, which b4 calls."""
    monkeypatch.setitem(email.charset.CHARSETS, "utf-8", (None, None, None))
    assert compose.encoded("Jörg Ünal") == "=?utf-8?b?SsO2cmcgw5xuYWw=?="


def test_a_header_ends_in_an_empty_line_and_says_its_charset() -> None:
    head = compose.header(
        ("Message-ID", compose.angled("x@y")),
        ("In-Reply-To", compose.angled(None)),
        ("Subject", compose.encoded("mm:  zu\ngroß")),
    )
    assert head.endswith(b"\n\n")
    parsed = email.message_from_bytes(head + "ü\n".encode(), policy=email.policy.default)
    assert parsed.keys() == [
        *("Message-ID", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
    ]
    assert parsed["Message-ID"] == "<x@y>"
    assert parsed["Subject"] == "mm: zu groß"
    assert parsed.get_content() == "ü\n"


def test_a_line_of_the_body_does_not_begin_a_mail_in_a_mailbox() -> None:
    box = compose.in_mbox(b"Subject: x\n\nFrom here\n>From there\nFrom: no\n")
    assert box.split(b"\n")[0].startswith(b"From mboxrd@z ")
    assert box.split(b"\n")[3:6] == [b">From here", b">>From there", b"From: no"]
