# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tree's commits say: which one a hash names, and how those that touch a file are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.tree.plumbing import Questions

_HASH = re.compile(r"[0-9a-fA-F]{4,64}\Z")
_LOG = ("--no-show-signature", "--no-color")
_YEAR = 365 * 86400


@dataclass(frozen=True, slots=True)
class NamedCommit:
    """A commit: its full hash, in hex, and the first line of its message."""

    commit: str
    subject: str


@dataclass(frozen=True, slots=True)
class Touching:
    """A commit's subject, and which of the files asked for it changed."""

    subject: str
    paths: tuple[str, ...]


def has_history(repo: Questions, commit: str) -> bool:
    """Whether the commits that led to *commit* are there.

    They are not in an imported tree (one commit holds all of it) nor in a shallow clone.
    """
    shallow = repo.ask("rev-parse", "--is-shallow-repository") == "true"
    return not shallow and bool(repo.find(f"{commit}^"))


def commits_named(repo: Questions, hash_start: str) -> tuple[NamedCommit, ...]:
    """The commits whose hash starts with *hash_start* (4 hex digits or more)."""
    if not _HASH.match(hash_start):
        return ()
    objects = repo.ask("rev-parse", f"--disambiguate={hash_start.lower()}").split()
    commits = [name for name in objects if repo.find(f"{name}^{{commit}}") == name]
    return tuple(NamedCommit(name, _subject(repo, name)) for name in commits)


def _subject(repo: Questions, commit: str) -> str:
    return repo.ask("log", *_LOG, "-1", "--format=%s", commit)


def is_ancestor(repo: Questions, commit: str, of: str) -> bool:
    """Whether *commit* is *of*, or led to it."""
    return not repo.ask("rev-list", "--max-count=1", commit, f"^{of}")


def in_common(repo: Questions, one: str, other: str) -> str:
    """The newest commit that led to, or is, both; empty where there is none."""
    if not (one and other):
        return ""
    status, out, _ = repo.git.merge_base(
        one, other, with_extended_output=True, with_exceptions=False
    )
    return str(out).strip() if status == 0 else ""


def commits_touching(
    repo: Questions, commit: str, paths: Sequence[str], *, most: int, years: int
) -> tuple[Touching, ...]:
    """The newest commits up to *commit* that changed one of *paths*, newest first.

    Args:
        repo: The tree.
        commit: Where to start.
        paths: Files; or folders, for everything below them.
        most: Number of commits after which the search ends.
        years: As above, in years before *commit*. A search through all of Linux' history
            takes half a minute.
    """
    until = int(repo.ask("log", *_LOG, "-1", "--format=%ct", commit))
    since = max(until - years * _YEAR, 0)
    words = (f"--max-count={most}", f"--since={since}", "--format=%x01%s", "--name-only")
    literal = [f":(literal){path}" for path in paths]
    plain = (*_LOG, "--no-merges", "--no-renames", "--no-follow")
    told = repo.ask("log", *plain, *words, commit, "--", *literal)
    found = []
    for entry in told.split("\x01")[1:]:
        subject, _, names = entry.partition("\n")
        found.append(Touching(subject, tuple(name for name in names.split("\n") if name)))
    return tuple(found)
