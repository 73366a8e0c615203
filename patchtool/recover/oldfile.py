# SPDX-License-Identifier: GPL-2.0-or-later
"""The old file of a damaged diff, ready to be compared word by word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.recover import breaks

if TYPE_CHECKING:
    from patchtool.recover.breaks import Kind

_FEW = 8  # comments that say nothing of a file's habits


@dataclass(frozen=True, slots=True)
class OldFile:
    """The old file, ready to be compared.

    Attributes:
        lines: Its lines.
        context: The words of each.
        removed: The words of each behind a minus.
        comment: Whether a comment is open in front of each.
        tells: Whether comments in it tell of the next line: hardly one is followed by none.
    """

    lines: tuple[bytes, ...]
    context: tuple[tuple[bytes, ...], ...]
    removed: tuple[tuple[bytes, ...], ...]
    comment: tuple[bool, ...]
    tells: bool

    @classmethod
    def of(cls, content: bytes) -> OldFile:
        """Take its *content* apart."""
        lines = content.split(b"\n")
        if not lines[-1]:
            del lines[-1]
        words = [tuple(line.split()) for line in lines]
        removed = [
            (b"-", *pieces) if line[:1] in b" \t\v\f\r" else (b"-" + pieces[0], *pieces[1:])
            for line, pieces in zip(lines, words, strict=True)
        ]
        comment, is_open = [], False
        for line in lines:
            comment.append(is_open)
            says = breaks.opens_comment(line)
            is_open = is_open if says is None else says
        after = [words[at + 1] for at in range(len(words) - 1) if words[at] == (b"*/",)]
        tells = len(after) > _FEW and after.count(()) * 10 < len(after)
        return cls(tuple(lines), tuple(words), tuple(removed), tuple(comment), tells)


def kind_of(pieces: tuple[bytes, ...]) -> Kind | None:
    """What a line with these words begins with; None of an empty line."""
    if not pieces:
        return None
    return breaks.kind_of(pieces[0], pieces[1] if len(pieces) > 1 else b"")
