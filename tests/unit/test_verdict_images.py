# SPDX-License-Identifier: GPL-2.0-or-later
"""A test that fails on any image is a finding, also where the whole series passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from patchtool.run.record import Boot
from patchtool.testing import record_file
from patchtool.testing.record_file import RecordFile, RunEnd, RunHeader
from patchtool.testing.records import MACHINE, Outcome, TestRecord, TestRun
from patchtool.verdict.findings import gather, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.run.record import Finding, RunRecord

BOOT = "test_boot.py::test_it_boots"


def failed(nodeid: str = BOOT, cause: str = "AssertionError") -> TestRecord:
    return TestRecord(
        nodeid=nodeid, outcome=Outcome.FAILED, reason="no such counter", cause=cause, seconds=1
    )


def with_other(record: RunRecord, *runs: TestRun, **more: object) -> RunRecord:
    return record.model_copy(update={"other_runs": runs, **more})


def errors(record: RunRecord) -> list[Finding]:
    return [finding for finding in gather(record) if finding.severity == "error"]


def run(label: str, *tests: TestRecord) -> TestRun:
    return TestRun(label=label, plan="", tests=tests, complete=True)


def test_a_middle_patch_that_fails_its_boot_test_fails_the_run(sample: Any) -> None:
    """It made no finding, and the run passed with exit code 0."""
    record = with_other(sample.record(), run("2/4", failed()), run("3/4", failed()))
    (finding,) = errors(record)
    assert (finding.kind, finding.patch, finding.test) == ("test", 2, BOOT)
    assert "fails on image 2/4: no such counter" in finding.text
    assert verdict(record, gather(record)) == ("failed", 1)


def test_another_variant_that_fails_is_told_with_its_name(sample: Any) -> None:
    made = sample.record()
    images = (*made.images, sample.image("off", 4, variant="off"))
    record = with_other(made, run("off", failed()), images=images)
    (finding,) = errors(record)
    assert "fails on image off in variant off" in finding.text
    assert finding.patch is None


def test_what_fails_with_the_whole_series_is_told_once(sample: Any) -> None:
    made = sample.record(returned_twice=True)
    bad = made.patched.failed[0].nodeid
    before = len(errors(made))
    assert len(errors(with_other(made, run("2/4", failed(bad))))) == before


def test_an_image_that_does_not_come_up_is_told_once(sample: Any) -> None:
    made = sample.record()
    down = Boot(image="2/4", outcome="panic")
    record = with_other(made, run("2/4", failed(cause="BootError")), boots=(*made.boots, down))
    (finding,) = errors(record)
    assert (finding.kind, finding.patch) == ("boot", 2)


def test_a_lost_guest_of_a_middle_patch_is_this_machines_fault(sample: Any) -> None:
    record = with_other(sample.record(), run("2/4", failed(cause="LostGuest")))
    (finding,) = errors(record)
    assert (finding.kind, finding.patch) == ("infra", None)
    assert verdict(record, gather(record)) == ("infra", 3)


def test_other_images_whose_tests_were_cut_off_are_no_pass(sample: Any) -> None:
    cut = run("2/4").model_copy(update={"complete": False})
    record = with_other(sample.record(), cut)
    assert verdict(record, gather(record)) == ("infra", 3)


@pytest.mark.parametrize("cause", sorted(MACHINE))
def test_what_this_machine_spoilt_is_run_again(tmp_path: Path, cause: str) -> None:
    """Its failure was kept when the run was continued, so that a clean series had no verdict."""
    path = tmp_path / "tests.jsonl"
    header = RunHeader(label="1/4", plan="p")
    file = RecordFile(path, header)
    good = failed("test_a.py::test_good").model_copy(update={"outcome": Outcome.PASSED})
    for line in (good, failed(cause=cause), RunEnd(tests=2, seconds=1)):
        file.append(line)
    again = RecordFile(path, header)
    assert again.done == {good.nodeid}
    assert not again.complete
    assert [test.nodeid for test in record_file.load(path).tests] == [good.nodeid]
