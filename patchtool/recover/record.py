# SPDX-License-Identifier: GPL-2.0-or-later
"""What was recovered, how well, and what is open: the values, and ``recovery.json`` with them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from patchtool.recover.fill import Literal, Open  # noqa: TC001 (pydantic reads them)
from patchtool.recover.fragment import is_hash
from patchtool.recover.structure import Structure  # noqa: TC001 (pydantic reads it)
from patchtool.series import diffstat
from patchtool.series.file_diff import FileDiff, Hunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.intake.pages.page import Page
    from patchtool.intake.pages.posting import PostedPatch, Posting

FILE_NAME = "recovery.json"
#: So many other file diffs must be proved before the index line of one is suspected.
_OTHERS = 3


class Verdict(StrEnum):
    """How well a file diff is recovered."""

    PROVED = "proved"  #: the new file has the blob hash that the index line names
    CONSISTENT = "consistent"  #: it applies, and the counts agree
    INDEX_SUSPECT = "index suspect"  #: as above, but no white space gives the hash
    BASE_MISSING = "base missing"  #: there is no old file to compare with
    FAILED = "failed"  #: no reading fits


#: Verdicts with which a patch can be applied.
APPLIES = frozenset([Verdict.PROVED, Verdict.CONSISTENT, Verdict.INDEX_SUSPECT])


class From(StrEnum):
    """Where the old file was taken from."""

    BLOB = "the tree has the blob"
    SERIES = "an earlier patch made it"
    PATH = "the tree has another version"
    NOTHING = "not there"
    NEW = "a new file"


@dataclass(frozen=True, slots=True)
class FileRecovery:
    """One file diff of a patch, recovered; what is below ``literals`` is not in the JSON.

    Attributes:
        bits: Evidence of the blob hash; 0 without one.
        tried: How many candidates were hashed.
        reason: Why it is not proved, or what proved it besides the hash.
        exact_base: Whether the old file has the hash that the index line names.
        notes: Hunks found elsewhere, masked addresses, and the like; a line each.
        content: The new file, and *lines* the text of each added line.
    """

    path: str
    verdict: Verdict
    bits: float = 0.0
    tried: int = 0
    reason: str = ""
    base: From = From.NOTHING
    exact_base: bool = False
    old_blob: str | None = None
    new_blob: str | None = None
    added: int = 0
    removed: int = 0
    hunks: int = 0
    notes: tuple[str, ...] = ()
    open: tuple[Open, ...] = ()
    literals: tuple[Literal, ...] = ()
    structure: Annotated[Structure | None, Field(exclude=True)] = field(default=None, compare=False)
    content: Annotated[bytes | None, Field(exclude=True)] = field(default=None, compare=False)
    lines: Annotated[tuple[bytes, ...], Field(exclude=True)] = field(default=(), compare=False)
    extended: Annotated[tuple[str, ...], Field(exclude=True)] = field(default=(), compare=False)


def suspects(found: Sequence[FileRecovery]) -> frozenset[int]:
    """Which of all file diffs of a posting have an index line that is to be suspected.

    One whose old file is the right one, and which no likely white space gives the hash, though
    every other one of which that can be said, at least three, was proved: as the author's habits
    are met elsewhere, the hash is more likely wrong than the white space.
    """
    exact = [at for at, one in enumerate(found) if one.exact_base and is_hash(one.new_blob)]
    left = [at for at in exact if found[at].verdict is Verdict.CONSISTENT and not found[at].bits]
    return frozenset(left if len(left) == 1 and len(exact) > _OTHERS else ())


@dataclass(frozen=True, slots=True)
class PatchRecovery:
    """A patch as the page has it, and its file diffs, recovered, in order."""

    posted: PostedPatch
    files: tuple[FileRecovery, ...]

    @property
    def applies(self) -> bool:
        """Whether every file diff of it can be applied."""
        return bool(self.files) and all(each.verdict in APPLIES for each in self.files)

    @property
    def mismatches(self) -> tuple[str, ...]:
        """Where the diffstat of the mail and what was recovered disagree."""
        claimed = diffstat.parse(self.posted.letter.notes)
        diffs = []
        for each in self.files if claimed is not None else ():
            lines = (b"+",) * each.added + (b"-",) * each.removed
            hunk = Hunk(0, each.removed, 0, each.added, "", lines)
            diffs.append(FileDiff(each.path, each.path, None, None, None, (hunk,)))
        return tuple(one.text for one in diffstat.compare(claimed, diffs)) if claimed else ()


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class ReviewRecord(_Frozen):
    """A reply."""

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
    files: tuple[FileRecovery, ...]
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
        return fine.issuperset(self.verdicts) and all(
            (*(patch.files for patch in self.patches), self.patches)
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
        if not each.exact_base and each.old_blob and each.base is not From.SERIES
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
        hidden=posted.hidden, undone=posted.mail.encodings, diffstat=found.mismatches,
        files=found.files,
        reviews=tuple(ReviewRecord.model_validate(one) for one in posted.reviews),
    )  # fmt: skip
