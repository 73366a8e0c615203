# SPDX-License-Identifier: GPL-2.0-or-later
"""Replies, and the patches they answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.series.author import parse_author
from patchtool.series.model import Review
from patchtool.series.tags.reply import of_reply

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from patchtool.series.envelope import Envelope
    from patchtool.series.mail import Mail
    from patchtool.series.posting.postings import Threads


def targets(pile: Sequence[Envelope], threads: Threads, posted: Collection[int]) -> dict[int, int]:
    """The patch or cover letter that each reply answers, itself or through other replies.

    By In-Reply-To and References; a reply that these lead nowhere is placed by its subject,
    if that names one mail only.
    """
    found: dict[int, int | None] = {}
    titles: dict[str, list[int]] = {}
    for at in posted:
        titles.setdefault(pile[at].title.lower(), []).append(at)
    for at in range(len(pile)):
        if at in posted or at in threads.twice:
            continue
        way: list[int] = []
        up: int | None = at
        while up is not None and up not in posted and up not in found:
            found[up] = None
            way.append(up)
            up = threads.parent(up)
        target = up if up in posted else found.get(up) if up is not None else None
        for reply in reversed(way):  # from the first reply down
            if target is None and pile[reply].prefix.reply:
                target = _by_title(pile, pile[reply], titles)
            found[reply] = target
    return {at: target for at, target in found.items() if target is not None}


def _by_title(
    pile: Sequence[Envelope], reply: Envelope, titles: dict[str, list[int]]
) -> int | None:
    named = titles.get(reply.title.lower(), [])
    exact = [at for at in named if _agree(pile[at], reply)] if len(named) > 1 else named
    return exact[0] if len(exact) == 1 else None


def _agree(mail: Envelope, reply: Envelope) -> bool:
    one, two = mail.prefix, reply.prefix
    return (one.label, one.number, one.total) == (two.label, two.number, two.total)


def in_order(pile: Sequence[Envelope], threads: Threads, replies: Sequence[int]) -> list[int]:
    """Replies to one mail: oldest first, each followed by those that answer it."""
    members = set(replies)
    below: dict[int | None, list[int]] = {}
    for at in sorted(replies, key=lambda at: (pile[at].when, at), reverse=True):
        up = threads.parent(at)
        below.setdefault(up if up in members else None, []).append(at)
    out: list[int] = []
    todo = below.pop(None, [])
    while todo:
        at = todo.pop()
        out.append(at)
        todo += below.pop(at, [])
    return [*out, *(at for rest in below.values() for at in reversed(rest))]  # in a ring


def review(mail: Mail) -> Review:
    """The reply as a value; a patch in reply to a patch gives no tags."""
    author = sender(mail)
    return Review(
        author=author,
        date=mail.date,
        subject=mail.envelope.subject,
        message_id=mail.message_id,
        in_reply_to=mail.parents[0] if mail.parents else None,
        body=mail.text.rstrip("\n"),
        trailers=of_reply(mail.text, mail.message_id, author) if not mail.files else (),
    )


def sender(mail: Mail) -> str:
    """``Name <address>`` of who sent it."""
    try:
        return parse_author(mail.sender, mail.where)
    except MailError:
        return mail.author
