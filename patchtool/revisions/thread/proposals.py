# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffs in the text of a reply. Pure.

They are seldom as git writes them: indented, cut, with counts that do not add up. What is there is
read, and the counts are those of the lines that follow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.series.file_diff import FileDiff, Hunk

if TYPE_CHECKING:
    from collections.abc import Sequence

_GIT = re.compile(r"( {0,12}|\t{0,2})diff --git a/(\S{1,500}) b/(\S{1,500})\s*\Z")
_OLD = re.compile(r"( {0,12}|\t{0,2})--- (?:a/)?(\S{1,500})")
_NEW = re.compile(r"\s{0,12}\+\+\+ (?:b/)?(\S{1,500})")
_HUNK = re.compile(r"@@ -([0-9]{1,9})(?:,[0-9]{1,9})? \+([0-9]{1,9})(?:,[0-9]{1,9})? @@ ?(.*)")


def diffs_in(lines: Sequence[str]) -> tuple[tuple[FileDiff, ...], frozenset[int]]:
    """The file diffs in a text, and the indices of the lines that belong to them."""
    files: list[FileDiff] = []
    used: set[int] = set()
    at = 0
    while at < len(lines):
        start, indent, names = _head(lines, at)
        if names is None:
            at += 1
            continue
        hunks: list[Hunk] = []
        end = start
        while end < len(lines) and (found := _HUNK.match(lines[end].removeprefix(indent))):
            body, last = _body(lines, end + 1, indent)
            old = sum(line[:1] in " -" for line in body)
            new = sum(line[:1] in " +" for line in body)
            raw = tuple(line.encode() for line in body)
            hunks.append(Hunk(int(found[1]), old, int(found[2]), new, found[3], raw))
            end = last
        if hunks:
            files.append(FileDiff(names[0], names[1], None, None, None, tuple(hunks)))
            used.update(range(at, end))
        at = max(end, at + 1)
    return tuple(files), frozenset(used)


def _head(lines: Sequence[str], at: int) -> tuple[int, str, tuple[str | None, str | None] | None]:
    """Where the first hunk below a file's header is, how far it is indented, and the names."""
    git, old = _GIT.match(lines[at]), _OLD.match(lines[at])
    if git is not None:
        indent, start = git[1], at + 1
        while start < min(at + 8, len(lines)) and "@@ -" not in lines[start]:
            start += 1
        return start, indent, (git[2], git[3])
    new = _NEW.match(lines[at + 1]) if old is not None and at + 1 < len(lines) else None
    if old is None or new is None:
        return at, "", None
    names = tuple(None if name == "/dev/null" else name for name in (old[2], new[1]))
    return at + 2, old[1], (names[0], names[1])


def _body(lines: Sequence[str], at: int, indent: str) -> tuple[list[str], int]:
    """The lines of a hunk, and the index of the next line."""
    body: list[str] = []
    while at < len(lines):
        line = lines[at].removeprefix(indent)
        if not line.strip():
            below = lines[at + 1].removeprefix(indent) if at + 1 < len(lines) else ""
            if below[:1] not in (" ", "+", "-") or below[:1] == "":
                break
            line = " "
        elif line[:1] not in " +-\\" or _OLD.match(lines[at]) or line.startswith("-- "):
            break
        body.append(line)
        at += 1
    return body, at
