# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a running guest's kernel a bad one: its code is changed through QEMU's debugger stub.

The remote protocol is that of gdb ("Debugging with GDB", appendix E): a packet is ``$text#sum``,
and the other side answers with ``+`` and a packet of its own. ``M`` writes memory, ``Z1`` sets a
breakpoint and ``z1`` takes it away, ``c`` lets the machine go on to it, and ``D`` for good.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from patchtool.build.elf.addresses import read_functions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.guest.session import Guest

#: ``jmp`` to itself; and ``xor eax, eax; ret``.
SPINS = bytes.fromhex("ebfe")
RETURNS_0 = bytes.fromhex("31c0c3")
#: Of test modules, each guest of which is poked.
_CONFTEST = """
from contextlib import contextmanager
from pathlib import Path
from patchtool.testing import plugin
from tests.lib.poked_kernel import RETURNS_0, poke

@contextmanager
def poked(booted, folder):
    with booted as guest:
        poke(guest, {address:#x}, RETURNS_0, folder)
        yield guest

def pytest_patchtool_boot(plan, spec, folder, patience):
    return poked(plugin.pytest_patchtool_boot(plan, spec, folder, patience), Path({sockets!r}))
"""


def keeps_its_balloon(vmlinux: Path, sockets: Path) -> str:
    """A conftest.py with which each guest's balloon grows and never shrinks."""
    return _CONFTEST.format(address=address_of(vmlinux, "leak_balloon"), sockets=str(sockets))


def address_of(vmlinux: Path, name: str) -> int:
    """Where a function of a kernel without KASLR is."""
    (found,) = [start for start, _, called in read_functions(vmlinux)._rows if called == name]
    return found


def poke(guest: Guest, address: int, code: bytes, folder: Path) -> None:
    """Write machine code over a kernel's. *folder* is for the debugger's socket."""
    for _ in range(20):
        if _written(guest, address, code, folder):
            return
    raise AssertionError("no processor was in the kernel")


def poke_where(guest: Guest, address: int, code: bytes, folder: Path) -> None:
    """Write machine code over a kernel's as soon as it comes there; for one that boots."""
    with _debugger(guest, folder) as debugger:
        assert _ask(debugger, f"Z1,{address:x},1") == "OK"
        assert _ask(debugger, "c").startswith("T05")
        assert _ask(debugger, f"M{address:x},{len(code):x}:{code.hex()}") == "OK"
        assert _ask(debugger, f"z1,{address:x},1") == "OK"


def _written(guest: Guest, address: int, code: bytes, folder: Path) -> bool:
    answer = ""
    with _debugger(guest, folder) as debugger:
        for thread in (1, 2):  # one that is in a program may not see the kernel's memory
            _ask(debugger, f"Hg{thread}")
            answer = _ask(debugger, f"M{address:x},{len(code):x}:{code.hex()}")
            if answer == "OK":
                break
    return answer == "OK"


@contextmanager
def _debugger(guest: Guest, folder: Path) -> Iterator[socket.socket]:
    """Stops the machine; it goes on when the block ends."""
    path = folder / "gdb"
    guest.qmp("human-monitor-command", command_line=f"gdbserver unix:{path},server=on,wait=off")
    with socket.socket(socket.AF_UNIX) as debugger:
        debugger.settimeout(20)
        debugger.connect(str(path))
        _ask(debugger, "?")
        yield debugger
        _ask(debugger, "D")
    guest.qmp("human-monitor-command", command_line="gdbserver none")
    path.unlink(missing_ok=True)
    if guest.qmp("query-status")["status"] != "running":
        guest.qmp("cont")


def _ask(debugger: socket.socket, text: str) -> str:
    debugger.sendall(f"${text}#{sum(text.encode()) % 256:02x}".encode())
    while True:
        answer = _packet(debugger)
        # That the machine has stopped may be told once more, before the answer.
        if text in ("?", "c") or not answer.startswith("T"):
            return answer


def _packet(debugger: socket.socket) -> str:
    seen = b""
    while seen[-3:-2] != b"#":
        seen += debugger.recv(1)
    debugger.sendall(b"+")
    return seen.partition(b"$")[2].partition(b"#")[0].decode()
