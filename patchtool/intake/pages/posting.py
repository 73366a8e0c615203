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
from itertools import pairwise
from typing import TYPE_CHECKING

from patchtool.errors import SeriesError
from patchtool.intake.pages.undo import hidden, subjects_in, unfolded_message, unfolded_notes
from patchtool.series.envelope import Envelope, Prefix, parse_subject, seconds_of
from patchtool.series.model import LeftOut, Review
from patchtool.series.posting.pile import Pile
from patchtool.series.tags.reply import of_reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.intake.pages.page import Page, PageMail

_QUOTES = re.compile(r"\bwrote:\s*>|\bwrites:\s*>|^>\s", re.MULTILINE)
_OWN_DIFF = re.compile(r"(?:^|[^>\s]\s+|\n)diff --git |(?:^|\n)\+\+\+ \S+\n@@ -")
_SIGNED = re.compile(r"Signed-off-by: ([^<>\n]{1,80}<[^<>\s]+>)?")
_CUT = re.compile(r"(?:^|\s)---(?=\s|$)")
_IN_BODY = re.compile(r"\s*From:\s+([^<>\n]{1,100}<[^<>\s]+>)\s+")
_SIGNATURE = re.compile(r"(?:^|\s)-- ?\n?\s?[0-9]+(?:\.[0-9a-z-]+)+\S{0,40}\s*\Z")
_LONG = 150  # characters of a message that is one line
#: Stands for an address that the page does not have.
NO_ADDRESS = "unknown@invalid"

#: Where a file diff begins: text of a patch that looks the same has no header behind it.
_GIT_START = re.compile(
    rb"(?:(?<=\s)|\A)diff\s--git\s\"?a/\S{1,400}\s\"?b/\S{1,400}\s(?:index\s[0-9a-f]{4}"
    rb"|(?:old|new|new\sfile|deleted\sfile)\smode\s[0-7]{6}|(?:dis)?similarity\sindex|---\s\S)"
)
_PLAIN_START = re.compile(
    rb"(?:(?<=\s)|\A)---\s\S{1,400}(?:\s[-0-9: .+]{0,60}?)?\s\+\+\+\s\S{1,400}"
    rb"(?:\s[-0-9: .+]{0,60}?)?\s@@\s-[0-9]"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a patch mail: its author only where there is an in-body ``From:`` line.

    *notes* stand below the message; if it is *wrapped*, its line breaks are ours.
    """

    author: str
    message: str
    notes: str
    diffs: tuple[bytes, ...]
    wrapped: bool


@dataclass(frozen=True, slots=True)
class PostedPatch:
    """A patch as the page has it, with the replies to it; its number counts from 1.

    *inferences* say what the page did not, and where it was taken from; *hidden* are addresses
    that are masked for good.
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
    """What a page has of a series: its patches in order, and replies to its cover letter.

    *tags* are what the brackets of subjects have besides the number, such as ``PATCH v8``.
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


def file_diffs(text: bytes) -> Iterator[bytes]:
    """Each file diff in *text*, from its first header line up to the next file diff."""
    starts = [match.start() for match in _GIT_START.finditer(text)]
    if not starts:
        starts = [match.start() for match in _PLAIN_START.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        yield text[start:end]


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
    heads: list[tuple[Prefix, str]] = []
    seen: set[tuple[int, int | None, int | None]] = set()
    for mail in page.mails:
        prefix, title = parse_subject(mail.subject)
        key = prefix.revision, prefix.number, prefix.total
        reply = _is_reply(mail, prefix) or (prefix.number is not None and key in seen)
        heads.append((replace(prefix, reply=reply), title))
        if not reply:
            seen.add(key)
    told = _told(page.mails, heads)
    kept = [at for at, mail in enumerate(page.mails) if mail.subject or at in told]
    envelopes = [
        Envelope(
            prefix, title, _name(mail.author).lower(), mail.message_id or f"{mail.line}@page",
            (mail.in_reply_to or "page",), seconds_of(mail.date), mail.has_diff, where, mail.line,
        )
        for mail, (prefix, title) in ((page.mails[at], heads[at]) for at in kept)
    ]  # fmt: skip
    pile = Pile(envelopes, where, None)
    if not pile.postings:
        raise SeriesError(
            f"{where}: no patch on this page",
            hint="save the page of a thread, or of a patch, as text; a patch begins with "
            "`diff --git`, also where its lines are folded",
        )
    mails, said = [page.mails[at] for at in kept], [tuple(told.get(at, ())) for at in kept]
    return _Made(mails, pile, said).posting()


def _is_reply(mail: PageMail, prefix: Prefix) -> bool:
    """Whether a mail answers another."""
    own = _OWN_DIFF.search(mail.body) is not None
    quotes = _QUOTES.search(mail.body) is not None or bool(prefix.number)
    return prefix.reply or (quotes and not own)


def _told(mails: Sequence[PageMail], heads: list[tuple[Prefix, str]]) -> dict[int, list[str]]:
    """Give the mails whose headers are gone the numbers that are free where they stand.

    Returns:
        The place of each such mail on the page, and what was told of it.
    """
    counted = [prefix for prefix, _ in heads if prefix.number is not None and not prefix.reply]
    series = Counter((one.revision, one.total) for one in counted).most_common(1)
    own = [one for one in counted if (one.revision, one.total) == series[0][0]]
    headless = [at for at, mail in enumerate(mails) if not mail.subject and mail.has_diff]
    known = {prefix.number: title for prefix, title in heads if prefix in own}
    total = (own[0].total if own else 0) or len(known.keys() - {0}) + len(headless)
    listed: list[str | None] = [known.get(number) for number in range(1, total + 1)]
    cover = next((mail for mail, (head, _) in zip(mails, heads, strict=True)
                  if head in own and head.number == 0), None)  # fmt: skip
    if cover is not None:
        listed = subjects_in(cover.body, cover.author, listed)
    answered = {prefix.number: title for prefix, title in reversed(heads) if prefix.reply}
    tags = _tags(own[0].tags) if own else "PATCH"
    told: dict[int, list[str]] = {}
    after, free = 0, [number for number in range(1, total + 1) if number not in known]
    for at, (prefix, _) in enumerate(heads):
        if prefix in own and prefix.number:
            after = prefix.number
        if at not in headless:
            continue
        number = next((one for one in free if one > after), (free or [total + 1])[0])
        free = [one for one in free if one != number]
        subject = listed[number - 1] if number <= total else None
        source = "the cover letter's list" if subject else "a reply to it"
        subject = subject or answered.get(number)
        told[at] = [
            f"number: its header is gone; it stands behind {after}/{total} on the page",
            f"subject: from {source}" if subject else "subject: nowhere on the page",
        ]
        heads[at] = parse_subject(f"[{tags} {number}/{total}] {subject or f'patch {number}'}")
    return told


def _tags(tags: str) -> str:
    """What stands in the brackets of a subject besides the number."""
    words = (word for word in tags.split() if not re.fullmatch(r"[0-9]+/[0-9]+", word))
    return " ".join(words) or "PATCH"


def _name(shown: str) -> str:
    return re.sub(r"\s*(?:[(<].*)?$", "", shown).strip('" ') or shown.strip()


class _Made:
    """A posting made of the largest one in a pile; *told* says what was told of each mail."""

    def __init__(
        self, mails: Sequence[PageMail], pile: Pile, told: Sequence[tuple[str, ...]]
    ) -> None:
        self.mails, self.pile, self.told = mails, pile, told
        self.text = "\n".join(mail.body for mail in mails)

    def author(self, shown: str) -> str:
        """``Name <address>`` of an author as the page shows him."""
        match = re.fullmatch(r"\"?(.*?)\"?\s*<([^<>\s]+)>.*", shown)
        if match and "@" in match[2]:
            return f"{match[1] or match[2]} <{match[2]}>"
        name = _name(shown)
        known = re.findall(rf"(?<!\w){re.escape(name)} <([^<>\s@]+@[^<>\s]+)>", self.text)
        address = Counter(known or [NO_ADDRESS]).most_common(1)[0][0]
        return f"{name} <{address}>"

    def posting(self) -> Posting:
        pile, mails = self.pile, self.mails
        chosen = max(pile.postings, key=lambda one: (len(one.mails), -min(one.mails)))
        numbers = chosen.numbers or dict(enumerate(chosen.patches, 1))
        first = chosen.covers[0] if chosen.covers else numbers[min(numbers)]
        cover = mails[first] if chosen.covers else None
        author = self.author(mails[first].author) if mails[first].author else ""
        patches = [self.patch(number, at, author) for number, at in sorted(numbers.items())]
        used = {at for at, home in pile.home.items() if home is chosen}
        used.update(*(pile.replies.get(at, ()) for at in used))
        envelopes = pile.envelopes
        prefix, title = envelopes[first].prefix, envelopes[first].title
        return Posting(
            title if cover else patches[0].subject, prefix.revision, chosen.total or len(numbers),
            _tags(prefix.tags), author or (patches[0].author if patches else ""),
            mails[first].date, cover, tuple(patches),
            tuple(review for at in chosen.covers for review in self.reviews(at)),
            tuple(LeftOut(envelopes[at].place, mail.subject, "belongs to another posting")
                  for at, mail in enumerate(mails) if at not in used),
        )  # fmt: skip

    def patch(self, number: int, at: int, author: str) -> PostedPatch:
        mail, letter, said = self.mails[at], open_letter(self.mails[at]), list(self.told[at])
        by = letter.author or (self.author(mail.author) if mail.author else "")
        if not by:
            signed = next(filter(None, _SIGNED.findall(letter.message)), None)
            by = author or signed or f"Unknown <{NO_ADDRESS}>"
            said.append(f"author: {'of the series' if author else 'who signed it off first'}")
        date = mail.date or next((one.date for one in self.mails if one.date), "")
        if not mail.date:
            said.append("date: of the series" if date else "date: nowhere on the page")
        return PostedPatch(number, self.pile.envelopes[at].title, by, date, letter, mail,
                           tuple(self.reviews(at)), tuple(said), hidden(mail.body))  # fmt: skip

    def reviews(self, answered: int) -> Iterator[Review]:
        """The replies to a mail."""
        for at in self.pile.replies.get(answered, ()):
            mail = self.mails[at]
            yield Review(
                self.author(mail.author), mail.date, mail.subject, mail.message_id,
                mail.in_reply_to, mail.body, of_reply(mail.body, mail.message_id),
            )  # fmt: skip
