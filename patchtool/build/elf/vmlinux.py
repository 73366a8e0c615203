# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks into vmlinux files, with pyelftools: what grew, what is exported, are events named.

pyelftools decodes one symbol in some 20 us; a kernel has 50,000 and more. So it finds the
sections, and the symbol table is unpacked here in one go.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from patchtool.build.elf.events import EventTable
from patchtool.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elftools.elf.elffile import ELFFile

#: ELF constants: elf(5).
STT_OBJECT, STT_FUNC, SHN_UNDEF, SHF_ALLOC, SHT_NOBITS = 1, 2, 0, 2, 8
#: Symbols that differ between any two builds, as scripts/bloat-o-meter of the kernel has it.
_IGNORED = re.compile(
    r"__mod_|__se_sys|__se_compat_sys|__addressable_|__kstrtab|linux_banner|\.L|__UNIQUE_ID_"
)
_SUFFIX = re.compile(r"\.[0-9]+")
#: Longest counter name that is read.
MAX_NAME = 128


class Symbol(BaseModel):
    """A symbol of one name; equal names of static symbols are added up.

    Attributes:
        name: Without the compiler's number suffix.
        kind: ``function`` or ``data``.
        before: Size in the base, bytes; 0 when it is not there.
        after: Size in the patched kernel, bytes; 0 when it is not there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        """Growth in bytes."""
        return self.after - self.before


class Section(BaseModel):
    """A section's size in both kernels, bytes; 0 where it is missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        """Growth in bytes."""
        return self.after - self.before


class ElfDiff(BaseModel):
    """Base against patched.

    Attributes:
        added, removed, grown, shrunk: Symbols, largest change first.
        exports_added, exports_removed: Names of exported symbols.
        sections: All sections that are loaded and differ.
        total: Size of all symbols, before and after, bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    added: tuple[Symbol, ...]
    removed: tuple[Symbol, ...]
    grown: tuple[Symbol, ...]
    shrunk: tuple[Symbol, ...]
    exports_added: tuple[str, ...]
    exports_removed: tuple[str, ...]
    sections: tuple[Section, ...]
    total: tuple[int, int]

    @property
    def changed(self) -> tuple[Symbol, ...]:
        """All symbols that differ, largest change first."""
        found = (*self.added, *self.removed, *self.grown, *self.shrunk)
        return tuple(sorted(found, key=lambda symbol: (-abs(symbol.delta), symbol.name)))

    @property
    def delta(self) -> int:
        """Growth of all symbols, bytes."""
        return self.total[1] - self.total[0]


def symbol_rows(
    table: bytes, order: str, *, wide: bool
) -> Iterator[tuple[int, int, int, int, int]]:
    """Name's offset, info, section, value and size of each entry of a symbol table.

    elf(5): Elf64_Sym is name, info, other, shndx, value, size; Elf32_Sym has value and size
    before info.
    """
    layout = struct.Struct(order + ("IBBHQQ" if wide else "IIIBBH"))
    for fields in layout.iter_unpack(table[: len(table) // layout.size * layout.size]):
        if wide:
            at, info, _, index, value, size = fields
        else:
            at, value, size, info, _, index = fields
        yield at, info, index, value, size


class Vmlinux:
    """The facts of one vmlinux.

    Args:
        path: The file.

    Raises:
        BuildError: It is no ELF file, is cut off, or has no symbol table.
    """

    def __init__(self, path: Path) -> None:
        from elftools.common.exceptions import ELFError
        from elftools.elf.elffile import ELFFile

        self.path = path
        try:
            with path.open("rb") as stream:
                self._read(ELFFile(stream))
        except (ELFError, struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
            raise BuildError(f"{path}: cannot be read as an ELF file: {error}") from error

    def _read(self, elf: ELFFile) -> None:
        self.order = "<" if elf.little_endian else ">"
        self.wide = elf.elfclass == 64
        self.sections: dict[str, int] = {}
        self.exports: set[str] = set()
        #: Name -> (address, size) of each data object; the last one of a name.
        self.objects: dict[str, tuple[int, int]] = {}
        #: (name, kind) -> size, as bloat-o-meter adds them up.
        self.sizes: dict[tuple[str, str], int] = {}
        self._ranges: list[tuple[int, int, int]] = []
        self._contents: dict[int, bytes] = {}
        symtab = None
        for section in elf.iter_sections():
            if section["sh_flags"] & SHF_ALLOC:
                self.sections[section.name] = section["sh_size"]
                if section["sh_addr"] and section["sh_type"] != "SHT_NOBITS":
                    found = section["sh_addr"], section["sh_size"], section["sh_offset"]
                    self._ranges.append(found)
            if section["sh_type"] == "SHT_SYMTAB":
                symtab = section
        if symtab is None:
            raise BuildError(f"{self.path}: has no symbol table")
        self._ranges.sort()
        names = elf.get_section(symtab["sh_link"]).data()
        self._symbols(symtab.data(), names)

    def _symbols(self, table: bytes, names: bytes) -> None:
        for at, info, index, value, size in symbol_rows(table, self.order, wide=self.wide):
            if index == SHN_UNDEF:
                continue
            name = names[at : names.index(b"\0", at)].decode("utf-8", "replace")
            if name.startswith("__ksymtab_"):
                self.exports.add(name.removeprefix("__ksymtab_"))
                continue
            kind = info & 0xF
            if kind == STT_OBJECT:
                self.objects[name] = value, size
            if kind in (STT_OBJECT, STT_FUNC) and size and not _IGNORED.match(name):
                key = _SUFFIX.sub("", name), "function" if kind == STT_FUNC else "data"
                self.sizes[key] = self.sizes.get(key, 0) + size

    def read(self, address: int, size: int) -> bytes:
        """Bytes at a linked address; shorter than asked where nothing is loaded."""
        at = bisect_right(self._ranges, (address, 1 << 64, 0)) - 1
        if at < 0:
            return b""
        start, length, offset = self._ranges[at]
        inside = address - start
        size = min(size, length - inside)
        if size <= 0:
            return b""
        with self.path.open("rb") as stream:
            stream.seek(offset + inside)
            return stream.read(size)

    def strings(self, name: str) -> tuple[str, ...] | None:
        """The texts an array of pointers to characters points at; None without the array."""
        if name not in self.objects:
            return None
        address, size = self.objects[name]
        word = 8 if self.wide else 4
        raw = self.read(address, size)
        raw = raw[: len(raw) // word * word]
        pointers = struct.unpack(f"{self.order}{len(raw) // word}{'Q' if self.wide else 'I'}", raw)
        return tuple(
            self.read(pointer, MAX_NAME).partition(b"\0")[0].decode("ascii", "replace")
            if pointer
            else ""
            for pointer in pointers
        )

    def count(self, name: str) -> int | None:
        """How many longs an object has room for, or None without the object."""
        if name not in self.objects:
            return None
        return self.objects[name][1] // (8 if self.wide else 4)


def compare(base: Path, patched: Path) -> ElfDiff:
    """What changed between two kernels.

    Raises:
        BuildError: One of the files cannot be read.
    """
    old, new = Vmlinux(base), Vmlinux(patched)
    symbols = [
        Symbol(name=name, kind=kind, before=before, after=after)
        for name, kind in {**old.sizes, **new.sizes}
        if (before := old.sizes.get((name, kind), 0)) != (after := new.sizes.get((name, kind), 0))
    ]
    symbols.sort(key=lambda symbol: (-abs(symbol.delta), symbol.name))
    sections = [
        Section(name=name, before=old.sections.get(name, 0), after=new.sections.get(name, 0))
        for name in {**old.sections, **new.sections}
    ]
    return ElfDiff(
        added=tuple(s for s in symbols if s.before == 0),
        removed=tuple(s for s in symbols if s.after == 0),
        grown=tuple(s for s in symbols if s.before and s.delta > 0),
        shrunk=tuple(s for s in symbols if s.after and s.delta < 0),
        exports_added=tuple(sorted(new.exports - old.exports)),
        exports_removed=tuple(sorted(old.exports - new.exports)),
        sections=tuple(section for section in sections if section.before != section.after),
        total=(sum(old.sizes.values()), sum(new.sizes.values())),
    )


def event_table(vmlinux: Path) -> EventTable | None:
    """What a kernel's /proc/vmstat is made of; None when it has no vm events.

    Raises:
        BuildError: The file cannot be read.
    """
    kernel = Vmlinux(vmlinux)
    texts = kernel.strings("vmstat_text")
    events = kernel.count("vm_event_states")
    if texts is None or events is None:
        return None
    # The names of other counters' arrays changed over time; a missing one counts nothing.
    others = sum(
        kernel.count(name) or 0
        for name in ("vm_zone_stat", "vm_numa_event", "vm_numa_stat", "vm_node_stat")
    )
    return EventTable(texts=texts, events=events, others=others)
