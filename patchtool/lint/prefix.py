# SPDX-License-Identifier: GPL-2.0-or-later
"""The prefix of each subject, against those that the history of its files knows."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity, unchecked
from patchtool.lint.subject import PLACE, is_revert, prefix
from patchtool.tree import plumbing
from patchtool.tree.commits import Touching, commits_touching

if TYPE_CHECKING:
    from patchtool.lint.kernel import Kernel
    from patchtool.series.model import Patch, Series
    from patchtool.tree.plumbing import Questions

#: Fewer subjects than these say nothing about what is usual.
LEAST = 5
_MOST = 3000
_IN_FOLDER = 300
_MANY = 1000  # paths, of which a command line takes a limited number
_YEARS = 3
#: What a patch all over the tree may start with.
_EVERYWHERE = frozenset({"treewide", "tree-wide", "global", "all"})


def check(series: Series, kernel: Kernel) -> tuple[Finding, ...]:
    """Whether others, too, have used each prefix for the files it is used for."""
    if not kernel.history:
        reason = f"cannot tell which prefixes are usual: {kernel.tree.name} has no history"
        return (unchecked("prefix", reason, "name a full git tree with --tree"),)
    own = {patch.subject for patch in series.patches}
    paths = sorted({path for patch in series.patches for path in patch.paths})
    asked = paths if len(paths) <= _MANY else ["."]
    found: list[Finding] = []
    with plumbing.open_repository(kernel.tree.git_dir, kernel.settings) as repo:
        kernel.progress.update(f"history of {len(paths)} files")
        commit = kernel.base.commit
        touching = commits_touching(repo, commit, asked, most=_MOST, years=_YEARS)
        for patch in series.patches:
            if is_revert(patch.subject) or not prefix(patch.subject):
                continue  # of the latter the check `subject` has told
            wanted = set(patch.paths)
            subjects = [each.subject for each in touching if wanted.intersection(each.paths)]
            where = "its files"
            if len(subjects) < LEAST:
                folders = sorted({_folder(path) for path in wanted})
                subjects = [each.subject for each in _near(repo, commit, folders)]
                where = "the files beside its own"
            found += _judged(patch, [each for each in subjects if each not in own], where)
    return tuple(found)


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _near(repo: Questions, commit: str, folders: list[str]) -> tuple[Touching, ...]:
    """The commits that touched the folders, or, for folders that are new, those above them."""
    while True:
        found = commits_touching(repo, commit, folders, most=_IN_FOLDER, years=_YEARS)
        above = sorted({_folder(folder) for folder in folders})
        if len(found) >= LEAST or above == folders:
            return found
        folders = above


def _judged(patch: Patch, subjects: list[str], where: str) -> tuple[Finding, ...]:
    first = prefix(patch.subject)
    used = Counter(known for subject in subjects if (known := prefix(subject)))
    if len(subjects) < LEAST or first in used or first.lower() in _EVERYWHERE:
        return ()
    usual = ", ".join(f"`{name}:` ({count})" for name, count in used.most_common(4))
    spelt = next((name for name in used if name.lower() == first.lower()), None)
    todo = f"usual there: {usual}" if usual else "look at `git log` of the files"
    return (
        Finding(
            Severity.WARNING, "prefix-unknown", patch.number,
            f"none of the last {len(subjects)} changes of {where} has the prefix `{first}:`",
            f"write `{spelt}:`" if spelt else todo, PLACE, patch.subject,
        ),
    )  # fmt: skip
