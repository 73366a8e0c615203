# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests that fail show is explained once; others of the kind are left out, never passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from patchtool.errors import LostGuest
from patchtool.guest.death import GuestDied
from patchtool.report import outputs, render, tables
from patchtool.testing.balloon import BalloonTimeout, standstill
from patchtool.testing.by_symptom import kinds
from patchtool.testing.formats import to_junit, to_ktap
from patchtool.testing.records import (
    Check,
    CounterDelta,
    Outcome,
    SplatRecord,
    Symptom,
    TestRecord,
    TestRun,
)
from patchtool.testing.symptoms import (
    Explained,
    balloon_symptom,
    check_symptoms,
    error_symptoms,
    splat_symptoms,
)
from patchtool.verdict.comparisons import compare
from patchtool.verdict.findings import gather

if TYPE_CHECKING:
    from collections.abc import Sequence

SHRINK = balloon_symptom(grows=False)
OTHER = Symptom(kind="check", subject="a == b")
BALLOON = frozenset(("needs:balloon", "fixture:balloon", "fixture:workload"))


def failed(
    name: str, *symptoms: Symptom, as_before: str = "", outcome: Outcome = Outcome.FAILED
) -> TestRecord:
    return TestRecord(
        nodeid=name, outcome=outcome, reason=f"why {name}", cause="AssertionError", seconds=1,
        symptoms=symptoms, as_before=as_before,
    )  # fmt: skip


def run(*tests: TestRecord, label: str = "4/4") -> TestRun:
    return TestRun(label=label, plan="", tests=tests, complete=True)


# --- what is shown


def test_the_same_complaint_is_known_whatever_its_figures() -> None:
    titles = (
        "WARNING: CPU: 0 PID: 51 at mm/page_alloc.c:4321 get_page+0x12/0x34",
        "WARNING: CPU: 1 PID: 97 at mm/page_alloc.c:4321 get_page+0x12/0x34",
    )
    first, second = (splat_symptoms([SplatRecord(kind="warning", title=t)]) for t in titles)
    assert first == second
    (other,) = splat_symptoms([SplatRecord(kind="BUG", title="BUG: Bad page state")])
    assert other not in first


def test_each_relation_that_does_not_hold_is_a_symptom_in_whatever_window() -> None:
    checks = [
        Check(text="a == b", holds=False, window="one"),
        Check(text="a == b", holds=False, window="the whole test"),
        Check(text="c > 0", holds=True),
        Check(text="d > 0", holds=False),
    ]
    assert [symptom.subject for symptom in check_symptoms(checks)] == ["a == b", "d > 0"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BalloonTimeout(63.9, 0, 6), ("device", "the balloon does not shrink")),
        (BalloonTimeout(1, 64, 6), ("device", "the balloon does not grow")),
        (
            GuestDied("x, during y", kind="stuck", tail=(), subject="the kernel is stuck in f"),
            ("stuck", "the kernel is stuck in f"),
        ),
        (AssertionError("12 pages are lost\nand more"), ("assertion", "# pages are lost")),
    ],
)
def test_an_error_is_a_symptom(error: BaseException, expected: tuple[str, str]) -> None:
    (symptom,) = error_symptoms(error)
    assert (symptom.kind, symptom.subject) == expected


def test_what_this_machine_did_is_no_symptom_of_the_kernel() -> None:
    assert error_symptoms(LostGuest("QEMU ended")) == ()


def test_an_error_that_says_nothing_is_like_no_other() -> None:
    assert error_symptoms(AssertionError()) == ()


# --- what is known


def test_a_second_test_is_as_before_only_when_all_it_shows_is_known() -> None:
    known = Explained()
    assert known.first([SHRINK]) == ""
    known.failed("t1", [SHRINK], BALLOON)
    assert known.first([SHRINK]) == "t1"
    assert known.first([SHRINK, OTHER]) == ""
    assert known.first([]) == ""
    known.failed("t2", [SHRINK, OTHER], BALLOON)
    assert known.first([OTHER, SHRINK]) == "t2"


def test_after_three_those_with_all_in_common_are_left_out_with_the_reason() -> None:
    known = Explained()
    for number in (1, 2, 3):
        assert known.left_out(BALLOON) is None
        known.failed(f"t{number}", [SHRINK], BALLOON | {f"needs:{number}"})
    found = known.left_out(BALLOON | {"needs:numa"})
    assert found is not None
    first, reason = found
    assert first == "t1"
    assert "the balloon does not shrink" in reason
    assert "first t1" in reason
    assert reason.endswith("in common: balloon, workload")
    assert known.left_out(BALLOON - {"fixture:workload"}) is None


def test_as_many_that_have_it_all_and_passed_keep_the_others_in() -> None:
    known = Explained()
    for number in (1, 2, 3):
        known.failed(f"t{number}", [SHRINK], BALLOON)
        known.passed(BALLOON | {"needs:numa"})
        known.passed(BALLOON - {"fixture:workload"})
        assert known.left_out(BALLOON) is None
    known.failed("t4", [SHRINK], BALLOON)
    assert known.left_out(BALLOON) is not None


def test_a_test_that_looks_at_another_counter_stays_when_a_check_failed() -> None:
    """It is what tells which counter is in the wrong place."""
    known = Explained()
    for number in (1, 2, 3):
        known.failed(f"t{number}", [OTHER], BALLOON | {f"needs:counter:{number}"})
    assert known.left_out(BALLOON | {"needs:counter:2"}) is not None
    assert known.left_out(BALLOON | {"needs:counter:4"}) is None


def test_tests_that_have_nothing_in_common_leave_none_out() -> None:
    known = Explained()
    for number in (1, 2, 3):
        known.failed(f"t{number}", [SHRINK], frozenset((f"needs:{number}",)))
    assert known.left_out(BALLOON) is None


def test_all_tests_are_run_when_asked_for() -> None:
    known = Explained(everything=True)
    for number in (1, 2, 3):
        known.failed(f"t{number}", [SHRINK], BALLOON)
    assert known.left_out(BALLOON) is None
    assert known.first([SHRINK]) == "t1"


def test_a_balloon_that_is_known_to_stand_still_is_waited_for_shortly() -> None:
    assert (standstill(1.0), standstill(1.0, known=True)) == (5.0, 1.0)
    assert standstill(24.0) == 24.0
    assert standstill(24.0, known=True) == pytest.approx(2.4)


# --- what is said


def test_kinds_keep_what_fails_on_the_base_apart() -> None:
    patched = run(
        failed("t1", SHRINK), failed("t2", SHRINK, as_before="t1"),
        failed("t3", SHRINK, as_before="t1"),
        failed("t4", as_before="t1", outcome=Outcome.LEFT_OUT), failed("t5", OTHER),
    )  # fmt: skip
    control = run(failed("t1", SHRINK), failed("t5", outcome=Outcome.LEFT_OUT), label="base")
    told = [(k.first.nodeid, k.on_base, k.as_before, k.left_out) for k in kinds(patched, control)]
    assert told == [("t1", True, (), ("t4",)), ("t2", False, ("t3",), ()), ("t5", True, (), ())]


def record_with(sample: Any, *tests: TestRecord) -> Any:
    made = sample.record()
    return made.model_copy(update={"patched": run(*tests), "control": None, "claims": ()})


def many(sample: Any) -> Any:
    return record_with(
        sample,
        failed("test_a.py::t1", SHRINK),
        failed("test_a.py::t2", SHRINK, as_before="test_a.py::t1"),
        failed("test_b.py::t3", SHRINK, as_before="test_a.py::t1"),
        failed("test_c.py::t4", as_before="test_a.py::t1", outcome=Outcome.LEFT_OUT),
    )


def test_a_finding_says_it_once_with_the_first_test_in_front(sample: Any) -> None:
    found = [finding for finding in gather(many(sample)) if finding.kind == "test"]
    (finding,) = found
    assert finding.test == "test_a.py::t1"
    assert finding.as_before == ("test_a.py::t2", "test_b.py::t3")
    assert finding.left_out == ("test_c.py::t4",)
    assert "as before in 2 more: test_a.py::t2, test_b.py::t3" in finding.text
    assert "1 of the kind left out: test_c.py::t4" in finding.text


def test_the_delta_of_the_first_test_is_told(sample: Any) -> None:
    made = many(sample)
    first, *others = made.patched.tests
    adds = made.counters.adds
    rows = {name: CounterDelta(10, 17, 7) for name in adds[:1]}
    tests = (first.model_copy(update={"deltas": rows}), *others)
    record = made.model_copy(update={"patched": run(*tests)})
    (finding,) = [finding for finding in gather(record) if finding.kind == "test"]
    assert finding.what == f"why test_a.py::t1; with {adds[0]} +7"
    assert finding.numbers == {adds[0]: 7.0}


def test_reports_name_the_others(sample: Any) -> None:
    record = many(sample)
    record = record.model_copy(update={"findings": gather(record), "outcome": "failed"})
    text = render.text(record)
    assert "as before: 2 more: test_a.py::t2, test_b.py::t3" in text
    assert "left out: 1 more: test_c.py::t4" in text
    assert "3 failed, 1 left out" in tables.verdict_text(record)
    assert not record.patched.passed


def test_other_formats_do_not_call_it_passed(sample: Any) -> None:
    runs = outputs.test_runs(many(sample))
    assert "ok 4 test_c.py::t4 # SKIP why test_c.py::t4" in to_ktap(runs)
    assert 'skipped="1"' in to_junit(runs)


@pytest.mark.parametrize("sides", [(0, 1), (1, 0)])
def test_a_test_that_was_left_out_is_not_compared(sides: Sequence[int]) -> None:
    both = (failed("t", outcome=Outcome.LEFT_OUT), failed("t", outcome=Outcome.PASSED))
    (row,) = compare(run(both[sides[0]]), run(both[sides[1]]))
    assert row.verdict == "not compared"
    assert row.detail


def test_a_test_left_out_on_the_base_blames_no_patch(sample: Any) -> None:
    made = record_with(sample, failed("t1", SHRINK))
    made = made.model_copy(update={"control": run(failed("t1", outcome=Outcome.LEFT_OUT))})
    (finding,) = [finding for finding in gather(made) if finding.severity == "error"]
    assert finding.patch is None
    assert "left out" in finding.why
