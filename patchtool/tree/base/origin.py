# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a series does not apply at the tip: the commits that changed what its hunks stand on.

For each hunk that does not fit, the lines of the base it stands on are looked for in every
version the file had since. The commit whose parents all have them and which has not is the
one to rebase over. ``git log -L`` names those that changed the same places after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from patchtool.series.hunks import after, before, find_lines, has_lines, split
from patchtool.series.patch_id import patch_id
from patchtool.tree.base.lineage import Lineage, Move
from patchtool.tree.base.placing import Fit, Placed, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.progress import Progress
    from patchtool.series.model import Patch, Series
    from patchtool.tree.base.blobs import Want
    from patchtool.tree.history import Commit, History, Walk


class Reason(StrEnum):
    """Why something does not fit."""

    CHANGED = "changed"
    DELETED = "deleted"
    MOVED = "moved"
    EXISTS = "exists"
    UPSTREAM = "upstream"
    FOLLOWS = "follows"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A place where the series does not fit the tip, and who made it so.

    Attributes:
        patch: Number of the patch.
        path: The file, by its name in the base; empty when it is about the whole patch.
        hunk: The hunk's ``@@`` line; empty when it is about the whole file.
        reason: What happened.
        commit: The commit that did it; None when the history does not show it.
        detail: One line for people; may be empty.
    """

    patch: int
    path: str
    hunk: str
    reason: Reason
    commit: Commit | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Everything that is in the way of a series at the tip.

    Attributes:
        found: By patch.
        since: Commits that changed the same lines after those that are named there, newest
            first.
    """

    found: tuple[Obstacle, ...] = ()
    since: tuple[Commit, ...] = ()

    @property
    def over(self) -> tuple[Commit, ...]:
        """The commits to rebase over, oldest first, less those that have a patch of the series."""
        mine = (item for item in self.found if item.reason is Reason.UPSTREAM)
        own = {item.commit.hash for item in mine if item.commit}
        named = {item.commit.hash: item.commit for item in self.found if item.commit}
        rest = (commit for name, commit in named.items() if name not in own)
        return tuple(sorted(rest, key=lambda commit: commit.time))


@dataclass(slots=True)
class _Case:
    """A series, a lineage, and where the hunks stood before they were in the way."""

    series: Series
    lineage: Lineage
    history: History
    at_base: dict[tuple[int, str, int], Placed]
    sources: dict[str, bytes]
    targets: dict[str, bytes]
    commits: dict[str, Commit]
    places: list[tuple[str, str, int, int]] = field(default_factory=list)


def span(base: str | None, tip: str) -> str:
    """The commits that *tip* has and *base* has not, as git names them."""
    return f"{base}..{tip}" if base else tip


def obstacles(
    series: Series,
    history: History,
    wants: Sequence[Want],
    base: str | None,
    tip: str,
    walk: Walk,
    progress: Progress,
) -> Obstacles:
    """Every place where *series* does not fit *tip*, and the commits that made it so.

    Args:
        series: The series.
        history: The tree's.
        wants: What the series says of the files it starts from.
        base: A commit on which it applies, or None where none is known.
        tip: The commit on which it does not.
        walk: How its files came from *base* to *tip* (to *tip* at all, without a base).
        progress: Told which file is looked at.
    """
    (now,) = history.states([tip], [want.path for want in wants])
    lineage = Lineage(history, span(base, tip), tip, walk, now)
    found: list[Obstacle] = []
    for want in wants:
        if want.blob != "" and want.path not in now:
            moves, blob = lineage.follow(want.path)
            found += _moved(history, series, want.path, moves)
            if blob:
                now[want.path] = blob
    start = _start(history, wants, base)
    contents = history.contents([*start.values(), *now.values()])
    sources = {path: contents[blob] for path, blob in start.items() if blob in contents}
    targets = {path: contents[blob] for path, blob in now.items() if blob in contents}
    at_base = {_key(item): item for item in place(series, sources)}
    known = history.commits(sorted({change.commit for change in walk.transitions}))
    case = _Case(series, lineage, history, at_base, sources, targets, known)
    for item in place(series, targets):
        if item.fit not in (Fit.FITS, Fit.NO_FILE):
            progress.update(f"who changed {item.path}")
            found.append(_explain(case, item))
    found = _whole_patches(case, found)
    result = Obstacles(tuple(sorted(found, key=lambda item: item.patch)))
    over = result.over
    if not case.places or not over:
        return result
    progress.update("what else changed the same lines")
    names = lineage.changed_since(case.places, over[0].time)
    known |= history.commits([name for name in names if name not in known])
    told = {item.commit.hash for item in found if item.commit}
    own = {patch.subject for patch in series.patches}
    later = [known[name] for name in names if name not in told]
    return replace(result, since=tuple(commit for commit in later if commit.subject not in own))


def _key(item: Placed) -> tuple[int, str, int]:
    return item.patch, item.path, id(item.hunk)


def _start(history: History, wants: Sequence[Want], base: str | None) -> dict[str, str]:
    """The blobs the series starts from: those of *base*, else those its index lines name."""
    named = history.resolve([want.blob for want in wants if want.blob])
    state = history.states([base], [want.path for want in wants])[0] if base else {}
    for want in wants:
        full = named.get(want.blob or "", "")
        if want.path not in state and full and full != "ambiguous":
            state[want.path] = full
    return state


def _moved(history: History, series: Series, path: str, moves: Sequence[Move]) -> list[Obstacle]:
    number = next(patch.number for patch in series.patches if path in patch.paths)
    known = history.commits([move.commit for move in moves])
    if not moves:
        detail = "the tip has no such file, and its history shows none"
        return [Obstacle(number, path, "", Reason.UNKNOWN, detail=detail)]
    return [
        Obstacle(
            number,
            path,
            "",
            Reason.MOVED if move.new else Reason.DELETED,
            known[move.commit],
            move.new,
        )
        for move in moves
    ]


def _explain(case: _Case, item: Placed) -> Obstacle:
    """Why a hunk, or a file the series makes, does not fit."""
    lineage, hunk = case.lineage, item.hunk
    blank = Obstacle(item.patch, item.path, hunk.header if hunk else "", Reason.UNKNOWN)
    changes = lineage.transitions(item.path)
    if hunk is None:
        maker = next((each.commit for each in changes if each.new and not any(each.olds)), "")
        return _named(case, replace(blank, reason=Reason.EXISTS), maker)
    if item.fit is Fit.PRESENT:
        made = after(hunk)
        bringer = lineage.turn(changes, lambda content: not has_lines(content, made))
        name = bringer.commit if bringer else ""
        if name and not case.commits[name].parents:
            name = ""  # it brought the whole tree
        return _named(case, replace(blank, reason=Reason.UPSTREAM), name)
    for need in _needs(case, item):
        if has_lines(case.targets[item.path], need):
            continue
        breaker = lineage.turn(changes, partial(_has, need))
        if breaker is not None:
            _remember(case, item.path, breaker.olds[0], need)
            return _named(case, replace(blank, reason=Reason.CHANGED), breaker.commit)
    if item.grown:
        detail = "it builds on what earlier patches do not bring there"
        return replace(blank, reason=Reason.FOLLOWS, detail=detail)
    return replace(blank, detail="the tip's history shows no commit that took these lines away")


def _has(need: Sequence[bytes], content: bytes) -> bool:
    return has_lines(content, need)


def _needs(case: _Case, item: Placed) -> list[list[bytes]]:
    """The lines a hunk stands on: its own, and those of the base under it, in one piece."""
    assert item.hunk is not None
    needs = [list(before(item.hunk))]
    old = case.at_base.get(_key(item))
    if old is not None and old.first:
        needs.append(split(case.sources[item.path])[old.first - 1 : old.last])
    return [need for need in needs if need]


def _remember(case: _Case, path: str, blob: str, need: Sequence[bytes]) -> None:
    content = case.history.contents([blob])[blob]
    at = find_lines(split(content), need)
    assert at is not None
    case.places.append((path, blob, at + 1, at + len(need)))


def _named(case: _Case, item: Obstacle, name: str) -> Obstacle:
    if name and name not in case.commits:
        case.commits |= case.history.commits([name])
    return replace(item, commit=case.commits[name]) if name else item


def _whole_patches(case: _Case, found: Sequence[Obstacle]) -> list[Obstacle]:
    """Say of a patch that is upstream only that, and by which commit."""
    kept: list[Obstacle] = []
    for patch in case.series.patches:
        mine = [item for item in found if item.patch == patch.number]
        same = [commit for commit in case.commits.values() if commit.subject == patch.subject]
        near = [item.commit for item in mine if item.commit and item.reason is not Reason.MOVED]
        upstream = _upstream(case, patch, [*near, *same]) if mine else None
        kept += [upstream] if upstream else mine
    return kept


def _upstream(case: _Case, patch: Patch, commits: Sequence[Commit]) -> Obstacle | None:
    unique = {commit.hash: commit for commit in commits}
    blank = Obstacle(patch.number, "", "", Reason.UPSTREAM)
    for commit in unique.values():
        words = ("diff-tree", "-p", "--no-ext-diff", "--no-textconv", "--root", commit.hash)
        if patch_id(case.history.ask(*words).encode(errors="surrogateescape")) == patch.patch_id:
            return replace(blank, commit=commit, detail="the same patch-id")
    for commit in unique.values():
        if commit.subject == patch.subject:
            return replace(blank, commit=commit, detail="the same subject, another patch-id")
    return None
