# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series' words say about where it belongs: dates, releases, trees. Pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from patchtool.series.model import DependsOn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.model import Dependency, Series

_RELEASE = r"([2-9]\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?:-rc[0-9]{1,2})?)"
_TAG = re.compile(rf"v?{_RELEASE}\Z|(next-[0-9]{{8}})\Z")
_MENTIONED = re.compile(rf"\bv{_RELEASE}\b")
_HASH = re.compile(r"[0-9a-f]{7,64}\Z")
_TREE = re.compile(r"[a-z][a-z0-9/._-]+\Z")


def base_commits(series: Series) -> Iterator[tuple[str, str]]:
    """The base commits a series names, each with where it does."""
    facts = series.manifest
    if facts is not None and facts.base.commit is not None:
        yield facts.base.commit, "base.commit of the manifest"
    for need in series.dependencies:
        if need.kind is DependsOn.BASE_COMMIT or (_is_based(need) and _HASH.match(need.value)):
            yield need.value, f"{need.kind.value} in {_place(need)}"


def releases(series: Series) -> Iterator[tuple[str, str]]:
    """The tags of the releases a series names, each with where it does, surest first."""
    if series.manifest is not None:
        yield series.manifest.base.tag, "base.tag of the manifest"
    based = [
        (need.value, f"named in {_place(need)}") for need in series.dependencies if _is_based(need)
    ]
    prefixes = {tag for patch in series.patches for tag in patch.tags} | set(series.tags)
    for text, where in (*based, *((tag, "named in the subjects") for tag in sorted(prefixes))):
        if found := _TAG.match(text):
            yield found[2] or f"v{found[1]}", where
    for found in _MENTIONED.finditer(series.cover or ""):
        yield f"v{found[1]}", "mentioned in the cover letter"


def trees(series: Series) -> tuple[str, ...]:
    """The trees it names as its base or in its prefixes, such as ``net-next`` or ``mm``."""
    names = {tag for patch in series.patches for tag in patch.tags} | set(series.tags)
    names |= {need.value for need in series.dependencies if _is_based(need)}
    known = (_TREE.match(name) and not _HASH.match(name) and not _TAG.match(name) for name in names)
    return tuple(sorted(name for name, good in zip(names, known, strict=True) if good))


def _is_based(need: Dependency) -> bool:
    return need.kind is DependsOn.BASED_ON


def _place(need: Dependency) -> str:
    return f"patch {need.patch}" if need.patch else "the cover letter"


def posted(series: Series) -> int | None:
    """When it was sent, in seconds since 1970, by its latest date; None if no date is right.

    Diffs that have none are dated to the start of 1970.
    """
    found = []
    for text in (series.date, *(patch.date for patch in series.patches)):
        try:
            found.append(int(parsedate_to_datetime(text).timestamp()))
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return max((time for time in found if time > 0), default=None)
