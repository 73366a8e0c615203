# SPDX-License-Identifier: GPL-2.0-or-later
"""What every guest gets, however it is started, and how QEMU itself starts one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from patchtool.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

PORT_NAME = "org.patchtool.agent"
#: Where the guest finds the agent.
AGENT_FOLDER = "/run/patchtool"
#: Python's quickest start: no site-packages, no environment, no locale files.
AGENT_COMMAND = f"LC_ALL=C exec python3 -ISE {AGENT_FOLDER}/start.py"
KERNEL_PARAMETERS = (
    # All of the console from the first line on, so that an early death is seen.
    *("console=ttyS0", "earlyprintk=serial,ttyS0,115200", "loglevel=7"),
    # A panic ends QEMU, which is told not to reboot. An oops does not: the test that made it
    # shall be named. A non-maskable interrupt makes a hung kernel say where it hangs.
    *("panic=-1", "unknown_nmi_panic"),
    # An emulated timer that starves on a busy host is no fault of the kernel's, which would panic
    # for it at boot ("IO-APIC + timer doesn't work").
    "no_timer_check",
)
#: COMMAND_LINE_SIZE of x86 is 2048; this leaves room for the rest.
MAX_APPEND = 1000


@dataclass(frozen=True, slots=True)
class GuestSpec:
    """What machine to boot.

    Attributes:
        memory_mib: Its memory, MiB, divided evenly among the nodes.
        cpus: Its processors, dealt out evenly among the nodes.
        nodes: NUMA nodes.
        append: More kernel parameters.
    """

    memory_mib: int = 1024
    cpus: int = 2
    nodes: int = 1
    append: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """How a kernel of some era is started.

    Attributes:
        how: ``virtme-ng``, with a root by 9p, or ``initramfs``.
        append: Kernel parameters that every guest of it gets.
        causes: What a reset before its first line comes from, likeliest first, a line each.
    """

    how: Literal["virtme-ng", "initramfs"] = "virtme-ng"
    append: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the host a guest is given.

    Attributes:
        bzimage: The kernel image.
        root: Its root folder, with virtme-ng.
        init: Where virtme-ng's init is, as the guest sees it.
        agent: The folder with the agent, with virtme-ng.
        agent_socket: Unix socket on which patchtool waits for the agent's port.
        qmp_socket: Unix socket on which patchtool waits for QEMU's monitor.
        accelerator: ``kvm`` or ``tcg``.
        firmware: Firmware that starts faster than QEMU's own; empty: QEMU's own.
        initramfs: The archive with all its files, without virtme-ng; None with it.
    """

    bzimage: Path
    root: Path
    init: str
    agent: Path
    agent_socket: Path
    qmp_socket: Path
    accelerator: str
    firmware: str = ""
    initramfs: Path | None = None


def check(spec: GuestSpec) -> None:
    """Do nothing for a machine that can be.

    Raises:
        UsageError: It cannot be; says why.
    """
    if spec.cpus < spec.nodes or spec.nodes < 1 or spec.memory_mib < 64 * spec.nodes:
        raise UsageError(
            f"no guest has {spec.nodes} nodes, {spec.cpus} processors and {spec.memory_mib} MiB",
            hint="each node needs a processor and 64 MiB",
        )
    if len(" ".join(spec.append)) > MAX_APPEND or any('"' in word for word in spec.append):
        raise UsageError(f"kernel parameters: at most {MAX_APPEND} characters, no double quotes")


def nodes(spec: GuestSpec) -> list[tuple[int, int, int]]:
    """MiB, first and last processor of each node."""
    memory = spec.memory_mib // spec.nodes
    bounds = [spec.cpus * node // spec.nodes for node in range(spec.nodes + 1)]
    sizes = [memory] * (spec.nodes - 1) + [spec.memory_mib - memory * (spec.nodes - 1)]
    return [(sizes[n], bounds[n], bounds[n + 1] - 1) for n in range(spec.nodes)]


def devices(host: Surroundings) -> list[str]:
    """QEMU's words for the agent's port, the monitor and the balloon."""
    words = ["-bios", host.firmware] if host.firmware else []
    for name, path in (("agent", host.agent_socket), ("qmp", host.qmp_socket)):
        quoted = str(path).replace(",", ",,")
        words += ["-chardev", f"socket,id=patchtool-{name},path={quoted},server=off"]
    return [
        *words,
        # It waits for `cont`: a guest that dies at once must not do so before the monitor is heard.
        *("-no-reboot", "-S"),
        *("-mon", "chardev=patchtool-qmp,mode=control"),
        *("-device", "virtio-serial-pci,id=patchtool"),
        "-device",
        f"virtserialport,bus=patchtool.0,chardev=patchtool-agent,name={PORT_NAME}",
        *("-device", "virtio-balloon-pci,id=balloon0,deflate-on-oom=off,free-page-reporting=off"),
    ]


def command_line(spec: GuestSpec, host: Surroundings) -> tuple[str, ...]:
    """The command that boots the guest from an initramfs, by QEMU itself.

    For kernels whose way through virtme-ng fails: nothing is mounted from the host, so the kernel
    needs neither 9p nor a file system but its own. The machine and its devices are those that
    virtme-ng makes.

    Raises:
        UsageError: The machine that is asked for cannot be.
    """
    check(spec)
    words = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-machine", "q35"]
    if host.accelerator == "kvm":
        words += ["-accel", "kvm", "-cpu", "host,topoext=on"]
    else:
        words += ["-accel", "tcg,thread=multi", "-cpu", "max"]
    words += ["-display", "none", "-vga", "none"]
    words += ["-chardev", "stdio,id=console,signal=off,mux=off", "-serial", "chardev:console"]
    words += ["-m", f"{spec.memory_mib}M", "-smp", str(spec.cpus)]
    if spec.nodes > 1:
        for number, (size, first, last) in enumerate(nodes(spec)):
            words += ["-object", f"memory-backend-ram,id=node{number},size={size}M"]
            words += ["-numa", f"node,nodeid={number},memdev=node{number},cpus={first}-{last}"]
    words += [*devices(host), "-kernel", str(host.bzimage), "-initrd", str(host.initramfs)]
    return (*words, "-append", " ".join((*KERNEL_PARAMETERS, *spec.append)))
