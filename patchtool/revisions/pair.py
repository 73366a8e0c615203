# SPDX-License-Identifier: GPL-2.0-or-later
"""Values: a patch of OLD beside its patch of NEW, and the lines that differ between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """A part of a posting that a line can be in."""

    DIFF = "diff"
    MESSAGE = "message"
    COVER = "cover"
    PATCH = "patch"
    THREAD = "thread"


class Side(StrEnum):
    """On which side of a patch a line counts: in the file before it, or after it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a patch.

    Attributes:
        patch: Number of the patch in its posting.
        path: The file; empty in a commit message.
        side: ``before`` for a line that is removed, ``after`` for an added line and for context.
        number: Of the line in that file, as the hunk header counts, from 1. In a commit message
            from 1, where the subject is line 1 and line 2 is empty.
        text: With its mark in front: ``+``, ``-`` or a blank; that of a message is a blank.
    """

    patch: int
    path: str
    side: Side
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A run of lines in which the two versions of a patch differ.

    Lines of context count only where the other version changes them.

    Attributes:
        id: Unique in a comparison, the same whenever the same mails are compared, such as ``3.2``:
            the second of the third pair.
        part: ``diff``, ``message`` or ``cover``.
        path: The file, in NEW if it is there; empty in a message.
        function: What git shows behind the second ``@@``, or a line of that kind in the hunk.
        old: The lines of OLD; empty where lines were added.
        new: The lines of NEW; empty where lines are gone.
        blank_only: Whether they differ in white space alone.
        moved: Whether the same lines stand at another place in the other version.
    """

    id: str
    part: Part
    path: str
    function: str
    old: tuple[Line, ...]
    new: tuple[Line, ...]
    blank_only: bool = False
    moved: bool = False


class ChangeKind(StrEnum):
    """What became of a line of OLD in NEW."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    MOVED = "moved"
    ELSEWHERE = "elsewhere"
    GONE = "gone"
    PATCH_DROPPED = "patch dropped"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a place of OLD in NEW.

    Attributes:
        kind: ``changed``: other lines stand there. ``moved``: the line stands at another place of
            its file, in the same patch. ``elsewhere``: it stands in another file, or another patch.
            ``gone``: nothing took its place. ``patch dropped``: NEW has no such patch.
        old: The lines of OLD that were asked about.
        new: The lines of NEW that are there now, or that took their place.
        difference: The :attr:`Difference.id` it is a part of; empty where it is unchanged.
        blank_only: Whether the line changed in white space alone.
    """

    kind: ChangeKind
    old: tuple[Line, ...] = ()
    new: tuple[Line, ...] = ()
    difference: str = ""
    blank_only: bool = False


class PairKind(StrEnum):
    """How a patch of NEW came from one of OLD."""

    UNCHANGED = "unchanged"
    TEXT = "only tags or text"
    REBASED = "rebased"
    CHANGED = "changed"
    SPLIT = "split"
    MERGED = "merged"
    REORDERED = "reordered"
    REPLACED = "replaced"
    NEW = "new"
    DROPPED = "dropped"


class DecidedBy(StrEnum):
    """What decided that two patches are a pair, or that one has none; surest first."""

    PATCH_ID = "patch-id"
    CONTENT = "content"
    SUBJECT = "subject"
    CHANGE_LOG = "change log"
    NOTHING = "nothing like it"


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A patch that was nearly taken for the partner.

    Attributes:
        old: Number of the patch of OLD.
        new: Number of the patch of NEW.
        similarity: From 0 to 1.
    """

    old: int
    new: int
    similarity: float


@dataclass(frozen=True, slots=True)
class PatchPair:
    """Patches of OLD and NEW that belong together; each patch is in one pair, or in a split.

    Attributes:
        kind: What became of the patch.
        old: Numbers in OLD: none of a new patch, several where they were merged.
        new: Numbers in NEW: none of a dropped patch, several of one that was split.
        decided_by: What decided.
        reason: The same in words, with what it was seen by.
        similarity: Of the lines they change, from 0 to 1; 1 for the same lines.
        runner_up: The next best partner, if it was near.
        reordered: Whether it stands before or behind other patches than it did.
        old_subject: Of the (first) patch in OLD; empty where there is none.
        new_subject: Of the (first) patch in NEW; empty where there is none.
        blank_only: Whether the diffs differ, and in white space alone.
        context_only: Whether lines around the change differ, but none that it adds or removes.
        differences: What differs, in the order of NEW.
    """

    kind: PairKind
    old: tuple[int, ...]
    new: tuple[int, ...]
    decided_by: DecidedBy
    reason: str
    similarity: float = 0.0
    runner_up: RunnerUp | None = None
    reordered: bool = False
    old_subject: str = ""
    new_subject: str = ""
    blank_only: bool = False
    context_only: bool = False
    differences: tuple[Difference, ...] = ()
