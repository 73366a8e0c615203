# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of MIME that patch mails use: headers, transfer encodings, text parts. Pure.

Not by :mod:`email.parser`: it never refuses a mail. It goes on with what it can make of
damaged base64, a missing boundary or a text that has no header, and lists defects without
their place; a patch must be read exactly, or refused with the line that is wrong.
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass, replace

from patchtool.errors import MailError
from patchtool.series.encoded_words import decode_words, text_of
from patchtool.series.envelope import one_line, parse_subject
from patchtool.series.flowed import unflow
from patchtool.series.html_text import page_text
from patchtool.series.transfer_encoding import decode

#: What some editors write in front of a text.
BOM = b"\xef\xbb\xbf"
_FOLDS = rb"(?:[ \t][^\n]*(?:\n|\Z))*"
_FIELD = re.compile(rb"([!-9;-~]+):[ \t]*([^\n]*(?:\n|\Z)" + _FOLDS + rb")")
_FOLDED = re.compile(_FOLDS)
_PARAMETER = re.compile(r';\s*([a-zA-Z*0-9-]+)\s*=\s*("(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[^;\s]+)')
_PATCH_KINDS = re.compile(r"application/(?:x-)?(?:patch|diff)\Z")
_PATCH_NAME = re.compile(r"\.(?:patch|diff)(?:\.txt)?\Z", re.IGNORECASE)
_GIT_FROM = re.compile(rb">?From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001\r?\n")
_MAIL_START = re.compile(rb"(?:From|Subject|Date): ")
_ADDED_CR = re.compile(rb"^--- [^\n]+\r\n\+\+\+ [^\n]+\r\n@@ -", re.MULTILINE)
_EMPTY = re.compile(rb"\n\r?\n")
_GOES_ON = re.compile(rb"[!-9;-~]+:(?:[ \t]|\r?$)|[ \t]+[!-~]", re.MULTILINE)
_OF_MAILS = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-type|received):",
    re.IGNORECASE | re.MULTILINE,
)
_DEEPEST = 8  # parts inside parts
_USED = frozenset(
    b"from to cc subject date message-id in-reply-to references content-type "
    b"content-disposition content-transfer-encoding".split()
)
_MOST_BAD = 5  # lines among the headers that are none; each costs a look at all that follow


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one, with its transfer encoding undone.

    Attributes:
        headers: Lower-case name and decoded value, in order, of the headers that are of use here
            (most of a mail's are not), and of the first Received.
        body: All its text parts, joined. Of parts that say the same in several ways
            (multipart/alternative) the plain text is taken; of a reply in HTML alone, what it
            shows.
        charset: What its first text part declares, or ``utf-8``.
        body_line: Line of the mail on which the body starts.
        inner: The header of the ``git format-patch`` file that *body* is the rest of, where
            such a file is attached or stands in the body.
        beside: The other texts of a mail that has such files.
        refused: Why it can't be a patch: several such files, of which *body* has nothing.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    charset: str
    body_line: int
    inner: tuple[tuple[str, str], ...] = ()
    beside: bytes = b""
    refused: MailError | None = None

    def get(self, name: str) -> str | None:
        """The first header of that (lower-case) name; one of the file inside wins."""
        headers = (*self.inner, *self.headers)
        return next((value for key, value in headers if key == name), None)

    def outer(self, name: str) -> str | None:
        """The first header of that name of the mail itself."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part that holds no others."""

    body: bytes
    charset: str
    line: int
    html: bool = False
    named: bool = False  # as a patch file


def parse(data: bytes, where: str, line: int = 1) -> Part:
    """Read a mail: headers, an empty line, and the body.

    Args:
        data: The mail without its mbox ``From `` line.
        where: Its name, for errors.
        line: The number of its first line.

    Raises:
        MailError: It is no mail, an encoding is damaged, or it is HTML alone and no reply.
    """
    headers, body, body_line = _split(data, where, line, strict=True)
    found = [leaf for leaf in _leaves(headers, body, where, body_line, 0) if leaf.body]
    texts = [leaf for leaf in found if not leaf.html]
    if found and not texts:
        if not parse_subject(one_line(dict(headers).get("subject", "")))[0].reply:
            raise MailError(f"{where}:{line}: its text is HTML only; expected text/plain")
        texts = [_Leaf(page_text(found[0].body, found[0].charset), "utf-8", found[0].line)]
    if not texts:
        return Part(tuple(headers), b"", "utf-8", body_line)
    files = [leaf for at, leaf in enumerate(texts) if _is_mail(leaf, first=at == 0)]
    own = _joined([leaf for leaf in texts if leaf not in files])
    if len(files) == 1:
        bare = _GIT_FROM.sub(b"", files[0].body, count=1)
        skipped = files[0].line + (bare != files[0].body)
        inner, rest, at = _split(bare, where, skipped, strict=False)
        kept = tuple((key, value) for key, value in inner if key in ("from", "subject", "date"))
        return Part(tuple(headers), rest, files[0].charset, at, kept, own)
    part = Part(tuple(headers), own, texts[0].charset, texts[0].line)
    if not files:
        return part
    error = MailError(
        f"{where}:{files[1].line}: {len(files)} patch files in one mail; expected one",
        hint="save each in a file of its own, and give the folder",
    )
    return replace(part, beside=own, refused=error)


def _joined(texts: list[_Leaf]) -> bytes:
    return b"".join(
        leaf.body if leaf.body.endswith(b"\n") or leaf is texts[-1] else leaf.body + b"\n"
        for leaf in texts
    )


def _is_mail(leaf: _Leaf, *, first: bool) -> bool:
    """Whether it is a file of ``git format-patch``, header and all."""
    if _GIT_FROM.match(leaf.body):
        return True
    return leaf.named and not first and _MAIL_START.match(leaf.body) is not None


def _leaves(
    headers: list[tuple[str, str]], body: bytes, where: str, line: int, depth: int
) -> list[_Leaf]:
    named = dict(reversed(headers))
    kind, parameters = content_type(named.get("content-type", "text/plain"))
    if kind.startswith("multipart/"):
        boundary = parameters.get("boundary", "")
        if not boundary or depth >= _DEEPEST:
            raise MailError(f"{where}:{line}: a multipart mail without a usable boundary")
        parts = []
        for part, at in _parts(body, boundary, line):
            inside, text, start = _split(part, where, at, strict=False)
            parts.append(_leaves(inside, text, where, start, depth + 1))
        if kind == "multipart/alternative":
            parts = [part for part in parts if any(x.body.strip() for x in part)] or parts[:1]
            parts = [part for part in parts if any(not x.html for x in part)][:1] or parts[:1]
        return [leaf for part in parts for leaf in part]
    _, disposition = content_type(named.get("content-disposition", ""))
    is_named = _names_patch(parameters.get("name")) or _names_patch(disposition.get("filename"))
    if not (kind.startswith("text/") or _PATCH_KINDS.match(kind) or is_named):
        return []
    encoding = named.get("content-transfer-encoding", "8bit").strip().lower()
    body = plain_ends(decode(body, encoding, where, line))
    if parameters.get("format", "").lower() == "flowed":
        body = unflow(body, delsp=parameters.get("delsp", "").lower() == "yes")
    html = kind == "text/html" and not is_named
    return [_Leaf(body, parameters.get("charset", "utf-8"), line, html, is_named)]


def _names_patch(name: str | None) -> bool:
    return name is not None and _PATCH_NAME.search(name.strip()) is not None


def plain_ends(data: bytes) -> bytes:
    """The text with LF ends where CRs were added on the way, else as it is.

    They were where every line ends in CRLF, or where the names above a diff do: git quotes a
    name that has a CR, so that one is no part of the diff.
    """
    lines, added = data.count(b"\n"), data.count(b"\r\n")
    if added and (added == lines or _ADDED_CR.search(data)):
        return data.replace(b"\r\n", b"\n")
    return data


def _split(
    data: bytes, where: str, line: int, *, strict: bool
) -> tuple[list[tuple[str, str]], bytes, int]:
    """Headers, body, and the line on which the body starts."""
    fields: list[tuple[bytes, bytes | None]] = []
    received = False
    at = bad = 0
    while at < len(data):
        if found := _FIELD.match(data, at):
            key, end = found[1].lower(), found.end()
            first = key == b"received" and not received  # of these only the newest counts
            received = received or first
            used = first or key in _USED
            fields.append((key, _unfolded(found[2]) if used else None))
        else:
            end = _end(data, at)
            text = data[at:end].rstrip(b"\n").removesuffix(b"\r")
            if not text:
                break
            if not (fields and bad < _MOST_BAD and _in_header(data, end)):
                if not (strict or fields):
                    break
                raise MailError(
                    f"{where}:{line}: expected a mail header such as `From: Name <address>`, "
                    f"found {text[:40].decode('utf-8', 'replace')!r}"
                )
            bad += 1
            folded = _FOLDED.match(data, end)  # what is folded below it belongs to it
            end = folded.end() if folded else end
        line += data.count(b"\n", at, end)
        at = end
    if data[at : at + 2] == b"\r\n":
        at, line = at + 2, line + 1
    elif data[at : at + 1] == b"\n":
        at, line = at + 1, line + 1
    headers = [
        (key.decode("ascii"), decode_words(text_of(value)))
        for key, value in fields
        if value is not None
    ]
    return headers, data[at:], line


def _end(data: bytes, at: int) -> int:
    """Where the next line starts."""
    end = data.find(b"\n", at)
    return end + 1 if end >= 0 else len(data)


def _unfolded(value: bytes) -> bytes:
    return b" ".join(part.strip() for part in value.removesuffix(b"\n").split(b"\n"))


def _in_header(data: bytes, at: int) -> bool:
    """Whether the header goes on there: a field of every mail follows, before an empty line."""
    end = _EMPTY.search(data, at)
    return (
        _GOES_ON.match(data, at) is not None
        and _OF_MAILS.search(data, at, end.start() + 1 if end else len(data)) is not None
    )


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """The lower-case type, and the parameters, of a Content-Type or Content-Disposition header.

    A parameter split or encoded as RFC 2231 has it (``filename*0``, ``filename*``) is joined.
    """
    parameters: dict[str, str] = {}
    for found in _PARAMETER.finditer(value):
        text = found[2]
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
        name, star, _ = found[1].lower().partition("*")
        if star and found[1].endswith("*"):
            text = urllib.parse.unquote(text.rpartition("'")[2])
        parameters[name] = parameters.get(name, "") + text if star else text
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
