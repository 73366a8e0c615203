# SPDX-License-Identifier: GPL-2.0-or-later
"""The commit a series is applied to: what the user says, else what a search in a stated time finds.

What was found is stored: the same series, on a tree whose refs are the same, needs no search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.core.locks import held
from patchtool.core.store import Store, digest
from patchtool.errors import UsageError
from patchtool.tree import plumbing
from patchtool.tree.base import words
from patchtool.tree.base.candidates import Candidate, named
from patchtool.tree.base.search import searching
from patchtool.tree.history import History
from patchtool.tree.release import KernelRelease, release_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.series.model import Series
    from patchtool.tree.kernel_tree import KernelTree

STAGE = "base"


@dataclass(frozen=True, slots=True)
class Base:
    """Where a series is applied.

    Attributes:
        commit: Full hash, in hex.
        tree: Hash of its tree.
        release: What its Makefile says.
        name: A tag or a revision as it was asked for, such as ``v6.12.117`` or ``HEAD``; else
            the hash, shortened.
        chosen_by: How, for people: ``--base``, ``the tree's HEAD``, ``7 of 7 blobs match;
            applies``.
    """

    commit: str
    tree: str
    release: KernelRelease
    name: str
    chosen_by: str


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a search found, as it is stored.

    Attributes:
        commit: The commit.
        name: Of the base.
        chosen_by: Of the base.
        notes: What a person should know, one line each.
        cut_short: The seconds after which the search was ended; None when it came to its end.
    """

    commit: str
    name: str
    chosen_by: str
    notes: tuple[str, ...]
    cut_short: float | None


def choose_base(
    tree: KernelTree,
    series: Series | None,
    rev: str | None,
    settings: Settings,
    progress: Progress,
    *,
    keep: bool = True,
) -> Base:
    """Choose the base commit: *rev* if it is given, else as :mod:`patchtool.tree.base` says.

    Where the series applies nowhere, or the time (``base_timeout``) is up, it is the first
    commit that the series names and the tree has, else HEAD, else the newest release.

    Args:
        tree: The tree, which is only read.
        series: The series that will be applied; None for none.
        rev: What the user asked for with ``--base``.
        settings: The settings in force.
        progress: Told what is looked at, and what a person should know of what was found.
        keep: Store what is found.

    Raises:
        UsageError: There is no such commit, or it is not a kernel.
        CommandError, CommandTimeout: git failed.
    """
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        history = History(tree, settings, repo)
        if rev is not None:
            choices = _existing(history, [(rev, "--base")])
        else:
            choices = [*_named(history, series), *_existing(history, _ends(history))]
        if not choices:
            raise _nothing(history, rev)
        chosen = choices[0]
        if rev is None and series is not None and series.patches and _open(history, choices):
            chosen = _stored(history, series, choices, progress, keep=keep)
        release = release_of(repo, chosen.commit, f"{tree.name} at {chosen.name}")
        top = repo.find(f"{chosen.commit}^{{tree}}")
    return Base(chosen.commit, top, release, chosen.name, chosen.found_by)


def _nothing(history: History, rev: str | None) -> UsageError:
    newest = ", ".join(tag.name for tag in reversed(history.tags()[-5:])) or "none"
    what = f"base {rev!r} does not exist" if rev is not None else "there is no commit to start from"
    return UsageError(f"{history.tree.name}: {what}", hint=f"its newest release tags: {newest}")


def _named(history: History, series: Series | None) -> list[Candidate]:
    if series is None:
        return []
    return [found for found in named(history, series) if isinstance(found, Candidate)]


def _ends(history: History) -> list[tuple[str, str]]:
    """Where a tree ends: what is taken when nothing else is known."""
    newest = [(tag.name, "its newest release tag") for tag in history.tags()[-1:]]
    return [("HEAD", "the tree's HEAD"), *newest]


def _existing(history: History, names: Sequence[tuple[str, str]]) -> list[Candidate]:
    found = ((history.find(name), name, how) for name, how in names)
    return [Candidate(commit, name, how) for commit, name, how in found if commit]


def _open(history: History, choices: Sequence[Candidate]) -> bool:
    """Whether there is anything to choose: an imported tree is one commit, by any name."""
    commits = {choice.commit for choice in choices}
    commits |= {tag.commit for tag in history.tags()} | {head for _, head, _ in history.heads()}
    return len(commits) > 1 or history.commits(list(commits)).popitem()[1].parents > 0


def _stored(
    history: History,
    series: Series,
    choices: Sequence[Candidate],
    progress: Progress,
    *,
    keep: bool,
) -> Candidate:
    """What an earlier search found, or a new one finds."""
    settings = history.settings
    store = Store(settings.cache / "store")
    key = _key(history, series, choices)
    chosen = _known(store, key, settings.base_timeout)
    if chosen is None:
        chosen, whole = _searched(history, series, choices, progress)
        if keep and whole:
            with held(store.lock(STAGE), "the bases found", progress):
                store.keep(STAGE, key, chosen)
    for note in chosen.notes:
        progress.note(f"{history.tree.name}: {note}")
    return Candidate(chosen.commit, chosen.name, chosen.chosen_by)


def _known(store: Store, key: str, seconds: float) -> _Chosen | None:
    """What is stored, unless its search was cut short and there is more time now."""
    chosen = store.read(STAGE, key, _Chosen)
    if chosen is None or (chosen.cut_short is not None and chosen.cut_short < seconds):
        return None
    return chosen


def _key(history: History, series: Series, choices: Sequence[Candidate]) -> str:
    """Changes with everything that the search looks at."""
    shallow = history.tree.shallow
    return digest(
        "base 2",
        series.digest,
        [(need.kind, need.value) for need in series.dependencies],
        list(words.releases(series)),
        words.trees(series),
        words.posted(series),
        [(choice.commit, choice.name, choice.found_by) for choice in choices],
        history.ask("for-each-ref", "--format=%(objectname) %(refname)"),
        shallow.read_text(encoding="ascii", errors="replace") if shallow.is_file() else "",
    )


def _searched(
    history: History, series: Series, choices: Sequence[Candidate], progress: Progress
) -> tuple[_Chosen, bool]:
    """Search for it within the time there is; and whether every commit could be tried."""
    seconds = history.settings.base_timeout
    tip = next((choice for choice in choices if choice.name == "HEAD"), choices[-1])
    with searching(series, history, tip, progress, seconds) as search:
        found = search.run()
        notes, cut_short = tuple(search.notes), search.cut_short
        tried, whole = len(search.tried), search.lacking is None
    candidate = found.candidate if found else choices[0]
    how = f"does not apply at any of {tried} commits tried" if tried else "no commit was tried"
    if found:
        how = ", ".join(filter(None, ("applies", found.trial.remarks)))
    if cut_short:
        how += f"; the search was ended after {seconds:g} s (base_timeout)"
    chosen = _Chosen(
        candidate.commit,
        candidate.name,
        f"{candidate.found_by}; {how}",
        notes,
        seconds if cut_short else None,
    )
    return chosen, whole
