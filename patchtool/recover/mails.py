# SPDX-License-Identifier: GPL-2.0-or-later
"""The recovered series as files: mails that ``git am`` takes, and the whole thread."""

from __future__ import annotations

import hashlib
import re
from email.utils import formatdate
from typing import TYPE_CHECKING

from patchtool.core.store import slug
from patchtool.recover.letter import unfolded_cover
from patchtool.recover.rebuilt import diff_text
from patchtool.series.compose import angled, encoded, header, in_mbox, sender

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.posting import Posting
    from patchtool.recover.recovery import PatchRecovery
    from patchtool.series.model import Review

COVER = "0000-cover-letter.patch"
THREAD = "with-replies.mboxrd"
#: Behind the name of a mail that cannot be applied as it is.
INCOMPLETE = ".incomplete"
_LONGEST_NAME = 52  # as git format-patch cuts subjects


def names(patches: Sequence[PatchRecovery]) -> dict[int, str]:
    """Name of each patch's mail, by number."""
    found = {}
    for patch in patches:
        name = slug(patch.posted.subject, "patch", also="_", longest=_LONGEST_NAME)
        ending = ".patch" if patch.applies else f".patch{INCOMPLETE}"
        found[patch.posted.number] = f"{patch.posted.number:04d}-{name}{ending}"
    return found


def files(posting: Posting, patches: Sequence[PatchRecovery], key: str) -> dict[str, bytes]:
    """Name and content of each file: the mails, and the thread with its replies.

    Args:
        posting: The posting.
        patches: Its patches, recovered.
        key: What the Message-IDs that had to be made are made of.
    """
    made: dict[str, bytes] = {}
    ids = _ids(posting, key)
    thread: list[bytes] = []
    if posting.cover is not None:
        made[COVER] = _cover(posting, ids[0])
        thread.append(made[COVER])
        thread += [_reply(each, ids[0], key) for each in posting.reviews]
    for patch, name in zip(patches, names(patches).values(), strict=True):
        number = patch.posted.number
        parent = ids.get(0) if posting.cover is not None else None
        made[name] = _patch(posting, patch, ids[number], parent)
        thread.append(made[name])
        thread += [_reply(each, ids[number], key) for each in patch.posted.reviews]
    made[THREAD] = b"".join(in_mbox(mail) + b"\n" for mail in thread)
    return made


def _ids(posting: Posting, key: str) -> dict[int, str]:
    """Message-ID of each mail; where the page has none, one is made."""
    found = {0: f"{key}.0@recovered.invalid"}
    if posting.cover is not None and posting.cover.message_id:
        found[0] = posting.cover.message_id
    for patch in posting.patches:
        made = f"{key}.{patch.number}@recovered.invalid"
        found[patch.number] = patch.mail.message_id or made
    return found


def _head(author: str, date: str, subject: str, message_id: str, parent: str | None) -> bytes:
    name, _, address = author.rpartition(" <")
    address = _line(address).rstrip(">") or "unknown@invalid"
    return header(
        ("Message-ID", angled(_line(message_id))),
        ("In-Reply-To", angled(_line(parent or ""))),
        ("From", sender(f"{_line(name) or 'Unknown'} <{address}>")),
        ("Date", _line(date) or formatdate(0)),
        ("Subject", encoded(_line(subject))),
    )


def _line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "", " ".join(text.split()))


def _cover(posting: Posting, message_id: str) -> bytes:
    assert posting.cover is not None
    subject = f"[{posting.tags} 0/{posting.total}] {posting.title}"
    head = _head(posting.author, posting.date, subject, message_id, None)
    text = posting.cover.body
    if posting.cover.folded:
        text = unfolded_cover(text, [patch.subject for patch in posting.patches])
    return head + text.encode("utf-8", "replace") + b"\n"


def _patch(posting: Posting, patch: PatchRecovery, message_id: str, parent: str | None) -> bytes:
    posted = patch.posted
    number = f" {posted.number}/{posting.total}" if posting.total > 1 else ""
    head = _head(posted.author, posted.date, f"[{posting.tags}{number}] {posted.subject}",
                 message_id, parent)  # fmt: skip
    parts = [posted.letter.message.encode("utf-8", "replace"), b"\n---\n"]
    if posted.letter.notes:
        parts += [posted.letter.notes.encode("utf-8", "replace"), b"\n\n"]
    for each, text in zip(patch.files, posted.letter.diffs, strict=True):
        parts.append(diff_text(each) if each.structure is not None else text.strip() + b"\n")
    parts.append(b"-- \npatchtool\n")
    return head + b"".join(parts)


def _reply(review: Review, parent: str, key: str) -> bytes:
    digest = hashlib.sha256(f"{review.author}{review.date}{review.body}".encode()).hexdigest()
    message_id = review.message_id or f"{key}.{digest[:12]}@recovered.invalid"
    subject = review.subject
    if not re.match(r"re\s*:", subject, re.IGNORECASE):
        subject = f"Re: {subject}"
    head = _head(review.author, review.date, subject, message_id, review.in_reply_to or parent)
    return head + review.body.encode("utf-8", "replace") + b"\n"
