# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's monitor protocol, as plain calls: qemu.qmp in a thread with its own event loop.

https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from typing import TYPE_CHECKING, Any

from patchtool.errors import InfraError, LostGuest

if TYPE_CHECKING:
    import socket
    from collections.abc import Coroutine

#: How long closing may take, in seconds.
CLOSING = 5.0


class Qmp:
    """A connection to one QEMU. Its methods may be called from any thread.

    Args:
        connection: The connected socket; this object closes it.
        timeout: Seconds for the greeting.

    Raises:
        LostGuest: QEMU went away before it said hello.
    """

    def __init__(self, connection: socket.socket, timeout: float = 30.0) -> None:
        from qemu.qmp import QMPClient

        # What goes wrong is raised to the caller; the library logs it as well.
        logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL)
        self._events: list[dict[str, Any]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="qmp", daemon=True)
        self._thread.start()
        self._closed = False
        self._client: Any = None
        self._watcher: asyncio.Task[None] | None = None

        async def connect() -> None:
            client = QMPClient("patchtool")
            await client.connect(connection)
            self._client = client
            self._watcher = asyncio.ensure_future(self._watch())

        try:
            self._do(connect(), timeout)
        except BaseException:
            self.close()
            connection.close()
            raise

    async def _watch(self) -> None:
        with self._client.listener() as listener:
            async for event in listener:
                self._events.append(dict(event))

    def _do(self, work: Coroutine[Any, Any, Any], timeout: float) -> Any:
        from qemu.qmp import ExecuteError, QMPError

        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except ExecuteError as error:
            raise InfraError(f"QEMU refused: {error}") from error
        except TimeoutError as error:
            future.cancel()
            raise LostGuest(f"QEMU did not answer within {timeout:.0f} s") from error
        except (QMPError, OSError, EOFError, asyncio.CancelledError) as error:
            raise LostGuest("the connection to QEMU is gone") from error

    def execute(self, command: str, arguments: dict[str, Any], timeout: float) -> Any:
        """Run a command.

        Raises:
            InfraError: QEMU refused it; its words are in the message.
            LostGuest: QEMU is gone, or did not answer in time.
        """
        if self._closed or self._client is None:
            raise LostGuest("the connection to QEMU is gone")
        return self._do(self._client.execute(command, arguments or None), timeout)

    def events(self, name: str = "") -> tuple[dict[str, Any], ...]:
        """What QEMU has announced so far, oldest first; of that *name* only, if given."""
        return tuple(event for event in list(self._events) if name in ("", event.get("event")))

    def close(self) -> None:
        """Hang up. Calling it again does nothing."""
        if self._closed:
            return
        self._closed = True

        async def disconnect() -> None:
            if self._client is not None:
                with contextlib.suppress(Exception):  # it is going anyway
                    await self._client.disconnect()
            if self._watcher is not None:
                self._watcher.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._watcher

        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(disconnect(), self._loop).result(CLOSING)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSING)
        self._loop.close()
