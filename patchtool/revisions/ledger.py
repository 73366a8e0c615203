# SPDX-License-Identifier: GPL-2.0-or-later
"""From all postings of a series to its life: what became of each remark, posting by posting. Pure.

Each posting is compared with the next one, and with those behind it as long as a remark on it is
open. A remark that its reviewer makes again about a later posting
is one line with the first: the same place, or the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING

from patchtool import __version__
from patchtool.errors import UsageError
from patchtool.revisions.compare import UnrelatedError, compare, comparison, posted
from patchtool.revisions.lifetime import Cell, Entry, Life, Mention, Row, Step, Sum
from patchtool.revisions.people import everybody
from patchtool.revisions.remark import Verdict
from patchtool.revisions.thread import dialogue
from patchtool.revisions.wording import stems_in
from patchtool.series.envelope import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from patchtool.revisions.pair import Change, PairKind, PatchPair
    from patchtool.revisions.people import People
    from patchtool.revisions.record import Revisions
    from patchtool.revisions.remark import Answer, Remark
    from patchtool.series.model import Series

_NEAR = 3  # lines between a remark and the same one made again
_WORDS = 2  # words that the two share, where the place is the same
_MANY = 3  # words that they share without that
_MOST = 0.5  # share of the shorter one's words, without that


def in_order(found: Sequence[Series]) -> tuple[tuple[Series, ...], tuple[str, ...]]:
    """The postings of the series that the last of *found* is of, oldest first, and notes.

    A posting that is there twice counts once. What was not posted yet comes last.

    Raises:
        UsageError: There are fewer than two.
    """
    known: dict[str, Series] = {}
    for each in found:
        if each.patches:
            known.setdefault(each.message_id or each.digest, each)
    newest = max((each.revision for each in known.values() if each.message_id), default=0)
    every = sorted(
        known.values(),
        key=lambda each: (
            each.message_id is None and each.revision <= newest,
            each.revision,
            seconds_of(each.date),
        ),
    )
    kept: list[Series] = []
    notes: list[str] = []
    for each in reversed(every):
        try:
            if kept:
                comparison(each, kept[0])
        except UsageError as error:
            notes.append(f"v{each.revision} {each.title!r} was left out: {error}")
        else:
            kept.insert(0, each)
    if len(kept) < 2:
        raise UsageError(
            f"{len(kept)} revision{'s' * (len(kept) != 1)} of a series found, and --all needs two",
            hint="name each thread or mailbox, such as v1.mbox v2.mbox v3.mbox",
        )
    return tuple(kept), tuple(reversed(notes))


def live(
    postings: Sequence[Series],
    notes: Sequence[str] = (),
    report: Callable[[int, int], None] | None = None,
) -> Life:
    """The life of a series.

    Args:
        postings: At least two, as :func:`in_order` gives them.
        notes: Of that.
        report: Told how many postings of how many were gone through.
    """
    people = everybody(*postings)
    tracks = []
    for at in range(len(postings)):
        if report is not None:
            report(at, len(postings))
        tracks.append(_track(postings, at, people))
    ledger = tuple(_ledger(tracks, people))
    return Life(
        tool_version=__version__,
        postings=tuple(posted(each) for each in postings),
        sums=tuple(_sum(ledger, at) for at in range(len(postings))),
        rows=tuple(_rows(postings, [track.pairs for track in tracks], ledger)),
        ledger=ledger,
        notes=(*notes, *_notes(postings)),
    )


def _notes(postings: Sequence[Series]) -> Iterator[str]:
    for old, new in pairwise(postings):
        between = range(old.revision + 1, new.revision)
        if between:
            names = ", ".join(f"v{number}" for number in between)
            yield f"{names} was not read"
        if not old.replies:
            yield f"no reply to v{old.revision} was read: what was said about it is not known"


@dataclass(slots=True)
class _Track:
    """What was said about a posting, and what later ones made of it."""

    said: dict[str, Mention] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    pairs: tuple[PatchPair, ...] = ()


def _track(postings: Sequence[Series], at: int, people: People) -> _Track:
    found = _Track()
    if at + 1 == len(postings):
        heard = dialogue.read(postings[at], people)
        found.said = {
            each.id: Mention(at, each, heard.answers.get(each.id, ())) for each in heard.remarks
        }
        return found
    left: set[str] | None = None  # ids of open remarks; None before the first step
    for later in range(at + 1, len(postings)):
        if left is not None and not left:
            break
        result = _compared(postings, at, later)
        if result is None:
            continue
        if left is None:
            found.pairs = result.pairs
            found.said = {
                each.remark.id: Mention(at, each.remark, each.answers) for each in result.judgements
            }
            left = set(found.said)
        for each in result.judgements:
            name = each.remark.id
            if name in left:
                step = Step(later, each.verdict, each.change, each.evidence)
                found.steps.setdefault(name, []).append(step)
                if not step.open:
                    left.remove(name)
    return found


def _compared(postings: Sequence[Series], at: int, later: int) -> Revisions | None:
    """Two postings compared; None where those that are not neighbours have nothing in common."""
    try:
        return compare(postings[at], postings[later], postings[:at])
    except UnrelatedError:
        if later == at + 1:
            raise
        return None


# --- lines of the ledger


def _ledger(tracks: Sequence[_Track], people: People) -> Iterator[Entry]:
    """A line for each remark; one that was made again goes on the line of the first."""
    lines: dict[str, list[tuple[_Track, Mention]]] = {}  # by the id of the first remark
    first: dict[str, str] = {}  # id of a remark -> that of the first one
    for at, track in enumerate(tracks):
        for name, asked in track.said.items():
            before = _before(asked, tracks[:at], people)
            key = first[before] if before else name
            first[name] = key
            lines.setdefault(key, []).append((track, asked))
    for said in lines.values():
        yield _entry(said)


def _entry(said: Sequence[tuple[_Track, Mention]]) -> Entry:
    steps: dict[int, Step] = {}
    for track, asked in said:
        for step in track.steps.get(asked.remark.id, ()):
            there = steps.get(step.posting)
            if there is None or there.verdict is not Verdict.ADDRESSED:
                steps[step.posting] = step
    return Entry(
        mentions=tuple(asked for _, asked in said),
        steps=tuple(steps[at] for at in sorted(steps)),
        answered_after=_answered_after(said[0][1].remark, said[0][1].answers),
    )


def _answered_after(remark: Remark, answers: Sequence[Answer]) -> int | None:
    word = next((each for each in answers if each.by_author and each.message_id), None)
    begin, end = seconds_of(remark.date), seconds_of(word.date) if word else 0
    own = word is not None and word.message_id == remark.message_id
    return None if own or not begin or end < begin else end - begin


def _before(asked: Mention, tracks: Sequence[_Track], people: People) -> str:
    """Id of the remark on an earlier posting that this one repeats, the latest one; else empty."""
    if not asked.remark.asks_change:
        return ""
    best = (0, "")
    for track in reversed(tracks):
        for name, other in track.said.items():
            if other.remark.asks_change and people.same(other.remark.author, asked.remark.author):
                changes = [
                    step.change for step in track.steps.get(name, ())
                    if step.posting == asked.posting
                ]  # fmt: skip
                best = max(best, (_likeness(asked.remark, other.remark, changes), name))
        if best[0]:
            return best[1]
    return ""


def _likeness(again: Remark, before: Remark, changes: Sequence[Change]) -> int:
    """How many words two remarks share, if they are one; else 0."""
    ours, theirs = stems_in(again.text), stems_in(before.text)
    common = len(ours.keys() & theirs.keys())
    place = again.place
    same = any(
        line.path == place.path and line.patch == place.patch
        and place.line is not None and abs(line.number - place.line) <= _NEAR
        for change in changes for line in change.new
    )  # fmt: skip
    if same and common >= _WORDS:
        return common
    enough = common >= _MANY and common >= _MOST * min(len(ours), len(theirs))
    return common if enough and place.path == before.place.path else 0


# --- figures


def _sum(ledger: Sequence[Entry], at: int) -> Sum:
    here = [(entry, asked) for entry in ledger for asked in entry.mentions if asked.posting == at]
    times = [
        time for _, asked in here
        if (time := _answered_after(asked.remark, asked.answers)) is not None
    ]  # fmt: skip
    return Sum(
        remarks=len(here),
        requests=sum(entry.asks for entry, _ in here),
        again=sum(entry.mentions[0].posting < at for entry, _ in here),
        settled=sum(entry.settled_in == at and entry.asks for entry in ledger),
        open=sum(entry.is_open_in(at) for entry in ledger),
        answered_after=median_low(times) if times else None,
    )


def _rows(
    postings: Sequence[Series], pairs: Sequence[Sequence[PatchPair]], ledger: Sequence[Entry]
) -> Iterator[Row]:
    """The patches through all postings: a split goes on as its first, what merged ends but one."""
    rows: list[dict[int, Cell]] = []
    of: dict[int, dict[int, Cell]] = {}  # number in the posting before -> its row
    for at, posting in enumerate(postings):
        came: dict[int, tuple[PairKind, int | None]] = {}
        for pair in pairs[at - 1] if at else ():
            for place, number in enumerate(pair.new):
                came[number] = pair.kind, pair.old[0] if pair.old and not place else None
        here: dict[int, dict[int, Cell]] = {}
        for patch in posting.patches:
            kind, old = came.get(patch.number, (None, None))
            row = of[old] if old is not None and old in of else {}
            if not row:
                rows.append(row)
            row[at] = _cell(ledger, at, patch.number, kind if at else None, row)
            here[patch.number] = row
        of = here
    last = {id(row): max(row) for row in rows}
    ordered = sorted(rows, key=lambda row: (-last[id(row)], row[last[id(row)]].number))
    for row in ordered:
        at = last[id(row)]
        subject = postings[at].patches[row[at].number - 1].subject
        yield Row(subject, tuple(row.get(each) for each in range(len(postings))))


def _cell(
    ledger: Sequence[Entry], at: int, number: int, kind: PairKind | None, row: dict[int, Cell]
) -> Cell:
    asked = still = 0
    for entry in ledger:
        for each in entry.mentions:
            patch = each.remark.place.patch or each.remark.patch
            asked += entry.asks and each.posting == at and patch == number
        first = entry.mentions[0]
        patch = first.remark.place.patch or first.remark.patch
        before = row.get(first.posting)
        still += before is not None and before.number == patch and entry.is_open_in(at)
    return Cell(number, kind, asked, still)
