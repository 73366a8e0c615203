# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's end of the agent's port: requests out, answers in, in whatever order they come."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import TYPE_CHECKING, Any

from patchtool.errors import InfraError
from patchtool.guest.inside.wire import Decoder, WireError, encode

if TYPE_CHECKING:
    import socket
    from pathlib import Path

#: A message longer than this, in characters, is cut in the log.
LOGGED = 2000


class GuestError(InfraError):
    """An operation raised a Python exception inside the guest, which lives on.

    Args:
        op: The operation.
        fault: What the agent sent about it.

    Attributes:
        kind: Name of the exception's class, ``OSError`` say.
        errno: Its errno, or None.
        trace: The traceback, with the guest's file names.
    """

    def __init__(self, op: str, fault: dict[str, Any]) -> None:
        self.kind = str(fault.get("kind"))
        number = fault.get("errno")
        self.errno = number if isinstance(number, int) else None
        self.trace = str(fault.get("trace", ""))
        super().__init__(f"{op} failed in the guest: {self.kind}: {fault.get('message')}")


class Reply:
    """What will be, or is, the answer to one request."""

    def __init__(self, op: str) -> None:
        self.op = op
        self.message: dict[str, Any] | None = None

    def value(self) -> Any:
        """The result.

        Raises:
            GuestError: The operation raised an exception.
        """
        assert self.message is not None
        if "error" in self.message:
            fault = self.message["error"]
            raise GuestError(self.op, fault if isinstance(fault, dict) else {"message": fault})
        return self.message.get("value")


class Channel:
    """Sends requests and sorts the answers.

    Args:
        connection: The connected socket; this object closes it.
        changed: Notified when an answer came, or the connection ended.
        log: File that every message is written to, cut to a readable length.

    Attributes:
        hello: What the agent said of itself, or None before it did.
        closed: Whether the connection has ended.
    """

    def __init__(
        self, connection: socket.socket, changed: threading.Condition, log: Path | None = None
    ) -> None:
        self._connection = connection
        self._changed = changed
        self._log = log
        self._sending = threading.Lock()
        self._replies: dict[int, Reply] = {}
        self._last = 0
        self.hello: dict[str, Any] | None = None
        self.closed = False
        self._reader = threading.Thread(target=self._read, name="agent", daemon=True)
        self._reader.start()

    def request(self, op: str, arguments: dict[str, Any]) -> Reply:
        """Send a request; its reply is filled in later. Nothing is raised if the guest is gone.

        Raises:
            TypeError: An argument has no form in JSON.
        """
        reply = Reply(op)
        with self._changed:
            self._last += 1
            number = self._last
            self._replies[number] = reply
        message = {"id": number, "op": op, "args": arguments}
        data = encode(message)
        self._note(">", message)
        with self._sending, contextlib.suppress(OSError):  # the reader notices it, too
            self._connection.sendall(data)
        return reply

    def _read(self) -> None:
        decoder = Decoder()
        while True:
            try:
                data = self._connection.recv(1 << 16)
            except OSError:
                data = b""
            with self._changed:
                for message in decoder.feed(data):
                    if isinstance(message, WireError):
                        self._note("!", {"fault": str(message)})
                    else:
                        self._accept(message)
                self.closed = not data
                self._changed.notify_all()
            if not data:
                return

    def _accept(self, message: dict[str, Any]) -> None:
        self._note("<", message)
        hello = message.get("hello")
        if isinstance(hello, dict):
            self.hello = hello
        number = message.get("id")
        reply = self._replies.pop(number, None) if isinstance(number, int) else None
        if reply is not None:
            reply.message = message

    def _note(self, direction: str, message: dict[str, Any]) -> None:
        if self._log is not None:
            text = json.dumps(message)
            cut = text if len(text) <= LOGGED else text[:LOGGED] + " ..."
            with self._log.open("a", encoding="utf-8") as out:
                out.write(f"{time.time():.3f} {direction} {cut}\n")

    def close(self) -> None:
        """Hang up, and wait for the reader."""
        import socket

        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._connection.close()
