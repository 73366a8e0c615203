# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot a kernel image, and have its guest for the length of a block."""

from __future__ import annotations

import contextlib
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import process, programs
from patchtool.errors import BootError, InfraError, LostGuest, ToolMissing, from_os_error
from patchtool.guest import qemu, vng
from patchtool.guest.channel import Channel, GuestError
from patchtool.guest.death import GuestDied
from patchtool.guest.host_folders import MAX_SOCKET_PATH, agent_folder, socket_folder
from patchtool.guest.initramfs import ensure_initramfs
from patchtool.guest.machine import CONSOLE_LOG, Guest, KernelLine, Pending, Remote, Samples
from patchtool.guest.qemu import GuestSpec, Start, Surroundings
from patchtool.guest.qmp import Qmp
from patchtool.guest.root import init_in
from patchtool.guest.silence import while_booting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot

__all__ = [
    "Guest",
    "GuestDied",
    "GuestError",
    "GuestSpec",
    "KernelLine",
    "Pending",
    "Remote",
    "Samples",
    "Start",
    "boot",
]

AGENT_LOG = "agent.log"
QBOOT = "qboot.rom"
#: Documentation/arch/x86/boot.rst: what stands where in every image since protocol 2.00.
PROTOCOL = ((0x1FE, b"\x55\xaa"), (0x202, b"HdrS"))
HEAD = 0x206
#: Where distributions keep what comes with QEMU.
SHARE = Path("/usr/share/qemu")


def _listen(path: Path) -> socket.socket:
    if len(str(path)) > MAX_SOCKET_PATH:
        raise InfraError(f"{path}: too long for a unix socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    return listener


def _accept(listener: socket.socket, running: process.Running, seconds: float) -> socket.socket:
    """Wait until QEMU calls.

    Raises:
        LostGuest: It ended, or did not call in time.
    """
    deadline = time.monotonic() + seconds
    listener.settimeout(0.1)
    while time.monotonic() < deadline:
        with contextlib.suppress(TimeoutError):
            connection, _ = listener.accept()
            connection.setblocking(True)
            return connection
        status = running.poll()
        if status is not None:
            running.wait()
            lines = "".join(f"\n  | {line}" for line in running.text().splitlines()[-15:])
            what = f"QEMU ended with status {status} before the guest ran{lines}"
            raise LostGuest(what, explained=bool(lines))
    raise LostGuest(f"QEMU did not start within {seconds:.0f} s")


def _quick_firmware(program: Path) -> str:
    """qboot, which comes with QEMU and starts a kernel 0.2 s sooner (TCG) than SeaBIOS does.

    https://github.com/bonzini/qboot: it only loads a kernel given with -kernel, as ours is.
    """
    for folder in (program.resolve().parents[1] / "share" / "qemu", SHARE):
        if (folder / QBOOT).is_file():
            return str(folder / QBOOT)
    return ""


def _check(bzimage: Path) -> None:
    """Do nothing for a kernel image.

    Raises:
        BootError: It has not the boot flag and the magic of x86's boot protocol.
        InfraError: It cannot be read.
    """
    try:
        with bzimage.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as error:
        raise from_os_error(error) from error
    if any(head[at : at + len(word)] != word for at, word in PROTOCOL):
        raise BootError(
            f"{bzimage}: is no kernel image: it lacks the header of x86's boot protocol"
        )


@contextmanager
def boot(
    bzimage: Path,
    spec: GuestSpec,
    *,
    root: GuestRoot,
    accelerator: Accelerator,
    folder: Path,
    settings: Settings,
    progress: Progress,
    start: Start | None = None,
    patience: float = 1.0,
    vmlinux: Path | None = None,
) -> Iterator[Guest]:
    """Boot a kernel image and wait for the agent's first answer; end it when the block ends.

    Args:
        bzimage: The kernel image.
        spec: The machine.
        root: The guest's root.
        accelerator: How guest code runs.
        folder: Where the guest's files go.
        settings: The settings in force.
        progress: Told that it boots.
        start: How a kernel of its era starts; by virtme-ng if None.
        patience: Factor by which its first answer is waited for longer.
        vmlinux: What the image was made of: its symbols name where a silent guest stands.

    Raises:
        GuestDied: The kernel panicked, ran out of memory, powered off, got stuck, ... before the
            answer.
        BootError: It is no kernel image.
        LostGuest: No answer within the setting ``boot_timeout`` times the accelerator's factor
            and *patience*, or nothing goes on in it.
        ToolMissing: virtme-ng or QEMU is not installed.
        InfraError: The initramfs it starts from could not be made.
    """
    start = start or Start()
    _check(bzimage)
    program = programs.require("qemu-system-x86_64")
    if start.how == "virtme-ng" and programs.which("virtme-run") is None:
        raise ToolMissing("virtme-ng", hint="pip install 'virtme-ng>=1.42'")
    agent_files = agent_folder(settings)
    archive = ensure_initramfs(root, agent_files, settings) if start.how == "initramfs" else None
    booted = replace(spec, append=(*start.append, *spec.append))
    folder.mkdir(parents=True, exist_ok=True)
    for name in (CONSOLE_LOG, AGENT_LOG):
        (folder / name).unlink(missing_ok=True)  # of a run that was killed
    seconds = settings.boot_timeout * accelerator.factor * patience
    guest = Guest(spec, folder, settings.call_timeout, accelerator.factor, start.causes, vmlinux)
    progress.update(f"booting {bzimage.name} ({accelerator.name}, {spec.memory_mib} MiB)")
    with ExitStack() as stack:
        private = stack.enter_context(socket_folder())
        host = Surroundings(
            bzimage=bzimage,
            root=root.path,
            init="" if archive else init_in(root),
            agent=agent_files,
            agent_socket=private / "agent",
            qmp_socket=private / "qmp",
            accelerator=accelerator.name,
            firmware=_quick_firmware(program),
            initramfs=archive,
        )
        make = qemu.command_line if archive else vng.command_line
        calls = [stack.enter_context(_listen(p)) for p in (host.agent_socket, host.qmp_socket)]
        begin = time.monotonic()
        running = stack.enter_context(
            process.start(
                make(booted, host),
                cwd=folder,
                # A home of its own: the user's virtme-ng configuration must not change a run.
                env={"HOME": str(private), "TMPDIR": str(private)},
                log=folder / CONSOLE_LOG,
                on_line=guest.life.hear,
            )
        )
        agent, monitor = (_accept(call, running, seconds) for call in calls)
        channel = Channel(agent, guest.life.changed, folder / AGENT_LOG)
        stack.callback(channel.close)
        qmp = Qmp(monitor)
        stack.callback(qmp.close)
        guest.attach(running, channel, qmp)
        qmp.execute("cont", {}, seconds)
        guest.first_answer(begin, seconds, while_booting(accelerator.factor, patience))
        yield guest
