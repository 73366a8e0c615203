# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that dies before its first line, in a real QEMU: recognised, with what is likely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.guest.accel import Accelerator
from patchtool.guest.root import GuestRoot
from patchtool.guest.session import GuestDied, GuestSpec, Start, boot
from tests.lib import fatal_image

if TYPE_CHECKING:
    from pathlib import Path


def test_a_triple_fault_before_the_first_line_is_named_with_its_likely_causes(
    tmp_path: Path,
) -> None:
    bzimage, root = tmp_path / "bzImage", tmp_path / "root"
    bzimage.write_bytes(fatal_image.image())
    root.mkdir()
    start = Start(causes=("no-sse: the decompressor may use SSE",))
    with (
        pytest.raises(GuestDied) as caught,
        boot(
            bzimage,
            GuestSpec(memory_mib=128, cpus=1),
            root=GuestRoot(root, "empty"),
            accelerator=Accelerator("tcg", 1.0, 6.0),
            folder=tmp_path / "guest",
            settings=Settings(cache=tmp_path / "cache"),
            progress=Silent(),
            start=start,
        ),
    ):
        pass
    assert caught.value.kind == "reset"
    text = str(caught.value)
    assert "before the kernel's first line" in text
    assert "while it booted" in text
    assert "no-sse: the decompressor may use SSE" in text
