# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of patches, each with its numbers before and after. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.revisions.pair import Line, Side
from patchtool.series import changelog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.file_diff import FileDiff, Hunk
    from patchtool.series.model import Patch

#: A line that git would show behind the second `@@`: what a function or a type begins with. Other
#: than there, a declaration is none.
_HEADING = re.compile(r"[A-Za-z_$](?!\w*:\s*\Z)")
_LONGEST = 200  # characters of it that are kept
_TRAILER = re.compile(
    r"[A-Za-z][a-z-]*-by: \S|(?:cc|fixes|link|closes|change-id|base-commit): \S", re.IGNORECASE
)
_STAT = re.compile(r" \S.{0,300} \| +(?:[0-9]+|Bin)| [0-9]+ files? changed")
_END = re.compile(r"[^\s()][^()]{0,80} \([0-9]{1,4}\):\Z|-- ?\Z")  # of a shortlog, or a signature
_NAME = re.compile(r"(\w+)\s*\(|(?:struct|union|enum|class)\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a patch, and where it stands.

    Attributes:
        line: The line.
        before: Its number in the file before the patch; None of an added line.
        after: Its number in the file after the patch; None of a removed line.
        hunk: Place of its hunk in the file diff, from 0.
        function: The line that its function begins with, as far as the patch shows.
    """

    line: Line
    before: int | None
    after: int | None
    hunk: int
    function: str

    @property
    def mark(self) -> str:
        """``+``, ``-`` or a blank."""
        return self.line.text[:1]

    @property
    def text(self) -> str:
        """The line without its mark."""
        return self.line.text[1:]


def of_file(patch: int, diff: FileDiff) -> tuple[Entry, ...]:
    """The lines of a file diff, all hunks after each other."""
    return tuple(
        entry for at, hunk in enumerate(diff.hunks) for entry in _of_hunk(patch, diff, at, hunk)
    )


def _of_hunk(patch: int, diff: FileDiff, at: int, hunk: Hunk) -> Iterator[Entry]:
    before, after, function = hunk.old_start, hunk.new_start, hunk.section[:_LONGEST].strip()
    for raw in hunk.lines:
        text = raw.decode("utf-8", "replace")
        mark = text[:1]
        if mark == "\\":
            continue
        if _HEADING.match(text, 1) and not text.rstrip().endswith(";"):
            function = text[1:_LONGEST].strip()
        side = Side.BEFORE if mark == "-" else Side.AFTER
        number = before if mark == "-" else after
        path = (diff.old_path if mark == "-" else diff.new_path) or diff.path
        yield Entry(
            line=Line(patch, path, side, number, text),
            before=before if mark != "+" else None,
            after=after if mark != "-" else None,
            hunk=at,
            function=function,
        )
        before += mark != "+"
        after += mark != "-"


def of_patches(patches: Sequence[Patch]) -> dict[str, tuple[Entry, ...]]:
    """The lines of patches by file, those of several patches in the order of the file."""
    files: dict[str, list[tuple[int, int, tuple[Entry, ...]]]] = {}
    for patch in patches:
        for diff in patch.files:
            for at, hunk in enumerate(diff.hunks):
                entries = tuple(_of_hunk(patch.number, diff, at, hunk))
                place = hunk.old_start if len(patches) > 1 else at
                files.setdefault(diff.path, []).append((place, patch.number, entries))
    return {
        path: tuple(entry for *_, entries in sorted(hunks, key=_place) for entry in entries)
        for path, hunks in files.items()
    }


def _place(hunk: tuple[int, int, tuple[Entry, ...]]) -> tuple[int, int]:
    return hunk[0], hunk[1]


def of_message(patch: Patch) -> tuple[Entry, ...]:
    """The lines of a commit message: the subject, an empty line, and the rest."""
    return of_text(patch.number, patch.subject, patch.message)


def of_text(number: int, subject: str, text: str) -> tuple[Entry, ...]:
    """The lines of a message; :attr:`Entry.function` tells prose from all else.

    Args:
        number: Of its patch; 0 for the cover letter.
        subject: Its first line.
        text: All below it.
    """
    return tuple(
        Entry(Line(number, "", Side.AFTER, at, f" {line}"), at, at, 0, part)
        for at, (line, part) in enumerate([(subject, ""), ("", ""), *_parts(text)], 1)
    )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Each line of a message, and what it is if it is no prose."""
    prose = changelog.without(text).split("\n")
    at = 0
    ended = False
    for line in text.split("\n"):
        ended = ended or _END.match(line) is not None
        if _TRAILER.match(line):
            part = "trailers"
        elif ended or _STAT.match(line):
            part = "diffstat"
        else:
            part = "" if at < len(prose) and prose[at] == line else "change log"
        at += at < len(prose) and prose[at] == line
        yield line, part


def function_name(heading: str) -> str:
    """The name in a line that a function or a type begins with; empty where there is none."""
    found = _NAME.search(heading)
    return (found[1] or found[2]) if found else ""
