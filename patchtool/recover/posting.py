# SPDX-License-Identifier: GPL-2.0-or-later
"""From the mails on a page to a posting: cover letter, patches in order, replies to each. Pure.

The mails are laid out as those of any mailbox (:class:`patchtool.series.posting.pile.Pile`). What
a page does not have is told first: a mail whose header is gone gets the number that is free where
it stands, and its subject from the cover letter's list or from a reply.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.errors import SeriesError
from patchtool.recover.fragment import file_diffs
from patchtool.recover.undo import hidden, subjects_in, unfolded_message, unfolded_notes
from patchtool.series.envelope import Envelope, Prefix, parse_subject, seconds_of
from patchtool.series.model import LeftOut, Review
from patchtool.series.posting.pile import Pile
from patchtool.series.tags.reply import of_reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.page import Page, PageMail

_QUOTES = re.compile(r"\bwrote:\s*>|\bwrites:\s*>|^>\s", re.MULTILINE)
_OWN_DIFF = re.compile(r"(?:^|[^>\s]\s+|\n)diff --git |(?:^|\n)\+\+\+ \S+\n@@ -")
_SIGNED = re.compile(r"Signed-off-by: ([^<>\n]{1,80}<[^<>\s]+>)?")
_CUT = re.compile(r"(?:^|\s)---(?=\s|$)")
_IN_BODY = re.compile(r"\s*From:\s+([^<>\n]{1,100}<[^<>\s]+>)\s+")
_SIGNATURE = re.compile(r"(?:^|\s)-- ?\n?\s?[0-9]+(?:\.[0-9a-z-]+)+\S{0,40}\s*\Z")
_LONG = 150  # characters of a message that is one line
#: Stands for an address that the page does not have.
NO_ADDRESS = "unknown@invalid"


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a patch mail.

    Attributes:
        author: From an in-body ``From:`` line, or empty.
        message: The commit message; of folded text with line breaks of our own.
        notes: What stands below it, up to the diff.
        diffs: Each file diff, as the page has it.
        wrapped: Whether the line breaks of the message are ours.
    """

    author: str
    message: str
    notes: str
    diffs: tuple[bytes, ...]
    wrapped: bool


@dataclass(frozen=True, slots=True)
class PostedPatch:
    """A patch as the page has it, with the replies to it; its number counts from 1.

    Attributes:
        inferences: What the page did not say and where it was taken from, one line each.
        hidden: Addresses in it that are masked for good.
    """

    number: int
    subject: str
    author: str
    date: str
    letter: Letter
    mail: PageMail
    reviews: tuple[Review, ...]
    inferences: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """What a page has of a series.

    Attributes:
        title: Subject of the cover letter, or of the only patch.
        total: How many patches it says it has.
        tags: Text in the brackets besides the number, such as ``PATCH v8``.
        patches: Those on the page, in order.
        reviews: Replies to the cover letter.
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


def without_signature(text: str) -> str:
    """A mail's text without the version that git signs it with."""
    return text[:-200] + _SIGNATURE.sub("", text[-200:])


def open_letter(mail: PageMail) -> Letter:
    """Take a patch mail's text apart; also where it is folded."""
    text = without_signature(mail.body)
    data = text.encode("utf-8", "replace")
    diffs = tuple(file_diffs(data))
    head = data[: data.find(diffs[0])].decode("utf-8", "replace") if diffs else text
    signed = max((match.end() for match in _SIGNED.finditer(head)), default=0)
    cut = _CUT.search(head, signed) or _CUT.search(head)
    message, notes = (head[: cut.start()], head[cut.end() :]) if cut else (head, "")
    author = ""
    if match := _IN_BODY.match(message):
        author, message = " ".join(match[1].split()), message[match.end() :]
    wrapped = mail.folded or ("\n" not in message.strip() and len(message) > _LONG)
    if wrapped:
        message = unfolded_message(message)
    if mail.folded:
        notes = unfolded_notes(notes)
    return Letter(author, message.strip(), notes.strip("\n"), diffs, wrapped)


def posting_of(page: Page, where: str) -> Posting:
    """Make a posting of the mails on a page, which is called *where* in messages.

    Raises:
        SeriesError: There is no patch and no cover letter on it.
    """
    subjects = [parse_subject(mail.subject) for mail in page.mails]
    heads: list[tuple[Prefix, str]] = []
    seen: set[tuple[int, int | None, int | None]] = set()
    for mail, (prefix, title) in zip(page.mails, subjects, strict=True):
        key = prefix.revision, prefix.number, prefix.total
        reply = _is_reply(mail, prefix) or (prefix.number is not None and key in seen)
        heads.append((replace(prefix, reply=reply), title))
        if not reply:
            seen.add(key)
    told = _told(page.mails, heads)
    envelopes = [
        Envelope(
            prefix, title, _name(mail.author).lower(), mail.message_id or f"{at}@page",
            (mail.in_reply_to or "page",), seconds_of(mail.date), mail.has_diff, where, mail.line,
        )
        for at, (mail, (prefix, title)) in enumerate(zip(page.mails, heads, strict=True))
        if mail.subject or at in told
    ]  # fmt: skip
    pile = Pile(envelopes, where)
    if not pile.postings:
        raise SeriesError(
            f"{where}: no patch on this page",
            hint="save the page of a thread, or of a patch, as text; a patch begins with "
            "`diff --git`, also where its lines are folded",
        )
    return _Made(page.mails, pile, told).posting()


def _is_reply(mail: PageMail, prefix: Prefix) -> bool:
    """Whether a mail answers another."""
    if prefix.reply:
        return True
    own = _OWN_DIFF.search(mail.body) is not None
    return not own and (_QUOTES.search(mail.body) is not None or bool(prefix.number))


def _told(mails: Sequence[PageMail], heads: list[tuple[Prefix, str]]) -> dict[int, list[str]]:
    """Give the mails whose headers are gone the numbers that are free where they stand.

    Returns:
        The place of each such mail on the page, and what was told of it.
    """
    counted = [prefix for prefix, _ in heads if prefix.number is not None and not prefix.reply]
    series = Counter((one.revision, one.total) for one in counted).most_common(1)
    own = [one for one in counted if series and (one.revision, one.total) == series[0][0]]
    headless = [at for at, mail in enumerate(mails) if not mail.subject and mail.has_diff]
    taken = {one.number for one in own}
    total = (own[0].total if own else 0) or len(taken - {0}) + len(headless)
    tags = _tags(own[0].tags) if own else "PATCH"
    numbers: dict[int, int] = {}
    told: dict[int, list[str]] = {}
    after = 0
    for at, (prefix, _) in enumerate(heads):
        if at in headless:
            free = [number for number in range(1, total + 1) if number not in taken]
            numbers[at] = next((one for one in free if one > after), (free or [total + 1])[0])
            taken.add(numbers[at])
            told[at] = [f"number: its header is gone; it stands behind {after}/{total} on the page"]
        elif prefix in own and prefix.number:
            after = prefix.number
    known = {prefix.number: title for prefix, title in heads if prefix in own}
    listed: list[str | None] = [known.get(number) for number in range(1, total + 1)]
    for mail, (prefix, _) in zip(mails, heads, strict=True):
        if prefix in own and prefix.number == 0:
            listed = subjects_in(mail.body, mail.author, listed)
            break
    answered = {prefix.number: title for prefix, title in reversed(heads) if prefix.reply}
    for at, number in numbers.items():
        subject = listed[number - 1] if number <= total else None
        source = "the cover letter's list" if subject else "a reply to it"
        subject = subject or answered.get(number)
        told[at].append(f"subject: from {source}" if subject else "subject: nowhere on the page")
        heads[at] = parse_subject(f"[{tags} {number}/{total}] {subject or f'patch {number}'}")
    return told


def _tags(tags: str) -> str:
    """What stands in the brackets of a subject besides the number."""
    words = (word for word in tags.split() if not re.fullmatch(r"[0-9]+/[0-9]+", word))
    return " ".join(words) or "PATCH"


def _name(shown: str) -> str:
    return re.sub(r"\s*(?:[(<].*)?$", "", shown).strip('" ') or shown.strip()


class _Made:
    """A posting made of the largest one in a pile."""

    def __init__(self, mails: Sequence[PageMail], pile: Pile, told: dict[int, list[str]]) -> None:
        self.mails, self.pile, self.told = mails, pile, told
        self.chosen = max(pile.postings, key=lambda one: (len(one.mails), -min(one.mails)))
        # Where each mail of the pile stands on the page.
        self.place = [at for at, mail in enumerate(mails) if mail.subject or at in told]
        text = "\n".join(mail.body for mail in mails)
        self.addresses: dict[str, str] = {}
        for name in dict.fromkeys(_name(mail.author) for mail in mails if mail.author):
            known = re.findall(rf"(?<!\w){re.escape(name)} <([^<>\s@]+@[^<>\s]+)>", text)
            if known:
                self.addresses[name] = Counter(known).most_common(1)[0][0]

    def mail(self, at: int) -> PageMail:
        return self.mails[self.place[at]]

    def author(self, shown: str) -> str:
        """``Name <address>`` of an author as the page shows him."""
        match = re.fullmatch(r"\"?(.*?)\"?\s*<([^<>\s]+)>.*", shown)
        if match and "@" in match[2]:
            return f"{match[1] or match[2]} <{match[2]}>"
        return f"{_name(shown)} <{self.addresses.get(_name(shown), NO_ADDRESS)}>"

    def posting(self) -> Posting:
        chosen, envelopes = self.chosen, self.pile.envelopes
        numbers = chosen.numbers or dict(enumerate(chosen.patches, 1))
        total = chosen.total or len(numbers)
        cover = self.mail(chosen.covers[0]) if chosen.covers else None
        first = chosen.covers[0] if chosen.covers else numbers[min(numbers)]
        head = self.mail(first)
        author = self.author(head.author) if head.author else ""
        patches = [self.patch(number, at, author) for number, at in sorted(numbers.items())]
        used = {at for at in range(len(envelopes)) if self.pile.home.get(at) is chosen}
        answers = [at for one in used for at in self.pile.replies.get(one, ())]
        left = [at for at in range(len(envelopes)) if at not in used and at not in answers]
        replies = [at for one in chosen.covers for at in self.pile.replies.get(one, ())]
        prefix, title = envelopes[first].prefix, envelopes[first].title
        return Posting(
            title if cover else patches[0].subject, prefix.revision, total, _tags(prefix.tags),
            author or (patches[0].author if patches else ""), head.date, cover, tuple(patches),
            tuple(self.review(at) for at in replies),
            tuple(LeftOut(envelopes[at].place, self.mail(at).subject, "belongs to another posting")
                  for at in left),
        )  # fmt: skip

    def patch(self, number: int, at: int, author: str) -> PostedPatch:
        mail, envelope = self.mail(at), self.pile.envelopes[at]
        letter, said = open_letter(mail), list(self.told.get(self.place[at], ()))

        by = letter.author or (self.author(mail.author) if mail.author else "")
        if not by:
            signed = next(filter(None, _SIGNED.findall(letter.message)), None)
            by = author or signed or f"Unknown <{NO_ADDRESS}>"
            said.append(f"author: {'of the series' if author else 'who signed it off first'}")
        date = mail.date
        if not date:
            date = next((one.date for one in self.mails if one.date), "")
            said.append("date: of the series" if date else "date: nowhere on the page")
        reviews = tuple(self.review(reply) for reply in self.pile.replies.get(at, ()))
        return PostedPatch(number, envelope.title, by, date, letter, mail, reviews, tuple(said),
                           hidden(mail.body))  # fmt: skip

    def review(self, at: int) -> Review:
        mail = self.mail(at)
        return Review(
            self.author(mail.author), mail.date, mail.subject, mail.message_id, mail.in_reply_to,
            mail.body, of_reply(mail.body, mail.message_id),
        )  # fmt: skip
