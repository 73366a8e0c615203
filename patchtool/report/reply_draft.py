# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail to the list about what is open after a new posting, drafted to be read and sent.

It says only what it shows: the remark as it was quoted, what was answered, and the line as it
stands in NEW. Pure.
"""

from __future__ import annotations

import re
from email.utils import formataddr
from itertools import groupby
from typing import TYPE_CHECKING

from patchtool.core.text import clean, one_line, wrap
from patchtool.errors import UsageError
from patchtool.report.remark_words import in_order, line_text, name, outcome, place_text, text_lines
from patchtool.revisions.people import name_and_address
from patchtool.revisions.remark import Verdict
from patchtool.series import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from patchtool.revisions.record import Revisions
    from patchtool.revisions.remark import Judgement
    from patchtool.series.model import Series

_WIDTH = 72  # columns, so that it can be quoted
_OTHERS_WIDTH = 78  # columns of what others wrote: a mail's lines, as they were broken
_QUOTED = 6  # lines
_SAID = 12  # lines of a remark
_ANSWER = 6  # lines of an answer
_ANSWERS = 2  # the last ones
_LINES = 6  # of NEW
_LONGEST_BODY = 100_000  # characters of a mail in which a remark is looked for
_LONGEST_ID = 900  # characters of a header line; RFC 5322 allows 998
_ASK = {
    Verdict.CONTESTED: "The last word on it seems to be this one. Is it settled somewhere else?",
    Verdict.PROMISED: "I did not find the change in {new}. Did I miss it?",
    Verdict.UNANSWERED: "I found no change for it in {new}, and no answer in the mails I have. "
    "Did I miss it?",
    Verdict.PARTLY: "{done} of {like} like places changed; still as before, it seems: {left}. "
    "Is that on purpose?",
}


def draft(found: Revisions, old: Series, new: Series) -> str:
    """The mail: headers, an empty line, and the text; empty where nothing is open.

    Args:
        found: All that is known of the two postings.
        old: OLD, whose mails are quoted as they were written.
        new: NEW, to which the mail is a reply.

    Raises:
        UsageError: NEW was never mailed.
    """
    left = [each for each in in_order(found.judgements) if each.open]
    if not left:
        return ""
    parent = _ident(new.message_id or "")
    if not parent:
        raise UsageError(
            "NEW was not posted yet, so there is no mail to reply to",
            hint="--format changelog drafts what its cover letter says",
        )
    bodies = {each.message_id or "": each.body for each in old.replies}
    parts = [f"v{each.revision} I read {each.part}" for each in (old, new) if each.part]
    body = "\n".join(_body(found, left, bodies, parts))
    return "\n".join((*_headers(found, new, left, parent), "", body)) + "\n"


def _headers(
    found: Revisions, new: Series, left: Sequence[Judgement], parent: str
) -> Iterator[str]:
    to = _address(found.new.author)
    if to:
        yield f"To: {to}"
    copied = _addresses(
        [*(each.remark.author for each in left), *new.recipients], without=found.new.author
    )
    if copied:
        yield "Cc: " + ",\n    ".join(copied)
    subject = one_line(f"Re: {_prefix(found, new)} {new.title}")
    yield f"Subject: {compose.encoded(subject[:_LONGEST_ID])}"
    yield f"In-Reply-To: <{parent}>"
    above = [_ident(each) for each in (new.in_reply_to or "", parent)]
    yield "References: " + "\n ".join(f"<{each}>" for each in dict.fromkeys(filter(None, above)))
    yield "MIME-Version: 1.0"
    yield "Content-Type: text/plain; charset=utf-8"
    yield "Content-Transfer-Encoding: 8bit"


def _prefix(found: Revisions, new: Series) -> str:
    """The prefix of the cover letter, or of the only patch, as it was sent."""
    version = f" v{found.new.revision}" if found.new.revision > 1 else ""
    first = 0 if new.cover is not None else 1
    count = f" {first}/{new.posted}" if new.posted > 1 or first == 0 else ""
    return f"[{' '.join((*new.tags, 'PATCH'))}{version}{count}]"


def _ident(message_id: str) -> str:
    return re.sub(r"[\s<>\x00-\x20\x7f]", "", clean(message_id))[:_LONGEST_ID]


def _address(who: str) -> str:
    """``Name <address>`` as a header has it; empty where there is no usable address."""
    person, address = name_and_address(who)
    address = one_line(address)
    if not address.isascii() or not re.fullmatch(r"[^\s<>,;:\"@]+@[^\s<>,;:\"@]+", address):
        return ""
    return formataddr((one_line(person), address))


def _addresses(texts: Iterable[str], without: str) -> list[str]:
    """Each address once, in order."""
    own = name_and_address(without)[1]
    by: dict[str, str] = {}
    for text in texts:
        by.setdefault(name_and_address(text)[1], _address(text))
    return [text for address, text in by.items() if text and address != own]


def _body(
    found: Revisions,
    left: Sequence[Judgement],
    bodies: Mapping[str, str],
    parts: Sequence[str],
) -> Iterator[str]:
    new, old = f"v{found.new.revision}", f"v{found.old.revision}"
    if new == old:
        new, old = "this posting", "the posting before"
    first = name(found.new.author).split()
    yield f"Hi {one_line(first[0])},"
    yield ""
    count = "one point" if len(left) == 1 else f"{len(left)} points"
    yield from wrap(
        f"thanks for {new}. Going through the remarks on {old}, I could not tell what came of "
        f"{count}. Sorry if I overlooked something.", _WIDTH,
    )  # fmt: skip
    for part in parts:
        yield ""
        yield from wrap(f"Of {part}.", _WIDTH)
    for _, together in groupby(left, _point_key):
        yield ""
        yield from _point(found, list(together), new, bodies)
    yield ""
    yield "Thanks!"


def _point_key(judgement: Judgement) -> tuple[object, ...]:
    """What remarks share that are one point of the mail."""
    remark = judgement.remark
    answers = tuple(each.message_id for each in judgement.answers)
    return judgement.verdict, remark.message_id, remark.place, answers, judgement.left


def _point(
    found: Revisions, together: Sequence[Judgement], new: str, bodies: Mapping[str, str]
) -> Iterator[str]:
    judgement = together[0]
    remark = judgement.remark
    body = bodies.get(remark.message_id, "")
    yield from _attribution(remark.author, remark.date, remark.message_id, place_text(remark.place))
    quoted = [clean(line[:1000]).rstrip("\n") for line in remark.place.quoted]
    while quoted and not quoted[-1].strip():
        quoted.pop()
    yield from (f"> > {line}".rstrip() for line in quoted[-_QUOTED:])
    if quoted:
        yield ">"
    lines = [line for each in together for line in _as_written(each.remark.text, body)]
    yield from _quote("\n".join(dict.fromkeys(lines)), _SAID)
    for answer in judgement.answers[-_ANSWERS:]:
        yield ""
        yield from _attribution(answer.who, answer.date, answer.message_id)
        answered = _as_written(answer.text, bodies.get(answer.message_id, ""))
        yield from _quote("\n".join(answered), _ANSWER)
    yield ""
    yield from wrap(one_line(_ask(judgement, new)), _WIDTH)
    now = outcome(found, judgement, _LINES)
    if now.new and not now.changed:
        where = one_line(line_text(now.new[0]))
        yield from wrap(f"In {new} ({where}) it reads:", _WIDTH)
        yield ""
        yield from (f"    {clean(each.text[:1000])}".rstrip() for each in now.new[:_LINES])


def _ask(judgement: Judgement, new: str) -> str:
    return _ASK[judgement.verdict].format(
        new=new, done=judgement.done, like=judgement.like, left=", ".join(judgement.left)
    )


def _attribution(who: str, date: str, message_id: str, where: str = "") -> Iterator[str]:
    """Who wrote it, when, in which mail, and on what."""
    on = f"On {one_line(date)}, " if date else ""
    about = f" on {one_line(where)}" if where and where != "the thread" else ""
    yield from wrap(f"{on}{one_line(name(who))} wrote{about}:", _WIDTH)
    if message_id:
        yield f"[<{_ident(message_id)}>]"


def _as_written(text: str, body: str) -> list[str]:
    """The lines of a mail in which a text stands, or its own lines where it is not found."""
    words = text.split()
    lines = [line for line in body[:_LONGEST_BODY].splitlines() if not line.startswith(">")]
    there = [(word, at) for at, line in enumerate(lines) for word in line.split()]
    for first in range(len(there) - len(words) + 1):
        if words and there[first][0] == words[0]:
            window = there[first : first + len(words)]
            if [word for word, _ in window] == words:
                return [line for line in lines[window[0][1] : window[-1][1] + 1] if line.strip()]
    return text.splitlines()


def _quote(text: str, limit: int) -> Iterator[str]:
    yield from (f"> {line}".rstrip() for line in text_lines(text, _OTHERS_WIDTH, limit))
