# SPDX-License-Identifier: GPL-2.0-or-later
"""The progress of one run among several: each stage says which run it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchtool.core.progress import Progress


@dataclass(frozen=True, slots=True)
class Numbered:
    """A :class:`Progress` whose stages begin with such as ``2/3 linux-6.1.192``.

    Attributes:
        inner: Where it is shown.
        which: The run.
    """

    inner: Progress
    which: str

    def start(self, stage: str, detail: str = "") -> None:
        """A stage of this run begins."""
        self.inner.start(f"{self.which}: {stage}", detail)

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:
        """The current stage moved on."""
        self.inner.update(detail, done, total)

    def note(self, text: str) -> None:
        """Something a person should see: its first line, the report of the run has the rest."""
        self.inner.note(f"{self.which}: {text.splitlines()[0]}")

    def finish(self, stage: str, summary: str, seconds: float, *, cached: bool, ok: bool) -> None:
        """A stage of this run ended."""
        self.inner.finish(f"{self.which}: {stage}", summary, seconds, cached=cached, ok=ok)

    def close(self) -> None:
        """Nothing: others of the matrix go on."""
