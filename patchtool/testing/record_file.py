# SPDX-License-Identifier: GPL-2.0-or-later
"""The file that a test run's records are kept in: one JSON line per finished test.

It begins with a line that says which plan it belongs to, then holds one line per test, appended
when the test is over, and ends with a line that closes the run. So a kill at any moment loses at
most the test that ran, and a file without its last line is not a whole run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from patchtool.errors import InfraError
from patchtool.testing.records import Outcome, Record, TestRecord, TestRun

if TYPE_CHECKING:
    from pathlib import Path


class RunHeader(Record):
    """First line: whose records these are."""

    kind: Literal["run"] = "run"
    label: str
    plan: str = Field(description="digest of all that decides the results")


class RunEnd(Record):
    """Last line: the run is whole."""

    kind: Literal["end"] = "end"
    tests: int = Field(description="number of tests that were to be run")
    runs: int = Field(default=1, description="of each test that repeats")
    seconds: float = Field(description="wall-clock time of the part that finished the run")


Line = RunHeader | TestRecord | RunEnd
_LINE: TypeAdapter[Line] = TypeAdapter(Line)


class RecordFile:
    """A record file that is being written.

    A test whose end was this machine's fault is no result: it is run again. Nor is one that was
    left out: whether it is again is seen when the others are there.

    Args:
        path: The file; what was in it of results is in ``tests``.
        header: What its first line must say. A file of another plan is begun anew.
        runs: How often tests that repeat are to be in it.
    """

    def __init__(self, path: Path, header: RunHeader, runs: int = 1) -> None:
        self.path = path
        self.header = header
        lines = _read(path)
        first = lines[0] if lines else None
        if not isinstance(first, RunHeader) or first.plan != header.plan:
            lines = [header]
        # What this machine spoilt is run again, so the run is not whole.
        spoilt = {id(line) for line in lines if isinstance(line, TestRecord) and _no_result(line)}
        if spoilt:
            lines = [
                line for line in lines if id(line) not in spoilt and not isinstance(line, RunEnd)
            ]
        self.tests = tuple(line for line in lines if isinstance(line, TestRecord))
        self.done = {line.nodeid for line in self.tests}
        self.complete = any(isinstance(line, RunEnd) and line.runs >= runs for line in lines)
        # Rewritten whole: this drops the last line that a kill cut off.
        text = "".join(_dump(line) for line in lines)
        beside = path.with_name(f".{path.name}.new")
        with beside.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)

    def append(self, line: TestRecord | RunEnd) -> None:
        """Add a line, on the disk when this returns.

        Raises:
            OSError: The disk is full, say.
        """
        with self.path.open("a", encoding="utf-8") as out:
            out.write(_dump(line))
            out.flush()
            os.fsync(out.fileno())
        if isinstance(line, TestRecord):
            self.done.add(line.nodeid)
        else:
            self.complete = True


def _no_result(test: TestRecord) -> bool:
    return test.by_machine or test.outcome is Outcome.LEFT_OUT


def load(path: Path) -> TestRun:
    """Read a record file; one that does not exist is an empty run.

    Raises:
        InfraError: A line other than the last is no record.
    """
    lines = _read(path)
    header = lines[0] if lines else None
    if not isinstance(header, RunHeader):
        return TestRun(label="", plan="")
    ends = [line for line in lines if isinstance(line, RunEnd)]
    return TestRun(
        label=header.label,
        plan=header.plan,
        tests=tuple(line for line in lines if isinstance(line, TestRecord)),
        complete=bool(ends),
        runs=max((line.runs for line in ends), default=0),
        seconds=sum(line.seconds for line in ends),
    )


def schema() -> dict[str, Any]:
    """The JSON schema of a line of a record file."""
    return _LINE.json_schema()


def _dump(line: Line) -> str:
    return line.model_dump_json() + "\n"


def _read(path: Path) -> list[Line]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    lines: list[Line] = []
    raw = data.split(b"\n")  # behind the last line end: nothing, or a line that was cut off
    for number, text in enumerate(raw[:-1], 1):
        try:
            lines.append(_LINE.validate_json(text))
        except ValidationError as error:
            if number == len(raw) - 1:
                break
            raise InfraError(
                f"{path}:{number}: not a test record: {error.errors()[0]['msg']}",
                hint="remove the file; its tests are then run again",
            ) from error
    return lines
