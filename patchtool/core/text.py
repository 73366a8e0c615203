# SPDX-License-Identifier: GPL-2.0-or-later
"""Foreign text made safe to show, and text made to fit a column.

Subjects, counters and console lines come from mails and from a kernel nobody trusts yet. A
terminal must not obey them, and a page must not change direction because of them.
"""

from __future__ import annotations

import math
import re
import shlex
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable

#: ECMA-48 sequences: CSI, OSC and other strings up to BEL or ST, two-byte escapes; and the
#: C1 forms of CSI and the string introducers.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
#: What is left of C0 and C1 (tab and newline stay), lone surrogates, and noncharacters that
#: XML refuses.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: Unicode's bidirectional controls and invisible separators ("Trojan Source", CVE-2021-42574).
_DIRECTION = re.compile(
    r"[\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
#: What JSON may have raw inside a string, of both of these.
_NOT_IN_JSON = re.compile(f"[\x7f-\x9f\ud800-\udfff\ufffe\uffff{_DIRECTION.pattern[1:-1]}]")

ELLIPSIS = ".."


def clean(text: str) -> str:
    """*text* without escape sequences and control characters; tabs and newlines stay.

    Direction overrides are replaced by U+FFFD, so that a reader sees that one was there.
    """
    text = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _DIRECTION.sub("\ufffd", _CONTROLS.sub("", text))


def escaped_json(text: str) -> str:
    """JSON that says the same, with every character written as its escape that a terminal obeys."""
    return _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """As :func:`clean`, with all white space folded to single blanks."""
    return " ".join(clean(text).split())


def command_line(words: Iterable[str]) -> str:
    """A command, or a part of one, for a person to paste: what a shell would change is quoted."""
    return shlex.join(words)


def width(text: str) -> int:
    """Terminal columns *text* takes."""
    return cell_len(text)


def elide(text: str, room: int) -> str:
    """*text* in at most *room* columns, its middle left out: counters differ at the end."""
    if width(text) <= room:
        return text
    if room <= len(ELLIPSIS):
        return _head(text, room)
    left = room - len(ELLIPSIS)
    head = _head(text, left - left // 2)
    return head + ELLIPSIS + _tail(text, left - width(head))


def cut(text: str, room: int) -> str:
    """*text* in at most *room* columns, its end left out: sentences start with the point."""
    if width(text) <= room:
        return text
    return _head(text, max(room - len(ELLIPSIS), 0)).rstrip() + ELLIPSIS[: max(room, 0)]


def _head(text: str, room: int) -> str:
    taken = ""
    for char in text:
        if width(taken) + width(char) > room:
            break
        taken += char
    return taken


def _tail(text: str, room: int) -> str:
    return _head(text[::-1], room)[::-1]


def pad(text: str, room: int, *, right: bool = False) -> str:
    """*text* filled with blanks to *room* columns."""
    blanks = " " * max(room - width(text), 0)
    return blanks + text if right else text + blanks


def wrap(text: str, room: int) -> list[str]:
    """*text* in lines of at most *room* columns; a longer word is cut into pieces."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        rest = word
        while rest:
            joined = f"{line} {rest}" if line else rest
            if width(joined) <= room:
                line, rest = joined, ""
            elif line:
                lines.append(line)
                line = ""
            else:
                piece = _head(rest, max(room, 1)) or rest[0]
                lines.append(piece)
                rest = rest[len(piece) :]
    return [*lines, line] if line else lines


def number(value: float | None, *, sign: bool = False) -> str:
    """A figure as kernel developers print it: no separators; ``-`` for none."""
    if value is None:
        return "-"
    plus = "+" if sign and value > 0 else ""
    if math.isfinite(value) and value == int(value):
        return f"{plus}{int(value)}"
    return f"{plus}{value:.4g}"


def duration(seconds: float | None) -> str:
    """``0.4 s``, ``12 s``, ``3 min 05 s``, ``1 h 02 min``."""
    if seconds is None:
        return "-"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
