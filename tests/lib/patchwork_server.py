# SPDX-License-Identifier: GPL-2.0-or-later
"""A server on loopback that answers as patchwork's REST API 1.2 is documented to.

Written after the answers of a real patchwork to the same requests: fields, states, the Link
header of pages, 403 with a ``detail``, 400 with the mistakes by field.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

STATES = ("pending", "success", "warning", "fail")
TOKEN = "0123456789abcdef0123456789abcdef01234567"
STRANGER = "fedcba9876543210fedcba9876543210fedcba98"


@dataclass
class Patchwork:
    """What the server has.

    Attributes:
        url: Its address.
        page: Most items of a list that come in one answer.
        asked: Method and path of each request.
        authorised: The Authorization header of each request, None where there was none.
    """

    url: str = ""
    page: int = 100
    series: dict[int, dict[str, Any]] = field(default_factory=dict)
    mails: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    comments: dict[tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict)
    checks: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authorised: list[str | None] = field(default_factory=list)

    def take(self, number: int, *mails: bytes, total: int) -> None:
        """Take the mails of a posting and the replies to them, as from a list."""
        series: dict[str, Any] = {"id": number, "name": "", "version": 1, "total": total,
                                  "cover_letter": None, "patches": []}  # fmt: skip
        self.series[number] = series
        places: dict[str, tuple[str, int]] = {}
        for raw in mails:
            mail = message_from_bytes(raw)
            parts = _parts(mail)
            parent = str(mail["In-Reply-To"] or "").strip()
            if mail["Subject"].startswith("Re:"):
                places[parts["msgid"]] = places[parent]
                self.comments[places[parent]].append({"id": len(places), **parts})
                continue
            kind = "patches" if parts["diff"] else "covers"
            identity = (kind, 100 * number + len(series["patches"]))
            item = {"id": identity[1], **parts}
            places[parts["msgid"]] = identity
            self.mails[identity] = {**item, "series": [{"id": number, "name": ""}]}
            self.comments[identity] = []
            if kind == "patches":
                series["patches"].append(item)
                self.checks[identity[1]] = []
            else:
                series["cover_letter"] = item
        received = len(series["patches"])
        series |= {"received_total": received, "received_all": received >= total}

    def get(self, path: str, query: dict[str, list[str]]) -> Any:
        """The answer to a GET below ``/api/1.2``; KeyError where there is none."""
        words = path.strip("/").split("/")
        if words[0] == "series":
            return self.series[int(words[1])]
        kind = words[0]
        if len(words) == 1:
            wanted = query.get("msgid", [""])[0]
            all_of = [mail for (of, _), mail in self.mails.items() if of == kind]
            return [mail for mail in all_of if mail["msgid"] == f"<{wanted}>"]
        identity = (kind, int(words[1]))
        if words[2:] == ["comments"]:
            return self.comments[identity]
        if words[2:] == ["checks"] and kind == "patches":
            return self.checks[identity[1]]
        return self.mails[identity]

    def post(self, path: str, values: dict[str, Any], token: str) -> tuple[int, Any]:
        """The answer to a POST of a check."""
        number = int(path.strip("/").split("/")[1])
        if token not in (TOKEN, STRANGER) and token:
            return 403, {"detail": "Invalid token."}
        if token != TOKEN:
            return 403, {"detail": "You do not have permission to perform this action."}
        wrong = {}
        if values.get("state") not in STATES:
            wrong["state"] = [f'"{values.get("state")}" is not a valid choice.']
        if not re.fullmatch(r"[-a-zA-Z0-9_]{1,255}", values.get("context", "default")):
            wrong["context"] = ['Enter a valid "slug" consisting of letters, numbers, …']
        if len(values.get("target_url") or "") > 200:
            wrong["target_url"] = ["Ensure this field has no more than 200 characters."]
        if wrong:
            return 400, wrong
        check = {"id": sum(map(len, self.checks.values())) + 1, "target_url": None, **values}
        self.checks[number].append(check)
        return 201, check


def _parts(mail: Message) -> dict[str, Any]:
    """A mail as patchwork keeps it: the text around the diff is one, the diff another."""
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    begin, end = text.find("diff --git "), text.find("\n-- \n")
    diff = "" if begin < 0 else text[begin : end + 1 if end > 0 else len(text)]
    subject = " ".join(str(mail["Subject"]).split())
    found = re.match(r"\[PATCH *([^\]]*)\] *(.*)", subject)
    name = f"[{found[1].replace(' ', ',')}] {found[2]}" if found else subject
    headers: dict[str, Any] = {}
    for key in mail:
        every = [str(value) for value in mail.get_all(key, [])]
        headers[key] = every[0] if len(every) == 1 else every
    return {
        "name": name,
        "msgid": mail["Message-ID"],
        "headers": headers,
        "content": text.replace(diff, "").strip("\n") if diff else text.strip("\n"),
        "diff": diff,
    }


@contextmanager
def patchwork_server() -> Iterator[Patchwork]:
    """Run such a server."""
    state = Patchwork()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self._noted()
            query = parse_qs(urlsplit(self.path).query)
            try:
                found = state.get(path, query)
            except (KeyError, ValueError, IndexError):
                self._answer(404, {"detail": "Not found."})
                return
            if not isinstance(found, list):
                self._answer(200, found)
                return
            size = min(state.page, int(query.get("per_page", ["30"])[0]))
            page = int(query.get("page", ["1"])[0])
            rows = found[(page - 1) * size : page * size]
            link = ""
            if page * size < len(found):  # the address is that of another host, on purpose
                link = f'<http://elsewhere.example.org{path}?page={page + 1}>; rel="next", '
            self._answer(200, rows, Link=f'{link}<{state.url}{path}?page=1>; rel="first"')

        def do_POST(self) -> None:
            path = self._noted()
            length = int(self.headers.get("Content-Length", "0"))
            values = json.loads(self.rfile.read(length))
            token = (self.headers.get("Authorization") or "").removeprefix("Token ")
            self._answer(*state.post(path, values, token))

        def _noted(self) -> str:
            state.asked.append(f"{self.command} {self.path}")
            state.authorised.append(self.headers.get("Authorization"))
            return urlsplit(self.path).path.removeprefix("/api/1.2")

        def _answer(self, status: int, value: Any, **headers: str) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
