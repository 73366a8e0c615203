# SPDX-License-Identifier: GPL-2.0-or-later
"""Base against patched, and claimed against measured."""

from __future__ import annotations

from typing import Any

from patchtool.report import compare
from patchtool.testing.records import Outcome


def test_a_test_that_needs_the_series_counters_tells_apart(sample: Any) -> None:
    record = sample.record()
    rows = {row.test.rpartition("::")[2]: row for row in record.comparisons}
    assert rows["test_six_writers[64]"].verdict == "tells apart"
    assert rows["test_inflate_and_deflate_while_compacting"].verdict == "same on both"
    assert not any(row.flagged for row in record.comparisons)


def test_a_test_that_should_tell_apart_and_does_not_is_flagged(sample: Any) -> None:
    """It needs a counter of the series, and passes without the series."""
    patched = sample.run("4/4", series=True)
    control = patched.model_copy(update={"label": "base"})
    rows = compare.compare(control, patched, sample.COUNTERS)
    flagged = [row.test.rpartition("::")[2] for row in rows if row.flagged]
    assert flagged == ["test_six_writers[64]", "test_six_writers[128]"]


def test_a_test_can_say_itself_that_it_tells_apart(sample: Any) -> None:
    test = sample.simple_test("t.py::test_a").model_copy(update={"figures": {"distinguishes": 1}})
    run = sample.RunFacts(label="4/4", tests=(test, sample.simple_test("t.py::test_b")))
    assert [row.flagged for row in compare.compare(run, run)] == [True, False]
    named = compare.compare(run, run, telling=["tests/guest/t.py::test_b"])
    assert [row.flagged for row in named] == [True, True]


def test_tests_of_one_side_only_are_not_compared(sample: Any) -> None:
    one = sample.RunFacts(label="base", tests=(sample.simple_test("t.py::test_a"),))
    two = sample.RunFacts(label="4/4", tests=(sample.simple_test("t.py::test_b"),))
    rows = compare.compare(one, two)
    assert [(row.base, row.patched, row.verdict) for row in rows] == [
        ("", Outcome.PASSED, "not compared"),
        (Outcome.PASSED, "", "not compared"),
    ]


def test_claims_are_judged_on_their_own_scale(sample: Any) -> None:
    """A claimed nought has no percentage: it is measured by the claim's largest figure."""
    claim = sample.CLAIM.model_copy(
        update={"deltas": {sample.ISOLATED: 16384, sample.MIGRATED: 15000, sample.RETURNED: 20000}}
    )
    rows = {r.counter: r for r in compare.judge_claims([claim], sample.run("4/4", series=True))}
    assert rows[sample.ISOLATED].verdict == "reproduced"
    assert rows[sample.MIGRATED].verdict == "within"
    assert rows[sample.MIGRATED].off_percent == 6.92
    assert rows[sample.RETURNED].verdict == "not reproduced"


def test_a_claim_without_its_test_is_not_measured(sample: Any) -> None:
    claim = sample.CLAIM.model_copy(update={"balloon_mib": 256})
    for run in (sample.run("4/4", series=True), None):
        rows = compare.judge_claims([claim], run)
        assert {row.verdict for row in rows} == {"not measured"}


def test_the_test_is_found_by_the_number_in_its_name(sample: Any) -> None:
    run = sample.run("4/4", series=True)
    bare = tuple(test.model_copy(update={"figures": {}}) for test in run.tests)
    found = compare.measuring(bare, 128, sample.COUNTERS)
    assert found is not None
    assert found.nodeid.endswith("[128]")
    assert compare.measuring(bare, 12, sample.COUNTERS) is None


def test_figures_of_a_test_that_recalls_a_measurement_come_from_its_window(sample: Any) -> None:
    """Tests on one guest share a measurement; only the first has it in its own deltas."""
    test = sample.compaction_test(64).model_copy(update={"deltas": {}})
    run = sample.RunFacts(label="4/4", tests=(test,))
    rows = compare.judge_claims([sample.CLAIM], run)
    assert [row.measured for row in rows] == [16384, 16384, 0, 16384]
