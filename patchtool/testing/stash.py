# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin and its fixtures share, kept in pytest's stashes."""

from __future__ import annotations

import pytest

from patchtool.core.progress import Progress
from patchtool.guest.session import GuestSpec
from patchtool.testing.guests import GuestPool
from patchtool.testing.record_file import RecordFile
from patchtool.testing.roles import resolved
from patchtool.testing.symptoms import Explained
from patchtool.testing.test_plan import TestPlan
from patchtool.testing.watch import TestWatch

PLAN = pytest.StashKey[TestPlan]()
POOL = pytest.StashKey[GuestPool]()
RECORD = pytest.StashKey[RecordFile]()
PROGRESS = pytest.StashKey[Progress]()
EXPLAINED = pytest.StashKey[Explained]()
#: Number of tests that were collected.
TOTAL = pytest.StashKey[int]()
#: On the test item.
WATCH = pytest.StashKey[TestWatch]()
_SILENT = frozenset(
    ("request", "live", "watch", "series", "promised", "figures", "vmstat", "once", "guest")
)
#: Name of the parameter that says which run of a test it is.
RUN = "run"


def spec_of(item: pytest.Item, plan: TestPlan) -> GuestSpec:
    """The guest a test asks for with ``@pytest.mark.guest_spec``; what it leaves out is default.

    Raises:
        TypeError: The marker has arguments that are none of GuestSpec's.
    """
    asked = {"memory_mib": plan.memory_mib, "cpus": plan.cpus}
    marker = item.get_closest_marker("guest_spec")
    return GuestSpec(**{**asked, **(dict(marker.kwargs) if marker else {})})


def is_fresh(item: pytest.Item) -> bool:
    """Whether a test asks for a guest that no other test has used; each run of one does."""
    return any(item.get_closest_marker(name) for name in ("fresh_guest", "repeats"))


def run_of(item: pytest.Item) -> int:
    """Which run of a test that repeats this is, from 1."""
    spec = getattr(item, "callspec", None)
    return spec.params.get(RUN, 1) if spec is not None else 1


def traits_of(item: pytest.Item) -> frozenset[str]:
    """What a test has that others may have as well: features it needs, fixtures it asks for.

    Values of parameters, fixtures that each test has, and those that only keep figures say nothing.
    """
    spec = getattr(item, "callspec", None)
    values = spec.params if spec is not None else ()
    fixtures = set(getattr(item, "fixturenames", ())).difference(_SILENT, values)
    needs = {f"needs:{feature}" for feature in needs_of(item)}
    return frozenset(needs | {f"fixture:{name}" for name in fixtures})


def needs_of(item: pytest.Item) -> tuple[str, ...]:
    """The features a test asks for, from all its ``@pytest.mark.needs``.

    A role that the series' manifest fills is the counter that plays it.
    """
    roles = item.config.stash[PLAN].series.roles
    asked = [feature for marker in item.iter_markers("needs") for feature in marker.args]
    return tuple(sorted({resolved(feature, roles) for feature in asked}))
