# SPDX-License-Identifier: GPL-2.0-or-later
"""Where ``git am`` ends or begins a commit message that its author did not mean so. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity
from patchtool.series.message_end import FIRST_LINE, is_scissors
from patchtool.series.tags.commit_message import of_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.message_end import Cut
    from patchtool.series.model import Patch, Series

#: Tags that nobody puts below the message on purpose.
_GIVEN = re.compile(r"[A-Za-z-]{1,40}-by\Z|Fixes\Z", re.IGNORECASE)


def check(series: Series) -> tuple[Finding, ...]:
    """Whether git takes the message of each patch whole."""
    return tuple(
        finding
        for patch in series.patches
        for finding in (*_cut(patch.number, patch.cut), *_scissors(patch))
    )


def _cut(number: int, cut: Cut | None) -> Iterator[Finding]:
    if cut is None:
        return
    count = cut.lost.count("\n") + 1 if cut.lost else 0
    lost = f"{count} line{'s' * (count != 1)} {'are' if count != 1 else 'is'} lost"
    found = of_message(cut.lost)
    tags = [f"{tag.name}: {tag.value}" for tag in found if _GIVEN.match(tag.name)]
    if tags:
        lost += f", with {', '.join(tags)}"
    severity, todo = Severity.WARNING, "put a blank in front of the line, or take it out"
    if cut.quoted:
        severity = Severity.ERROR
        lost += ", and the diff in them is taken for a part of the patch"
        todo = "put blanks in front of all lines of the diff that is quoted"
    elif cut.mark == "---" and not tags:
        severity, todo = Severity.NOTE, "nothing, if it is meant for reviewers only"
    yield Finding(
        severity, "message-cut", number, f"git am ends the message at this line; {lost}", todo,
        f"message:{cut.line}", cut.mark,
    )  # fmt: skip


def _scissors(patch: Patch) -> Iterator[Finding]:
    lines = patch.message.split("\n")
    at = next((at for at in reversed(range(len(lines))) if is_scissors(lines[at])), None)
    if not at:
        return
    lost = f"{at} line{'s' * (at != 1)} above it {'are' if at != 1 else 'is'} lost"
    yield Finding(
        Severity.NOTE, "message-scissors", patch.number,
        f"git am --scissors (-c, or mailinfo.scissors) begins the message behind this line; {lost}",
        "write the line without scissors", f"message:{at + FIRST_LINE}", lines[at],
    )  # fmt: skip
