# SPDX-License-Identifier: GPL-2.0-or-later
"""The blobs that a series' index lines name, and the commit of a history that has most of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.core.progress import Progress
    from patchtool.series.model import Series
    from patchtool.tree.history import History, Tag, Walk

_DAY = 86400
#: How far around the day a series was sent its base is looked for, first near, then far: days
#: before, and (a maintainer's branch reaches the main line a cycle later) after.
_WINDOWS = ((45, 15), (180, 100))
SLACK = 2 * _DAY  # what a sender's clock or time zone may be wrong by, seconds
_TAGS = 40  # release tags nearest to the date that are looked at


@dataclass(frozen=True, slots=True)
class Want:
    """What the base must have at one path.

    Attributes:
        path: The path.
        blob: The blob's hash, mostly abbreviated; empty when there must be no such file;
            None when the patch only says that there must be one.
    """

    path: str
    blob: str | None

    def is_met(self, found: str) -> bool:
        """Whether a tree with the blob *found* there (empty: no file) is such a base."""
        if self.blob is None:
            return bool(found)
        return found.startswith(self.blob) if self.blob else not found


def base_wants(series: Series) -> tuple[Want, ...]:
    """What the base must have, one for each path.

    The first patch that touches a file tells; what later patches name is what earlier ones
    of the series have made.
    """
    found: dict[str, Want] = {}
    for patch in series.patches:
        for diff in patch.files:
            old, new = diff.old_path, diff.new_path
            if old is not None and old not in found:
                found[old] = Want(old, diff.old_blob if _is_hash(diff.old_blob) else None)
            if new is not None and new not in found:
                found[new] = Want(new, "")
    return tuple(found.values())


def _is_hash(blob: str | None) -> bool:
    return blob is not None and blob.strip("0") != ""


def score(wants: Sequence[Want], state: Mapping[str, str]) -> int:
    """How many of *wants* are met by a tree, given as path to blob hash."""
    return sum(want.is_met(state.get(want.path, "")) for want in wants)


@dataclass(frozen=True, slots=True)
class Absent:
    """A blob that the best commit does not have at its path.

    Attributes:
        path: The path.
        blob: As the patch names it; empty when the patch makes the file, which is there.
        known: What the tree has of it: ``nowhere``, ``elsewhere`` or ``ambiguous``.
        commit: A commit that has it at this path; empty when none does.
    """

    path: str
    blob: str
    known: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the blobs say.

    Attributes:
        commit: The commit that has most of them; which one, of several, the date says.
        matched: How many blobs it has.
        total: How many blobs the series names.
        new_files: How many files the series makes.
        taken: How many of those exist there already.
        absent: What it has not.
        ambiguous: Abbreviated hashes that several objects of the tree begin with; the paths
            told them apart.
    """

    commit: str
    matched: int
    total: int
    new_files: int
    taken: int
    absent: tuple[Absent, ...]
    ambiguous: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether the commit has all that is wanted."""
        return self.total > 0 and self.matched == self.total and not self.taken


def evidence_at(history: History, wants: Sequence[Want], commit: str, walk: Walk) -> Evidence:
    """What the blobs say of one commit; *walk* tells where the others are."""
    (state,) = history.states([commit], [want.path for want in wants])
    blobs = [want for want in wants if want.blob]
    new = [want for want in wants if want.blob == ""]
    full = history.resolve([want.blob for want in blobs if want.blob])
    absent = []
    for want in (*blobs, *new):
        if want.is_met(state.get(want.path, "")):
            continue
        having = [
            change.commit
            for change in walk.transitions
            if want.blob and change.path == want.path and want.is_met(change.new)
        ]
        known = full.get(want.blob or "", "")
        word = "elsewhere" if having or not want.blob else known or "nowhere"
        word = word if word in ("nowhere", "ambiguous") else "elsewhere"
        absent.append(Absent(want.path, want.blob or "", word, having[0] if having else ""))
    return Evidence(
        commit,
        score(blobs, state),
        len(blobs),
        len(new),
        len(new) - score(new, state),
        tuple(absent),
        tuple(blob for blob, name in full.items() if name == "ambiguous"),
    )


def search(
    history: History, wants: Sequence[Want], date: int | None, tip: str, progress: Progress
) -> Iterator[Evidence]:
    """The commits that have most of *wants*, each better than the one before, the best last.

    There is none when the series names no blob. The weeks around *date* are searched first,
    and more only while there are blobs which the tree knows and those weeks do not have
    together.

    Raises:
        CommandTimeout: The time of *history* is up; what came until then stands.
    """
    blobs = [want.blob for want in wants if want.blob]
    if not blobs:
        return
    known = history.resolve(blobs)
    hoped = len(wants) - sum(not known.get(blob) for blob in blobs)
    windows = (
        [(date - early * _DAY, date + late * _DAY) for early, late in _WINDOWS] if date else []
    )
    for window in (*windows, None):
        progress.update("the history around the date" if window else "the whole history")
        best, matched = _within(history, wants, date, tip, window)
        yield best
        if matched >= hoped:
            return


def _within(
    history: History,
    wants: Sequence[Want],
    date: int | None,
    tip: str,
    window: tuple[int, int] | None,
) -> tuple[Evidence, int]:
    """The best commit of a time, or of the whole history; how many of *wants* it meets."""
    revs, options = _starts(history, window, tip)
    walk = history.walk(revs, [want.path for want in wants], *options)
    commits = _having(walk, wants, [*revs, *_near(history.tags(), date)])
    commit, matched = _best(history, wants, commits, date)
    return evidence_at(history, wants, commit, walk), matched


def _starts(
    history: History, window: tuple[int, int] | None, tip: str
) -> tuple[list[str], list[str]]:
    """The commits to walk from, and the options that end the walk."""
    tags, heads = history.tags(), history.heads()
    if window is None:
        revs = [tip, *(tag.commit for tag in tags), *(commit for _, commit, _ in heads)]
        return list(dict.fromkeys(revs)), []
    early, late = window
    refs = [(tag.commit, tag.time) for tag in tags] + [(commit, time) for _, commit, time in heads]
    revs = [commit for commit, time in refs if early <= time <= late]
    then = history.ask("rev-list", "-1", "--first-parent", f"--before={late}", tip)
    revs = list(dict.fromkeys([*([then] if then else []), *revs])) or [tip]
    return revs, [f"--since={early}"]


def _near(tags: Sequence[Tag], date: int | None) -> list[str]:
    if date is None:
        return [tag.commit for tag in tags[-_TAGS:]]
    return [tag.commit for tag in sorted(tags, key=lambda tag: abs(tag.time - date))[:_TAGS]]


def _having(walk: Walk, wants: Sequence[Want], others: Sequence[str]) -> list[str]:
    """The commits among which the best is.

    Go back from any commit to the first that has as much of *wants*: it brings one of the
    blobs itself, or it is a merge that brings them together.
    """
    by_path = {want.path: want for want in wants}
    bringing = [
        change.commit
        for change in walk.transitions
        if change.path in by_path and by_path[change.path].is_met(change.new)
    ]
    return list(dict.fromkeys([*others, *bringing, *walk.merges]))


def _best(
    history: History, wants: Sequence[Want], commits: Sequence[str], date: int | None
) -> tuple[str, int]:
    """The commit with the best score; of several a release, then what is next before *date*."""
    states = history.states(commits, [want.path for want in wants])
    scores = [score(wants, state) for state in states]
    top = max(scores)
    equal = [commit for commit, reached in zip(commits, scores, strict=True) if reached == top]
    released = {tag.commit for tag in history.tags()}
    equal = [commit for commit in equal if commit in released] or equal
    times = {name: commit.time for name, commit in history.commits(equal).items()}
    if date is None:
        return max(equal, key=lambda name: times[name]), top
    limit = date + SLACK
    return min(equal, key=lambda name: (times[name] > limit, abs(times[name] - limit))), top
