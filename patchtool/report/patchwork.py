# SPDX-License-Identifier: GPL-2.0-or-later
"""A run as checks on the patches of a patchwork series. Pure.

Every patch gets a check for whether it applies and one for whether it builds. Booting and
testing are done with all patches, so the last patch gets those checks, and any patch before
it that is to blame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from patchtool.intake.servers.patchwork_checks import Check
from patchtool.testing.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.intake.servers.patchwork_checks import State
    from patchtool.run.record import Finding, RunRecord

APPLY: Final = "patchtool-apply"
BUILD: Final = "patchtool-build"
BOOT: Final = "patchtool-boot"
TESTS: Final = "patchtool-tests"
#: Where each kind of finding belongs.
_CONTEXT = {
    "apply": APPLY, "kconfig": BUILD, "build": BUILD, "warning": BUILD, "elf": BUILD,
    "boot": BOOT, "test": TESTS, "splat": TESTS, "control": TESTS, "claim": TESTS,
}  # fmt: skip
_LATE = (BOOT, TESTS)


def pending(numbers: Sequence[int]) -> tuple[Check, ...]:
    """The checks of a run that begins; *numbers* are those of the patches."""
    each = [(number, context) for number in numbers for context in (APPLY, BUILD)]
    late = [(numbers[-1], context) for context in _LATE] if numbers else []
    return tuple(Check(*place, "pending", "patchtool is at it") for place in (*each, *late))


def checks(record: RunRecord) -> tuple[Check, ...]:
    """The checks of a run that ended."""
    numbers = [patch.number for patch in record.series.patches]
    found = []
    for number in numbers:
        for context in (APPLY, BUILD, *_LATE):
            bad = _about(record, context, number, last=number == numbers[-1])
            if bad or context not in _LATE or number == numbers[-1]:
                found.append(_judged(record, context, number, bad))
    return tuple(found)


def _about(record: RunRecord, context: str, number: int, *, last: bool) -> list[Finding]:
    """The errors and warnings that a check is about; the last patch gets those that blame none."""
    found = []
    for finding in record.findings:
        blamed = (finding.patch,) if finding.patch is not None else finding.suspects
        ours = number in blamed or (not blamed and last)
        if ours and finding.severity != "note" and _CONTEXT.get(finding.kind) == context:
            found.append(finding)
    return found


def _judged(record: RunRecord, context: str, number: int, bad: list[Finding]) -> Check:
    if bad:
        bad.sort(key=lambda finding: finding.severity != "error")
        state: State = "fail" if bad[0].severity == "error" else "warning"
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        return Check(number, context, state, f"{bad[0].text[: 240 - len(more)]}{more}")
    state, text = _GOOD[context](record, number)
    return Check(number, context, state, text or f"not done: {_why(record)}")


def _why(record: RunRecord) -> str:
    """Why a run did not come this far."""
    if record.outcome == "interrupted":
        return "the run was interrupted"
    errors = [finding for finding in record.findings if finding.severity == "error"]
    if record.outcome == "infra" or any(finding.kind == "infra" for finding in errors):
        return "the machine that tests failed, not the series"  # its paths are nobody's business
    return errors[0].text if errors else "the run was not asked to"


def _applies(record: RunRecord, number: int) -> tuple[State, str]:
    row = next((row for row in record.apply if row.number == number), None)
    if row is None or row.outcome == "conflict":
        return "warning", ""
    if row.outcome == "applied":
        return "success", f"applies to {_base(record)}"
    return "warning", f"{row.outcome}: {row.detail}" if row.detail else row.outcome


def _base(record: RunRecord) -> str:
    base = record.base
    if base is None:
        return "the base"
    return f"{base.name} ({base.chosen_by})" if base.chosen_by else base.name or base.commit[:12]


def _builds(record: RunRecord, number: int) -> tuple[State, str]:
    if any(image.patch == number for image in record.images):
        alone = all(image.patch == number for image in record.images)
        return "success", "builds" if alone else "builds without new warnings"
    return "warning", ""


def _boots(record: RunRecord, number: int) -> tuple[State, str]:
    labels = {image.label for image in record.images if image.patch == number}
    boots = [boot for boot in record.boots if boot.image in labels]
    if not boots or any(boot.outcome != "ok" for boot in boots):
        return "warning", ""
    return "success", f"boots ({boots[0].guest}, {boots[0].accelerator})"


def _passes(record: RunRecord, number: int) -> tuple[State, str]:
    labels = {image.label for image in record.images if image.patch == number}
    run = record.patched
    outcomes = [test.outcome for test in run.tests] if run is not None else []
    if run is None or not run.complete or run.label not in labels or Outcome.ERROR in outcomes:
        return "warning", ""
    counts = ", ".join(f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes))
    return "success" if Outcome.PASSED in outcomes else "warning", counts


_GOOD = {APPLY: _applies, BUILD: _builds, BOOT: _boots, TESTS: _passes}
