# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series does to vmlinux: the base's against that with the whole series."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from patchtool.build.elf.events import EventsCheck, enumerators, events_check
from patchtool.build.elf.vmlinux import ElfDiff, compare, event_table

if TYPE_CHECKING:
    from patchtool.build.kernel.image import KernelImage


class ElfComparison(BaseModel):
    """Two vmlinux files compared.

    Attributes:
        diff: What grew, what is exported.
        base: Whether the names of the vm events stand where their numbers are, on the base;
            None where there is no such table.
        patched: The same with the series.
        seconds: How long it took.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    diff: ElfDiff
    base: EventsCheck | None
    patched: EventsCheck | None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """The names of the vm events stand where they should with the series."""
        return self.patched is None or self.patched.ok

    @property
    def summary(self) -> str:
        """What changed, in a line."""
        added = self.patched.added if self.patched else ()
        return f"{self.diff.delta:+d} bytes; events added: {', '.join(added) or 'none'}"


def compare_images(base: KernelImage, patched: KernelImage) -> ElfComparison:
    """Compare the vmlinux files of two images."""
    begin = time.monotonic()
    before, after = event_table(base.vmlinux), event_table(patched.vmlinux)
    first, second = _enumerators(base), _enumerators(patched)
    return ElfComparison(
        diff=compare(base.vmlinux, patched.vmlinux),
        base=events_check(before, first) if before else None,
        patched=events_check(after, second, before, first) if after else None,
        seconds=time.monotonic() - begin,
    )


def _enumerators(image: KernelImage) -> tuple[str, ...]:
    if image.events is None:
        return ()
    return tuple(enumerators(image.events.read_text(encoding="utf-8", errors="replace")))
