# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters whose name and number went apart are caught."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from patchtool.build.elf.events import EventTable, enumerators, events_check
from patchtool.build.elf.vmlinux import Vmlinux
from patchtool.errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path

ENUM = (
    "PGPGIN",
    "PGSCAN_SKIP_NORMAL",
    "PGFREE",
    "NUMA_PAGE_MIGRATE",
    "COMPACTISOLATED",
    "OOM_KILL",
)
NAMES = ("pgpgin", "pgskip_normal", "pgfree", "numa_pages_migrated", "compact_isolated", "oom_kill")
ZONES = ("nr_free_pages", "nr_dirty", "nr_dirty_threshold", "nr_dirty_background_threshold")


def table(names: tuple[str, ...], events: int, others: int = 2) -> EventTable:
    return EventTable(texts=(*ZONES, *names), events=events, others=others)


BASE = table(NAMES, 6)


def test_a_sound_kernel_has_no_problem() -> None:
    """Many names are spelled otherwise than their enumerators."""
    assert events_check(BASE, ENUM).ok
    assert events_check(BASE, ENUM, BASE, ENUM).ok


def test_a_counter_that_is_added_in_both_places_is_fine() -> None:
    """The usual patch: one line in the enum, one in the array, at the same place."""
    enum = (*ENUM[:5], "COMPACT_BALLOON_ISOLATED", *ENUM[5:])
    names = (*NAMES[:5], "compact_balloon_isolated", *NAMES[5:])
    check = events_check(table(names, 7), enum, BASE, ENUM)
    assert check.ok
    assert check.added == ("compact_balloon_isolated",)


def test_a_name_at_another_place_than_its_number_is_named() -> None:
    """Every counter in between is printed under its neighbour's name."""
    enum = (*ENUM[:3], "BALLOON_NEW", *ENUM[3:])
    names = (*NAMES[:5], "balloon_new", *NAMES[5:])
    check = events_check(table(names, 7), enum, BASE, ENUM)
    beside = (
        ("BALLOON_NEW", "numa_pages_migrated", "balloon_new", "COMPACTISOLATED"),
        ("NUMA_PAGE_MIGRATE", "compact_isolated", "numa_pages_migrated", "BALLOON_NEW"),
        ("COMPACTISOLATED", "balloon_new", "compact_isolated", "NUMA_PAGE_MIGRATE"),
    )
    assert check.problems == tuple(
        f"{event} is printed as {printed}; {own} stands beside {other}"
        for event, printed, own, other in beside
    )


def test_two_new_names_that_changed_places_are_named() -> None:
    """Counts agree, nothing old moved: only the new names tell."""
    enum = (*ENUM, "BALLOON_A", "BALLOON_B")
    names = (*NAMES, "balloon_b", "balloon_a")
    assert len(events_check(table(names, 8), enum, BASE, ENUM).problems) == 2


@pytest.mark.parametrize(("extra", "what"), [(1, "1 more"), (-1, "1 fewer")])
def test_counts_that_differ_are_named(extra: int, what: str) -> None:
    """A name too many builds without a warning."""
    assert what in events_check(table(NAMES, 6 - extra)).problems[0]


def test_a_name_before_the_events_shifts_them_all() -> None:
    """A zone counter's name without its counter moves every event by one."""
    odd = EventTable(texts=("nr_new", *BASE.texts), events=6, others=2)
    check = events_check(odd, ENUM, BASE, ENUM)
    assert check.problems == (
        "before pgpgin stand +1 names for which no zone, NUMA or node counter was added",
    )


def test_a_renamed_counter_is_not_misplaced() -> None:
    """Renaming a text is a change of the interface, but its number is right."""
    names = (*NAMES[:5], "oom_kills")
    assert events_check(table(names, 6), ENUM, BASE, ENUM).ok


def test_the_preprocessed_enum_is_read() -> None:
    """gcc -E -P gives one declaration, with the configuration's events."""
    text = (
        "enum x { A };\nenum vm_event_item { PGPGIN, PGPGOUT,\n  PGFREE = 3, NR_VM_EVENT_ITEMS\n};"
    )
    assert enumerators(text) == ("PGPGIN", "PGPGOUT", "PGFREE")
    assert enumerators("nothing") == ()


def elf(names: tuple[str, ...]) -> bytes:
    """A little ELF64 file with ``vmstat_text`` and one static function, twice."""
    base = 0xFFFFFFFF81000000
    strings = b"\0".join(name.encode() for name in names) + b"\0"
    pointers, at = b"", base + 8 * len(names)
    for name in names:
        pointers += struct.pack("<Q", at)
        at += len(name) + 1
    rodata = pointers + strings
    strtab = b"\0vmstat_text\0f.1\0f.2\0__ksymtab_g\0"
    symbols = b"\0" * 24
    for text, info, value, size in (
        (b"vmstat_text", 0x11, base, len(pointers)),
        (b"f.1", 0x02, base, 10),
        (b"f.2", 0x02, base, 20),
        (b"__ksymtab_g", 0x01, base, 12),
    ):
        symbols += struct.pack("<IBBHQQ", strtab.index(text), info, 0, 1, value, size)
    shstrtab = b"\0.rodata\0.symtab\0.strtab\0.shstrtab\0"
    blobs = [rodata, symbols, strtab, shstrtab]
    offsets, body, end = [], b"", 64
    for blob in blobs:
        offsets.append(end)
        body += blob
        end += len(blob)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, 0, 0, end, 0, 64, 0, 0, 64, 5, 4
    )
    table = b"\0" * 64
    for title, kind, flags, address, index, link, entry in (
        (b".rodata", 1, 2, base, 0, 0, 0),
        (b".symtab", 2, 0, 0, 1, 3, 24),
        (b".strtab", 3, 0, 0, 2, 0, 0),
        (b".shstrtab", 3, 0, 0, 3, 0, 0),
    ):
        table += struct.pack(
            "<IIQQQQIIQQ",
            shstrtab.index(title), kind, flags, address, offsets[index], len(blobs[index]),
            link, 0, 8, entry,
        )  # fmt: skip
    return header + body + table


def test_names_are_read_through_the_arrays_pointers(tmp_path: Path) -> None:
    """The array holds addresses; the texts are elsewhere."""
    path = tmp_path / "vmlinux"
    path.write_bytes(elf(("nr_free_pages", "pgpgin")))
    kernel = Vmlinux(path)
    assert kernel.strings("vmstat_text") == ("nr_free_pages", "pgpgin")
    assert kernel.count("vmstat_text") == 2
    assert kernel.sizes == {("f", "function"): 30, ("vmstat_text", "data"): 16}
    assert kernel.exports == {"g"}
    assert kernel.strings("nothing") is None


def test_a_file_that_is_cut_off_is_said_so(tmp_path: Path) -> None:
    """Every prefix of an ELF file, and what is none, must end in one sentence."""
    whole = elf(("nr_free_pages", "pgpgin"))
    path = tmp_path / "vmlinux"
    for length in range(0, len(whole) - 64, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(BuildError, match="vmlinux"):
            Vmlinux(path)
    path.write_bytes(b"#!/bin/sh\n")
    with pytest.raises(BuildError, match="vmlinux"):
        Vmlinux(path)
