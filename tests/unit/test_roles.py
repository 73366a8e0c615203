# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests name the parts that counters play; what they are called is the series' and the era's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core import data
from patchtool.series import manifest
from patchtool.series.manifest import Counters
from patchtool.testing import roles

if TYPE_CHECKING:
    from pathlib import Path

OWN = {"isolated": "cb_isolated", "migrated": "cb_migrated"}


def test_moved_is_what_the_kernel_counts_where_it_does() -> None:
    """Mainline's counter, unless the series is for kernels without it and has one of its own."""
    names = tuple(OWN.values())
    assert roles.of_counters(None) == {"moved": "balloon_migrate"}
    assert roles.of_counters(Counters(adds=("x",))) == {"moved": "balloon_migrate"}
    old = Counters.model_validate({"adds": names, "roles": OWN})
    assert roles.of_counters(old) == {**OWN, "moved": "cb_migrated"}
    new = old.model_copy(update={"uses": ("balloon_migrate",)})
    assert roles.of_counters(new) == {**OWN, "moved": "balloon_migrate"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("isolated >= 0.9 * pages", "cb_isolated >= 0.9 * pages"),
        ("isolated == migrated + returned", "cb_isolated == cb_migrated + returned"),
        ("compact_isolated >= isolated", "compact_isolated >= cb_isolated"),
        ("isolated_afterwards == known", "isolated_afterwards == known"),
    ],
)
def test_roles_in_relations_become_counters(text: str, expected: str) -> None:
    """Whole names only; one that stands for something else in the relation stays."""
    assert roles.written_out(text, {**OWN, "known": "no"}, {"known"}) == expected


def test_features_other_than_roles_stay() -> None:
    assert roles.resolved("role:isolated", OWN) == "counter:cb_isolated"
    assert roles.resolved("role:released", OWN) == "role:released"
    assert roles.resolved("counter:isolated", OWN) == "counter:isolated"


@pytest.mark.parametrize(
    "path", sorted(data.series().glob("*/series.toml")), ids=lambda path: path.parent.name
)
def test_each_bundled_series_fills_the_roles_of_its_counters(path: Path) -> None:
    """A counter compact_balloon_isolated that fills no role is one that no test looks at."""
    counters = manifest.load(path).counters
    for name in counters.adds:
        assert counters.roles[name.removeprefix("compact_balloon_")] == name  # type: ignore[index]
