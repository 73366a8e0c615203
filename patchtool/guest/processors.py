# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a guest's processors stand, as QEMU sees them from outside: no word of the guest needed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from patchtool.errors import PatchtoolError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds for one command to the monitor.
COMMAND = 5.0
#: Longwords of a kernel stack that are read, and functions of them that are told.
DEEP, TOLD = 192, 12
#: What `info registers` of QEMU prints for x86_64 (target/i386/cpu-dump.c).
_PROCESSOR = re.compile(r"^CPU#(\d+)$", re.MULTILINE)
_REGISTER = re.compile(r"\b(RIP|RSP|CPL|HLT)=([0-9a-f]+)")
_WORD = re.compile(r"\b0x([0-9a-f]{16})\b")
#: Of `/proc/PID/task/TID/stat`, behind the name: user and system time, in ticks (proc(5)).
_UTIME, _STIME = 11, 12


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
        mode: ``idle`` (halted until an interrupt), ``user`` or ``kernel``.
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
        return tuple(
            self._stand(number, dict(_REGISTER.findall(part)), threads.get(number, 0))
            for number, part in zip(numbers, parts, strict=True)
        )

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

    def _stand(self, cpu: int, registers: dict[str, str], thread: int) -> Stand:
        address = int(registers.get("RIP", "0"), 16)
        mode = "kernel" if registers.get("CPL") == "0" else "user"
        if registers.get("HLT") == "1":
            mode = "idle"
        stack = int(registers.get("RSP", "0"), 16)
        return Stand(cpu, address, stack, mode, self._function_at(address), thread_seconds(thread))

    def _do(self, command: str, **arguments: Any) -> Any:
        return self._monitor.execute(command, arguments, COMMAND)

    def _human(self, line: str, cpu: int = 0) -> str:
        named = {"command-line": line, "cpu-index": cpu}
        return str(self._monitor.execute("human-monitor-command", named, COMMAND)).replace("\r", "")


def thread_seconds(thread: int) -> float:
    """Seconds of processor time a thread of this machine has had; 0 of one that is gone."""
    try:
        # Not /proc/TID/stat, which has the time of all threads of its process.
        path = Path(f"/proc/{thread}/task/{thread}/stat")
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / os.sysconf("SC_CLK_TCK")
