# SPDX-License-Identifier: GPL-2.0-or-later
"""A search from its question to its result, however it ends."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.bisect import record as records
from patchtool.bisect.attempts import Attempts
from patchtool.bisect.between import between
from patchtool.bisect.conclusion import Conclusion
from patchtool.bisect.experiment import COMMANDS, trials_in
from patchtool.bisect.hunt import Hunt
from patchtool.bisect.journal import Question, open_journal
from patchtool.bisect.replay import FILE_NAME as LOG
from patchtool.bisect.replay import verdicts_in
from patchtool.bisect.tries import TryRecord
from patchtool.bisect.values import Verdict
from patchtool.core.command_log import CommandLog, recording
from patchtool.core.durable import write_atomic
from patchtool.core.store import digest
from patchtool.errors import UsageError
from patchtool.tree import plumbing
from patchtool.tree.commit_range import resolved
from patchtool.tree.repository import open_tree

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.bisect.between import Between, Words
    from patchtool.bisect.experiment import Experiment
    from patchtool.bisect.hunt import Ending, Limits
    from patchtool.bisect.journal import Journal
    from patchtool.bisect.record import BisectRecord
    from patchtool.bisect.values import Failures
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree


@dataclass(frozen=True, slots=True)
class Bisection:
    """A search, as it was asked for.

    Attributes:
        tree: What ``--tree`` names.
        good: A commit without the symptom, by any name.
        bad: A commit with it.
        experiment: What is tried on each.
        limits: When the search ends.
        failures: What is known beforehand of how often it fails.
        words: How the ends are called.
        settings: The settings in force.
        progress: Told of each try.
        first_parent: Of merges, follow the first parent alone.
        paths: Only commits that change one of these.
        titles: What the test has to fail with; empty for what it fails with at the bad end.
        any_failure: Whatever it fails with counts.
        fix: A fix is searched.
        logs: Files of ``git bisect log``, whose verdicts are taken for tries.
        argv: The command line, for the record.
    """

    tree: str
    good: str
    bad: str
    experiment: Experiment
    limits: Limits
    failures: Failures
    words: Words
    settings: Settings
    progress: Progress
    first_parent: bool = False
    paths: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    any_failure: bool = False
    fix: bool = False
    logs: tuple[Path, ...] = ()
    argv: tuple[str, ...] = ()

    def run(self, out: Path | None = None) -> tuple[BisectRecord, Path]:
        """Search, and leave record and log in the run directory.

        Args:
            out: The run directory; None for the question's own in the state folder.

        Returns:
            The record, and the run directory.

        Raises:
            UsageError: There is nothing to search between the ends, or no such test.
            InfraError: This machine is at fault; what was tried is kept.
        """
        tree = open_tree(self.tree, self.settings)
        commits = between(
            tree, self.good, self.bad, self.settings,
            first_parent=self.first_parent, paths=self.paths, words=self.words,
        )  # fmt: skip
        question = self._question(tree, commits)
        with open_journal(question, out, self.settings, self.progress) as journal, ExitStack() as s:
            s.enter_context(recording(CommandLog(journal.folder / COMMANDS)))
            self._take_in(tree, commits, journal)
            self._tell(commits, journal.folder, len(journal.tries))
            trying = trials_in(
                tree, self.experiment, self.settings, self.progress, s, journal.folder
            )
            attempts = Attempts(
                between=commits,
                journal=journal,
                trying=trying,
                words=self.words,
                progress=self.progress,
                titles=self.titles,
                any_failure=self.any_failure,
                fix=self.fix,
            )
            told = Conclusion(attempts, question, self.limits, tree, self.settings, self.argv)
            hunt = Hunt(attempts, self.limits, self.failures, builds=bool(self.experiment.test))
            try:
                ending = hunt.run()
            except BaseException:
                _write(told, hunt.ending("stopped"), journal.folder)
                raise
            return _write(told, ending, journal.folder), journal.folder

    def _take_in(self, tree: KernelTree, commits: Between, journal: Journal) -> None:
        """Put what logs say into the journal, once."""
        states = {Verdict.GOOD: "passed", Verdict.BAD: "failed", Verdict.SKIP: "cannot"}
        if self.fix:
            states |= {Verdict.GOOD: "failed", Verdict.BAD: "passed"}
        for path in self.logs:
            try:
                verdicts = verdicts_in(path.read_text(encoding="utf-8", errors="replace"))
            except UsageError as error:
                raise UsageError(f"{path}: {error.message}", hint=error.hint) from None
            with plumbing.open_repository(tree.git_dir, self.settings) as repo:
                named = [(resolved(repo, name, tree.name), said) for name, said in verdicts]
            for commit, verdict in named:
                there = [each for each in journal.of(commit) if each.why == "log"]
                if commits.number(commit) is None or there:
                    continue
                journal.add(
                    TryRecord.model_validate(
                        {
                            "commit": commit,
                            "attempt": len(journal.of(commit)) + 1,
                            "state": states[verdict],
                            "why": "log",
                            "reason": f"{path.name} says so",
                        }
                    )
                )

    def _question(self, tree: KernelTree, commits: Between) -> Question:
        return Question.model_validate(
            {
                "tree": self.tree,
                "objects": tree.key,
                "good": commits.good,
                "bad": commits.bad,
                "first_parent": self.first_parent,
                "paths": self.paths,
                **self.experiment.facts,
            }
        )

    def _tell(self, commits: Between, folder: Path, tries: int) -> None:
        known = f"; {tries} tries are there already" if tries else ""
        count = len(commits.names)
        self.progress.note(f"{count} commit{'s' * (count != 1)} to search, in {folder}{known}")


def _write(told: Conclusion, ending: Ending, folder: Path) -> BisectRecord:
    made = told.record(ending)
    write_atomic(folder / LOG, told.log(ending))
    records.write(made, folder)
    return made


def step_folder(tree: KernelTree, commit: str, experiment: Experiment, settings: Settings) -> Path:
    """Where a single try of a commit leaves its logs."""
    name = f"step-{commit[:12]}-{digest(tree.key, commit, experiment.facts)[:8]}"
    folder = (settings.state / "bisect" / name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
