# SPDX-License-Identifier: GPL-2.0-or-later
"""A row of the matrix, out of a run record. Pure."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from patchtool.core.text import one_line
from patchtool.errors import Exit
from patchtool.matrix.matrix_record import Cell, Counts, MatrixRow
from patchtool.report.markdown import compiler
from patchtool.report.tables import who_text
from patchtool.testing.records import Outcome
from patchtool.verdict.by_patch import new_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchtool.build.kernel.image import KernelImage
    from patchtool.build.kernel.touched import Compiled
    from patchtool.errors import PatchtoolError
    from patchtool.matrix.combinations import Combination
    from patchtool.matrix.matrix_record import Outcome as RowOutcome
    from patchtool.matrix.matrix_record import State
    from patchtool.run.record import RunRecord


def waiting(combination: Combination) -> MatrixRow:
    """The row of a run that has not begun."""
    return MatrixRow(
        folder=combination.name, tree=combination.name, toolchain=combination.toolchain or ""
    )


def row_of(
    combination: Combination, record: RunRecord | None, error: PatchtoolError | None = None
) -> MatrixRow:
    """The row of a run that has ended.

    Args:
        combination: What was run.
        record: What is known of it; None when not even that could be written.
        error: What ended it, unless that was the series.
    """
    row = waiting(combination)
    if record is not None:
        row = row.model_copy(
            update={
                "tree": record.tree or row.tree,
                "base": record.release,
                "compiler": compiler(record.host.compiler),
                "steps": steps(record),
                "tests": counts(record),
                "left_out": record.left_out,
                "outcome": record.outcome,
                "exit_code": record.exit_code,
                "reason": _reason(record),
                "warnings": sum(found.severity == "warning" for found in record.findings),
                "seconds": record.seconds or 0,
            }
        )
    if error is None:
        return row
    outcome: RowOutcome = "refused" if error.exit_code is Exit.USAGE else "infra"
    what = f"{error.stage}: {error.message}" if error.stage else error.message
    reason = one_line(f"{what} ({error.hint})" if error.hint else what)
    return row.model_copy(
        update={"outcome": outcome, "exit_code": int(error.exit_code), "reason": reason}
    )


def _reason(record: RunRecord) -> str:
    """The first error, and how many more there are."""
    errors = [found for found in record.findings if found.severity == "error"]
    if not errors:
        return ""
    first = errors[0]
    parts = [who_text(record, first), first.test.rpartition("::")[2], first.what.partition("\n")[0]]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return one_line(": ".join(part for part in parts if part)) + more


def counts(record: RunRecord) -> Counts | None:
    """The tests on the whole series, or None when there were none."""
    if record.patched is None:
        return None
    outcomes = [test.outcome for test in record.patched.tests]
    return Counts(
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED) + outcomes.count(Outcome.ERROR),
        skipped=outcomes.count(Outcome.SKIPPED) + outcomes.count(Outcome.LEFT_OUT),
    )


def steps(record: RunRecord) -> dict[str, Cell]:
    """What became of each step that was reached, in order."""
    found = {name: make(record) for name, make in _STEPS.items()}
    return {name: cell for name, cell in found.items() if cell is not None}


def _apply(record: RunRecord) -> Cell | None:
    if not record.apply:
        return None
    done = sum(entry.commit is not None for entry in record.apply)
    outcomes = {entry.outcome for entry in record.apply}
    state: State = "bad" if "conflict" in outcomes else "good"
    if state == "good" and outcomes & {"3-way", "fuzz"}:
        state = "warn"
    return Cell(text=f"{done}/{len(record.series.patches) or len(record.apply)}", state=state)


def _kconfig(record: RunRecord) -> Cell | None:
    missing = {lost.symbol for config in record.kconfig for lost in config.missing}
    if missing:
        return Cell(text=f"{len(missing)} lost", state="bad")
    if _failed(record, "kconfig"):
        return Cell(text="failed", state="bad")
    return Cell(text="ok", state="good") if record.kconfig else None


def _base(record: RunRecord) -> Cell | None:
    images = [image for image in record.images if image.label == "base"]
    if not images:
        return Cell(text="failed", state="bad") if _failed(record, "build base") else None
    return _built(record, images, "")


def _patches(record: RunRecord) -> Cell | None:
    total = len(record.series.patches)
    images = [i for i in record.images if i.patch is not None and i.variant == "on"]
    if any(_failed(record, f"build {number}/{total}") for number in range(1, total + 1)):
        return Cell(text=f"{len(images)}/{total} failed", state="bad")
    return _built(record, images, f"{len(images)}/{total} ") if images else None


def _built(record: RunRecord, images: Sequence[KernelImage], prefix: str) -> Cell:
    spent = sum(image.seconds for image in images if not image.cached)
    state = _state(images)
    new = new_warnings(record)
    return Cell(
        text=f"{prefix}{'stored' if state == 'stored' else short(spent)}",
        state="warn" if any(new.get(image.label) for image in images) else state,
        seconds=sum(image.seconds for image in images),
    )


def _off(record: RunRecord) -> Cell | None:
    compiled = next((done for done in record.compiled if done.variant == "off"), None)
    if compiled is not None:
        return Cell(text="compiled", state=_state([compiled]), seconds=compiled.seconds)
    found = next((image for image in record.images if image.variant == "off"), None)
    if found is None:
        return Cell(text="failed", state="bad") if _failed(record, "build off") else None
    run = next((run for run in record.other_runs if run.label == found.label), None)
    if run is None:
        return Cell(text="built", state=_state([found]), seconds=found.seconds)
    bad = bool(run.failed)
    return Cell(text="failed" if bad else "boots", state="bad" if bad else "good")


def _state(images: Sequence[KernelImage | Compiled]) -> State:
    return "stored" if all(image.cached for image in images) else "good"


def _boot(record: RunRecord) -> Cell | None:
    if not record.boots:
        return None
    bad = sum(boot.outcome != "ok" for boot in record.boots)
    if bad:
        return Cell(text=f"{bad} failed", state="bad")
    middle = median(boot.seconds for boot in record.boots if boot.seconds is not None)
    return Cell(text=short(middle), state="good", seconds=middle)


def _tests(record: RunRecord) -> Cell | None:
    found = counts(record)
    if found is None or record.patched is None:
        return None
    text = f"{found.passed}/{found.failed}/{found.skipped}"
    state: State = "bad" if found.failed or not record.patched.complete else "good"
    return Cell(text=text, state=state, seconds=record.patched.seconds)


def _failed(record: RunRecord, stage: str) -> bool:
    return any(done.name == stage and not done.ok for done in record.stages)


def short(seconds: float) -> str:
    """``6.4 s``, ``318 s``: what fits a column."""
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


_STEPS: dict[str, Callable[[RunRecord], Cell | None]] = {
    "apply": _apply,
    "kconfig": _kconfig,
    "base": _base,
    "patches": _patches,
    "off": _off,
    "boot": _boot,
    "tests": _tests,
}
