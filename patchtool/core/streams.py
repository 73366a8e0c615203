# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program prints and what it reads, each stream handled by a thread of its own."""

from __future__ import annotations

import threading
from typing import IO, TYPE_CHECKING

from patchtool.errors import from_os_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Sink = Callable[[bytes], object]


class Streams:
    """The threads that handle one program's streams.

    An error in one of them (a log on a full disk, a mistake of ours) is the cause of all that the
    program does from then on. So it is kept, the program is ended, and what it still prints is
    read and dropped: a closed pipe would make it fail for a reason of its own.

    Args:
        end: Begins to end the program; returns at once.
    """

    def __init__(self, end: Callable[[], object]) -> None:
        self._end = end
        self._threads: list[threading.Thread] = []
        self._error: Exception | None = None

    def read(self, stream: IO[bytes], sinks: Sequence[Sink]) -> None:
        """Give each line of *stream* to each of *sinks*, until it ends."""
        self._start(lambda: _pump(stream, sinks), lambda: _drop(stream))

    def write(self, stream: IO[bytes], content: bytes) -> None:
        """Write *content* to *stream*, as far as the program reads it, and close it."""
        self._start(lambda: _feed(stream, content))

    def join(self) -> None:
        """Wait until the last of them has ended."""
        for thread in self._threads:
            thread.join()

    def raise_error(self) -> None:
        """Raise what went wrong in them, once.

        Raises:
            DiskFull: No space is left for the log.
            InfraError: The log can't be written for another reason.
        """
        error, self._error = self._error, None
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise from_os_error(error) from error
        if error is not None:
            raise error

    def _start(self, *works: Callable[[], None]) -> None:
        def do() -> None:
            for work in works:
                self._ended_by_error(work)

        thread = threading.Thread(target=do, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _ended_by_error(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 (raised where the program is waited for)
            self._error = self._error or error
            self._end()


def _pump(stream: IO[bytes], sinks: Sequence[Sink]) -> None:
    for line in iter(lambda: stream.readline(65536), b""):
        for sink in sinks:
            sink(line)


def _drop(stream: IO[bytes]) -> None:
    with stream:
        while stream.read(65536):
            pass


def _feed(stream: IO[bytes], content: bytes) -> None:
    try:
        with stream:
            stream.write(content)
    except BrokenPipeError:
        return


def append_to(log: Path) -> Sink:
    """Appends what it is given to a file; an error names that file."""

    def append(line: bytes) -> None:
        try:
            with log.open("ab") as out:
                out.write(line)
        except OSError as error:
            error.filename = str(log)
            raise

    return append
