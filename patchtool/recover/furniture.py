# SPDX-License-Identifier: GPL-2.0-or-later
"""What an archive's page holds besides mails: navigation, list footers, dates and headers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_tz

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
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2}|[A-Z][a-z]{2})-([0-9]{1,2})[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
    r"(?:\.[0-9]+)?\s*(UTC|GMT|Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_MHONARC = re.compile(r"(\w{3} \w{3} [0-9]{1,2} [0-9]{4}) - ([0-9:]{5,8})(?: (\w+))?$")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LONGEST = 80  # characters of a line that is nothing but a date


def is_last(line: str) -> bool:
    """Whether only links follow."""
    return _LAST.match(line.strip()) is not None


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page, or the list, and to no mail."""
    return len(line) < 300 and _FURNITURE.match(line.strip()) is not None


def without_footer(text: str) -> str:
    """Folded text without the footer its list put behind it."""
    return _FOOTER.sub("", text[-800:]).join([text[:-800], ""]) if len(text) > 800 else text


def date_of(text: str) -> str | None:
    """A date as archives write them, as mails write it; None if it is no date."""
    text = " ".join(text.split())
    if not 8 < len(text) < _LONGEST:
        return None
    try:
        if match := _ISO.match(text):
            return format_datetime(_iso(match))
        if match := _MHONARC.match(text):
            text = f"{match[1]} {match[2]} {match[3] or 'UTC'}"
            text = re.sub(r"^(\w{3}) (\w{3}) ([0-9]+) ([0-9]{4}) ", r"\1, \3 \2 \4 ", text)
        fields = parsedate_tz(text) if re.search(r"[0-9]{1,2}:[0-9]{2}", text) else None
        if fields is None or not 1980 <= fields[0] <= 2200:
            return None
        zone = timezone(timedelta(seconds=fields[9] or 0))
        year, month, day, hour, minute, second = fields[:6]
        return format_datetime(datetime(year, month, day, hour, minute, second, tzinfo=zone))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _iso(match: re.Match[str]) -> datetime:
    month = _MONTHS.index(match[2]) + 1 if match[2] in _MONTHS else int(match[2])
    zone = UTC
    if match[7] and match[7][0] in "+-":
        hours, minutes = int(match[7][1:3]), int(match[7][-2:])
        shift = timedelta(hours=hours, minutes=minutes)
        zone = timezone(-shift if match[7][0] == "-" else shift)
    year, day, hour, minute = int(match[1]), int(match[3]), int(match[4]), int(match[5])
    return datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=zone)
