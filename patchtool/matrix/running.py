# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the combinations of a matrix, one after the other; one that fails stops no other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from patchtool import __version__
from patchtool.core.progress import Numbered
from patchtool.errors import PatchtoolError, UsageError, from_os_error
from patchtool.matrix import matrix_files
from patchtool.matrix.matrix_record import MatrixRecord
from patchtool.matrix.rows import row_of, waiting
from patchtool.matrix.table import notes
from patchtool.run import record as reports
from patchtool.run.apply_and_test import apply_and_test
from patchtool.tree.repository import ensure_tree, open_tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.matrix.combinations import Combination
    from patchtool.matrix.matrix_record import MatrixRow
    from patchtool.run.record import RunRecord
    from patchtool.run.request import Request
    from patchtool.series.model import Series


def named_trees(
    specs: Sequence[str], settings: Settings, progress: Progress
) -> tuple[tuple[str, str], ...]:
    """A name for each tree, and what ``--tree`` takes; tarballs and folders are imported.

    A tree that is named twice counts once.

    Raises:
        UsageError: One does not exist, or is not a kernel.
    """
    found: dict[Path, tuple[str, str]] = {}
    for spec in specs:
        progress.start("tree", spec)
        tree = ensure_tree(spec, settings, progress)
        imported = _imported(tree.name, settings) == tree.git_dir
        found.setdefault(tree.git_dir, (tree.name, tree.name if imported else spec))
    return tuple(found.values())


def _imported(name: str, settings: Settings) -> Path | None:
    """Where the imported tree of that name is."""
    try:
        return open_tree(name, settings).git_dir
    except UsageError:
        return None


@dataclass(slots=True)
class Matrix:
    """A matrix while it runs; its table is on the disk after each run.

    Attributes:
        request: What each run does; its tree and toolchain are the combination's.
        series: The series, read once for all runs.
        combinations: The runs, in order.
        folder: The run directory; each run gets a folder in it.
        argv: The command line that asked for it.
    """

    request: Request
    series: Series
    combinations: tuple[Combination, ...]
    settings: Settings
    progress: Progress
    folder: Path
    argv: tuple[str, ...] = ()
    started: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    finished: datetime | None = None
    rows: dict[str, MatrixRow] = field(default_factory=dict)

    def record(self) -> MatrixRecord:
        """What is known so far."""
        return MatrixRecord(
            tool_version=__version__,
            started=self.started,
            finished=self.finished,
            argv=self.argv,
            series=self.series,
            rows=tuple(self.rows.get(c.name) or waiting(c) for c in self.combinations),
        )

    def run(self) -> None:
        """Run all of them.

        Raises:
            KeyboardInterrupt: In the middle of one; what was done is in the record.
        """
        matrix_files.write_all(self.record(), self.folder)
        for number, combination in enumerate(self.combinations, 1):
            which = f"{number}/{len(self.combinations)} {combination.name}"
            try:
                row = self._row(combination, Numbered(self.progress, which))
            except KeyboardInterrupt:
                row = row_of(combination, self._written(combination))
                self._ended(row.model_copy(update={"outcome": "interrupted"}))
                raise
            if number == len(self.combinations):
                self.finished = datetime.now(tz=UTC)
            self._ended(row)
            summary = f"{row.outcome}; {notes(row)}" if notes(row) else row.outcome
            ok = row.outcome == "passed"
            self.progress.finish(which, summary, row.seconds, cached=False, ok=ok)

    def _row(self, combination: Combination, progress: Progress) -> MatrixRow:
        request = replace(self.request, tree=combination.tree, toolchain=combination.toolchain)
        folder = self.folder / combination.name
        try:
            folder.mkdir(exist_ok=True)  # the same command goes on in it
            made = apply_and_test(
                request, self.settings, progress, folder, self.argv, series=self.series
            )
        except PatchtoolError as error:
            return row_of(combination, self._written(combination), error)
        except OSError as error:
            return row_of(combination, self._written(combination), from_os_error(error))
        return row_of(combination, made)

    def _ended(self, row: MatrixRow) -> None:
        self.rows[row.folder] = row
        matrix_files.write_all(self.record(), self.folder)

    def _written(self, combination: Combination) -> RunRecord | None:
        """The report of a run that was ended, if it could be written."""
        folder = self.folder / combination.name
        return reports.read(folder) if (folder / reports.FILE_NAME).is_file() else None
