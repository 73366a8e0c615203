# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is who in two threads: several addresses of one name are one person. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchtool.series.model import Series

_PERSON = re.compile(r"\s*\"?([^<>\"]*?)\"?\s*<([^<>\s]+@[^<>\s]+)>")
_LIST = re.compile(r" via .*\Z| \(.*\)\Z", re.IGNORECASE)
_ROBOT = re.compile(
    r"(?:lkp|0day|kbuild|oliver\.sang)@|@syzkaller|syzbot|robot|patchwork-bot", re.IGNORECASE
)
_ROBOT_NAMES = re.compile(
    r"\b(?:0-?day|lkp|(?:kernel )?(?:test )?robot|syzbot|kbuild)\b", re.IGNORECASE
)
_CREDIT = re.compile(
    r"\([^()]{0,200}\)|\b(?:by|per|as|to|from|with|thanks|@)\b.*|\b\w{1,60}'s\b.*",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 400  # characters of a name with its address
_SHORT = 3  # letters; a part of a name that is shorter is not looked for


def name_and_address(text: str) -> tuple[str, str]:
    """The name, and the address in lower case; both empty where there is no address."""
    found = _PERSON.match(text[:_LONGEST])
    if found is None:
        return "", text.strip().lower() if "@" in text else ""
    return _LIST.sub("", found[1].strip()), found[2].lower()


def is_robot(text: str) -> bool:
    """Whether a person is a program that tests patches."""
    return _ROBOT.search(text) is not None


class People:
    """The persons that texts ``Name <address>`` are of.

    Args:
        texts: Everybody there is; of one person, the first text is the key.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._keys: dict[str, str] = {}
        for text in texts:
            marks = list(self._marks(text))
            known = next((self._keys[mark] for mark in marks if mark in self._keys), text)
            for mark in marks:
                self._keys.setdefault(mark, known)

    @staticmethod
    def _marks(text: str) -> Iterator[str]:
        name, address = name_and_address(text)
        if address:
            yield address
        if " " in name:
            yield " ".join(sorted(name.lower().replace(",", " ").split()))

    def key(self, text: str) -> str:
        """What all texts of one person share."""
        return next((self._keys[mark] for mark in self._marks(text) if mark in self._keys), text)

    def same(self, one: str, two: str) -> bool:
        """Whether two texts are of one person."""
        return self.key(one) == self.key(two)


def everybody(*postings: Series) -> People:
    """All who sent, signed, answered or are named in a tag."""
    return People(text for series in postings for text in _texts(series))


def _texts(series: Series) -> Iterator[str]:
    yield series.author
    for patch in series.patches:
        yield patch.author
        yield from (each.author for each in patch.reviews)
        yield from (each.value for each in patch.trailers if "@" in each.value)
    yield from (each.author for each in series.reviews)
    yield from (each.value for each in series.trailers if "@" in each.value)


def authors(series: Series, people: People) -> frozenset[str]:
    """Who posted the series, wrote a patch of it, or signed one off."""
    signed = (
        each.value
        for patch in series.patches
        for each in patch.trailers
        if each.name.lower() == "signed-off-by" and each.given_in is None
    )
    texts = (series.author, *(patch.author for patch in series.patches), *signed)
    return frozenset(people.key(text) for text in texts if text)


def named_in(text: str, who: Iterable[str]) -> tuple[str, ...]:
    """Those of *who* that a text names: in full, or by a part of the name where it gives credit."""
    everyone = dict.fromkeys(who)
    found = [each for each in everyone if _in_full(each, text)]
    for each in found:
        text = text.replace(name_and_address(each)[0], "")  # two may have one first name
    credit = " ".join(_CREDIT.findall(text))
    found += [each for each in everyone if each not in found and _in_part(each, text, credit)]
    return tuple(each for each in everyone if each in found)


def _in_full(who: str, text: str) -> bool:
    name, address = name_and_address(who)
    return (" " in name and name in text) or (address != "" and address in text.lower())


def _in_part(who: str, text: str, credit: str) -> bool:
    if is_robot(who):
        return _ROBOT_NAMES.search(text) is not None
    parts = [part.strip(",.") for part in name_and_address(who)[0].split()]
    return any(
        len(part) >= _SHORT and re.search(rf"\b{re.escape(part)}\b", credit) for part in parts
    )
