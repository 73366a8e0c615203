# SPDX-License-Identifier: GPL-2.0-or-later
"""The two protocols by which b4 runs checks and reads what they found (b4 0.16).

``b4.prep-perpatch-check-cmd`` and ``b4.am-perpatch-check-cmd``: one patch on standard input;
each line of output is a finding, a failure if ``ERROR:`` is in it and a warning otherwise;
no output is success. All that comes on standard error is a failure.

``b4.review-perpatch-check-cmd`` and ``b4.review-series-check-cmd``: one patch, or the cover
letter (the first patch where there is none), on standard input; a JSON list on standard
output, each entry with ``tool``, ``status`` (pass, warn, fail), ``summary``, ``url`` and
``details``, which is text or a JSON list of ``status``, ``description`` and ``srcline``. For a
series, ``B4_TRACKING_FILE`` names a file with what b4 knows about it, where it knows more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.lint.findings import RANK, Severity, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.lint.findings import Finding

TRACKING = "B4_TRACKING_FILE"
_STATUS = {Severity.ERROR: "fail", Severity.WARNING: "warn", Severity.NOTE: "pass"}


def lines(findings: Sequence[Finding]) -> str:
    """The findings as b4's prep and am take them; notes, which it has no word for, are left out."""
    told = []
    for finding in findings:
        if finding.severity is Severity.NOTE:
            continue
        text = finding_line(finding)
        if finding.severity is Severity.WARNING:
            text = text.replace("ERROR:", "ERROR")
        told.append(f"{finding.severity.upper()}: {text}\n")
    return "".join(told)


def results(findings: Sequence[Finding], tool: str) -> str:
    """The findings as b4's review takes them: one entry, of *tool*."""
    worst = min((finding.severity for finding in findings), key=RANK.__getitem__, default=None)
    details = [
        {
            "status": _STATUS[finding.severity],
            "description": finding_line(finding),
            "srcline": _one_line(finding.source),
        }
        for finding in findings
    ]
    entry = {
        "tool": tool,
        "status": _STATUS[worst] if worst else "pass",
        "summary": tally(findings) or "passed all checks",
        "url": "",
        "details": json.dumps(details) if details else "",
    }
    return json.dumps([entry]) + "\n"


def finding_line(finding: Finding) -> str:
    """A finding on one line."""
    place = f"{finding.place}: " if finding.place else ""
    todo = f"; {finding.todo}" if finding.todo else ""
    return _one_line(f"{place}{finding.text}{todo} [{finding.id}]")


def thread_blob(tracking: str, where: str) -> str:
    """The blob that holds the thread, by what b4 tracks of a series; empty where it has none.

    Raises:
        MailError: It is not b4's.
    """
    try:
        series = json.loads(tracking)["series"]
        blob = series.get("thread-blob", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MailError(f"{where}: not what b4 tracks of a series") from None
    return blob if isinstance(blob, str) else ""


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() or c.isspace() else "?" for c in text).split())
