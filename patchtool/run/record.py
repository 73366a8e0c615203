# SPDX-License-Identifier: GPL-2.0-or-later
"""The run record: everything a report says, as one value (``report.json``).

All times are in seconds, all sizes of code in bytes, all paths relative to the run
directory. Text is kept as it was found; whoever shows it cleans it (:mod:`patchtool.core.text`).
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 (pydantic reads the annotations)
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field, ValidationError

from patchtool.core.settings import problems
from patchtool.core.store import write_atomic
from patchtool.errors import ManifestError, UsageError
from patchtool.run.record_parts import (
    ApplyFacts,
    BaseFacts,
    BootFacts,
    Change,
    ConflictFacts,
    ElfFacts,
    EventsFacts,
    Facts,
    Host,
    ImageFacts,
    KconfigFacts,
    LogLink,
    PatchFacts,
    SeriesFacts,
    StageFacts,
    SymbolFacts,
    WarningFacts,
)
from patchtool.series.figures import Bound  # noqa: TC001 (pydantic reads the annotations)
from patchtool.testing.records import Outcome, TestRecord, TestRun

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FILE_NAME",
    "SCHEMA_VERSION",
    "ApplyFacts",
    "BaseFacts",
    "BootFacts",
    "Change",
    "ClaimFacts",
    "Comparison",
    "ConflictFacts",
    "ElfFacts",
    "EventsFacts",
    "Finding",
    "Host",
    "ImageFacts",
    "KconfigFacts",
    "Kind",
    "LogLink",
    "PatchFacts",
    "RunFacts",
    "RunRecord",
    "SeriesFacts",
    "Severity",
    "StageFacts",
    "SymbolFacts",
    "Verdict",
    "WarningFacts",
    "read",
    "schema",
    "write",
]

SCHEMA_VERSION: Final = 1
FILE_NAME = "report.json"

Verdict = Literal["passed", "failed", "infra", "interrupted"]
Severity = Literal["error", "warning", "note"]
Kind = Literal[
    "apply", "kconfig", "build", "warning", "elf", "boot", "test", "splat", "control", "claim",
    "infra",
]  # fmt: skip


class RunFacts(Facts):
    """The tests on one image."""

    label: str = Field(description="base, or the label of the image they ran on")
    plan: str = Field(default="", description="digest of all that decides the results")
    tests: tuple[TestRecord, ...] = ()
    complete: bool = True
    seconds: float = 0
    log: str = ""

    @classmethod
    def of(cls, run: TestRun, log: str = "") -> RunFacts:
        """The facts of a test run; *log* is the path of pytest's output."""
        return cls(
            label=run.label,
            plan=run.plan,
            tests=run.tests,
            complete=run.complete,
            seconds=run.seconds,
            log=log,
        )

    @property
    def run(self) -> TestRun:
        """The test run these are the facts of."""
        return TestRun(
            label=self.label,
            plan=self.plan,
            tests=self.tests,
            complete=self.complete,
            seconds=self.seconds,
        )

    @property
    def failed(self) -> tuple[TestRecord, ...]:
        """Tests that failed or could not be judged."""
        return tuple(t for t in self.tests if t.outcome in (Outcome.FAILED, Outcome.ERROR))

    def get(self, nodeid: str) -> TestRecord | None:
        """The record of a test, or None."""
        return next((test for test in self.tests if test.nodeid == nodeid), None)


class Comparison(Facts):
    """One test on the base and with the series."""

    test: str
    base: str = Field(description="outcome on the base; '' when it did not run there")
    patched: str
    verdict: Literal["tells apart", "same on both", "not compared"]
    flagged: bool = Field(
        default=False, description="passes on both although it should tell them apart"
    )
    detail: str = ""


class ClaimFacts(Facts):
    """A figure of the cover letter against those measured; see :mod:`patchtool.verdict.claims`."""

    name: str = Field(description="the counter, or what the letter calls the figure")
    claimed: int | float
    bound: Bound = "exact"
    unit: str = Field(default="", description="empty for the growth of a counter")
    on_base: bool = Field(default=False, description="claimed of the base, without the series")
    measured: tuple[int | float, ...] = Field(default=(), description="one figure per run")
    hits: int = Field(default=0, description="runs that gave the figure, or kept the bound")
    verdict: Literal["reproduced", "within spread", "not reproduced", "not measured"]
    notes: tuple[str, ...] = Field(
        default=(), description="what was different here, or why it was not measured"
    )
    procedure: str = Field(default="", description="how the letter measured it")
    balloon_mib: int = Field(default=0, description="0 where the claim names no balloon")
    guest_mib: int = Field(default=0, description="0 where the claim names no guest")
    source: str = ""
    tests: tuple[str, ...] = Field(default=(), description="node ids of the runs")


class Finding(Facts):
    """Something a person has to know."""

    kind: Kind
    severity: Severity
    text: str = Field(description="all of it in one sentence: patch, test, delta, reason")
    what: str = Field(default="", description="what was seen")
    why: str = Field(default="", description="why this patch, or why none")
    patch: int | None = None
    subject: str = ""
    suspects: tuple[int, ...] = Field(
        default=(), description="patches in question when one alone cannot be named"
    )
    test: str = ""
    check: str = ""
    numbers: dict[str, float] = Field(default_factory=dict)


class RunRecord(Facts):
    """One run of ``patchtool apply-and-test``."""

    schema_version: Literal[1] = SCHEMA_VERSION
    tool_version: str
    started: datetime
    finished: datetime | None = None
    argv: tuple[str, ...] = ()
    host: Host = Host()
    series: SeriesFacts
    base: BaseFacts
    apply: tuple[ApplyFacts, ...] = ()
    kconfig: tuple[KconfigFacts, ...] = ()
    images: tuple[ImageFacts, ...] = ()
    elf: ElfFacts | None = None
    boots: tuple[BootFacts, ...] = ()
    control: RunFacts | None = None
    patched: RunFacts | None = None
    other_runs: tuple[RunFacts, ...] = Field(
        default=(), description="on images of earlier patches, or of other variants"
    )
    comparisons: tuple[Comparison, ...] = ()
    claims: tuple[ClaimFacts, ...] = ()
    findings: tuple[Finding, ...] = ()
    stages: tuple[StageFacts, ...] = ()
    commands: tuple[str, ...] = Field(default=(), description="command lines as they were run")
    logs: tuple[LogLink, ...] = ()
    left_out: tuple[str, ...] = Field(
        default=(), description="what a whole run would have done besides"
    )
    outcome: Verdict
    exit_code: int

    @property
    def seconds(self) -> float | None:
        """Wall-clock time of the run."""
        return (self.finished - self.started).total_seconds() if self.finished else None


def schema() -> dict[str, Any]:
    """The JSON schema of ``report.json``."""
    return RunRecord.model_json_schema(mode="serialization")


def write(record: RunRecord, folder: Path) -> Path:
    """Write ``report.json``; its path."""
    path = folder / FILE_NAME
    write_atomic(path, record.model_dump_json(indent=1) + "\n")
    return path


def read(folder: Path) -> RunRecord:
    """Read ``report.json`` of a run directory, or the file itself.

    Raises:
        UsageError: There is none.
        ManifestError: It is not one of ours; every mistake is named.
    """
    path = folder / FILE_NAME if folder.is_dir() else folder
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"{path} does not exist", hint="name the run directory that patchtool printed last"
        ) from None
    try:
        return RunRecord.model_validate_json(text)
    except ValidationError as error:
        raise ManifestError(path, problems(error)) from error
