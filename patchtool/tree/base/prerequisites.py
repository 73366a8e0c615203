# SPDX-License-Identifier: GPL-2.0-or-later
"""The patches that a series says it needs behind its base commit, found by their patch-ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.series.model import DependsOn
from patchtool.tree.presence import patch_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.model import Series
    from patchtool.tree.history import History

_MOST = 3_000  # commits behind the base that are compared, oldest first


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """What became of the ``prerequisite-patch-id`` lines of a series.

    Attributes:
        asked: How many it names.
        commit: The first commit that has all of those that were found; empty when none was.
        missing: Their patch-ids that no commit looked at has.
    """

    asked: int
    commit: str
    missing: tuple[str, ...]


def prerequisites(history: History, series: Series, base: str, tip: str) -> Prerequisites | None:
    """Look for the needed patches behind *base*; None when the series names none.

    Args:
        history: The tree's.
        series: The series.
        base: Its base commit.
        tip: Looked at besides the branches.
    """
    needs = [need.value for need in series.dependencies if need.kind is DependsOn.PATCH_ID]
    if not needs:
        return None
    found: dict[str, str] = {}
    order: list[str] = []
    for patch_id, commit in _patch_ids(history, base, tip):
        if patch_id in needs and patch_id not in found:
            found[patch_id] = commit
            order.append(commit)
            if len(found) == len(set(needs)):
                break
    newest = order[-1] if order else ""
    if any(history.try_("merge-base", "--is-ancestor", one, newest)[0] for one in order):
        newest = ""  # they stand on branches that have not met
    return Prerequisites(len(needs), newest, tuple(one for one in needs if one not in found))


def _patch_ids(history: History, base: str, tip: str) -> Iterator[tuple[str, str]]:
    """Patch-id and hash of the commits behind *base*, oldest first."""
    revs = [tip, *(commit for _, commit, _ in history.heads())]
    words = ("rev-list", "--reverse", "--topo-order", "--no-merges", f"^{base}", *revs)
    commits = history.walk_output(*words).split()[:_MOST]
    yield from patch_ids(history, commits, "--no-renames")
