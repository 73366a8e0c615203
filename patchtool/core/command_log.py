# SPDX-License-Identifier: GPL-2.0-or-later
"""The command log of a run: every command line patchtool ran, ready to paste.

Which log a command line goes to belongs to the work that is done, not to the process: runs may
go on side by side, each with a log of its own. It is therefore a :class:`contextvars.ContextVar`.
A new thread starts without a log; work that is handed to one is wrapped by :func:`keeping_log`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Final, TypeVar

from patchtool.core.text import command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

T = TypeVar("T")


class CommandLog:
    """The file in a run directory that holds every command line.

    Args:
        path: The file; lines are appended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def add(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        """Append one command line."""
        values = [f"{key}={command_line([value])}" for key, value in env.items()]
        line = " ".join([command_line(["cd", str(cwd)]), "&&", *values, command_line(argv)]) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8") as log:
            log.write(line)


_LOG: Final[ContextVar[CommandLog | None]] = ContextVar("command log", default=None)


@contextmanager
def recording(log: CommandLog) -> Iterator[None]:
    """Write every command line that is run inside the block to *log*."""
    before = _LOG.set(log)
    try:
        yield
    finally:
        _LOG.reset(before)


def record(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
    """Append one command line to the log in force, if there is one."""
    log = _LOG.get()
    if log is not None:
        log.add(argv, cwd, env)


def keeping_log(work: Callable[[], T]) -> Callable[[], T]:
    """The same *work*, with the log in force now, in whatever thread it is done."""
    context = copy_context()
    return lambda: context.run(work)
