# SPDX-License-Identifier: GPL-2.0-or-later
"""Test runs as JUnit XML and as KTAP. Pure.

KTAP as in the kernel's Documentation/dev-tools/ktap.rst, version 1; JUnit as pytest's own
``--junit-xml`` (schema xunit2) writes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from patchtool.testing.records import Outcome
from patchtool.testing.vmstat import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.testing.records import TestRecord, TestRun

#: What XML 1.0 cannot hold, not even escaped (section 2.2, "Characters").
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INCOMPLETE = "the run was not finished"


def details(test: TestRecord) -> str:
    """All that explains a test's outcome: reason, failed checks, splats, delta table."""
    parts = [test.reason] if test.reason else []
    parts += [c.explain() for c in test.failed_checks if c.explain() not in test.reason]
    for splat in test.splats:
        parts.append("\n".join([f"{splat.kind}: {splat.title}", *splat.lines]))
    for window in test.windows:
        if window.deltas:
            parts.append(f"deltas during {window.label}:\n{table(window.deltas, window.deltas)}")
    if test.deltas:
        parts.append(f"deltas of the whole test:\n{table(test.deltas)}")
    return "\n\n".join(parts)


def to_junit(runs: Sequence[TestRun]) -> str:
    """JUnit XML with one ``testsuite`` per run."""
    top = ET.Element("testsuites", name="patchtool")
    for run in runs:
        counts = run.counts
        suite = ET.SubElement(
            top,
            "testsuite",
            name=_xml(run.label),
            tests=str(len(run.tests) + (not run.complete)),
            failures=str(counts[Outcome.FAILED]),
            errors=str(counts[Outcome.ERROR] + (not run.complete)),
            skipped=str(counts[Outcome.SKIPPED] + counts[Outcome.LEFT_OUT]),
            time=f"{sum(test.seconds for test in run.tests):.3f}",
        )
        for test in run.tests:
            _junit_case(suite, test)
        if not run.complete:
            case = ET.SubElement(
                suite, "testcase", classname="patchtool", name="end of run", time="0"
            )
            ET.SubElement(case, "error", message=_INCOMPLETE)
    ET.indent(top)
    return ET.tostring(top, encoding="unicode", xml_declaration=True) + "\n"


def _junit_case(suite: ET.Element, test: TestRecord) -> None:
    module, _, name = test.nodeid.partition("::")
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_xml(module.removesuffix(".py").replace("/", ".")),
        name=_xml(name),
        time=f"{test.seconds:.3f}",
    )
    if test.figures:
        properties = ET.SubElement(case, "properties")
        for key, value in test.figures.items():
            ET.SubElement(properties, "property", name=_xml(key), value=_xml(str(value)))
    message = _xml(test.headline)
    if test.outcome in (Outcome.SKIPPED, Outcome.LEFT_OUT):
        ET.SubElement(case, "skipped", message=message)
    elif test.outcome is not Outcome.PASSED:
        tag = "failure" if test.outcome is Outcome.FAILED else "error"
        bad = ET.SubElement(case, tag, message=message, type=_xml(test.cause or "AssertionError"))
        bad.text = _xml(details(test))


def to_ktap(runs: Sequence[TestRun]) -> str:
    """KTAP version 1: a test per run, whose subtests are the run's tests."""
    lines = ["KTAP version 1", f"1..{len(runs)}"]
    for number, run in enumerate(runs, 1):
        lines += ["  KTAP version 1", f"  1..{len(run.tests) + (not run.complete)}"]
        for place, test in enumerate(run.tests, 1):
            lines += [f"  {line}" for line in _ktap_case(place, test)]
        if not run.complete:
            lines.append(f"  not ok {len(run.tests) + 1} end of run # ERROR {_INCOMPLETE}")
        bad = run.counts[Outcome.FAILED] + run.counts[Outcome.ERROR]
        state = "ok" if run.complete and not bad else "not ok"
        lines.append(f"{state} {number} {_description(run.label)}")
    return "\n".join(lines) + "\n"


def _ktap_case(number: int, test: TestRecord) -> list[str]:
    name = _description(test.nodeid.removesuffix("()"))
    if test.outcome is Outcome.PASSED:
        return [f"ok {number} {name}"]
    why = _NOT_XML.sub("?", test.headline)
    if test.outcome in (Outcome.SKIPPED, Outcome.LEFT_OUT):
        return [f"ok {number} {name} # SKIP {why}".rstrip()]
    directive = {"TestTimeout": "TIMEOUT "}.get(test.cause, "")
    if test.outcome is Outcome.ERROR:
        directive = directive or "ERROR "
    notes = [f"# {line}".rstrip() for line in _NOT_XML.sub("?", details(test)).splitlines()]
    return [*notes, f"not ok {number} {name} # {directive}{why}".rstrip()]


def _description(text: str) -> str:
    # "any string of characters other than # or a newline"
    return re.sub(r"[#\s]+", " ", _NOT_XML.sub("?", text)).strip() or "unnamed"


def _xml(text: str) -> str:
    return _NOT_XML.sub("?", text)
