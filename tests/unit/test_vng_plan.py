# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line that boots a guest: what of the host it shares, and what machine it makes."""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path

import pytest

from patchtool.errors import UsageError
from patchtool.guest.vng import GuestSpec, Surroundings, command_line, kernel_parameters

HOST = Surroundings(
    bzimage=Path("/images/bzImage"),
    root=Path("/cache/roots/abc"),
    init="/usr/lib/virtme-ng-init",
    agent=Path("/cache/agent/def"),
    agent_socket=Path("/run/p/agent"),
    qmp_socket=Path("/run/p/qmp"),
    accelerator="tcg",
)
KVM = dataclasses.replace(HOST, accelerator="kvm")


def after(words: tuple[str, ...], option: str) -> list[str]:
    return [words[at + 1] for at, word in enumerate(words[:-1]) if word == option]


def test_the_guest_gets_its_own_root_by_9p_and_nothing_of_the_home() -> None:
    words = command_line(GuestSpec(), HOST)
    assert after(words, "--root") == ["/cache/roots/abc"]
    assert "--force-9p" in words
    assert after(words, "--rodir") == ["/run/patchtool=/cache/agent/def"]
    assert not {"--rw", "--rwdir", "--pwd", "--systemd", "--overlay-rwdir"} & set(words)


def test_the_accelerator_is_always_said_explicitly() -> None:
    software, hardware = command_line(GuestSpec(), HOST), command_line(GuestSpec(), KVM)
    assert "--disable-kvm" in software
    assert after(software, "-accel") == ["tcg,thread=multi"]
    assert "--disable-kvm" not in hardware
    assert after(hardware, "-machine") == ["accel=kvm"]
    assert "tcg" not in " ".join(hardware)


def test_qemu_gets_the_agents_port_its_monitor_and_a_balloon() -> None:
    words = command_line(GuestSpec(), HOST)
    devices = after(words, "-device")
    assert "virtserialport,bus=patchtool.0,chardev=patchtool-agent,name=org.patchtool.agent" in (
        devices
    )
    assert any(device.startswith("virtio-balloon-pci,id=balloon0,") for device in devices)
    assert after(words, "-chardev") == [
        "socket,id=patchtool-agent,path=/run/p/agent,server=off",
        "socket,id=patchtool-qmp,path=/run/p/qmp,server=off",
    ]
    assert {"-no-reboot", "-S"} <= set(words)


def test_a_comma_in_a_socket_path_is_not_an_option() -> None:
    odd = dataclasses.replace(HOST, agent_socket=Path("/run/a,b/agent"))
    assert "path=/run/a,,b/agent," in after(command_line(GuestSpec(), odd), "-chardev")[0]


def test_the_kernel_command_line_is_ours_and_ends_qemu_on_panic() -> None:
    words = command_line(GuestSpec(append=("fail_page_alloc=1",)), HOST)
    assert words[-2] == "-append"
    parameters = words[-1].split()
    assert parameters == list(kernel_parameters(GuestSpec(append=("fail_page_alloc=1",)), HOST))
    assert {"panic=-1", "console=ttyS0", "ro", "rootfstype=9p", "fail_page_alloc=1"} <= set(
        parameters
    )
    assert parameters[-1] == "init=/usr/lib/virtme-ng-init"
    (script,) = [word for word in parameters if word.startswith("virtme.exec=")]
    assert b"/run/patchtool/start.py" in base64.b64decode(script.split("`")[1])


def test_the_kernel_command_line_stays_below_what_x86_reads() -> None:
    longest = GuestSpec(append=("x" * 1000,))
    assert len(" ".join(kernel_parameters(longest, HOST))) < 2048


def test_quicker_firmware_is_used_where_qemu_brings_it() -> None:
    assert "-bios" not in command_line(GuestSpec(), HOST)
    quick = dataclasses.replace(HOST, firmware="/usr/share/qemu/qboot.rom")
    assert after(command_line(GuestSpec(), quick), "-bios") == ["/usr/share/qemu/qboot.rom"]


def test_two_nodes_share_memory_and_processors() -> None:
    words = command_line(GuestSpec(memory_mib=1025, cpus=3, nodes=2), HOST)
    assert after(words, "--numa") == ["512M,cpus=0-0", "513M,cpus=1-2"]
    assert after(words, "--memory") == ["1025M"]
    assert after(words, "--cpus") == ["3"]


def test_one_node_needs_no_numa() -> None:
    assert "--numa" not in command_line(GuestSpec(), HOST)


@pytest.mark.parametrize(
    "spec",
    [
        GuestSpec(cpus=1, nodes=2),
        GuestSpec(memory_mib=100, nodes=2),
        GuestSpec(nodes=0),
        GuestSpec(append=("a" * 1001,)),
        GuestSpec(append=('quoted="x"',)),
    ],
)
def test_a_machine_that_cannot_be_is_refused(spec: GuestSpec) -> None:
    with pytest.raises(UsageError):
        command_line(spec, HOST)
