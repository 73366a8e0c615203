# SPDX-License-Identifier: GPL-2.0-or-later
"""Who wrote a patch, and when, as git stores it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import mktime_tz, parsedate_tz

from patchtool.errors import MailError
from patchtool.series.envelope import mail_date, one_line

_ANGLE = re.compile(r"<([^<>\s()\",]{1,400}@[^<>\s()\",]{1,400})>")
_BARE = re.compile(r"(?<![^<>\s()\",])([^<>\s()\",@]{1,400}@[^<>\s()\",]{1,400})")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_LONGEST = 2000  # characters of a From header
#: Stands for an author who is not known, or whose address no mail can bear; it receives no
#: mail (RFC 2606).
NOBODY = "unknown <unknown@unknown.invalid>"
_LATEST = 1 << 33  # seconds; the year 2242


def parse_author(value: str, where: str) -> str:
    """``Name <address>`` of a From header.

    As in git, what stands in parentheses is a part of the name, or all of it where nothing
    else is there; and the address stands for a name that is missing, longer than 60 bytes, or holds
    an ``@``.

    Raises:
        MailError: There is no address in it.
    """
    text = one_line(value[:_LONGEST])
    match = _ANGLE.search(text) or _BARE.search(text)
    if match is None:
        raise MailError(f"{where}: expected `From: Name <address>`, found {value[:60]!r}")
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    parts = _QUOTED.split(rest)  # what is quoted stands at the odd places
    parts[::2] = [re.sub(r'[<>"\\]', " ", part) for part in parts[::2]]
    parts[1::2] = [re.sub(r"\\(.)", r"\1", part) for part in parts[1::2]]
    name = one_line(re.sub(r"[<>]", " ", "".join(parts))).strip(" ,")
    if name.startswith("(") and name.endswith(")"):  # `address (Name)`
        name = name[1:-1].strip()
    if not 1 <= len(name.encode()) <= 60 or "@" in name:
        name = match[1]
    return f"{name} <{match[1]}>"


def parse_date(value: str, where: str) -> datetime:
    """A Date header.

    Raises:
        MailError: It is no date, or none that git can store.
    """
    try:
        fields = parsedate_tz(mail_date(value))
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
