# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes mails: header, mailbox. The one place that does; :mod:`.mail` and :mod:`.mbox` read. Pure.

Not by :class:`email.message.EmailMessage`: it folds long header lines, chooses a transfer
encoding by the body, and refuses header values that it cannot parse. A patch is written as
``git format-patch`` does: 8bit, a line per field, and no byte of the body changed.
"""

from __future__ import annotations

import re
from email.charset import SHORTEST, Charset
from email.header import Header
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

#: In front of a mail in a mailbox, as git and public-inbox write it.
GIT_FROM = "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001"
_MBOXRD_FROM = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_SPECIAL = re.compile(r"[^\w .'-]")
_TEXT = (
    ("MIME-Version", "1.0"),
    ("Content-Type", "text/plain; charset=UTF-8"),
    ("Content-Transfer-Encoding", "8bit"),
)
_LINE = 900  # characters; git folds no header either, and RFC 5322 has 998


def header(*fields: tuple[str, str | None]) -> bytes:
    """The header of a mail that is plain text in UTF-8, and the empty line behind it.

    Args:
        fields: Name and value, which is one line; without a value it is left out.
    """
    lines = [f"{name}: {value}\n" for name, value in (*fields, *_TEXT) if value is not None]
    return "".join([*lines, "\n"]).encode("utf-8", "replace")


def encoded(text: str) -> str:
    """A header's text as one line, as encoded words (RFC 2047) where it is not ASCII."""
    line = " ".join(text.split())
    if line.isascii():
        return line
    charset = Charset("utf-8")  # from a table that other libraries change; b4 takes words off
    charset.header_encoding = SHORTEST
    return Header(line, charset, maxlinelen=_LINE).encode()


def quoted(name: str) -> str:
    """A person's name, in quotes where it holds what has a meaning in an address."""
    return '"' + re.sub(r'([\\"])', r"\\\1", name) + '"' if _SPECIAL.search(name) else name


def sender(author: str) -> str:
    """``Name <address>`` as the value of a From header, in ASCII but for the address."""
    name, angle, address = author.rpartition(" <")
    return f"{quoted(name) if name.isascii() else encoded(name)}{angle}{address}"


def angled(message_id: str | None) -> str | None:
    """A Message-ID as headers have it."""
    return f"<{message_id}>" if message_id else None


def patch_mail(
    tags: str,
    subject: str,
    author: str,
    when: datetime,
    message: str,
    message_id: str | None,
    rest: bytes,
) -> bytes:
    """A patch as ``git am`` takes it, author and all.

    Args:
        tags: What stands in the brackets of its subject.
        subject: The subject without them.
        author: ``Name <address>``.
        when: When it was written.
        message: The commit message.
        message_id: Its Message-ID, if it had one.
        rest: What follows the message, from the ``---`` line or the diff on.
    """
    name, _, address = author.rpartition(" <")
    whom = f"{quoted(name)} <{address}"
    head = header(
        ("Message-ID", angled(message_id)),
        ("From", whom),
        ("Date", format_datetime(when)),
        ("Subject", f"[{tags}] {subject}"),
    )
    text = f"From: {whom}\n\n{message}\n".encode("utf-8", "replace")
    mark = b"" if rest.startswith(b"---") else b"---\n"
    return b"".join([GIT_FROM.encode(), b"\n", head, text, mark, rest])


def escaped(mail: bytes) -> bytes:
    """The lines of a mail as a mailbox in the mboxrd format has them."""
    return _FROM.sub(rb">\1", mail)


def in_mbox(mail: bytes) -> bytes:
    """A mail as it stands in a mailbox in the mboxrd format."""
    return _MBOXRD_FROM + escaped(mail)
