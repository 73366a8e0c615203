# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers: those a commit message ends with, and those a reply gives. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.series.model import Trailer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,60})[ \t]{0,20}:[ \t\xa0]{0,20}(?!//)(\S.*)\Z")
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
    r"-- ?\Z|-{2,} ?(?:Original Message|Forwarded)|[ \t]*-[- \t]*+(?:>8|8<|>%|%<)"
    r"|From [0-9a-f]{40} "
)
_HUNK = re.compile(r"@@ -[0-9]{1,9}(?:,([0-9]{1,9}))? \+[0-9]{1,9}(?:,([0-9]{1,9}))? @@")
_PERSON = re.compile(r"([^<>]*<[^<>\s]+@[^<>\s]+)>?\s*([#\[(][^>]*)?")
_COMMIT = re.compile(r"(?:commit\s+)?[0-9a-f]{6,64}\b|https?://")
_PLACE = re.compile(r"\S*[0-9/#@]")  # a link, or the number of a bug
_TITLE_LINES = 3  # that a title may be folded to


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
        elif match := _TRAILER.match(line):
            found.append((match[1], [match[2].strip()]))
            open_title = match[1].lower() == "fixes" and _is_open(match[2])
            open_note = False
        elif open_note:
            continue
        elif found and line[:1] in (" ", "\t"):
            found[-1][1].append(line.strip())
        elif open_title:
            value = found[-1][1]
            value.append(line.strip())
            open_title = len(value) < _TITLE_LINES and _is_open(" ".join(value))
        elif _NOTE.match(line):
            open_note = not line.rstrip().endswith("]")
        elif not _SURE.match(line):
            others += 1
    return [Trailer(name, " ".join(value)) for name, value in found], others


def _is_open(value: str) -> bool:
    """Whether a commit's title has begun and not ended; it may hold quotes itself."""
    return value.count('"') == 1 or ('("' in value and '")' not in value)


def of_reply(text: str, message_id: str | None) -> tuple[Trailer, ...]:
    """The tags a reply gives: not those it quotes, nor what its signature or a patch in it has.

    What stands behind an address is dropped if it is neither a comment nor a note. A Fixes
    that names no commit, and a Link that is none, are prose.

    Args:
        text: Its whole text.
        message_id: Its Message-ID, for :attr:`Trailer.given_in`.
    """
    lines = list(_own_lines(text.replace("\xa0", " ").split("\n")))
    found: list[Trailer] = []
    for at, line in enumerate(lines):
        match = _TRAILER.match(line)
        if match is None or not _GIVEN.fullmatch(match[1]):
            continue
        value = _value(match[1].lower(), _MAILTO.sub("", match[2]).strip(), lines[at + 1 :][:2])
        if value is not None:
            found.append(Trailer(match[1], value, message_id or ""))
    return tuple(dict.fromkeys(found))


def _own_lines(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a reply to its end, without diffs; what stands below one is not indented."""
    old = new = 0  # lines of the hunk still to come
    diff = hunk = False  # whether one was begun
    for line in lines:
        if old > 0 or new > 0:
            old -= line[:1] in ("-", " ", "")
            new -= line[:1] in ("+", " ", "")
            if line[:1] in ("-", "+", " ", "", "\\"):
                continue
            old = new = 0  # it was cut short
        if _REPLY_ENDS.match(line):
            return
        if line.startswith("diff --git "):
            diff, hunk = True, False
        elif diff and (found := _HUNK.match(line)):
            old, new = (int(count) if count else 1 for count in found.groups())
            hunk = True
        elif not diff:
            yield line.strip()
        elif hunk:
            yield line.rstrip()


def _value(name: str, value: str, below: Sequence[str]) -> str | None:
    """What a reply's tag says, with what was folded to the lines below; None where it is prose."""
    if name == "fixes":
        for line in below:
            if not line or not _is_open(value) or _TRAILER.match(line):
                break
            value = f"{value} {line}"
        return value if _COMMIT.match(value) else None
    if not name.endswith("-by"):
        return value if _PLACE.match(value) else None
    if "@" not in value:
        follows = below[0] if below else ""
        if not _FOLDED.match(follows) or _TRAILER.match(follows):
            return None
        value = f"{value} {follows}"
    person = _PERSON.match(value)
    return f"{person[1]}> {person[2] or ''}".strip() if person else value
