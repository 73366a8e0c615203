# SPDX-License-Identifier: GPL-2.0-or-later
"""What the header of a mail says about its place in a thread. Pure.

A mailbox may hold a hundred thousand mails: an :class:`Envelope` is all that is kept of each
until it is known which of them make the series that is wanted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from functools import lru_cache

_BRACKET = re.compile(r"\[([^\[\]]*)\]")
#: Re: and Fwd: in the languages whose mail programs write their own.
_REPLY = re.compile(
    r"(?:re|aw|fwd?|sv|antw|odp|ynt|回复|答复|回覆|答覆|转发|轉寄)(?:\[[0-9]+\])?\s*[:\uff1a]",
    re.IGNORECASE,
)
_BEFORE = r"(?:^|[^a-z0-9.]|patch|rfc|resend)"
_REVISION = re.compile(rf"{_BEFORE}v([0-9]{{1,4}})(?![0-9a-z.])", re.IGNORECASE)
_POINT = re.compile(rf"{_BEFORE}v([0-9]{{1,4}}\.[0-9]{{1,4}})(?![0-9a-z.])", re.IGNORECASE)
_JOINED = re.compile(r"\b(rfc|resend)v[0-9]{1,4}\b", re.IGNORECASE)
_OF = re.compile(r"\b([0-9]{1,4}) +of +([0-9]{1,4})\b", re.IGNORECASE)
_RE = re.compile(r"re\s*:", re.IGNORECASE)
_COUNT = re.compile(r"(?<![0-9.])([0-9]{1,4})/([0-9]{1,4})(?![0-9.])")
_WORD = re.compile(r"[^\s,;()]+")
_NO_TAG = re.compile(r"patch(?:es)?(?:v[0-9]+(?:\.[0-9]+)?)?|v[0-9]+|[0-9]+/[0-9]+", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_BLANK = re.compile(r"\s")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a subject is shown on terminals
_ATOM = re.compile(r"[^<>\s()\",;:]+")
_FROM_LINE = re.compile(rb"From \S.*[0-9]:[0-9][0-9].*[0-9]{4}\s*\Z")
_ISO = re.compile(
    r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"\s?([+-][0-9]{2}:?[0-9]{2}|Z)?\s*\Z"
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
#: The date of a mail that has none, as git has it for a commit without one.
NO_DATE = "Thu, 1 Jan 1970 00:00:00 +0000"
_LONGEST = 400  # bytes of a From_ line
_LEAD = re.compile(rf"\A(?:[ \t:]*(?:{_REPLY.pattern}|{_BRACKET.pattern}))*+[ \t:]*", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)')
_SLASHED = re.compile(r"\b(?:rfc/patch|patch/rfc)", re.IGNORECASE)
_CACHED = 200  # characters; series repeat their prefixes
_PARENTS = 6  # the nearest ancestors are enough to find a mail's place


@dataclass(frozen=True, slots=True)
class Prefix:
    """What the ``[PATCH RFC v3 2/5]`` in front of a subject says.

    Attributes:
        tags: The text of the brackets.
        revision: 1 where no ``vN`` is there.
        number: The 2 of ``2/5``, or None.
        total: The 5 of ``2/5``, or None.
        reply: Whether ``Re:`` stands in front.
        words: What the brackets say besides PATCH, the revision and the number.
        stated: Whether a revision is there.
        point: The ``5.1`` of ``v5.1``: one patch of v5 sent anew, or the name of a release.
        lead: All that stands in front of the title, as it was sent.
        label: How the posting is called: ``v3``, or ``v5.1``.
    """

    tags: str
    revision: int
    number: int | None
    total: int | None
    reply: bool
    words: tuple[str, ...] = ()
    point: str | None = None
    lead: str = ""
    label: str = "v1"
    stated: bool = False

    @property
    def resent(self) -> bool:
        """Whether it says that the same was sent before."""
        return any(word.upper().startswith(("RESEND", "REPOST")) for word in self.words)

    @property
    def patch(self) -> bool:
        """Whether it announces a patch or a cover letter."""
        return not self.reply and (self.number is not None or "patch" in self.tags.lower())


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a mail belongs, as its header says it.

    Attributes:
        prefix: What the brackets of its subject say.
        title: The subject without them.
        sender: The address of its From header, lower case; may be empty.
        message_id: Without angle brackets; None for what was never mailed.
        parents: Message-IDs it answers, nearest first: In-Reply-To, then References.
        when: Its date, in seconds since 1970; 0 where that cannot be read.
        diff: Whether a diff is seen in it.
        where: Name of its file.
        line: Line of that file on which it starts.
    """

    prefix: Prefix
    title: str
    sender: str
    message_id: str | None
    parents: tuple[str, ...]
    when: int
    diff: bool
    where: str
    line: int

    @property
    def subject(self) -> str:
        """As it was sent."""
        return f"{self.prefix.lead} {self.title}" if self.prefix.lead else self.title

    @property
    def place(self) -> str:
        """For messages: file and line."""
        return f"{self.where}:{self.line}"


def one_line(text: str) -> str:
    """Text without control characters, and with single blanks."""
    if not text.isprintable():  # most are, and this is the quicker question
        text = _CONTROL.sub("", _BLANK.sub(" ", text))
    return " ".join(text.split())


def parse_subject(subject: str) -> tuple[Prefix, str]:
    """What the brackets in front of a subject say, and the subject without them.

    All brackets in front go, as with ``git am``, and so does ``Re:``; behind a ``[PATCH]``, other
    words such as ``fw:`` are of the title.
    """
    subject = subject.strip()
    title = _LEAD.sub("", subject, count=1)
    lead = subject[: len(subject) - len(title)].strip()
    before, bracket, behind = lead.rpartition("]")
    if behind and "patch" in before.lower() and not _RE.fullmatch(behind.strip(" \t:") + ":"):
        lead, title = before + bracket, subject[len(before) + 1 :].strip(" \t:")
    read = _prefix if len(lead) < _CACHED else _prefix.__wrapped__
    return read(lead), title


@lru_cache(maxsize=4096)
def _prefix(lead: str) -> Prefix:
    brackets = _BRACKET.findall(lead)
    text = _OF.sub(r"\1/\2", " ".join(brackets))
    version, count, point = _REVISION.search(text), _COUNT.search(text), _POINT.search(text)
    revision = max(1, int(version[1])) if version else 1
    return Prefix(
        tags=text,
        revision=revision,
        number=int(count[1]) if count else None,
        total=int(count[2]) if count else None,
        reply=_REPLY.search(_BRACKET.sub(" ", _before_patch(lead))) is not None,
        words=tuple(
            word
            for word in _WORD.findall(_JOINED.sub(r"\1", _SLASHED.sub("RFC ", text)))
            if not _NO_TAG.fullmatch(word)
        ),
        point=point[1] if point and not version else None,
        lead=lead,
        label=f"v{point[1]}" if point and not version else f"v{revision}",
        stated=version is not None or point is not None,
    )


def _before_patch(lead: str) -> str:
    """What stands in front of the bracket that says PATCH; all of it where none does."""
    found = next((each for each in _BRACKET.finditer(lead) if "patch" in each[1].lower()), None)
    return lead[: found.start()] if found else lead


def message_ids(value: str | None) -> tuple[str, ...]:
    """The Message-IDs in a header, in order, without angle brackets."""
    return tuple(_MESSAGE_ID.findall(value or ""))


def parents_of(in_reply_to: str | None, references: str | None) -> tuple[str, ...]:
    """The mails that a mail answers, nearest first."""
    near, far = message_ids(in_reply_to)[:2], message_ids((references or "")[-4000:])
    return tuple(dict.fromkeys([*near, *reversed(far)]))[:_PARENTS]


def addresses(value: str | None) -> tuple[str, ...]:
    """The addresses in a From, To or Cc header, lower case, in order."""
    words = _ATOM.findall(_QUOTED.sub(" ", value or ""))
    return tuple(dict.fromkeys(word.lower() for word in words if "@" in word[1:-1]))


def mail_date(date: str) -> str:
    """A date of ISO 8601 in the form that mails have; any other text as it is."""
    iso = _ISO.match(date)
    if iso is None:
        return date
    month = int(iso[2])
    zone = (iso[5] or "Z").replace("Z", "+0000").replace(":", "")
    return f"{iso[3]} {_MONTHS[3 * month - 3 : 3 * month]} {iso[1]} {iso[4]} {zone}"


def date_of(date: str | None, received: str | None) -> str:
    """A Date header, or else when the mail was received, or else :data:`NO_DATE`.

    Args:
        date: As it was sent.
        received: The first Received header, which the last server wrote.
    """
    arrived = (received or "").rpartition(";")[2].strip()
    return date or (arrived if seconds_of(arrived) else NO_DATE)


def seconds_of(date: str | None) -> int:
    """A Date header in seconds since 1970; 0 where it is none."""
    try:
        fields = parsedate_tz(mail_date(date or ""))
        return max(0, int(mktime_tz(fields))) if fields else 0
    except (ValueError, OverflowError, TypeError, IndexError):
        return 0


def is_from_line(line: bytes) -> bool:
    """Whether it is the line that mailboxes have in front of a mail."""
    short = line.startswith(b"From ") and len(line) < _LONGEST
    return short and _FROM_LINE.match(line) is not None
