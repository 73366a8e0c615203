# SPDX-License-Identifier: GPL-2.0-or-later
"""Records survive a kill, are tied to their plan, and become JUnit and KTAP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from patchtool.errors import InfraError
from patchtool.testing import record_file, records
from patchtool.testing.formats import to_junit, to_ktap
from patchtool.testing.record_file import RecordFile, RunEnd, RunHeader
from patchtool.testing.records import (
    Check,
    CounterDelta,
    Outcome,
    SplatRecord,
    TestRecord,
    TestRun,
    Window,
)

if TYPE_CHECKING:
    from pathlib import Path

HEADER = RunHeader(label="4/4", plan="abc")


def record(
    nodeid: str, outcome: Outcome = Outcome.PASSED, reason: str = "", cause: str = ""
) -> TestRecord:
    return TestRecord(nodeid=nodeid, outcome=outcome, reason=reason, cause=cause, seconds=1.5)


FAILED = TestRecord(
    nodeid="test_a.py::test_bad[64]",
    outcome=Outcome.FAILED,
    reason="migrated == moved does not hold: 0 against 3 (migrated 0, moved 3)",
    cause="ChecksFailed",
    seconds=2.25,
    deltas={"moved": CounterDelta(0, 3, 3)},
    windows=(Window(label="work", begin=0, end=1, deltas={"moved": CounterDelta(0, 3, 3)}),),
    checks=(Check(text="migrated == moved", holds=False, values={"migrated": 0}, left=0, right=3),),
    splats=(SplatRecord(kind="warning", title="WARNING: at x.c:1", lines=("\x1b[31mred #1", "b")),),
    figures={"share": 0.5},
)
RUN = TestRun(
    label="4/4 on",
    plan="abc",
    tests=(
        record("test_a.py::test_good"),
        FAILED,
        record("test_a.py::test_other", Outcome.SKIPPED, "not promised for base: counter:x"),
        record("test_b.py::test_hang", Outcome.FAILED, "did not end within 30 s", "TestTimeout"),
        record("test_b.py::test_infra", Outcome.ERROR, "no socket\nmore", "InfraError"),
    ),
    complete=True,
)


def test_round_trip(tmp_path: Path) -> None:
    """What is appended is what is read, deltas and all."""
    path = tmp_path / "r.jsonl"
    file = RecordFile(path, HEADER)
    file.append(FAILED)
    file.append(RunEnd(tests=1, seconds=3))
    run = record_file.load(path)
    assert run.tests == (FAILED,)
    assert run.complete
    assert run.seconds == 3
    assert json.loads(path.read_text().splitlines()[1])["deltas"] == {"moved": [0, 3, 3]}


def test_no_file_is_an_empty_run(tmp_path: Path) -> None:
    """A record that does not exist is a run that has not begun."""
    run = record_file.load(tmp_path / "none")
    assert not run.tests
    assert not run.complete
    assert not run.passed


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_cut_off_last_line_is_dropped(tmp_path: Path, cut: int) -> None:
    """A kill in the middle of a line loses that test only, and the file goes on cleanly."""
    path = tmp_path / "r.jsonl"
    file = RecordFile(path, HEADER)
    file.append(record("one"))
    file.append(record("two"))
    path.write_bytes(path.read_bytes()[:-cut])
    assert [test.nodeid for test in record_file.load(path).tests] == ["one"]
    again = RecordFile(path, HEADER)
    assert again.done == {"one"}
    again.append(record("two"))
    assert [test.nodeid for test in record_file.load(path).tests] == ["one", "two"]


def test_without_its_end_a_run_is_not_complete(tmp_path: Path) -> None:
    """Tests that all passed are no pass as long as the closing line is missing."""
    path = tmp_path / "r.jsonl"
    RecordFile(path, HEADER).append(record("one"))
    run = record_file.load(path)
    assert not run.complete
    assert not run.passed
    assert "not ok 1 4/4" in to_ktap([run])
    assert "not finished" in to_junit([run])


def test_record_of_another_plan_is_begun_anew(tmp_path: Path) -> None:
    """Results of another kernel are never taken for this one's."""
    path = tmp_path / "r.jsonl"
    RecordFile(path, HEADER).append(record("one"))
    assert RecordFile(path, RunHeader(label="4/4", plan="other")).done == set()
    assert record_file.load(path).plan == "other"


def test_nonsense_in_the_middle_is_an_error(tmp_path: Path) -> None:
    """A damaged file is named with its line, and not passed over in silence."""
    path = tmp_path / "r.jsonl"
    RecordFile(path, HEADER).append(record("one"))
    path.write_text("{}\n" + path.read_text())
    with pytest.raises(InfraError, match=r"r\.jsonl:1: not a test record"):
        record_file.load(path)


def test_counts_and_summary() -> None:
    """A run knows how many tests ended how."""
    assert RUN.summary == "1 passed, 2 failed, 1 skipped, 1 error"
    assert not RUN.passed
    assert TestRun(label="", plan="", tests=(record("a"),), complete=True).passed
    skipped = (record("a", Outcome.SKIPPED),)
    assert not TestRun(label="", plan="", tests=skipped, complete=True).passed


def test_schema_is_json() -> None:
    """The schema of a line can be written down."""
    assert "TestRecord" in json.dumps(record_file.schema())


def test_ktap() -> None:
    """KTAP version 1, as Documentation/dev-tools/ktap.rst has it."""
    lines = to_ktap([RUN]).splitlines()
    assert lines[:4] == ["KTAP version 1", "1..1", "  KTAP version 1", "  1..5"]
    results = [line for line in lines if "ok " in line]
    assert results == [
        "  ok 1 test_a.py::test_good",
        (
            "  not ok 2 test_a.py::test_bad[64] # migrated == moved does not hold: "
            "0 against 3 (migrated 0, moved 3)"
        ),
        "  ok 3 test_a.py::test_other # SKIP not promised for base: counter:x",
        "  not ok 4 test_b.py::test_hang # TIMEOUT did not end within 30 s",
        "  not ok 5 test_b.py::test_infra # ERROR no socket",
        "not ok 1 4/4 on",
    ]
    assert "  # ?[31mred #1" in lines
    assert all(line.lstrip().startswith(("ok ", "not ok ", "#", "KTAP", "1..")) for line in lines)


def test_junit() -> None:
    """JUnit XML parses, counts right, and has the delta table and no forbidden character."""
    text = to_junit([RUN])
    suite = ET.fromstring(text).find("testsuite")
    assert suite is not None
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "2", "errors": "1", "skipped": "1",
    }  # fmt: skip
    case = suite.findall("testcase")[1]
    assert (case.get("classname"), case.get("name")) == ("test_a", "test_bad[64]")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "ChecksFailed"
    assert failure.text is not None
    assert "moved         0      3     +3" in failure.text
    assert "?[31mred" in failure.text


@pytest.mark.parametrize(
    ("nodeid", "run", "first"),
    [
        ("t.py::test_a", 1, "t.py::test_a"),
        ("t.py::test_a[64]", 1, "t.py::test_a[64]"),
        ("t.py::test_a[run2]", 2, "t.py::test_a"),
        ("t.py::test_a[64-run12]", 12, "t.py::test_a[64]"),
        ("t.py::test_a[64-run1]", 1, "t.py::test_a[64-run1]"),  # a parameter of the test's own
        ("t.py::test_a[64]", 2, "t.py::test_a[64]"),  # of a record that somebody changed
    ],
)
def test_a_later_run_knows_the_first(nodeid: str, run: int, first: str) -> None:
    test = records.TestRecord(nodeid=nodeid, run=run, outcome=Outcome.PASSED, seconds=1)
    assert test.first == first
