# SPDX-License-Identifier: GPL-2.0-or-later
"""White space that git complains about by default, in the lines a series adds. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.file_diff import FileDiff
    from patchtool.series.model import Series

_INDENT = re.compile(rb"[ \t]* \t")


def check(series: Series) -> tuple[Finding, ...]:
    """Whether the added lines are free of bad white space; one finding for each file."""
    return tuple(
        finding
        for patch in series.patches
        for diff in patch.files
        for finding in _file(patch.number, diff)
    )


def _file(number: int, diff: FileDiff) -> Iterator[Finding]:
    added = list(_added(diff))
    trailing = [(at, line) for at, line in added if line.endswith((b" ", b"\t"))]
    indent = [(at, line) for at, line in added if _INDENT.match(line)]
    for name, bad, what in (
        ("trailing", trailing, "white space at the end of the line"),
        ("indent", indent, "a blank in front of a tab in the indentation"),
    ):
        if bad:
            at, line = bad[0]
            more = f", and on {len(bad) - 1} more of this file" if len(bad) > 1 else ""
            yield Finding(
                Severity.WARNING, f"whitespace-{name}", number, what + more,
                "git rebase --whitespace=fix takes it away", f"{diff.path}:{at}",
                "+" + line.decode("utf-8", "replace"),
            )  # fmt: skip


def _added(diff: FileDiff) -> Iterator[tuple[int, bytes]]:
    """The added lines of a file, each with its number in the new file."""
    for hunk in diff.hunks:
        at = hunk.new_start
        for line in hunk.lines:
            if line.startswith(b"+"):
                yield at, line[1:].removesuffix(b"\r")
            at += line[:1] in (b"+", b" ")
