# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes of a mail as text: by their charset, and the encoded words of headers. Pure."""

from __future__ import annotations

import binascii
import re

_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]*)\?=")
_WORDS = re.compile(rf"{_WORD.pattern}(?:\s+{_WORD.pattern})*+")


def text_of(value: bytes, charset: str = "utf-8") -> str:
    """Bytes as text: in *charset* if that works, else UTF-8, Windows-1252, or Latin-1."""
    for name in (charset, "utf-8", "cp1252"):
        try:
            return value.decode(name).encode("utf-8").decode("utf-8")  # no lone surrogates
        except (LookupError, ValueError):  # charsets such as "y" are real: `git send-email` asks
            continue
    return value.decode("latin-1")


def decode_words(text: str) -> str:
    """A header value with its RFC 2047 encoded words decoded; damaged ones stay as they are.

    Words of one charset that stand together are decoded as one: programs that fold a header
    by its bytes cut characters in two.
    """

    def decode(run: re.Match[str]) -> str:
        out: list[str] = []
        held, charset = b"", ""
        for found in _WORD.finditer(run[0]):
            name = found[1].partition("*")[0].lower()
            data = _decoded(found)
            if data is None or name != charset:
                out.append(text_of(held, charset))
                held, charset = b"", name
            if data is None:
                out.append(found[0])
            else:
                held += data
        return "".join([*out, text_of(held, charset)])

    return _WORDS.sub(decode, text)


def _decoded(word: re.Match[str]) -> bytes | None:
    """The bytes of an encoded word; None where it is damaged."""
    try:
        if word[2] in "bB":
            return binascii.a2b_base64(word[3])
        return binascii.a2b_qp(word[3], header=True)
    except ValueError:
        return None
