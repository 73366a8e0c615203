# SPDX-License-Identifier: GPL-2.0-or-later
"""The record of a run, from what its steps gave. It can be made at any moment."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool import __version__
from patchtool.errors import ApplyConflict, PatchtoolError
from patchtool.run.host import host
from patchtool.run.record import Finding, LogLink, RunRecord, boots
from patchtool.series.manifest import Counters
from patchtool.series.model import Series
from patchtool.verdict import claims
from patchtool.verdict.comparisons import compare
from patchtool.verdict.findings import gather, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.run.pipeline import Walk
    from patchtool.run.record import Boot, Comparison, Kind, Verdict
    from patchtool.run.trial import Fault, TrialRecord
    from patchtool.testing.records import TestRun

#: Name of the file of command lines in the run directory.
COMMANDS = "commands.sh"
#: In the record of a run that ended before the series was read.
NO_SERIES = Series(name="", title="", revision=1, cover=None, patches=(), manifest=None)
#: The kind of finding that the error of a stage makes, by the first word of its name.
_KINDS: dict[str, Kind] = {
    "series": "apply", "tree": "apply", "apply": "apply", "kconfig": "kconfig",
    "build": "build", "elf": "elf", "test": "boot",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run that did not come to its end was ended.

    Attributes:
        outcome: What the report calls it.
        exit_code: What patchtool exits with.
        error: What ended it; None when a person did.
    """

    outcome: Verdict
    exit_code: int
    error: PatchtoolError | None = None


@dataclass(slots=True)
class Assembly:
    """Makes the record of a run.

    Attributes:
        walk: What the steps gave.
        argv: The command line that asked for the run.
        started: When it began.
    """

    walk: Walk
    argv: tuple[str, ...]
    started: datetime = field(default_factory=lambda: datetime.now(tz=UTC))

    def record(self, ending: Ending | None = None) -> RunRecord:
        """The run record.

        Args:
            ending: How the run was ended; None to judge a whole run by what was found.
        """
        walk = self.walk
        state = walk.state
        series = state.series or NO_SERIES
        counters = series.manifest.counters if series.manifest else Counters()
        builds = walk.builds.values()
        control, patched, others = self._tests()
        comparisons: tuple[Comparison, ...] = ()
        if control and patched:
            comparisons = compare(control, patched, counters.adds)
        commands = walk.folder / COMMANDS
        lines = commands.read_text(encoding="utf-8").splitlines() if commands.is_file() else []
        record = RunRecord(
            tool_version=__version__,
            started=self.started,
            finished=datetime.now(tz=UTC),
            argv=self.argv,
            host=host(
                walk.settings.guest_cpus,
                walk.guests.accelerator if walk.guests else None,
                walk.runtime,
                state.toolchain,
                walk.guests.root if walk.guests else None,
            ),
            series=series,
            counters=counters,
            tree=walk.tree.name if walk.tree else "",
            base=state.base,
            apply=walk.applied.patches if walk.applied else (),
            kconfig=tuple(
                build.config
                for build in builds
                if build.config and (build.trial.complete or build.trial.upto is None)
            ),
            images=tuple(self._images()),
            compiled=tuple(build.compiled for build in builds if build.compiled),
            elf=walk.elf,
            left_out=walk.request.left_out(series) if state.series else (),
            boots=tuple(self._boots()),
            control=control,
            patched=patched,
            other_runs=others,
            comparisons=comparisons,
            claims=claims.judge(series.manifest, control, patched),
            stages=tuple(walk.stages.times),
            commands=tuple(lines),
            logs=tuple(self._logs()),
            outcome="passed",
            exit_code=0,
        )
        findings = (*self._faults(record.kconfig), *self._ended(record, ending), *gather(record))
        outcome, code = verdict(record, findings)
        if ending is not None:
            outcome, code = ending.outcome, ending.exit_code
        return record.model_copy(
            update={"findings": findings, "outcome": outcome, "exit_code": code}
        )

    @property
    def _tested(self) -> tuple[TrialRecord, ...]:
        return (*self.walk.tests.values(), *self.walk.traces)

    def _tests(self) -> tuple[TestRun | None, TestRun | None, tuple[TestRun, ...]]:
        """The tests on the base, with the whole series, and on the other images."""
        control = patched = None
        others: list[TestRun] = []
        for record in self._tested:
            trial, run = record.trial, record.tests
            if run is None:
                continue
            if trial.complete and trial.variant.name == "on":
                patched = run
            elif trial.upto is None:
                control = run
            else:
                others.append(run)
        return control, patched, tuple(others)

    def _images(self) -> Iterator[KernelImage]:
        for record in self.walk.builds.values():
            if record.image is not None:
                yield record.image.model_copy(update={"log": Path(self._log(record))})

    def _boots(self) -> Iterator[Boot]:
        for record in self._tested:
            if record.tests is not None:
                yield from boots(record.tests, self.walk.test_folder(record).name)

    def _log(self, record: TrialRecord) -> str:
        """A build's log in the run directory; that of an earlier run is copied there."""
        log = self.walk.folder / "logs" / f"build-{record.trial.name}.log"
        if record.image is not None and record.image.log.is_file() and not log.is_file():
            log.parent.mkdir(exist_ok=True)
            shutil.copyfile(record.image.log, log)
        return str(log.relative_to(self.walk.folder)) if log.is_file() else ""

    def _logs(self) -> Iterator[LogLink]:
        for record in self.walk.builds.values():
            log = self._log(record)
            if log:
                yield LogLink(title=log.rpartition("/")[2], path=log)
        for record in self._tested:
            folder = self.walk.test_folder(record)
            if (folder / "pytest.log").is_file():
                title = f"tests on {record.trial.label}"
                yield LogLink(title=title, path=f"{folder.name}/pytest.log")

    def _faults(self, kconfig: Sequence[KernelConfig]) -> Iterator[Finding]:
        """What kept images from being built; the same mistake is told once."""
        seen: list[Fault] = []
        for build in self.walk.builds.values():
            fault = build.fault
            if fault is None or any(fault.same_as(other) for other in seen):
                continue
            seen.append(fault)
            listed = any(
                build.config is not None and config.missing and config.digest == build.config.digest
                for config in kconfig
            )
            if fault.kind != "kconfig" or not listed:  # else the symbols are findings
                blamed = self.walk.blamed.get(build.trial.label)
                yield self._finding(fault.kind, fault.message, blamed)

    def _ended(self, record: RunRecord, ending: Ending | None) -> Iterator[Finding]:
        """What ended the run, unless the patch that does not apply says it already."""
        error = ending.error if ending else None
        if error is None or (isinstance(error, ApplyConflict) and record.apply):
            return
        word = (error.stage or "").partition(" ")[0]
        infra = ending is not None and ending.outcome == "infra"
        yield self._finding("infra" if infra else _KINDS.get(word, "boot"), error.message)

    def _finding(self, kind: Kind, message: str, patch: int | None = None) -> Finding:
        series = self.walk.state.series
        patches = series.patches if series else ()
        subject = next((p.subject for p in patches if p.number == patch), "")
        who = f'patch {patch} "{subject}": ' if patch is not None else ""
        return Finding(
            kind=kind,
            severity="error",
            text=f"{who}{message}",
            what=message,
            patch=patch,
            subject=subject,
            suspects=() if patch is None else (patch,),
        )
