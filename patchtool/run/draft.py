# SPDX-License-Identifier: GPL-2.0-or-later
"""The run record while it grows; a report can be made of it at any moment."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from patchtool import __version__
from patchtool.errors import SeriesError
from patchtool.run import facts
from patchtool.run.record import BaseFacts, Finding, Host, LogLink, RunRecord, SeriesFacts
from patchtool.verdict import claims
from patchtool.verdict.comparisons import compare
from patchtool.verdict.findings import gather, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.errors import PatchtoolError
    from patchtool.run.record import (
        ApplyFacts,
        BootFacts,
        Comparison,
        ElfFacts,
        ImageFacts,
        KconfigFacts,
        Kind,
        RunFacts,
        Verdict,
    )
    from patchtool.run.stages import Stages
    from patchtool.series.model import Series


@dataclass(slots=True)
class Draft:
    """What is known about a run so far.

    Attributes:
        folder: The run directory.
        argv: The command line that asked for the run.
        stages: The stages so far.
        other_runs: Tests on the images between base and tip, and on other variants.
    """

    #: Name of the file of command lines in the run directory.
    COMMANDS: ClassVar[str] = "commands.sh"

    folder: Path
    argv: tuple[str, ...]
    stages: Stages
    started: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    host: Host = field(default_factory=Host)
    series: Series | None = None
    base: BaseFacts | None = None
    apply: tuple[ApplyFacts, ...] = ()
    kconfig: list[KconfigFacts] = field(default_factory=list)
    images: list[ImageFacts] = field(default_factory=list)
    elf: ElfFacts | None = None
    left_out: tuple[str, ...] = ()
    boots: list[BootFacts] = field(default_factory=list)
    control: RunFacts | None = None
    patched: RunFacts | None = None
    other_runs: list[RunFacts] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    logs: list[LogLink] = field(default_factory=list)

    def log(self, name: str) -> Path:
        """The path of a log file in the run directory, listed in the report."""
        path = self.folder / "logs" / name
        path.parent.mkdir(exist_ok=True)
        return path

    def keep(self, log: Path, name: str) -> str:
        """Copy a log to the run directory; its path in there."""
        target = self.log(name)
        if log.is_file():
            shutil.copyfile(log, target)
        relative = str(target.relative_to(self.folder))
        self.logs.append(LogLink(title=name, path=relative))
        return relative

    @property
    def counters(self) -> tuple[str, ...]:
        """The vm events the series adds."""
        manifest = self.series.manifest if self.series else None
        return manifest.counters.adds if manifest else ()

    def subject(self, patch: int | None) -> str:
        """Subject of a patch of the series."""
        patches = self.series.patches if self.series else ()
        return next((p.subject for p in patches if p.number == patch), "")

    def found(self, kind: Kind, error: PatchtoolError, patch: int | None = None) -> None:
        """Make a finding of an error, and of the patch that is to blame."""
        subject = self.subject(patch)
        who = f'patch {patch} "{subject}": ' if patch is not None else ""
        self.findings.append(
            Finding(
                kind=kind,
                severity="error",
                text=f"{who}{error.message}",
                what=error.message,
                patch=patch,
                subject=subject,
                suspects=() if patch is None else (patch,),
            )
        )

    def ended_by(self, error: PatchtoolError) -> None:
        """Make a finding of what ended the run, unless a part of the record says it already."""
        if any(row.outcome == "conflict" for row in self.apply):
            return
        if any(not symbol.ok for config in self.kconfig for symbol in config.symbols):
            return
        if any(finding.what == error.message for finding in self.findings):
            return
        self.found("boot" if isinstance(error, SeriesError) else "infra", error)

    def record(self, ended: tuple[Verdict, int] | None = None) -> RunRecord:
        """The run record.

        Args:
            ended: Outcome and exit code when the run did not come to its end; None to judge
                a whole run by what was found.
        """
        series = self.series
        manifest = series.manifest if series else None
        comparisons: tuple[Comparison, ...] = ()
        if self.control and self.patched:
            comparisons = compare(self.control, self.patched, self.counters)
        commands = self.folder / self.COMMANDS
        lines = commands.read_text(encoding="utf-8").splitlines() if commands.is_file() else []
        record = RunRecord(
            tool_version=__version__,
            started=self.started,
            finished=datetime.now(tz=UTC),
            argv=self.argv,
            host=self.host,
            series=facts.of_series(series) if series else SeriesFacts(name="", title=""),
            base=self.base or BaseFacts(tree="", commit=""),
            apply=self.apply,
            kconfig=tuple(self.kconfig),
            images=tuple(self.images),
            elf=self.elf,
            left_out=self.left_out,
            boots=tuple(self.boots),
            control=self.control,
            patched=self.patched,
            other_runs=tuple(self.other_runs),
            comparisons=comparisons,
            claims=claims.judge(manifest, self.control, self.patched),
            stages=tuple(self.stages.facts),
            commands=tuple(lines),
            logs=tuple(self.logs),
            outcome="passed",
            exit_code=0,
        )
        patches = series.patches if series else ()
        gathered = gather(record, patches)
        findings = (*self.findings, *gathered)
        outcome, code = ended or verdict(record, findings)
        return record.model_copy(
            update={"findings": findings, "outcome": outcome, "exit_code": code}
        )
