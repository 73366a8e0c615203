# SPDX-License-Identifier: GPL-2.0-or-later
"""The commit a series is applied to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.tree import plumbing
from patchtool.tree.base import words
from patchtool.tree.release import RELEASE_TAG, KernelRelease, release_of, tag_age

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.settings import Settings
    from patchtool.series.model import Series
    from patchtool.tree.kernel_tree import KernelTree


@dataclass(frozen=True, slots=True)
class Base:
    """Where a series is applied.

    Attributes:
        commit: Full hash, in hex.
        tree: Hash of its tree.
        release: What its Makefile says.
        name: The revision as it was asked for, such as ``v6.12.117`` or ``HEAD``.
        chosen_by: Who asked: ``--base``, ``base.commit of the manifest``, and so on.
    """

    commit: str
    tree: str
    release: KernelRelease
    name: str
    chosen_by: str


def resolve_base(
    tree: KernelTree, series: Series | None, rev: str | None, settings: Settings
) -> Base:
    """Choose the base commit.

    *rev* if it is given; else the first of these that the tree has: the manifest's
    ``base.commit``, the base commit that the mails name, the manifest's ``base.tag`` and
    ``base.also``, the tree's HEAD, its newest release tag.

    Args:
        tree: The tree.
        series: The series that will be applied; None for none.
        rev: What the user asked for with ``--base``.
        settings: The settings in force.

    Raises:
        UsageError: There is no such commit, or it is not a kernel.
    """
    with plumbing.opened(tree.git_dir, settings) as repo:
        wanted = [(rev, "--base")] if rev is not None else list(_candidates(series))
        if rev is None:
            wanted += [("HEAD", "the tree's HEAD")]
            wanted += [(tag, "its newest release tag") for tag in release_tags(repo)[:1]]
        for name, who in wanted:
            commit = repo.find(f"{name}^{{commit}}")
            if commit:
                release = release_of(repo, commit, f"{tree.name} at {name}")
                top = repo.find(f"{commit}^{{tree}}")
                return Base(commit, top, release, name, who)
        newest = ", ".join(release_tags(repo)[:5]) or "none"
    asked = (
        f"base {rev!r} does not exist" if rev is not None else "there is no commit to start from"
    )
    raise UsageError(f"{tree.name}: {asked}", hint=f"its newest release tags: {newest}")


def _candidates(series: Series | None) -> Iterator[tuple[str, str]]:
    if series is None:
        return
    yield from words.base_commits(series)
    if series.manifest is not None and not series.manifest.merged:
        yield series.manifest.base.tag, "base.tag of the manifest"
        yield from ((tag, "base.also of the manifest") for tag in series.manifest.base.also)


def release_tags(repo: plumbing.Questions) -> tuple[str, ...]:
    """The tags of kernel releases, newest release first."""
    tags = repo.ask("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags").splitlines()
    return tuple(sorted((tag for tag in tags if RELEASE_TAG.match(tag)), key=tag_age, reverse=True))
