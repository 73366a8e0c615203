# SPDX-License-Identifier: GPL-2.0-or-later
"""Deltas of counters: measured, shown, checked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from patchtool.errors import LostGuest
from patchtool.testing.records import Check, CounterDelta, Window
from patchtool.testing.vmstat import ChecksFailed, Vmstat, difference, parse, table

if TYPE_CHECKING:
    from collections.abc import Iterable


class Notes:
    """A recorder that keeps everything."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.windows: list[Window] = []
        self.checks: list[Check] = []

    def add_window(self, window: Window) -> None:
        self.windows.append(window)

    def add_checks(self, made: Iterable[Check]) -> None:
        self.checks.extend(made)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def counters() -> dict[str, int]:
    return {"balloon_inflate": 10, "balloon_migrate": 5, "isolated": 0, "pgfault": 100}


@pytest.fixture
def vmstat(counters: dict[str, int], notes: Notes) -> Vmstat:
    return Vmstat(lambda: dict(counters), notes, keep=["isolated"])


def test_parse_takes_counters_only() -> None:
    """Lines of /proc/vmstat become numbers; others are left out."""
    text = "nr_free_pages 12\nnr_dirty -3\nballoon_inflate 0\n\nnonsense\nx y\n"
    assert parse(text) == {"nr_free_pages": 12, "nr_dirty": -3, "balloon_inflate": 0}


def test_difference_of_a_new_counter() -> None:
    """A counter that appeared counts from 0."""
    assert difference({"a": 1}, {"a": 3, "b": 2}) == {
        "a": CounterDelta(1, 3, 2),
        "b": CounterDelta(0, 2, 2),
    }


def test_table_has_what_changed_and_what_is_kept() -> None:
    """The table shows counter, before, after, delta, aligned."""
    deltas = {
        "pgfault": CounterDelta(100, 1100, 1000),
        "still": CounterDelta(7, 7, 0),
        "isolated": CounterDelta(0, 0, 0),
    }
    assert table(deltas, keep=["isolated"]).splitlines() == [
        "counter   before  after  delta",
        "isolated       0      0     +0",
        "pgfault      100   1100  +1000",
    ]
    assert table({}) == "no counter changed"


def test_delta_is_known_when_the_block_is_left(
    vmstat: Vmstat, counters: dict[str, int], notes: Notes
) -> None:
    """Inside the block there is no delta yet; behind it there is, and it is recorded."""
    with vmstat.delta("inflation") as delta:
        counters["balloon_inflate"] += 64
        with pytest.raises(RuntimeError, match="when the `with"):
            delta["balloon_inflate"]
    assert delta["balloon_inflate"] == 64
    assert delta["pgfault"] == 0
    assert "balloon_inflate" in delta
    (window,) = notes.windows
    assert window.label == "inflation"
    assert window.deltas == {
        "balloon_inflate": CounterDelta(10, 74, 64),
        "isolated": CounterDelta(0, 0, 0),
    }
    assert 0 <= window.begin <= window.end


def test_unknown_counter_names_near_ones(vmstat: Vmstat) -> None:
    """A counter the kernel does not have is an error that names similar ones."""
    with vmstat.delta() as delta:
        pass
    with pytest.raises(KeyError, match=r"no balloon_inflated; near: balloon_inflate"):
        delta["balloon_inflated"]
    with pytest.raises(KeyError, match="has no zzz"):
        delta.check("zzz == 0")


def test_failed_check_shows_every_relation_and_the_table(
    vmstat: Vmstat, counters: dict[str, int], notes: Notes
) -> None:
    """All relations are judged before one is complained about, and the table is in the message."""
    with vmstat.delta("compaction") as delta:
        counters["balloon_migrate"] += 4
        counters["isolated"] += 3
    with pytest.raises(ChecksFailed) as caught:
        delta.check(
            "isolated >= balloon_migrate", "balloon_migrate == moved", "isolated == 2", moved=4
        )
    message = str(caught.value)
    assert "isolated >= balloon_migrate does not hold: 3 against 4" in message
    assert "isolated == 2 does not hold" in message
    assert "moved" not in message
    assert "balloon_migrate       5      9     +4" in message
    assert [check.holds for check in notes.checks] == [False, True, False]
    assert {check.window for check in notes.checks} == {"compaction"}


def test_block_that_fails_is_recorded(
    vmstat: Vmstat, counters: dict[str, int], notes: Notes
) -> None:
    """An error inside the block passes through, and the deltas up to it are kept."""

    def block() -> None:
        with vmstat.delta("broken"):
            counters["pgfault"] += 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()
    assert notes.windows[0].deltas["pgfault"].delta == 1


def test_error_of_the_block_wins_over_a_dead_guest(notes: Notes) -> None:
    """When the guest died in the block, what the block said is what is reported."""
    answers = [{"a": 1}]

    def read() -> dict[str, int]:
        if not answers:
            raise LostGuest("gone")
        return answers.pop()

    vmstat = Vmstat(read, notes)
    with pytest.raises(ValueError, match="the test's own"), vmstat.delta():
        raise ValueError("the test's own")


def test_recalled_delta_is_checked_for_this_test(
    vmstat: Vmstat, counters: dict[str, int], notes: Notes
) -> None:
    """A delta that another test measured is recorded with both, and says so."""
    with vmstat.delta("compaction") as delta:
        counters["isolated"] += 1
    again = Vmstat(dict, notes).recall(delta, "shared")
    again.check("isolated == 1")
    assert notes.windows[-1].label == "compaction (shared)"
    assert notes.checks[-1].holds
