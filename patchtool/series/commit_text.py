# SPDX-License-Identifier: GPL-2.0-or-later
"""What a commit says in words: its author, its message, and their encoding. Pure.

A mail gives back what most commits say, and not what all do: ``[media]`` in front of a subject, a
``---`` line, a quoted diff, blanks at line ends or another encoding are lost or read otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from patchtool.errors import MailError
from patchtool.series.author import NOBODY, parse_author
from patchtool.series.encoded_words import text_of
from patchtool.series.file_diff import Bytes  # noqa: TC001 (pydantic reads CommitText)

_GOOD = re.compile(rb"[^<>]* <[^<>]*> [0-9]{1,19} [+-][0-9]{4}\Z")
_IDENT = re.compile(rb"([^<>]*?) ?<([^<>]*)>(?:.*?([0-9]{1,19}) ([+-][0-9]{4}))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # both are shown on terminals
_ENCODING = re.compile(r"[A-Za-z0-9._:-]{1,40}\Z")
_LATEST = 1 << 33  # seconds; the year 2242


@dataclass(frozen=True, slots=True)
class CommitText:
    """What a commit says in words, to the byte.

    Attributes:
        author: ``Name <address> SECONDS ZONE``, as git keeps it.
        message: Subject and all.
        encoding: Of both; empty for UTF-8.
    """

    author: Bytes
    message: Bytes
    encoding: str = ""

    @property
    def subject(self) -> str:
        """The first paragraph of the message as one line, as ``%s`` of ``git log``."""
        return _CONTROL.sub("", self._parts()[0].replace("\n", " ").replace("\t", " "))

    @property
    def body(self) -> str:
        """What follows the subject, without empty lines at both ends."""
        return self._parts()[1]

    @property
    def name(self) -> str:
        """``Name <address>``."""
        return _CONTROL.sub("", self._text(self.author.rpartition(b">")[0] + b">"))

    @property
    def sender(self) -> str:
        """The same as a mail can bear it."""
        try:
            return parse_author(self.name, "")
        except MailError:
            return NOBODY

    @property
    def when(self) -> datetime:
        """The author date; the start of 1970 where no calendar has it."""
        seconds, zone = self.author.rpartition(b">")[2].split()
        minutes = int(zone[1:3]) * 60 + int(zone[3:])
        shift = timedelta(minutes=-minutes if zone.startswith(b"-") else minutes)
        if int(seconds) >= _LATEST or abs(shift) >= timedelta(days=1):
            return datetime.fromtimestamp(0, tz=UTC)
        return datetime.fromtimestamp(int(seconds), tz=timezone(shift))

    def __bytes__(self) -> bytes:
        """As :func:`parse` reads it: what git keeps, less what says where the commit stands."""
        encoding = b"encoding %s\n" % self.encoding.encode() if self.encoding else b""
        return b"author %s\n%s\n%s" % (self.author, encoding, self.message)

    def _parts(self) -> tuple[str, str]:
        lines = self._text(self.message).split("\n")
        filled = [at for at, line in enumerate(lines) if line.strip()]
        start = filled[0] if filled else len(lines)
        end = next((at for at in range(start, len(lines)) if not lines[at].strip()), len(lines))
        body = next((at for at in filled if at > end), len(lines))
        title = "\n".join(line.strip() for line in lines[start:end])
        return title, "\n".join(lines[body:]).strip("\n")

    def _text(self, data: bytes) -> str:
        return text_of(data, self.encoding or "utf-8")


def file_beside(patch: str) -> str:
    """The file that keeps it beside the patch file *patch*."""
    return patch.removesuffix(".patch") + ".commit"


def object_of(text: CommitText, committer: str) -> bytes:
    """What stands in a commit object below its parents.

    Args:
        text: What the commit says.
        committer: ``Name <address>``; the time is the author's.
    """
    author, _, rest = bytes(text).partition(b"\n")
    time = text.author.rpartition(b">")[2]
    return b"%s\ncommitter %s%s\n%s" % (author, committer.encode(), time, rest)


def parse(data: bytes, where: str) -> CommitText:
    """Read what a commit says from the object, or from the bytes of a :class:`CommitText`.

    An author that git could not have written is put right as far as it can be.

    Raises:
        MailError: There is no author in it.
    """
    head, _, message = data.partition(b"\n\n")
    fields = dict(line.partition(b" ")[::2] for line in reversed(head.split(b"\n")))
    author = fields.get(b"author", b"")
    if not _GOOD.match(author):
        found = _IDENT.match(author)
        if found is None:
            raise MailError(f"{where}: expected `author Name <address> SECONDS ZONE`")
        name, address, seconds, zone = found.groups()
        author = b"%s <%s> %s %s" % (name, address, seconds or b"0", zone or b"+0000")
    encoding = fields.get(b"encoding", b"").decode("ascii", "replace")
    known = encoding if _ENCODING.match(encoding) else ""
    return CommitText(author, message.partition(b"\0")[0], known)
