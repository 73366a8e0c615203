# SPDX-License-Identifier: GPL-2.0-or-later
"""What the sender of a reply wrote: without quotes, diffs, commits he pasted, his signature. Pure.

Time is linear in the size of the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_QUOTED = re.compile(r"[ \t]*(?:[>|]|[A-Za-z]{1,12}>)")
_ENDS = re.compile(r"-- ?\Z|[ \t]*-[- \t]*+(?:>8|8<|>%|%<)|From [0-9a-f]{40} ")
_ORIGINAL = re.compile(r"-{2,} ?(?:Original Message|Forwarded)")
_HUNK = re.compile(r"@@ -[0-9]{1,9}(?:,([0-9]{1,9}))? \+[0-9]{1,9}(?:,([0-9]{1,9}))? @@")
_COMMIT = re.compile(
    r"([ \t]*)(?:commit[ \t]+[0-9a-f]{7,64}(?:[ \t]+\([^()]*\))?|Commit-ID:.*)\s*\Z"
)
_AUTHOR = re.compile(r"([ \t]*)Author(?:Date)?:[ \t]+\S")
_HEADER = re.compile(
    r"[ \t]*(?:Author|AuthorDate|Commit|Committer|CommitDate|CommitterDate|Merge|Date|Gitweb"
    r"|Commit-ID|tree|parent|author|committer)\b:?[ \t]+\S"
)
_HEADED = 4  # lines below ``commit`` that its headers begin in
_TAG = re.compile(r"(?:[A-Za-z-]{1,40}-by|Fixes|Link|Closes|Cc):[ \t]+\S", re.IGNORECASE)
_PASTED = 120  # lines of a commit that is not indented
_SENT = re.compile(r"\*?Sent:\*?[ \t]+\S")  # Outlook's header above what it does not quote
_SENT_NEAR = 3
_QUOTE_NEAR = 6
_NOTES = 200  # lines between the message of a patch and its diff


def own_lines(text: str) -> list[str | None]:
    """The lines of a reply, to its end; None for each that its sender did not write.

    Indentation is kept, except below a diff: there a line that is indented may be one of its
    context.
    """
    lines = text.replace("\xa0", " ").split("\n")
    own = [*_without_diffs(lines, _last_quote(lines))]
    _drop_signed(lines, own)
    return list(_without_commits(own))


def _last_quote(lines: Sequence[str]) -> int:
    return max((at for at, line in enumerate(lines) if line.startswith(">")), default=-1)


def _without_diffs(lines: Sequence[str], last_quote: int) -> Iterator[str | None]:
    old = new = 0  # lines of the hunk still to come
    diff = hunk = False  # whether one was begun
    for at, line in enumerate(lines):
        if old > 0 or new > 0:
            old -= line[:1] in ("-", " ", "")
            new -= line[:1] in ("+", " ", "")
            if line[:1] in ("-", "+", " ", "", "\\"):
                yield None
                continue
            old = new = 0  # it was cut short
        if _ENDS.match(line) or (at > last_quote and _is_outlook(lines, at)):
            return
        if _ORIGINAL.match(line) and not _is_quoted_below(lines, at):
            return
        if _begins_diff(lines, at):
            diff, hunk = True, False
            yield None
        elif (found := _HUNK.match(line)) is not None:
            old, new = (int(count) if count else 1 for count in found.groups())
            diff = hunk = True
            yield None
        elif _QUOTED.match(line) or (diff and not hunk):
            yield None
        else:
            yield None if hunk and line[:1] in (" ", "\t") else line.rstrip()


def _begins_diff(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return line.startswith("diff --git ") or (
        line.startswith("--- ") and following.startswith("+++ ")
    )


def _is_quoted_below(lines: Sequence[str], at: int) -> bool:
    """Whether what is below ``Original Message`` is a quote that is answered, with no header."""
    below = [line for line in lines[at + 1 : at + 1 + _QUOTE_NEAR] if line.strip()]
    headed = any(line.startswith("From:") for line in below)
    return not headed and any(line.startswith(">") for line in below)


def _is_outlook(lines: Sequence[str], at: int) -> bool:
    """Whether the header starts here that Outlook puts above the mail that is answered."""
    if not lines[at].startswith(("From:", "*From:*")):
        return False
    return any(_SENT.match(line) for line in lines[at + 1 : at + 1 + _SENT_NEAR])


def _drop_signed(lines: Sequence[str], own: list[str | None]) -> None:
    """Drop the tags of a patch in the reply: its ``---`` is below, and one is a Signed-off-by."""
    for at in [at for at, line in enumerate(own) if line == "---"]:
        first = at
        while first > 0 and _TAG.match(own[first - 1] or ""):
            first -= 1
        signed = any((line or "").startswith("Signed-off-by:") for line in own[first:at])
        below = range(at + 1, min(len(own), at + _NOTES))
        if signed and any(_begins_diff(lines, each) for each in below):
            own[first:at] = [None] * (at - first)


def _without_commits(lines: list[str | None]) -> Iterator[str | None]:
    """The lines without commits as ``git show`` and ``git log`` print them."""
    skipped = 0
    for at, line in enumerate(lines):
        if at >= skipped and line:
            skipped = _pasted_to(lines, at) if _is_commit(lines, at, line) else skipped
        yield None if at < skipped else line


def _is_commit(lines: Sequence[str | None], at: int, line: str) -> bool:
    if _COMMIT.match(line):
        below = lines[at + 1 : at + 1 + _HEADED]
        return any(_AUTHOR.match(each) or _HEADER.match(each) for each in below if each)
    following = lines[at + 1] if at + 1 < len(lines) else None
    return bool(_AUTHOR.match(line)) and following is not None and bool(_HEADER.match(following))


def _pasted_to(lines: Sequence[str | None], at: int) -> int:
    """The line behind a commit: its headers, and the message, which is indented below them."""
    margin = _indent(lines[at] or "")
    while at < len(lines) and (line := lines[at]) and (_HEADER.match(line) or _COMMIT.match(line)):
        at += 1
    headers = at
    while at < len(lines) and (line := lines[at]) is not None:
        if line and _indent(line) <= margin:
            break
        at += 1
    if any(lines[headers:at]):
        return at
    return _to_tags(lines, at) or headers


def _to_tags(lines: Sequence[str | None], at: int) -> int:
    """The line behind the tags of a message that is not indented; 0 where it has none."""
    tags = False
    for place in range(at, min(len(lines), at + _PASTED)):
        line = lines[place]
        if line is None:
            return place if tags else 0
        is_tag = _TAG.match(line.strip()) is not None
        if tags and not is_tag:
            return place
        tags = is_tag and (tags or not lines[place - 1])
    return len(lines) if tags else 0


def _indent(line: str) -> int:
    bare = line.expandtabs(8)
    return len(bare) - len(bare.lstrip())
