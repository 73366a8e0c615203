# SPDX-License-Identifier: GPL-2.0-or-later
"""All that is known of two postings compared, as one value: what ``revisions --json`` prints.

The values of it are in :mod:`.pair` and :mod:`.remark`. Text is kept as it was found; whoever
shows it cleans it (:mod:`patchtool.core.text`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from patchtool.revisions.pair import PatchPair  # noqa: TC001 (pydantic reads the annotations)
from patchtool.revisions.remark import Judgement, Proposal  # noqa: TC001

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class PostedPatch:
    """A patch of a posting.

    Attributes:
        number: From 1.
        subject: Without its prefix.
        patch_id: The stable one; empty where git finds no diff.
        message_id: None for a patch that was never mailed.
        replies: How many were read.
    """

    number: int
    subject: str
    patch_id: str
    message_id: str | None
    replies: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A posting: what was compared.

    Attributes:
        name: As SERIES was named.
        title: Of the cover letter, or of the only patch.
        revision: 1 for a first posting.
        author: ``Name <address>``.
        date: As it was sent.
        message_id: Of the cover letter or the first patch; None if it was never mailed.
        digest: SHA-256 of its mails.
        patches: In order.
        replies: How many were read, with those to the cover letter.
        irregular: What was not as ``git send-email`` sends it, one line each.
        left_out: How many mails were read and are no part of it.
    """

    name: str
    title: str
    revision: int
    author: str
    date: str
    message_id: str | None
    digest: str
    patches: tuple[PostedPatch, ...]
    replies: int
    irregular: tuple[str, ...] = ()
    left_out: int = 0


class SupportKind(StrEnum):
    """What there is to a bullet of a change log."""

    HUNK = "hunk"
    MESSAGE = "message"
    PATCH = "patch"
    TAG = "tag"
    REVIEWER = "reviewer"
    TEXT = "text only"


@dataclass(frozen=True, slots=True)
class Support:
    """Something that shows that a bullet of a change log is true.

    Attributes:
        kind: What it is. ``text only`` is a bullet that promises no change of the mails.
        what: A :attr:`patchtool.revisions.pair.Difference.id`, a subject, a tag or a name.
        by: What they have in common: an identifier, a file, words of a subject.
    """

    kind: SupportKind
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Bullet:
    """One entry of NEW's change log.

    Attributes:
        id: Such as ``v3.2``, the second entry about v3, or ``v3.2/4`` in patch 4.
        revision: The revision it tells about.
        patch: Number of the patch whose mail has it; 0 for the cover letter.
        text: In one line.
        level: 0; 1 for an entry below another, and so on.
        above: Id of the entry it is nested in; empty at the top.
        support: What shows that it is true; none where nothing does.
        reviewers: Names that it credits.
    """

    id: str
    revision: int
    patch: int
    text: str
    level: int = 0
    above: str = ""
    support: tuple[Support, ...] = ()
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HunkWithoutReason:
    """A change that no bullet tells of and no remark asked for.

    Attributes:
        difference: The :attr:`patchtool.revisions.pair.Difference.id`; empty for a whole patch.
        patch: Number of the patch of NEW, or of the patch of OLD that was dropped.
        path: The file; empty for a whole patch.
        line: Of NEW, or of OLD where lines are gone; 0 for a whole patch.
        text: The first line that differs, or the subject of the patch.
    """

    difference: str
    patch: int
    path: str
    line: int
    text: str


class TagState(StrEnum):
    """What became of a tag."""

    CARRIED = "carried"
    LOST = "lost"
    LOST_RIGHTLY = "lost rightly"
    STALE = "stale"
    MOVED = "moved"
    WRONG_SCOPE = "wrong scope"
    CONDITION_NOT_MET = "condition not met"
    DERIVED = "derived"
    NOT_SEEN = "not seen in these mails"
    INVENTED = "invented"


#: The states that are wrong in NEW.
BAD_TAGS: Final = (TagState.STALE, TagState.WRONG_SCOPE, TagState.INVENTED)


@dataclass(frozen=True, slots=True)
class TagFinding:
    """What became of one tag of one person.

    Attributes:
        state: What became of it.
        name: Such as ``Reviewed-by``.
        value: ``Name <address>``.
        old: Number of the patch of OLD it was given to; 0 for all; None where it is not seen.
        new: Number of the patch of NEW that bears it, or should; None where there is none.
        given_in: Message-ID of the reply that gave it; None where it stood in the patch itself.
        differences: Ids of what changed after it was given.
        text: The same in a sentence.
    """

    state: TagState
    name: str
    value: str
    old: int | None
    new: int | None
    given_in: str | None
    differences: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Commenter:
    """Somebody who commented on OLD and is not addressed by NEW.

    Attributes:
        who: ``Name <address>``.
        patches: Numbers of the patches of OLD that were commented on; 0 for the cover letter.
        mails: Message-IDs of the comments.
    """

    who: str
    patches: tuple[int, ...]
    mails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Uncredited:
    """A reviewer whose remarks were taken up, and whom no bullet or tag names.

    Attributes:
        who: ``Name <address>``.
        remarks: Ids of the remarks.
    """

    who: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that the cover letters claim.

    Attributes:
        name: A counter, or a column of a table with what names the row, as ``moved (64, 1x6)``.
        old: What OLD's says; None where it does not.
        new: What NEW's says.
    """

    name: str
    old: str | None
    new: str | None

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return self.old == self.new


@dataclass(frozen=True, slots=True)
class Revisions:
    """Two postings of one series compared.

    Attributes:
        tool_version: Of patchtool.
        old: What was compared.
        new: With what.
        pairs: In the order of NEW; dropped patches where they were.
        cover: The pair of the cover letters, with the differences of their text; its numbers
            are 0.
        tree: Name of the tree both were applied to; empty without.
        bullets: NEW's change log since OLD.
        without_reason: Changes that nobody asked for and nobody tells of.
        tags: What became of each tag.
        not_addressed: Who commented on OLD and is not addressed by NEW.
        uncredited: Reviewers taken up and not credited.
        proposals: Diffs in OLD's thread.
        judgements: Each remark, and what came of it, in the order of OLD's thread.
        notes: What a reader has to know of how it was compared, a sentence each.
        figures: What the cover letters claim in tables and counters.
        schema_version: Of this value.
    """

    tool_version: str
    old: Posted
    new: Posted
    pairs: tuple[PatchPair, ...]
    cover: PatchPair | None = None
    tree: str = ""
    bullets: tuple[Bullet, ...] = ()
    without_reason: tuple[HunkWithoutReason, ...] = ()
    tags: tuple[TagFinding, ...] = ()
    not_addressed: tuple[Commenter, ...] = ()
    uncredited: tuple[Uncredited, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    schema_version: Literal[1] = SCHEMA_VERSION

    @property
    def is_numbered(self) -> bool:
        """Whether NEW has a revision of its own; a branch that was not posted yet has none."""
        return self.new.message_id is not None or self.new.revision > self.old.revision

    @property
    def pairs_and_cover(self) -> tuple[PatchPair, ...]:
        """All pairs, that of the cover letters last."""
        return (*self.pairs, *((self.cover,) if self.cover else ()))

    @property
    def good(self) -> bool:
        """Whether nothing is open, and no tag is stale, out of its scope, or invented."""
        bad_tags = any(tag.state in BAD_TAGS for tag in self.tags)
        return not bad_tags and not any(judgement.open for judgement in self.judgements)


def to_json(revisions: Revisions) -> str:
    """The value as JSON."""
    return TypeAdapter(Revisions).dump_json(revisions, indent=1).decode()


def schema() -> dict[str, Any]:
    """The JSON schema of what ``revisions --json`` prints."""
    return TypeAdapter(Revisions).json_schema(mode="serialization")
