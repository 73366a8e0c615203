# SPDX-License-Identifier: GPL-2.0-or-later
"""The made-up bisections that ``ci/bench bisect`` measures with."""

from __future__ import annotations

import pytest

from ci import bisections
from ci.bench_bisect import fixed_count
from ci.bisections import Setting, World

SMALL = Setting(1.0, stray=0.0, commits=64)


@pytest.mark.parametrize(("rate", "count"), [(0.6, 7), (0.3, 18), (0.1, 59)])
def test_the_fixed_count_is_what_reaches_99_percent(rate: float, count: int) -> None:
    assert fixed_count(rate) == count


def test_git_finds_a_sure_culprit_in_a_line_that_builds() -> None:
    setting = Setting(1.0, stray=0.0, commits=64, buildable=True)
    outcomes = [bisections.git(seed, setting, 1) for seed in range(20)]
    assert all(each.right for each in outcomes)
    assert all(each.runs == each.builds == 6 for each in outcomes)


def test_git_names_a_set_that_has_a_culprit_that_does_not_build() -> None:
    hidden = [seed for seed in range(60) if World(seed, SMALL).culprit in World(seed, SMALL).broken]
    assert hidden
    assert all(bisections.git(seed, SMALL, 1).right for seed in hidden)


def test_ours_is_right_and_the_same_each_time() -> None:
    one, two = (bisections.ours(3, SMALL) for _ in range(2))
    assert one == two
    assert one.right
    assert one.stated >= 0.99
    assert one.seconds == one.runs + SMALL.build * one.builds


def test_places_beside_one_another_take_less_time() -> None:
    one, four = (bisections.side_by_side(5, SMALL, places) for places in (1, 4))
    assert one.right
    assert four.right
    assert four.seconds < one.seconds


def test_most_commits_of_a_history_can_leave_the_image_as_it_is() -> None:
    world = World(1, Setting(1.0, commits=100, same=True))
    assert len(world.same) == 95
    assert world.culprit not in world.same
    assert world.image(99) not in world.broken
    assert all(world.image(at) == world.image(at - 1) for at in world.same if at)
