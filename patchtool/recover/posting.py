# SPDX-License-Identifier: GPL-2.0-or-later
"""From the mails on a page to a posting: cover letter, patches in order, replies to each. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.errors import SeriesError
from patchtool.recover.letter import Letter, open_letter, subjects_in
from patchtool.recover.unmask import hidden
from patchtool.series.envelope import Prefix, parse_subject
from patchtool.series.model import LeftOut, Review
from patchtool.series.trailers import of_reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.page import Page, PageMail

_QUOTES = re.compile(r"\bwrote:\s*>|\bwrites:\s*>|^>\s", re.MULTILINE)
_OWN_DIFF = re.compile(r"(?:^|[^>\s]\s+|\n)diff --git |(?:^|\n)\+\+\+ \S+\n@@ -")
_SIGNED = re.compile(r"Signed-off-by: ([^<>\n]{1,80}<[^<>\s]+>)")
#: Stands for an address that the page does not have.
NO_ADDRESS = "unknown@invalid"


@dataclass(frozen=True, slots=True)
class PostedPatch:
    """A patch as the page has it.

    Attributes:
        number: Its place in the series, from 1.
        subject: Without the prefix.
        author: ``Name <address>``.
        date: As a Date header.
        letter: Its text, taken apart.
        mail: The mail it came in.
        reviews: The replies to it, in the order of the page.
        told: What the page did not say and where it was taken from, one line each.
        hidden: Addresses in it that are masked for good.
    """

    number: int
    subject: str
    author: str
    date: str
    letter: Letter
    mail: PageMail
    reviews: tuple[Review, ...]
    told: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """What a page has of a series.

    Attributes:
        title: Subject of the cover letter, or of the only patch.
        revision: 1 for a first posting.
        total: How many patches it says it has.
        tags: Text in the brackets besides the number, such as ``PATCH v8``.
        author: ``Name <address>``.
        date: As a Date header.
        cover: Text of the cover letter, or None.
        patches: Those on the page, in order.
        reviews: Replies to the cover letter.
        left_out: Mails that are not part of it.
    """

    title: str
    revision: int
    total: int
    tags: str
    author: str
    date: str
    cover: PageMail | None
    patches: tuple[PostedPatch, ...]
    reviews: tuple[Review, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the patches that the page does not have."""
        have = {patch.number for patch in self.patches}
        return tuple(number for number in range(1, self.total + 1) if number not in have)


@dataclass(slots=True)
class _Sorted:
    """Mails by what they are."""

    cover: PageMail | None
    patches: dict[int, PageMail]
    nameless: list[tuple[int, PageMail]]
    replies: list[PageMail]
    others: list[PageMail]


def posting_of(page: Page, where: str) -> Posting:
    """Make a posting of the mails on a page.

    Args:
        page: The page.
        where: Its name, for messages.

    Raises:
        SeriesError: There is no patch and no cover letter on it.
    """
    prefixes = [parse_subject(mail.subject) for mail in page.mails]
    heads = Counter(
        (prefix.revision, prefix.total)
        for (prefix, _), mail in zip(prefixes, page.mails, strict=True)
        if prefix.number is not None and not _is_reply(mail, prefix)
    )
    chosen = heads.most_common(1)[0][0] if heads else None
    found = _sort(page.mails, prefixes, chosen)
    total = (chosen[1] if chosen else None) or len(found.patches) + len(found.nameless)
    if not found.patches and not found.nameless and found.cover is None:
        raise SeriesError(
            f"{where}: no patch on this page",
            hint="save the page of a thread, or of a patch, as text; a patch begins with "
            "`diff --git`, also where its lines are folded",
        )
    return _posting(found, total, page.mails, where)


def _is_reply(mail: PageMail, prefix: Prefix) -> bool:
    """Whether a mail answers another."""
    own = _OWN_DIFF.search(mail.body) is not None
    return prefix.reply or (not own and _QUOTES.search(mail.body) is not None)


def _sort(
    mails: Sequence[PageMail],
    prefixes: Sequence[tuple[Prefix, str]],
    chosen: tuple[int, int | None] | None,
) -> _Sorted:
    found = _Sorted(None, {}, [], [], [])
    last = 0
    for mail, (prefix, _) in zip(mails, prefixes, strict=True):
        number, reply = prefix.number, _is_reply(mail, prefix)
        if not mail.subject:
            if mail.has_diff:
                found.nameless.append((last, mail))
            else:
                found.others.append(mail)
        elif reply:
            found.replies.append(mail)
        elif number is None and mail.has_diff and chosen is None:
            found.patches[len(found.patches) + 1] = mail
        elif number is None or (prefix.revision, prefix.total) != chosen:
            found.others.append(mail)
        elif number in found.patches or (number == 0 and found.cover):
            found.replies.append(mail)
        elif number == 0:
            found.cover = mail
        else:
            found.patches[number] = mail
            last = number
    return found


def _posting(found: _Sorted, total: int, mails: Sequence[PageMail], where: str) -> Posting:
    told = _number(found, total)
    addresses = _addresses(mails)
    head = found.cover or found.patches[min(found.patches)]
    prefix, title = parse_subject(head.subject)
    subjects: list[str | None] = [None] * total
    for number, mail in found.patches.items():
        if mail.subject and number <= total:
            subjects[number - 1] = parse_subject(mail.subject)[1]
    answered = _answered(found.replies)
    listed = list(subjects)
    if found.cover is not None:
        listed = subjects_in(found.cover.body, found.cover.author, subjects)
    author = _author(head.author, addresses) if head.author else ""
    patches = []
    for number in sorted(found.patches):
        mail = found.patches[number]
        said = list(told.get(number, ()))
        letter = open_letter(mail)
        subject = subjects[number - 1] if number <= total else parse_subject(mail.subject)[1]
        if subject is None:
            subject = listed[number - 1] or answered.get(number)
            source = "the cover letter's list" if listed[number - 1] else "a reply to it"
            said.append(f"subject: from {source}" if subject else "subject: nowhere on the page")
            subject = subject or f"patch {number}"
        by = letter.author or (_author(mail.author, addresses) if mail.author else "")
        if not by:
            signed = _SIGNED.search(letter.message)
            by = author or (signed[1] if signed else f"Unknown <{NO_ADDRESS}>")
            said.append(f"author: {'of the series' if author else 'who signed it off first'}")
        date = mail.date
        if not date:
            date = head.date or next((one.date for one in mails if one.date), "")
            said.append("date: of the series" if date else "date: nowhere on the page")
        patches.append(
            PostedPatch(number, subject, by, date, letter, mail, (), tuple(said), hidden(mail.body))
        )
    patches, reviews = _reviewed(patches, found.replies, addresses)
    tags = " ".join(
        word for word in prefix.tags.split() if not re.fullmatch(r"[0-9]+/[0-9]+", word)
    )
    return Posting(
        title or patches[0].subject, prefix.revision, total, tags or "PATCH",
        author or (patches[0].author if patches else ""), head.date, found.cover, tuple(patches),
        tuple(reviews),
        tuple(LeftOut(f"{where}:{mail.line}", mail.subject, "belongs to another posting")
              for mail in found.others),
    )  # fmt: skip


def _number(found: _Sorted, total: int) -> dict[int, list[str]]:
    """Give the patches whose headers are gone the numbers that are free where they stand."""
    told: dict[int, list[str]] = {}
    for after, mail in found.nameless:
        free = [number for number in range(1, total + 1) if number not in found.patches]
        number = next((one for one in free if one > after), free[0] if free else total + 1)
        while number in found.patches:
            number += 1
        found.patches[number] = mail
        told[number] = [f"number: its header is gone; it stands behind {after}/{total} on the page"]
    return told


def _answered(replies: Sequence[PageMail]) -> dict[int, str]:
    """Subjects of patches as the replies to them have them."""
    found: dict[int, str] = {}
    for mail in replies:
        prefix, title = parse_subject(mail.subject)
        if prefix.number:
            found.setdefault(prefix.number, title)
    return found


def _addresses(mails: Sequence[PageMail]) -> dict[str, str]:
    """Name -> address of the authors the page shows, as its mails' texts have them."""
    text = "\n".join(mail.body for mail in mails)
    found: dict[str, str] = {}
    for name in dict.fromkeys(_name(mail.author) for mail in mails if mail.author):
        known = re.findall(rf"(?<!\w){re.escape(name)} <([^<>\s@]+@[^<>\s]+)>", text)
        if known:
            found[name] = Counter(known).most_common(1)[0][0]
    return found


def _name(shown: str) -> str:
    return re.sub(r"\s*(?:[(<].*)?$", "", shown).strip('" ') or shown.strip()


def _author(shown: str, addresses: dict[str, str]) -> str:
    """``Name <address>`` of an author as the page shows him."""
    match = re.fullmatch(r"\"?(.*?)\"?\s*<([^<>\s]+)>.*", shown)
    if match and "@" in match[2]:
        return f"{match[1] or match[2]} <{match[2]}>"
    name = _name(shown)
    return f"{name} <{addresses.get(name, NO_ADDRESS)}>"


def _reviewed(
    patches: list[PostedPatch], replies: Sequence[PageMail], addresses: dict[str, str]
) -> tuple[list[PostedPatch], list[Review]]:
    """Attach each reply to the patch it answers; the others answer the cover letter."""
    whole: list[Review] = []
    for mail in replies:
        prefix, title = parse_subject(mail.subject)
        author = _author(mail.author, addresses)
        review = Review(
            author, mail.date, mail.subject, mail.message_id, mail.in_reply_to, mail.body,
            of_reply(mail.body, mail.message_id),
        )  # fmt: skip
        for at, patch in enumerate(patches):
            if prefix.number == patch.number or (prefix.number is None and title == patch.subject):
                patches[at] = replace(patch, reviews=(*patch.reviews, review))
                break
        else:
            whole.append(review)
    return patches, whole
