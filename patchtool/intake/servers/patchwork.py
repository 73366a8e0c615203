# SPDX-License-Identifier: GPL-2.0-or-later
"""Series from a patchwork server, by its REST API (version 1.2: patchwork 2.2 and later).

Its mailboxes are not used: patchwork writes the tags of replies into the patches there. What
it keeps of each mail (header, text, diff) is put together again, and the replies with it.
Only addresses below the server that was named are asked, whatever its answers link to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from patchtool.errors import NetworkError, SeriesError, UsageError
from patchtool.intake.servers.fetched import Copies, Fetched, now
from patchtool.intake.servers.patchwork_link import Link, link_of
from patchtool.intake.servers.server import Patience, Session
from patchtool.series.compose import header, in_mbox
from patchtool.series.envelope import parse_subject
from patchtool.series.posting.posted import PARTIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

_VERSION = "1.2"
_PAGE = 100
_PAGES = 200
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_SIGNATURE = re.compile(r"^-- ?\n", re.MULTILINE)
_DROPPED = ("mime-version", "content-type", "content-transfer-encoding", "content-length")
_NAME = re.compile(r"[!-9;-~]{1,200}\Z")

T = TypeVar("T")


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Item(_Answer):
    """A patch or cover letter in a list."""

    id: int
    name: str | None = ""
    msgid: str | None = ""


class SeriesAnswer(_Answer):
    """``/series/ID/``."""

    id: int
    name: str | None = ""
    version: int = 1
    total: int
    received_total: int
    received_all: bool
    cover_letter: Item | None = None
    patches: tuple[Item, ...] = ()


class _Mail(_Answer):
    """A patch, a cover letter or a comment."""

    headers: dict[str, str | list[str]]
    content: str | None = ""
    diff: str | None = ""
    series: tuple[Item, ...] = ()


class Api:
    """The REST API of a patchwork server.

    Args:
        session: Where requests go through.
        server: Its address.
    """

    def __init__(self, session: Session, server: str) -> None:
        self.session = session
        self.server = server

    def get(self, path: str, kind: type[T]) -> T:
        """What is at *path*, read as a *kind*.

        Raises:
            UsageError: There is no such thing.
            NetworkError: The server could not be reached, or its answer is none.
        """
        return self._read(self._asked("GET", path), kind)

    def pages(self, path: str, kind: type[T]) -> tuple[T, ...]:
        """All of a list that the server gives in pages; errors as :meth:`get`."""
        found: list[T] = []
        between = "&" if "?" in path else "?"
        for page in range(1, _PAGES + 1):
            reply = self._asked("GET", f"{path}{between}per_page={_PAGE}&page={page}")
            found += self._read(reply, list[kind])  # type: ignore[valid-type]  # made here
            if "next" not in reply.links:
                return tuple(found)
        raise NetworkError(f"{self.server}/api{path}: no end after {_PAGES} pages")

    def post(self, path: str, values: Mapping[str, str]) -> None:
        """Send *values*; errors as :meth:`get`."""
        self._asked("POST", path, values)

    def _asked(
        self, method: str, path: str, values: Mapping[str, str] | None = None
    ) -> requests.Response:
        url = f"{self.server}/api/{_VERSION}{path}"
        reply = self.session.request(method, url, json=values)
        if reply.status_code == 404:
            raise UsageError(
                f"{url}: not there",
                hint="check the id and the server (setting: patchwork); patchwork before 2.2 "
                "has no such API",
            )
        if reply.status_code in (401, 403):
            raise UsageError(
                f"{url}: refused: {_words(reply)}",
                hint="put the token of a maintainer of the project, as its user page on the "
                "server shows it, into the environment as PATCHTOOL_PATCHWORK_TOKEN",
            )
        if reply.status_code >= 400:
            raise NetworkError(
                f"{url}: the server answers {reply.status_code}: {_words(reply)}",
                hint="it does not take what patchtool sent; is it a patchwork server?",
            )
        return reply

    def _read(self, reply: requests.Response, kind: type[T]) -> T:
        try:
            return TypeAdapter(kind).validate_json(reply.content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise NetworkError(
                f"{reply.url}: not the answer of a patchwork server: {place} {first['msg']}",
                hint="open the address in a browser: it may ask for a login",
            ) from None


def _words(reply: requests.Response) -> str:
    """What the server says, in one line, without a page around it."""
    text = " ".join(reply.content[:2000].decode("utf-8", "replace").split())
    return reply.reason if text.startswith("<") or not text else text[:200]


def fetch(
    text: str,
    settings: Settings,
    progress: Progress,
    *,
    offline: bool = False,
    partial: bool = False,
    patience: Patience | None = None,
) -> Fetched:
    """Fetch a series with its cover letter and the replies to its mails.

    Args:
        text: ``patchwork:123``, or a link to a series, a patch or a cover letter.
        settings: The settings in force.
        progress: Told of each mail.
        offline: Take the copy that was fetched before; ask no server.
        partial: Take what the server has where it lacks patches.
        patience: How long to wait for the server; as the settings say by default.

    Raises:
        UsageError: *text* names no series, or the server has none of that id.
        SeriesError: The server has not got all of its patches; says which.
        NetworkError: The server could not be reached or gave nonsense, or offline: there is
            no copy.
    """
    link = link_of(text, settings.patchwork)
    copies = Copies(settings.cache)
    if offline or settings.offline:
        return copies.find(link.text)
    progress.update(f"fetching {link.text}")
    with (
        copies.mention_copy(link.text),
        Session(patience or Patience.of(settings), progress) as session,
    ):
        api = Api(session, link.server)
        series = series_of(api, link, partial=partial)
        mails = b"\n".join(_mails(api, series, progress))
    whole = Link(link.server, "series", series.id)
    fetched = Fetched(mails, whole.text, whole.text, now(), from_cache=False)
    for name in {link.text, whole.text}:
        copies.keep(name, fetched)
    return fetched


def series_of(api: Api, link: Link, *, partial: bool = False) -> SeriesAnswer:
    """The series that a link names, whole, or with *partial* what there is of it.

    Raises:
        UsageError: There is none.
        SeriesError: Patches are missing.
        NetworkError: The server could not be reached or gave nonsense.
    """
    number = link.number
    if link.what != "series":
        kind = "patches" if link.what == "patch" else "covers"
        if number is None:
            query = f"project={quote(link.project)}&msgid={quote(link.message_id)}"
            found = api.pages(f"/{kind}/?{query}", Item)
            if not found:
                raise UsageError(
                    f"{link.text}: no such mail there",
                    hint="check the project's name and the Message-ID",
                )
            number = found[0].id
        holding = api.get(f"/{kind}/{number}/", _Mail).series
        if not holding:
            raise UsageError(f"{link.text}: patchwork has put it into no series")
        number = holding[-1].id
    series = api.get(f"/series/{number}/", SeriesAnswer)
    if not series.received_all and not (partial and series.patches):
        have = {number_of(patch) for patch in series.patches}
        lost = [f"{n}/{series.total}" for n in range(1, series.total + 1) if n not in have]
        names = f"; missing: {', '.join(lost[:20])}" if lost else ""
        first = next((item.msgid for item in (series.cover_letter, *series.patches) if item), "")
        raise SeriesError(
            f"{api.server}/series/{series.id}/: patchwork has got {series.received_total} of "
            f"{series.total} patches{names}",
            hint=f"a mail archive may have all of it: give the Message-ID {first}; {PARTIAL}",
        )
    return series


def number_of(item: Item) -> int:
    """A patch's number, which patchwork writes as ``[RFC,v2,2/5] subject``."""
    found = re.match(r"\[([^\]]*)\]", item.name or "")
    prefix, _ = parse_subject(f"[{found[1].replace(',', ' ')}]" if found else "")
    return prefix.number or 1


def _mails(api: Api, series: SeriesAnswer, progress: Progress) -> Iterator[bytes]:
    items = [("patches", patch) for patch in series.patches]
    if series.cover_letter is not None:
        items.insert(0, ("covers", series.cover_letter))
    for done, (kind, item) in enumerate(items, 1):
        progress.update(f"fetching from {api.server}", done, len(items))
        yield mail_of(api.get(f"/{kind}/{item.id}/", _Mail))
        for comment in api.pages(f"/{kind}/{item.id}/comments/", _Mail):
            yield mail_of(comment)


def mail_of(parts: _Mail) -> bytes:
    """A mail, as a mailbox (mboxrd) holds it, of what patchwork keeps of it.

    Patchwork keeps the text around a diff as one; a signature goes behind the diff again.
    """
    fields: list[tuple[str, str | None]] = []
    for name, values in parts.headers.items():
        if name.lower() in _DROPPED or not _NAME.match(name):
            continue
        each = [values] if isinstance(values, str) else values
        fields += [(name, _FOLD.sub(" ", value).strip()) for value in each]
    text, diff = (parts.content or "").rstrip("\n") + "\n", parts.diff or ""
    if diff:
        ends = [found.start() for found in _SIGNATURE.finditer(text)]
        at = ends[-1] if ends else len(text)
        text = f"{text[:at]}\n{diff.rstrip(chr(10))}\n{text[at:]}"
    return in_mbox(header(*fields) + text.encode("utf-8", "replace"))
