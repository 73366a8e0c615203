# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the hunks of a series come to stand in files, and on which of their lines. Pure.

Every line carries the number it has in the file the series starts from. So a hunk of the
fifth patch is known by the lines of the base it stands on, whatever the four before it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from patchtool.series.hunks import before, find_hunk, is_below, is_done, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchtool.series.file_diff import FileDiff, Hunk
    from patchtool.series.model import Series


class Fit(StrEnum):
    """How a hunk meets the file."""

    FITS = "fits"
    PRESENT = "already there"
    MISFIT = "does not fit"
    NO_FILE = "no such file"
    EXISTS = "the file exists"


@dataclass(frozen=True, slots=True)
class Placed:
    """A hunk and how it met the file.

    Attributes:
        patch: Number of its patch.
        path: The file, by its name in the base.
        hunk: The hunk; None when the whole file is the matter.
        fit: How it met the file.
        first: First line of the base under it, counted from 1; 0 when there is none, for it
            stands wholly on lines of the series, or does not fit.
        last: The last one.
        grown: Whether earlier patches of the series changed the file before it.
    """

    patch: int
    path: str
    hunk: Hunk | None
    fit: Fit
    first: int = 0
    last: int = 0
    grown: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    text: bytes
    number: int  # in the base; 0 for a line of the series


def place(series: Series, contents: Mapping[str, bytes]) -> tuple[Placed, ...]:
    """Put every hunk of *series* where it fits.

    A hunk that does not fit is left out, and the next is tried; so a file that is not the
    one the series was made for tells of every hunk that it troubles.

    Args:
        series: The series.
        contents: The files it starts from, by path; those that do not exist left out.
    """
    files = {
        path: (path, [_Line(text, at) for at, text in enumerate(split(content), 1)])
        for path, content in contents.items()
    }
    found: list[Placed] = []
    touched: set[str] = set()
    for patch in series.patches:
        for diff in patch.files:
            found += _place_file(diff, patch.number, files, touched)
        touched |= set(patch.paths)
    return tuple(found)


def _place_file(
    diff: FileDiff, number: int, files: dict[str, tuple[str, list[_Line]]], touched: set[str]
) -> list[Placed]:
    old, new = diff.old_path, diff.new_path
    if old is None:
        assert new is not None
        if new in files:
            return [Placed(number, new, None, Fit.EXISTS)]
        files[new] = (new, [_Line(text, 0) for hunk in diff.hunks for text in hunk.added])
        return []
    if old not in files:
        return [Placed(number, old, None, Fit.NO_FILE)]
    name, lines = files[old]
    lines, placed = _place_hunks(diff.hunks, number, name, lines, grown=old in touched)
    if new != old and new is not None and new in files:
        placed.append(Placed(number, new, None, Fit.EXISTS))
    if new != old:
        del files[old]
    if new is not None:
        files[new] = (name, lines)
    return placed


def _place_hunks(
    hunks: Sequence[Hunk], number: int, name: str, lines: list[_Line], *, grown: bool
) -> tuple[list[_Line], list[Placed]]:
    placed = []
    for hunk in hunks:
        texts = [line.text for line in lines]
        at = find_hunk(texts, hunk, hunk.new_start - 1)
        if at is None:
            there = is_done(texts, hunk) and is_below(texts, hunk.section, hunk.new_start - 1)
            fit = Fit.PRESENT if there else Fit.MISFIT
            placed.append(Placed(number, name, hunk, fit, grown=grown))
            continue
        end = at + len(before(hunk))
        under = lines[at:end]
        numbers = [line.number for line in under if line.number]
        first, last = (min(numbers), max(numbers)) if numbers else (0, 0)
        placed.append(Placed(number, name, hunk, Fit.FITS, first, last, grown))
        lines = [*lines[:at], *_changed(hunk, under), *lines[end:]]
    return lines, placed


def _changed(hunk: Hunk, under: Sequence[_Line]) -> list[_Line]:
    made: list[_Line] = []
    rest = iter(under)
    for line in hunk.lines:
        if line[:1] == b"+":
            made.append(_Line(line[1:], 0))
        elif line[:1] in (b" ", b"-"):
            kept = next(rest)
            if line[:1] == b" ":
                made.append(kept)
    return made
