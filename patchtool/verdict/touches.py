# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the patches of a series touch counters and functions, read from their diffs. Pure.

A counter goes by several spellings. ``compact_balloon_isolated`` in ``/proc/vmstat`` was
``COMPACTBALLOONISOLATED`` in the 2012 series; others write ``COMPACT_BALLOON_ISOLATED``. So
identifiers are compared in lower case and without underscores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from patchtool.series.model import Patch

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
#: count_vm_event(), count_vm_events(), __count_vm_event(), count_balloon_event(), ...
_COUNTING = re.compile(r"\b\w*count\w*events?\s*\(([^;]*)")
_FUNCTION = re.compile(r"([A-Za-z_]\w*)\s*\(")
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|//.*$")


class Part(IntEnum):
    """What a line does with a counter; the higher, the likelier it moves its figure."""

    MENTIONS = 1
    NAMES = 2
    COUNTS = 3


@dataclass(frozen=True, slots=True)
class Touch:
    """A place where a patch touches a counter.

    Attributes:
        patch: Number of the patch, from 1.
        counter: The counter as it was asked for.
        part: What the line does with it.
        path: The file.
        function: The function git names for the hunk, or empty.
        line: The line, without its ``+`` or ``-``.
        removed: The line is one the patch takes away.
    """

    patch: int
    counter: str
    part: Part
    path: str
    function: str
    line: str
    removed: bool = False

    @property
    def place(self) -> str:
        """Where it is, for a sentence."""
        return f"{self.path}, {self.function}()" if self.function else self.path


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Enumerators and names that went apart.

    Attributes:
        patch: Number of the patch that adds both.
        items: The counters in the order of the enum.
        names: The counters in the order of their names.
        wrong: Those that stand in another's place.
    """

    patch: int
    items: tuple[str, ...]
    names: tuple[str, ...]
    wrong: tuple[str, ...]


def key(identifier: str) -> str:
    """The spelling in which counters and enumerators are compared."""
    return identifier.replace("_", "").lower()


def touches(patches: Iterable[Patch], counters: Iterable[str]) -> tuple[Touch, ...]:
    """Every line of the patches that names one of *counters* or its enumerator."""
    wanted = {key(counter): counter for counter in counters}
    return tuple(
        Touch(patch.number, counter, part, path, function, line.strip(), removed)
        for patch in patches
        for path, function, line, removed in changed_lines(patch)
        for counter, part in _parts(line, wanted)
    )


def changed_lines(patch: Patch) -> Iterator[tuple[str, str, str, bool]]:
    """Each line a patch adds or removes: path, function, text, and whether it is removed."""
    for file in patch.files:
        for hunk in file.hunks:
            function = function_of(hunk.section)
            for raw in hunk.lines:
                line = raw[1:].decode("utf-8", "replace")
                if raw.startswith(b" "):
                    function = _opened(line) or function
                elif raw[:1] in (b"+", b"-"):
                    function = _opened(line) or function
                    yield file.path, function, line, raw.startswith(b"-")


def _opened(line: str) -> str:
    """The function that a line in the first column begins, if it does."""
    starts = bool(line) and (line[0].isalpha() or line[0] == "_")
    return function_of(line) if starts and not line.rstrip().endswith((";", ":")) else ""


def function_of(section: str) -> str:
    """The function named by a hunk's heading (or a line that begins one); may be empty."""
    found = _FUNCTION.search(section)
    return found.group(1) if found else ""


def _parts(line: str, wanted: dict[str, str]) -> Iterator[tuple[str, Part]]:
    """The counters a line names, in the line's own order, and what it does with each."""
    quoted = {key(text) for text in _STRING.findall(line)}
    counted = {key(word) for call in _COUNTING.findall(line) for word in _IDENTIFIER.findall(call)}
    bare = _COMMENT.sub("", _STRING.sub("", line))
    words = {key(word) for word in _IDENTIFIER.findall(bare)}
    items = {key(part.split("=")[0].strip()) for part in bare.split(",")}
    for spelling in dict.fromkeys(key(word) for word in _IDENTIFIER.findall(line)):
        if spelling not in wanted:
            continue
        if spelling in counted:
            yield wanted[spelling], Part.COUNTS
        elif spelling in quoted or spelling in items:
            yield wanted[spelling], Part.NAMES
        elif spelling in words:
            yield wanted[spelling], Part.MENTIONS


def misplaced(patches: Iterable[Patch], counters: Collection[str]) -> tuple[Misplaced, ...]:
    """Patches that add enumerators in one order and their names in another.

    ``vmstat_text`` is indexed by the enum, so each of these counters then shows the figure
    of another.
    """
    found = []
    for patch in patches:
        items: list[str] = []
        names: list[str] = []
        for touch in touches([patch], counters):
            if touch.part is Part.NAMES and not touch.removed:
                (names if _STRING.search(touch.line) else items).append(touch.counter)
        if items != names and sorted(items) == sorted(names) and len(set(items)) == len(items):
            wrong = [n for n, item in zip(names, items, strict=True) if n != item]
            found.append(Misplaced(patch.number, tuple(items), tuple(names), tuple(wrong)))
    return tuple(found)
