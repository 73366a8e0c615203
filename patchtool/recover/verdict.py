# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of a recovered file diff, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from patchtool.recover.hashes import is_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.fill import Open
    from patchtool.recover.literals import Literal
    from patchtool.recover.values import Structure


class Verdict(StrEnum):
    """How well a file diff is recovered."""

    PROVED = "proved"  #: the new file has the blob hash that the index line names
    CONSISTENT = "consistent"  #: it applies, and the counts agree
    INDEX_SUSPECT = "index suspect"  #: as above, but no white space gives the hash
    BASE_MISSING = "base missing"  #: there is no old file to compare with
    FAILED = "failed"  #: no reading fits


#: Verdicts with which a patch can be applied.
APPLIES = frozenset([Verdict.PROVED, Verdict.CONSISTENT, Verdict.INDEX_SUSPECT])


#: So many other file diffs must be proved before the index line of one is suspected.
_OTHERS = 3


class From(StrEnum):
    """Where the old file was taken from."""

    BLOB = "the tree has the blob"
    SERIES = "an earlier patch made it"
    PATH = "the tree has another version"
    NOTHING = "not there"
    NEW = "a new file"


@dataclass(frozen=True, slots=True)
class FileRecovery:
    """One file diff of a patch, recovered.

    Attributes:
        path: The file.
        verdict: How well.
        bits: Evidence of the blob hash; 0 without one.
        tried: How many candidates were hashed.
        reason: Why it is not proved, or what proved it besides the hash.
        base_from: Where the old file was taken from.
        exact: Whether the old file has the hash that the index line names.
        structure: The reading that was taken, or None.
        content: The new file, or None.
        lines: The text of each added line.
        open: Places where other white space is possible.
        literals: Added string literals in which blanks were, or may have been, folded.
        old_blob: As the index line has it, or None.
        new_blob: As above.
        hunks: How many it has.
        notes: Hunks found elsewhere, masked addresses, and the like; a line each.
        extended: Header lines of the diff that tell of modes and names.
    """

    path: str
    verdict: Verdict
    bits: float
    tried: int
    reason: str
    base_from: From
    exact: bool
    structure: Structure | None
    content: bytes | None
    lines: tuple[bytes, ...]
    open: tuple[Open, ...]
    literals: tuple[Literal, ...]
    old_blob: str | None
    new_blob: str | None
    hunks: int
    notes: tuple[str, ...] = ()
    extended: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int]:
        """Lines added and lines removed."""
        marks = [
            line.mark for hunk in (self.structure.hunks if self.structure else ())
            for line in hunk.lines
        ]  # fmt: skip
        return marks.count("+"), marks.count("-")


def suspects(found: Sequence[FileRecovery]) -> frozenset[int]:
    """Which of all file diffs of a posting have an index line that is to be suspected.

    One whose old file is the right one, and which no likely white space gives the hash, though
    every other one of which that can be said, at least three, was proved: as the author's habits
    are met elsewhere, the hash is more likely wrong than the white space.
    """
    exact = [at for at, one in enumerate(found) if one.exact and is_hash(one.new_blob)]
    left = [at for at in exact if found[at].verdict is Verdict.CONSISTENT and not found[at].bits]
    if len(left) != 1 or len(exact) - len(left) < _OTHERS:
        return frozenset()
    return frozenset(left)
