# SPDX-License-Identifier: GPL-2.0-or-later
"""What prose and code have in common: names, and words that begin alike. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from patchtool.revisions.pair import Difference, Line

_NAME = re.compile(r"`([^`]{1,80})`|([\w/.-]+(?:\(\))?)")
_PATH = re.compile(r".*\.(?:c|h|S|rst|yaml|dts|dtsi|txt)\Z|.*\w/\w.*")
_SHOUTED = re.compile(r"[A-Z][A-Z0-9]{2,60}\Z|[a-z]{1,60}[A-Z]\w{1,60}\Z")
_WORD = re.compile(r"[A-Za-z]{4,}")
_LONG = 10  # letters of a name that is looked for in others
_STEM = 5  # letters that two words of one kind share
_DULL = frozenset({
    "added", "also", "case", "chang", "code", "comme", "drop", "dropp", "fixed", "fixes", "from",
    "handl", "inclu", "inste", "into", "make", "more", "move", "moved", "only", "patch", "remov",
    "renam", "revie", "some", "sugge", "that", "them", "they", "this", "updat", "using", "when",
    "which", "with",
})  # fmt: skip


def names_in(text: str) -> Iterator[str]:
    """Words of prose that are names in code: quoted, called, with ``_``, or in capitals."""
    for quoted, word in _NAME.findall(text):
        name = word.strip(".-")
        if quoted:
            yield quoted.removesuffix("()")
        elif name.endswith("()") or "_" in name or _SHOUTED.match(name) or _PATH.match(name):
            yield name.removesuffix("()")


def names_of(difference: Difference) -> set[str]:
    """The names in a difference, and its file's."""
    text = "\n".join(line.text for line in (*difference.old, *difference.new))
    path = difference.path
    return {
        *re.findall(r"\w+", text),
        *re.findall(r"[\w./-]+", text),
        path,
        path.rpartition("/")[2],
    }


def names_of_lines(lines: Sequence[Line]) -> set[str]:
    """The names in lines of code; short ones say nothing."""
    return {name for line in lines for name in re.findall(r"[A-Za-z_]\w{3,}", line.text)}


def common_names(names: set[str], there: Collection[str]) -> set[str]:
    """The names that are there, as they are or, if they are long, as a part of another."""
    long = {name for name in names - set(there) if len(name) >= _LONG}
    return (names & set(there)) | {name for name in long if any(name in each for each in there)}


def stems_in(text: str) -> dict[str, str]:
    """What the words of a text begin with, and the first word that does, in order.

    Words that any change log has are left out.
    """
    found: dict[str, str] = {}
    for word in _WORD.findall(text.lower()):
        if word[:_STEM] not in _DULL:
            found.setdefault(word[:_STEM], word)
    return found


def stems_of(difference: Difference) -> dict[str, str]:
    """The same of a difference and its function, names taken apart."""
    text = "\n".join(line.text for line in (*difference.old, *difference.new))
    return stems_in(text.replace("_", " ")) | stems_in(difference.function.replace("_", " "))
