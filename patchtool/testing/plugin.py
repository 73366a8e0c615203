# SPDX-License-Identifier: GPL-2.0-or-later
"""The pytest plugin that runs test modules against a booted kernel.

Loaded with ``-p patchtool.testing.plugin``, never by an entry point, so that no other pytest
run on the host sees it. It needs ``--patchtool-plan FILE``; see :mod:`patchtool.testing.test_plan`.
"""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from patchtool.core.command_log import CommandLog, recording
from patchtool.core.progress import JsonLines, Silent
from patchtool.errors import PatchtoolError
from patchtool.testing.collection import (
    leave_out,
    note_result,
    pytest_collection_modifyitems,
    pytest_generate_tests,
)
from patchtool.testing.fixtures import (
    balloon,
    figures,
    guest,
    live,
    once,
    promised,
    series,
    vmstat,
    watch,
    workload,
)
from patchtool.testing.guests import MOST_PATIENCE, GuestPool
from patchtool.testing.outcomes import TestTimeout, pytest_runtest_makereport
from patchtool.testing.record_file import RecordFile, RunEnd, RunHeader
from patchtool.testing.stash import (
    EXPLAINED,
    PLAN,
    POOL,
    PROGRESS,
    RECORD,
    TOTAL,
    WATCH,
    needs_of,
    run_of,
)
from patchtool.testing.symptoms import Explained
from patchtool.testing.test_plan import PROGRESS_FILE, TestPlan, load
from patchtool.testing.watch import TestWatch

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import FrameType

    from patchtool.guest.session import Guest, GuestSpec

__all__ = [
    "balloon",
    "figures",
    "guest",
    "live",
    "once",
    "promised",
    "pytest_collection_modifyitems",
    "pytest_generate_tests",
    "pytest_runtest_makereport",
    "series",
    "vmstat",
    "watch",
    "workload",
]

_OPEN = pytest.StashKey[ExitStack]()
_BEGAN = pytest.StashKey[float]()


class Hooks:
    """Hooks of this plugin."""

    @pytest.hookspec(firstresult=True)
    def pytest_patchtool_boot(
        self, plan: TestPlan, spec: GuestSpec, folder: Path, patience: float
    ) -> AbstractContextManager[Guest]:
        """Boot a guest, with its files in *folder*; ended by leaving the context.

        *patience* is the factor by which it may take longer than usual.
        """
        raise NotImplementedError


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare :class:`Hooks`."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare ``--patchtool-plan``."""
    parser.getgroup("patchtool").addoption(
        "--patchtool-plan", metavar="FILE", required=True, help="the plan, as JSON"
    )


@pytest.hookimpl(trylast=True)
def pytest_patchtool_boot(
    plan: TestPlan, spec: GuestSpec, folder: Path, patience: float
) -> AbstractContextManager[Guest]:
    """Boot the plan's image under QEMU."""
    from patchtool.guest import session

    return session.boot(
        plan.bzimage,
        spec,
        root=plan.root,
        accelerator=plan.accelerator,
        folder=folder,
        settings=plan.settings,
        progress=Silent(),
        start=plan.start,
        patience=patience,
        vmlinux=plan.vmlinux,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the plan, open the record."""
    config.addinivalue_line("markers", "guest_spec(memory_mib, cpus, nodes, append): its guest")
    config.addinivalue_line("markers", "fresh_guest: a guest that no other test has used")
    config.addinivalue_line("markers", "needs(*features): see patchtool.testing.features")
    config.addinivalue_line("markers", "smoke: not left out when others of its kind fail")
    config.addinivalue_line("markers", "repeats: each run in a fresh guest, as often as asked")
    try:
        read = load(config.rootpath / config.getoption("patchtool_plan"))
    except PatchtoolError as error:
        raise pytest.UsageError(str(error)) from error
    stack = ExitStack()
    stream = stack.enter_context((read.folder / PROGRESS_FILE).open("a", encoding="utf-8"))
    if read.commands is not None:
        stack.enter_context(recording(CommandLog(read.commands)))

    def boot(spec: GuestSpec, folder: Path, patience: float) -> AbstractContextManager[Guest]:
        opened: AbstractContextManager[Guest] = config.hook.pytest_patchtool_boot(
            plan=read, spec=spec, folder=folder, patience=patience
        )
        return opened

    progress = JsonLines(stream)
    pool = GuestPool(boot, read.folder, read.accelerator.name, progress.note)
    stack.callback(pool.discard)
    config.stash[PLAN] = read
    config.stash[POOL] = pool
    config.stash[PROGRESS] = progress
    header = RunHeader(label=read.label, plan=read.identity)
    config.stash[RECORD] = RecordFile(read.record, header, read.runs)
    config.stash[EXPLAINED] = Explained(everything=read.all_tests)
    config.stash[_OPEN] = stack
    config.stash[_BEGAN] = time.monotonic()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the guest."""
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Make the test's record, and write it when the test is over."""
    config = item.config
    text = getattr(getattr(item, "obj", None), "__doc__", None) or ""
    title = next(iter(text.strip().splitlines()), "")
    kept = config.stash[PLAN].series.always_recorded
    watch = TestWatch(item.nodeid, title, run_of(item), needs_of(item), kept)
    item.stash[WATCH] = watch
    record, progress = config.stash[RECORD], config.stash[PROGRESS]
    progress.update(item.nodeid, len(record.done), config.stash[TOTAL])
    leave_out(config.stash[EXPLAINED], item, watch)
    result = yield
    finished = watch.record()
    note_result(config.stash[EXPLAINED], item, finished)
    record.append(finished)
    progress.update(f"{item.nodeid}: {finished.outcome}", len(record.done), config.stash[TOTAL])
    return result


@contextmanager
def _deadline(item: pytest.Item, seconds: float) -> Iterator[None]:
    """Raise TestTimeout in the block when it takes too long; the guest is then given up."""
    limit = seconds * item.config.stash[PLAN].patience

    def late(_signum: int, _frame: FrameType | None) -> None:
        raise TestTimeout(f"the test did not end within {limit:.0f} s")

    old = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Bound the time of the test's fixtures, a boot among them."""
    plan = item.config.stash[PLAN]
    boots = plan.settings.boot_timeout * (1 + MOST_PATIENCE)  # the second one may take longer
    with _deadline(item, boots + plan.test_timeout):
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Bound the time of the test."""
    with _deadline(item, item.config.stash[PLAN].test_timeout):
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Bound the time of the tidying up."""
    with _deadline(item, item.config.stash[PLAN].test_timeout):
        yield


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Close the record, if every test that was collected is in it."""
    config = session.config
    if RECORD not in config.stash or TOTAL not in config.stash:
        return
    record, total = config.stash[RECORD], config.stash[TOTAL]
    ended = exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.NO_TESTS_COLLECTED,  # all of them had been run before
    )
    if ended and total and len(record.done) >= total and not record.complete:
        seconds = round(time.monotonic() - config.stash[_BEGAN], 3)
        runs = config.stash[PLAN].runs
        record.append(RunEnd(tests=total, runs=runs, seconds=seconds))
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK
