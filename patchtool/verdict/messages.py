# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding from its parts, with the sentence that holds all of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.run.record import Finding
from patchtool.verdict.attribution import Blame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchtool.run.record import Kind as FindingKind
    from patchtool.run.record import RunRecord, Severity
    from patchtool.testing.by_symptom import Kind

NOBODY = Blame(None, (), "")


def _subject(record: RunRecord, number: int | None) -> str:
    return next((p.subject for p in record.series.patches if p.number == number), "")


def finding_of(
    record: RunRecord,
    kind: FindingKind,
    severity: Severity,
    what: str,
    blame: Blame = NOBODY,
    *,
    test: str = "",
    check: str = "",
    numbers: Mapping[str, float] | None = None,
    kind_of_test: Kind | None = None,
) -> Finding:
    """A finding, with the sentence that holds all of it."""
    before = kind_of_test.as_before if kind_of_test else ()
    left = kind_of_test.left_out if kind_of_test else ()
    subject = _subject(record, blame.patch)
    who = ""
    if blame.patch is not None:
        who = f'patch {blame.patch}/{len(record.series.patches)} "{subject}": '
    elif blame.suspects:
        who = f"one of patches {', '.join(map(str, blame.suspects))}: "
    why = f"; {blame.reason}" if blame.reason else ""
    return Finding(
        kind=kind, severity=severity, what=what, why=blame.reason, patch=blame.patch,
        subject=subject, suspects=blame.suspects, test=test, check=check,
        numbers=dict(numbers or {}), as_before=before, left_out=left,
        text=f"{who}{f'{test}: ' if test else ''}{what}{why}{others_text(before, left)}",
    )  # fmt: skip


def certain(number: int | None) -> Blame:
    """The blame where a stage went patch by patch, so that there is no doubt."""
    return NOBODY if number is None else Blame(number, (number,), "", certain=True)


def others_text(as_before: Sequence[str], left_out: Sequence[str]) -> str:
    """Which further tests a finding is about: the end of its sentence, empty if there are none."""
    said = [f"as before in {len(as_before)} more: {', '.join(as_before)}"] if as_before else []
    said += [f"{len(left_out)} of the kind left out: {', '.join(left_out)}"] if left_out else []
    return "".join(f"; {part}" for part in said)
