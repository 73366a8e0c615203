# SPDX-License-Identifier: GPL-2.0-or-later
"""The Fixes: tags: their form, and the commits they name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity, unchecked
from patchtool.lint.message import Tag, tags
from patchtool.tree import plumbing
from patchtool.tree.commits import commits_named, is_ancestor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.lint.kernel import Kernel
    from patchtool.series.model import Patch, Series
    from patchtool.tree.commits import NamedCommit

#: Digits of a hash in a Fixes: tag, from Documentation/process/submitting-patches.rst.
DIGITS = 12
_FORM = re.compile(r'([0-9a-f]{1,64}) \("(.*)"\)\Z')
_HASH = re.compile(r"(?:commit\s+)?([0-9a-fA-F]{6,64})\b")


def form(series: Series) -> tuple[Finding, ...]:
    """Whether each tag is written as ``Fixes: 123456789abc ("subject")``."""
    return tuple(finding for patch, tag in _fixes(series) for finding in _form(patch.number, tag))


def check(series: Series, kernel: Kernel) -> tuple[Finding, ...]:
    """Whether each tag names a commit that led to the base, by its right subject."""
    named = [
        (patch, tag, match[1]) for patch, tag in _fixes(series) if (match := _HASH.match(tag.value))
    ]
    if not named:
        return ()
    if not kernel.history:
        reason = f"cannot tell what its Fixes: tags name: {kernel.tree.name} has no history"
        return (unchecked("fixes", reason, "name a full git tree with --tree"),)
    found: list[Finding] = []
    with plumbing.open_repository(kernel.tree.git_dir, kernel.settings) as repo:
        known = {name: commits_named(repo, name) for name in {name for _, _, name in named}}
        for patch, tag, name in named:
            commits = known[name]
            if len(commits) == 1:
                inside = is_ancestor(repo, commits[0].commit, kernel.base.commit)
                found += _against(patch.number, tag, commits[0], kernel, inside=inside)
            else:
                found.append(_not_one(patch.number, tag, name, commits, kernel))
    return tuple(found)


def right(commit: NamedCommit) -> str:
    """The tag that names *commit*."""
    return f'Fixes: {commit.commit[:DIGITS]} ("{commit.subject}")'


def _fixes(series: Series) -> Iterator[tuple[Patch, Tag]]:
    for patch in series.patches:
        for tag in tags(patch):
            if tag.named("Fixes"):
                yield patch, tag


def _form(number: int, tag: Tag) -> Iterator[Finding]:
    match = _FORM.match(tag.value)
    if match is None:
        todo = 'write `Fixes: 123456789abc ("subject of that commit")`'
        if "://" in tag.value:
            todo = "a report is named by Closes:, a discussion by Link:"
        elif tag.value.count('"') < 2 and tag.next.endswith(('")', "”)")):
            todo = "keep the tag on one line, however long it is"
        text = "this is not how a Fixes: tag is written"
        yield Finding(
            Severity.ERROR, "fixes-form", number, text, todo, tag.place, tag.whole
        )  # fmt: skip
    elif len(match[1]) < DIGITS:
        yield Finding(
            Severity.WARNING, "fixes-short", number,
            f"{len(match[1])} digits of the hash are too few to last",
            f"give {DIGITS} (git config core.abbrev {DIGITS})", tag.place, tag.whole,
        )  # fmt: skip


def _not_one(
    number: int, tag: Tag, name: str, commits: tuple[NamedCommit, ...], kernel: Kernel
) -> Finding:
    if commits:
        listed = "; ".join(right(commit) for commit in commits[:3])
        text, todo = f"{name} could be any of {len(commits)} commits", f"give more digits: {listed}"
        return Finding(
            Severity.ERROR, "fixes-ambiguous", number, text, todo, tag.place, tag.whole
        )  # fmt: skip
    return Finding(
        Severity.ERROR, "fixes-unknown", number, f"{kernel.tree.name} has no commit {name}",
        "name the commit as it is upstream: one of a private branch or of a stable tree is "
        "of no use to others", tag.place, tag.whole,
    )  # fmt: skip


def _against(
    number: int, tag: Tag, commit: NamedCommit, kernel: Kernel, *, inside: bool
) -> Iterator[Finding]:
    match = _FORM.match(tag.value)
    if match is not None and match[2] != commit.subject:
        yield Finding(
            Severity.ERROR, "fixes-subject", number,
            f'the subject of {commit.commit[:DIGITS]} is "{commit.subject}"',
            f"write `{right(commit)}`", tag.place, tag.whole,
        )  # fmt: skip
    if not inside:
        yield Finding(
            Severity.WARNING, "fixes-elsewhere", number,
            f"{commit.commit[:DIGITS]} is not part of {kernel.at}, the base",
            "look whether the base is the right one, or the hash is of another branch",
            tag.place, tag.whole,
        )  # fmt: skip
