# SPDX-License-Identifier: GPL-2.0-or-later
"""What a single value in a manifest may look like. Pure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

#: A name of a counter or a figure.
TERM = r"[a-z][a-z0-9_]*"
_SUM = rf"\s*{TERM}(\s*\+\s*{TERM})*\s*"
INVARIANT = re.compile(rf"{_SUM}(==|<=|>=){_SUM}\Z")
_MESSAGE_ID = r"[^<>\s@]+@[^<>\s@]+"


def _like(pattern: str, what: str) -> AfterValidator:
    """A check that a text is wholly like *pattern*; *what* says what it should be."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(what)
        return value

    return AfterValidator(check)


def inside(value: str) -> bool:
    """Whether a path stays inside the folder it is relative to."""
    return not value.startswith("/") and ".." not in value.split("/")


def _relative(value: str) -> str:
    if not value or "\0" in value:
        raise ValueError("the name of a file is missing")
    if not inside(value):
        raise ValueError("the path must stay inside the series' folder")
    return value


def _invariant(value: str) -> str:
    if not INVARIANT.match(value):
        raise ValueError("write counters joined by + on both sides of one of == <= >=")
    return value


def _subject(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("a subject is one line of text")
    if re.match(r"\s*(?:\[[^\]]*\bPATCH\b|re:)", value, re.IGNORECASE):
        raise ValueError("a subject is written without its [PATCH ...] prefix")
    return value


Symbol = Annotated[
    str, _like(r"[A-Z0-9_]+", "a Kconfig symbol is written without CONFIG_, in capitals")
]
Counter = Annotated[
    str, _like(TERM, "a counter is named as in /proc/vmstat, such as compact_success")
]
Figure = Annotated[
    str, _like(TERM, "a figure is named in small letters, digits and _, such as swap_ins")
]
MessageId = Annotated[
    str, _like(_MESSAGE_ID, "a Message-ID is written without angle brackets, such as a.b@host")
]
Place = Annotated[
    str,
    _like(rf"{_MESSAGE_ID}|https?://\S+", "name a Message-ID without angle brackets, or a URL"),
]
Tag = Annotated[
    str,
    _like(
        r"[A-Za-z0-9][A-Za-z0-9._/+-]*", "a tag is named as in git, such as v6.12 or next-20121109"
    ),
]
Commit = Annotated[str, _like(r"[0-9a-f]{7,64}", "a commit is written as 7 to 64 small hex digits")]
RelativePath = Annotated[str, AfterValidator(_relative)]
Invariant = Annotated[str, AfterValidator(_invariant)]
Subject = Annotated[str, AfterValidator(_subject)]
TestName = Annotated[
    str,
    _like(
        r"test_\w+\.py::test_\w+(\[[^\[\]\s]+\])?",
        "a test is named as pytest does: test_boot.py::test_boots",
    ),
]
