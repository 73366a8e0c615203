# SPDX-License-Identifier: GPL-2.0-or-later
"""What a try says of a commit: exit codes, tests, other failures, and what is no verdict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from patchtool.bisect.tries import TryRecord, is_of, of_record, of_status
from patchtool.bisect.values import Verdict
from patchtool.errors import InfraError
from patchtool.run.trial import Fault, TrialRecord
from patchtool.testing.records import Outcome, Symptom, TestRecord, TestRun

TEST = "test_a.py::test_x"


def trial(*tests: TestRecord, fault: Fault | None = None) -> TrialRecord:
    run = TestRun(label="base", plan="", tests=tests, complete=True)
    found: Any = SimpleNamespace(tests=None if fault else run, fault=fault)
    return cast("TrialRecord", found)


def result(outcome: Outcome, *titles: str, nodeid: str = TEST, cause: str = "") -> TestRecord:
    symptoms = tuple(Symptom(kind="assertion", subject=title) for title in titles)
    return TestRecord(
        nodeid=nodeid, outcome=outcome, seconds=1, symptoms=symptoms, cause=cause, reason="why"
    )


def verdict(record: TrialRecord, *expected: str) -> Verdict | None:
    seen = of_record(record, TEST, "image")
    return TryRecord(commit="c", attempt=1, **seen.model_dump()).verdict(expected)


@pytest.mark.parametrize(
    ("status", "state"),
    [(0, "passed"), (1, "failed"), (124, "failed"), (125, "cannot"), (126, "failed"),
     (127, "failed")],
)  # fmt: skip
def test_exit_codes_are_those_of_git_bisect_run(status: int, state: str) -> None:
    assert of_status(status).state == state


@pytest.mark.parametrize("status", [128, 130, 137, 139, 255, -9])
def test_a_command_that_was_killed_says_nothing(status: int) -> None:
    with pytest.raises(InfraError, match="says nothing of the commit"):
        of_status(status)


def test_the_last_line_of_a_command_is_its_reason() -> None:
    seen = of_status(3, "first\nmoved \x1b[31m12\x1b[0m pages\n\n")
    assert seen.reason == "exit status 3: moved 12 pages"


def test_a_test_that_passes_is_good_and_one_that_fails_is_bad() -> None:
    assert verdict(trial(result(Outcome.PASSED)), "a") is Verdict.GOOD
    assert verdict(trial(result(Outcome.FAILED, "a")), "a") is Verdict.BAD


def test_another_failure_than_the_one_searched_is_skip() -> None:
    other = trial(result(Outcome.FAILED, "b"))
    assert verdict(other, "a") is Verdict.SKIP
    assert verdict(other, "a", "b") is Verdict.BAD, "the ends showed both"
    assert verdict(other) is Verdict.BAD, "at the bad end whatever fails is the symptom"
    assert verdict(trial(result(Outcome.FAILED, "b", "a")), "a") is Verdict.BAD


def test_a_fix_is_searched_the_other_way_round() -> None:
    def way(state: Any, *titles: str) -> Verdict | None:
        record = TryRecord(commit="c", attempt=1, state=state, titles=titles)
        return record.verdict(["a"], fix=True)

    assert way("failed", "a") is Verdict.GOOD
    assert way("passed") is Verdict.BAD
    assert way("failed", "b") is way("cannot") is Verdict.SKIP
    assert way("same") is None


def test_a_failure_without_a_symptom_goes_by_its_cause() -> None:
    seen = of_record(trial(result(Outcome.FAILED, cause="BootError")), TEST, "")
    assert seen.titles == ("BootError",)


@pytest.mark.parametrize("kind", ["kconfig", "build", "boot"])
def test_a_commit_that_does_not_come_up_is_skip(kind: Any) -> None:
    seen = of_record(trial(fault=Fault(kind, "mm/a.c: no such thing\nmore")), TEST, "")
    assert (seen.state, seen.reason) == ("cannot", f"{kind}: mm/a.c: no such thing")


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.ERROR, Outcome.LEFT_OUT])
def test_what_was_not_judged_is_skip(outcome: Outcome) -> None:
    assert verdict(trial(result(outcome)), "a") is Verdict.SKIP


def test_a_lost_guest_is_never_a_failed_test() -> None:
    """A verdict goes by the cause: the outcome alone says FAILED."""
    for cause in ("LostGuest", "CommandTimeout", "DiskFull"):
        with pytest.raises(InfraError, match=r"test_a\.py::test_x"):
            of_record(trial(result(Outcome.FAILED, cause=cause)), TEST, "")


def test_only_the_test_asked_for_counts() -> None:
    other = result(Outcome.FAILED, "a", nodeid="test_a.py::test_xy")
    assert verdict(trial(other, result(Outcome.PASSED)), "a") is Verdict.GOOD
    assert verdict(trial(other), "a") is Verdict.SKIP


def test_a_test_stands_for_all_its_parameters() -> None:
    assert is_of("test_a.py::test_x[2]", TEST)
    assert not is_of("test_a.py::test_xy[2]", TEST)
    one = result(Outcome.PASSED, nodeid=f"{TEST}[1]")
    two = result(Outcome.FAILED, "a", nodeid=f"{TEST}[2]")
    assert verdict(trial(one, two), "a") is Verdict.BAD
