# SPDX-License-Identifier: GPL-2.0-or-later
"""What all suites share: where their time went, quiet machines, and a mail archive's server."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.lib import public_inbox as inbox
from tests.lib import quiet, timing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_TIMING = pytest.StashKey[timing.Timing]()
_DISTURBED = pytest.StashKey[dict[str, float]]()
_PATIENCE = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--eras", action="store_true", help="build and boot kernels of other releases, too"
    )


def pytest_configure(config: pytest.Config) -> None:
    # Shells have what they start in the background ignore ^C, and programs of tests inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_TIMING] = timing.Timing()
    config.stash[_DISTURBED] = {}
    config.stash[_PATIENCE] = quiet.PATIENCE


@pytest.hookimpl(tryfirst=True)  # before -m is applied
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out tests marked ``era`` without ``--eras``; puts those marked ``quiet`` last.

    Last in their suite. Tests in tests/e2e are marked ``e2e``, for ``ci/test`` to tell them apart.
    """
    for item in items:
        if timing.suite_of(item.nodeid) == "tests/e2e":
            item.add_marker(pytest.mark.e2e)
    if not config.getoption("--eras"):
        left_out = [item for item in items if item.get_closest_marker("era")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    suites = list(dict.fromkeys(timing.suite_of(item.nodeid) for item in items))
    items.sort(
        key=lambda item: (
            suites.index(timing.suite_of(item.nodeid)),
            item.get_closest_marker("quiet") is not None,
        )
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    begin = timing.now()
    try:
        return (yield)
    finally:
        item.config.stash[_TIMING].add(item.nodeid, begin)


def pytest_runtest_call(item: pytest.Item) -> None:
    """A test marked ``quiet`` waits for a quiet machine, behind its fixtures."""
    if item.get_closest_marker("quiet"):
        stash = item.config.stash
        begin = time.monotonic()
        busy = quiet.wait(stash[_PATIENCE])
        stash[_PATIENCE] = max(0.0, stash[_PATIENCE] - (time.monotonic() - begin))
        if busy is not None:
            stash[_DISTURBED][item.nodeid] = busy


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each suite's time and ten slowest tests; tests whose machine was not quiet."""
    config = terminalreporter.config
    lines = config.stash[_TIMING].lines()
    if lines:
        terminalreporter.section("where the time went")
    for line in lines:
        terminalreporter.write_line(line)
    for nodeid, busy in config.stash[_DISTURBED].items():
        terminalreporter.write_line(
            f"not quiet: {busy:.1f} processors were busy with something else at {nodeid}"
        )


@pytest.fixture(scope="session")
def public_inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[inbox.PublicInbox]:
    """A real public-inbox server on loopback; its lists are empty.

    A person's machine may lack it, CI may not.
    """
    if inbox.missing() and not os.environ.get("CI"):
        pytest.skip("the package public-inbox is not installed")
    server = inbox.PublicInbox(tmp_path_factory.mktemp("public-inbox"))
    try:
        yield server.start()
    finally:
        server.stop()
