# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of the guest that is taken, then released page by page: it gives a balloon its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchtool.guest.session import Pending, Remote

#: Seconds that filling, releasing and compacting a guest's memory may take with KVM.
LONG = 60.0


class Filled:
    """Anonymous memory of the guest whose page frames are known; see guest.inside.filled_memory."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._held = True

    @property
    def pages(self) -> int:
        """Pages that were filled at first."""
        return int(self._remote.get("pages"))

    def release_lowest(self, pages: int, keep_every: int = 0) -> int:
        """Release the lowest pages; how many."""
        done = self._remote.call(
            "release_lowest", timeout=LONG, n_pages=pages, keep_every=keep_every
        )
        return int(done["released"])

    def release_every(self, nth: int, pages: int | None = None) -> int:
        """Release pages whose frame is a multiple of *nth*, lowest first; how many."""
        done = self._remote.call("release_every", timeout=LONG, nth=nth, n_pages=pages)
        return int(done["released"])

    def release_all_but_every(self, nth: int) -> int:
        """Release all but the pages whose frame is a multiple of *nth*; how many."""
        done = self._remote.call("release_all_but_every", timeout=LONG, nth=nth)
        return int(done["released"])

    def release_after(self, seconds: float) -> Pending:
        """Release all of it in so many seconds, without being asked again."""
        self._held = False
        return self._remote.start("release_after", seconds=seconds)

    def release(self) -> None:
        """Release all of it."""
        if self._held:
            self._held = False
            self._remote.call("release", timeout=LONG)
            self._remote.drop()
