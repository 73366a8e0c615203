# SPDX-License-Identifier: GPL-2.0-or-later
"""One mail becomes a patch, a cover letter or a reply. Pure: bytes in, values out, no I/O.

What is read here is written out again in one plain form (:attr:`Mail.raw`), and that form is
what ``git am`` gets, so that patchtool and git never read two different things in one mail.

Line ends: a mail whose every line ends in CRLF, or whose lines above a diff do, was changed on
its way, and the CRs are dropped, as ``git am`` does by default. In any other mail a CR belongs to
the line it ends (a patch to a file with CRLF lines) and is kept, as with ``git am --keep-cr``.

Scissors (``-- >8 --``) are text like any other, as for ``git am`` without ``--scissors``. Only
in a reply, which is no patch by its subject, do they start one: see :func:`cut_out`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.series import changelog, compose, diffstat, in_body, mime
from patchtool.series.author import parse_author, parse_date
from patchtool.series.diff import parse_diff
from patchtool.series.encoded_words import text_of
from patchtool.series.envelope import (
    Envelope,
    Prefix,
    addresses,
    date_of,
    is_from_line,
    message_ids,
    one_line,
    parents_of,
    parse_subject,
    seconds_of,
)
from patchtool.series.message_end import BREAK, cut_of, find_cut, strip_space
from patchtool.series.model import Patch
from patchtool.series.tags.commit_message import of_message

if TYPE_CHECKING:
    from patchtool.series.commit_text import CommitText
    from patchtool.series.file_diff import FileDiff
    from patchtool.series.message_end import Cut

_DIFF = re.compile(rb"^(?:diff -|Index: |--- \S.*\n\+\+\+ )", re.MULTILINE)
_FOOTER = re.compile(rb"^-\n(?=To unsubscribe )", re.MULTILINE)
_SCISSORS = re.compile(rb"^[ \t]*-[- \t]*+(?:>8|8<|>%|%<)[^\n]*\n", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- ?\n.*\Z", re.MULTILINE | re.DOTALL)
_SIGNED = re.compile(rb"^-- ?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mail:
    """A patch, a cover letter or a reply.

    Attributes:
        where: Name of the file it came from.
        line: The line of that file on which it starts.
        prefix: What the brackets of its subject say.
        subject: The subject without them.
        author: ``Name <address>``; the in-body ``From:`` line wins.
        sender: ``Name <address>`` of its From header.
        date: The Date header as it was sent; an in-body ``Date:`` line wins. Without either,
            when it was received.
        message: The commit message, with git's clean-up of white space.
        notes: What stands between the ``---`` line and the diff.
        text: All of its text, as it was written; of a reply, without the patch files attached.
        message_id: Without angle brackets, or None.
        parents: Message-IDs of the mails it answers, nearest first.
        recipients: Addresses of To and Cc, lower case, in order.
        files: Its file diffs; none in a cover letter or a reply.
        raw: The same mail in plain form (UTF-8, 8 bit), as ``git am`` takes it.
        scissors: Of a reply: the bytes below its scissors line, with that line's number.
        commit: What the commit it was made of says, where the mail would not give it back.
        cut: Where git ends its message although that goes on.
    """

    where: str
    line: int
    prefix: Prefix
    subject: str
    author: str
    sender: str
    date: str
    message: str
    notes: str
    text: str
    message_id: str | None
    parents: tuple[str, ...]
    recipients: tuple[str, ...]
    files: tuple[FileDiff, ...]
    raw: bytes
    scissors: tuple[bytes, int] | None = None
    commit: CommitText | None = None
    cut: Cut | None = None

    @property
    def body(self) -> str:
        """The text with git's clean-up of white space, and without its signature."""
        return strip_space(_SIGNATURE.sub("", self.text))

    @property
    def envelope(self) -> Envelope:
        """Its place in a thread."""
        return Envelope(
            prefix=self.prefix,
            title=self.subject,
            sender=(*addresses(self.sender), "")[0],
            message_id=self.message_id,
            parents=self.parents,
            when=seconds_of(self.date),
            diff=bool(self.files),
            where=self.where,
            line=self.line,
        )

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
            tags=self.prefix.words,
            in_reply_to=self.parents[0] if self.parents else None,
            notes=self.notes,
            trailers=of_message(self.message),
            diffstat=diffstat.parse(self.notes),
            changelog=changelog.parse(self.notes) or changelog.parse(self.message),
            recipients=self.recipients,
            where=f"{self.where}:{self.line}" if self.line > 1 else self.where,
            commit=self.commit,
            cut=self.cut,
        )


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
    bare = data.removeprefix(mime.BOM).lstrip(b"\r\n")
    first_line += data.count(b"\n", 0, len(data) - len(bare))
    data = bare
    head, _, rest = data.partition(b"\n")
    if is_from_line(head):
        data, first_line = rest, first_line + 1
    part = mime.parse(mime.plain_ends(data), where, first_line)
    return _read(part, where, first_line)


def _read(part: mime.Part, where: str, first_line: int) -> Mail:
    place = f"{where}:{first_line}"
    whole = part.body
    cut = BREAK.search(whole)
    at = cut.start() if cut else len(whole)
    text = text_of(whole[:at], part.charset)
    outer = parse_subject(one_line(part.outer("subject") or ""))
    answers = outer[0].reply
    if part.refused is not None and not answers:
        raise part.refused
    # what a reply begins with is what it quotes
    inside, message = ({}, text) if _is_reply(part, outer[0]) else in_body.split(text)
    sender = part.get("from")
    date = date_of(inside.get("date") or part.get("date"), part.get("received"))
    if sender is None and "from" not in inside:
        raise MailError(f"{place}: no From: header; expected one, with the author")
    author = parse_author(inside.get("from") or sender or "", place)
    prefix, title = _subject(part, outer, inside.get("subject"))
    is_patch = prefix.number != 0 and not prefix.reply
    diff_line = part.body_line + whole.count(b"\n", 0, at)
    rest = whole[at:]
    files = parse_diff(_without_footer(rest), where, diff_line) if is_patch else ()
    if files and not title:
        raise MailError(f"{place}: no subject; expected `Subject: [PATCH] area: …`")
    ids = message_ids(part.get("message-id"))
    cut_at = find_cut(message, rest, part.charset) if is_patch else None
    message = strip_space(message)
    message_id = ids[0] if ids else None
    when, tags = parse_date(date, place), prefix.tags or "PATCH"
    raw = compose.patch_mail(tags, title, author, when, message, message_id, rest)
    cut_out = _SCISSORS.search(whole) if prefix.reply else None
    return Mail(
        where=where,
        line=first_line,
        prefix=prefix,
        subject=title,
        author=author,
        sender=one_line(part.outer("from") or author),
        date=date,
        message=message,
        notes=text_of(_notes(rest), part.charset) if is_patch else "",
        text=text_of(part.beside if answers and part.inner else whole, part.charset),
        message_id=message_id,
        parents=parents_of(part.get("in-reply-to"), part.get("references")),
        recipients=_recipients(part),
        files=files,
        raw=raw,
        scissors=(whole[cut_out.end() :], part.body_line + whole.count(b"\n", 0, cut_out.end()))
        if cut_out
        else None,
        cut=cut_at,
    )


def cut_out(mail: Mail) -> Mail | None:
    """The patch below the scissors line of a reply; None where it has no such line.

    Raises:
        MailError: What stands there cannot be read.
    """
    if mail.scissors is None:
        return None
    body, line = mail.scissors
    headers = (("from", mail.sender), ("date", mail.date), ("subject", mail.subject))
    part = mime.Part(headers, body, "utf-8", line)
    read = _read(part, mail.where, mail.line)
    return replace(read, message_id=mail.message_id, recipients=mail.recipients)


def worded(mail: Mail, text: CommitText) -> Mail:
    """The patch in *mail*, of a commit that says *text*."""
    _, _, rest = mail.raw.partition(b"\n---\n")
    return replace(
        mail,
        subject=text.subject,
        author=text.name,
        sender=text.name,
        date=format_datetime(text.when),
        message=text.body,
        text=text.body,
        commit=text,
        cut=cut_of(text.body, b"---\n" + rest),
    )


def _is_reply(part: mime.Part, outer: Prefix) -> bool:
    """Whether its own header says that it answers a mail."""
    return (
        parse_subject(one_line(part.get("subject") or ""))[0].reply if part.inner else outer.reply
    )


def _subject(part: mime.Part, outer: tuple[Prefix, str], better: str | None) -> tuple[Prefix, str]:
    """The prefix and the title; a title inside wins, a prefix only where the header has none."""
    inner = better or dict(part.inner).get("subject")
    if not inner:
        return outer
    prefix, title = parse_subject(one_line(inner))
    return (outer[0] if outer[0].lead and not part.inner else prefix), title


def _notes(rest: bytes) -> bytes:
    """What stands between the ``---`` line and the diff."""
    if not rest.startswith(b"---") or rest.startswith(b"--- "):
        return b""
    _, _, notes = rest.partition(b"\n")
    found = _DIFF.search(notes)
    return notes[: found.start()] if found else _SIGNED.split(notes, maxsplit=1)[0]


def _without_footer(rest: bytes) -> bytes:
    """The diff without a mailing list's footer whose first line looks like a removed one."""
    found = _FOOTER.search(rest)
    return rest[: found.start()] if found else rest


def _recipients(part: mime.Part) -> tuple[str, ...]:
    values = [value for key, value in part.headers if key in ("to", "cc")]
    return tuple(dict.fromkeys(address for value in values for address in addresses(value)))
