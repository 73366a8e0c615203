# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail archive's page as text: the mails on it, in order, and what else is there. Pure.

A mail begins with a header, of which archives show some lines: ``From:`` and ``Date:`` with a
title above them, or author, date and subject on a line each. What archives put around the mails
(navigation, footers of lists, links to other pages) is furniture.
"""

from __future__ import annotations

import re
from calendar import month_abbr
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

from patchtool.intake.pages.undo import undo

_FIELD = re.compile(
    r"(From|Date|Subject|To|Cc|Message-ID|In-Reply-To|References|Reply-To|Sender|List|Newsgroups"
    r"|Organization|User-Agent|X-Mailer|Sent)\s?:[ \t]+(\S.*)\Z",
    re.IGNORECASE,
)
_LORE_FROM = re.compile(r"From: (.+?) @ ([0-9]{4}-.+?) (?:UTC )?\(permalink.*\Z")
_SUBJECT = re.compile(r"(?:re|aw|fwd?)\s*:|(?:[*`|\s-]*)\[[^\]]*\]\s*\S", re.IGNORECASE)
_DIFF = re.compile(r"(?:^|\s)diff --git \"?a/|(?:^|\s)\+\+\+ \S+\s@@ -[0-9]")
_SIGNED = re.compile(r"(?:^|\s)Signed-off-by: ")
_VERSION = re.compile(r"(?:^|(?<=\s))-- ?\n?\s?[0-9]+(?:\.[0-9a-z-]+)+[^\n]{0,30}(?:\n|\Z)")
_BREAKS = re.compile(r"(?m)^(?:@@ -[0-9]|diff --git |--- |[+-])")
#: Behind such a line there is nothing but links to other pages.
_LAST = re.compile(
    r"(?:Maybe|Possibly|Apparently|Seemingly) (?:Matching|Parallel|Analagous|Similar) Threads"
    r"|\[Index of Archives\]|(?:-- )?end of thread, |Reply instructions:|Archive powered by "
    r"|More information about the \S+ (?:mailing )?list|_{30,}$",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"\[(?:Date|Thread|Date Index|Thread Index|Prev|Next|Author|Subject)[^\]]*\](?:\s*\[.*)?$"
    r"|(?:\s*\[(?:Date|Thread) (?:Prev|Next|Index)\])+"
    r"|(?:Previous|Next) (?:message|thread|in thread)\b|(?:Prev|Next) (?:by|in) (?:Date|thread)"
    r"|Messages sorted by:|\[ (?:date|thread|subject|author) \]|Powered by |This archive was "
    r"|\(?permalink|\^ permalink|\[flat\|nested\]|In reply to:?\s*$|Reply\s*$|Reply via email"
    r"|To unsubscribe from this list|the body of a message to majordomo|More majordomo info"
    r"|Please read the FAQ at|https?://\S*(?:listinfo|majordomo|lkml\.org/lkml/)\S*\s*$"
    r"|\S+ mailing list\s*$|\S+@\S+\s+https?://\S*listinfo",
    re.IGNORECASE,
)
#: A list's footer at the end of text whose line breaks are lost.
_FOOTER = re.compile(
    r"\s(?:--\s)?(?:To unsubscribe from this list: send the line|_{30,}\s).{0,600}\Z", re.DOTALL
)
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2}|[A-Z][a-z]{2})-([0-9]{1,2})[ T]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?:\.[0-9]+)?\s*((?:UTC|GMT|Z|[+-][0-9]{2}:?[0-9]{2})?)$"
)
_MONTHS = {f"{at:02}": name for at, name in enumerate(month_abbr) if at}
_MHONARC = re.compile(r"(\w{3}) (\w{3}) ([0-9]{1,2}) ([0-9]{4}) - ([0-9:]{5,8})")
_LONGEST_NAME, _LONGEST_SUBJECT, _LONGEST_FURNITURE = 80, 400, 300
_LONGEST_HEADER, _LONGEST_MAIL = 30, 4000  # lines
_FOLDED = 600  # characters of a line that no mailer sends


@dataclass(frozen=True, slots=True)
class PageMail:
    """A mail on a page; author, date and subject are empty if its header is gone.

    Attributes:
        author: As the page shows it, often without the address.
        folded: Whether its line breaks are lost.
        line: Line of the page on which it begins.
        changes: Addresses that were masked: as the page has them, and as they were.
        encodings: What else was undone.
    """

    author: str
    date: str
    subject: str
    message_id: str | None
    in_reply_to: str | None
    body: str
    folded: bool
    line: int
    changes: tuple[tuple[str, str], ...] = ()
    encodings: tuple[str, ...] = ()

    @property
    def has_diff(self) -> bool:
        """Whether there is a diff in it that is not quoted."""
        return _DIFF.search(self.body) is not None


@dataclass(frozen=True, slots=True)
class Page:
    """The mails on a page in order, and its other lines, each with its number."""

    mails: tuple[PageMail, ...]
    furniture: tuple[tuple[int, str], ...]


class _Header(NamedTuple):
    start: int
    end: int
    values: dict[str, str]


def read_page(data: bytes) -> Page:
    """Find the mails on a page; text that belongs to none is furniture."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = text.replace("\r\n", "\n").replace("\0", "").removeprefix("\ufeff").split("\n")
    headers = _headers(lines) or [_Header(0, 0, {})]
    furniture = [(at, line) for at, line in enumerate(lines[: headers[0].start], 1) if line.strip()]
    mails: list[PageMail] = []
    ends = [header.start for header in headers[1:]] + [len(lines)]
    for header, end in zip(headers, ends, strict=True):
        inside = enumerate(lines[header.start : header.end], header.start + 1)
        furniture += [(at, line) for at, line in inside if _is_furniture(line)]
        mails += _mails(header, _body(lines, header.end, end, furniture))
    return Page(tuple(mails), tuple(furniture))


def _is_furniture(line: str) -> bool:
    """Whether a line belongs to the page, or the list, and to no mail."""
    return len(line) < _LONGEST_FURNITURE and _FURNITURE.match(line.strip()) is not None


def date_of(text: str) -> str | None:
    """A date as archives write them, as mails write it; None if it is no date."""
    text = " ".join(text.split())
    if not 8 < len(text) < _LONGEST_NAME or not _TIME.search(text):
        return None
    if match := _ISO.match(text):
        month = match[2] if match[2].isalpha() else _MONTHS.get(match[2], "")
        text = f"{match[3]} {month} {match[1]} {match[4]} {match[5].replace(':', '')}"
    text = _MHONARC.sub(r"\1, \3 \2 \4 \5", text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return format_datetime(when) if 1980 <= when.year <= 2200 else None


# --- headers


def _headers(lines: list[str]) -> list[_Header]:
    found: list[_Header] = []
    filled = [at for at, line in enumerate(lines) if line.strip()]
    for place, at in enumerate(filled):
        floor = found[-1].end if found else -1
        if at >= floor:
            header = _fields(lines, filled, place, floor) or _three_lines(
                lines, filled, place, floor
            )
            found += [header] if header else []
    return found


def _three_lines(lines: list[str], filled: list[int], place: int, floor: int) -> _Header | None:
    """A header of author, date and subject, or subject, author and date, each on its line."""
    at = filled[place : place + 3]
    if len(at) < 3 or at[2] - at[0] > 5:
        return None
    one, two, three = (lines[number].strip() for number in at)
    if len(one) > _LONGEST_SUBJECT or len(two) > _LONGEST_NAME or len(three) > _LONGEST_SUBJECT:
        return None
    author, date, subject = one, date_of(two) if len(one) < _LONGEST_NAME else None, three
    if date is None and _SUBJECT.match(one):
        subject, author, date = one, two, date_of(three)
    elif floor < 0 and place and not _SUBJECT.match(three):
        return None
    values = {"from": author, "date": date or "", "subject": subject}
    return _Header(at[0], at[2] + 1, values) if date else None


def _fields(lines: list[str], filled: list[int], place: int, floor: int) -> _Header | None:
    """A header of ``From:``, ``Date:`` and the like, with a title above it or a subject in it."""
    start = end = filled[place]
    if _FIELD.match(lines[start].strip()) is None or len(lines[start]) > 2000:
        return None
    values: dict[str, str] = {}
    for at in filled[place : place + _LONGEST_HEADER]:
        match = _FIELD.match(lines[at].strip())
        if lore := _LORE_FROM.match(lines[at].strip()):
            values["from"], values["date"] = lore[1], lore[2]
        elif match and at - end <= (0 if {"from", "date"} <= values.keys() else 2):
            if match[1].lower() in values:
                break
            values[match[1].lower()] = match[2].strip()
        elif not (values and lines[at][:1] in " \t" and at == end and len(lines[at]) < 500):
            break
        end = at + 1
    title, above = _title(lines, filled, place, floor)
    values["date"] = date_of(values.get("date", values.get("sent", ""))) or ""
    start = start if "subject" in values or not title else above
    subject = values.setdefault("subject", title)
    first = floor < 0
    if "from" not in values or not (values["date"] or (first and subject)):
        return None
    return _Header(start, end, values) if subject or first else None


def _title(lines: list[str], filled: list[int], place: int, floor: int) -> tuple[str, int]:
    """The line above a header that is its subject, and where it stands."""
    for at in reversed(filled[max(0, place - 8) : place]):
        line = lines[at].strip()
        if at < floor:
            break
        if _is_furniture(line) or len(line) > _LONGEST_SUBJECT:
            continue
        if _SUBJECT.match(line) or floor < 0:
            return line.lstrip("*`|- "), at
        break
    return "", 0


# --- bodies


def _body(
    lines: list[str], start: int, end: int, furniture: list[tuple[int, str]]
) -> list[tuple[int, str]]:
    """The lines of a mail's text, each with its number."""
    kept: list[tuple[int, str]] = []
    for at in range(start, end):
        line = lines[at]
        if _LAST.match(line.strip()):
            furniture += [(n, text) for n, text in enumerate(lines[at:end], at + 1) if text.strip()]
            break
        (furniture if _is_furniture(line) else kept).append((at + 1, line))
    filled = [place for place, (_, line) in enumerate(kept) if line.strip()]
    return kept[filled[0] : filled[-1] + 1] if filled else []


def _mails(header: _Header, body: list[tuple[int, str]]) -> list[PageMail]:
    """The mail of a header, and those behind it whose headers are gone."""
    mails: list[PageMail] = []
    for part in _parts(body):
        text = "\n".join(line for _, line in part)
        folded = max(map(len, text.split("\n"))) > _FOLDED or (
            _DIFF.search(text) is not None and not _BREAKS.search(text)
        )
        if folded:
            text = text[:-800] + _FOOTER.sub("", text[-800:])
        undone = undo(text)
        given = {} if mails else header.values
        ids = [given.get(key, "").strip("<> ") or None for key in ("message-id", "in-reply-to")]
        mails.append(
            PageMail(given.get("from", ""), given.get("date", ""), given.get("subject", ""),
                     ids[0], ids[1], undone.text, folded,
                     part[0][0] if mails else header.start + 1, undone.changes, undone.encodings)
        )  # fmt: skip
    return mails


def _parts(body: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """The text cut where a mail has ended and another begins, whose header is gone.

    A mail ends behind the version that git signs it with, or, where line breaks are lost, with
    its line; what begins there is a mail if there is a patch in it.
    """
    needed = [
        [at for at, (_, line) in enumerate(body) if mark.search(line)] for mark in (_DIFF, _SIGNED)
    ]
    parts: list[list[tuple[int, str]]] = [[]]
    ended = False
    for at, (number, line) in enumerate(body):
        if ended and line.strip():
            ended = False
            near = range(at, at + _LONGEST_MAIL)
            if all(any(place in near for place in places) for places in needed):
                parts.append([])
        parts[-1].append((number, line))
        last = "\n".join(text.strip() for _, text in parts[-1][-3:])[-60:]
        ended = ended or len(line) > _FOLDED or _VERSION.search(last) is not None
    return parts
