# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes tries, and keeps each one before the next: the machine's errors are none."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from patchtool.bisect.tries import NO_IMAGES, Images, TryRecord
from patchtool.build.kernel.dependencies import FILE_NAME
from patchtool.core.text import one_line
from patchtool.errors import DiskFull, InfraError, MissingObjects, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Literal

    from patchtool.bisect.between import Between, Words
    from patchtool.bisect.journal import Journal
    from patchtool.bisect.scratch import Scratch
    from patchtool.bisect.tries import Seen
    from patchtool.bisect.values import Verdict
    from patchtool.core.progress import Progress

#: How often a try is made before an error of the machine ends the search.
MACHINE_TRIES = 3
#: Errors that another try meets as well.
_LASTING = (DiskFull, MissingObjects, ToolMissing)
TRIES = "tries"


class Trying(Protocol):
    """What tries a commit: a command, or a guest test."""

    def attempt(
        self,
        commit: str,
        attempt: int,
        folder: Path,
        *,
        era: str = "",
        images: Images = NO_IMAGES,
    ) -> Seen:
        """Try a commit.

        Args:
            commit: The commit, in the user's tree or our clone.
            attempt: Which of several independent tries it is, from 1.
            folder: Where logs go.
            era: A commit of the user's tree of the same era; *commit* itself by default.
            images: Those that were tried so far.

        Raises:
            InfraError: This machine is at fault; nothing is said of the commit.
        """

    @property
    def scratch(self) -> Scratch:
        """The worktree it is done in."""


def tried(work: Callable[[], Seen], progress: Progress) -> Seen:
    """What *work* gives; it is done again, three times in all, when this machine is at fault.

    Raises:
        InfraError: It was so each time, or will be.
    """
    for left in reversed(range(MACHINE_TRIES)):
        try:
            return work()
        except InfraError as error:
            if not left or isinstance(error, _LASTING):
                raise
            said = one_line(error.message.partition("\n")[0])
            progress.note(f"{said}; that says nothing of the commit, and it is tried again")
    raise AssertionError


@dataclass(slots=True)
class Attempts:
    """The tries of a search: those in the journal, and new ones.

    Attributes:
        between: The commits.
        journal: Where they are kept.
        trying: What tries a commit.
        words: How the ends are called.
        titles: What the user says fails; empty for what fails at the end with the symptom.
        any_failure: Whatever fails is the symptom.
        fix: A fix is searched.
        progress: Told of each try.
        fresh: How many were made now, and not found in the journal.
        began: When, as :func:`time.monotonic` counts.
    """

    between: Between
    journal: Journal
    trying: Trying
    words: Words
    progress: Progress
    titles: tuple[str, ...] = ()
    any_failure: bool = False
    fix: bool = False
    fresh: int = 0
    began: float = field(default_factory=time.monotonic)
    _symptom: tuple[int, tuple[str, ...]] = (-1, ())

    @property
    def symptom(self) -> tuple[str, ...]:
        """What fails: as the user says, else all that failed at the end that shows it."""
        if self.any_failure or self.titles:
            return () if self.any_failure else self.titles
        tries = self.journal.tries
        if self._symptom[0] != len(tries):
            end = self.between.good if self.fix else self.between.last
            failed = [each for each in self.journal.of(end) if each.state == "failed"]
            learnt = dict.fromkeys(title for each in failed for title in each.titles)
            self._symptom = (len(tries), tuple(learnt))
        return self._symptom[1]

    def verdict(self, record: TryRecord) -> Verdict | None:
        """What a try says of its commit."""
        return record.verdict(self.symptom, fix=self.fix)

    @property
    def seconds(self) -> float:
        """How long this command has been at it."""
        return time.monotonic() - self.began

    def of(self, commit: str, why: str | None = None) -> tuple[TryRecord, ...]:
        """The tries of a commit, as it is; those for one purpose alone."""
        return tuple(t for t in self.journal.of(commit) if why is None or t.why == why)

    def files_read(self, commit: str) -> frozenset[str] | None:
        """The files that the build of a commit read; None where that is not known."""
        for each in self.of(commit):
            path = self.journal.folder / each.log / FILE_NAME
            if path.is_file():
                return frozenset(path.read_text(encoding="utf-8").splitlines())
        return None

    def make(
        self,
        commit: str,
        why: Literal["search", "base", "confirm", "revert"] = "search",
        *,
        without: str = "",
        start: str = "",
        likeliest: str = "",
    ) -> None:
        """Try a commit once more, and keep what was seen.

        Args:
            commit: Its hash.
            why: What the try is for.
            without: The commit that is reverted on it.
            start: The commit with that reverted.
            likeliest: What is so as yet, for people.

        Raises:
            InfraError: This machine is at fault, three times.
        """
        journal, subject = self.journal, self.between.subjects.get(commit, "")
        attempt = len(journal.of(commit, without)) + 1
        number = len(journal.tries) + 1
        name = f"{number:04}-{commit[:12]}"
        what = f"{commit[:12]} {subject}" + (f" without {without[:12]}" if without else "")
        again = f", try {attempt}" if attempt > 1 else ""
        so_far = f" (likeliest as yet: {likeliest})" if likeliest else ""
        self.progress.start(f"try {number}", what + again + so_far)
        folder = journal.folder / TRIES / name
        images = self._images(spare=why == "search" and attempt == 1)
        begin = time.monotonic()
        seen = tried(
            lambda: self.trying.attempt(
                start or commit, attempt, folder, era=commit, images=images
            ),
            self.progress,
        )
        record = TryRecord(
            **seen.model_dump(),
            commit=commit,
            attempt=attempt,
            why=why,
            without=without,
            log=f"{TRIES}/{name}",
        )
        journal.add(record)
        self.fresh += 1
        word = self.words.of(self.verdict(record))
        why_so = f": {record.reason}" if record.state != "passed" and record.reason else ""
        self.progress.finish(
            f"try {number}", one_line(f"{word}  {what}{again}{why_so}"),
            time.monotonic() - begin, cached=False, ok=True,
        )  # fmt: skip

    def _images(self, *, spare: bool) -> Images:
        there = [each for each in self.journal.tries if each.image and each.state != "same"]
        commits = {each.image: each.commit for each in there if not each.without}
        return Images(commits, Counter(each.image for each in there), spare)
