# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix as one value (``matrix.json``). Times are in seconds, paths relative to its folder."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 (pydantic reads the annotations)
from typing import Any, Final, Literal

from pydantic import Field

from patchtool.run.record import Part
from patchtool.series.model import Series  # noqa: TC001

SCHEMA_VERSION: Final = 2
FILE_NAME = "matrix.json"

Outcome = Literal["passed", "failed", "refused", "infra", "interrupted", "not run"]
State = Literal["good", "stored", "warn", "bad"]


class Cell(Part):
    """What became of one step of a run."""

    text: str = Field(description="as the table shows it")
    state: State
    seconds: float | None = Field(
        default=None, description="what it took, also when it was in an earlier run"
    )


class Counts(Part):
    """Tests on the whole series, by outcome."""

    passed: int = 0
    failed: int = Field(default=0, description="with those that could not be judged")
    skipped: int = 0


class MatrixRow(Part):
    """One run of the matrix; all of it is in ``FOLDER/report.json``."""

    folder: str
    tree: str
    base: str = ""
    toolchain: str = Field(default="", description="as asked for; '' for that of the tree's era")
    compiler: str = ""
    steps: dict[str, Cell] = Field(
        default_factory=dict,
        description="by name, in order; those that were not reached are not in",
    )
    tests: Counts | None = None
    outcome: Outcome = Field(
        default="not run",
        description="refused: it cannot be, such as a compiler too new for a tree",
    )
    exit_code: int = 0
    reason: str = Field(default="", description="why it did not pass")
    left_out: tuple[str, ...] = Field(default=(), description="as in the run's own report")
    warnings: int = Field(default=0, description="findings that are warnings")
    seconds: float = 0

    @property
    def there(self) -> bool:
        """Whether it was begun, so that it has a report."""
        return self.outcome != "not run"


class MatrixRecord(Part):
    """One run of ``patchtool matrix``."""

    schema_version: Literal[2] = SCHEMA_VERSION
    tool_version: str
    started: datetime
    finished: datetime | None = Field(default=None, description="None while it runs")
    argv: tuple[str, ...] = ()
    series: Series
    rows: tuple[MatrixRow, ...]

    @property
    def exit_code(self) -> int:
        """The worst of the runs': the highest."""
        return max((row.exit_code for row in self.rows), default=0)

    @property
    def seconds(self) -> float | None:
        """Wall-clock time."""
        return (self.finished - self.started).total_seconds() if self.finished else None


def schema() -> dict[str, Any]:
    """The JSON schema of ``matrix.json``."""
    return MatrixRecord.model_json_schema(mode="serialization")
