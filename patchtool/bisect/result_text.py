# SPDX-License-Identifier: GPL-2.0-or-later
"""The result of a search on a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.core.text import clean, cut, duration, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.bisect.record import BisectRecord, Candidate, Step

#: Lines of a first bad commit's diff that are printed; all of it is in the record.
_DIFF_LINES = 40
_ROOM = 100
#: A rate above which a test is not said to fail only sometimes.
_ALWAYS = 0.95


def result_text(record: BisectRecord) -> str:
    """The result, for people."""
    return "\n".join(_lines(record)) + "\n"


def _lines(record: BisectRecord) -> Iterator[str]:
    yield from _steps(record)
    yield ""
    if record.outcome == "found":
        yield from _culprit(record)
    else:
        yield clean(record.message)
    if record.outcome in ("found", "set", "not sure", "skipped"):
        yield from _candidates(record)
    yield from _facts(record)
    if record.hint:
        yield f"  -> {clean(record.hint)}"
    if record.more:
        yield f"  -> to be surer: {clean(record.more)}"


def _steps(record: BisectRecord) -> Iterator[str]:
    words = {"good": record.words[0], "bad": record.words[1]}
    room = max(4, *map(len, words.values()))
    for number, step in enumerate(record.steps, 1):
        word = words.get(step.verdict_word, step.verdict_word)
        yield cut(f"{number:4}  {word:{room}}  {_what(step)}", _ROOM)


def _what(step: Step) -> str:
    took = duration(step.build_seconds + step.run_seconds)
    again = f" (try {step.attempt})" if step.attempt > 1 else ""
    without = f" without {step.without[:12]}" if step.without else ""
    why = f": {step.reason}" if step.verdict_word != "good" else ""
    subject = cut(one_line(step.subject), 40)
    return f"{step.commit[:12]} {took:>7}  {subject}{without}{again}{one_line(why)}"


def _culprit(record: BisectRecord) -> Iterator[str]:
    first, facts = record.candidates[0].commits[0], record.culprit
    yield f"{first.commit} is the first {record.words[1]} commit"
    if facts is None:
        return
    yield f"Author: {one_line(facts.author)}"
    yield f"Date:   {one_line(facts.date)}"
    yield f"\n    {one_line(first.subject)}\n"
    yield from clean(facts.files).splitlines()
    lines = clean(facts.diff).splitlines()
    yield ""
    yield from lines[:_DIFF_LINES]
    if len(lines) > _DIFF_LINES:
        yield f"[{len(lines) - _DIFF_LINES} more lines: git show {first.commit[:12]}]"
    yield ""
    good, bad = record.words
    if record.bad_side is not None:
        yield f"{bad:>8}  {record.bad_side.commit[:12]}: {one_line(record.bad_side.reason)}"
    for side in record.good_side:
        yield f"{good:>8}  {side.commit[:12]}: {one_line(side.reason)}"
    if record.revert:
        yield one_line(record.revert)


def _candidates(record: BisectRecord) -> Iterator[str]:
    best, *others = record.candidates
    if record.outcome == "found":
        yield f"It is this commit with a probability of {percent(best.probability)}."
        if others:
            yield "If not, it may be:"
    else:
        others = list(record.candidates)
    for each in others:
        yield from _candidate(each)
    if record.outcome == "not sure" and record.within is not None:
        first, last = record.within
        sure = percent(record.confidence)
        yield f"with {sure} it is one of the commits from {first[:12]} to {last[:12]}"


def _candidate(each: Candidate) -> Iterator[str]:
    chance = percent(each.probability)
    for commit in each.commits:
        tries = commit.failed + commit.passed
        tried = f"{commit.failed} of {tries} failed" if tries else "not tried"
        subject = one_line(commit.subject)
        yield cut(f"{chance:>8}  {commit.commit[:12]}  {subject} ({tried})", _ROOM)
        chance = "or"


def _facts(record: BisectRecord) -> Iterator[str]:
    steps = record.steps
    words = [step.verdict_word for step in steps]
    skipped = len({step.commit for step in steps if step.verdict_word == "skip"})
    parts = [f"{len(steps) - words.count('same')} tries among {record.commits} commits"]
    if record.builds:
        parts.append(f"{record.builds} built")
    if "same" in words:
        parts.append(f"{words.count('same')} not booted, as their image was that of another")
    if record.unread:
        parts.append(f"{record.unread} not built, as they change no file that is read")
    if skipped:
        parts.append(f"{skipped} cannot be tried")
    yield f"{', '.join(parts)}; {duration(record.seconds)} in all"
    if record.rate is not None and record.rate.mean < _ALWAYS:
        rate = record.rate
        yield (
            f"the symptom shows in {percent(rate.mean)} of the tries of a {record.words[1]} commit "
            f"(95 %: {percent(rate.low)} to {percent(rate.high)})"
        )
    for title, count in record.other_failures.items():
        yield f"{count} tries failed otherwise, and say nothing of it: {one_line(title)}"
    for note in record.notes:
        yield f"note: {one_line(note)}"


def percent(part: float) -> str:
    """``99.3 %``; never 100 % of what is not certain."""
    value = 100 * part
    if value > 99.9 and part < 1:
        return "> 99.9 %"
    return f"{value:.1f} %" if value < 10 or value > 90 else f"{value:.0f} %"
