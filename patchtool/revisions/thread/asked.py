# SPDX-License-Identifier: GPL-2.0-or-later
"""Which differences remarks asked for, so that nobody has to say why they are there. Pure.

A remark that asks for a change asked for what differs at its place, and, where it was addressed,
for what brings the names and lines that it asks for at other places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.revisions.pair import PairKind, Part
from patchtool.revisions.remark import Verdict
from patchtool.revisions.thread.evidence import LONG, paths_in, suggested_lines
from patchtool.revisions.thread.names import request_of
from patchtool.revisions.thread.quotes import key
from patchtool.revisions.thread.scene import delta_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.revisions.pair import Difference
    from patchtool.revisions.remark import Judgement
    from patchtool.revisions.thread.judging import Judge
    from patchtool.revisions.versions import Comparison

_DONE = (Verdict.ADDRESSED, Verdict.PARTLY)
_TAKEN_UP = (*_DONE, Verdict.LOOK, Verdict.WENT_AWAY)
_TOLD = 8  # characters of a line that is known again on another base


def asked_for(
    judgements: Iterable[Judgement], judge: Judge, shown: Comparison
) -> dict[str, frozenset[str]]:
    """What each remark that was taken up asked for, by its id.

    Ids of the differences, and subjects of patches that came or went.

    Args:
        judgements: What came of the remarks.
        judge: What judged them.
        shown: The postings whose differences are listed: the same, or as they are on one base.
    """
    return {
        each.remark.id: frozenset({
            *_as_shown(tuple(_of(each, judge)), judge.comparison, shown),
            *(_came_or_went(each, judge.comparison) if each.verdict in _DONE else ()),
        })
        for each in judgements
        if each.remark.asks_change and each.verdict in _TAKEN_UP
    }  # fmt: skip


def _of(judgement: Judgement, judge: Judge) -> Iterator[Difference]:
    remark = judgement.remark
    scene = judge.scene_of(remark)
    yield from scene.near
    if judgement.verdict not in _DONE:
        return
    wanted = request_of(remark.text)
    names = {*wanted.proposed, *wanted.targets, *wanted.quoted}
    lines = {key(line) for line in suggested_lines(remark)}
    for each in judge.comparison.differences:
        delta = delta_of([each])
        mine = scene.pair is not None and each in scene.pair.differences
        brings = names & (delta.appears - scene.before)
        drops = wanted.against & delta.vanishes if mine else set()
        if each.part is Part.DIFF and (brings or drops or lines & {key(x[1:]) for x in delta.new}):
            yield each


def _came_or_went(judgement: Judgement, found: Comparison) -> Iterator[str]:
    """The subjects of patches that were dropped, or added, as somebody asked."""
    remark = judgement.remark
    lines = {name for line in suggested_lines(remark) if len(name := key(line)) >= LONG}
    named = paths_in(remark.text)
    for pair in found.pairs:
        if pair.kind is PairKind.DROPPED and remark.place.patch in pair.old:
            yield pair.old_subject
        if pair.kind is not PairKind.NEW:
            continue
        for patch in found.new.patches:
            if patch.number in pair.new and (
                any(path.endswith(name) for name in named for path in patch.paths)
                or any(lines & {key(row.decode("utf-8", "replace")) for row in hunk.added}
                       for diff in patch.files for hunk in diff.hunks)
            ):  # fmt: skip
                yield pair.new_subject


def _as_shown(asked: Sequence[Difference], mails: Comparison, shown: Comparison) -> Iterator[str]:
    """The same differences among those that are shown: those with a line of them."""
    if shown is mails:
        yield from (each.id for each in asked)
        return
    rows = {(each.path, key(line.text)) for each in asked for line in (*each.old, *each.new)}
    rows = {(path, text) for path, text in rows if len(text) >= _TOLD}
    for each in shown.differences:
        if any((each.path, key(line.text)) in rows for line in (*each.old, *each.new)):
            yield each.id
