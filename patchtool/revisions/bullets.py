# SPDX-License-Identifier: GPL-2.0-or-later
"""The change log of NEW since OLD, taken apart into bullets, and what they say of patches. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.revisions.record import Bullet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.model import Change, Series

_MARK = re.compile(r"([ \t]*)([-*+o\u2022]|--|->|[0-9]{1,2}[.)]|\([0-9]{1,2}\))[ \t]+(?=\S)")
_HEADING = re.compile(r"[^:]{0,80}:[ \t]*(.*)\Z|.*")
_LINK = re.compile(
    r"(?:link to )?(?:v[0-9]+|rfc)[^:]{0,20}: (?:https?:|mid:|<)\S+\Z", re.IGNORECASE
)
_TAB = 8
_ABOUT = re.compile(
    r"(?:patch(?:es)?|commits?)[ \t]*\(?#?"
    r"((?:[0-9]{1,3}(?:/[0-9]{1,3})?[ \t,&]{0,3}(?:and|to|-)?[ \t]{0,3}){1,20})",
    re.IGNORECASE,
)
_ONE = re.compile(r"([0-9]{1,3})(?:[ \t]*(?:-|to)[ \t]*([0-9]{1,3}))?")
_DROPS = re.compile(
    r"\b(?:drop(?:s|ped|ping)?|remov(?:e|es|ed|ing)|deleted?|get rid of|discard(?:ed)?|omit(?:ted)?"
    r"|gone)\b",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"\b(?:add(?:s|ed|ing)?|new|introduc(?:e|es|ed)|includ(?:e|ed))\b", re.IGNORECASE
)
_JOINS = re.compile(
    r"\b(?:squash(?:ed)?|merged?|fold(?:ed)?|combin(?:e|ed)|join(?:ed)?)\b", re.IGNORECASE
)
_PARTS = re.compile(
    r"\b(?:split|separat(?:e|ed)|broke|break|moved? .* (?:own|separate))\b", re.IGNORECASE
)
_REPLACES = re.compile(
    r"\b(?:instead of|replac(?:e|es|ed)|rewr(?:ite|ote|itten)|rework(?:ed)?|switch(?:ed)? to"
    r"|different approach|superseded?)\b",
    re.IGNORECASE,
)
_PATCH = re.compile(r"\b(?:patch(?:es)?|commits?)\b", re.IGNORECASE)


def bullets(old: Series, new: Series) -> tuple[Bullet, ...]:
    """What NEW says of the revisions after OLD, in the cover letter and in each patch.

    Where NEW bears no later revision than OLD, because it is a branch that was not posted yet,
    all that it says of later ones counts.
    """
    last = new.revision if new.revision > old.revision else None
    found: list[Bullet] = []
    mails = [(0, new.changelog if new.cover is not None else ())]
    mails += [(patch.number, patch.changelog) for patch in new.patches]
    for number, changes in mails:
        for change in changes:
            if change.revision > old.revision and (last is None or change.revision <= last):
                found += _of_change(change, number)
    return tuple(found)


def _of_change(change: Change, patch: int) -> Iterator[Bullet]:
    place = f"/{patch}" if patch else ""
    above: list[tuple[int, str]] = []
    entries = [entry for entry in _entries(change.text) if not _LINK.match(entry[1])]
    for number, (indent, text) in enumerate(entries, 1):
        while above and above[-1][0] >= indent:
            above.pop()
        name = f"v{change.revision}.{number}{place}"
        yield Bullet(
            id=name,
            revision=change.revision,
            patch=patch,
            text=text,
            level=len(above),
            above=above[-1][1] if above else "",
        )
        above.append((indent, name))


def _entries(text: str) -> list[tuple[int, str]]:
    """Indent and text of each entry of a part of a change log, wrapped lines joined."""
    heading, *lines = text.expandtabs(_TAB).split("\n")
    first = _HEADING.match(heading)
    rest = (first[1] or "").strip() if first else ""
    entries: list[tuple[int, list[str]]] = [(0, [rest])] if rest else []
    loose = True  # whether the next line without a mark begins an entry
    for line in lines:
        mark = _MARK.match(line)
        if mark:
            entries.append((len(mark[1]), [line[mark.end() :].strip()]))
        elif not line.strip():
            loose = True
            continue
        elif entries and not (loose and _outdented(entries[-1][0], line)):
            entries[-1][1].append(line.strip())
        else:
            entries.append((len(line) - len(line.lstrip()), [line.strip()]))
        loose = False
    return [(indent, " ".join(" ".join(pieces).split())) for indent, pieces in entries]


def _outdented(indent: int, line: str) -> bool:
    return len(line) - len(line.lstrip()) <= indent


@dataclass(frozen=True, slots=True)
class Statement:
    """What a bullet says of whole patches.

    Attributes:
        bullet: The bullet.
        drops: Whether it says that a patch was dropped.
        adds: Whether it says that a patch is new.
        joins: Whether it says that patches were squashed.
        parts: Whether it says that a patch was split.
        replaces: Whether it says that one thing took another's place.
        numbers: Of the patches that it names, of OLD or of NEW.
    """

    bullet: Bullet
    drops: bool
    adds: bool
    joins: bool
    parts: bool
    replaces: bool
    numbers: tuple[int, ...]


def statements(found: Sequence[Bullet]) -> tuple[Statement, ...]:
    """What the bullets say of whole patches."""
    return tuple(
        Statement(
            bullet=bullet,
            drops=bool(_DROPS.search(bullet.text)),
            adds=bool(_ADDS.search(bullet.text) and _PATCH.search(bullet.text)),
            joins=bool(_JOINS.search(bullet.text)),
            parts=bool(_PARTS.search(bullet.text)),
            replaces=bool(_REPLACES.search(bullet.text)),
            numbers=numbers_in(bullet.text),
        )
        for bullet in found
    )


def numbers_in(text: str) -> tuple[int, ...]:
    """The numbers of patches that a text names: ``patches 2, 4-6``, ``patch 3/5``."""
    numbers: list[int] = []
    for run in _ABOUT.findall(text[:2000]):
        for one in _ONE.finditer(re.sub(r"/[0-9]+", "", run)):
            first, last = int(one[1]), int(one[2] or one[1])
            numbers += range(first, min(last, first + 99) + 1)
    return tuple(dict.fromkeys(numbers))
