# SPDX-License-Identifier: GPL-2.0-or-later
"""The diffstats that the mails claim, against the diffs. Pure.

A patch's must be exact. A cover letter's is of all patches together, where lines that one adds
and another removes do not show; what must agree there is the files, and insertions less
deletions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity
from patchtool.series.diffstat import compare, compare_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.diffstat import Diffstat
    from patchtool.series.file_diff import FileDiff
    from patchtool.series.model import Series

_REMAKE = "make it again: git format-patch does, and `git diff --stat` shows it"
_EDITED = "the diff was changed by hand after its diffstat was made; " + _REMAKE
_LEFT = "was it left from an earlier revision? " + _REMAKE


def check(series: Series) -> tuple[Finding, ...]:
    """Whether each claimed diffstat is that of the diffs."""
    found = []
    for patch in series.patches:
        if patch.diffstat is not None:
            told = _of_patch(patch.diffstat, patch.files)
            found += [_finding(patch.number, text, _EDITED) for text in told]
    if series.diffstat is not None:
        told = _of_cover(series.diffstat, series)
        found += [_finding(0, text, _LEFT) for text in told]
    return tuple(found)


def _finding(number: int, text: str, todo: str) -> Finding:
    return Finding(Severity.WARNING, "diffstat-mismatch", number, text, todo)


def _of_patch(claimed: Diffstat, files: Sequence[FileDiff]) -> Iterator[str]:
    yield from (mismatch.text for mismatch in compare(claimed, files))
    counts = [_lines(diff) for diff in files]
    added, removed = sum(count[0] for count in counts), sum(count[1] for count in counts)
    says = _sum(claimed.files, claimed.insertions, claimed.deletions)
    has = _sum(len({diff.path for diff in files}), added, removed)
    if says != has:
        yield f"the diffstat sums up to {says}; the diff has {has}"


def _of_cover(claimed: Diffstat, series: Series) -> Iterator[str]:
    files = [diff for patch in series.patches for diff in patch.files]
    net: dict[str, int] = {}
    for diff in files:
        added, removed = _lines(diff)
        net[diff.path] = net.get(diff.path, 0) + added - removed
    moved = {diff.old_path for diff in files if diff.new_path not in (None, diff.old_path)}
    for mismatch in compare_paths(claimed, net):
        # what a later patch takes back, or moves away, does not show in the sum
        if mismatch.path not in net or (net[mismatch.path] and mismatch.path not in moved):
            yield mismatch.text
    grown = sum(net.values())
    says = claimed.insertions - claimed.deletions
    if grown != says:
        yield (
            f"by the cover letter's diffstat the series makes the tree {_grows(says)}; "
            f"by its diffs, {_grows(grown)}"
        )


def _lines(diff: FileDiff) -> tuple[int, int]:
    """The lines a file diff adds and removes."""
    added = sum(len(hunk.added) for hunk in diff.hunks)
    return added, sum(len(hunk.removed) for hunk in diff.hunks)


def _sum(files: int, added: int, removed: int) -> str:
    return f"{files} file{'s' * (files != 1)}, +{added} -{removed}"


def _grows(lines: int) -> str:
    return f"{abs(lines)} lines {'shorter' if lines < 0 else 'longer'}"
