# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks between runs of patchtool; the kernel releases them when their last holder dies.

A holder is patchtool and the guard of each program it started meanwhile (:mod:`.process`), which
lives as long as that program and all below it. So a program that outlives a killed patchtool,
by the time it takes to end it, keeps the next run out.

Which locks are held belongs to the work that is done, as with :mod:`.command_log`.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.core.progress import Progress

_HELD: Final[ContextVar[tuple[IO[str], ...]]] = ContextVar("locks", default=())


def held_locks() -> tuple[int, ...]:
    """The descriptors of the locks that are held now, for a program to hold as well."""
    return tuple(handle.fileno() for handle in _HELD.get() if not handle.closed)


@contextmanager
def lock_file(path: Path) -> Iterator[IO[str]]:
    """A file to lock (``flock(2)``); programs started in the block hold it as well.

    Args:
        path: The file; made when it is missing, and left there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        _HELD.set((*_HELD.get(), handle))
        try:
            yield handle
        finally:
            _HELD.set(tuple(other for other in _HELD.get() if other is not handle))


@contextmanager
def held(path: Path, what: str, progress: Progress | None) -> Iterator[None]:
    """Hold the lock file *path*; waits, and says so, while another run holds it.

    Args:
        path: The file; made when it is missing, and left there.
        what: What it guards, for the message.
        progress: Where to say that another run has it; None not to wait for that.

    Raises:
        BlockingIOError: Another run holds it, and there is no *progress*.
    """
    with lock_file(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if progress is None:
                raise
            progress.note(f"another run of patchtool uses {what}; waiting for it to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
