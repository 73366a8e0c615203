# SPDX-License-Identifier: GPL-2.0-or-later
"""Where b4's review puts what replies say, as ``b4 review`` does it when it takes in a thread.

It reads the replies to patches that quote a diff, and none to a cover letter. A text between two
quotes is one comment, on the last quoted line above it. b4 has no public function for it, so this
calls the steps of ``_integrate_followup_inline_comments``, which needs a branch for the results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import b4
import liblore.utils
from b4.review._review import (
    COMMIT_MESSAGE_PATH,
    _extract_comments_from_quoted_reply,
    _resolve_comment_positions,
)
from b4.review.tracking import _parse_msgs_to_followup_comments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from patchtool.series.model import Series

_QUOTED_DIFF = ("> diff --git ", "> @@ ")
_ABOVE = 2  # lines of ours above b4's first: the subject, and an empty one


@dataclass(frozen=True, slots=True)
class Placed:
    """A comment, where b4 puts it.

    Attributes:
        message_id: Of the reply.
        text: What it says.
        patch: Number of the patch.
        part: ``diff`` or ``message``.
        file: The file; empty in a message.
        line: In it, counted as ours.
    """

    message_id: str
    text: str
    patch: int
    part: str
    file: str
    line: int


def placed(mailbox: bytes, series: Series) -> Iterator[Placed]:
    """All comments of a thread.

    Args:
        mailbox: The thread.
        series: What was posted in it.
    """
    mails = liblore.utils.split_mbox(mailbox)
    patches = [{"header-info": {"msgid": each.message_id}} for each in series.patches]
    replies = _parse_msgs_to_followup_comments(mails, series.message_id, patches)
    sent = {b4.LoreMessage.get_clean_msgid(each): each for each in mails}
    for number, patch in enumerate(series.patches, 1):
        diff = _diff(sent[patch.message_id])
        for reply in replies.get(number, ()):
            if any(start in reply["body"] for start in _QUOTED_DIFF):
                comments = _extract_comments_from_quoted_reply(reply["body"])
                _resolve_comment_positions(diff, comments)
                for each in comments:
                    yield _placed(reply["msgid"], patch.number, each)


def _placed(message_id: str, patch: int, comment: dict[str, Any]) -> Placed:
    path, line = comment["path"], comment["line"]
    if path == COMMIT_MESSAGE_PATH:
        return Placed(message_id, comment["text"], patch, "message", "", line + _ABOVE)
    file = path.removeprefix("a/").removeprefix("b/")
    return Placed(message_id, comment["text"], patch, "diff", file, line)


def _diff(mail: EmailMessage) -> str:
    """The diff in a mail, down to its signature."""
    _, start, rest = str(b4.LoreMessage(mail).body).partition("diff --git ")
    return f"{start}{rest}".partition("\n-- \n")[0]
