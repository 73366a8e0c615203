# SPDX-License-Identifier: GPL-2.0-or-later
"""The function heading that diff writes behind the second ``@@``, foretold from the old file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What git without a driver takes for a heading (def_ff in git's xdiff-interface.c), and diff -p.
_HEADING = re.compile(rb"[A-Za-z_$]")
#: What its cpp driver leaves out, which the kernel's .gitattributes choose.
_LABEL = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*:[ \t]*(?:$|/[/*])")
#: Bytes that git and diff -p keep of it.
_LENGTHS = (80, 40)


def headings(old: Sequence[bytes], start: int) -> tuple[bytes, ...]:
    """What may stand behind the header of a hunk, the likeliest first; empty: nothing.

    Args:
        old: The lines of the old file.
        start: How many of them stand above the hunk.
    """
    found: list[bytes] = []
    label = False
    for at in range(min(start, len(old)) - 1, -1, -1):
        line = old[at]
        if not _HEADING.match(line):
            continue
        if not (label and _LABEL.match(line)):
            found += [line[:length].rstrip() for length in _LENGTHS]
        if not _LABEL.match(line):
            break
        label = True
    else:
        found.append(b"")
    return tuple(dict.fromkeys(found))
