# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a patch does not fit a file: which hunk, and what the file has there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.series.hunks import before, find_lines, most_similar, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.series.file_diff import FileDiff, Hunk


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place where a patch does not fit.

    Attributes:
        path: The file.
        hunk: The hunk's ``@@`` line; empty when the whole file is the matter.
        expected: The lines the hunk wants to find, or what is expected of the file.
        found: What the tree has there now, each line with its number in front.
    """

    path: str
    hunk: str
    expected: str
    found: str


def file_conflicts(diff: FileDiff, content: bytes | None) -> tuple[Conflict, ...]:
    """Every hunk of *diff* whose lines the file has nowhere.

    A hunk that git places at an end of the file only is no conflict where its lines stand
    elsewhere: a 3-way merge, and git with less context, would take it.

    Args:
        diff: What the patch does to one file.
        content: The file in the tree now, or None when there is none.
    """
    if diff.old_path is None:
        if content is None:
            return ()
        return (Conflict(diff.path, "", "no such file, for the patch makes it", "the file exists"),)
    if content is None:
        return (Conflict(diff.old_path, "", "this file", "the tree has no such file"),)
    lines = split(content)
    found = []
    offset = 0
    for hunk in diff.hunks:
        near = hunk.old_start - 1 + offset
        at = find_lines(lines, before(hunk), near)
        if at is None:
            found.append(_conflict(diff.path, hunk, lines, near))
        else:
            offset = at - (hunk.old_start - 1)
    return tuple(found)


def _conflict(path: str, hunk: Hunk, lines: Sequence[bytes], near: int) -> Conflict:
    wanted = before(hunk)
    start = most_similar(lines, wanted, near)
    stop = min(start + len(wanted), len(lines))
    shown = [f"{at + 1}: {_text(lines[at])}" for at in range(start, stop)]
    return Conflict(
        path,
        hunk.header,
        "\n".join(_text(line) for line in wanted),
        "\n".join(shown) or f"the file ends at line {len(lines)}",
    )


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
