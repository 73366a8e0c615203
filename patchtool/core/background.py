# SPDX-License-Identifier: GPL-2.0-or-later
"""Work in the background: images are made while the tree is imported."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from patchtool.core.command_log import keeping_log

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Background(Generic[T]):
    """Runs a function in a thread of its own.

    The thread does not keep patchtool from ending, and what it runs by
    :mod:`patchtool.core.process` ends with patchtool.

    Args:
        work: The function.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = keeping_log(work)
        self._value: T
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001 (raised where the result is asked for)
            self._error = error

    def wait(self) -> None:
        """Wait for the end, however it is."""
        self._thread.join()

    def result(self) -> T:
        """Wait for the end.

        Raises:
            PatchtoolError: As the function did.
        """
        self.wait()
        if self._error is not None:
            raise self._error
        return self._value
