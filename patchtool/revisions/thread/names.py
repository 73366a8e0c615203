# SPDX-License-Identifier: GPL-2.0-or-later
"""What a remark names, asks for, and complains of. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CODE_NAME = re.compile(
    r"\b(?:[A-Za-z]\w*_\w+|_\w+|[A-Z][A-Z0-9]{2,}|[a-z]+[A-Z]\w*|[a-z]{1,12}[0-9]+\w*)\b"
    r"|\b[A-Za-z_]\w*(?=\(\))"
)
_QUOTED = re.compile(
    r"[`\"\u201c\u2018']([^`\"\n\u201c\u201d\u2018\u2019']{1,120})[`\"\u201d\u2019'](?!\w)"
)
_LIST = re.compile(r"(?<![\w-])(\w{2,20}(?:, ?\w{2,20}){2,20})(?![\w-])")
_SED = re.compile(r"\bs/([^/\n]{1,120})/([^/\n]{0,120})(?:/|(?=\s)|\Z)")
_TO = re.compile(
    r"\b(?:rename|change|replace|convert|switch|turn|move)\b[^.?!\n]{0,60}?\b(?:to|with|by|into)\s+"
    r"[`\"']?([a-z_][\w.>-]{1,60})"
    r"|\b(?:(?:call|name) (?:it|this|that)|(?:should|must|could|ought to) (?:\w+ )?be(?: an?"
    r"| the)?)"
    r"\s+[`\"']?([a-z_]\w{1,60})"
    r"|(\b[a-z_][\w.]{1,60})[`\"']? (?:instead|rather)(?! of)"
    r"|\b(?:use|using|call|calling|pass|return|take|have|prefer)\s+(?:the |an? )?[`\"']?"
    r"([a-z_]\w{1,60})(?:\(\))?[`\"']? (?:instead of|rather than|in place of)\b",
)
_PROPOSED = re.compile(
    r"\b(?:us(?:e|ing)|add(?:ing)?|call(?:ing)?|introduc(?:e|ing)|provide|return(?:ing)?"
    r"|includ(?:e|ing)|missing|lacks|forgot|something like|about|perhaps|maybe|prefer|just|define"
    r"|declare|initiali[sz]e"
    r"|suggest|via|pass(?:ing)?|set(?:ting)?|be|have)\s+[`\"'-]?"
    r"(?:(?:the|a|an|some|us(?:e|ing)|call|to|it|this)\s+[`\"']?){0,2}([a-z_]\w{1,60})"
    r"|([a-z_]\w{1,60})(?:\(\))?[`\"']? (?:instead(?! of)|would be|is better|is more"
    r"|seems? (?:better|more)|may be|might be|here\?)",
)
_AGAINST = re.compile(
    r"\b(?:instead of|rather than|drop|remove|delete|get rid of|avoid|without|no need (?:for"
    r"|to have|of)|don't need|do not need"
    r"|unnecessary|unneeded|redundant|useless|needless|superfluous|pointless|unused|stray|not"
    r"|kill|don't use|stop using|typo:?)"
    r"\s+(?:(?:the|this|that|these|those|a|an|of|any|all|using|have|having|to|call|calling|calls"
    r"|extra|your|use|for|it|from|into|in|by) ){0,4}[`\"']?([a-z_][\w.>-]{1,60})",
)
_FROM = re.compile(
    r"\b(?:rename|replace|change"
    r"|convert)\s+(?:the )?[`\"']?([a-z_][\w.>-]{1,60})[`\"']?(?:\(\))?"
    r"\s+(?:to|with|by|into)\b",
)
_AGAINST_BEHIND = re.compile(
    r"([a-z_]\w{1,60})(?:\(\))?[`\"']? (?:here |itself |check |call |flag |variable |label "
    r"|line |include |cast )?(?:(?:is|are|seems?|looks?|was) (?:\w+ )?(?:not needed|unnecessary"
    r"|unneeded|redundant|unused|useless"
    r"|superfluous|pointless|not used|not required|never used)|(?:can|could|should|must"
    r"|may) (?:just )?(?:be )?(?:dropped|removed|go away|go\b|deleted))",
)
REMOVAL: Final = re.compile(
    r"\b(?:drop|remove|delete|unnecessary|unneeded|not needed|needless\w*|redundant|superfluous"
    r"|useless|pointless|unused|no need"
    r"|get rid|stray|leftover|(?:don't|do not|doesn't|does not) (?:really )?need|dead code|kill"
    r"|not required|never used|not used|go away|why (?:do we need|is this needed)"
    r"|do we (?:really |still )?need|does this (?:really )?need|is (?:this|that|it) (?:really "
    r"|still )?(?:needed|necessary|required)|isn't (?:needed|necessary|used)|dropped|removed"
    r"|duplicat\w*)\b",
    re.IGNORECASE,
)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a table of them is written."""
    return frozenset(text.split())


#: Words of C that look like "should be removed".
_C_WORDS: Final = words("unsigned signed packed aligned shared")
#: Words that are in every remark and tell nothing.
_COMMON: Final = words(
    "a about above actually add added adding after again all almost already also although always "
    "an and another any anything are around as ask at away back be because been before being "
    "below better between both but by call can cannot case change changed changes check code "
    "comment commit could description did different do does doing done down drop each either else "
    "enough even ever every everything explain fine first fix for from function further get gets "
    "give goes going good got had has have having here how however idea if in instead into is "
    "isn't it its it's itself just keep kind know less let like line lines little log look looks "
    "lot make makes making many may maybe me mean mention message might missing more most much "
    "must my name need needed needs never next nit no not nothing now of off ok old on once one "
    "only or order other otherwise our out over own part patch patches perhaps place please point "
    "possible prefer probably put quite rather read really reason remove rest right said same say "
    "says see seem seems series set should simply since so some something sort still such sure "
    "take tell than that that's the their them then there these they thing things think this "
    "those though thus time to too try two under unless until up us use used user uses using very "
    "want was way we well were what when where whether which while who why will with without work "
    "works would wrong yes yet you your already typo version v2 v3 v4 useful explicitly clear "
    "clearly simple simpler easier nice nicer great also document documented describe write word "
    "words sentence text bit little number value values type variable variables file files test "
    "tests new"
)
_LONGEST = 6000


@dataclass(frozen=True, slots=True)
class Request:
    """What a remark is about, by its names.

    Attributes:
        names: Names and quoted words that it holds.
        proposed: Those of them that it proposes: "use X", "X instead", and what is quoted.
        quoted: Single words in quotes, and members of lists.
        targets: Those that are to be there: "use X", "rename it to X".
        against: Those that are to go: "drop X", "instead of X".
        phrases: Quoted text of several words, in lower case and single blanks.
        words: Other words that tell something, in lower case.
        removal: Whether something is to go.
    """

    names: frozenset[str]
    proposed: frozenset[str]
    quoted: frozenset[str]
    targets: frozenset[str]
    against: frozenset[str]
    phrases: frozenset[str]
    words: frozenset[str]
    removal: bool


def request_of(text: str) -> Request:
    """What *text* is about."""
    text = text[:_LONGEST].replace("don\u2019t", "don't")
    names: set[str] = set(_CODE_NAME.findall(text))
    phrases: set[str] = set()
    quoted: set[str] = set()
    for found in _QUOTED.finditer(text):
        inside = found[1].strip(" .,;()")
        if _TOKEN.fullmatch(inside):
            quoted.add(inside)
        elif " " in inside:
            phrases.add(" ".join(inside.lower().split()))
        names.update(_CODE_NAME.findall(inside))
    for found in _LIST.finditer(text):
        parts = [part.strip() for part in found[1].split(",")]
        quoted.update(part for part in parts if part.lower() not in _COMMON)
    names |= quoted
    asked = names.intersection(_named_by((_PROPOSED,), text))
    against = set(_named_by((_AGAINST, _FROM, _AGAINST_BEHIND), text))
    targets = set(_named_by((_TO,), text))
    for found in _SED.finditer(text):
        old, new = tokens(found[1]), tokens(found[2])
        against |= old - new
        targets |= new - old
        if len(new) > 1:
            phrases.add(" ".join(found[2].lower().split()))
    against = {each for each in against if each.lower() not in _COMMON}
    targets = {each for each in targets if each.lower() not in _COMMON} - against
    targets = {each for each in targets if each in _C_WORDS or not each.endswith("ed")}
    others = {
        word.lower()
        for word in _TOKEN.findall(text)
        if len(word) > 3 and word.lower() not in _COMMON
    }
    return Request(
        frozenset(each for each in names if each.lower() not in _COMMON) - against,
        frozenset(asked | quoted) - against,
        frozenset(quoted) - against,
        frozenset(targets),
        frozenset(against),
        frozenset(phrases),
        frozenset(others),
        REMOVAL.search(text) is not None,
    )


def _named_by(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[str]:
    """The names that patterns for small letters find, as they are written."""
    low = text.lower()
    if len(low) != len(text):  # a letter that has no small one of its own
        return
    for pattern in patterns:
        for found in pattern.finditer(low):
            start, end = found.span(found.lastindex or 0)
            yield _last(text[start:end])


def _last(name: str) -> str:
    """The member of ``foo->bar``."""
    parts: list[str] = _TOKEN.findall(name)
    return parts[-1]


def tokens(text: str) -> set[str]:
    """The words and names in a line."""
    return set(_TOKEN.findall(text))


def tokens_of(lines: Iterable[str]) -> set[str]:
    """The words and names in lines."""
    return {token for line in lines for token in _TOKEN.findall(line)}


def lowered(lines: Iterable[str]) -> str:
    """Lines as one text in lower case and single blanks, without their marks."""
    return " ".join(" ".join(line.lstrip("+- ") for line in lines).lower().split())


def names_in_words(names: Iterable[str]) -> str:
    """A few of the names, for a sentence."""
    return ", ".join(sorted(names)[:4])
