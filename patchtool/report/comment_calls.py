# SPDX-License-Identifier: GPL-2.0-or-later
"""What came of each comment, as calls that tell patchwork: a shell script to be read and run.

Patchwork's comments are mails. One is addressed if nothing is left of what it asks. Where a person
has to look, or the author asked back, patchwork is told nothing. Pure.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from patchtool.core.text import one_line
from patchtool.report.remark_words import name, sums
from patchtool.revisions.remark import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.intake.servers.patchwork_comments import Comment
    from patchtool.revisions.record import Revisions
    from patchtool.revisions.remark import Judgement

_UNSURE = (Verdict.LOOK, Verdict.ASKED_BACK)
_HEAD = """\
set -eu
: "${PATCHTOOL_PATCHWORK_TOKEN:?put the token of your user page on the server into it}"

addressed() { # ADDRESS true|false
\tprintf 'Authorization: Token %s\\n' "$PATCHTOOL_PATCHWORK_TOKEN" |
\t\tcurl --silent --show-error --fail --output /dev/null --request PATCH --header @- \\
\t\t\t--header 'Content-Type: application/json' --data "{\\"addressed\\": $2}" "$1"
}"""


def script(found: Revisions, comments: Mapping[str, Comment], server: str) -> str:
    """The calls.

    Args:
        found: All that is known of the two postings.
        comments: What the server has, by Message-ID.
        server: Its address.
    """
    return "\n".join(_lines(found, comments, server)) + "\n"


def _lines(found: Revisions, comments: Mapping[str, Comment], server: str) -> Iterator[str]:
    old = found.old
    yield "#!/bin/sh"
    yield f"# What came of the comments on v{old.revision} of {one_line(old.title)!r}"
    yield f"# on {one_line(server)}. Maintainers and who sent the patch may tell it."
    yield _HEAD
    for message_id, together in _mails(found).items():
        yield ""
        who = one_line(name(together[0].remark.author))
        mail = f"<{one_line(message_id)}>" if message_id else "a mail that is only quoted"
        yield f"# {who}, {mail}: {sums(together)}"
        state = _state(together)
        comment = comments.get(message_id)
        if comment is None:
            yield "# is not on the server"
        elif state is None:
            yield "# nothing shows whether it was: look, and tell it yourself"
            yield f"# addressed {shlex.quote(comment.url)} true"
        else:
            yield f"addressed {shlex.quote(comment.url)} {'true' if state else 'false'}"


def _mails(found: Revisions) -> dict[str, list[Judgement]]:
    """The remarks of each mail that asks for something."""
    mails: dict[str, list[Judgement]] = {}
    for each in found.judgements:
        if each.verdict is not Verdict.NOTHING_ASKED:
            mails.setdefault(each.remark.message_id, []).append(each)
    return mails


def _state(together: Sequence[Judgement]) -> bool | None:
    """Whether a mail was addressed; None where nothing shows it."""
    if any(each.open for each in together):
        return False
    return None if any(each.verdict in _UNSURE for each in together) else True
