# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines whose white space is known, found by their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.recover.style import indent_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Donors:
    """Texts that may hold a line that was moved or copied.

    Attributes:
        lines: The words of a line -> the line; where several have the same words, the first.
        kin: As `lines`, by the words without what ends a declaration or opens a body.
        lent: As `kin`, of the lines alone that the series adds to files that are proved.
        texts: The files they came from, for their style.
    """

    lines: dict[tuple[bytes, ...], bytes]
    kin: dict[bytes, bytes]
    lent: dict[bytes, bytes]
    texts: tuple[bytes, ...]

    @classmethod
    def of(
        cls, texts: Iterable[bytes], lines: Iterable[bytes] = (), lent: Iterable[bytes] = ()
    ) -> Donors:
        """Take whole *texts* (base files, files proved), and single *lines*.

        Args:
            texts: Base files, and files that are proved.
            lines: Removed ones.
            lent: Those that are added to files that are proved.
        """
        kept = tuple(texts)
        found: dict[tuple[bytes, ...], bytes] = {}
        kin: dict[bytes, bytes] = {}
        for line in (*lines, *(line for text in kept for line in text.split(b"\n"))):
            pieces = tuple(line.split())
            if pieces:
                found.setdefault(pieces, line)
                kin.setdefault(_bare(pieces), line)
        return cls(found, kin, {_bare(line.split()): line for line in lent}, kept)

    def like(self, pieces: tuple[bytes, ...]) -> bytes | None:
        """The line with nearly the same words: a prototype's for a function's, or the reverse."""
        return self.kin.get(_bare(pieces))

    def lending(self, pieces: tuple[bytes, ...]) -> bytes | None:
        """As `like`, where the same author just wrote it and it stands at tabs alone.

        What is aligned under a parenthesis would stand elsewhere in another declaration.
        """
        line = self.lent.get(_bare(pieces))
        return line if line is not None and not indent_of(line).strip(b"\t") else None


def _bare(pieces: Sequence[bytes]) -> bytes:
    return b" ".join(pieces).rstrip(b";{, \\")


def likeness(one: Sequence[bytes], two: Sequence[bytes]) -> float:
    """How many words two lines share: 0 none, 1 all."""
    if not one or not two:
        return 0.0
    rest = list(two)
    shared = 0
    for piece in one:
        if piece in rest:
            rest.remove(piece)
            shared += 1
    return 2 * shared / (len(one) + len(two))


def most_alike(pieces: Sequence[bytes], lines: Sequence[bytes]) -> bytes | None:
    """The line that shares most words with *pieces*; None if none shares two in five."""
    best, found = 0.4, None
    for line in lines:
        value = likeness(pieces, line.split())
        if value > best:
            best, found = value, line
    return found
