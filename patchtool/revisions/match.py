# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches of OLD and NEW that belong together, by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchtool.revisions.pair import DecidedBy, RunnerUp


@dataclass(frozen=True, slots=True)
class Match:
    """Patches that belong together, by their numbers.

    Attributes:
        old: In OLD; none of a new patch.
        new: In NEW; none of a dropped patch.
        decided_by: What decided.
        reason: The same in words.
        similarity: Of the lines they change.
        runner_up: The next best partner, if it was near.
        replaced: Whether they have little more in common than what they are for.
        reordered: Whether it stands before or behind other patches than it did.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    decided_by: DecidedBy
    reason: str
    similarity: float = 0.0
    runner_up: RunnerUp | None = None
    replaced: bool = False
    reordered: bool = False


def in_order(done: Iterable[Match], lost: Iterable[Match]) -> tuple[Match, ...]:
    """By NEW; a dropped patch behind the one it followed in OLD."""
    ordered = sorted(done, key=lambda match: match.new[0])
    for match in sorted(lost, key=lambda match: match.old[0]):
        before = [
            at for at, other in enumerate(ordered) if other.old and other.old[0] < match.old[0]
        ]
        ordered.insert(max(before, default=-1) + 1, match)
    return tuple(ordered)
