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
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
        places: Files, and files with functions, each once.
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
        places[diff.path] = 1
        lines[f"mode {diff.old_path} {diff.new_path} {diff.new_mode}"] += not diff.hunks
        for entry in of_file(patch.number, diff):
            if entry.mark == " ":
                continue
            lines[entry.mark + "".join(entry.text.split())] += 1
            names.update(_NAME.findall(entry.text))
            places[f"{diff.path} {function_name(entry.function)}"] = 1
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
        def bag(of: Callable[[Profile], Counter[str]], worth: Callable[[str], float]) -> _Bags:
            return _Bags(_frequency(map(of, old), map(of, new)), worth)

        self._lines = bag(lambda each: each.lines, _worth)
        self._names = bag(lambda each: each.names, lambda _: 1.0)
        self._places = _Bags({}, lambda _: 1.0)
        self._subject = bag(lambda each: each.subject, lambda _: 1.0)

    def like(self, old: Profile, new: Profile) -> Like:
        """How like two patches are."""
        same = old.title == new.title
        return Like(
            self._lines.dice(old.lines, new.lines),
            self._names.dice(old.names, new.names),
            self._places.dice(old.places, new.places),
            1.0 if same else 0.95 * self._subject.dice(old.subject, new.subject),
        )

    def part_in(self, part: Profile, whole: Profile) -> float:
        """How much of the lines of *part* stands in *whole*, from 0 to 1."""
        weight = self.weight(part)
        return self._lines.common(part.lines, whole.lines) / weight if weight else 0.0

    def weight(self, of: Profile) -> float:
        """What all lines of a patch are worth."""
        return self._lines.of(of.lines)[1]


class _Bags:
    """Things of one kind that patches have, weighed once for each patch."""

    def __init__(self, frequency: Mapping[str, int], worth: Callable[[str], float]) -> None:
        self._frequency = frequency
        self._worth = worth
        self._known: dict[int, tuple[dict[str, float], float]] = {}  # by the id of the bag

    def of(self, things: Counter[str]) -> tuple[dict[str, float], float]:
        """What each thing of a patch is worth, and all of them; the patch is kept elsewhere."""
        known = self._known.get(id(things))
        if known is None:
            weights = {
                key: count * self._worth(key) / self._frequency.get(key, 1)
                for key, count in things.items()
            }
            known = self._known[id(things)] = (weights, sum(weights.values()))
        return known

    def common(self, old: Counter[str], new: Counter[str]) -> float:
        """What is in both."""
        ours, theirs = sorted((self.of(old)[0], self.of(new)[0]), key=len)
        return sum(min(value, theirs[key]) for key, value in ours.items() if key in theirs)

    def dice(self, old: Counter[str], new: Counter[str]) -> float:
        """What is in both, twice, as a part of all."""
        both = self.of(old)[1] + self.of(new)[1]
        return 2 * self.common(old, new) / both if both else 0.0


def _frequency(old: Iterable[Counter[str]], new: Iterable[Counter[str]]) -> dict[str, int]:
    """In how many patches of one series a thing is, where it is in several."""
    ours, theirs = (Counter(key for each in side for key in each) for side in (old, new))
    return {
        key: max(ours[key], theirs[key]) for key in {*ours, *theirs} if ours[key] + theirs[key] > 1
    }


def _worth(key: str) -> float:
    return _SMALL if len(key) <= _DULL + 1 else min(len(key), _LONG) / _LONG
