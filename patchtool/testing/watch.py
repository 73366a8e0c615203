# SPDX-License-Identifier: GPL-2.0-or-later
"""Watches a guest while one test runs: counters, samples over time, the kernel's complaints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from patchtool.errors import BootError, LostGuest
from patchtool.testing import relations
from patchtool.testing.records import (
    LATER,
    Check,
    Deltas,
    GuestFacts,
    Outcome,
    Samples,
    SplatRecord,
    Symptom,
    TestRecord,
    Window,
)
from patchtool.testing.vmstat import ChecksFailed, difference, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.guest import session
    from patchtool.guest.console import Splat
    from patchtool.testing.guests import Live

#: Label of the checks on the deltas of a whole test.
WHOLE = "the whole test"
#: Time between two samples of the counters, in seconds.
INTERVAL = 0.2


class KernelComplaint(AssertionError):
    """The kernel complained during a test that may have passed otherwise."""


class TestWatch:
    """What is known about the running test; becomes its record.

    Args:
        nodeid: pytest's name of the test.
        title: First line of its docstring.
        run: Which one this is, of a test that repeats.
        needs: The features it asks for.
        keep: Counters that are recorded even when they did not change.
    """

    __test__ = False

    def __init__(
        self, nodeid: str, title: str, run: int, needs: tuple[str, ...], keep: Sequence[str]
    ) -> None:
        self.nodeid = nodeid
        self.title = title
        self.run = run
        self.needs = needs
        self.began = time.monotonic()
        self.outcome: Outcome | None = None
        self.reason = ""
        self.cause = ""
        self.where = ""
        self.symptoms: list[Symptom] = []
        self.as_before = ""
        self.windows: list[Window] = []
        self.checks: list[Check] = []
        self.figures: dict[str, int | float | str] = {}
        self._keep = tuple(keep)
        self._deltas: Deltas = {}
        self._samples = Samples()
        self._splats: tuple[SplatRecord, ...] = ()
        self._guest: GuestFacts | None = None
        self._before: dict[str, int] = {}
        self._cursor = -1
        self._sampled_from = 0.0

    def add_window(self, window: Window) -> None:
        """A window was closed."""
        self.windows.append(window)

    def add_checks(self, made: Iterable[Check]) -> None:
        """Relations were checked."""
        self.checks.extend(made)

    def fail(self, outcome: Outcome, reason: str, cause: str, where: str) -> None:
        """Set the outcome, if it is the first bad one; a later one only adds its reason."""
        if self.outcome in (None, Outcome.PASSED, Outcome.SKIPPED):
            self.outcome, self.reason, self.cause, self.where = outcome, reason, cause, where
        elif reason not in self.reason:
            self.reason += f"\n{LATER}{reason}"

    @property
    def splats(self) -> tuple[SplatRecord, ...]:
        """What the kernel complained of; known at the test's end."""
        return self._splats

    def add_symptoms(self, shown: Iterable[Symptom]) -> None:
        """The test failed, and showed these."""
        self.symptoms += [symptom for symptom in shown if symptom not in self.symptoms]

    def begin(self, live: Live) -> None:
        """Start to watch *live*."""
        self._guest = live.facts
        self._cursor = live.guest.cursor()
        self._before = live.vmstat()
        live.guest.sample_start(INTERVAL)
        self._sampled_from = time.monotonic() - self.began

    def end(self, live: Live, invariants: Iterable[str]) -> None:
        """Stop to watch, and judge what is judged for every test.

        Raises:
            KernelComplaint: There was a splat or a new taint.
            ChecksFailed: An invariant of the series does not hold for the whole test.
            BootError, LostGuest: The guest is dead.
        """
        try:
            self._samples = _samples(live.guest.sample_stop(), self._sampled_from)
            self._deltas = difference(self._before, live.vmstat())
            self._splats = tuple(map(_splat, live.guest.splats(self._cursor)))
            taint = live.taint()
        except (BootError, LostGuest) as error:
            live.spoiled = str(error)
            raise
        if taint != live.tainted:
            title = f"the kernel's taint flags went from {live.tainted} to {taint}"
            self._splats += (SplatRecord(kind="taint", title=title),)
        if self._splats:
            live.spoiled = self._splats[0].title
            said = ["the kernel complained during this test:"]
            for splat in self._splats:
                said += [f"{splat.kind}: {splat.title}", *(f"  {line}" for line in splat.lines)]
            raise KernelComplaint("\n".join(said))
        self._check_invariants(invariants)

    def _check_invariants(self, invariants: Iterable[str]) -> None:
        made = []
        for text in invariants:
            relation = relations.parse(text)
            if all(name in self._deltas for name in relation.names):
                values = {name: self._deltas[name].delta for name in relation.names}
                made.append(relation.check(values).model_copy(update={"window": WHOLE}))
        self.add_checks(made)
        failed = [check.explain() for check in made if not check.holds]
        if failed:
            raise ChecksFailed("\n".join([*failed, f"during {WHOLE}:", self.table()]))

    def table(self) -> str:
        """Table of the deltas of the whole test."""
        return table(self._deltas, self._keep)

    def record(self) -> TestRecord:
        """The finished test."""
        kept = {n: row for n, row in self._deltas.items() if row.delta or n in self._keep}
        return TestRecord(
            nodeid=self.nodeid,
            title=self.title,
            run=self.run,
            outcome=self.outcome or Outcome.ERROR,
            reason=self.reason,
            cause=self.cause,
            where=self.where,
            seconds=round(time.monotonic() - self.began, 3),
            needs=self.needs,
            deltas=kept,
            windows=tuple(self.windows),
            checks=tuple(self.checks),
            samples=self._samples,
            splats=self._splats,
            figures=self.figures,
            guest=self._guest,
            symptoms=tuple(self.symptoms),
            as_before=self.as_before,
        )


def _splat(splat: Splat) -> SplatRecord:
    return SplatRecord(kind=str(splat.kind), title=splat.title, lines=tuple(splat.lines))


def _samples(seen: session.Samples, offset: float) -> Samples:
    """Growth since the first sample, over seconds since the test began."""
    if not seen.seconds:
        return Samples()
    start, first = seen.seconds[0], seen.values[0]
    columns = {
        name: tuple(row[column] - first[column] for row in seen.values)
        for column, name in enumerate(seen.names)
    }
    return Samples(
        seconds=tuple(round(at - start + offset, 3) for at in seen.seconds),
        counters={name: values for name, values in columns.items() if any(values)},
    )
