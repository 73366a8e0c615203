# SPDX-License-Identifier: GPL-2.0-or-later
"""Which of the trees that patchtool keeps would take a series that another one does not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.core.progress import Silent
from patchtool.errors import PatchtoolError
from patchtool.tree import plumbing
from patchtool.tree.base import words
from patchtool.tree.base.blobs import base_wants, score
from patchtool.tree.base.choose import choose_base
from patchtool.tree.base.proof import prover
from patchtool.tree.history import History
from patchtool.tree.imported import list_trees
from patchtool.tree.release import RELEASE_TAG, tag_age

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.series.model import Series
    from patchtool.tree.imported import ImportedTree
    from patchtool.tree.kernel_tree import KernelTree

#: No further tree is tried after so many seconds: it is only advice.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Fit:
    """What came of a series on one tree.

    Attributes:
        tree: The tree's name.
        base: The revision that was tried.
        blobs: How many of the files it starts from are there as it names them.
        good: How many of its patches apply, from the first on.
        patches: How many it has.
    """

    tree: str
    base: str
    blobs: int
    good: int
    patches: int

    @property
    def applies(self) -> bool:
        """Whether all of it does."""
        return self.good == self.patches


def fits(
    series: Series, settings: Settings, progress: Progress, without: str = ""
) -> tuple[Fit, ...]:
    """What comes of a series on the imported trees, the best first; nothing is checked out.

    Args:
        series: The series.
        settings: The settings in force.
        progress: Told which tree is tried.
        without: Name of a tree that need not be tried.
    """
    found = []
    end = time.monotonic() + PATIENCE
    for imported in _nearest_first(list_trees(settings), series):
        if imported.name == without or time.monotonic() > end:
            continue
        progress.update(f"does it apply to {imported.name}?")
        tree = imported.tree
        try:
            found.append(_try(series, tree, settings, end - time.monotonic()))
        except PatchtoolError:
            continue  # a tree that cannot be read is no advice
    return tuple(sorted(found, key=lambda fit: (fit.good, fit.blobs), reverse=True))


def _nearest_first(trees: Sequence[ImportedTree], series: Series) -> list[ImportedTree]:
    """The trees by how many others lie between them and the release the series names."""
    ages = {tree.name: tag_age(tree.tag) for tree in trees if RELEASE_TAG.match(tree.tag)}
    made = next((tag for tag, _ in words.releases(series) if RELEASE_TAG.match(tag)), None)
    if made is None:
        return list(trees)
    order = sorted({*ages.values(), tag_age(made)})
    here, last = order.index(tag_age(made)), len(order)
    away = {name: abs(order.index(age) - here) for name, age in ages.items()}
    return sorted(trees, key=lambda tree: away.get(tree.name, last))


def _try(series: Series, tree: KernelTree, settings: Settings, seconds: float) -> Fit:
    hasty = settings.model_copy(update={"base_timeout": min(seconds, settings.base_timeout)})
    base = choose_base(tree, series, None, hasty, Silent(), keep=False)
    wants = base_wants(series)
    paths = [want.path for want in wants]
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        history = History(tree, settings, repo)
        (state,) = history.states([base.commit], paths)
        with prover(series, history, paths) as proof:
            trial = proof.at(base.commit)
    numbers = [patch.number for patch in series.patches]
    good = len(numbers) if trial.failed is None else numbers.index(trial.failed)
    blobs = score([want for want in wants if want.blob], state)
    return Fit(tree.name, base.name, blobs, good, len(numbers))


def advice(series: Series, found: Sequence[Fit]) -> Iterator[str]:
    """What to say to somebody whose tree does not take a series; a line each. Pure."""
    good = [fit for fit in found if fit.applies]
    if good:
        names = ", ".join(f"{fit.tree} (at {fit.base})" for fit in good)
        yield f"of the imported trees it applies to {names}"
    elif found and found[0].good:
        best = found[0]
        yield (
            f"no imported tree takes it; nearest is {best.tree} (at {best.base}), with "
            f"{best.good} of {best.patches} patches"
        )
    for base, where in (*words.releases(series), *words.base_commits(series))[:1]:
        yield f"it was made for {base} ({where})"
