# SPDX-License-Identifier: GPL-2.0-or-later
"""The form of the subjects. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.model import Patch, Series

#: Documentation/process/submitting-patches.rst: "no more than 70-75 characters".
LONGEST = 75
_PREFIX = re.compile(r"([^:\s]+(?: [^:\s]+){0,2}):\s")
_REVERT = re.compile(r'(?:Revert|Reapply) "')
PLACE = "message:1"


def prefix(subject: str) -> str:
    """The ``mm/vmstat`` of ``mm/vmstat: count this``; empty where there is none."""
    match = _PREFIX.match(subject)
    return match[1] if match else ""


def is_revert(subject: str) -> bool:
    """Whether git wrote it: ``Revert "…"`` has no prefix of its own."""
    return _REVERT.match(subject) is not None


def check(series: Series) -> tuple[Finding, ...]:
    """Whether each subject has a prefix, fits on a line, and differs from the others."""
    return tuple(
        finding for patch in series.patches for finding in (*_form(patch), *_twice(patch, series))
    )


def _form(patch: Patch) -> Iterator[Finding]:
    subject, number = patch.subject, patch.number
    if is_revert(subject):
        return
    if not prefix(subject):
        yield Finding(
            Severity.WARNING, "subject-prefix", number, "the subject names no subsystem",
            "start it with one: `subsystem: what the patch does`", PLACE, subject,
        )  # fmt: skip
    if len(subject) > LONGEST:
        yield Finding(
            Severity.WARNING, "subject-long", number,
            f"the subject has {len(subject)} characters", f"make it {LONGEST} at most",
            PLACE, subject,
        )  # fmt: skip
    if subject.endswith(".") and not subject.endswith("..."):
        yield Finding(
            Severity.WARNING, "subject-period", number, "the subject ends with a period",
            "drop the period", PLACE, subject,
        )  # fmt: skip


def _twice(patch: Patch, series: Series) -> Iterator[Finding]:
    earlier = next((p for p in series.patches if p.subject == patch.subject), patch)
    if earlier.number < patch.number:
        yield Finding(
            Severity.WARNING, "subject-twice", patch.number,
            f"patch {earlier.number} has the same subject",
            "say what this one does that the other does not", PLACE, patch.subject,
        )  # fmt: skip
