# SPDX-License-Identifier: GPL-2.0-or-later
"""One mail becomes a patch or a cover letter. Pure: bytes in, values out, no I/O.

What is read here is written out again in one plain form (:attr:`Mail.raw`), and that form is
what ``git am`` gets, so that patchtool and git never read two different things in one mail.

Line ends: a mail whose every line ends in CRLF was changed on its way, and the CRs are
dropped, as ``git am`` does by default. In any other mail a CR belongs to the line it ends
(a patch to a file with CRLF lines) and is kept, as with ``git am --keep-cr``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, mktime_tz, parsedate_tz

from patchtool.errors import MailError
from patchtool.series import mime
from patchtool.series.diff import parse_diff
from patchtool.series.model import FileDiff, Patch

_FROM_LINE = re.compile(rb"From \S.*[0-9]:[0-9][0-9].*[0-9]{4}\s*\Z")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_BREAK = re.compile(rb"^(?:---\s*?$|--- \S|diff -|Index: )", re.MULTILINE)
_IN_BODY = re.compile(r"(From|Subject|Date):[ \t]+(\S.*)\Z")
_ANGLE = re.compile(r"<([^<>\s()\",]+@[^<>\s()\",]+)>")
_ADDRESS = re.compile(r"([^<>\s()\",]+@[^<>\s()\",]+)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_REPLY = re.compile(r"(?:re|aw|fwd?)\s*:", re.IGNORECASE)
_REVISION = re.compile(r"(?:^|[^a-z0-9.]|patch)v([0-9]{1,4})(?![0-9a-z.])", re.IGNORECASE)
_COUNT = re.compile(r"(?<![0-9.])([0-9]{1,4})/([0-9]{1,4})(?![0-9.])")
_MESSAGE_ID = re.compile(r"<([^<>\s]+)>")
_SIGNATURE = re.compile(r"^-- ?\n.*\Z", re.MULTILINE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a subject is shown on terminals
_LATEST = 1 << 33  # seconds; the year 2242


@dataclass(frozen=True, slots=True)
class Prefix:
    """What the ``[PATCH RFC v3 2/5]`` in front of a subject says.

    Attributes:
        tags: The text of the brackets.
        revision: 1 where no ``vN`` is there.
        number: The 2 of ``2/5``, or None.
        total: The 5 of ``2/5``, or None.
        reply: Whether ``Re:`` stands in front.
    """

    tags: str
    revision: int
    number: int | None
    total: int | None
    reply: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """A patch or a cover letter.

    Attributes:
        where: Name of the file it came from, with the mail's place in it.
        prefix: What the brackets of its subject say.
        subject: The subject without them.
        author: ``Name <address>``; the in-body ``From:`` line wins.
        date: The Date header as it was sent.
        message: The commit message, with git's clean-up of white space.
        body: The whole text, without its signature.
        message_id: Without angle brackets, or None.
        files: Its file diffs; none in a cover letter.
        raw: The same mail in plain form (UTF-8, 8 bit), as ``git am`` takes it.
    """

    where: str
    prefix: Prefix
    subject: str
    author: str
    date: str
    message: str
    body: str
    message_id: str | None
    files: tuple[FileDiff, ...]
    raw: bytes

    def patch(self, number: int) -> Patch:
        """The patch it is, at place *number* of its series.

        Raises:
            MailError: It has no diff.
        """
        if not self.files:
            raise MailError(f"{self.where}: no diff in this mail; expected `diff --git` lines")
        return Patch(
            number=number,
            subject=self.subject,
            author=self.author,
            date=self.date,
            message=self.message,
            message_id=self.message_id,
            files=self.files,
            raw=self.raw,
        )


def split_mbox(data: bytes) -> tuple[tuple[bytes, int], ...]:
    """The mails in a mailbox, each with the number of its first line.

    A file that starts with no mbox ``From `` line is one mail. The ``>From`` of the mboxrd
    format (public-inbox) is undone.
    """
    if not _is_from_line(data.lstrip(b"\n").partition(b"\n")[0]):
        return ((data, 1),)
    mboxrd = data.lstrip(b"\n").startswith(b"From mboxrd@z ")
    mails: list[tuple[bytes, int]] = []
    current: list[bytes] = []
    start = 1
    for number, line in enumerate(data.split(b"\n"), 1):
        if _is_from_line(line):
            if current and any(current):
                mails.append((b"\n".join([*current, b""]), start))
            current, start = [], number + 1
        else:
            current.append(line)
    mails.append((b"\n".join(current), start))
    return tuple((_ESCAPED.sub(rb"\1", mail) if mboxrd else mail, at) for mail, at in mails)


def _is_from_line(line: bytes) -> bool:
    return line.startswith(b"From ") and _FROM_LINE.match(line) is not None


def parse_mail(data: bytes, where: str, first_line: int = 1) -> Mail:
    """Read one mail.

    Args:
        data: The mail; an mbox ``From `` line in front is skipped.
        where: The file's name, for errors.
        first_line: The number of its first line in that file.

    Raises:
        MailError: It is empty, binary, no mail, truncated, or its diff is refused; names the
            file, the line, and what was expected.
    """
    if not data.strip():
        raise MailError(f"{where}:{first_line}: empty; expected a patch mail")
    nul = data.find(b"\0")
    if nul >= 0:
        line = first_line + data.count(b"\n", 0, nul)
        raise MailError(f"{where}:{line}: binary data; expected a patch mail, which is text")
    head, _, rest = data.partition(b"\n")
    if _is_from_line(head):
        data, first_line = rest, first_line + 1
    part = mime.parse(_plain_ends(data), where, first_line)
    whole = _plain_ends(part.body)
    cut = _BREAK.search(whole)
    at = cut.start() if cut else len(whole)
    head_text = mime.text_of(whole[:at], part.charset)
    inside, message = _in_body(head_text)
    subject = _one_line(inside.get("Subject") or part.get("subject") or "")
    sender = inside.get("From") or part.get("from")
    date = inside.get("Date") or part.get("date")
    if sender is None:
        raise MailError(f"{where}:{first_line}: no From: header; expected one, with the author")
    author = parse_author(sender, f"{where}:{first_line}")
    if date is None:
        raise MailError(
            f"{where}:{first_line}: no Date: header; expected one, with the author date"
        )
    prefix, title = parse_subject(subject)
    if not title:
        raise MailError(f"{where}:{first_line}: no subject; expected `Subject: [PATCH] area: …`")
    found_id = _MESSAGE_ID.search(part.get("message-id") or "")
    diff_line = part.body_line + whole.count(b"\n", 0, at)
    message = strip_space(message)
    message_id = found_id[1] if found_id else None
    when = parse_date(date, f"{where}:{first_line}")
    raw = _raw(prefix, title, author, when, message, message_id, whole[at:])
    body = strip_space(_SIGNATURE.sub("", mime.text_of(whole, part.charset)))
    files = () if prefix.number == 0 or prefix.reply else parse_diff(whole[at:], where, diff_line)
    return Mail(where, prefix, title, author, date, message, body, message_id, files, raw)


def _plain_ends(data: bytes) -> bytes:
    lines = data.count(b"\n")
    return data.replace(b"\r\n", b"\n") if lines and data.count(b"\r\n") == lines else data


def _one_line(text: str) -> str:
    return _CONTROL.sub("", " ".join(text.split()))


def strip_space(text: str) -> str:
    """Text as ``git stripspace`` leaves it: no white space at line ends, no double empty lines."""
    lines = [line.rstrip() for line in text.split("\n")]
    kept = [line for at, line in enumerate(lines) if line or (at > 0 and lines[at - 1])]
    return "\n".join(kept).strip("\n")


def _in_body(text: str) -> tuple[dict[str, str], str]:
    """The ``From:``, ``Subject:`` and ``Date:`` lines a message starts with, and the rest."""
    lines = text.lstrip("\n").split("\n")
    found: dict[str, str] = {}
    at = 0
    while at < len(lines):
        match = _IN_BODY.match(lines[at].removeprefix(">"))
        if match is None or (match[1] == "From" and "@" not in match[2]):
            break
        value = match[2]
        at += 1
        while at < len(lines) and lines[at][:1] in (" ", "\t") and lines[at].strip():
            value += " " + lines[at].strip()
            at += 1
        found.setdefault(match[1], mime.decode_words(value))
    return found, "\n".join(lines[at:])


def parse_author(value: str, where: str) -> str:
    """``Name <address>`` of a From header.

    As in git, the address stands for a name that is missing, longer than 60 bytes, or holds
    an ``@``.

    Raises:
        MailError: There is no address in it.
    """
    text = _one_line(value)
    match = _ANGLE.search(text) or _ADDRESS.search(text)
    if match is None:
        raise MailError(f"{where}: expected `From: Name <address>`, found {value[:60]!r}")
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    parts = _QUOTED.split(rest)  # what is quoted stands at the odd places
    parts[::2] = [re.sub(r'[<>()"\\]', " ", part) for part in parts[::2]]
    parts[1::2] = [re.sub(r"\\(.)", r"\1", part) for part in parts[1::2]]
    name = _one_line(re.sub(r"[<>]", " ", "".join(parts))).strip(" ,")
    if not 1 <= len(name.encode()) <= 60 or "@" in name:
        name = match[1]
    return f"{name} <{match[1]}>"


def parse_date(value: str, where: str) -> datetime:
    """A Date header.

    Raises:
        MailError: It is no date, or none that git can store.
    """
    try:
        fields = parsedate_tz(value)
        seconds = mktime_tz(fields) if fields else -1
        zone = timezone(timedelta(seconds=(fields[9] or 0) if fields else 0))
    except (ValueError, OverflowError, TypeError, IndexError):
        seconds, zone = -1, UTC
    if not 0 <= seconds < _LATEST:
        raise MailError(
            f"{where}: expected a date such as `Mon, 3 Feb 2025 10:00:00 +0100`, "
            f"found {value[:60]!r}"
        )
    return datetime.fromtimestamp(seconds, tz=zone)


def parse_subject(subject: str) -> tuple[Prefix, str]:
    """What the brackets in front of a subject say, and the subject without them.

    All brackets in front go, as with ``git am``, and so does ``Re:``.
    """
    rest, tags, reply = subject.strip(), [], False
    while True:
        rest = rest.lstrip(" \t:")
        if word := _REPLY.match(rest):
            reply = True
            rest = rest[word.end() :]
        elif bracket := _BRACKET.match(rest):
            tags.append(bracket[1])
            rest = rest[bracket.end() :]
        else:
            break
    text = " ".join(tags)
    revision, count = _REVISION.search(text), _COUNT.search(text)
    return Prefix(
        tags=text,
        revision=max(1, int(revision[1])) if revision else 1,
        number=int(count[1]) if count else None,
        total=int(count[2]) if count else None,
        reply=reply,
    ), rest.strip()


def _raw(
    prefix: Prefix,
    subject: str,
    author: str,
    when: datetime,
    message: str,
    message_id: str | None,
    rest: bytes,
) -> bytes:
    tags = f"[{prefix.tags}] " if prefix.tags else "[PATCH] "
    name, _, address = author.rpartition(" <")
    quoted = (
        '"' + re.sub(r'([\\"])', r"\\\1", name) + '"' if re.search(r"[^\w .'-]", name) else name
    )
    lines = [
        "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001",
        *([f"Message-ID: <{message_id}>"] if message_id else []),
        f"From: {quoted} <{address}",
        f"Date: {format_datetime(when)}",
        f"Subject: {tags}{subject}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        f"From: {quoted} <{address}",
        "",
        message,
        "",
    ]
    return (
        "\n".join(lines).encode("utf-8", "replace")
        + (b"" if rest.startswith(b"---") else b"---\n")
        + rest
    )
