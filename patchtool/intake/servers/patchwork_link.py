# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patchwork id or link names. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, unquote

from patchtool.errors import UsageError
from patchtool.intake.servers.address import web_address

if TYPE_CHECKING:
    from collections.abc import Callable

What = Literal["series", "patch", "cover"]
_NUMBER = re.compile(r"(?:patchwork:)?([0-9]{1,12})\Z")
_API = re.compile(r"(.*)/api/(?:[0-9.]+/)?(series|patches|covers)/([0-9]{1,12})(?:/.*)?\Z")
_BY_ID = re.compile(r"(.*)/(series|patch|cover)/([0-9]{1,12})(?:/(?:mbox|raw)?)?/?\Z")
_BY_MAIL = re.compile(r"(.*)/project/([^/]+)/(patch|cover)/([^/]+@[^/]+?)(?:/(?:mbox|raw))?/?\Z")
_LIST = re.compile(r"(.*?)/project/[^/]+/")
_WHAT: dict[str, What] = {
    "series": "series", "patches": "patch", "patch": "patch", "covers": "cover", "cover": "cover",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A series on a patchwork server, or a mail of it.

    Attributes:
        server: Address of the server, without a slash at the end.
        what: Which of them it is.
        number: Its id on the server; None where a Message-ID names it.
        project: The project's name in links, where a Message-ID names it.
        message_id: Without angle brackets.
    """

    server: str
    what: What
    number: int | None
    project: str = ""
    message_id: str = ""

    @property
    def text(self) -> str:
        """Its address, for messages; also what a copy is kept under."""
        if self.number is None:
            return f"{self.server}/project/{self.project}/{self.what}/{self.message_id}/"
        return f"{self.server}/{self.what}/{self.number}/"


def link_of(text: str, default: str) -> Link:
    """The series or mail that *text* names.

    Args:
        text: ``patchwork:123``, ``123``, or a link to a series, a patch or a cover letter.
        default: The server of a number alone.

    Raises:
        UsageError: It names none.
    """
    text = text.strip()
    if number := _NUMBER.match(text):
        server = web_address(default, hint="check the setting `patchwork`").geturl().rstrip("/")
        return Link(server, "series", int(number[1]))
    parts = web_address(text, hint=_EXPECTED)
    origin = f"{parts.scheme}://{parts.netloc}"
    chosen = parse_qs(parts.query).get("series", [""])[0]
    if (page := _LIST.match(parts.path)) and chosen.isdecimal():
        return Link(origin + page[1], "series", int(chosen[:12]))
    for read in _READERS:
        if link := read(origin, parts.path):
            return link
    raise UsageError(f"{text}: this link names no series and no patch", hint=_EXPECTED)


_EXPECTED = (
    "expected a series id, as in patchwork:123, or a link such as "
    "https://SERVER/project/NAME/list/?series=123"
)


def _by_mail(origin: str, path: str) -> Link | None:
    found = _BY_MAIL.match(unquote(path))
    if found is None:
        return None
    server, project, what, message_id = found.groups()
    return Link(origin + server, _WHAT[what], None, project, message_id.strip("<>"))


def _by_number(pattern: re.Pattern[str]) -> Callable[[str, str], Link | None]:
    def read(origin: str, path: str) -> Link | None:
        found = pattern.match(path)
        return Link(origin + found[1], _WHAT[found[2]], int(found[3])) if found else None

    return read


_READERS = (_by_mail, _by_number(_API), _by_number(_BY_ID))
