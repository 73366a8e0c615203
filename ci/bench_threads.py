# SPDX-License-Identifier: GPL-2.0-or-later
"""How well real threads are read, by labels that people gave before the tool ran.

A folder has pairs of mailboxes, ``NAME.old.mbox`` and ``NAME.new.mbox``, each with its thread; NEW
is the first revision above OLD's. Labels are a list in JSON: ``thread`` (NAME), ``message_id``,
``words`` (an exact piece of the remark), ``patch`` (number in OLD, 0 for the cover letter),
``part``, ``file``, ``line`` (null where the remark has none), ``verdict``, and ``also``: other
verdicts that are as right.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci import b4_placing
from patchtool.revisions.compare import compare
from patchtool.revisions.remark import OPEN, Verdict
from patchtool.series.model import Series
from patchtool.series.posting.threads import every_series, from_mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from patchtool.revisions.remark import Judgement

NEAR = 3  # lines that a place may be off


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of one remark.

    Attributes:
        thread: Name of the pair of mailboxes.
        message_id: Of the mail.
        words: A piece of the remark.
        patch: Number of the patch of OLD it is about; 0 for the cover letter.
        part: The part of the posting it is about.
        file: The file; empty outside a diff.
        line: In that file or text; None where the remark has none.
        verdict: What came of it.
        also: Other verdicts that are as right.
    """

    thread: str
    message_id: str
    words: str
    patch: int
    part: str
    file: str
    line: int | None
    verdict: Verdict
    also: frozenset[Verdict]

    @property
    def right(self) -> frozenset[Verdict]:
        """The verdicts that are right."""
        return self.also | {self.verdict}

    def is_at(self, patch: int | None, part: str, file: str, line: int | None) -> bool:
        """Whether the remark is there, within a few lines."""
        if line is None or self.line is None or (patch, part, file) != self.where:
            return False
        return abs(line - self.line) <= NEAR

    @property
    def where(self) -> tuple[int, str, str]:
        """All of its place but the line."""
        return self.patch, self.part, self.file


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of a label's remark.

    Attributes:
        label: The label.
        judgement: None where the remark was not found.
        by_b4: Whether b4 places it right.
    """

    label: Label
    judgement: Judgement | None
    by_b4: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that was given, if any."""
        return self.judgement.verdict if self.judgement else None

    @property
    def placed(self) -> bool:
        """Whether it is where the label says."""
        if self.judgement is None:
            return False
        place = self.judgement.remark.place
        return self.label.is_at(place.patch, place.part, place.path, place.line)

    @property
    def right(self) -> bool:
        """Whether the verdict is right."""
        return self.verdict in self.label.right

    def __str__(self) -> str:
        label = self.label
        want = f"{label.patch} {label.part} {label.file}:{label.line}, {label.verdict}"
        found = f"{label.thread} <{label.message_id}> {label.words!r}: want {want}"
        if self.judgement is None:
            return f"{found}; not found"
        place = self.judgement.remark.place
        at = f"{place.patch} {place.part} {place.path}:{place.line} ({place.found_by})"
        evidence = " / ".join(self.judgement.evidence)
        return f"{found}; got {at}, {self.verdict}: {evidence}"


def bench(say: Callable[[str, str, str], None], folder: Path, labels: Path) -> None:
    """Print the figures of each thread and of all, and each remark that was read wrongly.

    Args:
        say: Takes what was measured, the figure, and the goal.
        folder: Has the pairs of mailboxes.
        labels: The file of labels.
    """
    known = read_labels(labels)
    everything: list[Outcome] = []
    strays: list[Judgement] = []
    for name in dict.fromkeys(label.thread for label in known):
        found, unlabelled = outcomes(folder, [each for each in known if each.thread == name])
        for what, figure, goal in figures(found):
            if "precision and recall" not in what or "open" in what:
                say(f"{name}: {what}", figure, goal)
        everything += found
        strays += unlabelled
    for what, figure, goal in figures(everything):
        say(f"all: {what}", figure, goal)
    of = "all: remarks without label in the labelled mails"
    say(of, f"{len(strays)}, {sum(each.open for each in strays)} open", "")
    for outcome in everything:
        if not outcome.right or (outcome.label.line is not None and not outcome.placed):
            say(f"  wrong: {outcome}", "", "")
    for stray in strays:
        mail = f"<{stray.remark.message_id}> {' '.join(stray.remark.text.split())[:60]!r}"
        say(f"  without label: {mail}: {stray.verdict}", "", "")


def read_labels(path: Path) -> tuple[Label, ...]:
    """The labels in a file."""
    return tuple(
        Label(
            **{
                **row,
                "verdict": Verdict(row["verdict"]),
                "also": frozenset(map(Verdict, row["also"])),
            }
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    )


def outcomes(folder: Path, labels: Sequence[Label]) -> tuple[list[Outcome], list[Judgement]]:
    """What is made of each label of one thread, and the remarks of its mails without a label."""
    name = labels[0].thread
    old, new = _pair(folder, name)
    judged = compare(old, new).judgements
    placed = tuple(b4_placing.placed((folder / f"{name}.old.mbox").read_bytes(), old))
    found: list[Outcome] = []
    for label in labels:
        words = _plain(label.words)
        hits = [
            each
            for each in judged
            if each.remark.message_id == label.message_id and words in _plain(each.remark.text)
        ]
        by_b4 = any(
            label.is_at(each.patch, each.part, each.file, each.line)
            for each in placed
            if each.message_id == label.message_id and words in _plain(each.text)
        )
        found.append(Outcome(label, hits[0] if hits else None, by_b4))
    taken = {each.judgement.remark.id for each in found if each.judgement}
    mails = {label.message_id for label in labels}
    strays = [
        each
        for each in judged
        if each.remark.message_id in mails and each.remark.id not in taken
    ]  # fmt: skip
    return found, strays


def figures(found: Sequence[Outcome]) -> Iterator[tuple[str, str, str]]:
    """What was measured, the figure, and the goal."""
    lined = [each for each in found if each.label.line is not None]
    said = [each for each in found if each.verdict is Verdict.ADDRESSED]
    yield (
        "remarks found",
        part(sum(each.judgement is not None for each in found), len(found)),
        "95 %",
    )
    yield "placed within 3 lines", part(sum(each.placed for each in lined), len(lined)), "95 %"
    yield "placed within 3 lines by b4", part(sum(each.by_b4 for each in lined), len(lined)), "-"
    ids = {each.judgement.remark.id for each in found if each.judgement}
    yield "remarks of one wish each", part(len(ids), len(found)), "-"
    yield "verdicts right", part(sum(each.right for each in found), len(found)), "85 %"
    careful = sum(not each.right and each.verdict is Verdict.LOOK for each in found)
    yield 'said to be "changed, look" where more is known', part(careful, len(found)), "-"
    false = sum(not each.right for each in said)
    yield 'wrong among those said to be "addressed"', part(false, len(said)), "2 %"
    yield "open, precision and recall", ", ".join(_open(found)), "90 %, 95 %"
    for verdict in Verdict:
        yield f"{verdict}, precision and recall", ", ".join(_of(found, verdict)), "-"


def _of(found: Sequence[Outcome], verdict: Verdict) -> tuple[str, str]:
    """How many that got the verdict got it rightly; how many that should have it are right."""
    got = [each for each in found if each.verdict is verdict]
    want = [each for each in found if each.label.verdict is verdict]
    rightly = sum(each.right for each in got)
    return part(rightly, len(got)), part(sum(each.right for each in want), len(want))


def _open(found: Sequence[Outcome]) -> tuple[str, str]:
    """The same of the verdicts that leave something to do, whichever of them it is."""
    got = [each for each in found if each.verdict in OPEN]
    want = [each for each in found if each.label.verdict in OPEN]
    rightly = sum(not each.label.right.isdisjoint(OPEN) for each in got)
    kept = sum(each.verdict in OPEN or each.right for each in want)
    return part(rightly, len(got)), part(kept, len(want))


def part(some: int, whole: int) -> str:
    """A count, and its share where there is one."""
    return f"{some}/{whole} = {100 * some / whole:.0f} %" if whole else "0/0"


def _pair(folder: Path, name: str) -> tuple[Series, Series]:
    with (folder / f"{name}.old.mbox").open("rb") as stream:
        old = from_mailbox(name, stream, f"{name}.old.mbox")
    path = folder / f"{name}.new.mbox"
    with path.open("rb") as stream:
        posted = [
            each for each in every_series(name, stream, path.name) if isinstance(each, Series)
        ]
    first = min(each.revision for each in posted if each.revision > old.revision)
    with path.open("rb") as stream:
        return old, from_mailbox(name, stream, path.name, pick=f"v{first}")


def _plain(text: str) -> str:
    return " ".join(text.split())
