# SPDX-License-Identifier: GPL-2.0-or-later
"""What an archive did to characters, undone where that can be told."""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass

_MASKED = re.compile(rb"(.*[\w.+-]@)(x{3,})([^\w@]*.*)", re.DOTALL)
_LOCAL, _HOST = r"[A-Za-z0-9][\w.+-]{0,63}", r"[A-Za-z0-9][\w-]{0,62}(?:\.[\w-]{1,63}){0,8}"
_TOP = (
    "com|org|net|edu|gov|mil|int|info|io|dev|name|eu|uk|de|fr|nl|be|at|ch|it|es|pt|pl|cz|sk|hu|ro"
    "|se|no|fi|dk|ie|ru|ua|jp|cn|kr|tw|in|au|nz|br|ca|us|il|za|lt|lv|ee|gr|tr|me|cc|tv"
)
#: Ways to write an address that no program is to read: ``<a at b.c>``, ``a at b.org``,
#: ``a () b ! c``, ``a(a)b.c``, ``a [at] b.c``, and the prompt ``[root at host ~]``.
_AT = (
    re.compile(rf"<({_LOCAL}) at ({_HOST})>"),
    re.compile(rf"(?<![\w.+-])({_LOCAL}) at ((?:[\w-]{{1,63}}\.){{1,8}}(?:{_TOP}))(?![\w-]|\.\w)"),
    re.compile(rf"(?<=\[)({_LOCAL}) at ({_HOST})(?= [~/])"),
    re.compile(rf"(?<![\w.+-])({_LOCAL}) ?(?:\(a\)|\(at\)|\[at\]) ?({_HOST})(?![\w-])"),
    re.compile(rf"(?<![\w.+-])({_LOCAL}) \(\) ([\w-]{{1,63}}(?: ! [\w-]{{1,63}}){{1,6}})(?![\w-])"),
)
_HIDDEN = re.compile(r"(?<![\w.+-])[\w.+-]+@x{3,}")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#[0-9]{1,6}|#x[0-9a-fA-F]{1,5});")
_QUOTED = re.compile(r"=(?:([0-9A-F]{2})|[ \t]*(?:\n|\Z)| )")
_EQUALS = re.compile(r"=")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{80,}={0,2}\s*")


@dataclass(frozen=True, slots=True)
class Undone:
    """Text as it was, as far as that could be told.

    Attributes:
        text: The text.
        changes: What was written on the page, and what was made of it, for addresses.
        encodings: What else was undone, in words.
    """

    text: str
    changes: tuple[tuple[str, str], ...]
    encodings: tuple[str, ...]


def undo(text: str) -> Undone:
    """Undo in one mail's text what can be undone."""
    encodings: list[str] = []
    decoded = _from_base64(text)
    if decoded is not None:
        text = decoded
        encodings.append("base64")
    if _is_quoted_printable(text):
        text = _from_quoted_printable(text)
        encodings.append("quoted-printable")
    if _ENTITY.search(text) and "<" not in text and ">" not in text:
        text = html.unescape(text).replace("\xa0", " ")
        encodings.append("HTML entities")
    text, changes = unmasked(text)
    return Undone(text, tuple(changes), tuple(encodings))


def unmasked(text: str) -> tuple[str, list[tuple[str, str]]]:
    """*text* with its masked addresses written out again, and each change."""
    changes: list[tuple[str, str]] = []

    def write(match: re.Match[str]) -> str:
        made = f"{match[1]}@{match[2].replace(' ! ', '.')}"
        made = f"<{made}>" if match[0].startswith("<") else made
        changes.append((match[0], made))
        return made

    for pattern in _AT:
        text = pattern.sub(write, text)
    return text, changes


def hidden(text: str) -> tuple[str, ...]:
    """Addresses whose host is masked for good, such as ``a@xxxxxxx``."""
    return tuple(dict.fromkeys(_HIDDEN.findall(text)))


def _is_quoted_printable(text: str) -> bool:
    """Whether every equals sign in it is part of quoted-printable text."""
    found = _QUOTED.findall(text)
    return ("=3D" in text or "=20\n" in text) and len(found) == len(_EQUALS.findall(text))


def _from_quoted_printable(text: str) -> str:
    text = re.sub(r"=[ \t]*\n|= |=\Z", "", text)
    raw = re.sub(rb"=([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), text.encode("utf-8"))
    return raw.decode("utf-8", "replace")


def _from_base64(text: str) -> str | None:
    if not _BASE64.fullmatch(text.strip()) or len(text.split()) > 3 + len(text) // 40:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def same(word: bytes, true: bytes) -> bool:
    """Whether *word*, as the page has it, may be the word *true*."""
    if word == true:
        return True
    if b"@x" in word and len(word) == len(true) and (match := _MASKED.fullmatch(word)):
        return true.startswith(match[1]) and true.endswith(match[3])
    return word == _utf8(true) if word and not true.isascii() else False


def _utf8(word: bytes) -> bytes:
    """A word of an old file in Latin-1 as a page in UTF-8 shows it."""
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return word.decode("latin-1").encode("utf-8")
    return word
