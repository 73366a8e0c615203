# SPDX-License-Identifier: GPL-2.0-or-later
"""Series from a public-inbox server such as lore.kernel.org, fetched with liblore.

Only the server that is named is asked: liblore's git configuration, its other origins and its own
cache are not used.
"""

from __future__ import annotations

import contextlib
import html
import re
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from liblore import LoreNode, RemoteError

from patchtool.errors import NetworkError, UsageError
from patchtool.intake.servers.address import web_address
from patchtool.intake.servers.fetched import Copies, Fetched, now
from patchtool.intake.servers.server import LIMIT, Patience, Session
from patchtool.intake.servers.strays import gap_of, strays
from patchtool.series.mbox import Mailbox

if TYPE_CHECKING:
    import requests

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.series.envelope import Envelope

#: Hosts that only redirect a Message-ID to lore.kernel.org; they have no mailboxes.
REDIRECTORS = frozenset({"lkml.kernel.org", "patch.msgid.link", "msgid.link"})
_FIELD = re.compile(r"(?:mid|id|message-id)\s*:\s*", re.IGNORECASE)
_ID = re.compile(r"[^\s<>@]{1,300}@[^\s<>@]{1,300}\Z")
_TITLE = re.compile(rb"<title>([^<]{0,200})", re.IGNORECASE)
_MAIL = re.compile(rb"^(?=From \S)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """A mail in an archive.

    Attributes:
        server: Address of the archive: a server, or one list on it.
        message_id: Without angle brackets.
    """

    server: str
    message_id: str

    @property
    def url(self) -> str:
        """The address a person opens."""
        return f"{self.server}/{quote(self.message_id, safe='@=$!*,;')}/"

    @property
    def reference(self) -> str:
        """What a copy is kept under: the same mail is the same on every server."""
        return f"mid:{self.message_id}"


def place_of(text: str, default: str) -> Place:
    """The mail that *text* names: a Message-ID, ``<id>``, ``mid:id``, or a link to an archive.

    Args:
        text: As it was typed.
        default: The server for a Message-ID alone.

    Raises:
        UsageError: It names none.
    """
    text = text.strip()
    if not text.lower().startswith(("http://", "https://")):
        plain = _FIELD.sub("", text, count=1) if _FIELD.match(text) else text
        found = _checked(plain.strip().removeprefix("<").removesuffix(">"), text)
        return Place(_default(default), found)
    parts = web_address(text)
    segments = parts.path.split("/")[1:]
    at = next((n for n, segment in enumerate(segments) if "@" in unquote(segment)), None)
    if at is None:
        raise UsageError(
            f"{text}: no Message-ID in this link",
            hint="expected a link to one mail or thread, such as https://lore.kernel.org/LIST/ID/",
        )
    found = _checked(unquote(segments[at]).strip().strip("<>"), text)
    if parts.hostname in REDIRECTORS:
        return Place(_default(default), found)
    lists = ["all" if name == "r" and n == at - 1 else name for n, name in enumerate(segments[:at])]
    return Place("/".join([f"{parts.scheme}://{parts.netloc}", *lists]), found)


def _default(server: str) -> str:
    return web_address(server, hint="check the setting `lore`").geturl().rstrip("/")


def _checked(message_id: str, text: str) -> str:
    if not _ID.match(message_id):
        raise UsageError(
            f"{text}: not a Message-ID", hint="expected local-part@domain, as the mail's header has"
        )
    return message_id


def fetch(
    text: str,
    settings: Settings,
    progress: Progress,
    *,
    offline: bool = False,
    patience: Patience | None = None,
) -> Fetched:
    """Fetch the thread of the mail that *text* names, and patches of its posting beside it.

    Args:
        text: A Message-ID, ``<id>``, ``mid:id``, or a link to an archive.
        settings: The settings in force.
        progress: Where to say how much came.
        offline: Take the copy that was fetched before; ask no server.
        patience: How long to wait for the server; as the settings say by default.

    Raises:
        UsageError: *text* names no mail, or the server has none of that Message-ID.
        NetworkError: The server could not be reached or gave nonsense, or offline: there is
            no copy.
    """
    place = place_of(text, settings.lore)
    copies = Copies(settings.cache)
    if offline or settings.offline:
        return copies.find(place.reference)
    progress.update(f"fetching {place.url}")
    with (
        copies.mention_copy(place.reference),
        _Mailboxes(patience or Patience.of(settings), progress) as session,
    ):
        mails = _thread(session, place)
        where = Place(session.archive or place.server, place.message_id)
        mails, irregular = _completed(session, where, mails, progress)
    fetched = Fetched(mails, where.url, where.url, now(), False, place.message_id, irregular)
    copies.keep(place.reference, fetched)
    return fetched


def _node(session: _Mailboxes, server: str) -> LoreNode:
    node = LoreNode(server, follow_upstream=False)
    node.set_requests_session(session)
    return node


def _thread(session: _Mailboxes, place: Place) -> bytes:
    """The thread a mail is in, as a mailbox."""
    try:
        with _node(session, place.server) as node:
            return node.get_mbox_by_msgid(place.message_id)
    except RemoteError as error:
        if error.status_code in (404, 410):
            raise UsageError(
                f"{place.server}: no mail <{place.message_id}> there",
                hint="check the Message-ID and the list's name; a new mail takes minutes to "
                "appear; for another archive give the link to it",
            ) from None
        raise NetworkError(f"{place.url}: {error}", hint=_refusal(error.status_code)) from None


def _refusal(status: int | None) -> str:
    if status in (401, 403):
        return "the server lets nobody in without a login, or takes patchtool for a robot"
    return "open the address in a browser to see what the server says"


def _completed(
    session: _Mailboxes, place: Place, mails: bytes, progress: Progress
) -> tuple[bytes, tuple[str, ...]]:
    """The thread, and with their own threads the patches that it lacks, as far as found."""
    thread = _envelopes(mails, place.url)
    gap = gap_of(thread, place.message_id)
    if gap is None:
        return mails, ()
    progress.update(f"not in the thread: {gap.text}; searching for them")
    in_vain = f"the thread lacks {gap.text}; a search did not find them"
    try:
        with _node(session, place.server) as node:
            found = node.get_mbox_by_query(gap.query)
    except RemoteError:  # nothing was found, or the server has no search
        return mails, (in_vain,)
    said = []
    for mail in strays(gap, thread, _envelopes(found, place.url)):
        said.append(
            f"patch {mail.prefix.number}/{mail.prefix.total} is not in the thread of the rest; "
            "a search for its sender and date found it"
        )
        if mail.message_id and mail.message_id not in _ids(mails, place.url):
            mails = _joined(mails, _thread(session, Place(place.server, mail.message_id)))
    return mails, tuple(said) or (in_vain,)


def _joined(mails: bytes, more: bytes) -> bytes:
    """Two mailboxes in one, each mail once."""
    have = _ids(mails, "")
    parts = [part for part in _MAIL.split(more) if part.strip() and not _ids(part, "") & have]
    return b"\n".join(part.rstrip(b"\n") + b"\n" for part in (mails, *parts))


def _ids(mails: bytes, where: str) -> set[str]:
    return {mail.message_id for mail in _envelopes(mails, where) if mail.message_id}


def _envelopes(mails: bytes, where: str) -> tuple[Envelope, ...]:
    return tuple(Mailbox(BytesIO(mails), where).envelopes)


class _Mailboxes(Session):
    """A session whose answers are compressed mailboxes, checked before liblore unpacks them.

    Attributes:
        archive: Address of the archive that the newest mailbox came from: the server may
            have redirected to one of its lists.
    """

    archive = ""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request, and check what comes.

        Raises:
            NetworkError: As :meth:`Session.send`; or what came is no mailbox.
        """
        reply = super().send(request, **kwargs)
        if reply.status_code == 200 and request.method != "HEAD":
            check_mailbox(reply.content, str(reply.url), self.limit)
            if reply.url.endswith("/t.mbox.gz"):
                self.archive = reply.url.rsplit("/", 2)[0]
        return reply


def check_mailbox(data: bytes, url: str, limit: int = LIMIT) -> None:
    """Check that *data* is a compressed mailbox that unpacks to no more than *limit* bytes.

    Raises:
        NetworkError: It is not.
    """
    if data[:2] != b"\x1f\x8b":
        title = _TITLE.search(data)
        page = title is not None or b"<html" in data[:2000].lower()
        said = f": {html.unescape(title[1].decode('utf-8', 'replace')).strip()!r}" if title else ""
        what = f"a web page{said}" if page else f"{len(data)} bytes that are none"
        raise NetworkError(
            f"{url}: expected a compressed mailbox, got {what}",
            hint="open the address in a browser: it may ask for a login, or be no public-inbox",
        )
    size, head, rest = 0, b"", data
    with contextlib.suppress(zlib.error):
        while rest:
            unpack = zlib.decompressobj(wbits=31)
            while not unpack.eof:
                part = unpack.decompress(rest, 1 << 20)
                rest = unpack.unconsumed_tail
                size, head = size + len(part), head or part[:5]
                if size > limit:
                    raise NetworkError(
                        f"{url}: a mailbox of more than {limit >> 20} MiB; more is not read",
                        hint="name one thread; a whole archive is better cloned",
                    )
                if not part and not rest and not unpack.eof:
                    raise zlib.error("cut off")
            rest = unpack.unused_data.lstrip(b"\0")
        if size and head != b"From ":
            raise NetworkError(
                f"{url}: what came is compressed, but no mailbox",
                hint="open the address in a browser: it may be no public-inbox",
            )
        return
    raise NetworkError(
        f"{url}: the compressed mailbox is damaged or cut off after {size} bytes",
        hint="try again; if it stays so, the archive itself is damaged",
    )
