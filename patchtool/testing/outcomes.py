# SPDX-License-Identifier: GPL-2.0-or-later
"""How a test ended: the plugin's hook that judges each phase of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from patchtool.errors import InfraError, LostGuest, PatchtoolError, SeriesError
from patchtool.guest.session import GuestError
from patchtool.testing.balloon import BalloonTimeout
from patchtool.testing.records import Outcome
from patchtool.testing.stash import EXPLAINED, WATCH
from patchtool.testing.symptoms import check_symptoms, error_symptoms, splat_symptoms
from patchtool.testing.vmstat import ChecksFailed, table
from patchtool.testing.watch import KernelComplaint

if TYPE_CHECKING:
    from collections.abc import Generator

    from patchtool.testing.watch import TestWatch


class TestTimeout(SeriesError):
    """A test did not end in time."""

    __test__ = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a phase of the test ended; show the deltas of one that failed."""
    report = yield
    watch = item.stash[WATCH]
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if watch.outcome is not Outcome.LEFT_OUT:
            watch.fail(Outcome.SKIPPED, reason.removeprefix("Skipped: "), "", "")
    elif report.passed and report.when == "call" and watch.outcome is None:
        watch.outcome = Outcome.PASSED
    elif report.failed and call.excinfo is not None:
        error = call.excinfo.value
        if isinstance(error, (LostGuest, BalloonTimeout, TestTimeout)):
            _spoil(item, str(error))
        outcome = _outcome(error, str(report.when))
        watch.fail(outcome, _reason(error), type(error).__name__, _where(report))
        if outcome is Outcome.FAILED:
            _note_symptoms(item, watch, error)
        if not isinstance(error, ChecksFailed):
            for window in watch.windows:
                text = table(window.deltas, window.deltas)
                report.sections.append((f"vmstat during {window.label}", text))
        if report.when == "teardown":
            report.sections.append(("vmstat during the whole test", watch.table()))
    return report


def _note_symptoms(item: pytest.Item, watch: TestWatch, error: BaseException) -> None:
    """Note what the test showed; it is "as before" if others showed all of that."""
    found = (*check_symptoms(watch.checks), *splat_symptoms(watch.splats))
    if not isinstance(error, (ChecksFailed, KernelComplaint)):
        found = (*error_symptoms(error), *found)
    watch.add_symptoms(found)
    watch.as_before = item.config.stash[EXPLAINED].first(watch.symptoms)


def _outcome(error: BaseException, phase: str) -> Outcome:
    """FAILED where the kernel may be at fault, ERROR where the test could not be judged."""
    if isinstance(
        error, (LostGuest, GuestError, SeriesError, AssertionError, pytest.fail.Exception)
    ):
        return Outcome.FAILED
    if isinstance(error, InfraError) or phase != "call":
        return Outcome.ERROR
    return Outcome.FAILED


def _reason(error: BaseException) -> str:
    if isinstance(error, (AssertionError, pytest.fail.Exception, PatchtoolError)):
        return str(error) or type(error).__name__
    return f"{type(error).__name__}: {error}"


def _where(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", [])
    for entry in entries:
        place = getattr(entry, "reprfileloc", None)
        if place is not None and str(place.path).endswith(report.location[0]):
            return f"{report.location[0]}:{place.lineno}"
    return f"{crash.path}:{crash.lineno}" if crash else ""


def _spoil(item: pytest.Item, why: str) -> None:
    found: Any = getattr(item, "funcargs", {}).get("live")
    if found is not None:
        found.spoiled = why
