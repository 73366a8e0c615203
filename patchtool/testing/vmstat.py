# SPDX-License-Identifier: GPL-2.0-or-later
"""Deltas of the kernel's counters, as /proc/vmstat shows them.

VM events are kept per CPU and summed when the file is read, so they are exact at once; page
counts of zones and nodes are folded in only now and then, so they are flushed first by reading
/proc/sys/vm/stat_refresh: Linux kernel commit 52b6f46bc163 "mm: /proc/sys/vm/stat_refresh to
force vmstat update" (in v4.7). Kernels without that file are read as they are.
"""

from __future__ import annotations

import contextlib
import difflib
import time
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from patchtool.errors import PatchtoolError
from patchtool.testing.records import Check, CounterDelta, Deltas, Window
from patchtool.testing.relations import parse as parse_relation
from patchtool.testing.roles import written_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

NO_ROLES: Mapping[str, str] = MappingProxyType({})


class Recorder(Protocol):
    """Where a test's windows and checks go."""

    def add_window(self, window: Window) -> None:
        """A window was closed."""

    def add_checks(self, made: Iterable[Check]) -> None:
        """Relations were checked."""

    @property
    def began(self) -> float:
        """When the test began, on :func:`time.monotonic`'s clock."""


class ChecksFailed(AssertionError):
    """Relations did not hold; the message has each one, and the whole delta table."""


def parse(text: str) -> dict[str, int]:
    """The counters of a /proc/vmstat; lines that are none are left out."""
    counters: dict[str, int] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if value.strip().lstrip("-").isdecimal():
            counters[name] = int(value)
    return counters


def difference(before: Mapping[str, int], after: Mapping[str, int]) -> Deltas:
    """Each counter of *after*; one that was not there before counts as 0."""
    deltas: Deltas = {}
    for name, value in after.items():
        start = before.get(name, 0)
        deltas[name] = CounterDelta(start, value, value - start)
    return deltas


def table(deltas: Deltas, keep: Iterable[str] = ()) -> str:
    """A table of the counters that changed, and of those named in *keep*.

    Columns as in the cover letter of 2012: counter, before, after, delta.
    """
    kept = set(keep)
    rows = [("counter", "before", "after", "delta")]
    rows += [
        (name, str(row.before), str(row.after), f"{row.delta:+d}")
        for name, row in sorted(deltas.items())
        if row.delta or name in kept
    ]
    if len(rows) == 1:
        return "no counter changed"
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )


class Delta:
    """What the counters did in a ``with vmstat.delta()`` block; empty until its end.

    Attributes:
        label: What the block was for.
        deltas: All counters of the guest.
        facts: Other numbers that were measured with it; relations may name them.
    """

    def __init__(
        self,
        label: str,
        recorder: Recorder,
        keep: Iterable[str] = (),
        roles: Mapping[str, str] = NO_ROLES,
    ) -> None:
        self.label = label
        self.deltas: Deltas = {}
        self.facts: dict[str, float] = {}
        self.closed = False
        self._recorder = recorder
        self._keep = tuple(keep)
        self._roles = roles

    def __getitem__(self, name: str) -> int:
        """The delta of a counter, by its name or its role.

        Raises:
            KeyError: The guest has no such counter; says which names are near.
        """
        if not self.closed:
            raise RuntimeError("the delta is known when the `with vmstat.delta()` block is left")
        name = written_out(name, self._roles, self.deltas)
        if name in self.deltas:
            return self.deltas[name].delta
        near = difflib.get_close_matches(name, self.deltas, n=3)
        hint = f"; near: {', '.join(near)}" if near else ""
        raise KeyError(f"/proc/vmstat of this kernel has no {name}{hint}")

    def __contains__(self, name: str) -> bool:
        return name in self.deltas

    def table(self) -> str:
        """A table of what changed, and of the series' counters."""
        return table(self.deltas, self._keep)

    def check(self, *relations: str, **values: float) -> None:
        """Check relations between deltas, such as ``balloon_migrate >= 0.9 * pages``.

        All of them are evaluated and recorded before any is complained about.

        Args:
            relations: See :mod:`patchtool.testing.relations`; a role stands for its counter.
            values: What names stand for that are neither counters nor facts.

        Raises:
            ChecksFailed: Those that do not hold, and the delta table.
            KeyError: A name is neither a counter, nor a fact, nor in *values*.
        """
        made = []
        named = {**self.facts, **values}
        for text in relations:
            relation = parse_relation(written_out(text, self._roles, {*named, *self.deltas}))
            known = {n: named[n] if n in named else self[n] for n in relation.names}
            check = relation.check(known)
            made.append(check.model_copy(update={"window": self.label}))
        self._recorder.add_checks(made)
        failed = [check.explain() for check in made if not check.holds]
        if failed:
            raise ChecksFailed("\n".join([*failed, f"during {self.label}:", self.table()]))


class Vmstat:
    """The guest's counters.

    Args:
        read: Reads them all, flushed.
        recorder: The running test's.
        keep: Counters that are shown even when they did not change.
        roles: Role to counter; see patchtool.testing.roles.
    """

    def __init__(
        self,
        read: Callable[[], dict[str, int]],
        recorder: Recorder,
        keep: Iterable[str] = (),
        roles: Mapping[str, str] = NO_ROLES,
    ) -> None:
        self._read = read
        self._recorder = recorder
        self._keep = tuple(keep)
        self._roles = roles
        self._count = 0

    def read(self) -> dict[str, int]:
        """All counters as they are now."""
        return self._read()

    @contextmanager
    def delta(self, label: str = "") -> Iterator[Delta]:
        """Measure what the block does; the result is filled in when the block ends.

        A block that ends in an error is recorded as well, if the guest still answers.
        """
        self._count += 1
        delta = Delta(label or f"window {self._count}", self._recorder, self._keep, self._roles)
        before = self._read()
        begin = time.monotonic() - self._recorder.began
        try:
            yield delta
        except BaseException:
            with contextlib.suppress(PatchtoolError):  # the error of the block matters more
                self._close(delta, before, begin)
            raise
        self._close(delta, before, begin)

    def recall(self, delta: Delta, note: str) -> Delta:
        """A delta that an earlier test measured, for this test's checks and record.

        Args:
            delta: The closed delta.
            note: Added to its label: where it was measured.
        """
        again = Delta(f"{delta.label} ({note})", self._recorder, self._keep, self._roles)
        again.deltas, again.facts, again.closed = delta.deltas, delta.facts, True
        self._recorder.add_window(self._window(again, 0, 0))
        return again

    def _close(self, delta: Delta, before: dict[str, int], begin: float) -> None:
        delta.deltas = difference(before, self._read())
        delta.closed = True
        end = time.monotonic() - self._recorder.began
        self._recorder.add_window(self._window(delta, begin, end))

    def _window(self, delta: Delta, begin: float, end: float) -> Window:
        kept = {n: row for n, row in delta.deltas.items() if row.delta or n in self._keep}
        return Window(label=delta.label, begin=round(begin, 3), end=round(end, 3), deltas=kept)
