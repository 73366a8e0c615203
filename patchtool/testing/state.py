# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin and its fixtures share, kept in pytest's stashes."""

from __future__ import annotations

import pytest

from patchtool.guest.session import GuestSpec
from patchtool.progress import Progress
from patchtool.testing.guests import GuestPool
from patchtool.testing.plan import TestPlan
from patchtool.testing.records import RecordFile
from patchtool.testing.watch import TestWatch

PLAN = pytest.StashKey[TestPlan]()
POOL = pytest.StashKey[GuestPool]()
RECORD = pytest.StashKey[RecordFile]()
PROGRESS = pytest.StashKey[Progress]()
#: On the test item.
WATCH = pytest.StashKey[TestWatch]()


def spec_of(item: pytest.Item, plan: TestPlan) -> GuestSpec:
    """The guest a test asks for with ``@pytest.mark.guest_spec``; what it leaves out is default.

    Raises:
        TypeError: The marker has arguments that are none of GuestSpec's.
    """
    asked = {"memory_mib": plan.memory_mib, "cpus": plan.cpus}
    marker = item.get_closest_marker("guest_spec")
    return GuestSpec(**{**asked, **(dict(marker.kwargs) if marker else {})})


def is_fresh(item: pytest.Item) -> bool:
    """Whether a test asks for a guest that no other test has used."""
    return item.get_closest_marker("fresh_guest") is not None


def needs_of(item: pytest.Item) -> tuple[str, ...]:
    """The features a test asks for, from all its ``@pytest.mark.needs``."""
    return tuple(
        sorted({feature for marker in item.iter_markers("needs") for feature in marker.args})
    )
