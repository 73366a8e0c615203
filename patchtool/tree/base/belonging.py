# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a series belongs: the commit it applies on, proved, and what is in its way since."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import MissingObjects
from patchtool.tree import plumbing
from patchtool.tree.base.blobs import evidence_at
from patchtool.tree.base.candidates import Candidate
from patchtool.tree.base.origin import Obstacles, obstacles, span
from patchtool.tree.base.search import searching
from patchtool.tree.fitting import advice, fits
from patchtool.tree.history import History, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.series.model import Series
    from patchtool.tree.base.blobs import Evidence, Want
    from patchtool.tree.base.proof import Trial
    from patchtool.tree.base.search import Search, Tried
    from patchtool.tree.history import Commit, Tag
    from patchtool.tree.kernel_tree import KernelTree


@dataclass(frozen=True, slots=True)
class Nearest:
    """Where a commit is among the releases.

    Attributes:
        after: The newest release in its history; empty when there is none.
        commits: How many commits it is behind that one; 0 when it is that release.
        before: The first release that has it, other than itself; empty when none has.
    """

    after: str
    commits: int
    before: str


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where a series belongs.

    Attributes:
        title: Of the series.
        revision: Of the series.
        patches: How many it has.
        tree: The tree's name.
        base: The commit it applies on; None when none was found.
        base_name: A tag, or how the series calls that commit; else its hash, shortened.
        found_by: How it was found.
        nearest: Where the base is among the releases; None without a base.
        releases: The releases between base and tip, oldest first.
        until: The next commit that changes a file the series starts from, on the way to the
            tip; None when there is none, or when the series applies at the tip.
        evidence: What the blobs say; None when the series names none.
        tried: The candidates that were tried, in order; the last one is the base, if any.
        tip: The commit it shall go to.
        tip_name: How that was asked for.
        at_tip: Whether it applies there.
        newest_good: The newest release to which it still applies; empty when none does.
        first_bad: The release after that, to which it does not; empty when there is none.
        obstacles: What is in its way at the tip, and the commits that put it there.
        notes: What else a person should know, one line each.
    """

    title: str
    revision: int
    patches: int
    tree: str
    base: Commit | None
    base_name: str
    found_by: str
    nearest: Nearest | None
    releases: tuple[str, ...]
    until: Commit | None
    evidence: Evidence | None
    tried: tuple[Tried, ...]
    tip: Commit
    tip_name: str
    at_tip: Trial
    newest_good: str
    first_bad: str
    obstacles: Obstacles
    notes: tuple[str, ...]


def find_base(
    series: Series, tree: KernelTree, rev: str | None, settings: Settings, progress: Progress
) -> Belonging:
    """Find the commit on which *series* applies, and what keeps it from applying at *rev*.

    The commit is the one that :func:`patchtool.tree.base.choose.choose_base` finds, given time.

    Args:
        series: The series.
        tree: The tree, which is only read.
        rev: The tip; HEAD, or the newest release, if it is None.
        settings: The settings in force.
        progress: Told what is looked at.

    Raises:
        UsageError: The tree has no commit, or no *rev*.
        MissingObjects: Of a partial clone: it applies at no commit that could be tried.
    """
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        history = History(tree, settings, repo)
        name, commit = history.tip(rev)
        tip = Candidate(commit, name, f"{name}, the tip")
        with searching(series, history, tip, progress) as search:
            found = search.run()
            if found is None and search.lacking is not None:
                raise search.lacking
            if found is None:
                search.notes += advice(series, fits(series, settings, progress, tree.name))
            return _tell(search, found.candidate if found else None)


def _tell(search: Search, chosen: Candidate | None) -> Belonging:
    history, wants = search.history, search.wants
    name, tip = search.tip.name, search.tip.commit
    at_tip = search.proof.at(tip)
    base = chosen.commit if chosen else None
    tags = _tags_between(history, base, tip) if base else []
    good, bad = "", ""
    try:
        good, bad = _boundary(search, base, tags)
    except MissingObjects as error:
        search.notes.append(f"to which releases it applies is not known: {error}; {error.hint}")
    walk = Walk((), ())
    found = Obstacles()
    if not at_tip.applies or at_tip.present:
        search.progress.update("what changed its files")
        walk = history.walk([span(base, tip)], [want.path for want in wants])
        found = obstacles(search.series, history, wants, base, tip, walk, search.progress)
    until = _until(walk, wants) if base else ""
    known = history.commits([commit for commit in (base, tip, until) if commit])
    if known[tip].parents == 0:
        search.notes.append(
            f"{name} has no history; what changed before it cannot be named from this tree"
        )
    if search.series.missing:
        search.notes.insert(0, search.series.part)
    evidence = search.evidence
    if evidence is None and base and any(want.blob for want in wants):
        evidence = evidence_at(history, wants, base, Walk((), ()))
    return Belonging(
        title=search.series.title,
        revision=search.series.revision,
        patches=len(search.series.patches),
        tree=history.tree.name,
        base=known[base] if base else None,
        base_name=history.name_of(base) if base else "",
        found_by=chosen.found_by if chosen else "",
        nearest=_nearest(history, base, tags) if base else None,
        releases=tuple(tag.name for tag in tags),
        until=known[until] if until else None,
        evidence=evidence,
        tried=tuple(search.tried),
        tip=known[tip],
        tip_name=name,
        at_tip=at_tip,
        newest_good=good,
        first_bad=bad,
        obstacles=found,
        notes=tuple(search.notes),
    )


def _tags_between(history: History, base: str, tip: str) -> list[Tag]:
    """The releases that have *base* and that *tip* has, oldest first."""
    words = ("rev-list", "--ancestry-path", f"{base}..{tip}")
    between = {base, *history.walk_output(*words).split()}
    return [tag for tag in history.tags() if tag.commit in between]


def _nearest(history: History, base: str, tags: Sequence[Tag]) -> Nearest:
    before = next((tag.name for tag in tags if tag.commit != base), "")
    words = ("describe", "--tags", "--long", "--match", "v[0-9]*", base)
    described = history.ask(*words).rsplit("-", 2)
    if len(described) != 3:
        return Nearest("", 0, before)
    return Nearest(described[0], int(described[1]), before)


def _boundary(search: Search, base: str | None, tags: Sequence[Tag]) -> tuple[str, str]:
    """The newest release to which it applies, and the first to which it does not."""
    if base is None or not tags:
        return "", ""
    search.progress.update("to which releases it applies")
    if search.proof.clean(tags[-1].commit):
        return tags[-1].name, ""
    states = search.history.states([tag.commit for tag in tags], search.proof.paths)
    starts = [at for at, state in enumerate(states) if at == 0 or state != states[at - 1]]
    at = bisect_left(starts, 1, key=lambda at: int(not search.proof.clean(tags[at].commit)))
    first = starts[at] if at < len(starts) else starts[-1]
    return (tags[first - 1].name if first else ""), tags[first].name


def _until(walk: Walk, wants: Sequence[Want]) -> str:
    """The oldest commit that takes a file away from what the series starts from."""
    by_path = {want.path: want for want in wants}
    for change in reversed(walk.transitions):
        want = by_path.get(change.path)
        if want and any(want.is_met(old) for old in change.olds) and not want.is_met(change.new):
            return change.commit
    return ""
