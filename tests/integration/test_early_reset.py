# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that dies or stands before its first line, in a real QEMU: recognised, and told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.guest.accel import Accelerator
from patchtool.guest.root import GuestRoot
from patchtool.guest.session import GuestDied, GuestSpec, Start, boot
from patchtool.guest.silence import PATIENCE
from tests.lib import fatal_image

if TYPE_CHECKING:
    from pathlib import Path


def died(folder: Path, code: bytes, start: Start) -> GuestDied:
    """How a guest ends whose kernel is that code."""
    bzimage, root = folder / "bzImage", folder / "root"
    bzimage.write_bytes(fatal_image.image(code))
    root.mkdir()
    with (
        pytest.raises(GuestDied) as caught,
        boot(
            bzimage,
            GuestSpec(memory_mib=128, cpus=2),
            root=GuestRoot(root, "empty"),
            accelerator=Accelerator("tcg", 1.0, 6.0),
            folder=folder / "guest",
            settings=Settings(cache=folder / "cache"),
            progress=Silent(),
            start=start,
        ),
    ):
        pass
    return caught.value


def test_a_triple_fault_before_the_first_line_is_named_with_its_likely_causes(
    tmp_path: Path,
) -> None:
    start = Start(causes=("no-sse: the decompressor may use SSE",))
    error = died(tmp_path, fatal_image.TRIPLE_FAULT, start)
    assert error.kind == "reset"
    text = str(error)
    assert "before the kernel's first line" in text
    assert "while it booted" in text
    assert "no-sse: the decompressor may use SSE" in text


def test_a_halt_before_the_first_line_is_told_in_seconds(tmp_path: Path) -> None:
    """It was waited for as long as a boot may take: three minutes with this accelerator."""
    begin = time.monotonic()
    error = died(tmp_path, fatal_image.HALTS, Start())
    assert time.monotonic() - begin < PATIENCE.first + PATIENCE.halted + PATIENCE.every + 10
    assert error.kind == "stuck"
    text = str(error)
    assert "nothing can wake its processors: CPU 0 is halted with interrupts off in 0x" in text
    assert "before the kernel's first line on the console, while it booted" in text
