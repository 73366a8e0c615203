# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests to a mail archive or a patchwork server: patient, and bounded in size and time.

A session keeps to the server it was given: no password of a ``.netrc`` is sent, and a redirect
is followed only for what is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable  # noqa: TC003 (the dataclass keeps it)
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from patchtool import __version__
from patchtool.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

#: Largest answer that is read, in bytes.
LIMIT = 256 << 20
#: Longest time a request may take with all its repetitions, in seconds.
TOTAL = 600.0
_CHUNK = 1 << 16
_REDIRECTS = 10
#: What a later request may find gone: too many requests, and a server that restarts.
_BUSY = frozenset({429, 500, 502, 503, 504})
#: Those of them that say that nothing was done.
_NOT_DONE = frozenset({429, 503})
_READING = frozenset({"GET", "HEAD"})
_TROUBLE = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server. All times are in seconds.

    Attributes:
        silence: Longest time in which nothing is heard of it.
        retries: How often a request is tried again, after 1, 2, 4, … seconds, or after the
            time the server asks for (Retry-After).
        total: Longest time for a request and its repetitions.
        sleep: Waits; tests wait on no clock.
        clock: The time of a clock that is never set back.
    """

    silence: float = 30
    retries: int = 4
    total: float = TOTAL
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, settings: Settings) -> Patience:
        """What the user's settings say."""
        return cls(silence=settings.network_timeout, retries=settings.network_retries)


class Session(requests.Session):
    """Requests to one server; each ends in an answer that is whole, or in NetworkError.

    Answers that tell of a mistake (400 to 499 but 429) are left to the caller.

    Args:
        patience: How long to wait.
        progress: Told how many bytes came, and of each repetition.
        limit: Largest answer, in bytes.
        token: Sent as ``Authorization: Token …``; empty to send none.
    """

    def __init__(
        self, patience: Patience, progress: Progress, *, limit: int = LIMIT, token: str = ""
    ) -> None:
        super().__init__()
        self.patience = patience
        self.progress = progress
        self.limit = limit
        self.headers["User-Agent"] = f"patchtool/{__version__}"
        self.auth = _Only(token)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Make a request ready to be sent.

        Raises:
            UsageError: Its address is none.
        """
        try:
            return super().prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            raise UsageError(f"{request.url}: not a web address: {_last(str(error))}") from None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request, and read its answer.

        Raises:
            NetworkError: The server cannot be reached, is silent, or its answer is no answer.
        """
        give_up = self.patience.clock() + self.patience.total
        asked = request.url
        for _ in range(_REDIRECTS):
            reply = self._patiently(request, give_up, kwargs)
            target = self.get_redirect_target(reply)
            if target is None:
                return reply
            url = urljoin(str(request.url), target)
            if request.method not in _READING or urlsplit(url).scheme not in ("http", "https"):
                raise NetworkError(
                    f"{request.url}: the server says that it moved to {url}",
                    hint="name that server, if it is the one you mean",
                )
            request = self.prepare_request(requests.Request(request.method, url))
        raise NetworkError(
            f"{asked}: redirected more than {_REDIRECTS} times, last to {request.url}",
            hint="open the address in a browser: it may have to be written differently",
        )

    def _patiently(
        self, request: requests.PreparedRequest, give_up: float, kwargs: dict[str, Any]
    ) -> requests.Response:
        url, attempt = request.url, 0
        while True:
            asked_to_wait: float | None = None
            again = request.method in _READING
            try:
                reply = self._once(request, give_up, kwargs)
            except _TROUBLE as error:
                problem = _said(error)
                again = again and not _hopeless(error)
                cause: Exception | None = error
            else:
                if reply.status_code < 500 and reply.status_code not in _BUSY:
                    return reply
                problem, cause = f"it answers {reply.status_code} {reply.reason}".rstrip(), None
                asked_to_wait = _retry_after(reply)
                again = reply.status_code in (_BUSY if again else _NOT_DONE)
            pause = 2.0**attempt if asked_to_wait is None else asked_to_wait
            attempt += 1
            late = self.patience.clock() + pause > give_up
            if not again or late or attempt > self.patience.retries:
                tries = f"; tried {attempt} times" if attempt > 1 else ""
                wish = f"; it asks to wait {pause:.0f} s" if asked_to_wait and late else ""
                raise NetworkError(f"{url}: {problem}{tries}{wish}", hint=_advice(cause))
            self.progress.update(f"{problem}; trying again in {pause:.0f} s")
            self.patience.sleep(pause)

    def _once(
        self, request: requests.PreparedRequest, give_up: float, kwargs: dict[str, Any]
    ) -> requests.Response:
        url = str(request.url)
        around = self.merge_environment_settings(url, {}, True, None, None)
        silence = self.patience.silence
        bounds = {"allow_redirects": False, "timeout": (silence, silence)}
        reply = super().send(request, **{**kwargs, **around, **bounds})
        body, told = BytesIO(), 0
        try:
            while part := reply.raw.read1(_CHUNK, decode_content=True):
                body.write(part)
                size = body.tell()
                if size > self.limit:
                    raise NetworkError(
                        f"{url}: no end after {self.limit >> 20} MiB; more is not read",
                        hint="name one thread; a whole archive is better cloned",
                    )
                if self.patience.clock() > give_up:
                    raise NetworkError(
                        f"{url}: not whole after {self.patience.total:.0f} s; {size} bytes came",
                        hint="try again later, or name another server (`lore` in the settings)",
                    )
                if size - told >= _CHUNK:
                    told = size
                    self.progress.update(f"{urlsplit(url).netloc}: {size >> 10} kB")
        finally:
            reply.close()
        body.seek(0)
        reply.raw = body
        return reply


class _Only(requests.auth.AuthBase):
    """The one authorisation that is sent: without it requests looks into ``~/.netrc``."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Token {self.token}"
        return request


def _said(error: Exception) -> str:
    """What went wrong, in one line, without the layers it came through."""
    name = str(getattr(error, "reason", None) or error)
    if isinstance(error, requests.exceptions.SSLError):
        return f"no safe connection ({_last(name)})"
    if isinstance(error, requests.ConnectTimeout):
        return "it cannot be reached in time"
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return "it is silent"
    if _unresolved(error):
        return "there is no server of that name"
    if isinstance(error, requests.ConnectionError) and "refused" in name:
        return "nothing listens there (connection refused)"
    if isinstance(error, urllib3.exceptions.DecodeError):
        return "its answer is damaged (the compression cannot be undone)"
    return f"the connection broke ({_last(name)})"


def _last(text: str) -> str:
    return " ".join(text.split())[-160:]


def _unresolved(error: Exception) -> bool:
    if isinstance(error, urllib3.exceptions.LocationParseError):
        return True
    return "NameResolutionError" in str(error) or "Failed to resolve" in str(error)


def _hopeless(error: Exception) -> bool:
    """Whether the same request must end the same way."""
    wrong = (requests.exceptions.SSLError, requests.exceptions.InvalidURL)
    return isinstance(error, wrong) or _unresolved(error)


def _advice(error: Exception | None) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "if the server's certificate is your own, name its file in REQUESTS_CA_BUNDLE; "
            "if it speaks plain HTTP, write http://"
        )
    if error is None:
        return "the server is busy or broken; try again later, or name another one"
    return "check the address and this machine's network (proxies: https_proxy, no_proxy)"


def _retry_after(reply: requests.Response) -> float | None:
    """What the Retry-After header asks for, in seconds; it is a number or a date."""
    value = reply.headers.get("Retry-After", "").strip()
    if value.isdecimal() and len(value) < 8:
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(tz=UTC)).total_seconds())
