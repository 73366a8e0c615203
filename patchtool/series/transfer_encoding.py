# SPDX-License-Identifier: GPL-2.0-or-later
"""The Content-Transfer-Encoding of a mail's text, undone. Pure."""

from __future__ import annotations

import binascii
import re

from patchtool.errors import MailError

_BASE64 = re.compile(rb"[A-Za-z0-9+/=]*\s*\Z")
_WIDE = 60  # characters of a full line of base64


def decode(body: bytes, encoding: str, where: str, line: int) -> bytes:
    """The body as it was written; as for git, an encoding that no RFC knows encodes nothing.

    Args:
        body: As it was sent.
        encoding: The Content-Transfer-Encoding, lower case.
        where: Name of the mail, for errors.
        line: Its line on which the body starts.

    Raises:
        MailError: The base64 is damaged, or it is uuencoded.
    """
    if "uuencode" in encoding:
        raise MailError(f"{where}:{line}: unknown Content-Transfer-Encoding {encoding[:40]!r}")
    if "base64" not in encoding:
        return binascii.a2b_qp(body) if "quoted-printable" in encoding else body
    try:
        return binascii.a2b_base64(_without_footer(body, where, line))
    except ValueError as error:
        raise MailError(f"{where}:{line}: damaged base64: {error}") from None


def _without_footer(body: bytes, where: str, line: int) -> bytes:
    """Base64 data without the plain text that a mailing list put behind it."""
    lines = body.split(b"\n")
    last = next((at for at, text in enumerate(lines) if not _BASE64.match(text)), len(lines))
    behind = lines[last:]
    data = any(text.strip() for text in lines[:last])
    apart = not behind or behind[0].startswith((b"_", b"-")) or not lines[last - 1].strip()
    if behind and not (data and apart):
        shown = behind[0][:40].decode("utf-8", "replace")
        raise MailError(f"{where}:{line + last}: damaged base64: found {shown!r}")
    if any(len(text) >= _WIDE and _BASE64.match(text) for text in behind):
        raise MailError(f"{where}:{line + last}: damaged base64: other text stands inside it")
    return b"\n".join(lines[:last])
