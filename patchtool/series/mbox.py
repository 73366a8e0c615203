# SPDX-License-Identifier: GPL-2.0-or-later
"""Mailboxes: one file, many mails, read in pieces. Bytes of a stream in, values out.

What separates two mails is a ``From `` line with a time and a year, and a mail header right
behind it; any other ``From `` belongs to the text around it. How ``From `` was escaped inside
a mail is told by the line in front of it: public-inbox and ``git am`` write mboxrd (``From
mboxrd@z``), git itself escapes nothing (``From HASH``, ``From git@z``), and other programs
write a ``>`` in front of the ``From `` that had none (mboxo). A Content-Length is followed
where it ends at the next mail, and ignored elsewhere.

Not by :class:`mailbox.mbox`: it needs a file on disk, begins a new mail at every line that
starts with ``From ``, and leaves the ``>`` in front of those that were escaped.
"""

from __future__ import annotations

import io
import re
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from patchtool.errors import MailError
from patchtool.series import mime
from patchtool.series.encoded_words import decode_words, text_of
from patchtool.series.envelope import (
    Envelope,
    addresses,
    date_of,
    is_from_line,
    message_ids,
    one_line,
    parents_of,
    parse_subject,
    seconds_of,
)
from patchtool.series.mail import Mail, parse_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Largest mail that is read, in bytes.
LIMIT = 64 << 20
_CHUNK = 1 << 20
_LONGEST = 400  # bytes of a From_ line
_GIT = re.compile(rb"From (?:[0-9a-f]{40}|[0-9a-f]{64}|git@z) ")
_FIELD = re.compile(rb"[!-9;-~]{1,200}:|>From ")
_ESCAPED = {
    True: re.compile(rb"^>(>*From )", re.MULTILINE),
    False: re.compile(rb"^>(From )", re.MULTILINE),
}
_HEADER = re.compile(
    rb"^(subject|from|date|message-id|in-reply-to|references|content-transfer-encoding)"
    rb":[ \t]*(.*(?:\n[ \t].*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_RECEIVED = re.compile(rb"^received:(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,9})\s*$", re.IGNORECASE | re.MULTILINE)
_ENCODED = 100_000  # bytes at the start of a mail in which a part says that it is base64


@dataclass(frozen=True, slots=True)
class Piece:
    """One mail of a mailbox.

    Attributes:
        data: The mail without its From_ line, as it stands in the file.
        offset: Where *data* starts in the file, in bytes.
        line: The number of its first line.
        escape: None, or the pattern that undoes what was done to its ``From ``.
    """

    data: bytes
    offset: int
    line: int
    escape: re.Pattern[bytes] | None

    @property
    def mail(self) -> bytes:
        """The mail as it was sent."""
        return self.escape.sub(rb"\1", self.data) if self.escape else self.data


def split_mbox(data: bytes) -> tuple[tuple[bytes, int], ...]:
    """The mails in a mailbox, each with the number of its first line.

    A file that starts with no mbox ``From `` line is one mail.

    Raises:
        MailError: A mail is larger than :data:`LIMIT`.
    """
    if not is_from_line(data.removeprefix(mime.BOM).lstrip(b"\r\n")[:_LONGEST].partition(b"\n")[0]):
        return ((data, 1),)
    return tuple((piece.mail, piece.line) for piece in scan(io.BytesIO(data), "mailbox"))


def scan(stream: BinaryIO, where: str) -> Iterator[Piece]:
    """The mails of *stream* in order, holding one of them at a time.

    Raises:
        MailError: A mail is larger than :data:`LIMIT`; names the line it starts on.
    """
    return _Scanner(stream, where).pieces()


class _Scanner:
    """A window on the stream; places in it count from the start of the mail at hand."""

    def __init__(self, stream: BinaryIO, where: str) -> None:
        self.stream = stream
        self.where = where
        self.buffer = b""
        self.start = 0  # of the mail, in the buffer
        self.offset = 0  # of the mail, in the file
        self.line = 1
        self.ended = False

    def pieces(self) -> Iterator[Piece]:
        if self.have(len(mime.BOM)) and self.text(0, len(mime.BOM)) == mime.BOM:
            self.forward(len(mime.BOM))
        while self.have(1) and self.text(0, 1) in (b"\n", b"\r"):
            self.forward(1)
        self.have(_LONGEST)
        first = self.text(0, _LONGEST).partition(b"\n")[0]
        if not is_from_line(first):
            while self.more():
                pass
            yield self.piece(0, len(self.buffer) - self.start, b"")
            return
        while self.have(1):
            first, newline, _ = self.text(0, _LONGEST).partition(b"\n")
            begin = len(first) + len(newline)
            end = self.end(begin)
            piece = self.piece(begin, end, first)
            if piece.data.strip():
                yield piece
            self.forward(end)

    def piece(self, begin: int, end: int, first: bytes) -> Piece:
        escape = None
        if first and not _GIT.match(first):
            escape = _ESCAPED[first.startswith(b"From mboxrd@z ")]
        return Piece(self.text(begin, end), self.offset + begin, self.line + (begin > 0), escape)

    def text(self, begin: int, end: int) -> bytes:
        return self.buffer[self.start + begin : self.start + end]

    def forward(self, count: int) -> None:
        """The next mail starts *count* bytes on."""
        self.line += self.buffer.count(b"\n", self.start, self.start + count)
        self.start += count
        self.offset += count

    def have(self, count: int) -> bool:
        """Whether the window holds *count* bytes; reads on where it can."""
        while len(self.buffer) - self.start < count:
            if not self.more():
                return False
        return True

    def more(self) -> bool:
        """Read on; whether there was anything."""
        held = len(self.buffer) - self.start
        if held > LIMIT:
            raise MailError(
                f"{self.where}:{self.line}: a mail of more than {LIMIT >> 20} MiB; "
                "expected `From ` lines between mails"
            )
        read = b"" if self.ended else self.stream.read(max(_CHUNK, held))
        self.ended = not read
        self.buffer = self.buffer[self.start :] + read
        self.start = 0
        return not self.ended

    def end(self, begin: int) -> int:
        """Where the mail ends that starts at *begin*."""
        at = begin - 1
        while True:
            found = self.buffer.find(b"\nFrom ", self.start + at)
            if found >= 0:
                at = found + 1 - self.start
                if self.mark(at):
                    break
            else:
                at = max(at, len(self.buffer) - self.start - len(b"\nFrom"))
                if not self.more():
                    at = len(self.buffer) - self.start
                    break
        return self.stated(begin, at)

    def mark(self, at: int) -> bool:
        """Whether a mail ends there: a From_ line, and a header behind it."""
        self.have(at + 2 * _LONGEST)
        first, _, rest = self.text(at, at + 2 * _LONGEST).partition(b"\n")
        return is_from_line(first) and _FIELD.match(rest) is not None

    def stated(self, begin: int, end: int) -> int:
        """*end*, or what Content-Length says if that is farther on and a mail starts there."""
        header = _HEADER_END.search(self.buffer, self.start + begin, self.start + end)
        if header is None:
            return end
        stated = _LENGTH.search(self.buffer, self.start + begin, header.start() + 1)
        if stated is None:
            return end
        at = header.end() - self.start + int(stated[1])
        if not end < at <= LIMIT or not self.have(at):
            return end
        gap = self.text(at, at + 3)
        at += len(gap) - len(gap.lstrip(b"\r\n"))
        return at if self.mark(at) or not self.have(at + 1) else end


class Mailbox:
    """A mailbox file of any size: an envelope for each mail, the mails read when asked for.

    Args:
        stream: The file, opened for reading bytes; it must be seekable.
        where: Its name, for errors.

    Raises:
        MailError: A mail is larger than :data:`LIMIT`.
    """

    def __init__(self, stream: BinaryIO, where: str) -> None:
        self.stream = stream
        self.where = where
        self.envelopes: list[Envelope] = []
        self._offsets, self._lengths = array("Q"), array("Q")
        self._escapes: list[re.Pattern[bytes] | None] = []
        known: dict[str, str] = {}
        stream.seek(0)
        for piece in scan(stream, where):
            self.envelopes.append(envelope(piece.data, where, piece.line, known))
            self._offsets.append(piece.offset)
            self._lengths.append(len(piece.data))
            self._escapes.append(piece.escape)

    def mail(self, at: int) -> Mail:
        """Mail number *at*, from 0.

        Raises:
            MailError: It cannot be read.
        """
        self.stream.seek(self._offsets[at])
        data, line = self.stream.read(self._lengths[at]), self.envelopes[at].line
        return parse_mail(Piece(data, 0, line, self._escapes[at]).mail, self.where, line)


def envelope(data: bytes, where: str, line: int, known: dict[str, str] | None = None) -> Envelope:
    """What the header of a mail says, however damaged it is.

    Args:
        data: The mail, without its From_ line.
        where: The name of its file.
        line: The line on which it starts there.
        known: Strings met before: equal ones are kept once.
    """
    share = (known if known is not None else {}).setdefault
    end = _HEADER_END.search(data)
    header = data[: end.start() if end else len(data)]
    fields: dict[str, str] = {}
    for name, value in _HEADER.findall(header):
        key = name.decode("ascii").lower()
        fields.setdefault(key, decode_words(one_line(text_of(value))))
    if not fields.get("date"):
        received = _RECEIVED.search(header)
        fields["date"] = date_of(None, one_line(text_of(received[1])) if received else None)
    prefix, title = parse_subject(one_line(fields.get("subject", "")))
    ids = message_ids(fields.get("message-id"))
    parents = parents_of(fields.get("in-reply-to"), fields.get("references"))
    sender = (*addresses(fields.get("from")), "")[0]
    diff = b"\ndiff --git " in data or b"\n+++ " in data
    if not diff and prefix.number is None and not prefix.reply:
        diff = _hidden_diff(data, fields, where)
    return Envelope(
        prefix=prefix,
        title=share(title, title),
        sender=share(sender, sender),
        message_id=share(ids[0], ids[0]) if ids else None,
        parents=tuple(share(parent, parent) for parent in parents),
        when=seconds_of(fields.get("date")),
        diff=diff,
        where=where,
        line=line,
    )


def _hidden_diff(data: bytes, fields: dict[str, str], where: str) -> bool:
    """Whether there is a diff in parts that are encoded, line ends and all."""
    hidden = b"base64" in data[:_ENCODED] or b"=0A" in data
    if not hidden and "base64" not in fields.get("content-transfer-encoding", "").lower():
        return False
    try:
        body = mime.parse(data, where).body
    except MailError:
        return False
    return b"diff --git " in body or b"\n+++ " in body
