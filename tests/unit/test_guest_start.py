# SPDX-License-Identifier: GPL-2.0-or-later
"""How a guest starts without virtme-ng, and what is told of one that never came to its kernel."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchtool.build.toolchain.eras import Era, FixUp, Needs
from patchtool.build.toolchain.questions import Question
from patchtool.core.settings import Settings
from patchtool.errors import LostGuest, UsageError
from patchtool.guest import cpio, qemu
from patchtool.guest.death import Facts, GuestDied, obituary, started
from patchtool.guest.initramfs import ensure_initramfs, imported
from patchtool.guest.qemu import GuestSpec, Surroundings
from patchtool.guest.root import HOST_ROOT
from patchtool.run.workplace import start_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = Surroundings(
    bzimage=Path("/images/bzImage"),
    root=Path("/cache/roots/abc"),
    init="",
    agent=Path("/cache/agent/def"),
    agent_socket=Path("/run/p,q/agent"),
    qmp_socket=Path("/run/p,q/qmp"),
    accelerator="tcg",
    initramfs=Path("/cache/initramfs/a.cpio"),
)
SIGNS = (Question(file="Makefile"),)


def after(words: tuple[str, ...], option: str) -> list[str]:
    return [words[at + 1] for at, word in enumerate(words[:-1]) if word == option]


# --- the archive


def unpacked(data: bytes) -> Iterator[tuple[str, int, bytes, tuple[int, int]]]:
    """As the kernel's init/initramfs.c reads it."""
    at = 0
    while True:
        assert at % 4 == 0
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + n * 8 : at + 14 + n * 8], 16) for n in range(13)]
        size, length = fields[6], fields[11]
        begin = at + 110
        name = data[begin : begin + length]
        assert name[-1:] == b"\0"
        begin = (begin + length + 3) & ~3
        content = data[begin : begin + size]
        at = (begin + size + 3) & ~3
        if name == b"TRAILER!!!\0":
            assert at == len(data)
            return
        yield name[:-1].decode(), fields[1], content, (fields[9], fields[10])


def test_the_archive_reads_back_as_it_was_written() -> None:
    nodes = [
        cpio.folder("dev"),
        cpio.character_device("dev/console", 5, 1),
        cpio.file("init", b"#!/bin/sh\n", program=True),
        *(cpio.file("f" * length, b"x" * length) for length in range(1, 9)),
        cpio.link("bin", "usr/bin"),
    ]
    seen = list(unpacked(cpio.archive(nodes)))
    assert seen == [(n.name, n.mode, n.content, n.device) for n in nodes]
    modes = {name: mode for name, mode, _, _ in seen}
    assert stat.S_ISCHR(modes["dev/console"])
    assert stat.S_ISLNK(modes["bin"])
    assert modes["init"] & 0o111


def test_an_archive_of_nothing_is_one() -> None:
    assert list(unpacked(cpio.archive([]))) == []


def test_every_import_of_a_file_is_found_also_one_inside_a_function(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("import a.b, c\nfrom d import e\ndef f():\n    import gzip\n")
    assert imported([source]) == ("a.b", "c", "d", "gzip")


def test_the_hosts_own_root_goes_into_no_initramfs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot share the host's root"):
        ensure_initramfs(HOST_ROOT, tmp_path, Settings(cache=tmp_path))


# --- the command line


def test_qemu_is_started_directly_with_the_same_devices() -> None:
    words = qemu.command_line(GuestSpec(append=("a=1",)), HOST)
    assert words[0] == "qemu-system-x86_64"
    assert after(words, "-initrd") == ["/cache/initramfs/a.cpio"]
    assert after(words, "-accel") == ["tcg,thread=multi"]
    devices = after(words, "-device")
    assert any("name=org.patchtool.agent" in device for device in devices)
    assert any(device.startswith("virtio-balloon-pci") for device in devices)
    assert "-no-reboot" in words
    assert all("path=/run/p,,q/" in text for text in after(words, "-chardev")[1:])
    parameters = after(words, "-append")[0].split()
    assert {"panic=-1", "console=ttyS0", "a=1"} <= set(parameters)
    assert not any(word.startswith(("root", "virtme", "init=")) for word in parameters)


def test_two_nodes_share_memory_and_processors_there_too() -> None:
    words = qemu.command_line(GuestSpec(memory_mib=1025, cpus=3, nodes=2), HOST)
    assert after(words, "-m") == ["1025M"]
    assert after(words, "-numa") == [
        "node,nodeid=0,memdev=node0,cpus=0-0",
        "node,nodeid=1,memdev=node1,cpus=1-2",
    ]


def test_a_machine_that_cannot_be_is_refused_there_too() -> None:
    with pytest.raises(UsageError):
        qemu.command_line(GuestSpec(cpus=1, nodes=2), HOST)


# --- what the era says


def needs(**era: str) -> Needs:
    facts = {"name": "old", "releases": "1", "title": "old", "when": SIGNS, **era}
    common = {"releases": "1", "when": SIGNS, "until": "later"}
    used = FixUp.model_validate(
        {"name": "quiet", "reason": "noise", "append": ("nohpet",), **common}
    )
    suspect = FixUp.model_validate(
        {"name": "no-sse", "reason": "SSE too early", "symptom": "a triple fault", **common}
    )
    return Needs(era=Era.model_validate(facts), fixups=(used,), suspects=(suspect,))


def test_the_era_says_how_guests_start_unless_the_user_does() -> None:
    old = needs(guest="initramfs")
    assert start_of(old, Settings()).how == "initramfs"
    assert start_of(old, Settings(guest_start="virtme-ng")).how == "virtme-ng"
    assert start_of(needs(), Settings()).how == "virtme-ng"
    assert start_of(None, Settings(guest_start="initramfs")).how == "initramfs"


def test_the_eras_kernel_parameters_and_suspects_go_along() -> None:
    start = start_of(needs(), Settings())
    assert start.append == ("nohpet",)
    (cause,) = start.causes
    assert cause.startswith("no-sse: a triple fault (was not used")


# --- a reset before the kernel's first line


def died(*console: str, causes: tuple[str, ...] = ("no-sse: SSE",)) -> GuestDied:
    error = obituary(
        Facts("boot", console, Path("c.log"), 0, shutdown="guest-reset", causes=causes)
    )
    assert isinstance(error, GuestDied)
    return error


@pytest.mark.parametrize(
    "console",
    [
        (),
        ("SeaBIOS (version 1.16.2)", "Booting from ROM.."),
        ("early console in decompress_kernel", "Decompressing Linux... "),
    ],
)
def test_a_reset_before_the_kernels_first_line_names_the_likely_causes(
    console: tuple[str, ...],
) -> None:
    error = died(*console)
    assert error.kind == "reset"
    assert "before the kernel's first line" in str(error)
    assert "no-sse: SSE" in str(error)


def test_a_later_reset_is_no_matter_of_the_compiler() -> None:
    banner = "[    0.000000] Linux version 3.6.5 (patchtool@host) (gcc version 4.9)"
    assert started([banner])
    error = died(banner, "[    1.0] usb: hello")
    assert "before" not in str(error)
    assert "no-sse" not in str(error)


def test_it_is_one_as_well_when_qemu_ended_before_it_could_say_so() -> None:
    error = obituary(Facts("boot", (), Path("c.log"), 0, causes=("no-sse: SSE",)))
    assert isinstance(error, GuestDied)
    assert "no-sse: SSE" in str(error)


def test_a_qemu_that_failed_is_no_reset() -> None:
    error = obituary(Facts("boot", ("qemu: could not load kernel",), Path("c.log"), 1))
    assert isinstance(error, LostGuest)


def test_without_causes_none_are_promised() -> None:
    assert "likely:" not in str(died(causes=()))
