# SPDX-License-Identifier: GPL-2.0-or-later
"""The replies to a posting as a tree of mails, each quoted line traced to its origin. Pure.

A mail that is not there, but is quoted by one that is, is put together from the quote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.revisions.pair import Part
from patchtool.revisions.people import is_robot, name_and_address
from patchtool.revisions.remark import FoundBy
from patchtool.revisions.thread import spots
from patchtool.revisions.thread.attributions import quoter
from patchtool.revisions.thread.matching import SURE, Match, Text
from patchtool.revisions.thread.proposals import diffs_in
from patchtool.revisions.thread.quotes import Piece, key, pieces_of
from patchtool.revisions.thread.spots import Spot
from patchtool.series.envelope import parse_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.series.file_diff import FileDiff
    from patchtool.series.model import Review, Series

_WORD = re.compile(r"[^\W\d_]+")
#: In front of a subject that is quoted.
_SUBJECT = re.compile(
    r"\A(?:Subject: ?)?(?:Re: ?)?\[[^\[\]]{0,60}PATCH[^\[\]]{0,60}\] ?|\ASubject: "
)
_SHORT_NAME = 3  # letters


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a quoted line comes from.

    Attributes:
        found_by: How it was found.
        spot: The line of the posting or of a proposal; None for what a reply says.
        letter: Message-ID of the reply that says it; empty for a line of the posting.
        line: Of the body of that reply.
    """

    found_by: FoundBy
    spot: Spot | None = None
    letter: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply, read.

    Attributes:
        message_id: As it was sent; made up, and unlike any other, where it has none.
        answers: Message-ID of the mail that it answers.
        author: ``Name <address>``; empty where nobody says who wrote a mail that is not there.
        date: As it was sent.
        patch: Number of the patch that it belongs to; 0 for the cover letter.
        pieces: What it quotes and says, in order.
        origins: Of the lines that it quotes, by their numbers in the body.
        files: Diffs in its text.
        title: Its subject, where it was posted as a patch; empty of an ordinary reply.
        robot: Whether a program wrote it.
    """

    message_id: str
    answers: str
    author: str
    date: str
    patch: int
    pieces: tuple[Piece, ...]
    origins: dict[int, Origin] = field(default_factory=dict)
    files: tuple[FileDiff, ...] = ()
    title: str = ""
    robot: bool = False


@dataclass(slots=True)
class _Page:
    """What can be quoted of a mail: its lines, and where each comes from."""

    text: Text
    origins: list[Origin | None]
    author: str = ""
    keys: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.keys = frozenset(self.text.keys)


def read(series: Series) -> tuple[Letter, ...]:
    """All replies to *series*, in its order; what they answer comes before them."""
    return _Reader(series).letters()


def names_of(author: str) -> tuple[str, ...]:
    """What an attribution or a signature may call somebody: name, address, parts of the name."""
    name, address = name_and_address(author)
    words = (word for word in _WORD.findall(name or author) if len(word) >= _SHORT_NAME)
    return tuple(filter(None, (name, address, *words)))


class _Reader:
    def __init__(self, series: Series) -> None:
        self.series = series
        self.pages: dict[str, _Page] = {}
        self.posted: dict[int, str] = {}
        if series.cover is not None:
            self._add_posted(0, series.message_id, spots.of_cover(series), series.author)
        for patch in series.patches:
            self._add_posted(patch.number, patch.message_id, spots.of_patch(patch), series.author)

    def _add_posted(
        self, number: int, message_id: str | None, lines: Sequence[Spot], author: str
    ) -> None:
        name = message_id or f"patch {number}"
        origins: list[Origin | None] = [Origin(FoundBy.EXACT, spot) for spot in lines]
        self.pages[name] = _Page(Text([spot.text for spot in lines]), origins, author)
        self.posted[number] = name

    def letters(self) -> tuple[Letter, ...]:
        """Read them all."""
        out: list[Letter] = []
        for number, reviews in self._by_patch():
            for at, review in enumerate(reviews):
                ghost = self._missing(number, review, reviews[at:])
                if ghost is not None:
                    out.append(ghost)
                name = review.message_id or f"reply {number}.{at}"
                if name not in self.pages:
                    out.append(self._letter(number, name, review))
        return tuple(out)

    def _by_patch(self) -> Iterator[tuple[int, tuple[Review, ...]]]:
        yield 0, self.series.reviews
        for patch in self.series.patches:
            yield patch.number, patch.reviews

    def _above(self, number: int, review: Review) -> str:
        """The mail that a reply answers, as far as it is there."""
        name = review.in_reply_to or ""
        if name in self.pages:
            return name
        return self.posted.get(number) or next(iter(self.posted.values()))

    def _letter(self, number: int, name: str, review: Review) -> Letter:
        above = self._above(number, review)
        page = self.pages[above]
        robot = is_robot(review.author)
        names = names_of(page.author)
        pieces = pieces_of(review.body, page.keys, names, robot=robot)
        origins = self._origins(pieces, above, number)
        files, mine = self._proposal(pieces, number, name)
        prefix, title = parse_subject(review.subject)
        title = title if prefix.patch and files else ""
        if title:
            origins |= self._replaced(pieces, number)
        letter = Letter(
            name, above, review.author, review.date, number, pieces, origins, files, title, robot
        )
        self._add_page(letter, mine)
        return letter

    def _replaced(self, pieces: Iterable[Piece], number: int) -> dict[int, Origin]:
        """The lines of the posted patch that a patch in reply to it takes away, or stands by."""
        rows = [
            (at, f"+{line[1:]}")
            for piece in pieces
            for at, line in enumerate(piece.lines, piece.first)
            if line[:1] in "- " and line[1:].strip()
        ]
        page = self.pages[self.posted.get(number) or next(iter(self.posted.values()))]
        matches = page.text.find([text for _, text in rows])
        found = ((at, _through(page, match)) for (at, _), match in zip(rows, matches, strict=True))
        return {at: origin for at, origin in found if origin is not None}

    def _origins(self, pieces: Iterable[Piece], above: str, number: int) -> dict[int, Origin]:
        """Where the quoted lines come from: the mail above, else the patch, else another one."""
        numbers: list[int] = []
        quoted: list[str] = []
        for piece in pieces:
            if piece.depth:
                numbers += range(piece.first, piece.first + len(piece.lines))
                quoted += (_SUBJECT.sub("", line) for line in piece.lines)
        origins: dict[int, Origin] = {}
        others = [above, self.posted.get(number, above), self.posted.get(0, above)]
        for name in dict.fromkeys(others):
            left = [at for at, line in enumerate(numbers) if line not in origins]
            if not any(quoted[at].strip() for at in left):
                break
            page = self.pages[name]
            for at, match in zip(left, page.text.find([quoted[at] for at in left]), strict=True):
                origin = _through(page, match)
                if origin is not None:
                    origins[numbers[at]] = origin
        return origins

    def _proposal(
        self, pieces: Iterable[Piece], number: int, name: str
    ) -> tuple[tuple[FileDiff, ...], dict[int, Origin]]:
        """The diffs that a mail has itself, and what its lines are in them."""
        files: list[FileDiff] = []
        mine: dict[int, Origin] = {}
        for piece in pieces:
            if piece.depth:
                continue
            diffs, used = diffs_in(piece.lines)
            files += diffs
            lines = spots.of_files(number, diffs, name)
            inside = sorted(used)
            if lines:
                found = Text([spot.text for spot in lines]).find([piece.lines[at] for at in inside])
                for at, match in zip(inside, found, strict=True):
                    if match is not None:
                        mine[piece.first + at] = Origin(FoundBy.EXACT, lines[match.at], name)
        return tuple(files), mine

    def _add_page(self, letter: Letter, mine: dict[int, Origin]) -> None:
        lines: list[str] = []
        origins: list[Origin | None] = []
        for piece in letter.pieces:
            for number, line in enumerate(piece.lines, piece.first):
                lines.append(line)
                if piece.depth:
                    origins.append(letter.origins.get(number))
                elif letter.title:
                    words = Spot(
                        Part.MESSAGE, letter.patch, line, line=number, proposal=letter.message_id
                    )
                    origins.append(mine.get(number, Origin(FoundBy.EXACT, words)))
                else:
                    said = Origin(FoundBy.EXACT, None, letter.message_id, number)
                    origins.append(mine.get(number, said))
        self.pages[letter.message_id] = _Page(Text(lines), origins, letter.author)

    def _missing(self, number: int, review: Review, later: Sequence[Review]) -> Letter | None:
        """The mail that *review* answers, if it is not there, from the mail that quotes most."""
        name = review.in_reply_to
        if name is None or name in self.pages:
            return None
        quoting = [other for other in later if other.in_reply_to == name]
        fullest = max(quoting, key=lambda other: other.body.count("\n>"))
        known = self.pages[self.posted.get(number) or next(iter(self.posted.values()))].keys
        lines = [line[1:].removeprefix(" ") for line in fullest.body.split("\n") if line[:1] == ">"]
        if sum(key(line) not in known for line in lines if key(line)[:1] not in (">", "")) == 0:
            return None
        ghost = replace(
            review,
            author=quoter(fullest.body),
            message_id=name,
            in_reply_to=None,
            body="\n".join(lines),
            trailers=(),
        )
        return self._letter(number, name, ghost)


def _through(page: _Page, match: Match | None) -> Origin | None:
    """What a line of a mail is, which may have been quoted itself."""
    origin = page.origins[match.at] if match is not None else None
    if match is None or origin is None:
        return None
    how = min(match.found_by, origin.found_by, key=SURE.__getitem__)
    return Origin(how, origin.spot, origin.letter, origin.line)
