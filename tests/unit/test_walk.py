# SPDX-License-Identifier: GPL-2.0-or-later
"""The walk through a plan, where it is ended in the middle."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from patchtool.build.kconfig.variants import Variant
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from patchtool.run import pipeline
from patchtool.run.assemble import Assembly, Ending
from patchtool.run.pipeline import Walk
from patchtool.run.plan import Kind, Step
from patchtool.run.request import Request
from patchtool.run.stages import Stages
from patchtool.run.trial import Tests, Trial
from patchtool.testing.record_file import RecordFile, RunHeader
from patchtool.testing.records import Outcome, TestRecord
from patchtool.tree.base.choose import Base
from patchtool.tree.release import KernelRelease

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.run.workplace import Workplace

TEST = TestRecord(nodeid="test_boot.py::test_x", outcome=Outcome.PASSED, seconds=1)


@pytest.mark.parametrize("over", [0, 1])
def test_an_interrupted_run_reports_the_tests_that_were_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    """Its report had no test in it."""
    series = load_series(Reference("balloon-counters"), Settings(), Silent())
    base = Base("b" * 40, "0" * 40, KernelRelease("6.12.1"), "v6.12.1", "--base")
    trial = Trial(
        label="5/5", base=base, series=series, upto=5, commit="c" * 40, tree="1" * 40,
        variant=Variant(name="on", fragment=""), complete=True, tests=Tests(("test_boot.py",)),
    )  # fmt: skip

    def interrupted(trial: Trial, _: Workplace) -> None:
        record = RecordFile(tmp_path / "tests-5-of-5.jsonl", RunHeader(label="5/5", plan="p"))
        for _number in range(over):
            record.append(TEST)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run_trial", interrupted)
    monkeypatch.setattr(Walk, "workplace", None)
    request = Request(Reference("balloon-counters"), "linux")
    with ExitStack() as stack:
        walk = Walk(request, Settings(), Stages(Silent()), tmp_path, stack)
        walk.state = replace(walk.state, series=series, base=base)
        with pytest.raises(KeyboardInterrupt):
            walk._do(Step("test 5/5", Kind.TEST, trial=trial))
        record = Assembly(walk, ()).record(Ending("interrupted", 130))
    assert (record.patched.tests if record.patched else ()) == (TEST,) * over
    assert (record.outcome, record.exit_code) == ("interrupted", 130)
