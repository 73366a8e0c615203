# SPDX-License-Identifier: GPL-2.0-or-later
"""The Signed-off-by chain: who wrote a patch, who passed it on. Pure.

The rules are those of the kernel's Documentation/process/submitting-patches.rst: the author
signs off, whoever sends the patch signs off last, and a Co-developed-by is followed at once
by the Signed-off-by of the same person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity
from patchtool.lint.message import Tag, address, tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.model import Patch, Series

NAME = "Signed-off-by"
_MISSPELT = re.compile(r"sign(?:ed)?[- ]?off?[- ]by\Z", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:root|nobody|noreply|no-reply|user)@|@localhost\b|\.?\(none\)|@(?:[^.@]+\.)?localdomain\Z"
)
_NO_NAME = re.compile(r"(?:anonymous|nobody|unknown|root|your name|author|none)?\Z", re.IGNORECASE)


def check(series: Series) -> tuple[Finding, ...]:
    """Whether each patch is signed off by those who must."""
    sender = _sender_of(series)
    return tuple(finding for patch in series.patches for finding in _patch(patch, sender))


def _sender_of(series: Series) -> str:
    """The address of whoever sent the series; empty where it cannot be told.

    The mails of ``git format-patch``, before they are sent, are From their authors. And a relay
    or a mailing list that sends in another's name signs nothing off.
    """
    sender = address(series.author)
    forwarded = sender != address(series.patches[0].author)
    relayed = " via " in series.author or sender.startswith("devnull+")
    known = (series.cover is not None or forwarded) and not relayed
    return sender if known else ""


def _patch(patch: Patch, sender: str) -> Iterator[Finding]:
    found = tags(patch)
    signed = [tag for tag in found if _MISSPELT.match(tag.name)]
    for tag in signed:
        yield from _form(patch, tag)
    if signed:
        yield from _author(patch, signed)
        yield from _sender(patch, signed, sender)
        yield from _twice(patch, signed)
    else:
        yield Finding(
            Severity.ERROR, "signoff-missing", patch.number, "no Signed-off-by in the message",
            f"its author adds `Signed-off-by: {patch.author}` (git commit --amend --signoff)",
        )  # fmt: skip
    yield from _codevelopers(patch, found)


def _form(patch: Patch, tag: Tag) -> Iterator[Finding]:
    if tag.name != NAME:
        yield Finding(
            Severity.WARNING, "signoff-spelling", patch.number, f"`{tag.name}` is no tag",
            f"write `{NAME}: {tag.value}`", tag.place, tag.whole,
        )  # fmt: skip
    nobody = not tag.address or _NOBODY.search(tag.address) or _NO_NAME.match(tag.person)
    if nobody:
        yield Finding(
            Severity.ERROR, "signoff-nobody", patch.number,
            f"`{tag.value}` names nobody who could answer for the patch",
            "sign off with a known name and a mail address: `Name <address>`",
            tag.place, tag.whole,
        )  # fmt: skip


def _author(patch: Patch, signed: list[Tag]) -> Iterator[Finding]:
    author = address(patch.author)
    if any(tag.address == author for tag in signed):
        return
    name = patch.author.partition("<")[0].strip().lower()
    same = next((tag for tag in signed if tag.person.lower() == name), None)
    if same is not None:
        yield Finding(
            Severity.WARNING, "signoff-address", patch.number,
            f"the patch is From {author}, and its author signs off as {same.address}",
            "use one address for both: git commit --amend --reset-author, or change the tag",
            same.place, same.whole,
        )  # fmt: skip
        return
    yield Finding(
        Severity.ERROR, "signoff-author", patch.number,
        f"its author, {patch.author}, has not signed off",
        f"its author adds `{NAME}: {patch.author}`, or the From line is wrong",
        signed[0].place, signed[0].whole,
    )  # fmt: skip


def _sender(patch: Patch, signed: list[Tag], sender: str) -> Iterator[Finding]:
    if not sender:
        return
    if not any(tag.address == sender for tag in signed):
        if sender != address(patch.author):
            yield Finding(
                Severity.ERROR, "signoff-sender", patch.number,
                f"{sender} sent the series and has not signed this patch off",
                "whoever passes a patch on signs it off, last", signed[-1].place, signed[-1].whole,
            )  # fmt: skip
        return
    if signed[-1].address != sender:
        yield Finding(
            Severity.WARNING, "signoff-order", patch.number,
            f"the last Signed-off-by is {signed[-1].address}, and {sender} sent the series",
            "the tags tell the way a patch went: the author first, the sender last",
            signed[-1].place, signed[-1].whole,
        )  # fmt: skip


def _twice(patch: Patch, signed: list[Tag]) -> Iterator[Finding]:
    seen: set[str] = set()
    for tag in signed:
        if tag.address and tag.address in seen:
            yield Finding(
                Severity.WARNING, "signoff-twice", patch.number,
                f"{tag.address} signs off twice", "drop one of the tags", tag.place, tag.whole,
            )  # fmt: skip
        seen.add(tag.address)


def _codevelopers(patch: Patch, found: tuple[Tag, ...]) -> Iterator[Finding]:
    for at, tag in enumerate(found):
        if not tag.named("Co-developed-by"):
            continue
        follows = found[at + 1] if at + 1 < len(found) else None
        paired = follows is not None and follows.named(NAME) and follows.address == tag.address
        if not paired or (follows is not None and follows.line != tag.line + 1):
            yield Finding(
                Severity.ERROR, "signoff-codeveloper", patch.number,
                f"Co-developed-by {tag.address or tag.value} is not followed by that "
                "person's Signed-off-by",
                f"put `{NAME}: {tag.value}` right below it", tag.place, tag.whole,
            )  # fmt: skip
        if tag.address and tag.address == address(patch.author):
            yield Finding(
                Severity.WARNING, "signoff-codeveloper-author", patch.number,
                f"{tag.address} is the author, and needs no Co-developed-by",
                "drop the Co-developed-by line", tag.place, tag.whole,
            )  # fmt: skip
