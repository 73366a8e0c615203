# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail archive's page as text: the mails on it, in order, and what else is there. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from patchtool.recover.furniture import date_of, is_furniture, is_last, without_footer
from patchtool.recover.unmask import undo

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
_LONGEST_NAME, _LONGEST_SUBJECT = 80, 400
_LONGEST_HEADER, _LONGEST_MAIL = 30, 4000  # lines
_FOLDED = 600  # characters of a line that no mailer sends


@dataclass(frozen=True, slots=True)
class PageMail:
    """A mail on a page.

    Attributes:
        author: As the page shows it, often without the address; empty if the header is gone.
        date: As a mail's Date header; empty if it is gone.
        subject: As the page shows it; empty if it is gone.
        message_id: Without angle brackets, or None.
        in_reply_to: As above.
        body: Its text, with everything undone that can be.
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
    """What a page holds.

    Attributes:
        mails: In the order of the page.
        furniture: Its other lines, each with its number.
    """

    mails: tuple[PageMail, ...]
    furniture: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class _Header:
    start: int
    end: int
    author: str = ""
    date: str = ""
    subject: str = ""
    message_id: str | None = None
    in_reply_to: str | None = None


def read_page(data: bytes) -> Page:
    """Find the mails on a page; text that belongs to none is furniture."""
    text = data.decode("utf-8", "replace") if _is_utf8(data) else data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\0", "").removeprefix("\ufeff")
    lines = text.split("\n")
    headers = _headers(lines)
    furniture: list[tuple[int, str]] = []
    mails: list[PageMail] = []
    first = headers[0].start if headers else 0
    furniture += [(at, line) for at, line in enumerate(lines[:first], 1) if line.strip()]
    if not headers:
        headers = [_Header(0, 0)]
    ends = [header.start for header in headers[1:]] + [len(lines)]
    for header, end in zip(headers, ends, strict=True):
        inside = enumerate(lines[header.start : header.end], header.start + 1)
        furniture += [(at, line) for at, line in inside if is_furniture(line)]
        body = _body(lines, header.end, end, furniture)
        mails += _mails(header, body)
    return Page(tuple(mails), tuple(furniture))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# --- headers


def _headers(lines: list[str]) -> list[_Header]:
    found: list[_Header] = []
    filled = [at for at, line in enumerate(lines) if line.strip()]
    place = 0
    while place < len(filled):
        header = _fields(lines, filled, place, found) or _three_lines(lines, filled, place, found)
        if header is None:
            place += 1
            continue
        found.append(header)
        while place < len(filled) and filled[place] < header.end:
            place += 1
    return found


def _three_lines(
    lines: list[str], filled: list[int], place: int, found: list[_Header]
) -> _Header | None:
    """A header of author, date and subject, or subject, author and date, each on its line."""
    if place + 2 >= len(filled) or filled[place + 2] - filled[place] > 5:
        return None
    one, two, three = (lines[filled[place + step]].strip() for step in range(3))
    if len(one) > _LONGEST_SUBJECT or len(two) > _LONGEST_NAME or len(three) > _LONGEST_SUBJECT:
        return None
    end = filled[place + 2] + 1
    if len(one) < _LONGEST_NAME and (date := date_of(two)):
        if found or _SUBJECT.match(three) or place == 0:
            return _Header(filled[place], end, one, date, three)
    elif _SUBJECT.match(one) and (date := date_of(three)):
        return _Header(filled[place], end, two, date, one)
    return None


def _fields(
    lines: list[str], filled: list[int], place: int, found: list[_Header]
) -> _Header | None:
    """A header of ``From:``, ``Date:`` and the like, with a title above it or a subject in it."""
    start = filled[place]
    match = _FIELD.match(lines[start].strip())
    if match is None or lines[start][:1] == ">" or len(lines[start]) > 2000:
        return None
    values: dict[str, str] = {}
    end = start
    for at in filled[place : place + _LONGEST_HEADER]:
        field = _FIELD.match(lines[at].strip())
        lore = _LORE_FROM.match(lines[at].strip())
        if lore:
            values["from"], values["date"] = lore[1], lore[2]
        elif field and at - end <= (0 if {"from", "date"} <= values.keys() else 2):
            if field[1].lower() in values:
                break
            values[field[1].lower()] = field[2].strip()
        elif values and lines[at][:1] in " \t" and at == end and len(lines[at]) < 500:
            pass
        else:
            break
        end = at + 1
    title, above = _title(lines, filled, place, found)
    subject = values.get("subject", title)
    date = date_of(values.get("date", values.get("sent", ""))) or ""
    if "from" not in values or not (date or (not found and subject)):
        return None
    if not subject and found:
        return None
    start = start if "subject" in values or not title else above
    ids = {key: values.get(key, "").strip("<> ") or None for key in ("message-id", "in-reply-to")}
    return _Header(start, end, values["from"], date, subject, ids["message-id"],
                   ids["in-reply-to"])  # fmt: skip


def _title(
    lines: list[str], filled: list[int], place: int, found: list[_Header]
) -> tuple[str, int]:
    """The line above a header that is its subject, and where it stands."""
    floor = found[-1].end if found else 0
    for at in reversed(filled[max(0, place - 8) : place]):
        if at < floor:
            break
        line = lines[at].strip()
        if is_furniture(line) or len(line) > _LONGEST_SUBJECT:
            continue
        if _SUBJECT.match(line) or not found:
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
        if is_last(line):
            furniture += [(n, text) for n, text in enumerate(lines[at:end], at + 1) if text.strip()]
            break
        if is_furniture(line):
            furniture.append((at + 1, line))
        else:
            kept.append((at + 1, line))
    while kept and not kept[-1][1].strip():
        del kept[-1]
    while kept and not kept[0][1].strip():
        del kept[0]
    return kept


def _mails(header: _Header, body: list[tuple[int, str]]) -> list[PageMail]:
    """The mail of a header, and those behind it whose headers are gone."""
    parts = _parts(body)
    mails: list[PageMail] = []
    for part in parts:
        text = "\n".join(line for _, line in part)
        folded = _is_folded(text)
        undone = undo(without_footer(text) if folded else text)
        if mails:
            header = _Header(part[0][0], 0)
        mails.append(
            PageMail(header.author, header.date, header.subject, header.message_id,
                     header.in_reply_to, undone.text, folded,
                     header.start + 1 if not mails else header.start, undone.changes,
                     undone.encodings)
        )  # fmt: skip
    return mails


def _is_folded(text: str) -> bool:
    longest = max(map(len, text.split("\n")), default=0)
    return longest > _FOLDED or (_DIFF.search(text) is not None and not _BREAKS.search(text))


def _parts(body: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """The text cut where a mail has ended and another begins, whose header is gone.

    A mail ends behind the version that git signs it with, or, where line breaks are lost, with
    its line; what begins there is a mail if there is a patch in it.
    """
    whole = "\n".join(text for _, text in body)
    starts = [0, *accumulate(len(text) + 1 for _, text in body)]
    needed = [[m.end() for m in mark.finditer(whole)] for mark in (_DIFF, _SIGNED)]

    def ahead(ends: list[int], at: int) -> bool:
        place = bisect_right(ends, starts[at])
        return place < len(ends) and ends[place] < starts[min(at + _LONGEST_MAIL, len(body))]

    parts: list[list[tuple[int, str]]] = [[]]
    ended = False
    for at, (number, line) in enumerate(body):
        if ended and line.strip() and all(ahead(ends, at) for ends in needed):
            parts.append([])
        if line.strip():
            ended = False
        parts[-1].append((number, line))
        both = f"{body[at - 1][1].strip()}\n{line}" if at else line
        if (
            len(line) > _FOLDED
            or _VERSION.search(line[-60:])
            or (_VERSION.fullmatch(both.strip()) and len(both) < 60)
        ):
            ended = True
        elif not line.strip() and len(parts[-1]) > 1:
            ended = (
                ended or _VERSION.search("\n".join(text for _, text in parts[-1][-4:])) is not None
            )
    return parts
