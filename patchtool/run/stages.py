# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a stage: times it, reports progress, and tags what goes wrong with its name."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.errors import PatchtoolError
from patchtool.run.record import StageTime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.progress import Progress


@dataclass(slots=True)
class Stage:
    """A stage that is running; it says how it went by setting these.

    Attributes:
        summary: One line for a person.
        cached: The result was stored; nothing was done.
        ok: False for expected bad news, such as a failed test.
    """

    summary: str = ""
    cached: bool = False
    ok: bool = True


@dataclass(slots=True)
class Stages:
    """The stages of a run so far.

    Attributes:
        progress: Where they say what they do.
        times: How long each took, in order.
    """

    progress: Progress
    times: list[StageTime] = field(default_factory=list)

    @contextmanager
    def run(self, name: str, detail: str = "") -> Iterator[Stage]:
        """Run the block as the stage *name*.

        Raises:
            PatchtoolError: As the block does, with its ``stage`` set.
        """
        stage = Stage()
        self.progress.start(name, detail)
        begin = time.monotonic()
        try:
            yield stage
        except BaseException as error:
            stage.ok = False
            stage.summary = str(error).splitlines()[0] if str(error) else type(error).__name__
            if isinstance(error, PatchtoolError) and error.stage is None:
                error.stage = name
            raise
        finally:
            seconds = time.monotonic() - begin
            done = StageTime(
                name=name,
                summary=stage.summary,
                seconds=seconds,
                cached=stage.cached,
                ok=stage.ok,
            )
            self.times.append(done)
            self.progress.finish(name, stage.summary, seconds, cached=stage.cached, ok=stage.ok)
