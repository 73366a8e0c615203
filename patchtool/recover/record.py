# SPDX-License-Identifier: GPL-2.0-or-later
"""``recovery.json``: what was recovered, how well, and what is open."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from patchtool.recover.verdict import From, Verdict
from patchtool.series import diffstat
from patchtool.series.file_diff import FileDiff, Hunk

if TYPE_CHECKING:
    from patchtool.recover.page import Page, PageMail
    from patchtool.recover.posting import Posting
    from patchtool.recover.recovery import PatchRecovery
    from patchtool.recover.verdict import FileRecovery
    from patchtool.series.model import Review

FILE_NAME = "recovery.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenPlace(_Frozen):
    """A place with other possible white space; see :class:`patchtool.recover.fill.Open`."""

    line: int
    gap: int
    kind: str
    chosen: str
    others: tuple[str, ...]


class StringLiteral(_Frozen):
    """An added string literal in which blanks were, or may have been, folded.

    Attributes:
        line: In the new file, from 1.
        text: As it was recovered.
        wide: Whether it now holds more than single blanks.
    """

    line: int
    text: str
    wide: bool


class FileRecord(_Frozen):
    """A file diff; see :class:`patchtool.recover.verdict.FileRecovery`."""

    path: str
    verdict: Verdict
    bits: float
    tried: int
    reason: str
    base: From
    exact_base: bool
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
        number: Its place in the series.
        subject: Without the prefix.
        author: ``Name <address>``.
        date: As a Date header.
        message: The commit message.
        wrapped: Whether the line breaks of the message are ours.
        file: The mail it was written to; empty if it was not.
        applies: Whether every file diff of it can be applied.
        told: What its mail on the page does not say, and where it was taken from.
        unmasked: Addresses as the page has them, and what was made of them.
        hidden: Addresses masked for good.
        undone: Encodings that were undone.
        diffstat: Where its diffstat and its diff disagree.
        files: Its file diffs.
        reviews: The replies to it.
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
        page: Its name.
        page_sha256: Of its bytes.
        tree: The tree, or empty.
        commit: The commit of it, or empty.
        title: Of the series.
        revision: Of the series.
        total: How many patches it has.
        missing: Numbers of the patches that are not on the page.
        author: Of the series.
        cover: Whether the page has the cover letter.
        patches: Those on the page.
        reviews: Replies to the cover letter.
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
        """Whether every file diff is proved or consistent."""
        fine = {Verdict.PROVED, Verdict.CONSISTENT}
        return bool(self.verdicts) and all(
            patch.files and all(file.verdict in fine for file in patch.files)
            for patch in self.patches
        )


def record_of(
    where: str,
    data: bytes,
    page: Page,
    posting: Posting,
    patches: tuple[PatchRecovery, ...],
    names: dict[int, str],
    tree: tuple[str, str],
) -> Recovery:
    """Put down what was recovered.

    Args:
        where: The page's name.
        data: Its bytes.
        page: What is on it.
        posting: The posting on it.
        patches: Its patches, recovered.
        names: The mail each patch is written to, by number.
        tree: Name and commit of the tree; empty ones without.
    """
    needed = {
        (each.path, each.old_blob): None
        for patch in patches
        for each in patch.files
        if not each.exact and each.old_blob and each.base_from is not From.SERIES
    }
    return Recovery(
        page=where,
        page_sha256=hashlib.sha256(data).hexdigest(),
        tree=tree[0],
        commit=tree[1],
        title=posting.title,
        revision=posting.revision,
        total=posting.total,
        missing=posting.missing,
        author=posting.author,
        cover=posting.cover is not None,
        patches=tuple(_patch(one, names.get(one.posted.number, "")) for one in patches),
        reviews=tuple(_review(one) for one in posting.reviews),
        left_out=tuple((one.where, one.subject, one.reason) for one in posting.left_out),
        furniture=len(page.furniture),
        needed=tuple(needed),
    )


def _patch(found: PatchRecovery, name: str) -> PatchRecord:
    posted = found.posted
    mail: PageMail = posted.mail
    return PatchRecord(
        number=posted.number,
        subject=posted.subject,
        author=posted.author,
        date=posted.date,
        message=posted.letter.message,
        wrapped=posted.letter.wrapped,
        file=name,
        applies=found.applies,
        told=posted.told,
        unmasked=mail.changes,
        hidden=posted.hidden,
        undone=mail.encodings,
        diffstat=mismatches(found),
        files=tuple(_file(one) for one in found.files),
        reviews=tuple(_review(one) for one in posted.reviews),
    )


def mismatches(found: PatchRecovery) -> tuple[str, ...]:
    """Where the diffstat of a patch mail and what was recovered disagree."""
    claimed = diffstat.parse(found.posted.letter.notes)
    if claimed is None:
        return ()
    diffs = []
    for each in found.files:
        added, removed = each.counts
        lines = (b"+",) * added + (b"-",) * removed
        hunk = Hunk(0, removed, 0, added, "", lines)
        diffs.append(FileDiff(each.path, each.path, None, None, None, (hunk,)))
    return tuple(one.text for one in diffstat.compare(claimed, diffs))


def _file(found: FileRecovery) -> FileRecord:
    added, removed = found.counts
    return FileRecord(
        path=found.path,
        verdict=found.verdict,
        bits=round(found.bits, 1),
        tried=found.tried,
        reason=found.reason,
        base=found.base_from,
        exact_base=found.exact,
        old_blob=found.old_blob,
        new_blob=found.new_blob,
        added=added,
        removed=removed,
        hunks=found.hunks,
        notes=found.notes,
        open=tuple(
            OpenPlace(
                line=one.line,
                gap=one.gap,
                kind=one.kind,
                chosen=_text(one.chosen),
                others=tuple(_text(other) for other in one.others),
            )
            for one in found.open
        ),
        literals=tuple(
            StringLiteral(line=one.line, text=_text(one.text), wide=one.wide)
            for one in found.literals
        ),
    )


def _review(review: Review) -> ReviewRecord:
    return ReviewRecord(
        author=review.author, date=review.date, subject=review.subject, body=review.body
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
