# SPDX-License-Identifier: GPL-2.0-or-later
"""Change logs: what a cover letter or a patch says changed since it was last posted. Pure."""

from __future__ import annotations

import re

from patchtool.series.model import Change

_LOG = r"(?:changes?|changed|change[ -]?log|diff(?:erence)?s?|updates?|history|what'?s new|new)"
_THING = r"(?:rfc[ -]?|patch(?:set|es)? ?|series |version |revision |rev\.? )"
_V = r"v([0-9]{1,4})(?!\.?[0-9])"
_FRONT = r"[ \t]{0,8}(?:[-*+#=o\u2022]{1,4}[ \t]{1,4})?\[?"
_BEHIND = r"\]?(?:[ \t]{0,4}\([^()]{0,200}\))?(?:[ \t]+changes?)?[ \t]{0,4}"
_END = r"(?:[:.]|[-\u2013\u2014](?=[ \t])|\Z)"
#: `v1 -> v2:`, `from v1 to v2`
_ARROW = re.compile(
    rf"{_FRONT}(?:{_LOG}[ \t]+)?(?:from |between |since )?{_THING}?v?([0-9]{{1,4}})[ \t]*"
    rf"(?:[-=]{{1,3}}>|\u2192|\.{{2,3}}|to|and)[ \t]*{_THING}?{_V}{_BEHIND}(?:[:.]|\Z)",
    re.IGNORECASE,
)
#: `Changes since v1:`, `Since RFC v2`
_SINCE = re.compile(
    rf"{_FRONT}(?:{_LOG},?[ \t]+)?(?:since|from|compared to|relative to|against|over|vs\.?)[ \t]+"
    rf"(?:the )?(?:last |previous )?(?:{_THING}{{0,2}}{_V}|{_THING}([0-9]{{1,4}})|"
    rf"(rfc)){_BEHIND}{_END}",
    re.IGNORECASE,
)
#: `v8: …`, `Changes in v3 (2012-08-21):`, `Version 2:`, `v4 changes:`
_IN = re.compile(
    rf"{_FRONT}(?:{_LOG}[ \t:]+)?(?:(?:in|for|of|with)[ \t]+)?(?:this )?"
    rf"(?:{_THING}{{0,2}}{_V}|{_THING}([0-9]{{1,4}})){_BEHIND}{_END}",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"-{2,3}[ \t]*\Z|diff -|[A-Z][A-Za-z]*(?:-[a-z]+)*-by: |base-commit: |change-id: "
    r"|[ \t]{0,8}\S.{0,300}[ \t]\|[ \t]{1,20}(?:[0-9]+ ?[-+]*|Bin.{0,60})[ \t]*\Z"
    r"|[ \t]{0,4}[0-9]+ files? changed"
)
_PLAIN = re.compile(r"[A-Za-z0-9\"'(<\[]")
_NUMBERED = re.compile(r"[0-9]|rfc", re.IGNORECASE)
_LONGEST = 1000  # characters of a line that is looked at


def parse(text: str) -> tuple[Change, ...]:
    """What *text* says of each revision, newest first; the heading belongs to the text.

    ``Changes since v1`` is about v2. A part ends at the next heading, at a diffstat, at a
    trailer, and where a paragraph follows that is neither indented nor a list.
    """
    changes = [
        Change(revision, "\n".join(lines).strip("\n"))
        for revision, lines in _parts(text)
        if revision is not None
    ]
    return tuple(sorted(changes, key=lambda change: -change.revision))


def without(text: str) -> str:
    """*text* without its change logs."""
    return "\n".join(line for revision, lines in _parts(text) if revision is None for line in lines)


def _parts(text: str) -> list[tuple[int | None, list[str]]]:
    """The text in parts: those about one revision, and what stands between them."""
    parts: list[tuple[int | None, list[str]]] = [(None, [])]
    for line in text.split("\n"):
        start, (about, lines) = line[:_LONGEST], parts[-1]
        revision = _heading(start)
        if revision is not None:
            parts.append((revision, [line]))
        elif about is not None and _ends(lines, start):
            parts.append((None, [line]))
        else:
            lines.append(line)
    return parts


def _ends(part: list[str], line: str) -> bool:
    """Whether the part is over before *line*."""
    if _STOP.match(line):
        return True
    begun = any(text.strip() for text in part[1:]) or part[0].rstrip()[-1:] not in (":", "", ")")
    return begun and not part[-1].strip() and _PLAIN.match(line) is not None


def _heading(line: str) -> int | None:
    """The revision a part of a change log is about, if *line* starts one."""
    if _NUMBERED.search(line) is None:  # most lines are not, and this tells so in no time
        return None
    if found := _ARROW.match(line):
        return max(int(found[1]), int(found[2]))
    if found := _SINCE.match(line):
        return int(found[1] or found[2] or 0) + 1
    if found := _IN.match(line):
        return int(found[1] or found[2])
    return None
