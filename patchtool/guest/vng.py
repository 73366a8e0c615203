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

from patchtool.guest import qemu
from patchtool.guest.qemu import AGENT_COMMAND, AGENT_FOLDER, GuestSpec, Surroundings

__all__ = ["INIT", "GuestSpec", "Surroundings", "command_line", "kernel_parameters"]

#: virtme-ng's init in a root that patchtool made.
INIT = "/usr/lib/virtme-ng-init"
KERNEL_PARAMETERS = (
    *qemu.KERNEL_PARAMETERS,
    # As virtme-ng mounts its root, and with a cache: without one each page of a program that is
    # run is a message of its own to the host (fs/9p/vfs_super.c: no read-ahead). The root does
    # not change while guests use it.
    *("ro", "rootfstype=9p"),
    "rootflags=version=9p2000.L,trans=virtio,access=any,msize=524288,cache=loose",
    *("virtme_console=ttyS0", "virtme_root_user=1"),
)


def command_line(spec: GuestSpec, host: Surroundings) -> tuple[str, ...]:
    """The command that boots the guest and runs the agent in it.

    Raises:
        UsageError: The machine that is asked for cannot be.
    """
    qemu.check(spec)
    words = ["virtme-run", "--kimg", str(host.bzimage), "--mods", "none"]
    words += ["--root", str(host.root), "--force-9p", "--disable-microvm"]
    words += ["--disable-monitor", "--rodir", f"{AGENT_FOLDER}={host.agent}"]
    words += ["--memory", f"{spec.memory_mib}M", "--cpus", str(spec.cpus)]
    if spec.nodes > 1:
        for size, first, last in qemu.nodes(spec):
            words += ["--numa", f"{size}M,cpus={first}-{last}"]
    if host.accelerator == "kvm":
        how = ["-machine", "accel=kvm"]  # not virtme-ng's kvm:tcg, which falls back in silence
    else:
        words.append("--disable-kvm")
        how = ["-accel", "tcg,thread=multi"]
    append = " ".join(kernel_parameters(spec, host))
    return (*words, "--qemu-opts", *how, *qemu.devices(host), "-append", append)


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
