# SPDX-License-Identifier: GPL-2.0-or-later
"""The search for the base of a series: candidates in order, each proved by applying."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.errors import CommandTimeout, MissingObjects
from patchtool.tree.base import blobs, words
from patchtool.tree.base.candidates import Candidate, by_date, by_words, named
from patchtool.tree.base.prerequisites import prerequisites
from patchtool.tree.base.proof import prover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.progress import Progress
    from patchtool.series.model import Series
    from patchtool.tree.base.blobs import Evidence, Want
    from patchtool.tree.base.proof import Prover, Trial
    from patchtool.tree.history import History

_TAGS = 12  # releases before the date that are tried when nothing else is known
#: By which part of the time these must be done, so that what they find can still be proved.
_PREREQUISITES, _BLOBS = 0.4, 0.8


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate and what came of it."""

    candidate: Candidate
    trial: Trial


@dataclass(slots=True)
class Search:
    """One series and one tree, while its base is looked for.

    Attributes:
        series: The series.
        history: The tree's; its deadline is the search's.
        wants: What the series says of the files it starts from.
        proof: Tries it at a commit.
        progress: Told what is looked at.
        tip: The candidate when all else fails.
        seconds: How long the search may take; None without a limit.
        tried: The candidates that were tried, in order; the last one is the base, if any.
        evidence: What the blobs say; None when the series names none, or they were not asked.
        notes: What else a person should know, one line each.
        cut_short: Whether the time was up before everything was looked at.
        lacking: Why a commit could not be tried: the last one of a partial clone.
    """

    series: Series
    history: History
    wants: tuple[Want, ...]
    proof: Prover
    progress: Progress
    tip: Candidate
    seconds: float | None
    tried: list[Tried] = field(default_factory=list)
    evidence: Evidence | None = None
    notes: list[str] = field(default_factory=list)
    cut_short: bool = False
    lacking: MissingObjects | None = None

    def run(self) -> Tried | None:
        """The first candidate on which the series applies, or None.

        Raises:
            CommandError, CommandTimeout: git failed; not when the search's own time was up.
        """
        with self._within(1.0):
            return self._first()
        return None

    def _first(self) -> Tried | None:
        for candidate in self._named():
            if found := self._try(candidate, partly=True):
                return found
        names = [item.candidate for item in self.tried]
        by_blobs = self._by_blobs()
        if by_blobs and self.evidence and self.evidence.whole and (found := self._try(by_blobs)):
            return found
        for candidate in names:
            if found := self._loosely(candidate):
                return found
        for candidate in self._guesses(by_blobs):
            if found := self._try(candidate):
                return found
        return None

    def _try(self, candidate: Candidate, *, partly: bool = False) -> Tried | None:
        """Try a commit, once; with *partly*, some of the patches may be there already."""
        if any(item.candidate.commit == candidate.commit for item in self.tried):
            return None
        self.progress.update(f"does it apply at {candidate.name}?")
        try:
            found = Tried(candidate, self.proof.at(candidate.commit))
        except MissingObjects as error:
            if self.lacking is None:
                self.notes.append(f"{candidate.name} cannot be tried: {error}; {error.hint}")
            self.lacking = error
            return None
        self.tried.append(found)
        return found if self._serves(found.trial, partly=partly) else None

    def _loosely(self, candidate: Candidate) -> Tried | None:
        found = Tried(candidate, self.proof.loosely(candidate.commit))
        if not self._serves(found.trial, partly=True):
            return None
        self.tried = [item for item in self.tried if item.candidate != candidate]
        self.tried.append(found)
        return found

    def _serves(self, trial: Trial, *, partly: bool) -> bool:
        there = len(trial.present)
        return trial.applies and (not there or (partly and there < len(self.series.patches)))

    def _named(self) -> Iterator[Candidate]:
        """What the series names: each base commit after the one behind it that has its needs."""
        for found in named(self.history, self.series):
            if isinstance(found, str):
                self.notes.append(found)
                continue
            yield from self._behind(found)
            yield found

    def _behind(self, base: Candidate) -> Iterator[Candidate]:
        """The commit behind a base that has the patches which the series needs first."""
        needs = None
        with self._within(_PREREQUISITES) as history:
            needs = prerequisites(history, self.series, base.commit, self.tip.commit)
        if needs is None:
            return
        if needs.missing:
            ids = ", ".join(patch_id[:12] for patch_id in needs.missing)
            self.notes.append(
                f"{len(needs.missing)} of {needs.asked} prerequisite patches are not in this tree "
                f"behind {base.commit[:12]}: patch-id {ids}"
            )
        if needs.commit:
            count = needs.asked - len(needs.missing)
            text = f"{base.found_by}, and {count} of {needs.asked} prerequisite patches behind it"
            yield Candidate(needs.commit, self.history.name_of(needs.commit), text)

    def _by_blobs(self) -> Candidate | None:
        date = words.posted(self.series)
        with self._within(_BLOBS) as history:
            for found in blobs.search(history, self.wants, date, self.tip.commit, self.progress):
                self.evidence = found
        if self.evidence is None:
            return None
        text = f"{self.evidence.matched} of {self.evidence.total} blobs match"
        commit = self.evidence.commit
        return Candidate(commit, self.history.name_of(commit), text)

    def _guesses(self, by_blobs: Candidate | None) -> Iterator[Candidate]:
        yield from by_words(self.history, self.series)
        if by_blobs and self.evidence and self.evidence.matched:
            yield by_blobs
        if words.posted(self.series) is None:
            yield self.tip
        yield from by_date(self.history, self.series, _TAGS)
        yield self.tip

    @contextmanager
    def _within(self, share: float) -> Iterator[History]:
        """The history to ask until that share of the time is gone; then the block ends."""
        history = self.history
        if self.seconds is not None:
            left = (1 - share) * self.seconds
            history = replace(history, deadline=history.deadline - left)
        try:
            yield history
        except CommandTimeout:
            if not history.late:
                raise
            self.cut_short = True


@contextmanager
def searching(
    series: Series,
    history: History,
    tip: Candidate,
    progress: Progress,
    seconds: float | None = None,
) -> Iterator[Search]:
    """A search, ready to run; its proofs are there until the block ends.

    Args:
        series: The series.
        history: The tree's.
        tip: The candidate when all else fails.
        progress: Told what is looked at.
        seconds: How long the search may take; None without a limit.
    """
    if seconds is not None:
        history = replace(history, deadline=time.monotonic() + seconds)
    wants = blobs.base_wants(series)
    with prover(series, history, [want.path for want in wants]) as proof:
        yield Search(series, history, wants, proof, progress, tip, seconds)
