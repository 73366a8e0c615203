# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings on one base, and which of their patches `git range-diff` takes for a pair.

Each patch comes back with the diff that git makes of its commit: on one base, what differs between
two versions of a patch is a change of the author's, and never one of the tree they were made on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.series.diff import parse_diff
from patchtool.tree import plumbing
from patchtool.tree.apply import Outcome, apply_series
from patchtool.tree.base.choose import choose_base
from patchtool.tree.workspace import worktree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.series.file_diff import FileDiff
    from patchtool.series.model import Series
    from patchtool.tree.apply import AppliedSeries
    from patchtool.tree.base.choose import Base
    from patchtool.tree.kernel_tree import KernelTree
    from patchtool.tree.workspace import Worktree

#: Of git range-diff: how much of a patch may differ, in percent; git's own default comes first.
FACTORS = (60, 80, 95)
_CONTEXT = 10  # lines around a change in the diffs that come back
_ROW = re.compile(r" *(-|[0-9]+): +\S+ ([=!<>]) +(-|[0-9]+): ")


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two postings on one base.

    Attributes:
        base: The base both apply to, or None.
        old: OLD, each patch with the diff of its commit; as it was given where there is no base.
        new: The same of NEW.
        reason: Why there is no base for both; empty where there is one.
        range_diff: Creation factor -> number in OLD -> number in NEW, of the pairs git makes.
    """

    base: Base | None
    old: Series
    new: Series
    reason: str = ""
    range_diff: Mapping[int, Mapping[int, int]] = field(default_factory=dict)


def side_by_side(
    old: Series, new: Series, tree: KernelTree, settings: Settings, progress: Progress
) -> SideBySide:
    """Apply OLD and NEW to one base: NEW's, or else OLD's.

    Raises:
        UsageError: The tree has no commit to start from.
        CommandError, CommandTimeout, MailError: As :func:`patchtool.tree.apply.apply_series`.
    """
    reason = ""
    bases: dict[str, Base] = {}
    for series in (new, old):
        base = choose_base(tree, series, None, settings, progress)
        bases.setdefault(base.commit, base)
    for base in bases.values():
        with worktree(tree, base.commit, settings, progress) as work:
            both = [apply_series(series, base, work, progress) for series in (new, old)]
            refused = next((each for each in both if each.conflict is not None), None)
            if refused is None:
                after, before = both
                return SideBySide(
                    base=base,
                    old=_with_diffs(old, before, work),
                    new=_with_diffs(new, after, work),
                    range_diff={
                        factor: _range_diff(before, after, factor, work) for factor in FACTORS
                    },
                )
            conflict = refused.conflict
            assert conflict is not None
            which = "NEW" if refused is both[0] else "OLD"
            said = f"patch {conflict.number} of {which} does not apply at {base.name}"
            reason = f"{reason}; {said}" if reason else said
    return SideBySide(None, old, new, reason)


def _with_diffs(series: Series, applied: AppliedSeries, work: Worktree) -> Series:
    """A series whose patches have the diffs of their commits; none of what was there already."""
    patches = []
    for patch, done in zip(series.patches, applied.patches, strict=True):
        assert done.commit is not None
        files: tuple[FileDiff, ...] = ()
        if done.outcome is not Outcome.PRESENT:
            words = ("diff-tree", "-p", "-M", "--binary", "--full-index", f"-U{_CONTEXT}")
            made = plumbing.run(
                [*words, "--no-commit-id", "-r", done.commit],
                work.settings,
                cwd=work.clone,
                capture=True,
            )
            files = parse_diff(made.stdout, f"{patch.where or patch.subject}, as git has it")
        patches.append(replace(patch, files=files))
    return replace(series, patches=tuple(patches))


def _range_diff(
    before: AppliedSeries, after: AppliedSeries, factor: int, work: Worktree
) -> dict[int, int]:
    """The pairs that git makes, by the numbers of the patches."""
    ours, theirs = _numbers(before), _numbers(after)
    base = before.base.commit
    words = ["range-diff", "--no-color", "--no-patch", f"--creation-factor={factor}"]
    ranges = [f"{base}..{before.tip}", f"{base}..{after.tip}"]
    done = plumbing.run([*words, *ranges], work.settings, cwd=work.clone, capture=True)
    rows = _ROW.finditer(done.stdout.decode("utf-8", "replace"))
    return {
        ours[int(row[1]) - 1]: theirs[int(row[3]) - 1]
        for row in rows
        if "-" not in (row[1], row[3])
    }


def _numbers(applied: AppliedSeries) -> list[int]:
    """The number of the patch that each commit is of; what was there already has none."""
    return [each.number for each in applied.patches if each.outcome is not Outcome.PRESENT]
