# SPDX-License-Identifier: GPL-2.0-or-later
"""Base against patched, and which test and which counters head the report. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.run.record import Comparison
from patchtool.testing.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection

    from patchtool.run.record import RunRecord
    from patchtool.testing.records import CounterDelta, TestRecord, TestRun, Window

#: A test says so itself, in its figures.
DISTINGUISHES = "distinguishes"


def compare(
    control: TestRun,
    patched: TestRun,
    counters: Collection[str] = (),
    telling: Collection[str] = (),
) -> tuple[Comparison, ...]:
    """Each test on the base and with the series.

    Args:
        control: The tests on the base.
        patched: The tests with the series.
        counters: What the series adds: a test that needs one should tell the two apart, and
            be skipped on the base.
        telling: Node ids (or the part before ``[``) of tests that should tell the two apart;
            a test can say so as well, with a true ``distinguishes`` in its figures.
    """
    needs = {f"counter:{name}" for name in counters}
    rows = [
        _compared(
            control.get(test.nodeid),
            test,
            should=not needs.isdisjoint(test.needs)
            or test.nodeid in telling
            or test.nodeid.partition("[")[0] in telling
            or bool(test.figures.get(DISTINGUISHES)),
        )
        for test in patched.tests
    ]
    known = {test.nodeid for test in patched.tests}
    rows += [_only_on_base(test) for test in control.tests if test.nodeid not in known]
    return tuple(rows)


def _compared(base: TestRecord | None, test: TestRecord, *, should: bool) -> Comparison:
    if base is None:
        return Comparison(
            test=test.nodeid, base="", patched=test.outcome, verdict="not compared",
            detail="it did not run on the base",
        )  # fmt: skip
    for run in (test, base):
        if run.outcome is Outcome.LEFT_OUT:
            return Comparison(
                test=test.nodeid, base=base.outcome, patched=test.outcome, verdict="not compared",
                detail=run.reason,
            )  # fmt: skip
    flagged = should and base.outcome is test.outcome is Outcome.PASSED
    same = base.outcome is test.outcome
    detail = "passes on both although it should tell them apart" if flagged else ""
    if not same and base.outcome is Outcome.SKIPPED:
        detail = base.reason
    return Comparison(
        test=test.nodeid, base=base.outcome, patched=test.outcome,
        verdict="same on both" if same else "tells apart", flagged=flagged, detail=detail,
    )  # fmt: skip


def _only_on_base(test: TestRecord) -> Comparison:
    return Comparison(
        test=test.nodeid, base=test.outcome, patched="", verdict="not compared",
        detail="it did not run with the series",
    )  # fmt: skip


def main_window(test: TestRecord, counters: Collection[str]) -> Window | None:
    """The window of a test in which *counters* moved most, or None."""

    def moved(window: Window) -> int:
        return sum(abs(row.delta) for name, row in window.deltas.items() if name in counters)

    best = max(test.windows, key=moved, default=None)
    return best if best is not None and moved(best) else None


def main_deltas(test: TestRecord, counters: Collection[str]) -> dict[str, CounterDelta]:
    """The deltas of that window, or else of the whole test."""
    window = main_window(test, counters)
    return {**test.deltas, **window.deltas} if window else dict(test.deltas)


def main_test(record: RunRecord) -> TestRecord | None:
    """The test whose deltas head the report.

    That of the smallest balloon with claims; else the first that moves a counter of the
    series; else the first that has deltas at all.
    """
    if record.patched is None:
        return None
    tests = record.patched.tests
    by_claim = {c.tests[0]: c.balloon_mib for c in record.claims if c.balloon_mib and c.tests}
    for nodeid in sorted(by_claim, key=lambda name: by_claim[name]):
        found = record.patched.get(nodeid)
        if found is not None:
            return found
    for test in tests:
        deltas = main_deltas(test, record.counters.adds)
        if any(deltas[name].delta for name in record.counters.adds if name in deltas):
            return test
    return next((test for test in tests if test.deltas), None)


def head_counters(record: RunRecord, test: TestRecord) -> tuple[str, ...]:
    """The counters of the table that heads the report, in ``/proc/vmstat``'s manner.

    What the series adds, uses and claims; and each ``compact_*`` or ``balloon_*`` counter
    that moved.
    """
    deltas = main_deltas(test, record.counters.adds)
    related = [
        name
        for name, row in deltas.items()
        if row.delta and name.startswith(("compact_", "balloon_"))
    ]
    claimed = [claim.name for claim in record.claims if test.nodeid in claim.tests]
    wanted = [*record.counters.adds, *claimed, *record.counters.uses, *sorted(related)]
    if not wanted:
        wanted = [name for name, row in deltas.items() if row.delta]
    return tuple(name for name in dict.fromkeys(wanted) if name in deltas)
