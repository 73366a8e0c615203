# SPDX-License-Identifier: GPL-2.0-or-later
"""The run record: everything a report says, as one value (``report.json``).

It holds what the stages gave, as they gave it: the series, its base, what became of each
patch, configurations, images, test runs. What a value has of this machine alone (absolute
paths) or at a length that no report needs (a ``.config``) is left out where it is written.

All times are in seconds, all sizes of code in bytes, all paths relative to the run
directory. Text is kept as it was found; whoever shows it cleans it (:mod:`patchtool.core.text`).
"""

from __future__ import annotations

import json
from datetime import datetime  # noqa: TC003 (pydantic reads the annotations)
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from patchtool.build.elf.comparison import ElfComparison  # noqa: TC001
from patchtool.build.kconfig.variants import KernelConfig  # noqa: TC001
from patchtool.build.kernel.image import KernelImage  # noqa: TC001
from patchtool.build.kernel.touched import Compiled  # noqa: TC001
from patchtool.core.durable import write_atomic
from patchtool.core.settings import problems
from patchtool.errors import ManifestError, UsageError
from patchtool.run import record_v1
from patchtool.run.host import Host
from patchtool.series.figures import Bound  # noqa: TC001
from patchtool.series.manifest import Counters
from patchtool.series.model import Series  # noqa: TC001
from patchtool.testing.records import Outcome, TestRun
from patchtool.tree.apply import AppliedPatch  # noqa: TC001
from patchtool.tree.base.choose import Base  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA_VERSION: Final = 2
FILE_NAME = "report.json"

Verdict = Literal["passed", "failed", "infra", "interrupted"]
#: What they mean: :mod:`patchtool.verdict.claims`.
ClaimVerdict = Literal[
    "reproduced", "within spread", "differs in one run", "not reproduced", "not measured"
]
Severity = Literal["error", "warning", "note"]
Kind = Literal[
    "apply", "kconfig", "build", "warning", "elf", "boot", "test", "splat", "control", "claim",
    "infra",
]  # fmt: skip


class Part(BaseModel):
    """A value of a record."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Boot(Part):
    """One boot of a guest."""

    image: str
    guest: str = Field(default="", description="memory, processors, nodes")
    accelerator: str = ""
    seconds: float | None = Field(default=None, description="to the first answer")
    outcome: str = Field(default="ok", description="ok, or what went wrong")
    console: str = ""


def boots(run: TestRun, folder: str) -> Iterator[Boot]:
    """The boots of a test run: one per guest that answered, and one per failed boot.

    Args:
        run: The tests.
        folder: Where their consoles are, in the run directory.
    """
    seen: set[int] = set()
    for test in run.tests:
        guest = test.guest
        if guest is not None and guest.boot not in seen:
            seen.add(guest.boot)
            yield Boot(
                image=run.label,
                guest=f"{guest.memory_mib} MiB, {guest.cpus} CPUs, {guest.nodes} nodes",
                accelerator=guest.accelerator,
                seconds=guest.boot_seconds,
                console=folder,
            )
        elif guest is None and test.outcome is Outcome.FAILED and test.cause == "BootError":
            yield Boot(image=run.label, outcome=test.reason.partition("\n")[0], console=folder)
            return


class Comparison(Part):
    """One test on the base and with the series."""

    test: str
    base: str = Field(description="outcome on the base; '' when it did not run there")
    patched: str
    verdict: Literal["tells apart", "same on both", "not compared"]
    flagged: bool = Field(
        default=False, description="passes on both although it should tell them apart"
    )
    detail: str = ""


class ClaimResult(Part):
    """A figure of the cover letter against those measured; see :mod:`patchtool.verdict.claims`."""

    name: str = Field(description="the counter, or what the letter calls the figure")
    claimed: int | float
    bound: Bound = "exact"
    unit: str = Field(default="", description="empty for the growth of a counter")
    on_base: bool = Field(default=False, description="claimed of the base, without the series")
    measured: tuple[int | float, ...] = Field(default=(), description="one figure per run")
    hits: int = Field(default=0, description="runs that gave the figure, or kept the bound")
    verdict: ClaimVerdict
    notes: tuple[str, ...] = Field(
        default=(), description="what was different here, or why it was not measured"
    )
    procedure: str = Field(default="", description="how the letter measured it")
    balloon_mib: int = Field(default=0, description="0 where the claim names no balloon")
    guest_mib: int = Field(default=0, description="0 where the claim names no guest")
    source: str = ""
    tests: tuple[str, ...] = Field(default=(), description="node ids of the runs")


class Finding(Part):
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
    as_before: tuple[str, ...] = Field(
        default=(), description="further tests that showed the same, and nothing else"
    )
    left_out: tuple[str, ...] = Field(
        default=(), description="tests that were not run, as they would have shown the same"
    )


class StageTime(Part):
    """How long a stage took, and how it ended."""

    name: str
    summary: str = ""
    seconds: float = 0
    cached: bool = False
    ok: bool = True


class LogLink(Part):
    """A file of the run directory worth opening."""

    title: str
    path: str


class RunRecord(Part):
    """One run of ``patchtool apply-and-test``."""

    schema_version: Literal[2] = SCHEMA_VERSION
    tool_version: str
    started: datetime
    finished: datetime | None = None
    argv: tuple[str, ...] = ()
    host: Host = Host()
    series: Series = Field(description="what was posted")
    counters: Counters = Field(
        default=Counters(), description="vm events, and how they agree, as its manifest says"
    )
    tree: str = Field(default="", description="name of the kernel tree")
    base: Base | None = Field(default=None, description="the commit the series was applied to")
    apply: tuple[AppliedPatch, ...] = ()
    kconfig: tuple[KernelConfig, ...] = ()
    images: tuple[KernelImage, ...] = Field(default=(), description="in the order of building")
    compiled: tuple[Compiled, ...] = Field(
        default=(), description="variants of which only what the series touches was compiled"
    )
    elf: ElfComparison | None = Field(
        default=None, description="vmlinux of the base against that with the whole series"
    )
    boots: tuple[Boot, ...] = ()
    control: TestRun | None = None
    patched: TestRun | None = None
    other_runs: tuple[TestRun, ...] = Field(
        default=(), description="on images of earlier patches, or of other variants"
    )
    comparisons: tuple[Comparison, ...] = ()
    claims: tuple[ClaimResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    stages: tuple[StageTime, ...] = ()
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

    @property
    def release(self) -> str:
        """The release the base is of, as it is tagged, or what the base was asked for as."""
        if self.base is None:
            return ""
        return self.base.release.tag if self.base.release.version else self.base.name

    @property
    def builds(self) -> tuple[KernelImage | Compiled, ...]:
        """Images, and what was compiled instead of one."""
        return (*self.images, *self.compiled)

    @property
    def tip(self) -> KernelImage | None:
        """The image with the newest patch, in the variant with the series' option on."""
        return next((image for image in reversed(self.images) if image.variant == "on"), None)


def schema() -> dict[str, Any]:
    """The JSON schema of ``report.json``."""
    return RunRecord.model_json_schema(mode="serialization")


def write(record: RunRecord, folder: Path) -> Path:
    """Write ``report.json``; its path."""
    path = folder / FILE_NAME
    write_atomic(path, record.model_dump_json(indent=1) + "\n")
    return path


def read(folder: Path) -> RunRecord:
    """Read ``report.json`` of a run directory, or the file itself; also one of version 1.

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
        if record_v1.is_version_1(text):
            return RunRecord.model_validate(record_v1.report(json.loads(text)))
        return RunRecord.model_validate_json(text)
    except ValidationError as error:
        raise ManifestError(path, problems(error)) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ManifestError(path, [f"not a whole report of version 1: {error!r}"]) from error
