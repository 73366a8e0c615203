# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a running guest's kernel a bad one: its code is changed through QEMU's debugger stub.

The remote protocol is that of gdb ("Debugging with GDB", appendix E): a packet is ``$text#sum``,
and the other side answers with ``+`` and a packet of its own. ``M`` writes memory, ``D`` lets
the machine go on.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from patchtool.build.elf.addresses import read_functions

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.guest.session import Guest

#: ``jmp`` to itself; and ``xor eax, eax; ret``.
SPINS = bytes.fromhex("ebfe")
RETURNS_0 = bytes.fromhex("31c0c3")


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


def _written(guest: Guest, address: int, code: bytes, folder: Path) -> bool:
    path = folder / "gdb"
    guest.qmp("human-monitor-command", command_line=f"gdbserver unix:{path},server=on,wait=off")
    with socket.socket(socket.AF_UNIX) as debugger:
        debugger.settimeout(20)
        debugger.connect(str(path))
        _ask(debugger, "?")
        for thread in (1, 2):  # one that is in a program may not see the kernel's memory
            _ask(debugger, f"Hg{thread}")
            answer = _ask(debugger, f"M{address:x},{len(code):x}:{code.hex()}")
            if answer == "OK":
                break
        _ask(debugger, "D")
    guest.qmp("human-monitor-command", command_line="gdbserver none")
    path.unlink(missing_ok=True)
    if guest.qmp("query-status")["status"] != "running":
        guest.qmp("cont")
    return answer == "OK"


def _ask(debugger: socket.socket, text: str) -> str:
    debugger.sendall(f"${text}#{sum(text.encode()) % 256:02x}".encode())
    seen = b""
    while b"#" not in seen or len(seen.partition(b"#")[2]) < 2:
        seen += debugger.recv(4096)
    debugger.sendall(b"+")
    return seen.partition(b"$")[2].partition(b"#")[0].decode()
