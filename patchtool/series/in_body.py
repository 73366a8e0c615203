# SPDX-License-Identifier: GPL-2.0-or-later
"""The headers that a message may start with: of another author, date or subject. Pure."""

from __future__ import annotations

import re

from patchtool.series.encoded_words import decode_words
from patchtool.series.envelope import seconds_of

_IN_BODY = re.compile(r"(From|Subject|Date):[ \t]+(\S.*)\Z", re.IGNORECASE)
_TITLE = re.compile(r"\[PATCH\][ \t]*(\S.*)\Z")


def split(text: str) -> tuple[dict[str, str], str]:
    """The From, Subject and Date lines a message starts with, by lower-case name, and the rest.

    As in git, their names are in any case, and a line that starts with ``[PATCH]`` ends them
    as a better subject.
    """
    lines = text.lstrip("\n").split("\n")
    found: dict[str, str] = {}
    at = 0
    while at < len(lines):
        match = _IN_BODY.match(lines[at].removeprefix(">"))
        if match is None:
            break
        name, value, end = match[1].lower(), match[2], at + 1
        while end < len(lines) and lines[end][:1] in (" ", "\t") and lines[end].strip():
            value += " " + lines[end].strip()
            end += 1
        value = decode_words(value)
        if not _is_field(name, value):
            break
        found.setdefault(name, value)
        at = end
    if at < len(lines) and "subject" not in found and (title := _TITLE.match(lines[at])):
        found["subject"] = title[1]
        at += 1
    return found, "\n".join(lines[at:])


def _is_field(name: str, value: str) -> bool:
    """Whether it can be the value of that header; a message may start with such a word."""
    if name == "date":
        return seconds_of(value) > 0
    return name != "from" or "@" in value
