# SPDX-License-Identifier: GPL-2.0-or-later
"""What a search found, as one value (``bisect.json``). Times are in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from patchtool.bisect.journal import Question  # noqa: TC001 (pydantic reads the annotations)
from patchtool.bisect.tries import TryRecord
from patchtool.bisect.values import Verdict  # noqa: TC001
from patchtool.core.durable import write_atomic
from patchtool.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_VERSION: Final = 1
FILE_NAME = "bisect.json"

Outcome = Literal[
    "found", "set", "not sure", "bad end", "good end", "base", "same", "skipped", "stopped"
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(_Part):
    """A commit, and how often it was tried."""

    commit: str
    subject: str
    failed: int = Field(default=0, description="tries of it that failed")
    passed: int = 0


class Candidate(_Part):
    """What may be the first bad commit."""

    commits: tuple[Named, ...] = Field(
        description="of several no try tells which: the last one was tried, the others cannot be"
    )
    probability: float


class CommitFacts(_Part):
    """The first bad commit, as git has it."""

    author: str
    date: str
    parents: tuple[str, ...]
    files: str = Field(description="its diffstat")
    diff: str = Field(description="what it changes, cut off where that is long")


class Rate(_Part):
    """How often the test fails with the symptom there."""

    mean: float
    low: float = Field(description="it is between low and high with a probability of 95 %")
    high: float


class Step(TryRecord):
    """A try, and what it was taken for at the end."""

    subject: str
    verdict_word: str = Field(description="good, bad, skip, or same for no try")


class Side(_Part):
    """What a commit showed."""

    commit: str
    subject: str
    reason: str


class BisectRecord(_Part):
    """One search of ``patchtool bisect``."""

    schema_version: Literal[1] = SCHEMA_VERSION
    tool_version: str
    argv: tuple[str, ...] = ()
    question: Question
    words: tuple[str, str] = Field(default=("good", "bad"), description="how the ends are called")
    outcome: Outcome = Field(
        description="found: one commit; set: a commit of several, the others of which cannot be "
        "tried; not sure: the confidence was not reached; bad end, good end, base: that is not as "
        "it was said to be; same: no commit changes the image; skipped: nothing that can be tried "
        "would tell more; stopped: by an error or ^C"
    )
    message: str = Field(description="the outcome, for people")
    hint: str = Field(default="", description="what to do about it")
    commits: int = Field(description="how many there are between the ends")
    unread: int = Field(
        default=0, description="how many of them change no file that is read, and are not built"
    )
    confidence: float = Field(description="as asked for")
    candidates: tuple[Candidate, ...] = Field(default=(), description="the likeliest first")
    within: tuple[str, str] | None = Field(
        default=None, description="the first and last commit between which it is with confidence"
    )
    culprit: CommitFacts | None = None
    bad_side: Side | None = Field(default=None, description="what the first bad commit showed")
    good_side: tuple[Side, ...] = Field(default=(), description="what its parents showed")
    revert: str = Field(default="", description="whether the bad end is good without it")
    rate: Rate | None = None
    titles: tuple[str, ...] = Field(default=(), description="what fails at the bad end")
    other_failures: dict[str, int] = Field(
        default_factory=dict, description="what else failed, and in how many tries"
    )
    notes: tuple[str, ...] = Field(default=(), description="what a person should know besides")
    steps: tuple[Step, ...] = ()
    more: str = Field(default="", description="the command that would make it surer")

    @property
    def exit_code(self) -> Exit:
        """0 for a commit or a set that was found as surely as asked for."""
        return Exit.OK if self.outcome in ("found", "set") else Exit.FAILED

    @property
    def builds(self) -> int:
        """How many images were built."""
        return sum(step.build_seconds > 0 for step in self.steps)

    @property
    def seconds(self) -> float:
        """What all tries took together."""
        return sum(step.build_seconds + step.run_seconds for step in self.steps)


def step_of(record: TryRecord, subject: str, verdict: Verdict | None) -> Step:
    """A try with what it was taken for."""
    return Step(**record.model_dump(), subject=subject, verdict_word=str(verdict or "same"))


def write(record: BisectRecord, folder: Path) -> None:
    """Write ``bisect.json`` into a run directory."""
    write_atomic(folder / FILE_NAME, record.model_dump_json(indent=1) + "\n")


def schema() -> dict[str, Any]:
    """The JSON schema of ``bisect.json``."""
    return BisectRecord.model_json_schema(mode="serialization")
