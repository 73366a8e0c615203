# SPDX-License-Identifier: GPL-2.0-or-later
"""The tags that a commit message ends with. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.series.tags.value import Trailer

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A line that is a tag: its name and its value.
TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,60})[ \t]{0,20}:[ \t\xa0]{0,20}(?!//)(\S.*)\Z")
_NOTE = re.compile(r"\[[^\]]*:.*\]?\Z")  # `[name: what the maintainer changed]`
_SURE = re.compile(r"Signed-off-by:|\(cherry picked from commit ")
_KNOWN = re.compile(
    r"[a-z][a-z-]*-by|fixes|link|closes|cc|bugs?|buglink|bugzilla|references?|change-id"
    r"|depends-on|message-id|obsoleted-by|patchwork|submitted",
    re.IGNORECASE,
)
#: Lines that a title may be folded to.
TITLE_LINES = 3


def of_message(message: str) -> tuple[Trailer, ...]:
    """The trailers a commit message ends with, in order.

    As for ``git interpret-trailers``, the last paragraph counts if all its lines are
    trailers, or a fourth of them with a Signed-off-by among them. As the kernel writes them,
    ``[name: note]`` lines may stand between, and the paragraph above counts as well if it
    holds nothing but trailers of known names.
    """
    paragraphs = [part.strip("\n").split("\n") for part in re.split(r"\n(?:[ \t]*\n)+", message)]
    paragraphs = [lines for lines in paragraphs if lines != [""]]
    found: list[Trailer] = []
    for at, lines in enumerate(reversed(paragraphs)):
        trailers, others = _read(lines)
        if at == 0:
            sure = any(_SURE.match(line) for line in lines)
            if not trailers or (others and not (sure and len(trailers) * 3 >= others)):
                break
        elif others or not trailers or not all(_KNOWN.fullmatch(each.name) for each in trailers):
            break
        found[:0] = trailers
    return tuple(found)


def _read(lines: Sequence[str]) -> tuple[list[Trailer], int]:
    """The trailers of a paragraph, and how many lines are something else."""
    found: list[tuple[str, list[str]]] = []
    others = 0
    open_title = False  # a Fixes: line whose title goes on, without a blank in front
    open_note = False  # a note of several lines
    for line in lines:
        if open_note and line.rstrip().endswith("]"):
            open_note = False
        elif match := TRAILER.match(line):
            found.append((match[1], [match[2].strip()]))
            open_title = match[1].lower() == "fixes" and is_open(match[2])
            open_note = False
        elif open_note:
            continue
        elif found and line[:1] in (" ", "\t"):
            found[-1][1].append(line.strip())
        elif open_title:
            value = found[-1][1]
            value.append(line.strip())
            open_title = len(value) < TITLE_LINES and is_open(" ".join(value))
        elif _NOTE.match(line):
            open_note = not line.rstrip().endswith("]")
        elif not _SURE.match(line):
            others += 1
    return [Trailer(name, " ".join(value)) for name, value in found], others


def is_open(value: str) -> bool:
    """Whether a commit's title has begun and not ended; it may hold quotes itself."""
    return value.count('"') == 1 or ('("' in value and '")' not in value)
