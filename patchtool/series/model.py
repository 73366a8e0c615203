# SPDX-License-Identifier: GPL-2.0-or-later
"""The value a posted series becomes. Nothing here does I/O.

pydantic reads and writes it as JSON: every attribute under its own name, and the digest of a
series, the patch-id and paths of a patch and the path of a file beside them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import PlainSerializer, computed_field

from patchtool.series.commit_text import CommitText  # noqa: TC001 (pydantic reads it)
from patchtool.series.diffstat import Diffstat  # noqa: TC001 (pydantic reads it)
from patchtool.series.file_diff import DERIVED, Bytes, FileDiff
from patchtool.series.manifest import Manifest
from patchtool.series.message_end import Cut  # noqa: TC001 (pydantic reads it)
from patchtool.series.patch_id import patch_id
from patchtool.series.tags.value import Trailer  # noqa: TC001 (pydantic reads it)

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 20  # missing patches that are named
#: In JSON with the keys of its ``series.toml``.
_Manifest = Annotated[
    Manifest,
    PlainSerializer(
        lambda found: found.model_dump(mode="json", exclude_none=True), when_used="json"
    ),
]


@dataclass(frozen=True, slots=True)
class Change:
    """What a change log says of one revision.

    Attributes:
        revision: The revision the text is about.
        text: The lines about it, as they were written.
    """

    revision: int
    text: str


class DependsOn(StrEnum):
    """How a mail names what it needs."""

    BASE_COMMIT = "base-commit"
    PATCH_ID = "prerequisite-patch-id"
    MESSAGE_ID = "prerequisite-message-id"
    CHANGE_ID = "prerequisite-change-id"
    BASED_ON = "based-on"
    DEPENDS_ON = "depends-on"


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something a series says it needs.

    Attributes:
        kind: How it is named.
        value: A commit hash, a stable patch-id, a Message-ID, a tag, or a link.
        patch: Number of the patch that says so; 0 for the cover letter.
    """

    kind: DependsOn
    value: str
    patch: int


@dataclass(frozen=True, slots=True)
class Review:
    """A reply to a patch or to the cover letter, whole.

    Attributes:
        author: ``Name <address>`` of its From header.
        date: The Date header as it was sent.
        subject: With its ``Re:``.
        message_id: Without angle brackets, or None.
        in_reply_to: Message-ID of the mail it answers, or None.
        body: All of its text, quoting kept.
        trailers: The tags it gives; quoted ones are not counted.
    """

    author: str
    date: str
    subject: str
    message_id: str | None
    in_reply_to: str | None
    body: str
    trailers: tuple[Trailer, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A mail that was given and is not part of the series.

    Attributes:
        where: Its source, and its place there.
        subject: As it was sent.
        reason: Why it was left out, such as ``replaced by v5.1 of the patch``.
    """

    where: str
    subject: str
    reason: str


def missing_names(numbers: Sequence[int], total: int) -> str:
    """``2/5, 4/5 are``: missing patches by their numbers, the first of many."""
    names = ", ".join(f"{number}/{total}" for number in numbers[:_SHOWN])
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"{names}{more} {'is' if len(numbers) == 1 else 'are'}"


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch mail.

    Attributes:
        number: Its place in the series, from 1.
        subject: The subject without the ``[PATCH …]`` prefix.
        author: ``Name <address>``; the in-body ``From:`` line wins.
        date: The Date header as it was sent.
        message: The commit message below the subject, up to the ``---`` line.
        message_id: Without angle brackets; None for a patch that was never mailed.
        files: Its file diffs, in order.
        raw: The mail as ``git am`` takes it.
        tags: What its prefix says besides PATCH, revision and number: ``RFC``, ``RESEND``,
            tree names, in order.
        in_reply_to: Message-ID of the mail it was sent in reply to, or None.
        notes: What stands between the ``---`` line and the diff, diffstat included.
        trailers: Those of the message, then those that replies gave to this patch.
        uncounted: Tags that replies gave and that do not count; see :attr:`Trailer.counts`.
        diffstat: The diffstat it claims, or None.
        changelog: What its notes or message say of earlier revisions, newest first.
        reviews: The replies to it, oldest first; replies to replies follow what they answer.
        recipients: Addresses of To and Cc, lower case, in order.
        where: Its source and its place there, for messages.
        commit: What the commit it was made of says, where `raw` would not give it back.
        cut: Where ``git am`` ends its message, or would, although that goes on.
    """

    __pydantic_config__ = DERIVED

    number: int
    subject: str
    author: str
    date: str
    message: str
    message_id: str | None
    files: tuple[FileDiff, ...]
    raw: Bytes
    tags: tuple[str, ...] = ()
    in_reply_to: str | None = None
    notes: str = ""
    trailers: tuple[Trailer, ...] = ()
    diffstat: Diffstat | None = None
    changelog: tuple[Change, ...] = ()
    reviews: tuple[Review, ...] = ()
    recipients: tuple[str, ...] = ()
    where: str = ""
    commit: CommitText | None = None
    cut: Cut | None = None
    uncounted: tuple[Trailer, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def patch_id(self) -> str:
        """The stable patch-id, 40 hex digits, as ``git patch-id --stable`` computes it.

        Empty, as for git, where no line starts with ``diff``.
        """
        return patch_id(self.raw)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def paths(self) -> tuple[str, ...]:
        """Every path the patch touches."""
        names = {name for diff in self.files for name in (diff.old_path, diff.new_path) if name}
        return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class Series:
    """A posted series.

    Attributes:
        name: Short name, usable in file names.
        title: Subject of the cover letter, or of the only patch.
        revision: 1 for a first posting.
        cover: Text of the cover letter, or None.
        patches: In order.
        manifest: What is known about the series, or None.
        tags: Prefix tags that all its mails bear (``RFC``, ``RESEND``, tree names).
        author: ``Name <address>`` of who sent the cover letter, or the first patch.
        date: When, as it was sent.
        message_id: Of the cover letter, or of the first patch; None if it was never mailed.
        in_reply_to: Message-ID of the mail the series was sent in reply to, or None.
        changelog: What the cover letter, or the first patch where there is none, says of
            earlier revisions, newest first.
        dependencies: What it says it needs, from all its mails.
        trailers: Those replies gave to the whole series, which hold for every patch.
        uncounted: Tags given to the whole series that do not count; see :attr:`Trailer.counts`.
        diffstat: The diffstat the cover letter claims, or None.
        reviews: Replies to the cover letter.
        left_out: The mails that were given and are not part of it, each with the reason.
        irregular: What was not as ``git send-email`` sends it and how it was read: broken
            threads, replaced patches, missing totals. One line each.
        recipients: Addresses of To and Cc of the cover letter, or of the first patch.
        missing: Numbers of the patches that were posted and are not there. The others are then
            numbered from 1 again.
    """

    __pydantic_config__ = DERIVED

    name: str
    title: str
    revision: int
    cover: str | None
    patches: tuple[Patch, ...]
    manifest: _Manifest | None
    tags: tuple[str, ...] = ()
    author: str = ""
    date: str = ""
    message_id: str | None = None
    in_reply_to: str | None = None
    changelog: tuple[Change, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    trailers: tuple[Trailer, ...] = ()
    diffstat: Diffstat | None = None
    reviews: tuple[Review, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    irregular: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    uncounted: tuple[Trailer, ...] = ()
    missing: tuple[int, ...] = ()

    @property
    def posted(self) -> int:
        """How many patches were posted."""
        return len(self.patches) + len(self.missing)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers that the patches had as they were posted."""
        return tuple(n for n in range(1, self.posted + 1) if n not in self.missing)

    @property
    def size(self) -> str:
        """``4 patches``, or of a part ``3 of 5 patches``."""
        count = len(self.patches)
        if self.missing:
            return f"{count} of {self.posted} patches"
        return f"{count} patch{'es' * (count != 1)}"

    @property
    def part(self) -> str:
        """That it is a part, and what is missing, for people; empty where it is whole."""
        if not self.missing:
            return ""
        names = missing_names(self.missing, self.posted)
        return f"only a part of the series, {self.size}: {names} missing"

    @property
    def replies(self) -> tuple[Review, ...]:
        """All replies: those to the cover letter, then those to each patch."""
        return (*self.reviews, *(each for patch in self.patches for each in patch.reviews))

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the mails in order; empty where none is at hand, as in old reports."""
        if self.patches and not any(patch.raw for patch in self.patches):
            return ""
        whole = hashlib.sha256()
        for patch in self.patches:
            whole.update(hashlib.sha256(patch.raw).digest())
            if patch.commit is not None:
                whole.update(hashlib.sha256(bytes(patch.commit)).digest())
        return whole.hexdigest()
