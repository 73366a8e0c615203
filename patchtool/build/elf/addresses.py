# SPDX-License-Identifier: GPL-2.0-or-later
"""Which function of a kernel an address is in, by the symbol table of its vmlinux."""

from __future__ import annotations

import struct
from bisect import bisect_right
from typing import TYPE_CHECKING

from patchtool.build.elf.vmlinux import SHN_UNDEF, STT_FUNC, symbol_rows
from patchtool.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Functions:
    """The functions of a kernel.

    Args:
        rows: First address, size in bytes and name of each; a size of 0 reaches to the next.
    """

    def __init__(self, rows: Iterable[tuple[int, int, str]]) -> None:
        self._rows = sorted(rows)
        self._starts = [start for start, _, _ in self._rows]

    def at(self, address: int) -> str:
        """``name+0x12/0x34`` as the kernel's traces have it; empty where no function is."""
        place = bisect_right(self._starts, address) - 1
        if place < 0:
            return ""
        start, size, name = self._rows[place]
        if not size:
            end = self._starts[place + 1] if place + 1 < len(self._rows) else start
            size = end - start
        inside = address - start
        return f"{name}+{inside:#x}/{size:#x}" if inside < size else ""


def read_functions(vmlinux: Path) -> Functions:
    """The functions of a vmlinux.

    Raises:
        BuildError: It is no ELF file, is cut off, or has no symbol table.
    """
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        with vmlinux.open("rb") as stream:
            elf = ELFFile(stream)
            symtab = elf.get_section_by_name(".symtab")
            if symtab is None:
                raise BuildError(f"{vmlinux}: has no symbol table")
            names = elf.get_section(symtab["sh_link"]).data()
            order, wide = "<" if elf.little_endian else ">", elf.elfclass == 64
            rows = list(symbol_rows(symtab.data(), order, wide=wide))
    except (OSError, ELFError, struct.error, KeyError, ValueError) as error:
        raise BuildError(f"{vmlinux}: cannot be read as an ELF file: {error}") from error
    return Functions(
        (value, size, names[at : names.index(b"\0", at)].decode("utf-8", "replace"))
        for at, info, index, value, size in rows
        if index != SHN_UNDEF and info & 0xF == STT_FUNC and value
    )
