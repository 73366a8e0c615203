# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line that boots a guest from an initramfs, by QEMU itself. Pure.

For kernels whose way through virtme-ng fails: nothing is mounted from the host, so the kernel
needs neither 9p nor a file system but its own. The machine and its devices are those that
virtme-ng makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.guest import qemu

if TYPE_CHECKING:
    from patchtool.guest.qemu import GuestSpec, Surroundings


def command_line(spec: GuestSpec, host: Surroundings) -> tuple[str, ...]:
    """The command that boots the guest and runs the agent in it.

    Raises:
        UsageError: The machine that is asked for cannot be.
    """
    qemu.check(spec)
    words = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-machine", "q35"]
    if host.accelerator == "kvm":
        words += ["-accel", "kvm", "-cpu", "host,topoext=on"]
    else:
        words += ["-accel", "tcg,thread=multi", "-cpu", "max"]
    words += ["-display", "none", "-vga", "none"]
    words += ["-chardev", "stdio,id=console,signal=off,mux=off", "-serial", "chardev:console"]
    words += ["-m", f"{spec.memory_mib}M", "-smp", str(spec.cpus)]
    if spec.nodes > 1:
        for number, (size, first, last) in enumerate(qemu.nodes(spec)):
            words += ["-object", f"memory-backend-ram,id=node{number},size={size}M"]
            words += ["-numa", f"node,nodeid={number},memdev=node{number},cpus={first}-{last}"]
    words += [*qemu.devices(host), "-kernel", str(host.bzimage), "-initrd", str(host.initramfs)]
    return (*words, "-append", " ".join((*qemu.KERNEL_PARAMETERS, *spec.append)))
