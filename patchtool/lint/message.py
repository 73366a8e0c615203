# SPDX-License-Identifier: GPL-2.0-or-later
"""The tags in a commit message, each with its line. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.series.message_end import FIRST_LINE

if TYPE_CHECKING:
    from patchtool.series.model import Patch

_TAG = re.compile(
    r"\s{0,8}((?:[A-Za-z]+-){1,3}by|sign(?:ed)?[- ]?off?[- ]by|Fixes|Links?|Closes|Cc|Change-Id)"
    r"\s*:\s*(.*)\Z",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>|(?:^|\s)([^<>\s@]+@[^<>\s@,]+)")


@dataclass(frozen=True, slots=True)
class Tag:
    """A ``Name: value`` line of a commit message.

    Attributes:
        name: As it was written.
        value: What stands behind the colon.
        line: Its line in the message; see :attr:`Finding.place`.
        next: The line below it, for a value that was folded.
    """

    name: str
    value: str
    line: int
    next: str = ""

    def named(self, name: str) -> bool:
        """Whether its name is *name*, in whatever case."""
        return self.name.lower() == name.lower()

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"message:{self.line}"

    @property
    def whole(self) -> str:
        """The line."""
        return f"{self.name}: {self.value}"

    @property
    def address(self) -> str:
        """The mail address in it, lower case; empty where there is none."""
        return address(self.value)

    @property
    def person(self) -> str:
        """The name in front of the address."""
        return self.value.partition("<")[0].strip(' "')


def tags(patch: Patch) -> tuple[Tag, ...]:
    """The tags that stand in the message of a patch, in order."""
    lines = [*patch.message.split("\n"), ""]
    found = []
    for at, line in enumerate(lines[:-1]):
        if match := _TAG.match(line.rstrip()):
            found.append(Tag(match[1], match[2], at + FIRST_LINE, lines[at + 1].strip()))
    return tuple(found)


def address(text: str) -> str:
    """The first mail address in *text*, lower case; empty where there is none."""
    match = _ADDRESS.search(text)
    return (match[1] or match[2]).lower() if match else ""
