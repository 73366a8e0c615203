# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test leaves behind, and the run that tests make; values only."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import ClassVar, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from patchtool.errors import InfraError

#: What a further reason of a test that had failed already begins with.
LATER = "and then: "


def _names(error: type[InfraError]) -> set[str]:
    return {error.__name__}.union(*(_names(kind) for kind in error.__subclasses__()))


#: Causes of a failed test that lie with this machine, by the error's name.
MACHINE: Final = frozenset(_names(InfraError))


class Outcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    #: It could not be judged: a mistake in the test or in patchtool, or this machine's fault.
    ERROR = "error"
    #: Not run, as others showed already what it would have; never a pass.
    LEFT_OUT = "left out"


class Record(BaseModel):
    """Part of a record; frozen, and no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CounterDelta(NamedTuple):
    """A counter before and after, and the difference."""

    before: int
    after: int
    delta: int


Deltas = dict[str, CounterDelta]


class Check(Record):
    """A relation between counters, and whether it held."""

    text: str = Field(description="such as compact_balloon_released == compact_balloon_migrated")
    holds: bool
    values: dict[str, int | float] = Field(default_factory=dict)
    left: int | float | None = None
    right: int | float | None = None
    window: str = Field(default="", description="label of the window whose deltas were compared")

    def explain(self) -> str:
        """The relation and its figures on one line."""
        state = "holds" if self.holds else "does not hold"
        figures = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"{self.text} {state}: {self.left} against {self.right} ({figures})"


class Window(Record):
    """The deltas of a part of a test, as ``with vmstat.delta(label)`` measured them."""

    label: str
    begin: float = Field(description="seconds since the test began")
    end: float
    deltas: Deltas


class Samples(Record):
    """Counters over time, as the guest's agent sampled them; only those that changed."""

    seconds: tuple[float, ...] = Field(default=(), description="since the test began")
    counters: dict[str, tuple[int, ...]] = Field(
        default_factory=dict, description="growth since the first sample, one number per time"
    )


class SplatRecord(Record):
    """A complaint of the kernel."""

    kind: str
    title: str
    lines: tuple[str, ...] = ()


class Symptom(Record):
    """What a test that failed showed; the same of two tests is explained once."""

    kind: str = Field(description="check, splat, device, assertion, or how the guest died")
    subject: str = Field(description="the relation, the title, the device; without figures")

    @property
    def text(self) -> str:
        """In a few words."""
        return f"{self.subject} does not hold" if self.kind == "check" else self.subject


class GuestFacts(Record):
    """The machine a test ran on."""

    memory_mib: int
    cpus: int
    nodes: int
    append: tuple[str, ...] = Field(default=(), description="added to the kernel's command line")
    accelerator: str
    boot_seconds: float = Field(description="from the start of QEMU to the first answer")
    boot: int = Field(default=1, description="which boot of this run it was, from 1")


class TestRecord(Record):
    """A finished test."""

    __test__: ClassVar[bool] = False

    kind: Literal["test"] = "test"
    nodeid: str
    title: str = Field(default="", description="first line of the test's docstring")
    outcome: Outcome
    reason: str = Field(default="", description="why it did not pass")
    cause: str = Field(default="", description="the error's type, such as BootError")
    where: str = Field(default="", description="file:line of the test that did not pass")
    seconds: float
    run: int = Field(default=1, description="which one it was, of a test that repeats")
    needs: tuple[str, ...] = Field(default=(), description="kernel features the test asks for")
    deltas: Deltas = Field(
        default_factory=dict, description="of the whole test: what changed, and what was promised"
    )
    windows: tuple[Window, ...] = ()
    checks: tuple[Check, ...] = ()
    samples: Samples = Samples()
    splats: tuple[SplatRecord, ...] = ()
    figures: dict[str, int | float | str] = Field(default_factory=dict)
    guest: GuestFacts | None = None
    symptoms: tuple[Symptom, ...] = Field(default=(), description="of a test that failed")
    as_before: str = Field(
        default="", description="the first test that showed the same, if one did"
    )

    @property
    def first(self) -> str:
        """Node id of the test's first run, which is the test's own."""
        run = run_id(self.run)
        if self.run == 1 or not self.nodeid.endswith(f"{run}]"):
            return self.nodeid
        head = self.nodeid.removesuffix(f"{run}]")
        return head.removesuffix("[") if head.endswith("[") else head.removesuffix("-") + "]"

    @property
    def by_machine(self) -> bool:
        """Whether it says nothing about the kernel: this machine is at fault."""
        return self.outcome in (Outcome.FAILED, Outcome.ERROR) and self.cause in MACHINE

    @property
    def headline(self) -> str:
        """Why it did not pass, on one line: the first reason, and what came of it."""
        lines = [line.strip() for line in self.reason.splitlines() if line.strip()]
        later = [line for line in lines[1:] if line.startswith(LATER)]
        return "; ".join([*lines[:1], *later])

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        """The relations that did not hold."""
        return tuple(check for check in self.checks if not check.holds)


def run_id(run: int) -> str:
    """What the node id of a later run of a test ends in, before its bracket."""
    return f"run{run}"


class TestRun(Record):
    """The tests of one image.

    A run that is not complete has no verdict; it is continued by running it again.
    """

    __test__: ClassVar[bool] = False

    label: str
    plan: str
    tests: tuple[TestRecord, ...] = ()
    complete: bool = False
    runs: int = Field(default=0, description="of each test that repeats; 0 when not complete")
    seconds: float = 0

    @property
    def failed(self) -> tuple[TestRecord, ...]:
        """Tests that failed or could not be judged."""
        return tuple(t for t in self.tests if t.outcome in (Outcome.FAILED, Outcome.ERROR))

    @property
    def counts(self) -> dict[Outcome, int]:
        """Number of tests per outcome."""
        found = Counter(test.outcome for test in self.tests)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def passed(self) -> bool:
        """It is complete, at least one test passed, and none failed or ended in an error."""
        bad = self.counts[Outcome.FAILED] + self.counts[Outcome.ERROR]
        return self.complete and not bad and self.counts[Outcome.PASSED] > 0

    @property
    def summary(self) -> str:
        """Such as ``12 passed, 1 failed, 2 skipped``."""
        said = [f"{count} {outcome}" for outcome, count in self.counts.items() if count]
        return ", ".join(said) or "no test was run"

    def get(self, nodeid: str) -> TestRecord | None:
        """The record of a test, or None."""
        return next((test for test in self.tests if test.nodeid == nodeid), None)
