# SPDX-License-Identifier: GPL-2.0-or-later
"""The disk that guests keep in zram: any byte that is not as it was written is found."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

import pytest

from patchtool.guest.inside import zram
from patchtool.guest.inside.zram import MIB, PAGE_SIZE, ZramDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 3


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in place of the device, and files in place of its settings."""
    file = tmp_path / "zram0"
    file.touch()
    monkeypatch.setattr(zram, "DEVICE", file)
    monkeypatch.setattr(zram, "QUEUE", tmp_path)
    monkeypatch.setattr(os, "O_DIRECT", 0)  # not every file system has it
    return file


@pytest.fixture
def disk(device: Path) -> Iterator[ZramDisk]:
    made = ZramDisk(SIZE)
    yield made
    made.release()


def pages(device: Path) -> list[bytes]:
    content = device.read_bytes()
    return [content[at : at + PAGE_SIZE] for at in range(0, len(content), PAGE_SIZE)]


def test_the_disk_is_full_and_no_page_is_like_another(disk: ZramDisk, device: Path) -> None:
    assert device.stat().st_size == SIZE * MIB
    assert len(set(pages(device))) == SIZE * MIB // PAGE_SIZE
    assert disk.damaged() == []
    assert (device.parent / "disksize").read_text() == str(SIZE * MIB)


@pytest.mark.usefixtures("disk")
def test_half_of_the_pages_compress(device: Path) -> None:
    sizes = [len(zlib.compress(page)) for page in pages(device)[:4]]
    assert min(sizes[0], sizes[2]) > PAGE_SIZE * 0.9
    assert max(sizes[1], sizes[3]) < PAGE_SIZE * 0.4


def test_freed_pages_are_zeros_and_no_damage(disk: ZramDisk, device: Path) -> None:
    freed = disk.free_every(5)
    zeros = [page for page in pages(device) if not any(page)]
    assert len(zeros) == freed > 0
    assert disk.damaged() == []


@pytest.mark.parametrize("at", [0, MIB + 7 * PAGE_SIZE + 2000, SIZE * MIB - 1])
def test_a_changed_byte_is_found(disk: ZramDisk, device: Path, at: int) -> None:
    with device.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    assert disk.damaged() == [at // MIB]


def test_pages_that_changed_places_are_found(disk: ZramDisk, device: Path) -> None:
    first, third = pages(device)[0], pages(device)[2]
    with device.open("r+b") as file:
        file.write(third)
        file.seek(2 * PAGE_SIZE)
        file.write(first)
    assert disk.damaged() == [0]


def test_the_memory_it_takes_is_in_pages(disk: ZramDisk, device: Path) -> None:
    (device.parent / "mm_stat").write_text("  67108864 41943040 43007590 0 43007590 0 0 0\n")
    assert disk.pages() == 43007590 // PAGE_SIZE
