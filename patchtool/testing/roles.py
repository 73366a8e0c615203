# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts that counters play: tests ask for these, as kernels and series differ in the names.

``isolated``
    A balloon page was taken off its list, to be moved.
``migrated``
    It was moved, as the series counts it.
``returned``
    It was not, and is on its list again.
``released``
    Of one that was moved, the old page is free.
``moved``
    It was moved, as the kernel counts it: what the others are held against.

The first four are those that a manifest fills (``[counters.roles]``). A test needs the feature
``role:isolated``, and a relation that it checks has ``isolated`` in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from patchtool.series.manifest import Counters

#: Linux kernel commit 09316c09dde3 "mm/balloon_compaction: add vmstat counters and kpageflags
#: bit" (in v3.18). virtballoon_migratepage() counts it.
BALLOON_MIGRATE = "balloon_migrate"
FEATURE = "role:"


def of_counters(counters: Counters | None) -> dict[str, str]:
    """Role to counter; *counters* of the series' manifest, if it has one.

    ``moved`` is balloon_migrate, but for a series for kernels without: then its own.
    """
    if counters is None:
        return {"moved": BALLOON_MIGRATE}
    filled: dict[str, str] = {str(role): name for role, name in counters.roles.items()}
    uses_own = "migrated" in filled and BALLOON_MIGRATE not in counters.uses
    return {**filled, "moved": filled["migrated"] if uses_own else BALLOON_MIGRATE}


def resolved(feature: str, roles: Mapping[str, str]) -> str:
    """``counter:NAME`` for a ``role:`` that is filled; any other feature as it is."""
    name = roles.get(feature.removeprefix(FEATURE)) if feature.startswith(FEATURE) else None
    return f"counter:{name}" if name else feature


def written_out(relation: str, roles: Mapping[str, str], known: Collection[str]) -> str:
    """A relation with counters in place of roles; names that are *known* otherwise stay."""

    def name(match: re.Match[str]) -> str:
        word = match[0]
        return word if word in known else roles.get(word, word)

    return re.sub(r"\b[a-z]\w*", name, relation)
