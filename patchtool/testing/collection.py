# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin's hooks that decide which tests are run, how often, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.testing import features
from patchtool.testing.records import Outcome, run_id
from patchtool.testing.stash import (
    EXPLAINED,
    PLAN,
    RECORD,
    RUN,
    TOTAL,
    is_fresh,
    needs_of,
    spec_of,
    traits_of,
)

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

    from patchtool.guest.session import GuestSpec
    from patchtool.series.figures import Claim
    from patchtool.testing.records import TestRecord
    from patchtool.testing.symptoms import Explained
    from patchtool.testing.watch import TestWatch


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for ``claim`` each claim of the manifest; run it as often as asked.

    The first run has the test's own name, so that a stored one counts as the first of more.
    """
    plan = metafunc.config.stash[PLAN]
    if "claim" in metafunc.fixturenames:
        metafunc.parametrize("claim", [_param(claim) for claim in plan.series.claims])
    if plan.runs > 1 and metafunc.definition.get_closest_marker("repeats"):
        metafunc.fixturenames.append(RUN)
        ids = [pytest.HIDDEN_PARAM, *map(run_id, range(2, plan.runs + 1))]
        metafunc.parametrize(RUN, range(1, plan.runs + 1), ids=ids)


def leave_out(explained: Explained, item: pytest.Item, watch: TestWatch) -> None:
    """Skip a test that would show what enough others of its kind showed; its record says so."""
    if any(item.get_closest_marker(name) for name in ("smoke", "skip")):
        return
    known = explained.left_out(traits_of(item))
    if known is not None:
        watch.as_before, reason = known
        watch.fail(Outcome.LEFT_OUT, reason, "", "")
        item.add_marker(pytest.mark.skip(reason=reason))


def note_result(explained: Explained, item: pytest.Item, result: TestRecord) -> None:
    """Remember what a test showed, for those to come."""
    if result.symptoms:
        explained.failed(item.nodeid, result.symptoms, traits_of(item))
    elif result.outcome is Outcome.PASSED:
        explained.passed(traits_of(item))


def _param(claim: Claim) -> ParameterSet:
    """A claim, on its guest, where its counters are."""
    needs = pytest.mark.needs("balloon", *(f"counter:{name}" for name in claim.deltas))
    spec = pytest.mark.guest_spec(memory_mib=claim.guest_mib)
    return pytest.param(claim, id=claim.setting, marks=(needs, spec))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that are in the record; put those that share a guest together.

    Those that want a guest of their own come first, so that the others can go on with the last.

    A test with a need that was not promised is skipped, by the name of the need.
    """
    plan, done = config.stash[PLAN], config.stash[RECORD].done
    before = {test.nodeid: test for test in config.stash[RECORD].tests}
    config.stash[TOTAL] = len(items)
    over = [item for item in items if item.nodeid in done]
    again = {item.nodeid: item for item in over}
    for nodeid, test in before.items():  # in the order in which they were run
        if nodeid in again:
            note_result(config.stash[EXPLAINED], again[nodeid], test)
    items[:] = [item for item in items if item.nodeid not in done]
    if over:
        config.hook.pytest_deselected(items=over)
    order: dict[GuestSpec, int] = {}
    for item in items:
        for feature in needs_of(item):
            try:
                features.kind(feature)
            except ValueError as error:
                raise pytest.UsageError(f"{item.nodeid}: {error}") from error
        missing = features.unpromised(needs_of(item), plan.features, plan.series.counters)
        if missing:
            reason = f"not promised for {plan.label}: {', '.join(missing)}"
            item.add_marker(pytest.mark.skip(reason=reason))
        order.setdefault(spec_of(item, plan), len(order))
    items.sort(key=lambda item: (order[spec_of(item, plan)], not is_fresh(item)))
