# SPDX-License-Identifier: GPL-2.0-or-later
"""Base against patched."""

from __future__ import annotations

from typing import Any

from patchtool.testing.records import Outcome
from patchtool.verdict import comparisons


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
    rows = comparisons.compare(control, patched, sample.COUNTERS)
    flagged = [row.test.rpartition("::")[2] for row in rows if row.flagged]
    assert flagged == ["test_six_writers[64]", "test_six_writers[128]"]


def test_a_test_can_say_itself_that_it_tells_apart(sample: Any) -> None:
    test = sample.simple_test("t.py::test_a").model_copy(update={"figures": {"distinguishes": 1}})
    run = sample.TestRun(label="4/4", plan="", tests=(test, sample.simple_test("t.py::test_b")))
    assert [row.flagged for row in comparisons.compare(run, run)] == [True, False]
    named = comparisons.compare(run, run, telling=["tests/guest/t.py::test_b"])
    assert [row.flagged for row in named] == [True, True]


def test_tests_of_one_side_only_are_not_compared(sample: Any) -> None:
    one = sample.TestRun(label="base", plan="", tests=(sample.simple_test("t.py::test_a"),))
    two = sample.TestRun(label="4/4", plan="", tests=(sample.simple_test("t.py::test_b"),))
    rows = comparisons.compare(one, two)
    assert [(row.base, row.patched, row.verdict) for row in rows] == [
        ("", Outcome.PASSED, "not compared"),
        (Outcome.PASSED, "", "not compared"),
    ]
