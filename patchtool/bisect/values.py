# SPDX-License-Identifier: GPL-2.0-or-later
"""The values of a search: a history, tries of its commits, and what is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Verdict(StrEnum):
    """What a try says of a commit.

    An error of the machine is none of these: it says nothing, and the try is made again.
    """

    GOOD = "good"  #: The symptom was not seen.
    BAD = "bad"  #: The symptom was seen.
    SKIP = "skip"  #: The commit cannot be tried: it does not build, or fails otherwise.


@dataclass(frozen=True, slots=True)
class History:
    """The commits that may be the first bad one, as a graph.

    Attributes:
        parents: For each commit its parents among them, by number; parents come before their
            children, so the last commit is the bad end. A commit without parents here follows
            commits that are known to be good.
        same_as_parent: Numbers of commits that are known beforehand to leave the image as it is:
            they cannot be the first bad one, and have their parent's verdict.
    """

    parents: tuple[tuple[int, ...], ...]
    same_as_parent: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.parents)

    @classmethod
    def line(cls, length: int) -> History:
        """A history without merges."""
        return cls(tuple((at - 1,) if at else () for at in range(length)))


@dataclass(frozen=True, slots=True)
class Try:
    """One independent try of one commit.

    Attributes:
        commit: Its number in the history; -1 for the good end.
        verdict: What it says.
        image: What was tried, by content; commits with equal images cannot differ. Empty when
            that is not known.
    """

    commit: int
    verdict: Verdict
    image: str = ""


@dataclass(frozen=True, slots=True)
class Failures:
    """How often the test fails, as far as it is known beforehand.

    Attributes:
        rate: The part of tries of a bad commit that fail, when it was told; None to learn it.
        earlier: Tries of the same test that are known to be of bad code, from stored records:
            how many failed, and how many there were.
    """

    rate: float | None = None
    earlier: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Costs:
    """What a try costs, in seconds.

    Attributes:
        run: To boot and test an image that is there.
        build: To build one that is not, for each commit.
    """

    run: float
    build: Sequence[float]
