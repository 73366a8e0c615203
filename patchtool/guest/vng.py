# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line that boots a guest with virtme-ng. Pure.

It is ``virtme-run``, the runner below virtme-ng's front end ``vng``: the front end adds the
user's own configuration file, a shell, and overlays that a read-only root has no use for.
virtme-ng builds the machine and exports its folders by 9p; the kernel's command line is ours,
so that virtme-ng's init is started at once, from the root and through the page cache, instead
of by a shell that mounts it first (half a second under TCG), and the console is one serial
line from the first byte to the last.

What of the host the guest can see: its root, the folder with the agent, and virtme-ng's folder
of guest tools, each read only.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

PORT_NAME = "org.patchtool.agent"
#: Where the guest finds the agent.
AGENT_FOLDER = "/run/patchtool"
#: Python's quickest start: no site-packages, no environment, no locale files.
AGENT_COMMAND = f"LC_ALL=C exec python3 -ISE {AGENT_FOLDER}/start.py"
#: virtme-ng's init in a root that patchtool made.
INIT = "/usr/lib/virtme-ng-init"
KERNEL_PARAMETERS = (
    # All of the console from the first line on, so that an early death is seen.
    *("console=ttyS0", "earlyprintk=serial,ttyS0,115200", "loglevel=7"),
    # A panic ends QEMU, which is told not to reboot. An oops does not: the test that made it
    # shall be named. A non-maskable interrupt makes a hung kernel say where it hangs.
    *("panic=-1", "unknown_nmi_panic"),
    # As virtme-ng mounts its root, and with a cache: without one each page of a program that is
    # run is a message of its own to the host (fs/9p/vfs_super.c: no read-ahead). The root does
    # not change while guests use it.
    *("ro", "rootfstype=9p"),
    "rootflags=version=9p2000.L,trans=virtio,access=any,msize=524288,cache=loose",
    *("virtme_console=ttyS0", "virtme_root_user=1"),
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
class Surroundings:
    """What of the host a guest is given.

    Attributes:
        bzimage: The kernel image.
        root: Its root folder.
        init: Where virtme-ng's init is, as the guest sees it.
        agent: The folder with the agent.
        agent_socket: Unix socket on which patchtool waits for the agent's port.
        qmp_socket: Unix socket on which patchtool waits for QEMU's monitor.
        accelerator: ``kvm`` or ``tcg``.
        firmware: Firmware that starts faster than QEMU's own; empty: QEMU's own.
    """

    bzimage: Path
    root: Path
    init: str
    agent: Path
    agent_socket: Path
    qmp_socket: Path
    accelerator: str
    firmware: str = ""


def command_line(spec: GuestSpec, host: Surroundings) -> tuple[str, ...]:
    """The command that boots the guest and runs the agent in it.

    Raises:
        UsageError: The machine that is asked for cannot be.
    """
    if spec.cpus < spec.nodes or spec.nodes < 1 or spec.memory_mib < 64 * spec.nodes:
        raise UsageError(
            f"no guest has {spec.nodes} nodes, {spec.cpus} processors and {spec.memory_mib} MiB",
            hint="each node needs a processor and 64 MiB",
        )
    if len(" ".join(spec.append)) > MAX_APPEND or any('"' in word for word in spec.append):
        raise UsageError(f"kernel parameters: at most {MAX_APPEND} characters, no double quotes")
    words = ["virtme-run", "--kimg", str(host.bzimage), "--mods", "none"]
    words += ["--root", str(host.root), "--force-9p", "--disable-microvm"]
    words += ["--disable-monitor", "--rodir", f"{AGENT_FOLDER}={host.agent}"]
    words += ["--memory", f"{spec.memory_mib}M", "--cpus", str(spec.cpus)]
    if spec.nodes > 1:
        for size, first, last in _nodes(spec):
            words += ["--numa", f"{size}M,cpus={first}-{last}"]
    if host.accelerator != "kvm":
        words.append("--disable-kvm")
    append = " ".join(kernel_parameters(spec, host))
    return (*words, "--qemu-opts", *_qemu(host), "-append", append)


def kernel_parameters(spec: GuestSpec, host: Surroundings) -> tuple[str, ...]:
    """The kernel's command line: ours, what virtme-ng's init reads, the caller's."""
    script = base64.b64encode(AGENT_COMMAND.encode()).decode()
    mount = "virtme_initmount0"
    return (
        *KERNEL_PARAMETERS,
        *(f"{mount}={AGENT_FOLDER}", f"{mount}_fstype=9p", f"{mount}_access=ro"),
        f"virtme.exec=`{script}`",
        *spec.append,
        f"init={host.init}",
    )


def _nodes(spec: GuestSpec) -> list[tuple[int, int, int]]:
    """MiB, first and last processor of each node."""
    memory = spec.memory_mib // spec.nodes
    bounds = [spec.cpus * node // spec.nodes for node in range(spec.nodes + 1)]
    sizes = [memory] * (spec.nodes - 1) + [spec.memory_mib - memory * (spec.nodes - 1)]
    return [(sizes[n], bounds[n], bounds[n + 1] - 1) for n in range(spec.nodes)]


def _qemu(host: Surroundings) -> list[str]:
    if host.accelerator == "kvm":
        words = ["-machine", "accel=kvm"]  # not virtme-ng's kvm:tcg, which falls back in silence
    else:
        words = ["-accel", "tcg,thread=multi"]
    if host.firmware:
        words += ["-bios", host.firmware]
    for name, path in (("agent", host.agent_socket), ("qmp", host.qmp_socket)):
        quoted = str(path).replace(",", ",,")
        words += ["-chardev", f"socket,id=patchtool-{name},path={quoted},server=off"]
    return [
        *words,
        "-no-reboot",
        *("-mon", "chardev=patchtool-qmp,mode=control"),
        *("-device", "virtio-serial-pci,id=patchtool"),
        "-device",
        f"virtserialport,bus=patchtool.0,chardev=patchtool-agent,name={PORT_NAME}",
        *("-device", "virtio-balloon-pci,id=balloon0,deflate-on-oom=off,free-page-reporting=off"),
    ]
