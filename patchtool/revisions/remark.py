# SPDX-License-Identifier: GPL-2.0-or-later
"""Values: what a reviewer said, where, what was answered, and what came of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from patchtool.revisions.pair import Change, Part, Side  # noqa: TC001 (pydantic reads these)
from patchtool.series.file_diff import FileDiff  # noqa: TC001


class Form(StrEnum):
    """What kind of thing a remark is."""

    WISH = "wish"
    QUESTION = "question"
    CODE = "suggested code"
    OBJECTION = "objection"
    REPORT = "report"  # of a robot, or what somebody saw when running it
    AGREEMENT = "agreement"
    TAG = "tag"
    THANKS = "thanks"
    INFORMATION = "information"


class Scope(StrEnum):
    """How far a remark reaches."""

    HERE = "here"
    ALL_LIKE_IT = "all like it"


class FoundBy(StrEnum):
    """How the place of a remark was found, surest first."""

    EXACT = "exact"
    UNIQUE = "unique"
    NEIGHBOURS = "by neighbours"
    WRAPPED = "by wrapped text"
    OCCURRENCE = "by occurrence"
    NOTHING = "not found"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in OLD, or in a proposal, a remark belongs.

    Attributes:
        part: Part of the posting.
        patch: Number of the patch of OLD; 0 for the cover letter; None for the thread.
        path: The file; empty outside a diff.
        side: Of the line; None outside a diff.
        line: In that file or message, counted as :class:`patchtool.revisions.pair.Line` does;
            None where no line is known.
        last: The last line, where the remark is about several; else as ``line``.
        hunk: Place of the hunk in its file diff, from 0; None outside a diff.
        function: The function it is in, as far as the patch shows; may be empty.
        quoted: The lines quoted above the remark, without quote marks.
        found_by: How it was found.
        sure: From 0 to 1.
        proposal: Message-ID of the mail whose diff it is in; empty for a patch of OLD.
        reason: Why it could not be placed; empty where it was.
    """

    part: Part
    patch: int | None = None
    path: str = ""
    side: Side | None = None
    line: int | None = None
    last: int | None = None
    hunk: int | None = None
    function: str = ""
    quoted: tuple[str, ...] = ()
    found_by: FoundBy = FoundBy.NOTHING
    sure: float = 0.0
    proposal: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that somebody said about OLD; a mail holds many.

    Attributes:
        id: The same whenever the same mail is read; see :func:`remark_id`.
        message_id: Of its mail; may be empty.
        author: ``Name <address>``.
        date: As it was sent.
        patch: Number of the patch it answers; 0 for the cover letter; None for the thread.
        text: What was said, without quotes.
        form: What kind of thing it is.
        asks_change: Whether something is to be done about it.
        place: Where it belongs.
        refers_to: Id of the remark that it repeats or points to ("Ditto"), or None.
        code: Lines of code that it suggests.
        scope: How far it reaches.
    """

    id: str
    message_id: str
    author: str
    date: str
    patch: int | None
    text: str
    form: Form
    asks_change: bool
    place: Place
    refers_to: str | None = None
    code: tuple[str, ...] = ()
    scope: Scope = Scope.HERE


def remark_id(message_id: str, first: int, part: int = 0) -> str:
    """The id of a remark: 12 hex digits of a hash of its mail and its place there.

    Args:
        message_id: Of the mail.
        first: The line of the mail's body on which it begins, from 1.
        part: Which of several wishes in that text, from 0.
    """
    return hashlib.sha256(f"{message_id}\n{first}\n{part}".encode()).hexdigest()[:12]


class AnswerKind(StrEnum):
    """What an answer does with a remark."""

    AGREED = "agreed"
    PROMISED = "promised"
    DECLINED = "declined"
    EXPLAINED = "explained"
    ASKED_BACK = "asked back"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said to a remark.

    Attributes:
        remark: Id of the remark.
        message_id: Of its mail; may be empty.
        who: ``Name <address>``.
        date: As it was sent.
        text: What was said, without quotes.
        kind: What it does; the last sentence that decides counts.
        by_author: Whether the author of the series said it.
        by_reviewer: Whether the one who made the remark said it.
    """

    remark: str
    message_id: str
    who: str
    date: str
    text: str
    kind: AnswerKind
    by_author: bool = False
    by_reviewer: bool = False


@dataclass(frozen=True, slots=True)
class Credit:
    """The bullet of NEW's change log that covers a remark; credit is no proof.

    Attributes:
        bullet: The :attr:`patchtool.revisions.record.Bullet.id`.
        names_reviewer: Whether it names who made the remark.
    """

    bullet: str
    names_reviewer: bool


class Verdict(StrEnum):
    """What came of a remark; the rules are in the table of ``series/README.md``."""

    ADDRESSED = "addressed"
    PARTLY = "partly"
    LOOK = "changed, look"
    WENT_AWAY = "went away"
    ANSWERED = "answered"
    PROMISED = "promised, not done"
    CONTESTED = "contested"
    ASKED_BACK = "asked back"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    NOTHING_ASKED = "nothing asked"


#: The verdicts that leave something to do, weightiest first.
OPEN = (Verdict.CONTESTED, Verdict.PROMISED, Verdict.UNANSWERED, Verdict.PARTLY)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A remark, and what came of it.

    Attributes:
        remark: The remark.
        change: What became of its place.
        answers: What was said to it, oldest first; the last word counts.
        credit: The bullet that covers it, or None.
        verdict: What came of it.
        evidence: What the verdict rests on, a sentence each, with mails and lines.
        done: Of "all like it": how many like places were changed; 0 for a single place.
        like: As above: how many there are.
        left: As above: those that were not changed, as ``file:line``.
    """

    remark: Remark
    change: Change
    answers: tuple[Answer, ...]
    credit: Credit | None
    verdict: Verdict
    evidence: tuple[str, ...] = ()
    done: int = 0
    like: int = 0
    left: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return self.verdict in OPEN


class Fate(StrEnum):
    """What NEW made of a proposal."""

    TAKEN_OVER = "taken over"
    ADAPTED = "adapted"
    NOT_TAKEN = "not taken over"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A diff that somebody put into the thread: a revision between OLD and NEW.

    Attributes:
        message_id: Of its mail; may be empty.
        author: ``Name <address>``.
        date: As it was sent.
        patch: Number of the patch of OLD it answers; 0 for the cover letter; None for the thread.
        files: Its file diffs.
        fate: What NEW made of it.
        lines: How many lines it changes.
        found_in_new: How many of them NEW changes in the same way.
        subject: Without its prefix, where it was posted as a patch; empty of a diff in a reply.
    """

    message_id: str
    author: str
    date: str
    patch: int | None
    files: tuple[FileDiff, ...]
    fate: Fate
    lines: int = 0
    found_in_new: int = 0
    subject: str = ""
