# SPDX-License-Identifier: GPL-2.0-or-later
"""The commits on which a series may have been made by what it says, likeliest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.tree.base import words
from patchtool.tree.base.blobs import SLACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.model import Series
    from patchtool.tree.history import History


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commit to try.

    Attributes:
        commit: Full hash.
        name: A tag or what the series calls it; else the hash, shortened.
        found_by: How it was found.
    """

    commit: str
    name: str
    found_by: str


def named(history: History, series: Series) -> Iterator[Candidate | str]:
    """The base commits and tags that a series or its manifest names, surest first.

    What the tree lacks comes as a line that says so.
    """
    seen = set()
    for value, where in words.base_commits(series):
        if value in seen:
            continue
        seen.add(value)
        commit = history.find(value)
        if commit:
            yield Candidate(commit, value[:12], where)
        else:
            yield f"{value[:12]}, {where}, is not in this tree"
    if series.manifest is not None and not series.manifest.merged:
        base = series.manifest.base
        also = ((tag, "base.also of the manifest") for tag in base.also)
        for tag, where in ((base.tag, "base.tag of the manifest"), *also):
            commit = history.find(tag)
            if commit:
                yield Candidate(commit, tag, where)


def by_words(history: History, series: Series) -> Iterator[Candidate]:
    """The releases and trees that the series names and the tree has."""
    seen = set()
    for tag, where in words.releases(series):
        commit = history.find(f"refs/tags/{tag}") if tag not in seen else ""
        seen.add(tag)
        if commit:
            yield Candidate(commit, tag, f"{tag}, {where}")
    date = words.posted(series)
    for name in words.trees(series):
        for ref, commit, _ in history.heads():
            parts = ref.split("/")[2:]
            if name in (parts[0], "/".join(parts)):
                ask = ("rev-list", "-1", "--first-parent", f"--before={date}", commit)
                then = history.ask(*ask) if date is not None else commit
                if then:
                    short = ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
                    yield Candidate(then, short, f"{short} on the day it was sent, by its prefix")


def by_date(history: History, series: Series, most: int) -> Iterator[Candidate]:
    """The newest releases before the series was sent, newest first; at most *most*.

    Of all there are when it has no date.
    """
    date = words.posted(series)
    tags = [tag for tag in history.tags() if date is None or 0 < tag.time <= date + SLACK]
    tags.sort(key=lambda tag: tag.time, reverse=True)
    why = "a release of this tree" if date is None else "released before it was sent"
    for tag in tags[:most]:
        yield Candidate(tag.commit, tag.name, f"{tag.name}, {why}")
