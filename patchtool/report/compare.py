# SPDX-License-Identifier: GPL-2.0-or-later
"""Base against patched, and claimed against measured. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.report.record import ClaimFacts, Comparison
from patchtool.testing.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from patchtool.report.record import RunFacts, RunRecord
    from patchtool.series.manifest import Claim
    from patchtool.testing.records import CounterDelta, TestRecord, Window

#: A figure is reproduced when it is off by at most this share of the claim's largest figure
#: (a claim's zeros have no scale of their own), and "within" up to the second share. The 2012
#: figures, measured again, scattered by 0 to 1.3 % with the race among the six writers.
REPRODUCED = 0.02
WITHIN = 0.10

#: A test says so itself, in its figures.
DISTINGUISHES = "distinguishes"
#: Where a test says how large its balloon was.
BALLOON_FIGURES = ("balloon_mib", "mib")


def compare(
    control: RunFacts,
    patched: RunFacts,
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


def judge_claims(claims: Iterable[Claim], patched: RunFacts | None) -> tuple[ClaimFacts, ...]:
    """Each figure of the cover letter against the test with a balloon of that size."""
    tests = patched.tests if patched else ()
    return tuple(row for claim in claims for row in _judged(claim, tests))


def _judged(claim: Claim, tests: Sequence[TestRecord]) -> Iterator[ClaimFacts]:
    test = measuring(tests, claim.balloon_mib, tuple(claim.deltas))
    scale = max([1, *map(abs, claim.deltas.values())])
    measured = main_deltas(test, tuple(claim.deltas)) if test else {}
    for counter, claimed in claim.deltas.items():
        row = measured.get(counter)
        share = abs(row.delta - claimed) / scale if row else None
        yield ClaimFacts(
            counter=counter,
            claimed=claimed,
            measured=row.delta if row else None,
            verdict=(
                "not measured" if share is None
                else "reproduced" if share <= REPRODUCED
                else "within" if share <= WITHIN
                else "not reproduced"
            ),
            off_percent=None if share is None else round(100 * share, 2),
            balloon_mib=claim.balloon_mib,
            guest_mib=claim.guest_mib,
            measured_guest_mib=test.guest.memory_mib if test and test.guest else None,
            source=claim.source,
            test=test.nodeid if test else "",
        )  # fmt: skip


def measuring(
    tests: Sequence[TestRecord], balloon_mib: int, counters: Collection[str]
) -> TestRecord | None:
    """The test that measures *counters* with a balloon of that size.

    Of several, the one that checks most of the counters, then the first. A test says its size
    in its figures; a number standing alone in its name will do.
    """
    able = [test for test in tests if any(n in main_deltas(test, counters) for n in counters)]
    judged = {
        test.nodeid: len({n for check in test.checks for n in check.values}.intersection(counters))
        for test in able
    }
    able.sort(key=lambda test: -judged[test.nodeid])
    for test in able:
        if any(test.figures.get(name) == balloon_mib for name in BALLOON_FIGURES):
            return test
    named = re.compile(rf"(?<!\d){balloon_mib}(?!\d)")
    return next((test for test in able if named.search(test.nodeid.rpartition("::")[2])), None)


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
    by_claim = {claim.test: claim.balloon_mib for claim in record.claims if claim.test}
    for nodeid in sorted(by_claim, key=lambda name: by_claim[name]):
        found = record.patched.get(nodeid)
        if found is not None:
            return found
    for test in tests:
        deltas = main_deltas(test, record.series.counters)
        if any(deltas[name].delta for name in record.series.counters if name in deltas):
            return test
    return next((test for test in tests if test.deltas), None)


def head_counters(record: RunRecord, test: TestRecord) -> tuple[str, ...]:
    """The counters of the table that heads the report, in ``/proc/vmstat``'s manner.

    What the series adds, uses and claims; and each ``compact_*`` or ``balloon_*`` counter
    that moved.
    """
    deltas = main_deltas(test, record.series.counters)
    related = [
        name
        for name, row in deltas.items()
        if row.delta and name.startswith(("compact_", "balloon_"))
    ]
    claimed = [claim.counter for claim in record.claims if claim.test == test.nodeid]
    wanted = [*record.series.counters, *claimed, *record.series.uses, *sorted(related)]
    if not wanted:
        wanted = [name for name, row in deltas.items() if row.delta]
    return tuple(name for name in dict.fromkeys(wanted) if name in deltas)
