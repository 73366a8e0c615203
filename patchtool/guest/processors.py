# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a guest's processors stand, as QEMU sees them from outside: no word of the guest needed."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from patchtool.errors import PatchtoolError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

#: Seconds for one command to the monitor.
COMMAND = 5.0
#: Longwords of a kernel stack that are read, and functions of them that are told.
DEEP, TOLD = 192, 12
#: What `info registers` of QEMU prints for x86_64 (target/i386/cpu-dump.c): R... in 64-bit mode,
#: E... in others; of a segment its selector, base, limit and flags.
_PROCESSOR = re.compile(r"^CPU#(\d+)$", re.MULTILINE)
_REGISTER = re.compile(r"\b[RE]?(IP|SP|FL|CPL|HLT)=([0-9a-f]+)")
_CODE_BASE = re.compile(r"^CS =[0-9a-f]+ ([0-9a-f]+)", re.MULTILINE)
#: The interrupt flag of EFLAGS; where a processor begins (SDM volume 3, "First Instruction").
INTERRUPTS, RESET = 0x200, 0xFFFFFFF0
_WORD = re.compile(r"\b0x([0-9a-f]{16})\b")
#: Of `/proc/PID/task/TID/stat`, behind the name: user and system time, in ticks (proc(5)).
_STATE, _UTIME, _STIME = 0, 11, 12
#: Before each of two looks at QEMU's other threads, in seconds.
SETTLED = 0.02


class Monitor(Protocol):
    """The part of QEMU's monitor that is needed."""

    def execute(self, command: str, arguments: dict[str, Any], timeout: float) -> Any:
        """Run a command."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one processor stood at one moment.

    Attributes:
        cpu: Its number.
        address: What it was about to run.
        stack: Its stack pointer.
        mode: ``user``, ``kernel``, ``idle`` (halted until an interrupt), ``served`` (idle, while
            QEMU does something for the machine) or ``halted`` (with interrupts off, or not yet
            started: only another processor ends that).
        function: The function of the kernel, with the place in it; empty where none is known.
        spent: Seconds of the host's processors it has had since QEMU began.
    """

    cpu: int
    address: int
    stack: int
    mode: str
    function: str
    spent: float

    @property
    def name(self) -> str:
        """The function alone, or the address."""
        return self.function.partition("+")[0] or f"{self.address:#x}"


def usual(looks: Iterable[tuple[float, Stand, bool]], since: float) -> Stand:
    """Of the looks at one processor since a time, the newest at the place where it was met most.

    One that spins with interrupts on may be met in an interrupt.
    """
    stands = [stand for at, stand, _ in looks if at >= since][::-1]
    place, _ = Counter((stand.name, stand.stack) for stand in stands).most_common(1)[0]
    return next(stand for stand in stands if (stand.name, stand.stack) == place)


class Processors:
    """The processors of one guest.

    Args:
        monitor: Its QEMU.
        function_at: The function that an address is in, as ``name+0x1/0x2``; or nothing.
    """

    def __init__(self, monitor: Monitor, function_at: Callable[[int], str]) -> None:
        self._monitor = monitor
        self._function_at = function_at

    def look(self) -> tuple[Stand, ...]:
        """Where each of them stands now; nothing of a machine that is halted, as by a debugger.

        The machine is stopped for a moment: while it runs, TCG does not keep RIP up to date.

        Raises:
            PatchtoolError: QEMU does not answer.
        """
        if self._do("query-status")["status"] != "running":
            return ()
        threads = {row["cpu-index"]: row["thread-id"] for row in self._do("query-cpus-fast")}
        self._do("stop")
        try:
            text = self._human("info registers -a")
        finally:
            self._do("cont")
        numbers = [int(found) for found in _PROCESSOR.findall(text)]
        parts = _PROCESSOR.split(text)[2::2]
        stands = tuple(
            self._stand(number, part, threads.get(number, 0))
            for number, part in zip(numbers, parts, strict=True)
        )
        rest = {stand.mode for stand in stands} <= {"idle", "halted"}
        if rest and all(host_works(threads.values()) for _ in range(2)):
            return tuple(
                replace(stand, mode="served") if stand.mode == "idle" else stand for stand in stands
            )
        return stands

    def callers(self, stand: Stand) -> tuple[str, ...]:
        """What its stack holds of functions of the kernel, innermost first.

        As the kernel's own traces without unwinder have it: some may be left from earlier calls.
        """
        try:
            text = self._human(f"x /{DEEP}gx {stand.stack:#x}", stand.cpu)
        except PatchtoolError:
            return ()
        found = (self._function_at(int(word, 16)) for word in _WORD.findall(text))
        # No call returns to the first byte of a function: that is an argument.
        calls = [place for place in found if place and "+0x0/" not in place]
        return tuple(dict.fromkeys(calls))[:TOLD]

    def _stand(self, cpu: int, text: str, thread: int) -> Stand:
        value = {name: int(digits, 16) for name, digits in _REGISTER.findall(text)}
        base = _CODE_BASE.search(text)
        address = value.get("IP", 0) + (int(base[1], 16) if base else 0)
        mode = "kernel" if value.get("CPL") == 0 else "user"
        if value.get("HLT"):
            mode = "idle" if value.get("FL", 0) & INTERRUPTS else "halted"
        elif cpu and address == RESET:  # as KVM has those that were not started
            mode = "halted"
        function, spent = self._function_at(address), thread_seconds(thread)
        return Stand(cpu, address, value.get("SP", 0), mode, function, spent)

    def _do(self, command: str, **arguments: Any) -> Any:
        return self._monitor.execute(command, arguments, COMMAND)

    def _human(self, line: str, cpu: int = 0) -> str:
        named = {"command-line": line, "cpu-index": cpu}
        return str(self._monitor.execute("human-monitor-command", named, COMMAND)).replace("\r", "")


def host_works(processors: Collection[int]) -> bool:
    """Whether QEMU works for the machine, or would if its host let it.

    Args:
        processors: QEMU's threads that run processors; only what its others do counts.

    Returns:
        One of these runs, waits to run, or waits for a disk.
    """
    time.sleep(SETTLED)
    folder = Path(f"/proc/{next(iter(processors), 0)}/task")
    try:
        threads = {int(entry.name) for entry in folder.iterdir()}
    except OSError:
        return False
    return any(_stat(thread)[_STATE] in "RD" for thread in threads - set(processors))


def thread_seconds(thread: int) -> float:
    """Seconds of processor time a thread of this machine has had; 0 of one that is gone."""
    fields = _stat(thread)
    return (int(fields[_UTIME]) + int(fields[_STIME])) / os.sysconf("SC_CLK_TCK")


def _stat(thread: int) -> list[str]:
    """The fields behind its name; of one that is gone as if it never ran."""
    # Not /proc/TID/stat, which has the time of all threads of its process.
    path = Path(f"/proc/{thread}/task/{thread}/stat")
    try:
        return path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ["X", *["0"] * _STIME]
