# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a remark's place and of what is around it: evidence is looked for in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.revisions.pair import ChangeKind, Part
from patchtool.revisions.thread.names import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchtool.revisions.pair import Change, Difference, Line, PatchPair


@dataclass(frozen=True, slots=True)
class Scene:
    """What became of a remark's place, and of what is around it.

    Attributes:
        change: Of the line itself.
        near: Differences within a few lines of it.
        beside: Differences of the same function, or message.
        pair: The pair of the patch; None of a cover letter, and of what is in no patch.
        elsewhere: All other differences of the two postings.
        before: Names that OLD's patch adds or has already, so that none of them is new.
        text: What the line says that is spoken of.
        loose: Whether the remark is about no line, and what it is about changed somewhere.
        related: Differences with a name of the remark, where that is about no line of a diff.
        added: Lines that patches which only NEW has add to the file of the remark.
        paths: The files that NEW touches, and OLD does not.
    """

    change: Change
    near: tuple[Difference, ...] = ()
    beside: tuple[Difference, ...] = ()
    pair: PatchPair | None = None
    elsewhere: tuple[Difference, ...] = ()
    before: frozenset[str] = frozenset()
    text: str = ""
    loose: bool = False
    related: tuple[Difference, ...] = ()
    added: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()

    @property
    def changed(self) -> bool:
        """Whether the line, or one near it, is another one now."""
        return self.change.kind is not ChangeKind.UNCHANGED or bool(self.near or self.related)


@dataclass(frozen=True, slots=True)
class Delta:
    """What appears in some differences and what vanishes."""

    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def appears(self) -> set[str]:
        """Names that only the new lines have."""
        return tokens_of(self.new) - tokens_of(self.old)

    @property
    def vanishes(self) -> set[str]:
        """Names that only the old lines have."""
        return tokens_of(self.old) - tokens_of(self.new)


def delta_of(differences: Iterable[Difference]) -> Delta:
    """What some differences add and take away; lines that a patch removes do not count."""
    some = tuple(differences)
    return Delta(
        tuple(text for each in some for text in _left(each.old, each.part)),
        tuple(text for each in some for text in _left(each.new, each.part)),
    )


def _left(lines: Iterable[Line], part: Part) -> Iterator[str]:
    return (line.text for line in lines if line.text[:1] != "-" or part is not Part.DIFF)
