# SPDX-License-Identifier: GPL-2.0-or-later
"""``recovery.json``: what was recovered, how well, and what is open."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from patchtool.recover.verdict import From, Verdict
from patchtool.series import diffstat
from patchtool.series.file_diff import FileDiff, Hunk

if TYPE_CHECKING:
    from patchtool.recover.page import Page
    from patchtool.recover.posting import Posting
    from patchtool.recover.recovery import PatchRecovery

FILE_NAME = "recovery.json"
#: Bytes of a file as text.
Text = Annotated[
    str,
    BeforeValidator(
        lambda made: made.decode("utf-8", "replace") if isinstance(made, bytes) else made
    ),
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class OpenPlace(_Frozen):
    """A place with other possible white space; see :class:`patchtool.recover.verdict.Open`."""

    line: int
    gap: int
    kind: str
    chosen: Text
    others: tuple[Text, ...]


class StringLiteral(_Frozen):
    """An added string literal; see :class:`patchtool.recover.verdict.Literal`."""

    line: int
    text: Text
    wide: bool


class FileRecord(_Frozen):
    """A file diff; see :class:`patchtool.recover.verdict.FileRecovery`."""

    path: str
    verdict: Verdict
    bits: Annotated[float, BeforeValidator(lambda bits: round(bits, 1))]
    tried: int
    reason: str
    base: From = Field(validation_alias=AliasChoices("base", "base_from"))
    exact_base: bool = Field(validation_alias=AliasChoices("exact_base", "exact"))
    old_blob: str | None
    new_blob: str | None
    added: int
    removed: int
    hunks: int
    notes: tuple[str, ...]
    open: tuple[OpenPlace, ...]
    literals: tuple[StringLiteral, ...]


class ReviewRecord(_Frozen):
    """A reply on the page."""

    author: str
    date: str
    subject: str
    body: str


class PatchRecord(_Frozen):
    """A patch.

    Attributes:
        wrapped: Whether the line breaks of the message are ours.
        file: The mail it was written to; empty if it was not.
        told: What its mail on the page does not say, and where it was taken from.
        unmasked: Addresses as the page has them, and what was made of them.
        hidden: Addresses masked for good.
        undone: Encodings that were undone.
        diffstat: Where its diffstat and its diff disagree.
    """

    number: int
    subject: str
    author: str
    date: str
    message: str
    wrapped: bool
    file: str
    applies: bool
    told: tuple[str, ...]
    unmasked: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    undone: tuple[str, ...]
    diffstat: tuple[str, ...]
    files: tuple[FileRecord, ...]
    reviews: tuple[ReviewRecord, ...]


class Recovery(_Frozen):
    """A whole page.

    Attributes:
        tree: The tree, and below the commit of it; empty without.
        missing: Numbers of the patches that are not on the page.
        left_out: Mails on the page that are no part of the series: line, subject, reason.
        furniture: How many lines of the page belong to no mail.
        needed: Blobs that are not there and would be needed: path and abbreviated hash.
        written: The files that were written beside this one.
    """

    page: str
    page_sha256: str
    tree: str
    commit: str
    title: str
    revision: int
    total: int
    missing: tuple[int, ...]
    author: str
    cover: bool
    patches: tuple[PatchRecord, ...]
    reviews: tuple[ReviewRecord, ...]
    left_out: tuple[tuple[str, str, str], ...]
    furniture: int
    needed: tuple[tuple[str, str], ...]
    written: tuple[str, ...] = ()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Of all file diffs."""
        return tuple(file.verdict for patch in self.patches for file in patch.files)

    @property
    def good(self) -> bool:
        """Whether every file diff is proved or consistent, and every patch has one."""
        fine = {Verdict.PROVED, Verdict.CONSISTENT}
        return bool(self.verdicts) and all(
            patch.files and all(file.verdict in fine for file in patch.files)
            for patch in self.patches
        )


def record_of(
    where: str, data: bytes, page: Page, posting: Posting, patches: tuple[PatchRecovery, ...],
    names: dict[int, str], tree: tuple[str, str],
) -> Recovery:  # fmt: skip
    """Put down what was recovered of the page *where* with these bytes.

    *names* are of the mail each patch is written to, *tree* has the tree's name and commit.
    """
    needed = {
        (each.path, each.old_blob): None
        for patch in patches
        for each in patch.files
        if not each.exact and each.old_blob and each.base_from is not From.SERIES
    }
    return Recovery(
        page=where, page_sha256=hashlib.sha256(data).hexdigest(), tree=tree[0], commit=tree[1],
        title=posting.title, revision=posting.revision, total=posting.total,
        missing=posting.missing, author=posting.author, cover=posting.cover is not None,
        patches=tuple(_patch(one, names.get(one.posted.number, "")) for one in patches),
        reviews=tuple(ReviewRecord.model_validate(one) for one in posting.reviews),
        left_out=tuple((one.where, one.subject, one.reason) for one in posting.left_out),
        furniture=len(page.furniture),
        needed=tuple(needed),
    )  # fmt: skip


def _patch(found: PatchRecovery, name: str) -> PatchRecord:
    posted = found.posted
    return PatchRecord(
        number=posted.number, subject=posted.subject, author=posted.author, date=posted.date,
        message=posted.letter.message, wrapped=posted.letter.wrapped, file=name,
        applies=found.applies, told=posted.inferences, unmasked=posted.mail.changes,
        hidden=posted.hidden, undone=posted.mail.encodings, diffstat=mismatches(found),
        files=tuple(FileRecord.model_validate(one) for one in found.files),
        reviews=tuple(ReviewRecord.model_validate(one) for one in posted.reviews),
    )  # fmt: skip


def mismatches(found: PatchRecovery) -> tuple[str, ...]:
    """Where the diffstat of a patch mail and what was recovered disagree."""
    claimed = diffstat.parse(found.posted.letter.notes)
    if claimed is None:
        return ()
    diffs = []
    for each in found.files:
        lines = (b"+",) * each.added + (b"-",) * each.removed
        hunk = Hunk(0, each.removed, 0, each.added, "", lines)
        diffs.append(FileDiff(each.path, each.path, None, None, None, (hunk,)))
    return tuple(one.text for one in diffstat.compare(claimed, diffs))
