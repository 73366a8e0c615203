# SPDX-License-Identifier: GPL-2.0-or-later
"""The tags that replies gave: which do not simply hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.model import Series
    from patchtool.series.tags.value import Trailer


def check(series: Series) -> tuple[Finding, ...]:
    """What whoever adds the tags to the patches must look at first."""
    found = [*_of(0, (*series.trailers, *series.uncounted))]
    for patch in series.patches:
        found += _of(patch.number, (*patch.trailers, *patch.uncounted))
    return tuple(found)


def _of(number: int, tags: Sequence[Trailer]) -> Iterator[Finding]:
    for tag in tags:
        whole = f"{tag.name}: {tag.value}"
        if tag.given_on:
            yield Finding(
                Severity.NOTE, "given-earlier", number,
                f"it was given on {tag.given_on}, the same patch-id, and is not in this revision",
                "add it, if nothing else has changed that it was given for", source=whole,
            )  # fmt: skip
        elif tag.sent_by:
            yield Finding(
                Severity.WARNING, "given-sender", number,
                f"{tag.sent_by} sent it, and it names somebody else; it is not counted",
                "see in the thread whether that person gave it", source=whole,
            )  # fmt: skip
        elif tag.condition:
            yield Finding(
                Severity.WARNING, "given-condition", number,
                f"it was given on condition: {tag.condition!r}",
                "see whether this revision meets it before you add the tag", source=whole,
            )  # fmt: skip
