# SPDX-License-Identifier: GPL-2.0-or-later
"""Which accelerator really runs guest code here, and how fast.

``/dev/kvm`` can open, create a machine and a processor, and yet never run an instruction of it
(a nested machine without hardware extension). So the probe boots a machine whose whole
firmware is the loop below, and times it.
"""

from __future__ import annotations

import itertools
import os
import struct
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from patchtool.core import process, programs
from patchtool.core.durable import write_atomic
from patchtool.core.store import digest
from patchtool.errors import CommandTimeout, InfraError

if TYPE_CHECKING:
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

QEMU = "qemu-system-x86_64"
KVM = Path("/dev/kvm")
#: Turns of the guest's loop in one round, and rounds; the fastest round counts.
TURNS = 20_000_000
ROUNDS = 4
#: What one round takes on a processor of about 3 GHz, in seconds: the loop's read-modify-write
#: of one memory word is a chain of about 5 cycles a turn (store forwarding).
REFERENCE = TURNS * 5 / 3.0e9
#: A working accelerator shows its first instruction within this many seconds.
FIRST_SIGN = 8.0
#: And ends all rounds within this many.
ALL_ROUNDS = 60.0
#: Software emulation is never less than this many times slower than hardware: booting a kernel,
#: page tables and interrupts are what it is bad at, and the loop has none of that.
TCG_LEAST = 6.0
FIRMWARE_SIZE = 1 << 16
SERIAL, EXIT_PORT = 0x3F8, 0xF4


@dataclass(frozen=True, slots=True)
class Accelerator:
    """How guests run.

    Attributes:
        name: ``kvm`` or ``tcg``.
        seconds: Time for the probe's guest code, one round.
        factor: How many times slower than hardware guests run, at least 1; timeouts scale by it.
        notes: What a person should know, why KVM was not taken for one.
    """

    name: str
    seconds: float
    factor: float
    notes: tuple[str, ...] = ()


class _Remembered(BaseModel):
    """What was measured, and what that holds for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    accelerator: Accelerator


def firmware(turns: int = TURNS, rounds: int = ROUNDS) -> bytes:
    """A 64 KiB BIOS that says S, then R after each round of the loop, and ends QEMU."""
    loop = bytes.fromhex(
        "66010c"  # add [si], ecx     read, add and write one word of memory
        "660304"  # add eax, [si]
        "6649"  # dec ecx
        "75f6"  # jnz -10           back to the first add
    )
    one_round = (
        b"\x66\xb9"
        + struct.pack("<I", turns)  # mov ecx, turns
        + loop
        + b"\xb0R\xee\xb0\n\xee"  # mov al, 'R'; out dx, al; mov al, '\n'; out dx, al
        + b"\xfe\xcb"  # dec bl
    )
    start = (
        bytes.fromhex("fa31c08ed8be0005")  # cli; xor ax, ax; mov ds, ax; mov si, 0x500
        + b"\xb3"
        + bytes([rounds])  # mov bl, rounds
        + b"\xba"
        + struct.pack("<H", SERIAL)  # mov dx, 0x3f8
        + b"\xb0S\xee\xb0\n\xee"
        + one_round
        + b"\x75"
        + struct.pack("b", -(len(one_round) + 2))  # jnz one_round
        + b"\xba"
        + struct.pack("<H", EXIT_PORT)  # mov dx, 0xf4
        + b"\x31\xc0\xee"  # xor ax, ax; out dx, al: QEMU ends with status 1
        + b"\xf4\xeb\xfd"  # hlt; jmp -3
    )
    # A processor starts 16 bytes below the end of the firmware.
    jump = b"\xe9" + struct.pack("<H", (FIRMWARE_SIZE - (FIRMWARE_SIZE - 16 + 3)) & 0xFFFF)
    return (start.ljust(FIRMWARE_SIZE - 16, b"\xf4") + jump).ljust(FIRMWARE_SIZE, b"\xf4")


def command_line(name: str, image: Path) -> tuple[str, ...]:
    """QEMU with that accelerator, as a guest would get it, and the probe for firmware."""
    how: tuple[str, ...]
    if name == "kvm":
        how = ("-machine", "pc,accel=kvm", "-cpu", "host,topoext=on")  # as virtme-ng does
    else:
        how = ("-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max")
    return (
        QEMU,
        *how,
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", "16"),
        *("-bios", str(image), "-serial", "stdio"),
        *("-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=1"),
    )


def measure(name: str) -> tuple[float | None, str]:
    """Run the probe under one accelerator.

    Returns:
        Seconds for a round, or None when guest code does not run; and then why.

    Raises:
        ToolMissing: QEMU is not installed.
    """
    programs.require(QEMU)
    if name == "kvm" and not os.access(KVM, os.R_OK | os.W_OK):
        return None, f"{KVM} " + ("may not be opened" if KVM.exists() else "does not exist")
    signs: list[float] = []
    arrived = threading.Condition()
    words: list[str] = []

    def hear(line: str) -> None:
        with arrived:
            if line.strip() in ("S", "R"):
                signs.append(time.monotonic())
                arrived.notify_all()
            else:
                words.append(line)

    with tempfile.TemporaryDirectory(prefix="patchtool-probe.") as folder:
        image = Path(folder) / "probe.bin"
        image.write_bytes(firmware())
        argv = command_line(name, image)
        with process.start(argv, cwd=Path(folder), on_line=hear, grace=0.5, record=False) as qemu:
            begin = time.monotonic()
            with arrived:
                while not signs and qemu.poll() is None and time.monotonic() < begin + FIRST_SIGN:
                    arrived.wait(0.1)
            said = next((text for text in words if text.strip()), "")  # not what ends it below
            if signs:
                try:
                    qemu.wait(ALL_ROUNDS)
                except CommandTimeout:
                    return None, "guest code starts and then does not end"
    if len(signs) != ROUNDS + 1:
        said = (said.partition(": ")[2] or said).strip()[:160]
        return None, "guest code does not run" + (f" ({said})" if said else "")
    return min(after - before for before, after in itertools.pairwise(signs)), ""


def choose(wanted: str, results: dict[str, tuple[float | None, str]]) -> Accelerator:
    """Pick from what was measured. Pure.

    Args:
        wanted: The setting ``accelerator``.
        results: Accelerator to what :func:`measure` gave.

    Raises:
        InfraError: None that is wanted works.
    """
    notes = []
    for name in ("kvm", "tcg"):
        if name not in results:
            continue
        seconds, why = results[name]
        if seconds is None:
            notes.append(f"{name}: {why}")
            continue
        least = TCG_LEAST if name == "tcg" else 1.0
        return Accelerator(name, seconds, max(least, seconds / REFERENCE), tuple(notes))
    raise InfraError(
        f"no accelerator works ({'; '.join(notes)})",
        hint='set `accelerator` to "auto" or "tcg"' if wanted == "kvm" else "check QEMU",
    )


def probe(settings: Settings, progress: Progress) -> Accelerator:
    """The accelerator for guests, measured once after each boot of this machine.

    Raises:
        ToolMissing: QEMU is not installed.
        InfraError: None that the setting ``accelerator`` allows runs guest code.
    """
    key = _key(programs.require(QEMU), settings)
    stored = settings.cache / "accelerator.json"
    known = _load(stored, key)
    if known is not None:
        return known
    progress.update("timing guest code under each accelerator")
    names = ("kvm", "tcg") if settings.accelerator == "auto" else (settings.accelerator,)
    results: dict[str, tuple[float | None, str]] = {}
    for name in names:
        results[name] = measure(name)
        if results[name][0] is not None:
            break
    found = choose(settings.accelerator, results)
    for note in found.notes:
        progress.note(f"{note}; using {found.name}")
    stored.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(stored, _Remembered(key=key, accelerator=found).model_dump_json())
    return found


def remembered_accelerator(settings: Settings) -> Accelerator | None:
    """What :func:`probe` found since this machine's last boot, or None."""
    qemu = programs.which(QEMU)
    return _load(settings.cache / "accelerator.json", _key(qemu, settings)) if qemu else None


def _key(qemu: Path, settings: Settings) -> str:
    """What a measurement holds for."""
    status = qemu.stat()
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return digest(
        boot_id,
        (str(qemu), status.st_size, status.st_mtime),
        (settings.accelerator, os.access(KVM, os.R_OK | os.W_OK)),
        (firmware(), REFERENCE, TCG_LEAST),
    )


def _load(stored: Path, key: str) -> Accelerator | None:
    try:
        found = _Remembered.model_validate_json(stored.read_bytes())
    except (OSError, ValidationError):
        return None
    return found.accelerator if found.key == key else None
