# SPDX-License-Identifier: GPL-2.0-or-later
"""How like each other two patches are, by what they change, where, and how they are called. Pure.

A line counts by its length, and less the more patches have it: ``return 0;`` tells nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from patchtool.revisions.lines import function_name, of_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.series.model import Patch

_NAME = re.compile(r"[A-Za-z_]\w{2,}")
_SUBJECT_WORD = re.compile(r"[\w()/.-]+")
_LONG = 40  # characters of a line that counts in full
_DULL = 2  # characters; a line that is no longer says next to nothing
_SMALL = 0.02
_FILLER = frozenset({
    "a", "an", "and", "as", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on", "or",
    "that", "the", "to", "use", "with",
})  # fmt: skip


class Like(NamedTuple):
    """How like two patches are, each from 0 to 1.

    Attributes:
        lines: Of the lines they add and remove, white space aside.
        names: Of the names in those lines.
        places: Of the files and functions.
        subject: Of the words of their subjects; 1 for the same subject.
    """

    lines: float
    names: float
    places: float
    subject: float

    @property
    def content(self) -> float:
        """All but the subject."""
        return 0.6 * self.lines + 0.25 * self.names + 0.15 * self.places

    @property
    def whole(self) -> float:
        """With the subject, which weighs less than the content."""
        return self.content + 0.35 * self.subject


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of a patch.

    Attributes:
        lines: Lines that it adds and removes, without white space, with their marks.
        names: Names in them.
        places: File and function of each.
        subject: Words of the subject, lower case.
        title: The subject itself, in lower case.
    """

    lines: Counter[str]
    names: Counter[str]
    places: Counter[str]
    subject: Counter[str]
    title: str


def profile(patch: Patch) -> Profile:
    """What is compared of *patch*."""
    lines: Counter[str] = Counter()
    names: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for diff in patch.files:
        places[diff.path] += 1
        lines[f"mode {diff.old_path} {diff.new_path} {diff.new_mode}"] += not diff.hunks
        for entry in of_file(patch.number, diff):
            if entry.mark == " ":
                continue
            lines[entry.mark + "".join(entry.text.split())] += 1
            names.update(_NAME.findall(entry.text))
            places[f"{diff.path} {function_name(entry.function)}"] += 1
    title = " ".join(patch.subject.lower().split())
    return Profile(lines, names, places, subject_words(title), title)


def subject_words(text: str) -> Counter[str]:
    """The words of a subject that say something."""
    found = (word.strip("().").rstrip("s") for word in _SUBJECT_WORD.findall(text.lower()))
    return Counter(word for word in found if word and word not in _FILLER)


class Scale:
    """What things are worth in two series: the more patches have them, the less.

    Args:
        old: The patches of OLD.
        new: The patches of NEW.
    """

    def __init__(self, old: Sequence[Profile], new: Sequence[Profile]) -> None:
        self.lines = _frequency([each.lines for each in old], [each.lines for each in new])
        self.names = _frequency([each.names for each in old], [each.names for each in new])
        self.subject = _frequency([each.subject for each in old], [each.subject for each in new])

    def like(self, old: Profile, new: Profile) -> Like:
        """How like two patches are."""
        same = old.title == new.title
        subject = 1.0 if same else 0.95 * _dice(old.subject, new.subject, self.subject)
        places = _dice(Counter(set(old.places)), Counter(set(new.places)), {})
        names = _dice(old.names, new.names, self.names)
        ours, theirs = self.weight(old), self.weight(new)
        common = _weight(old.lines & new.lines, self.lines)
        lines = 2 * common / (ours + theirs) if ours + theirs else 0.0
        return Like(lines, names, places, subject)

    def part_in(self, part: Profile, whole: Profile) -> float:
        """How much of the lines of *part* stands in *whole*, from 0 to 1."""
        weight = self.weight(part)
        return _weight(part.lines & whole.lines, self.lines) / weight if weight else 0.0

    def weight(self, of: Profile) -> float:
        """What all lines of a patch are worth."""
        return _weight(of.lines, self.lines)


def _frequency(old: Sequence[Counter[str]], new: Sequence[Counter[str]]) -> dict[str, int]:
    """In how many patches of one series a thing is, where it is in several."""
    counts = (Counter(key for each in side for key in each) for side in (old, new))
    ours, theirs = counts
    return {
        key: max(ours[key], theirs[key]) for key in {*ours, *theirs} if ours[key] + theirs[key] > 1
    }


def _worth(key: str) -> float:
    return _SMALL if len(key) <= _DULL + 1 else min(len(key), _LONG) / _LONG


def _weight(things: Counter[str], frequency: dict[str, int]) -> float:
    return sum(count * _worth(key) / frequency.get(key, 1) for key, count in things.items())


def _dice(old: Counter[str], new: Counter[str], frequency: dict[str, int]) -> float:
    def total(keys: Iterable[tuple[str, int]]) -> float:
        return sum(count / frequency.get(key, 1) for key, count in keys)

    both = total(old.items()) + total(new.items())
    return 2 * total((old & new).items()) / both if both else 0.0
