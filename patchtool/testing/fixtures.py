# SPDX-License-Identifier: GPL-2.0-or-later
"""The fixtures that test modules use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.errors import PatchtoolError
from patchtool.guest.silence import SHORT
from patchtool.testing import features
from patchtool.testing.balloon import Balloon, standstill
from patchtool.testing.stash import EXPLAINED, PLAN, POOL, PROGRESS, WATCH, is_fresh, spec_of
from patchtool.testing.symptoms import balloon_symptom
from patchtool.testing.vmstat import Vmstat
from patchtool.testing.workloads import Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchtool.guest.session import Guest
    from patchtool.testing.guests import Live
    from patchtool.testing.test_plan import SeriesCounters
    from patchtool.testing.vmstat import Delta
    from patchtool.testing.watch import TestWatch

BALLOON = (balloon_symptom(grows=True), balloon_symptom(grows=False))


@pytest.fixture
def live(request: pytest.FixtureRequest) -> Live:
    """The booted guest with what patchtool keeps about it; it has the features the test needs."""
    plan, watch = request.config.stash[PLAN], request.node.stash[WATCH]
    spec = spec_of(request.node, plan)
    request.config.stash[PROGRESS].update(f"{watch.nodeid}: guest")
    live = request.config.stash[POOL].get(spec, fresh=is_fresh(request.node))
    if request.config.stash[EXPLAINED].stuck:
        live.guest.patience = SHORT
    missing = features.absent(watch.needs, live)
    broken = [feature for feature in missing if feature in plan.features]
    if broken:
        pytest.fail(
            f"promised for {plan.label}, but the booted kernel does not have it: "
            f"{', '.join(broken)}",
            pytrace=False,
        )
    if missing:
        pytest.skip(f"this kernel does not have it: {', '.join(missing)}")
    return live


@pytest.fixture(autouse=True)
def watch(live: Live, request: pytest.FixtureRequest) -> Iterator[TestWatch]:
    """Watches the kernel from before the test's first fixture until after its last.

    As pytest sets up what is autouse first, and tears it down last.
    """
    watch = request.node.stash[WATCH]
    watch.begin(live)
    yield watch
    if not live.guest.alive:
        live.spoiled = "it died"
    watch.end(live, request.config.stash[PLAN].series.invariants)


@pytest.fixture
def guest(live: Live) -> Guest:
    """The guest the test's ``guest_spec`` asks for, or one of default size."""
    return live.guest


@pytest.fixture
def vmstat(live: Live, watch: TestWatch, series: SeriesCounters) -> Vmstat:
    """The guest's counters: ``with vmstat.delta("label") as d:``."""
    return Vmstat(live.vmstat, watch, series.always_recorded, series.roles)


@pytest.fixture
def balloon(live: Live, request: pytest.FixtureRequest) -> Iterator[Balloon]:
    """The guest's balloon; empty at the test's begin and, which is checked, at its end."""
    plan = request.config.stash[PLAN]
    known = any(request.config.stash[EXPLAINED].knows(each) for each in BALLOON)
    balloon = Balloon(
        live.guest,
        live.guest.spec.memory_mib,
        request.config.stash[PROGRESS],
        standstill(plan.patience, known=known),
        standstill(plan.patience, known=True),
    )
    balloon.deflate()
    yield balloon
    if live.guest.alive:
        try:
            balloon.deflate()
        except PatchtoolError as error:
            live.spoiled = str(error)
            raise


@pytest.fixture
def workload(live: Live) -> Iterator[Workload]:
    """Workloads that run inside the guest; what they leave behind is undone."""
    workload = Workload(live.guest)
    yield workload
    workload.close()


@pytest.fixture
def once(live: Live, vmstat: Vmstat) -> Callable[[object, Callable[[], Delta]], Delta]:
    """Measures something that takes seconds once per guest: ``once(key, measure)``.

    The first test with that key calls *measure*; later ones on the same guest get its delta, to
    check it by other counters.
    """

    def get(key: object, measure: Callable[[], Delta]) -> Delta:
        if key in live.shared:
            known: Delta = live.shared[key]
            return vmstat.recall(known, "measured by an earlier test on this guest")
        delta = live.shared[key] = measure()
        return delta

    return get


@pytest.fixture
def series(request: pytest.FixtureRequest) -> SeriesCounters:
    """What the manifest says: counters, invariants, claims."""
    return request.config.stash[PLAN].series


@pytest.fixture
def promised(request: pytest.FixtureRequest) -> frozenset[str]:
    """The features the image promises."""
    return frozenset(request.config.stash[PLAN].features)


@pytest.fixture
def figures(watch: TestWatch) -> dict[str, int | float | str]:
    """Numbers the test wants in the report."""
    return watch.figures
