# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of MIME that patch mails use: headers, transfer encodings, text parts. Pure.

The standard library's parser is made for repairing mails; a patch must be read exactly or
refused with the line that is wrong.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from patchtool.errors import MailError

_FIELD = re.compile(rb"([!-9;-~]+):[ \t]*(.*)\Z", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]*)\?=")
_GAP = re.compile(r"(=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?=)\s+(?==\?[^?\s]{1,40}\?[bBqQ]\?)")
_PARAMETER = re.compile(r';\s*([a-zA-Z*0-9-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]+)')
_DEEPEST = 8  # parts inside parts


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one, with its transfer encoding undone.

    Attributes:
        headers: Lower-case name and decoded value, in order.
        body: All its text parts, joined.
        charset: What its first text part declares, or ``utf-8``.
        body_line: Line of the mail on which the body starts.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    charset: str
    body_line: int

    def get(self, name: str) -> str | None:
        """The first header of that (lower-case) name."""
        return next((value for key, value in self.headers if key == name), None)


def parse(data: bytes, where: str, line: int = 1) -> Part:
    """Read a mail: headers, an empty line, and the body.

    Args:
        data: The mail without its mbox ``From `` line.
        where: Its name, for errors.
        line: The number of its first line.

    Raises:
        MailError: It is no mail, or an encoding is damaged.
    """
    return _parse(data, where, line, 0)


def _parse(data: bytes, where: str, line: int, depth: int) -> Part:
    headers, body, body_line = _split(data, where, line, strict=depth == 0)
    named = dict(reversed(headers))
    kind, parameters = content_type(named.get("content-type", "text/plain"))
    charset = parameters.get("charset", "utf-8")
    if kind.startswith("multipart/"):
        boundary = parameters.get("boundary", "")
        if not boundary or depth >= _DEEPEST:
            raise MailError(f"{where}:{line}: a multipart mail without a usable boundary")
        parts = [
            _parse(part, where, at, depth + 1) for part, at in _parts(body, boundary, body_line)
        ]
        texts = [part for part in parts if part.body]
        first = texts[0] if texts else None
        joined = b"".join(part.body for part in texts)
        return Part(
            tuple(headers),
            joined,
            first.charset if first else charset,
            first.body_line if first else body_line,
        )
    if not kind.startswith("text/"):
        body = b""
    encoding = named.get("content-transfer-encoding", "8bit").strip().lower()
    return Part(tuple(headers), _decode(body, encoding, where, body_line), charset, body_line)


def _split(
    data: bytes, where: str, line: int, *, strict: bool
) -> tuple[list[tuple[str, str]], bytes, int]:
    """Headers, body, and the line on which the body starts."""
    fields: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        text = data[at:end].removesuffix(b"\r")
        if not text:
            break
        if text[:1] in (b" ", b"\t") and fields:
            fields[-1] = (fields[-1][0], fields[-1][1] + b" " + text.strip())
        elif found := _FIELD.match(text):
            fields.append((found[1].lower(), found[2].strip()))
        elif strict or fields:
            raise MailError(
                f"{where}:{line}: expected a mail header such as `From: Name <address>`, "
                f"found {text[:40].decode('utf-8', 'replace')!r}"
            )
        else:
            break
        at, line = end + 1, line + 1
    else:
        at = len(data)
    if data[at : at + 2] == b"\r\n":
        at, line = at + 2, line + 1
    elif data[at : at + 1] == b"\n":
        at, line = at + 1, line + 1
    headers = [(key.decode("ascii"), decode_words(text_of(value))) for key, value in fields]
    return headers, data[at:], line


def text_of(value: bytes, charset: str = "utf-8") -> str:
    """Bytes as text: in *charset* if that works, else UTF-8, else Latin-1 (which always does)."""
    for name in (charset, "utf-8"):
        try:
            return value.decode(name).encode("utf-8").decode("utf-8")  # no lone surrogates
        except (LookupError, ValueError):  # charsets such as "y" are real: `git send-email` asks
            continue
    return value.decode("latin-1")


def decode_words(text: str) -> str:
    """A header value with its RFC 2047 encoded words decoded; damaged ones stay as they are."""

    def decode(found: re.Match[str]) -> str:
        try:
            if found[2] in "bB":
                data = binascii.a2b_base64(found[3])
            else:
                data = binascii.a2b_qp(found[3], header=True)
        except ValueError:
            return found[0]
        return text_of(data, found[1].partition("*")[0])

    return _WORD.sub(decode, _GAP.sub(r"\1", text))


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """The lower-case type and the parameters of a Content-Type header."""
    parameters = {
        found[1].lower(): re.sub(r"\\(.)", r"\1", found[2][1:-1])
        if found[2].startswith('"')
        else found[2]
        for found in _PARAMETER.finditer(value)
    }
    return value.partition(";")[0].strip().lower(), parameters


def _parts(body: bytes, boundary: str, line: int) -> list[tuple[bytes, int]]:
    """The parts between the boundary lines, each with the line on which it starts."""
    mark = b"--" + boundary.encode("utf-8", "replace")
    found: list[tuple[bytes, int]] = []
    current: list[bytes] | None = None
    start = line
    for number, text in enumerate(body.split(b"\n"), line):
        bare = text.rstrip()
        if bare not in (mark, mark + b"--"):
            if current is not None:
                current.append(text)
            continue
        if current is not None:
            found.append((b"\n".join([*current, b""]), start))
        current = [] if bare == mark else None
        start = number + 1
    if current:  # the closing boundary is missing: mailers that forget it exist
        found.append((b"\n".join(current), start))
    return found


def _decode(body: bytes, encoding: str, where: str, line: int) -> bytes:
    if encoding in ("7bit", "8bit", "binary", ""):
        return body
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding != "base64":
        raise MailError(f"{where}:{line}: unknown Content-Transfer-Encoding {encoding[:40]!r}")
    try:
        return binascii.a2b_base64(body)
    except ValueError as error:
        raise MailError(f"{where}:{line}: damaged base64: {error}") from None
