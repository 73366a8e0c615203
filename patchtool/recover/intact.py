# SPDX-License-Identifier: GPL-2.0-or-later
"""An intact copy of the new file, held against a damaged diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.values import Structure


def taken(structure: Structure, lines: Sequence[bytes]) -> tuple[bytes, ...] | None:
    """The added lines of a structure from the new file; None if that has other words."""
    base = (structure.base or b"").split(b"\n")
    made: list[bytes] = []
    added: list[bytes] = []
    at = 0
    for hunk in structure.hunks:
        start = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        made += base[at:start]
        for line in hunk.lines:
            if line.mark == " ":
                made.append(line.text or b"")
            elif line.mark == "+":
                place = len(made)
                if place >= len(lines) or tuple(lines[place].split()) != line.pieces:
                    return None
                made.append(lines[place])
                added.append(lines[place])
        at = start + hunk.old_count
    made += base[at:]
    return tuple(added) if made == list(lines) else None
