# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the message of a mail ends for git, and what stands there that was no end. Pure.

``git mailinfo`` takes for the end of the message the first line that may begin a diff, wherever
it stands: ``---`` alone, ``--- NAME``, ``diff -`` or ``Index: ``. What was quoted in the message,
or ruled off in it, is then no part of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from patchtool.series.encoded_words import text_of
from patchtool.series.hunks import outside

#: ``git commit`` shows the subject as line 1, and the message starts behind an empty line.
FIRST_LINE = 3
#: A line that ends the message.
BREAK = re.compile(rb"^(?:---[^\S\n]*$|--- \S|diff -|Index: )", re.MULTILINE)
_SPACE = " \t\r\v\f"  # for git, no other is white space
_RULE = re.compile(rb"^---[^\S\n]*$", re.MULTILINE)
_SNIP = r"(?:>8|8<|>%|%<)"
_SNIPS = re.compile(_SNIP)
_ROW = re.compile(rf"(?:-|{_SNIP})(?:[-\s]|{_SNIP})*+")


@dataclass(frozen=True, slots=True)
class Cut:
    """Where git ends a message that goes on.

    Attributes:
        line: Line of the message, counted as ``git commit`` shows it (the subject is line 1).
        mark: That line.
        lost: What would be of the message from there on, less ``---`` lines at both ends.
        quoted: Whether a diff stands there, which git takes for a part of the patch.
    """

    line: int
    mark: str
    lost: str
    quoted: bool


def find_cut(message: str, rest: bytes, charset: str = "utf-8") -> Cut | None:
    """Where git cuts a message, or None where it ends as it should.

    Args:
        message: The message as git takes it, with all of its empty lines.
        rest: What follows it in the mail: the line that ended it, and all behind that.
        charset: Of *rest*.
    """
    ruled = _RULE.match(rest) is not None
    if (ruled or not rest.startswith(b"--- ")) and _RULE.search(rest, 1) is None:
        return None  # what ends it is its `---` line, or the diff
    lines = rest.split(b"\n")
    rules, diffs = _places(lines)
    before = [at for at in rules if diffs and 0 < at < diffs[-1]]
    end = before[-1] if before else 0
    if not before and diffs and not ruled:
        end = diffs[0]
    if end == 0:
        return None
    lost = text_of(b"\n".join(lines[int(ruled) : end]), charset).strip("\n")
    line = FIRST_LINE + message.lstrip("\n").count("\n")
    return Cut(line, text_of(lines[0], charset).rstrip(), lost, diffs[0] < end)


def cut_of(message: str, rest: bytes) -> Cut | None:
    """Where git cuts *message* in a mail that goes on with *rest*, from its ``---`` line on."""
    whole = f"{message}\n".encode() + rest
    found = BREAK.search(whole)
    at = found.start() if found else len(whole)
    return find_cut(text_of(whole[:at]), whole[at:])


def _places(lines: list[bytes]) -> tuple[list[int], list[int]]:
    """The indices of ``---`` lines, and of the first lines of file diffs; hunks are skipped."""
    rules, diffs = [], []
    for at in outside(lines):
        if lines[at].startswith(b"diff --git ") or _is_plain(lines[at : at + 3]):
            diffs.append(at)
        elif _RULE.fullmatch(lines[at]):
            rules.append(at)
    return rules, diffs


def _is_plain(lines: list[bytes]) -> bool:
    """Whether these three lines begin a diff without a ``diff`` line, as ``git apply`` says."""
    marks = (b"--- ", b"+++ ", b"@@ -")
    return len(lines) == len(marks) and all(map(bytes.startswith, lines, marks))


def is_scissors(line: str) -> bool:
    """Whether ``git am --scissors`` drops all that stands above that line.

    The rule is that of mailinfo.c: scissors in a row of dashes, at least 8 characters from end
    to end, the row over a third of them, and blanks less than half of the row.
    """
    text = line.strip()
    row = "".join(found[0] for found in _ROW.finditer(f"{line}\n"))
    gaps = sum(map(str.isspace, row))
    width = len(text) - bool(_SNIPS.fullmatch(text[-2:]))  # git counts half of the last scissors
    return bool(_SNIPS.search(row)) and 8 <= width < len(row) * 3 and gaps * 2 < len(row)


def mailable(message: str) -> str:
    """A message that no line of its own ends: a blank stands in front of each that would."""
    return BREAK.sub(rb" \g<0>", message.encode()).decode()


def strip_space(text: str) -> str:
    """Text as ``git stripspace`` leaves it: no white space at line ends, no double empty lines."""
    lines = [line.rstrip(_SPACE) for line in text.split("\n")]
    kept = [line for at, line in enumerate(lines) if line or (at > 0 and lines[at - 1])]
    return "\n".join(kept).strip("\n")
