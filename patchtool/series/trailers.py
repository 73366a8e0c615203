# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers: those a commit message ends with, and those a reply gives. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.series.model import Trailer

if TYPE_CHECKING:
    from collections.abc import Sequence

_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,60})[ \t]{0,20}:[ \t]{0,20}(?!//)(\S.*)\Z")
_NOTE = re.compile(r"\[[^\]]*:.*\]?\Z")  # `[name: what the maintainer changed]`
_SURE = re.compile(r"Signed-off-by:|\(cherry picked from commit ")
_KNOWN = re.compile(
    r"[a-z][a-z-]*-by|fixes|link|closes|cc|bugs?|buglink|bugzilla|references?|change-id"
    r"|depends-on|message-id|obsoleted-by|patchwork|submitted",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"[a-z][a-z-]*-by|fixes|link|closes", re.IGNORECASE)
_FOLDED = re.compile(r"[^\s@]*<?[^\s<>@]+@[^\s<>@]+>?(?:\s.*)?\Z")
_MAILTO = re.compile(r"<mailto:[^<>]*>")  # left by programs that turn HTML into text
_REPLY_ENDS = re.compile(
    r"-- ?\Z|-{2,} ?(?:Original Message|Forwarded)|diff --git |[ \t]*-[- \t]*+(?:>8|8<|>%|%<)"
)


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
    for line in lines:
        if match := _TRAILER.match(line):
            found.append((match[1], [match[2].strip()]))
            open_title = match[1].lower() == "fixes" and match[2].count('"') == 1
        elif found and line[:1] in (" ", "\t"):
            found[-1][1].append(line.strip())
        elif open_title:
            found[-1][1].append(line.strip())
            open_title = False
        elif not _NOTE.match(line) and not _SURE.match(line):
            others += 1
    return [Trailer(name, " ".join(value)) for name, value in found], others


def of_reply(text: str, message_id: str | None) -> tuple[Trailer, ...]:
    """The tags a reply gives: not those it quotes, nor what its signature or a patch in it has.

    Args:
        text: Its whole text.
        message_id: Its Message-ID, for :attr:`Trailer.given_in`.
    """
    lines = text.split("\n")
    found: list[Trailer] = []
    for at, line in enumerate(lines):
        if _REPLY_ENDS.match(line):
            break
        match = _TRAILER.match(line.strip())
        if match is None or not _GIVEN.fullmatch(match[1]):
            continue
        value = _MAILTO.sub("", match[2]).strip()
        if match[1].lower().endswith("-by") and "@" not in value:
            follows = lines[at + 1].strip() if at + 1 < len(lines) else ""
            if not _FOLDED.match(follows) or _TRAILER.match(follows):
                continue
            value = f"{value} {follows}"
        found.append(Trailer(match[1], value, message_id or ""))
    return tuple(dict.fromkeys(found))
