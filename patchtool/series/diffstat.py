# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffstats: what a mail claims to change, against what its diff changes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.series.file_diff import FileDiff

_LINE = re.compile(
    r"[ \t]*(\S.*?)[ \t]*\|[ \t]*(?:([0-9]{1,9})(?:[ \t]+[-+]+)?|Bin(?:[ \t].*)?)[ \t]*\Z"
)
_SUMMARY = re.compile(
    r"[ \t]*([0-9]{1,9}) files? changed(?:, ([0-9]{1,9}) insertions?\(\+\))?"
    r"(?:, ([0-9]{1,9}) deletions?\(-\))?"
)
_RENAME = re.compile(r"\{(.*) => (.*)\}")
_LONGEST = 1000  # characters of a line that is looked at


@dataclass(frozen=True, slots=True)
class StatLine:
    """One line of a diffstat.

    Attributes:
        path: As it stands there; git shortens long ones to ``.../end/of/path``.
        changed: Lines added plus lines removed; None for a binary file.
    """

    path: str
    changed: int | None


@dataclass(frozen=True, slots=True)
class Diffstat:
    """The diffstat a mail claims.

    Attributes:
        lines: A line for each file, in order.
        files: What the last line says was changed, in files.
        insertions: As above, in lines.
        deletions: As above, in lines.
    """

    lines: tuple[StatLine, ...]
    files: int
    insertions: int
    deletions: int


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A file of which diffstat and diff say different things.

    Attributes:
        path: The file, as the diff names it, or as the diffstat does where the diff has none.
        claimed: Lines added plus removed, as the diffstat says; None if it does not say.
        actual: As above, in the diff.
        text: What differs, for a person.
    """

    path: str
    claimed: int | None
    actual: int | None
    text: str


def parse(text: str) -> Diffstat | None:
    """The first diffstat in *text*; None where there is none."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        summary = _SUMMARY.match(line[:_LONGEST])
        if summary is None:
            continue
        above = (_stat(line) for line in reversed(lines[:at]))
        stats = list(takewhile(lambda stat: stat is not None, above))
        return Diffstat(
            tuple(stat for stat in reversed(stats) if stat),
            files=int(summary[1]),
            insertions=int(summary[2] or 0),
            deletions=int(summary[3] or 0),
        )
    return None


def _stat(line: str) -> StatLine | None:
    found = _LINE.match(line) if len(line) < _LONGEST else None
    return StatLine(found[1], int(found[2]) if found[2] else None) if found else None


def compare(claimed: Diffstat, files: Sequence[FileDiff]) -> tuple[Mismatch, ...]:
    """Where the diffstat of one patch and its diff differ, by file; none if they agree."""
    found: dict[str, int | None] = {}
    for diff in files:
        lines = sum(len(hunk.added) + len(hunk.removed) for hunk in diff.hunks)
        before = found.get(diff.path, 0)
        found[diff.path] = None if diff.binary or before is None else before + lines
    matched, wrong = _matched(claimed, found)
    for line, path in matched:
        if line.changed != found[path]:
            said, held = _lines(line.changed), _lines(found[path])
            text = f"{path}: the diffstat says {said}, the diff has {held}"
            wrong.append(Mismatch(path, line.changed, found[path], text))
    return tuple(wrong)


def compare_paths(claimed: Diffstat, paths: Iterable[str]) -> tuple[Mismatch, ...]:
    """Which files only the diffstat names, or only the patches do.

    For the diffstat of a cover letter: patches may change the same line twice, so what they
    add and remove cannot be summed.
    """
    return tuple(_matched(claimed, dict.fromkeys(paths))[1])


def _matched(
    claimed: Diffstat, found: dict[str, int | None]
) -> tuple[list[tuple[StatLine, str]], list[Mismatch]]:
    """The lines with the path each is about, and what has no counterpart."""
    left = dict.fromkeys(found)
    tails: dict[str, list[str]] = {}
    for each in found:
        tails.setdefault(each.rpartition("/")[2], []).append(each)
    matched: list[tuple[StatLine, str]] = []
    wrong: list[Mismatch] = []
    for line in claimed.lines:
        name = _new_name(line.path)
        if name in left:
            path: str | None = name
        else:
            near = tails.get(name.rpartition("/")[2], []) if name.startswith("...") else []
            path = next((each for each in near if each in left and each.endswith(name[3:])), None)
        if path is None:
            text = f"{line.path}: in the diffstat, but not in the diff"
            wrong.append(Mismatch(line.path, line.changed, None, text))
        else:
            del left[path]
            matched.append((line, path))
    cut = claimed.files > len(claimed.lines)  # `--stat-count` leaves lines out
    for other in () if cut else left:
        text = f"{other}: in the diff, but not in the diffstat"
        wrong.append(Mismatch(other, None, found[other], text))
    return matched, wrong


def _new_name(text: str) -> str:
    """The path behind ``old => new``, ``dir/{old => new}/file``, ``path (new)``."""
    text = re.sub(r" \((?:new|gone|mode \S+|new \S+)\)\Z", "", text)
    if text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    inner = _RENAME.search(text)
    if inner:
        return (text[: inner.start()] + inner[2] + text[inner.end() :]).replace("//", "/")
    return text.rpartition(" => ")[2]


def _lines(count: int | None) -> str:
    if count is None:
        return "a binary file"
    return f"{count} changed line" if count == 1 else f"{count} changed lines"
