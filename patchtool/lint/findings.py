# SPDX-License-Identifier: GPL-2.0-or-later
"""One thing that is wrong with a series, or that could not be told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


RANK = {severity: at for at, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        severity: How bad it is.
        id: Never changes; the name of the check, ``-``, and what is wrong: ``fixes-subject``.
        patch: Number of the patch; 0 for the cover letter; None for the series as a whole.
        text: What is wrong, in one sentence.
        todo: What to do about it; may be empty where the text says it.
        place: ``file:line`` in the tree after the patch, or ``message:line``, counted as
            ``git commit`` shows the message (the subject is line 1); may be empty.
        source: The line it is about; may be empty.
    """

    severity: Severity
    id: str
    patch: int | None
    text: str
    todo: str = ""
    place: str = ""
    source: str = ""

    @property
    def check(self) -> str:
        """Name of the check that made it."""
        return self.id.partition("-")[0]


def unchecked(check: str, reason: str, todo: str = "") -> Finding:
    """The finding of a check that could not be made."""
    text = f"{check} not checked: {reason}"
    return Finding(Severity.NOTE, f"{check}-unchecked", None, text, todo)


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By patch (the series as a whole last), and the worst first."""

    def key(finding: Finding) -> tuple[bool, int, int]:
        return finding.patch is None, finding.patch or 0, RANK[finding.severity]

    return tuple(sorted(findings, key=key))


def reaches(findings: Sequence[Finding], limit: Severity) -> bool:
    """Whether one of them is as bad as *limit*, or worse."""
    return any(RANK[finding.severity] <= RANK[limit] for finding in findings)


def tally(findings: Sequence[Finding]) -> str:
    """Such as ``1 error, 2 warnings``; empty where there is none."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(
        f"{counts[severity]} {severity}{'s' * (counts[severity] > 1)}"
        for severity in Severity
        if counts[severity]
    )
