# SPDX-License-Identifier: GPL-2.0-or-later
"""Small postings made of files before and after, to be compared with each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from patchtool.revisions.bullets import bullets, statements
from patchtool.revisions.pairing import matches
from patchtool.revisions.versions import Comparison
from patchtool.series.posting.threads import from_mailbox
from tests.lib.archive_page import file_diff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchtool.series.model import Series

ANN, BOB, EVE = "Ann Ax <ann@a.org>", "Bob Bo <bob@b.org>", "Eve Ek <eve@e.org>"
#: A file that patches change: two functions of the same form.
BASE = "\n".join(
    [
        "int alpha(int first)",
        "{",
        "\tint result = read_first(first);",
        "",
        "\tif (result)",
        "\t\tcount_alpha(result);",
        "\treturn result;",
        "}",
        "",
        *(f"int filler_{number};" for number in range(8)),
        "",
        "int omega(int last)",
        "{",
        "\tint result = read_last(last);",
        "",
        "\tif (result)",
        "\t\tcount_omega(result);",
        "\treturn result;",
        "}",
        "",
    ]
)


@dataclass(frozen=True)
class Draft:
    """A patch to be posted.

    Attributes:
        subject: Without its prefix.
        edits: Path -> the file before and after; None where there is no such file.
        text: The message below the subject, with trailers.
        notes: What stands below the ``---`` line.
        by: Who wrote it.
    """

    subject: str
    edits: Mapping[str, tuple[str | None, str | None]]
    text: str = f"Why it is so.\n\nSigned-off-by: {ANN}\n"
    notes: str = ""
    by: str = ANN

    @property
    def diff(self) -> str:
        return "".join(
            file_diff(path, *(None if text is None else text.encode() for text in sides))
            for path, sides in self.edits.items()
        )


@dataclass(frozen=True)
class Reply:
    """A reply to a patch, or to the cover letter (0)."""

    to: int
    text: str
    by: str = BOB
    ident: str = ""


@dataclass(frozen=True)
class Post:
    """A posting.

    Attributes:
        drafts: Its patches.
        revision: Of it.
        cover: Text of the cover letter, or None.
        replies: The answers that are known.
        to: Addresses it goes to.
    """

    drafts: tuple[Draft, ...]
    revision: int = 1
    cover: str | None = None
    replies: tuple[Reply, ...] = field(default=())
    to: str = "list@kernel.org"

    def mails(self) -> bytes:
        """As a mailbox."""
        whole, day = len(self.drafts), 2 * self.revision
        sent = []
        version = f" v{self.revision}" if self.revision > 1 else ""
        if self.cover is not None:
            sent.append((f"[PATCH{version} 0/{whole}] mm: story", ANN, 0, self.cover, ""))
        for number, draft in enumerate(self.drafts, 1):
            subject = f"[PATCH{version} {number}/{whole}] {draft.subject}"
            body = f"{draft.text}---\n{draft.notes}\n{draft.diff}-- \n2.39.5\n"
            sent.append((subject, draft.by, number, body, self.first if number > 1 else ""))
        for at, reply in enumerate(self.replies, len(sent)):
            subject = f"Re: [PATCH{version} {reply.to}/{whole}] x"
            sent.append((subject, reply.by, 100 + at, reply.text, self.ident(reply.to)))
        text = ""
        for at, (subject, by, number, body, above) in enumerate(sent):
            answers = f"In-Reply-To: <{above}>\n" if above else ""
            text += (
                f"From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: {by}\nSubject: {subject}\n"
                f"Date: Mon, {day} Feb 2025 10:{at:02}:00 +0000\nTo: {self.to}\n"
                f"Message-ID: <{self.ident(number)}>\n{answers}\n{body}\n"
            )
        return text.encode()

    def ident(self, number: int) -> str:
        return f"v{self.revision}.{number}@a.org"

    @property
    def first(self) -> str:
        return self.ident(0 if self.cover is not None else 1)

    def series(self) -> Series:
        return from_mailbox("x", BytesIO(self.mails()), "box")


def post(*drafts: Draft, **more: object) -> Series:
    """A posting of patches; see :class:`Post`."""
    return Post(drafts, **more).series()  # type: ignore[arg-type]  # the attributes of Post


def compared(old: Series, new: Series) -> Comparison:
    """Two postings beside each other."""
    log = statements(bullets(old, new))
    return Comparison(old, new, matches(old.patches, new.patches, log))


def edit(subject: str, *changes: tuple[str, str], path: str = "mm/a.c", **more: str) -> Draft:
    """A patch that replaces pieces of :data:`BASE`."""
    return Draft(subject, {path: (BASE, replaced(BASE, *changes))}, **more)


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """*text* with pieces replaced; each has to be there."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text
