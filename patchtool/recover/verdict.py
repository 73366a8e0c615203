# SPDX-License-Identifier: GPL-2.0-or-later
"""How well a file diff is recovered: what its blob hash proves, what is open, and the verdict."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from patchtool.recover.fragment import is_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.recover.structure import Structure

#: Bits that must be left for a proof: less than one false proof is then to be expected in 4096
#: files whose right bytes are not among the candidates.
PROOF_BITS = 12.0
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?')
_WIDE = re.compile(rb"[ \t]{2,}|\t")


def evidence(digits: int, tried: int) -> float:
    """Bits of evidence of a hash of so many hex digits that the last of *tried* candidates has.

    Contents that differ are counted; the same one again is no further chance.
    """
    return 4.0 * digits - math.log2(max(1, tried))


def most_candidates(digits: int) -> int:
    """How many candidates may be tried so that the last one would still be proved."""
    return int(2 ** max(0.0, 4 * digits - PROOF_BITS))


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
class Open:
    """A place where other white space is possible.

    Attributes:
        line: In the new file, from 1.
        gap: 0 in front of the first word, 1 behind it, and so on.
        kind: What is there: ``indentation``, ``string``, ``trailing`` (a comment), and so on.
        others: What else may stand there, likeliest first.
    """

    line: int
    gap: int
    kind: str
    chosen: bytes
    others: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """An added string literal, quotes included; whether it holds more than single blanks now."""

    line: int
    text: bytes
    wide: bool


def literals(lines: Iterable[tuple[int, bytes]], *, proved: bool) -> tuple[Literal, ...]:
    """The literals of added *lines* (number from 1, text) whose blanks the page does not tell.

    Of a file that is *proved*, only those in which blanks were folded.
    """
    found = [
        Literal(number, match[0], bool(_WIDE.search(match[0])))
        for number, text in lines
        for match in _STRING.finditer(text)
    ]
    return tuple(one for one in found if one.wide or (not proved and b" " in one.text))


@dataclass(frozen=True, slots=True)
class FileRecovery:
    """One file diff of a patch, recovered.

    Attributes:
        reason: Why it is not proved, or what proved it besides the hash.
        base_from: Where the old file was taken from.
        exact: Whether the old file has the hash that the index line names.
        bits: Evidence of the blob hash; 0 without one.
        tried: How many candidates were hashed.
        structure: The reading that was taken.
        content: The new file.
        lines: The text of each added line.
        old_blob: As the index line has it; the new one as well.
        notes: Hunks found elsewhere, masked addresses, and the like; a line each.
        extended: Header lines of the diff that tell of modes and names.
    """

    path: str
    verdict: Verdict
    reason: str
    base_from: From = From.NOTHING
    exact: bool = False
    bits: float = 0.0
    tried: int = 0
    structure: Structure | None = None
    content: bytes | None = None
    lines: tuple[bytes, ...] = ()
    open: tuple[Open, ...] = ()
    literals: tuple[Literal, ...] = ()
    old_blob: str | None = None
    new_blob: str | None = None
    hunks: int = 0
    notes: tuple[str, ...] = ()
    extended: tuple[str, ...] = ()

    def _count(self, mark: str) -> int:
        hunks = self.structure.hunks if self.structure else ()
        return sum(line.mark == mark for hunk in hunks for line in hunk.lines)

    @property
    def added(self) -> int:
        """How many lines it adds."""
        return self._count("+")

    @property
    def removed(self) -> int:
        """How many lines it removes."""
        return self._count("-")


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
