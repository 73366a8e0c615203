# SPDX-License-Identifier: GPL-2.0-or-later
"""How stages say what they are doing: they call a :class:`Progress`, and never print."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from patchtool.core.text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class Progress(Protocol):
    """What a stage may say."""

    def start(self, stage: str, detail: str = "") -> None:
        """A stage begins."""

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:
        """The current stage moved on; *done* of *total* steps, where they are known."""

    def note(self, text: str) -> None:
        """Something a person should see, such as a fallback that was taken."""

    def finish(self, stage: str, summary: str, seconds: float, *, cached: bool, ok: bool) -> None:
        """A stage ended."""

    def close(self) -> None:
        """No more will be said."""


class Silent:
    """Says nothing."""

    def start(self, stage: str, detail: str = "") -> None:
        """Ignore."""

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:
        """Ignore."""

    def note(self, text: str) -> None:
        """Ignore."""

    def finish(self, stage: str, summary: str, seconds: float, *, cached: bool, ok: bool) -> None:
        """Ignore."""

    def close(self) -> None:
        """Ignore."""


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


class Notes(Silent):
    """Passes notes on and says nothing else: for work beside the current stage.

    Args:
        progress: Where the notes go.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def note(self, text: str) -> None:
        """Pass it on."""
        self._progress.note(text)


class Cleaned:
    """Passes on what it is told, without what a terminal would obey.

    What make prints, subjects and console lines are told as they come, and are somebody else's.

    Args:
        inner: Where it is shown.
    """

    def __init__(self, inner: Progress) -> None:
        self._inner = inner

    def start(self, stage: str, detail: str = "") -> None:
        """A stage begins."""
        self._inner.start(one_line(stage), one_line(detail))

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:
        """The current stage moved on."""
        self._inner.update(one_line(detail), done, total)

    def note(self, text: str) -> None:
        """Something a person should see; it may have several lines."""
        self._inner.note(clean(text))

    def finish(self, stage: str, summary: str, seconds: float, *, cached: bool, ok: bool) -> None:
        """A stage ended."""
        self._inner.finish(one_line(stage), clean(summary), seconds, cached=cached, ok=ok)

    def close(self) -> None:
        """No more will be said."""
        self._inner.close()


class Lines:
    """One plain line per event: for pipes, CI logs and dumb terminals.

    Args:
        stream: Where the lines go.
        interval: Shortest time between two updates of one stage, in seconds.
    """

    def __init__(self, stream: TextIO | None = None, interval: float = 10.0) -> None:
        self.stream = stream or sys.stderr
        self.interval = interval
        self._stage = ""
        self._last = 0.0

    def _say(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()

    def start(self, stage: str, detail: str = "") -> None:
        """Print the stage's name."""
        self._stage = stage
        self._last = time.monotonic()
        self._say(f"{stage}: {detail or 'started'}")

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:
        """Print at most once per interval."""
        now = time.monotonic()
        if now - self._last >= self.interval:
            self._last = now
            self._say(f"{self._stage}: {_count(done, total)}{detail}")

    def note(self, text: str) -> None:
        """Print the note."""
        self._say(f"note: {text}")

    def finish(self, stage: str, summary: str, seconds: float, *, cached: bool, ok: bool) -> None:
        """Print the result and the time it took."""
        state = "" if ok else "FAILED: "
        took = "stored" if cached else f"{seconds:.1f} s"
        self._say(f"{stage}: {state}{summary} ({took})")

    def close(self) -> None:
        """Nothing to close."""


class JsonLines:
    """One JSON object per event, for programs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr

    def _say(self, event: str, **fields: object) -> None:
        self.stream.write(json.dumps({"event": event, "time": time.time(), **fields}) + "\n")
        self.stream.flush()

    def start(self, stage: str, detail: str = "") -> None:
        """Write a ``start`` event."""
        self._say("start", stage=stage, detail=detail)

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:
        """Write an ``update`` event."""
        self._say("update", detail=detail, done=done, total=total)

    def note(self, text: str) -> None:
        """Write a ``note`` event."""
        self._say("note", text=text)

    def finish(self, stage: str, summary: str, seconds: float, *, cached: bool, ok: bool) -> None:
        """Write a ``finish`` event."""
        self._say("finish", stage=stage, summary=summary, seconds=seconds, cached=cached, ok=ok)

    def close(self) -> None:
        """Nothing to close."""


class Terminal:
    """A live status line (rich) above which finished stages scroll by."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False)
        self._status = self.console.status("", spinner="dots")
        self._status.start()
        self._stage = ""

    def _show(self, text: str) -> None:
        from rich.text import Text

        self._status.update(Text(text, overflow="ellipsis", no_wrap=True))

    def start(self, stage: str, detail: str = "") -> None:
        """Show the stage beside the spinner."""
        self._stage = stage
        self._show(f"{stage}  {detail}")

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:
        """Show the newest detail."""
        self._show(f"{self._stage}  {_count(done, total)}{detail}")

    def note(self, text: str) -> None:
        """Print the note above the spinner."""
        self.console.print(f"[yellow]![/] {_escape(text)}")

    def finish(self, stage: str, summary: str, seconds: float, *, cached: bool, ok: bool) -> None:
        """Print the result above the spinner."""
        mark = "[green]ok[/]" if ok else "[red]no[/]"
        took = "stored" if cached else f"{seconds:.1f} s"
        self.console.print(f"{mark} [bold]{stage}[/] {_escape(summary)} [dim]({took})[/]")
        self._show("")

    def close(self) -> None:
        """Stop the spinner."""
        self._status.stop()


def _count(done: int | None, total: int | None) -> str:
    if done is None:
        return ""
    return f"{done}/{total} " if total else f"{done} "


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def choose(mode: str) -> Progress:
    """The progress display for *mode*: ``auto``, ``rich``, ``plain``, ``json`` or ``none``."""
    if mode == "rich" or (mode == "auto" and sys.stderr.isatty()):
        return Terminal()
    if mode in ("auto", "plain"):
        return Lines()
    return JsonLines() if mode == "json" else Silent()


@contextmanager
def open_progress(mode: str) -> Iterator[Progress]:
    """A progress display that is closed again, whatever happens; it shows foreign text cleaned."""
    progress = Cleaned(choose(mode))
    try:
        yield progress
    finally:
        progress.close()
