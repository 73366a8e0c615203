# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks between runs of patchtool; the kernel releases them when their holder dies."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.core.progress import Progress


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
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if progress is None:
                raise
            progress.note(f"another run of patchtool uses {what}; waiting for it to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
