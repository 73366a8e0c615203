# SPDX-License-Identifier: GPL-2.0-or-later
"""The config symbols a series brings and needs, each with the place it comes from."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from patchtool.build.kconfig.guards import line_guards, object_guards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.series.file_diff import FileDiff, Hunk
    from patchtool.series.model import Series

_CONFIG = re.compile(rb"\s*(?:menu)?config\s+([A-Za-z0-9_]+)\s*\Z")
_MAKE_GUARD = re.compile(rb"[A-Za-z0-9_.-]+-\$\(CONFIG_([A-Z0-9_]+)\)\s*[:+]?=")
_SOURCES = (".c", ".h", ".S", ".lds")
#: Largest source file that is looked into, in bytes.
MAX_BYTES = 8 << 20
#: Value of a symbol without a prompt: nobody can ask for it.
AUTOMATIC = "-"


class Why(StrEnum):
    """Why a symbol matters to a series."""

    ADDED = "added by the series"
    MAKEFILE = "builds what it touches"
    GUARD = "around what it touches"
    MANIFEST = "required by the manifest"


class SymbolUse(BaseModel):
    """One reason to want a symbol.

    Attributes:
        symbol: Without ``CONFIG_``.
        value: The value that compiles the code in question; ``-`` when Kconfig alone decides.
        why: The kind of reason.
        place: ``patch 2: mm/Kconfig:712``, or the key in the manifest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    value: str
    why: Why
    place: str


class SeriesSymbols(BaseModel):
    """All symbols of a series.

    Attributes:
        added: Symbols its Kconfig hunks add, in order.
        options: Those that are switched between the variants.
        uses: Every reason found, in order, without duplicates.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    added: tuple[str, ...]
    options: tuple[str, ...]
    uses: tuple[SymbolUse, ...]

    def requires(self) -> dict[str, str]:
        """What every variant is asked to have: symbol -> value, the manifest's word last.

        Code that is only built *without* a symbol asks for nothing: the other side of the
        same condition is as much a part of the kernel.
        """
        wanted = {use.symbol: use.value for use in self.uses if use.value == "y"}
        wanted |= {use.symbol: use.value for use in self.uses if use.why is Why.MANIFEST}
        return {name: value for name, value in wanted.items() if name not in self.options}

    def weak(self) -> tuple[str, ...]:
        """Those of them that only a condition around touched code asks for.

        Where such a symbol cannot be set (CMA on x86_64 before 3.12, say), nobody compiles
        that code, and the rest of the series can be tested all the same.
        """
        strong = {use.symbol for use in self.uses if use.why is not Why.GUARD}
        return tuple(name for name in self.requires() if name not in strong)


def series_symbols(series: Series, srctree: Path) -> SeriesSymbols:
    """Find the symbols of a series.

    Args:
        series: The series; its manifest, when it has one, has the last word.
        srctree: The source tree with the series applied (or as much of it as applies):
            where the surroundings of its hunks are read.
    """
    top = srctree.resolve()
    added: dict[str, None] = {}
    prompted: dict[str, None] = {}
    uses: dict[SymbolUse, None] = {}
    for patch in series.patches:
        for diff in patch.files:
            found = _file_uses(diff, top, added, prompted)
            for symbol, value, why, place in found:
                label = f"patch {patch.number}: {place}"
                uses.setdefault(SymbolUse(symbol=symbol, value=value, why=why, place=label))
    options: tuple[str, ...] = tuple(prompted)
    if series.manifest is not None:
        kconfig = series.manifest.kconfig
        options = kconfig.options or options
        for name, wanted in kconfig.requires.items():
            place = f"series.toml: kconfig.requires.{name}"
            use = SymbolUse(symbol=name, value=str(wanted), why=Why.MANIFEST, place=place)
            uses.setdefault(use)
    return SeriesSymbols(added=tuple(added), options=options, uses=_first_per_reason(uses))


def _first_per_reason(uses: dict[SymbolUse, None]) -> tuple[SymbolUse, ...]:
    """A symbol that guards fifty hunks is shown once per kind of reason and value."""
    kept: dict[tuple[str, str, Why], SymbolUse] = {}
    for use in uses:
        kept.setdefault((use.symbol, use.value, use.why), use)
    return tuple(kept.values())


_Found = tuple[str, str, Why, str]


def _file_uses(
    diff: FileDiff, top: Path, added: dict[str, None], prompted: dict[str, None]
) -> Iterator[_Found]:
    path = diff.path
    base = posixpath.basename(path)
    if diff.new_path is None:
        return
    if base.startswith("Kconfig"):
        yield from _kconfig_uses(diff, added, prompted)
    elif base in ("Makefile", "Kbuild"):
        for hunk in diff.hunks:
            for number, line in _new_lines(hunk):
                match = _MAKE_GUARD.match(line[1:].strip()) if line[:1] == b"+" else None
                if match:
                    yield match[1].decode(), "y", Why.MAKEFILE, f"{path}:{number}"
    elif path.endswith(_SOURCES):
        yield from _guards_around(diff, top)
        yield from _makefile_chain(path, top)


def _kconfig_uses(
    diff: FileDiff, added: dict[str, None], prompted: dict[str, None]
) -> Iterator[_Found]:
    removed = {m[1] for hunk in diff.hunks for m in map(_CONFIG.match, hunk.removed) if m}
    for symbol, number, has_prompt in _added_symbols(diff.hunks):
        if symbol.encode() in removed:
            continue
        added.setdefault(symbol)
        if has_prompt:
            prompted.setdefault(symbol)
        value = "y" if has_prompt else AUTOMATIC
        yield symbol, value, Why.ADDED, f"{diff.path}:{number}"


def _new_lines(hunk: Hunk) -> Iterator[tuple[int, bytes]]:
    """Each line of the hunk that is in the new file, with its number there."""
    number = hunk.new_start
    for line in hunk.lines:
        if line[:1] in (b" ", b"+", b""):
            yield number, line
            number += 1


def _added_symbols(hunks: tuple[Hunk, ...]) -> Iterator[tuple[str, int, bool]]:
    """Symbol, line number, and whether the entry has a prompt."""
    for hunk in hunks:
        lines = list(_new_lines(hunk))
        for at, (number, line) in enumerate(lines):
            match = _CONFIG.match(line[1:]) if line[:1] == b"+" else None
            if match is None:
                continue
            prompt = False
            for _, later in lines[at + 1 :]:
                text = later[1:].strip()
                if _CONFIG.match(later[1:]) or text in (b"help", b"endif", b"endmenu"):
                    break
                prompt |= re.match(rb"(bool|tristate|prompt)\s+[\"']", text) is not None
            yield match[1].decode(), number, prompt


def _guards_around(diff: FileDiff, top: Path) -> Iterator[_Found]:
    text = _read(top, diff.path)
    if text is None:
        return
    places: dict[str, list[int]] = {}
    for index, content in enumerate(text.split("\n")):
        places.setdefault(content, []).append(index)
    guards = line_guards(text)
    for hunk in diff.hunks:
        for number, line in _new_lines(hunk):
            if line[:1] != b"+" or not line[1:].strip():
                continue
            at = _nearest(places.get(line[1:].decode("utf-8", "replace"), []), number - 1)
            for guard in guards[at] if at is not None else ():
                place = f"{diff.path}:{guard.line}"
                yield guard.symbol, guard.value, Why.GUARD, place


def _nearest(indices: list[int], at: int) -> int | None:
    """The index nearest to *at*, of the lines with one text; later patches move lines."""
    after = bisect_left(indices, at)
    near = indices[max(0, after - 1) : after + 1]
    return min(near, key=lambda index: abs(index - at), default=None)


def _makefile_chain(path: str, top: Path) -> Iterator[_Found]:
    """The symbols under which a C file's object, and its folders, are built."""
    if not path.endswith((".c", ".S")):
        return
    folder, base = posixpath.split(path)
    name = f"{base.rpartition('.')[0]}.o"
    while folder:
        for file in ("Kbuild", "Makefile"):
            text = _read(top, f"{folder}/{file}")
            if text is not None:
                for guard in object_guards(text, name):
                    yield guard.symbol, "y", Why.MAKEFILE, f"{folder}/{file}:{guard.line}"
                break
        folder, base = posixpath.split(folder)
        name = f"{base}/"


def _read(top: Path, path: str) -> str | None:
    file = top / path
    try:
        if file.is_symlink() or not file.resolve().is_relative_to(top):
            return None
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
