# SPDX-License-Identifier: GPL-2.0-or-later
"""A server on loopback that misbehaves as told, and a clock that tests turn."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from patchtool.intake.servers.server import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Clock:
    """A clock that only moves when somebody waits on it."""

    time: float = 0.0
    waited: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.time += seconds

    def patience(self, *, silence: float = 20, retries: int = 4, total: float = 600) -> Patience:
        return Patience(silence, retries, total, sleep=self.sleep, clock=lambda: self.time)


@dataclass
class BadServer:
    """A server that gives each of its answers once, in order, and the last one ever after.

    Attributes:
        url: Its address.
        answers: What is still to be given.
        asked: Method and path of each request that came.
    """

    url: str
    answers: list[Answer]
    asked: list[str] = field(default_factory=list)


def answer(
    status: int = 200, body: bytes = b"", promise: int | None = None, **headers: str
) -> Answer:
    """An answer; with *promise* it says that the body has so many bytes."""

    def give(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if promise is None else promise))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return give


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """No answer at all."""
    handler.close_connection = True


def endless(start: bytes, more: bytes, each: Callable[[], None] = lambda: None) -> Answer:
    """An answer without an end; *each* is called before each piece."""

    def give(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(start)
        try:
            while True:
                each()
                handler.wfile.write(more)
        except OSError:
            return

    return give


def silent(until: threading.Event) -> Answer:
    """A server that accepts, and says nothing before *until* is set."""

    def give(handler: BaseHTTPRequestHandler) -> None:
        until.wait(60)
        handler.close_connection = True

    return give


@contextmanager
def serving(*answers: Answer) -> Iterator[BadServer]:
    """Run such a server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            bad.asked.append(f"{self.command} {self.path}")
            chosen = bad.answers.pop(0) if len(bad.answers) > 1 else bad.answers[0]
            chosen(self)

        do_POST = do_HEAD = do_GET  # noqa: N815 (the names http.server looks for)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bad = BadServer(f"http://127.0.0.1:{server.server_address[1]}", list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield bad
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_moment() -> None:
    """Give another thread the processor."""
    time.sleep(0.001)
