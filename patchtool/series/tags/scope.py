# SPDX-License-Identifier: GPL-2.0-or-later
"""Which patches a tag is for, as people say it: ``patches 4, 5 and 6``, ``for the series``. Pure.

Only words that give count: "thanks for the series" and "patch 3 needs work" say nothing of that.
"""

from __future__ import annotations

import re

from patchtool.series.tags.value import Scope

_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_COUNT = rf"(?:{'|'.join(_SMALL)}|[0-9]{{1,3}})"
_NUMBER = r"#?[0-9]{1,3}(?:/[0-9]{1,3})?"
_AND = r"(?: ?, ?(?:(?:and|or|&) ?)?| (?:and|to|through|thru) | ?(?:-|\N{EN DASH}|\.\.|&|\+) ?)"
_LIST = (
    rf"{_NUMBER}(?:{_AND}(?:patch(?:es)? )?{_NUMBER}){{0,40}}+"  # no way back: it could double
    r"(?![\w.]{0,20}[0-9]|%)"
)
_PATCHES = rf"(?:the )?patch(?:es|\(es\)|s)? ?(?:no\.? ?|numbers? |-)?(?P<list>{_LIST})"
_SLASHED = rf"(?P<slashed>(?=[^ ]*/){_LIST})"
_PLACED = (
    rf"(?:the |your )?(?P<place>{'|'.join(_PLACES)}|last)"
    rf"(?: (?P<count>{_COUNT}))? patch(?:es)?\b(?! (?:series|set))"
)
_SERIES = r"(?:patch[ -]?)?(?:series|set)\b"
_ALL = (
    rf"(?:all|both)(?: of)?(?: (?:the|these|those|your|of))?(?: {_COUNT})?"
    r"(?: of)?(?: the| these)? (?:patch(?:es)?\b|them\b)(?! [0-9])"
    rf"|(?:all {_COUNT}|both)\b(?! (?!and\b|of them)\w)"
)
_WHOLE = (
    rf"(?P<whole>(?:(?:the|this|your) )?(?:(?:whole|entire|full|complete) )?{_SERIES}"
    rf"|(?:the )?(?:whole|entire) thing\b|{_ALL})"
)
_BUT = (
    r"(?:,? ?\(?(?:but|except(?:ing)?(?: for)?|other than|apart from|excluding|besides|minus"
    r"|without)"
    rf" (?:the )?(?:patch(?:es)? ?)?(?P<but>{_LIST}))?"
)
_WHERE = rf"(?:{_PATCHES}|{_SLASHED}|{_PLACED}|{_WHOLE}{_BUT})"
_GIVES = (
    r"(?:add|adding|have|take|give|gave|giv(?:en|ing)|apply|applies|feel free|goes|here(?:'s| is))"
)
_APPROVES = (
    r"(?:lgtm|looks? (?:all )?(?:good|fine|great|ok|okay|nice|sane|reasonable)|r-?b|a-?b|t-?b|tags?"
    r"|acks?|ack(?:ed)?(?:-by)?|review(?:ed)?(?:-by)?|test(?:ed)?(?:-by)?)"
)
_FITS = (
    r"(?:all )?(?:(?:is|are) (?:all )?(?:good|fine|ok|okay|great|now)|looks?|lgtm|seems?|reads?"
    r"|works?|(?:is|are) reviewed)"
)
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:\A\W{{0,3}}|[,;:] )(?:(?:and|so|anyway|but),? )?for {_WHERE}",
        rf"\b{_GIVES}\b[^;]{{0,120}}?\b(?:for|to|on) {_WHERE}",
        rf"\b{_APPROVES}\b(?: to me| from me)?[,:]? (?:for|on) {_WHERE}",
        rf"(?:\A\W{{0,3}}|[,;:] )(?:(?:so|anyway|ok),? )?{_WHERE}[,:]?(?: {_FITS}|\Z)",
        rf"\b(?:reviewed|tested|checked|read|went through|looked (?:at|through|over)) {_WHERE}",
    )
)
_LEFT_OUT = re.compile(
    r"\A\W{0,3}(?:except(?: for)?|apart from|other than|all but|with the exception of)"
    rf" (?:\w+ ){{0,3}}?{_PATCHES}",
    re.IGNORECASE,
)
_NOTE = re.compile(rf"(?:(?:for|to|on|of|in) )?(?:just |only )?{_WHERE}(?: only)?\Z", re.IGNORECASE)
_COUNTED = re.compile(r"[0-9]{1,3} ?(?:-|\N{EN DASH}|to|,|and|&) ?[0-9][-0-9, &]*\Z")
_BEHIND = re.compile(rf"\b(?:for|to|on) (?:just |only )?{_WHERE}", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|skip(?:ped)?|\w+n't|thanks?|comments?|questions?)\b", re.IGNORECASE
)
_RANGE = re.compile(r"([0-9]+)(?:/[0-9]+)?(?: ?(-|\N{EN DASH}|to|through|thru|\.\.) ?)?")
_LONGEST = 400  # characters that are looked at
_WIDEST = 200  # patches in a range


def of_note(text: str) -> Scope | None:
    """What a note or comment beside a tag says: ``[for patch 2]``, ``# 1/3``, ``(1-3)``."""
    note = " ".join(text.split()).strip("#[]() .,;:-")[:_LONGEST]
    if _COUNTED.match(note):
        return Scope(text.strip(), _numbers(note))
    found = _NOTE.match(note) or _BEHIND.search(note)
    return _scope(found, text.strip()) if found else None


def of_sentence(text: str) -> Scope | None:
    """What the sentence in front of a tag, or behind it, says."""
    sentence = " ".join(text.split())[-_LONGEST:].strip()
    if found := _LEFT_OUT.match(sentence):
        return Scope(sentence, but=_numbers(found["list"]))
    for form in _FORMS:
        found = form.search(sentence)
        if found and not _NOT.search(_clause(sentence, found)):
            return _scope(found, sentence)
    return None


def _clause(sentence: str, found: re.Match[str]) -> str:
    """The words before the patches are named, from the last comma on."""
    named = max(found.start(name) for name in found.groupdict())
    return re.split("[,;:]", sentence[:named])[-1]


def of_words_behind(text: str) -> Scope | None:
    """What follows a tag and goes on with its sentence: ``for the whole series``."""
    words = " ".join(text.split())[:_LONGEST].strip(" ,.;-([")
    found = _BEHIND.match(words)
    return _scope(found, words) if found else None


def _scope(found: re.Match[str], text: str) -> Scope | None:
    parts = found.groupdict()
    listed = parts.get("list") or parts.get("slashed")
    if listed:
        numbers = _numbers(listed)
        return Scope(text, numbers) if numbers else None
    if parts.get("place"):
        return Scope(text, _placed(parts["place"].lower(), (parts["count"] or "").lower()))
    return Scope(text, but=_numbers(parts["but"] or ""))


def _placed(place: str, count: str) -> tuple[int, ...]:
    many = _SMALL.index(count) + 1 if count in _SMALL else int(count or 1)
    many = min(many, _WIDEST)
    if place == "last":
        return tuple(range(-many, 0))
    first = _PLACES.index(place) + 1
    return tuple(range(first, first + many))


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers in a list with ranges, each once."""
    found: dict[int, None] = {}
    start: int | None = None
    for match in _RANGE.finditer(text):
        number = int(match[1])
        if start is not None and start < number <= start + _WIDEST:
            found.update(dict.fromkeys(range(start, number)))
        found[number] = None
        start = number if match[2] else None
    return tuple(found)
