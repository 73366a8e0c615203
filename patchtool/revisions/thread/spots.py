# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a posting that a reply can quote, and what each of them is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.revisions import lines
from patchtool.revisions.pair import Part, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchtool.series.file_diff import FileDiff
    from patchtool.series.model import Patch, Series


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a patch or of a cover letter.

    Attributes:
        part: Of the posting.
        patch: Number of the patch; 0 for the cover letter.
        text: As it stands in the mail.
        path: The file; empty outside a diff.
        side: Of the line; None outside a diff, and for its headers.
        line: In the file or message; None for the notes and the header of a file.
        hunk: Place of the hunk in its file diff; None outside one.
        function: As far as the patch shows it.
        proposal: Message-ID of the mail whose diff it is in; empty for a line of the posting.
    """

    part: Part
    patch: int | None
    text: str
    path: str = ""
    side: Side | None = None
    line: int | None = None
    hunk: int | None = None
    function: str = ""
    proposal: str = ""


def of_patch(patch: Patch) -> tuple[Spot, ...]:
    """All lines of a patch mail: subject, message, notes, diff."""
    message = [
        Spot(Part.MESSAGE, patch.number, text, line=number)
        for number, text in enumerate([patch.subject, "", *patch.message.split("\n")], 1)
    ]
    notes = [Spot(Part.PATCH, patch.number, text) for text in ["---", *patch.notes.split("\n")]]
    return (*message, *notes, *of_files(patch.number, patch.files))


def of_files(number: int | None, files: Iterable[FileDiff], proposal: str = "") -> tuple[Spot, ...]:
    """The lines of a diff, with the headers of files and hunks."""
    return tuple(spot for diff in files for spot in _of_file(number, diff, proposal))


def _of_file(number: int | None, diff: FileDiff, proposal: str) -> Iterator[Spot]:
    old, new = diff.old_path or diff.path, diff.new_path or diff.path
    heads = [f"diff --git a/{old} b/{new}"]
    if diff.old_blob and diff.new_blob:
        mode = f" {diff.new_mode}" if diff.new_mode and diff.old_path and diff.new_path else ""
        heads.append(f"index {diff.old_blob}..{diff.new_blob}{mode}")
    if diff.hunks:
        heads.append(f"--- a/{old}" if diff.old_path else "--- /dev/null")
        heads.append(f"+++ b/{new}" if diff.new_path else "+++ /dev/null")
    for text in heads:
        yield Spot(Part.DIFF, number, text, diff.path, proposal=proposal)
    last = -1
    for entry in lines.of_file(number or 0, diff):
        if entry.hunk != last:
            last = entry.hunk
            hunk = diff.hunks[last]
            side = Side.AFTER if hunk.new_count else Side.BEFORE
            start = hunk.new_start if hunk.new_count else hunk.old_start
            yield Spot(
                Part.DIFF, number, hunk.header, diff.path, side, start, last,
                hunk.section.strip(), proposal,
            )  # fmt: skip
        line = entry.line
        yield Spot(
            Part.DIFF, number, line.text, line.path, line.side, line.number, entry.hunk,
            entry.function, proposal,
        )  # fmt: skip


def of_cover(series: Series) -> tuple[Spot, ...]:
    """All lines of the cover letter; its title is line 1."""
    text = [series.title, "", *(series.cover or "").split("\n")] if series.cover else []
    return tuple(Spot(Part.COVER, 0, line, line=number) for number, line in enumerate(text, 1))
