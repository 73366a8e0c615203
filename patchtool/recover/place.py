# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a hunk begins: which word of the page, and which line of the old file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.recover.heading import headings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.beam import Effort
    from patchtool.recover.fragment import DamagedHunk
    from patchtool.recover.oldfile import OldFile

#: How many words a function heading may have when the old file foretells another.
_LONGEST_HEADING = 30
#: Places in the old file that are tried for a hunk that is not where its header says.
_PLACES = 24
#: Lines of the old file that are passed for one unit of effort.
_LINES = 16


def starts(hunk: DamagedHunk, old: OldFile | None, above: int) -> list[tuple[int, float]]:
    """The words the first line may begin with, each with its cost in bits."""
    if hunk.heading is not None:
        return [(hunk.heading, 0.0)]
    words = hunk.words
    if old is not None:
        told = [tuple(one.split()) for one in headings(old.lines, above)]
        sure = [len(one) for one in told if words[: len(one)] == one]
        if sure and (sure[0] or len(told) == 1):
            return [(length, 2.0 * rank) for rank, length in enumerate(sure)]
    if hunk.old_count == 0 or (old is not None and above == 0):
        return [(0, 0.0)]
    return [(at, 0.0 if not at else 3.0) for at in range(min(_LONGEST_HEADING, len(words)) + 1)]


def places(hunk: DamagedHunk, old: OldFile, end: int, near: int, effort: Effort) -> Iterator[int]:
    """Where else in the old file the hunk may begin: lines above it, the nearest first.

    Args:
        hunk: The hunk.
        old: The old file.
        end: Lines that the hunks before it take.
        near: Where it was expected.
        effort: What may be spent.
    """
    words = hunk.words
    first = 0 if hunk.heading is None else hunk.heading
    longest = _LONGEST_HEADING if hunk.heading is None else 0
    begin = range(first, min(first + longest, len(words)) + 1)
    firsts = {words[at].removeprefix(b"-") for at in begin if at < len(words)}
    firsts |= {words[at + 1] for at in begin if at + 1 < len(words)}
    found: list[int] = []
    last = len(old.lines) - hunk.old_count
    effort.spend(max(0, last - end) // _LINES)
    for above in range(end, last + 1):
        at = above
        while at < above + 3 and at < len(old.context) and not old.context[at]:
            at += 1
        if at >= len(old.context) or not old.context[at] or old.context[at][0] in firsts:
            found.append(above)
    text = tuple(word for word in words[first : first + longest + 200] if word)
    given = 0
    for above in sorted(found, key=lambda above: abs(above - near)):
        effort.spend(1)
        if _begins(text, old, above, longest):
            yield above
            given += 1
        if given == _PLACES:
            return


def _begins(words: tuple[bytes, ...], old: OldFile, above: int, longest: int) -> bool:
    """Whether three lines of context can stand at the beginning of these words."""
    lead = tuple(word for pieces in old.context[above : above + 3] for word in pieces)
    return any(words[at : at + len(lead)] == lead for at in range(longest + 1))
