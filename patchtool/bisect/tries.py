# SPDX-License-Identifier: GPL-2.0-or-later
"""What a try showed, and what that says of the commit. Pure.

An error of the machine is no try: it says nothing of the commit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from patchtool.bisect.values import Verdict
from patchtool.core.text import one_line
from patchtool.errors import InfraError
from patchtool.testing.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from patchtool.run.trial import TrialRecord
    from patchtool.testing.records import TestRecord

#: Exit statuses as ``git bisect run`` takes them (git-bisect(1)).
CANNOT_TRY = 125
FIRST_INFRA = 128
#: What a shell ends with when it cannot run a program, or finds none (POSIX, 2.8.2).
NOT_RUN = (126, 127)


@dataclass(frozen=True, slots=True)
class Images:
    """The images that were tried so far.

    Attributes:
        commits: A commit that has each, by digest.
        tries: How often each was tried. A try of an image is one of it, by whatever commit.
        spare: Whether a commit with one of them needs no try.
    """

    commits: Mapping[str, str] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)
    spare: bool = False


NO_IMAGES = Images()


class Seen(BaseModel):
    """What a try showed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["passed", "failed", "cannot", "same"] = Field(
        description="cannot: the commit cannot be tried, as it does not build or boot; same: its "
        "image is that of a commit that was tried, and needs no try"
    )
    titles: tuple[str, ...] = Field(
        default=(), description="what failed, without figures; none of a command"
    )
    reason: str = Field(default="", description="for people, on one line")
    image: str = Field(default="", description="digest of what was tried; '' when not known")
    build_seconds: float = Field(default=0, description="0 when the image was there")
    run_seconds: float = 0


class TryRecord(Seen):
    """One try of one commit, as the journal keeps it."""

    commit: str
    attempt: int = Field(description="which of the independent tries of this commit, from 1")
    why: Literal["search", "base", "confirm", "revert", "log"] = Field(
        default="search",
        description="base: a merge base has to be good; confirm: a fresh try of what was found; "
        "log: a verdict of another search's log",
    )
    without: str = Field(default="", description="the commit that was reverted on it")
    log: str = Field(default="", description="relative to the run directory")

    def verdict(self, titles: Collection[str], *, fix: bool = False) -> Verdict | None:
        """What it says of the commit; None where it says that an image is that of another.

        Args:
            titles: What fails, or a part of its title. A try in which nothing of that failed, but
                something else did, says nothing of the symptom. Empty: whatever fails is it.
            fix: A fix is searched: commits are bad from the one on that ends the symptom.
        """
        if self.state == "same":
            return None
        if self.state == "cannot" or (self.state == "failed" and not self._shows(titles)):
            return Verdict.SKIP
        return Verdict.GOOD if (self.state == "passed") is not fix else Verdict.BAD

    def _shows(self, titles: Collection[str]) -> bool:
        if not titles or not self.titles:
            return True
        return any(part in title for title in self.titles for part in titles)


def of_status(status: int, tail: str = "") -> Seen:
    """What a command's exit status says; as ``git bisect run`` has it.

    Args:
        status: 0 good, 125 cannot be tried, 1 to 127 bad.
        tail: What it printed last.

    Raises:
        InfraError: 128 or more: it was ended by a signal, or says that it could not tell.
    """
    last = next((line for line in reversed(tail.splitlines()) if line.strip()), "")
    reason = one_line(f"exit status {status}" + (f": {last}" if last else ""))
    if status >= FIRST_INFRA or status < 0:
        raise InfraError(
            f"the command ended with status {status}, which says nothing of the commit",
            hint="0 is good, 125 cannot be tried, 1 to 127 is bad, as for git bisect run",
        )
    if status == CANNOT_TRY:
        return Seen(state="cannot", reason=reason)
    return Seen(state="failed" if status else "passed", reason=reason)


def of_record(record: TrialRecord, test: str, image: str) -> Seen:
    """What a trial's record says.

    Args:
        record: What came of the trial.
        test: Node id of the test; of one with parameters, it stands for all of them.
        image: Digest of the image.

    Raises:
        InfraError: This machine spoilt the test.
    """
    if record.fault is not None:
        reason = one_line(record.fault.message.partition("\n")[0])
        return Seen(state="cannot", reason=f"{record.fault.kind}: {reason}", image=image)
    tests = record.tests.tests if record.tests is not None else ()
    found = [each for each in tests if is_of(each.nodeid, test)]
    spoilt = next((each for each in found if each.by_machine), None)
    if spoilt is not None:
        raise InfraError(f"{spoilt.nodeid}: {spoilt.headline}")
    failed = [each for each in found if each.outcome is Outcome.FAILED]
    if failed:
        reason = one_line(failed[0].headline)
        return Seen(state="failed", titles=_titles(failed), reason=reason, image=image)
    if any(each.outcome is Outcome.PASSED for each in found):
        return Seen(state="passed", reason=_summary(found), image=image)
    reason = one_line(found[0].headline) if found else "no such test"
    return Seen(state="cannot", reason=f"not judged: {reason}", image=image)


def is_of(nodeid: str, test: str) -> bool:
    """Whether a test that was run is the one asked for, or one of its parameters."""
    return nodeid == test or nodeid.startswith((f"{test}[", f"{test}::"))


def _titles(failed: Sequence[TestRecord]) -> tuple[str, ...]:
    """What failed, by symptom; where a test shows none, by the kind of its error."""
    found: dict[str, None] = {}
    for test in failed:
        texts = [symptom.text for symptom in test.symptoms] or [test.cause or "failed"]
        found.update(dict.fromkeys(texts))
    return tuple(found)


def _summary(found: Sequence[TestRecord]) -> str:
    return "passed" if len(found) == 1 else f"{len(found)} passed"
