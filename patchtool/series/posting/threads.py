# SPDX-License-Identifier: GPL-2.0-or-later
"""From a pile of mails to one series: its cover letter, its patches in order, its replies.

Only the mails of the posting that is asked for, and the replies to them, are parsed whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from patchtool.errors import MailError
from patchtool.series.mail import cut_out
from patchtool.series.mbox import Mailbox
from patchtool.series.model import LeftOut, Series
from patchtool.series.posting.pile import Pile
from patchtool.series.posting.posted import series_of
from patchtool.series.posting.postings import Posting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from patchtool.series.envelope import Envelope
    from patchtool.series.mail import Mail


class Box(Protocol):
    """Mails of which only the envelopes were read."""

    @property
    def envelopes(self) -> Sequence[Envelope]:
        """Of every mail."""

    def mail(self, at: int) -> Mail:
        """Mail number *at*, from 0.

        Raises:
            MailError: It cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Refused:
    """A posting in a mailbox that is no whole series.

    Attributes:
        revision: Such as ``v3``.
        title: Of its cover letter or first patch.
        message_id: As above, or None.
        error: What is wrong with it.
    """

    revision: str
    title: str
    message_id: str | None
    error: MailError


def assemble(
    name: str,
    mails: Sequence[Mail],
    where: str,
    *,
    pick: str | None = None,
    cover_given: bool | None = None,
    partial: bool = False,
) -> Series:
    """Make a series of mails: find its cover letter and patches, and the replies to them.

    Patches that bear numbers are put in the order of their numbers, others keep theirs.
    Every mail that is not used is in ``left_out``, with the reason.

    Args:
        name: Its short name.
        mails: Its mails, among others.
        where: Their source, for errors.
        pick: Which posting, where there are several: ``v8``, or the Message-ID of one of its
            mails or of a reply to it.
        cover_given: Whether the first mail is the cover letter whatever its number, and all
            others are patches; None to tell by the subjects.
        partial: Take what is there where patches are missing; see :attr:`Series.missing`.

    Raises:
        MailError: A patch is missing or there twice, series or revisions are mixed, or the
            cover letter counts otherwise than the patches.
    """
    if cover_given is None:
        pile = Pile([mail.envelope for mail in mails], where, mails.__getitem__)
        if not pile.postings and len(mails) == 1:
            mail = cut_out(mails[0]) or mails[0]
            return assemble(name, [mail], where, cover_given=False, partial=partial)
        posting = pile.choose(pick)
        return _chosen(name, pile, posting, mails.__getitem__, partial=partial)
    if not mails[cover_given:]:
        raise MailError(f"{where}: no patch in it; expected mails with `diff --git` lines")
    posting = Posting(mails[0].prefix.label, "", None)
    posting.covers = [0] if cover_given else []
    posting.patches = list(range(int(cover_given), len(mails)))
    return series_of(name, where, posting, mails.__getitem__, partial=partial)


def _chosen(
    name: str, pile: Pile, posting: Posting, load: Callable[[int], Mail], *, partial: bool
) -> Series:
    series = series_of(name, pile.where, posting, load, pile, partial=partial)
    return replace(series, left_out=(*series.left_out, *_others(pile, posting)))


def from_mailbox(
    name: str, stream: BinaryIO, where: str, *, pick: str | None = None, partial: bool = False
) -> Series:
    """Make a series of the mails in a mailbox file of any size; see :func:`assemble`.

    A mail that cannot be read ends this only if it is a patch or the cover letter.

    Args:
        name: Its short name.
        stream: The mailbox, opened for reading bytes.
        where: Its name, for errors.
        pick: Which posting, where there are several.
        partial: As above.

    Raises:
        MailError: As :func:`assemble`.
    """
    return from_box(name, Mailbox(stream, where), where, pick=pick, partial=partial)


def from_box(
    name: str, box: Box, where: str, *, pick: str | None = None, partial: bool = False
) -> Series:
    """Make a series of mails that are read when asked for; see :func:`from_mailbox`.

    Raises:
        MailError: As :func:`assemble`.
    """
    if len(box.envelopes) == 1:
        return assemble(name, [box.mail(0)], where, pick=pick, partial=partial)
    pile = Pile(box.envelopes, where, box.mail)
    return _chosen(name, pile, pile.choose(pick), box.mail, partial=partial)


def every_series(name: str, stream: BinaryIO, where: str) -> Iterator[Series | Refused]:
    """All postings in a mailbox file of any size, each as it is read.

    ``left_out`` has only what belongs to the posting itself.

    Raises:
        MailError: The file is no mailbox.
    """
    return series_in(name, Mailbox(stream, where), where)


def series_in(
    name: str, box: Box, where: str, *, partial: bool = False
) -> Iterator[Series | Refused]:
    """All postings among mails that are read when asked for; see :func:`every_series`."""
    pile = Pile(box.envelopes, where, box.mail)
    for posting in pile.postings:
        try:
            yield series_of(name, where, posting, box.mail, pile, partial=partial)
        except MailError as error:
            first = pile.envelopes[pile.first(posting)]
            yield Refused(posting.label, first.title, first.message_id, error)


def _others(pile: Pile, posting: Posting) -> Iterator[LeftOut]:
    """The mails that have nothing to do with the posting, each with the reason."""
    answered = {pile.threads.parent(at) for at in posting.mails}
    ours = (*posting.mails, *(at for at, _ in posting.dropped))
    proposed = {each for at in ours for each in pile.proposals.get(at, ())}
    shared: dict[str, str] = {}  # a huge mailbox has many mails of one posting
    for at, mail in enumerate(pile.envelopes):
        home = pile.home.get(pile.target.get(at, at))
        first = pile.threads.twice.get(at)
        if home is posting or pile.target.get(at, at) in proposed:
            continue
        if first is not None:
            reason = f"has the same Message-ID as the mail at {pile.envelopes[first].place}"
        elif home is None and at in answered:
            reason = "what the series was sent in reply to"
        elif home is None and mail.prefix.reply:
            reason = "answers no patch or cover letter that is there"
        elif home is None:
            reason = "no patch, and no reply to one"
        elif at in pile.home and home.aside:
            reason = f"a patch of its own; name it as {pile.where}#{mail.message_id}"
        else:
            verb = "is of" if at in pile.home else "answers"
            title = f"{verb} another posting, {home.label} {pile.title(home)!r}"
            reason = shared.setdefault(title, title)
        yield LeftOut(mail.place, mail.subject, reason)
