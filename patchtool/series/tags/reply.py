# SPDX-License-Identifier: GPL-2.0-or-later
"""The tags a reply gives: for which patches, on what condition, and whether he may. Pure.

The words that say so stand behind the tag, in a note below it, in the sentence in front of it, or
go on below it. Time is linear in the size of the reply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.series.tags import condition, scope
from patchtool.series.tags.commit_message import TITLE_LINES, TRAILER, is_open
from patchtool.series.tags.own_text import own_lines
from patchtool.series.tags.person import same_person
from patchtool.series.tags.value import Scope, Trailer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GIVEN = re.compile(r"[a-z][a-z-]*-by|fixes|link|closes", re.IGNORECASE)
_ANY = re.compile(  # most replies give none, and this tells so in no time
    r"^[ \t\xa0]*(?:[a-z][a-z-]*-by|fixes|link|closes)[ \t\xa0]*:", re.IGNORECASE | re.MULTILINE
)
_FOLDED = re.compile(r"[^\s@]*<?[^\s<>@]+@[^\s<>@]+>?(?:\s.*)?\Z")
_MAILTO = re.compile(r"<mailto:[^<>]*>")  # left by programs that turn HTML into text
_PERSON = re.compile(r"([^<>]*<[^<>\s]+@[^<>\s]+)>?\s*([#\[(][^>]*)?")
_BARE = re.compile(r"([^\s<>@]+@[^\s<>@]+?)[.,;]?(?:\s+([#\[(][^>]*)?(?:.*)?)?\Z")
_COMMIT = re.compile(r"(?:commit\s+)?[0-9a-f]{6,64}\b|https?://")
_PLACE = re.compile(r"\S*[0-9/#@]")  # a link, or the number of a bug
_NOTE = re.compile(r"\[(?![^\]\s]*:\s)|#\s")  # not `[name: what the maintainer changed]`
_FOR_A_FIX = re.compile(
    r"(?:reported.*|debugged|tested|bisected)-by|closes|link|fixes", re.IGNORECASE
)
_PASSING = re.compile(  # sentences between a condition and its tag
    r"\b(?:feel free|you (?:can|may)|add|have|take|thanks?|thank you|cheers|lgtm|looks? \w+"
    r"|good|nice|fine|great|reviewed|acked|tested|so|ok|okay|please|patch|series)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])(?<!i\.e\.)(?<!e\.g\.)\s+|\s+(?=[-*] )")
_PASSING_WORDS = 14
_PARAGRAPHS = 3  # in front of a tag that are looked at
_LINES = 12  # of each
_SENTENCES = 4
_NOTE_LINES = 4
_READ = 30  # tags of which the words around are read; a reply has one or two
_INDENTED = 4


@dataclass(slots=True)
class _Found:
    """A tag as it stands there: *beside* is what stands behind its value and in its note."""

    name: str
    value: str
    beside: str


@dataclass(slots=True)
class _Group:
    """Tags with nothing but empty lines between, the paragraphs in front, and the one behind."""

    before: list[list[str]]
    tags: list[_Found] = field(default_factory=list)
    behind: str = ""


def of_reply(text: str, message_id: str | None, sender: str = "") -> tuple[Trailer, ...]:
    """The tags a reply gives: not those it quotes, nor what its signature or a patch in it has.

    What stands behind an address is dropped if it is neither a comment nor a note. A Fixes
    that names no commit, and a Link that is none, are prose; what a robot asks to add to a commit
    that fixes its report is for that commit.

    Args:
        text: Its whole text.
        message_id: Its Message-ID, for :attr:`Trailer.given_in`.
        sender: ``Name <address>`` of who sent it; empty where that is not known.
    """
    found: list[Trailer] = []
    if _ANY.search(text) is None:
        return ()
    for group in _groups(own_lines(text)):
        read = len(found) < _READ
        sentences = _in_front(group.before) if read else []
        asked = any(condition.is_for_a_fix(each) for each in sentences)
        where, terms = _meaning(sentences, group.behind if read else "")
        for tag in group.tags:
            if asked and _FOR_A_FIX.fullmatch(tag.name):
                continue
            beside = tag.beside if len(found) < _READ else ""
            person = tag.name.lower().endswith("-by") and sender
            other = bool(person) and not same_person(tag.value, sender)
            found.append(
                Trailer(
                    tag.name,
                    tag.value,
                    message_id or "",
                    scope=(scope.of_note(beside) if beside else None) or where,
                    condition=(condition.of_sentence(beside) if beside else "") or terms,
                    sent_by=sender if other else "",
                )
            )
    return tuple(dict.fromkeys(found))


def _meaning(sentences: Sequence[str], behind: str) -> tuple[Scope | None, str]:
    """For which patches, and on what condition, the words around a group give it."""
    where: Scope | None = None
    terms = ""
    for sentence in sentences:
        where = where or scope.of_sentence(sentence)
        terms = terms or condition.of_sentence(sentence)
    if behind.lstrip("([. ")[:1].islower():
        where = scope.of_words_behind(behind) or where
    return where, terms or condition.of_words_behind(behind)


def _in_front(paragraphs: Sequence[Sequence[str]]) -> list[str]:
    """The sentence in front of a tag, and those in front of it if it only passes on to them."""
    found: list[str] = []
    for paragraph in reversed(paragraphs):
        for sentence in reversed(_SENTENCE.split(" ".join(paragraph))):
            found.append(sentence)
            passing = len(sentence.split()) <= _PASSING_WORDS and _PASSING.search(sentence)
            if not passing or len(found) == _SENTENCES:
                return found
    return found


def _groups(lines: Sequence[str | None]) -> Iterator[_Group]:
    pasted = _pasted(lines)
    before: list[list[str]] = []
    group: _Group | None = None
    new = True  # whether the next line of text starts a paragraph
    at = 0
    while at < len(lines):
        line = lines[at]
        found, used = _tag(lines, at) if line and at not in pasted else (None, 1)
        if found is not None:
            group = group or _Group(before)
            group.tags.append(found)
            before, new = [], True
        elif line is None or line.strip():
            if group is not None:
                group.behind = _paragraph(lines, at)
                yield group
                group = None
            if line is None or at in pasted:
                before, new = [], True
            elif new:
                before = [*before[1 - _PARAGRAPHS :], [line.strip()]]
                new = False
            else:
                before[-1] = [*before[-1][1 - _LINES :], line.strip()]
        else:
            new = True
        at += used
    if group is not None:
        yield group


def _paragraph(lines: Sequence[str | None], at: int) -> str:
    """The first sentence of the paragraph that starts there."""
    found: list[str] = []
    for line in lines[at : at + _NOTE_LINES]:
        if not line or not line.strip():
            break
        found.append(line.strip())
    return _SENTENCE.split(" ".join(found))[0]


def _pasted(lines: Sequence[str | None]) -> set[int]:
    """Lines of indented blocks that hold tags and more: a message that is shown, not given."""
    found: set[int] = set()
    block: list[int] = []
    more = False
    for at, line in enumerate([*lines, None]):
        bare = line.expandtabs(8) if line else ""
        if line is not None and (not bare.strip() or bare[:_INDENTED].isspace()):
            if bare.strip():
                text = bare.strip()
                match = TRAILER.match(text)
                tag = match is not None and _GIVEN.fullmatch(match[1])
                more = more or not (tag or _FOLDED.match(text) or text[0] in "[(#")
                block.append(at)
            continue
        if more:
            found.update(block)
        block, more = [], False
    return found


def _tag(lines: Sequence[str | None], at: int) -> tuple[_Found | None, int]:
    """The tag on a line, and how many lines it has; None where it is none."""
    match = TRAILER.match((lines[at] or "").strip())
    if match is None or not _GIVEN.fullmatch(match[1]):
        return None, 1
    below = [(line or "").strip() for line in lines[at + 1 : at + 1 + _NOTE_LINES]]
    name, value = match[1].lower(), _MAILTO.sub("", match[2]).strip()
    used = 1
    if name == "fixes":
        for line in below[: TITLE_LINES - 1]:
            if not line or not is_open(value) or TRAILER.match(line):
                break
            value, used = f"{value} {line}", used + 1
        return (_Found(match[1], value, ""), used) if _COMMIT.match(value) else (None, 1)
    if not name.endswith("-by"):
        return (_Found(match[1], value, ""), used) if _PLACE.match(value) else (None, 1)
    if "@" not in value:
        if not _FOLDED.match(below[0] if below else "") or TRAILER.match(below[0]):
            return None, 1
        value, used = f"{value} {below.pop(0)}", used + 1
    person = _PERSON.match(value) or _BARE.match(value)
    if person is None:
        return _Found(match[1], value, ""), used
    close = ">" if "<" in person[1] else ""
    beside = value[person.end(1) :].lstrip("> ")
    note, more = _note(person[2] or "", below)
    extra = note[len(person[2] or "") :]
    whole = f"{person[1]}{close} {note}".strip()
    return _Found(match[1], whole, f"{beside}{extra}".strip()), used + more


def _note(note: str, below: Sequence[str]) -> tuple[str, int]:
    """The note behind an address, with what of it stands below, and how many lines that is."""
    parts = [note] if note else []
    more = 0
    if not note and below and _NOTE.match(below[0]):
        parts, more = [below[0]], 1
    if not parts or parts[0][:1] not in ("[", "("):
        return " ".join(parts), more
    close = "]" if parts[0][0] == "[" else ")"
    folded = more
    while close not in parts[-1]:
        if folded == len(below) or not below[folded] or TRAILER.match(below[folded]):
            return note, 0  # it has no end: only what stands on the line itself
        parts.append(below[folded])
        folded += 1
    return " ".join(parts), folded
