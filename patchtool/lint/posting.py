# SPDX-License-Identifier: GPL-2.0-or-later
"""The series as a posting: its cover letter, change log, links, and what it says it needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from patchtool.lint.findings import Finding, Severity, unchecked
from patchtool.lint.message import Tag, tags
from patchtool.series.model import DependsOn
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.lint.kernel import Kernel
    from patchtool.series.model import Dependency, Series

#: What git format-patch and b4 put into a cover letter for its author to replace.
_PLACEHOLDER = re.compile(r"\*{3} (?:SUBJECT|BLURB) HERE \*{3}|\bEDITME:")
_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_MESSAGE_ID = re.compile(r"<?[^<>\s@]+@[^<>\s@]+>?\Z")
_URL_AND_MORE = re.compile(r"(\S+)(?:\s+(?:\[\d+\]|#.*))?\Z")


def cover(series: Series) -> tuple[Finding, ...]:
    """Whether the cover letter was written, where there ought to be one."""
    if series.cover is None:
        return ()
    left = _PLACEHOLDER.search(f"{series.title}\n{series.cover}")
    if left is None:
        return ()
    return (
        Finding(
            Severity.ERROR, "cover-placeholder", 0, f"the cover letter still has `{left[0]}`",
            "write there what the series is for",
        ),
    )  # fmt: skip


def changelog(series: Series) -> tuple[Finding, ...]:
    """Whether a later revision says what it changes."""
    told = [series.changelog, *(patch.changelog for patch in series.patches)]
    if series.revision < 2 or any(told):
        return ()
    before = series.revision - 1
    return (
        Finding(
            Severity.WARNING, "changelog-missing", 0 if series.cover is not None else None,
            f"this is v{series.revision}, and nothing says what changed since v{before}",
            f"add `Changes since v{before}:` to the cover letter, or below the --- of each patch",
        ),
    )  # fmt: skip


def duplicates(series: Series) -> tuple[Finding, ...]:
    """Whether a change is in the series twice."""
    seen: dict[str, int] = {}
    found = []
    for patch in series.patches:
        first = seen.setdefault(patch.patch_id, patch.number)
        if first != patch.number and patch.patch_id:
            found.append(
                Finding(
                    Severity.ERROR,
                    "duplicates-patch",
                    patch.number,
                    f"it is the same change as patch {first} (patch-id {patch.patch_id[:12]})",
                    "drop one of them",
                )
            )
    return tuple(found)


def links(series: Series) -> tuple[Finding, ...]:
    """Whether what points elsewhere (Link:, Closes:, prerequisites) can be followed."""
    found = [
        finding
        for patch in series.patches
        for tag in tags(patch)
        if tag.named("Link") or tag.named("Links") or tag.named("Closes")
        for finding in _link(patch.number, tag)
    ]
    found += [finding for need in series.dependencies for finding in _need(need)]
    return tuple(found)


def _link(number: int, tag: Tag) -> Iterator[Finding]:
    if tag.named("Links"):
        yield Finding(
            Severity.WARNING, "links-tag", number, "`Links:` is no tag",
            "write `Link:`, one for each link", tag.place, tag.whole,
        )  # fmt: skip
    match = _URL_AND_MORE.match(tag.value)
    url = urlsplit(match[1].strip("<>") if match else "")
    if url.scheme not in ("http", "https") or "." not in (url.hostname or ""):
        todo = "give the whole address, with https://"
        if _MESSAGE_ID.match(tag.value):
            todo = f"write `{tag.name}: https://lore.kernel.org/r/{tag.value.strip('<>')}`"
        yield Finding(
            Severity.WARNING, "links-form", number, "this is no link that could be followed",
            todo, tag.place, tag.whole,
        )  # fmt: skip


def _need(need: Dependency) -> Iterator[Finding]:
    hashes = (DependsOn.BASE_COMMIT, DependsOn.PATCH_ID)
    if need.kind in hashes and not _HEX.match(need.value):
        todo = "all 40 digits: git format-patch --base=auto writes them"
    elif need.kind is DependsOn.MESSAGE_ID and not _MESSAGE_ID.match(need.value):
        todo = "a Message-ID has the form name@host"
    else:
        return
    yield Finding(
        Severity.WARNING, "links-dependency", need.patch,
        f"`{need.kind}: {need.value}` names nothing that could be found", todo,
        source=f"{need.kind}: {need.value}",
    )  # fmt: skip


def base(series: Series, kernel: Kernel) -> tuple[Finding, ...]:
    """Whether the tree has the commit that the series says it is based on."""
    named = [need for need in series.dependencies if need.kind is DependsOn.BASE_COMMIT]
    found = []
    with plumbing.open_repository(kernel.tree.git_dir, kernel.settings) as repo:
        for need in named:
            if not _HEX.match(need.value) or repo.find(f"{need.value}^{{commit}}"):
                continue
            if not kernel.history:
                reason = f"{kernel.tree.name} has no history; it lacks {need.value[:12]}"
                return (unchecked("base", reason, "name a full git tree with --tree"),)
            found.append(
                Finding(
                    Severity.WARNING,
                    "base-unknown",
                    need.patch,
                    f"{kernel.tree.name} has no commit {need.value[:12]}, the base-commit",
                    "base the series on a commit that others have, or say where that one is",
                )
            )
    return tuple(found)
