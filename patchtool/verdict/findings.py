# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person has to know about a run, and the verdict. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.errors import Exit
from patchtool.verdict import failed_tests
from patchtool.verdict.attribution import Blame, Judged, blame_checks
from patchtool.verdict.by_patch import new_warnings
from patchtool.verdict.claim_words import claimed_text, count_text, groups, range_text
from patchtool.verdict.messages import certain, finding_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.run.record import Finding, RunRecord, Verdict


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
        *failed_tests.with_series(record),
        *failed_tests.on_other_images(record),
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


def _apply(record: RunRecord) -> Iterator[Finding]:
    for row in record.apply:
        if row.outcome == "conflict":
            where = "; ".join(f"{c.path} {c.hunk}".strip() for c in row.conflicts)
            what = f"does not apply: {where or row.detail}"
            yield finding_of(record, "apply", "error", what, certain(row.number))
        elif row.outcome == "already there":
            yield finding_of(record, "apply", "note", "is in the tree already", certain(row.number))


def _kconfig(record: RunRecord) -> Iterator[Finding]:
    for config in record.kconfig:
        for lost in config.missing:
            what = (
                f"variant {config.variant}: CONFIG_{lost.symbol}={lost.wanted} did not "
                f"survive (got {lost.got or 'nothing'}): {lost.reason}"
            )
            yield finding_of(record, "kconfig", "error", what)
        for lost in config.uncompiled:
            what = (
                f"variant {config.variant}: touched code under CONFIG_{lost.symbol} is not "
                f"compiled: {lost.reason}"
            )
            yield finding_of(record, "kconfig", "note", what)


def _warnings(record: RunRecord) -> Iterator[Finding]:
    new = new_warnings(record)
    for image in record.images:
        for row in new.get(image.label, ()):
            place = f"{row.file}:{row.line}: " if row.line else f"{row.file}: " if row.file else ""
            flag = f" [{row.flag}]" if row.flag and row.flag not in row.text else ""
            what = f"new compiler warning: {place}{row.text}{flag}"
            yield finding_of(record, "warning", "warning", what, certain(image.patch))


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
    yield finding_of(
        record, "elf", "error" if ours else "note",
        f"vmstat_text and the event enum went apart: {problems}", blame,
        numbers={"names": events.entries, "expected": events.expected},
    )  # fmt: skip


def _boots(record: RunRecord) -> Iterator[Finding]:
    for boot in record.boots:
        if boot.outcome != "ok":
            patch = next((i.patch for i in record.images if i.label == boot.image), None)
            what = f"image {boot.image} does not come up: {boot.outcome}"
            yield finding_of(record, "boot", "error", what, certain(patch))


def _control(record: RunRecord) -> Iterator[Finding]:
    for row in record.comparisons:
        if row.flagged:
            what = "passes on the base and with the series, although it should tell them apart"
            yield finding_of(record, "control", "warning", what, test=row.test)


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
            yield finding_of(
                record, "claim", "warning", what + "; ".join(said) + notes, test=missed[0].tests[0],
                numbers={fact.name: fact.claimed for fact in missed},
            )  # fmt: skip
