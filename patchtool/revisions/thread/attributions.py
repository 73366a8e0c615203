# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines above a quote that say who wrote it, in the languages of mail programs. Pure.

"On ..., Name wrote:" is told by its verb, or by a date beside a name. Headers below "Original
Message", or three in a row, begin a quote that has no marks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 4000  # characters of a line that are looked at
_LINES = 4  # that an attribution is wrapped to
_FEW = 6  # words of one that has neither name nor date
#: English, German, Dutch, Scandinavian, French, Italian, Spanish, Portuguese, Polish, Czech,
#: Finnish, Turkish, Hungarian, Russian, Ukrainian; Chinese, Japanese, Korean.
_WROTE = re.compile(
    r"\b(?:wrote|writes|said|says|schrieb|schreibt|schreef|skrev|skriver|a \xe9crit|\xe9crit"
    r"|ha scritto|scrive|escribi\xf3|escribe|escreveu|escreve|napisa\u0142\(?a?\)?|pisze"
    r"|napsal\(?a?\)?|kirjoitti|yazd\u0131|\xedrta|\u043f\u0438\u0448\u0435\u0442"
    r"|\u043d\u0430\u043f\u0438\u0441\u0430\u043b\(?\u0430?\)?"
    r"|\u043f\u0438\u0441\u0430\u043b\(?\u0430?\)?|\u043f\u0438\u0448\u0435)\b"
    r"|\u5199\u9053|\u5beb\u9053|\u5199\u5230|\u5beb\u5230|\u66f8\u304d\u307e\u3057\u305f"
    r"|\u306e(?:\u30e1\u30c3\u30bb\u30fc\u30b8|\u30e1\u30fc\u30eb)"
    r"|\ub2d8\uc774 (?:\uc791\uc131|\uc4f4)",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\d{1,2}[:.\u6642\u65f6]\d\d|\b(?:19|20)\d\d\b|(?:19|20)\d\d[\u5e74\ub144]"
    r"|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
)
_WITH_ADDRESS = re.compile(r"([^,<>:\"\d]{2,60})\"?\s*\(?<[^<>\s]{1,100}>")
_BARE = re.compile(r"[^,<>:\"\d\uff1a]{2,60}\Z")
_ORIGINAL = re.compile(
    r"-{2,}\s?(?:Original|Forwarded|Urspr|Weitergel|Message d'origine|Message transf|Mensaje"
    r"|Mensagem|Messaggio|Oorspronkelijk|Oprindelig|\u0418\u0441\u0445\u043e\u0434\u043d"
    r"|\u041f\u0435\u0440\u0435\u0441\u044b\u043b|\u539f\u59cb|\u90ae\u4ef6\u539f\u4ef6"
    r"|\u90f5\u4ef6\u539f\u4ef6|\u5143\u306e\u30e1|\uc6d0\ubcf8)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\*?(?:From|Sent|Date|To|Cc|Subject|Von|Gesendet|Datum|An|Betreff|De|Envoy\xe9"
    r"|\xc0|Objet|Enviado(?: el| em)?|Para|Asunto|Assunto|Da|Inviato|A|Oggetto"
    r"|\u041e\u0442|\u041e\u0442\u043f\u0440\u0430\u0432\u043b\u0435\u043d\u043e"
    r"|\u041a\u043e\u043c\u0443|\u0414\u0430\u0442\u0430|\u0422\u0435\u043c\u0430"
    r"|\u041a\u043e\u043f\u0438\u044f"
    r"|\u53d1\u4ef6\u4eba|\u53d1\u9001\u65f6\u95f4|\u53d1\u9001\u65e5\u671f"
    r"|\u65e5\u671f|\u6536\u4ef6\u4eba|\u6284\u9001|\u4e3b\u9898"
    r"|\u5bc4\u4ef6\u8005|\u6536\u4ef6\u8005|\u526f\u672c|\u4e3b\u65e8"
    r"|\u5dee\u51fa\u4eba|\u9001\u4fe1\u65e5\u6642|\u65e5\u6642|\u5b9b\u5148|\u4ef6\u540d"
    r"|\ubcf4\ub0b8 ?\uc0ac\ub78c|\ubcf4\ub0b8 ?\ub0a0\uc9dc|\ubc1b\ub294 ?\uc0ac\ub78c"
    r"|\uc81c\ubaa9)\*?\s?[:\uff1a]",
    re.IGNORECASE,
)


def original(marked: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """With all that stands below "Original Message" as a quote."""
    for at, (depth, text) in enumerate(marked):
        if depth == 0 and (_ORIGINAL.match(text) or _outlook(marked, at)):
            below = at + 1
            while below < len(marked) and (_HEADER.match(marked[below][1]) or below == at + 1):
                below += 1
            head = [(1, "") for _ in range(at, below)]
            return [*marked[:at], *head, *((deep + 1, line) for deep, line in marked[below:])]
    return marked


def _outlook(marked: list[tuple[int, str]], at: int) -> bool:
    heads = [_HEADER.match(text) is not None for _, text in marked[at : at + 3]]
    return heads == [True, True, True]


def attribution_above(marked: list[tuple[int, str]], quote: int) -> int:
    """Where the paragraph above a quote begins."""
    at = quote
    while at > 0 and not marked[at - 1][1].strip() and quote - at < _LINES:
        at -= 1
    while at > 0 and marked[at - 1][0] == 0 and marked[at - 1][1].strip():
        at -= 1
        if quote - at > 2 * _LINES:
            return quote
    return at


def drop_attributions(marked: list[tuple[int, str]], names: Sequence[str]) -> None:
    """Take out "On ..., Name wrote:", at any depth, above what is quoted deeper."""
    for at in range(1, len(marked)):
        if marked[at][0] <= marked[at - 1][0]:
            continue
        end = at
        depth = marked[at - 1][0]
        while end > 0 and not marked[end - 1][1].strip() and marked[end - 1][0] == depth:
            end -= 1
        for size in range(1, _LINES + 1):
            start = end - size
            if start < 0 or marked[start][0] != depth or not marked[start][1].strip():
                break
            text = " ".join(line.strip() for _, line in marked[start:end])
            if is_attribution(text, names):
                above = marked[start - 1] if start else (-1, "")
                wrapped = _DATED.search(above[1]) or marked[start][1].startswith("<")
                if above[0] == depth and wrapped:
                    start -= 1
                marked[start:end] = [(depth, "")] * (end - start)
                break


def is_attribution(text: str, names: Sequence[str]) -> bool:
    """Whether *text* says that somebody wrote what stands below it."""
    text = text[:_LONGEST].rstrip()
    if not text.endswith((":", "\uff1a")):
        return False
    named = "@" in text or any(name and name in text for name in names)
    dated = _DATED.search(text) is not None
    wrote = _WROTE.search(text) is not None
    return (wrote and (named or dated or len(text.split()) <= _FEW)) or (named and dated)


def quoter(body: str) -> str:
    """Who wrote what a mail quotes first, by the attribution above; empty where there is none."""
    head = " ".join(body[:_LONGEST].partition("\n>")[0].split()[-30:])
    found = _WITH_ADDRESS.findall(head)
    wrote = list(_WROTE.finditer(head))
    if found:
        return _WROTE.split(found[-1])[-1].strip()
    if not wrote:
        return ""
    for part in (head[: wrote[-1].start()], head[wrote[-1].end() :].strip(" :\uff1a")):
        name = _BARE.search(part.strip())
        if name:
            return name[0].strip()
    return ""
