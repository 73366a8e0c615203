# SPDX-License-Identifier: GPL-2.0-or-later
"""The failed tests of a run by what they showed: each thing once, with its first test. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.testing.records import Outcome

if TYPE_CHECKING:
    from patchtool.testing.records import TestRecord, TestRun


@dataclass(frozen=True, slots=True)
class Kind:
    """Tests that showed the same.

    Attributes:
        first: The first of them.
        on_base: They fail on the base as well, or were left out there.
        as_before: Node ids of the others that failed.
        left_out: Node ids of those that were left out, as they would have shown it.
    """

    first: TestRecord
    on_base: bool
    as_before: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def kinds(run: TestRun, control: TestRun | None) -> tuple[Kind, ...]:
    """The tests of a run that failed, those that showed the same together, in their order.

    A test that fails on the base as well is kept apart from one that does not.

    Args:
        run: The tests.
        control: The same tests on the base, if they were run.
    """
    left_out = (
        {t.nodeid for t in control.tests if t.outcome is Outcome.LEFT_OUT} if control else set()
    )
    bad = left_out | ({test.nodeid for test in control.failed} if control else set())
    groups: dict[tuple[str, bool], list[TestRecord]] = {}
    for test in run.failed:
        groups.setdefault((test.as_before or test.nodeid, test.nodeid in bad), []).append(test)
    left: dict[str, list[str]] = {}
    for test in run.tests:
        if test.outcome is Outcome.LEFT_OUT:
            left.setdefault(test.as_before, []).append(test.nodeid)
    return tuple(
        Kind(
            first=tests[0],
            on_base=on_base,
            as_before=tuple(test.nodeid for test in tests[1:]),
            left_out=tuple(left.pop(name, ())),
        )
        for (name, on_base), tests in groups.items()
    )
