# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person has to know about a run, and the verdict. Pure."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from patchtool.errors import Exit
from patchtool.run.record import Finding
from patchtool.testing.records import Outcome
from patchtool.verdict.attribution import Blame, Judged, blame_checks, blame_trace
from patchtool.verdict.by_patch import deltas_by_patch, first_failing, new_warnings
from patchtool.verdict.claim_words import claimed_text, count_text, groups, range_text
from patchtool.verdict.comparisons import main_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.run.record import Kind, RunRecord, Severity, Verdict
    from patchtool.testing.records import Check, TestRecord

NOBODY = Blame(None, (), "")
NOT_OURS = Blame(None, (), "it fails on the base as well, so the series is not to blame")
#: Claims whose counter came out otherwise.
_OFF = ("differs in one run", "not reproduced")
#: A kernel that died of it shows where.
_DEAD = re.compile(r"^  \| .*Call Trace:", re.MULTILINE)


def gather(record: RunRecord) -> tuple[Finding, ...]:
    """Every finding of a run, errors first, each with the patch to blame where one can be named.

    The record's own findings are not looked at.
    """
    found = [
        *_apply(record),
        *_kconfig(record),
        *_warnings(record),
        *_elf(record),
        *_boots(record),
        *_tests(record),
        *_other_images(record),
        *_control(record),
        *_claims(record),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


def verdict(record: RunRecord, findings: Sequence[Finding]) -> tuple[Verdict, int]:
    """The outcome of a run that came to its end, and its exit code."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if any(finding.kind != "infra" for finding in errors):
        return "failed", Exit.FAILED
    runs = [run for run in (record.control, record.patched, *record.other_runs) if run is not None]
    if errors or any(not run.complete for run in runs):
        return "infra", Exit.INFRA
    return "passed", Exit.OK


def _subject(record: RunRecord, number: int | None) -> str:
    return next((p.subject for p in record.series.patches if p.number == number), "")


def _made(
    record: RunRecord,
    kind: Kind,
    severity: Severity,
    what: str,
    blame: Blame = NOBODY,
    *,
    test: str = "",
    check: str = "",
    numbers: Mapping[str, float] | None = None,
) -> Finding:
    """A finding, with the sentence that holds all of it."""
    subject = _subject(record, blame.patch)
    who = ""
    if blame.patch is not None:
        who = f'patch {blame.patch}/{len(record.series.patches)} "{subject}": '
    elif blame.suspects:
        who = f"one of patches {', '.join(map(str, blame.suspects))}: "
    why = f"; {blame.reason}" if blame.reason else ""
    return Finding(
        kind=kind, severity=severity, what=what, why=blame.reason, patch=blame.patch,
        subject=subject, suspects=blame.suspects, test=test, check=check,
        numbers=dict(numbers or {}), text=f"{who}{f'{test}: ' if test else ''}{what}{why}",
    )  # fmt: skip


def _at(number: int | None) -> Blame:
    """The blame where a stage went patch by patch, so that there is no doubt."""
    return NOBODY if number is None else Blame(number, (number,), "", certain=True)


def _apply(record: RunRecord) -> Iterator[Finding]:
    for row in record.apply:
        if row.outcome == "conflict":
            where = "; ".join(f"{c.path} {c.hunk}".strip() for c in row.conflicts)
            what = f"does not apply: {where or row.detail}"
            yield _made(record, "apply", "error", what, _at(row.number))
        elif row.outcome == "already there":
            yield _made(record, "apply", "note", "is in the tree already", _at(row.number))


def _kconfig(record: RunRecord) -> Iterator[Finding]:
    for config in record.kconfig:
        for lost in config.missing:
            what = (
                f"variant {config.variant}: CONFIG_{lost.symbol}={lost.wanted} did not "
                f"survive (got {lost.got or 'nothing'}): {lost.reason}"
            )
            yield _made(record, "kconfig", "error", what)
        for lost in config.uncompiled:
            what = (
                f"variant {config.variant}: touched code under CONFIG_{lost.symbol} is not "
                f"compiled: {lost.reason}"
            )
            yield _made(record, "kconfig", "note", what)


def _warnings(record: RunRecord) -> Iterator[Finding]:
    new = new_warnings(record)
    for image in record.images:
        for row in new.get(image.label, ()):
            place = f"{row.file}:{row.line}: " if row.line else f"{row.file}: " if row.file else ""
            flag = f" [{row.flag}]" if row.flag and row.flag not in row.text else ""
            what = f"new compiler warning: {place}{row.text}{flag}"
            yield _made(record, "warning", "warning", what, _at(image.patch))


def _elf(record: RunRecord) -> Iterator[Finding]:
    events = record.elf.patched if record.elf else None
    if record.elf is None or events is None or events.ok:
        return
    before = record.elf.base
    ours = before is None or before.ok
    problems = "; ".join(events.problems)
    blame = Blame(None, (), "the base is no better")
    if ours:
        named = [n for n in record.counters.adds if n in problems.lower()]
        judged = Judged(tuple(named) or record.counters.adds, ok=False)
        blame = blame_checks([judged], record.series.patches)
    yield _made(
        record, "elf", "error" if ours else "note",
        f"vmstat_text and the event enum went apart: {problems}", blame,
        numbers={"names": events.entries, "expected": events.expected},
    )  # fmt: skip


def _boots(record: RunRecord) -> Iterator[Finding]:
    for boot in record.boots:
        if boot.outcome != "ok":
            patch = next((i.patch for i in record.images if i.label == boot.image), None)
            what = f"image {boot.image} does not come up: {boot.outcome}"
            yield _made(record, "boot", "error", what, _at(patch))


def _tests(record: RunRecord) -> Iterator[Finding]:
    for test in record.patched.failed if record.patched else ():
        base = record.control.get(test.nodeid) if record.control else None
        on_base = base is not None and base.outcome in (Outcome.FAILED, Outcome.ERROR)
        first = first_failing(record, test.nodeid)
        not_ours = on_base or first == 0
        if test.by_machine:
            yield _made(record, "infra", "error", _why(test), test=test.nodeid)
        elif test.failed_checks:
            yield from _checks(record, test, first or None, not_ours=not_ours)
        else:
            yield _failed(record, test, first or None, not_ours=not_ours)
    ran = record.patched
    judged = (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR)
    if ran is not None and ran.complete and not any(test.outcome in judged for test in ran.tests):
        yield _made(record, "test", "error", "no test was run with the series")
    for test in record.control.failed if record.control else ():
        other = record.patched.get(test.nodeid) if record.patched else None
        fixed = other is not None and other.outcome is Outcome.PASSED
        state = "fails on the base and passes with the series" if fixed else "fails on the base"
        yield _made(
            record, "infra" if test.by_machine else "control", "note",
            f"{state}: {_why(test)}", test=test.nodeid,
        )  # fmt: skip


def _other_images(record: RunRecord) -> Iterator[Finding]:
    """Tests that failed on the image of an earlier patch or of another variant, each once.

    What fails with the whole series, or on the base, has a finding already; and so has an image
    that did not come up.
    """
    told = {test.nodeid for run in (record.control, record.patched) if run for test in run.failed}
    down = {boot.image for boot in record.boots if boot.outcome != "ok"}
    images = {image.label: image for image in record.images}
    for run in record.other_runs:
        image = images.get(run.label)
        other = "" if image is None or image.variant == "on" else f" in variant {image.variant}"
        for test in run.failed:
            if (test.cause == "BootError" and run.label in down) or test.nodeid + other in told:
                continue
            told.add(test.nodeid + other)
            if test.by_machine:
                yield _made(record, "infra", "error", _why(test), test=test.nodeid)
                continue
            what = f"fails on image {run.label}{other}: {_why(test)}"
            blame = _at(image.patch) if image is not None and not other else NOBODY
            yield _made(
                record, "splat" if test.splats else "test", "error", what, blame, test=test.nodeid
            )


def _checks(
    record: RunRecord, test: TestRecord, first: int | None, *, not_ours: bool
) -> Iterator[Finding]:
    """One finding for each relation that failed; checks that held narrow the suspects."""
    judged = [Judged(tuple(check.values), check.holds) for check in test.checks]
    off = {claim.name for claim in record.claims if claim.verdict in _OFF}
    blamed = partial(
        blame_checks,
        patches=record.series.patches,
        history=deltas_by_patch(record, test.nodeid),
        first_failing=first,
        off=off,
    )
    everyone = blamed(judged)
    held = [check for check in judged if check.ok]
    for check in test.failed_checks:
        blame = blamed([Judged(tuple(check.values), ok=False), *held])
        if blame.patch is None and everyone.patch in blame.suspects:
            blame = everyone
        yield _made(
            record, "test", "error", sentence(test, check), NOT_OURS if not_ours else blame,
            test=test.nodeid, check=check.text,
            numbers={name: float(value) for name, value in check.values.items()},
        )  # fmt: skip


def sentence(test: TestRecord, check: Check) -> str:
    """The check that failed, with the deltas that show it."""
    shown = []
    window = next((w for w in test.windows if w.label == check.window), None)
    window = window or main_window(test, tuple(check.values))
    deltas = window.deltas if window else test.deltas
    for name, value in check.values.items():
        row = deltas.get(name)
        if row is not None and row.delta == value:
            shown.append(f"{name} {row.delta:+d} ({row.before} -> {row.after})")
        else:
            shown.append(f"{name} {value}")
    sides = f" ({check.left} against {check.right})" if check.left is not None else ""
    return f"{check.text} does not hold{sides}: {', '.join(shown)}"


def _failed(record: RunRecord, test: TestRecord, first: int | None, *, not_ours: bool) -> Finding:
    """A test that failed without a failed relation: a splat, a death, an assertion."""
    patches = record.series.patches
    what = _why(test)
    counters = tuple(name for name in record.counters.adds if name in test.reason)
    blame = NOBODY
    if test.splats:
        lines = [line for splat in test.splats for line in (splat.title, *splat.lines)]
        blame = blame_trace(lines, patches, first)
        what = f"{test.splats[0].kind}: {test.splats[0].title}"
    elif counters or first is not None:
        blame = blame_checks([Judged(counters, ok=False)], patches, first_failing=first)
    elif _DEAD.search(test.reason):
        blame = blame_trace(test.reason.splitlines(), patches)
    return _made(
        record, "splat" if test.splats else "test", "error", what,
        NOT_OURS if not_ours else blame, test=test.nodeid,
    )  # fmt: skip


def _why(test: TestRecord) -> str:
    return test.headline or f"ended as {test.outcome}"


def _control(record: RunRecord) -> Iterator[Finding]:
    for row in record.comparisons:
        if row.flagged:
            what = "passes on the base and with the series, although it should tell them apart"
            yield _made(record, "control", "warning", what, test=row.test)


def _claims(record: RunRecord) -> Iterator[Finding]:
    """One for each place of the letter whose figures were not reproduced."""
    for group in groups(record):
        missed = [fact for fact in group.rows if fact.verdict == "not reproduced"]
        if missed:
            said = [
                f"{fact.name} {claimed_text(fact)}, measured {range_text(fact)}" for fact in missed
            ]
            unit = f" ({group.unit})" if group.unit else ""
            notes = f" ({'; '.join(group.notes)})" if group.notes else ""
            what = f"{group.title}{unit}: not reproduced in {count_text(group.runs)}: "
            yield _made(
                record, "claim", "warning", what + "; ".join(said) + notes, test=missed[0].tests[0],
                numbers={fact.name: fact.claimed for fact in missed},
            )  # fmt: skip
