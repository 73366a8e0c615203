# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed for b4, by its own rules of reading it."""

from __future__ import annotations

import json

import pytest

from patchtool.errors import MailError
from patchtool.lint import b4
from patchtool.lint.findings import Finding, Severity

FOUND = (
    Finding(Severity.ERROR, "fixes-form", 1, "wrong", "write it right", "message:5", "Fixes: x"),
    Finding(Severity.WARNING, "checkpatch-X", 1, "said\nERROR: too", place="mm/a.c:3"),
    Finding(Severity.NOTE, "base-unchecked", None, "not checked"),
)


def test_lines_are_failures_where_they_say_error() -> None:
    error, warning = b4.lines(FOUND).splitlines()
    assert error == "ERROR: message:5: wrong; write it right [fixes-form]"
    assert "ERROR:" not in warning
    assert warning.startswith("WARNING: mm/a.c:3: said")
    assert b4.lines(FOUND[2:]) == ""


def test_results_are_one_entry_with_all_findings_inside() -> None:
    (entry,) = json.loads(b4.results(FOUND, "patchtool"))
    assert (entry["tool"], entry["status"]) == ("patchtool", "fail")
    assert entry["summary"] == "1 error, 1 warning, 1 note"
    details = json.loads(entry["details"])
    assert [each["status"] for each in details] == ["fail", "warn", "pass"]
    assert details[0]["srcline"] == "Fixes: x"


def test_nothing_found_is_a_pass() -> None:
    (entry,) = json.loads(b4.results((), "patchtool"))
    assert (entry["status"], entry["summary"]) == ("pass", "passed all checks")
    (entry,) = json.loads(b4.results(FOUND[2:], "patchtool"))
    assert entry["status"] == "pass"


@pytest.mark.parametrize(
    ("text", "want"),
    [('{"series": {"thread-blob": "abc"}}', "abc"), ('{"series": {}}', ""),
     ('{"series": {"thread-blob": 3}}', "")],
)  # fmt: skip
def test_the_thread_is_named_by_what_b4_tracks(text: str, want: str) -> None:
    assert b4.thread_blob(text, "x") == want


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"series": 3}', "null", "\x00"])
def test_what_is_not_a_tracking_file_is_refused(text: str) -> None:
    with pytest.raises(MailError, match="not what b4 tracks"):
        b4.thread_blob(text, "x")
