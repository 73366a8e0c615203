# SPDX-License-Identifier: GPL-2.0-or-later
"""What an author may write below "Changes in vN": drafted from what differs and what was asked.

Entries that NEW has already stay as they are, with the credit they lack. A remark is quoted, for
what it asked is not put into other words here; a change that nobody asked for is left to the
author to explain. Lines with ``#`` are for the author. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.core.text import cut, one_line, wrap
from patchtool.report.remark_words import in_order, name, place_text
from patchtool.revisions.pair import ChangeKind, PairKind
from patchtool.revisions.remark import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.revisions.pair import Difference, PatchPair
    from patchtool.revisions.record import Bullet, Revisions
    from patchtool.revisions.remark import Judgement

_WIDTH = 72  # columns
_LONGEST = 160  # characters of a remark
_TAKEN_UP = (Verdict.ADDRESSED, Verdict.PARTLY, Verdict.WENT_AWAY, Verdict.LOOK)
_SAYS_WHY = "[say why]"
_CHECK = "[lines changed there; check that this is what was asked]"


def draft(found: Revisions) -> str:
    """The entries about NEW, and what the author has to look at."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Revisions) -> Iterator[str]:
    yield f"Changes in v{_revision(found)}:"
    entries = [*_own(found), *_patches(found)]
    for level, text in entries:
        yield from _entry(text, level)
    if not entries:
        yield "# nothing to tell was found"
    left = [each for each in in_order(found.judgements) if each.open]
    if left:
        yield ""
        yield "# Open, so not among the changes:"
    for each in left:
        where = f"{name(each.remark.author)}, {place_text(each.remark.place)}"
        yield from _comment(f"{each.verdict}: {where}: {_said(each)}")


def _revision(found: Revisions) -> int:
    """The number NEW has or, as a branch, will have."""
    return found.new.revision if found.is_numbered else found.old.revision + 1


def _entry(text: str, level: int) -> Iterator[str]:
    indent = "  " * level
    for count, line in enumerate(wrap(one_line(text[:2000]), _WIDTH - len(indent) - 2)):
        yield f"{indent}{'  ' if count else '- '}{line}"


def _comment(text: str) -> Iterator[str]:
    for count, line in enumerate(wrap(one_line(text[:2000]), _WIDTH - 4)):
        yield f"#   {line}" if count else f"# - {line}"


def _own(found: Revisions) -> Iterator[tuple[int, str]]:
    """The entries NEW has, with the reviewers that they cover and do not name."""
    for bullet in found.bullets:
        if bullet.revision > found.old.revision:
            yield bullet.level, bullet.text + _missing_credit(found, bullet)


def _missing_credit(found: Revisions, bullet: Bullet) -> str:
    lacking = dict.fromkeys(
        name(each.remark.author)
        for each in found.judgements
        if each.credit is not None
        and each.credit.bullet == bullet.id
        and not each.credit.names_reviewer
        and each.verdict in _TAKEN_UP
    )
    return f" ({', '.join(lacking)})" if lacking else ""


def _patches(found: Revisions) -> Iterator[tuple[int, str]]:
    """What no entry of NEW tells: patches that came or went, remarks, changes without a reason."""
    remarks = [
        each
        for each in found.judgements
        if each.verdict in _TAKEN_UP and each.credit is None and each.remark.asks_change
    ]
    answered = {each.change.difference for each in found.judgements if each in remarks}
    silent = {each.difference for each in found.without_reason} - answered
    whole = {each.text for each in found.without_reason if not each.difference}
    for pair in (*([found.cover] if found.cover else []), *found.pairs):
        below = [
            *(_remark(each) for each in remarks if _of(each, pair)),
            *(_difference(each) for each in pair.differences if each.id in silent),
        ]
        subject = pair.new_subject or pair.old_subject
        came = _came_or_went(pair) if subject in whole or not below else ""
        if came:
            yield 0, came
        if below:
            yield 0, f"{subject}:" if pair.old != (0,) else "cover letter:"
            yield from ((1, text) for text in below)
    yield from ((0, _remark(each)) for each in remarks if each.remark.place.patch is None)


def _of(judgement: Judgement, pair: PatchPair) -> bool:
    return judgement.remark.place.patch in pair.old


def _came_or_went(pair: PatchPair) -> str:
    if pair.kind is PairKind.NEW:
        return f'new patch "{pair.new_subject}" {_SAYS_WHY}'
    if pair.kind is PairKind.DROPPED:
        return f'dropped "{pair.old_subject}" {_SAYS_WHY}'
    return ""


def _remark(judgement: Judgement) -> str:
    """The function or place, what was said, and by whom."""
    place = judgement.remark.place
    where = place_text(place).rpartition(", ")[2] if place.path else str(place.part)
    gone = judgement.change.kind in (ChangeKind.GONE, ChangeKind.PATCH_DROPPED)
    check = f" {_CHECK}" if judgement.verdict is Verdict.LOOK else ""
    went = " (the code is gone)" if judgement.verdict is Verdict.WENT_AWAY and gone else ""
    left = f" [not at {', '.join(judgement.left)}]" if judgement.left else ""
    who = name(judgement.remark.author)
    return f'{where}: "{_said(judgement)}" ({who}){went}{left}{check}'


def _said(judgement: Judgement) -> str:
    return cut(one_line(judgement.remark.text[: 4 * _LONGEST]), _LONGEST)


def _difference(difference: Difference) -> str:
    where = difference.path or str(difference.part)
    lines = difference.new or difference.old
    at = f"{where}:{lines[0].number}" if lines and difference.path else where
    blank = ", white space only" if difference.blank_only else ""
    counts = f"-{len(difference.old)} +{len(difference.new)} lines"
    return f"{at}: {counts}{blank} {_SAYS_WHY}"
