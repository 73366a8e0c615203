# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a mail in sentences, each with its line. Pure.

Greetings, closing formulas, names below them, and carets that point to a quoted line are no
sentences. Lines of code, logs and pasted commits are kept apart from what is said.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_CARETS = re.compile(r"[ \t]*\^[\^ \t~-]*")
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|evening|afternoon)|hallo|hola|bonjour|salut|ciao"
    r"|ol\xe1|moin|\u043f\u0440\u0438\u0432\u0435\u0442|\u4f60\u597d|\u60a8\u597d)\b"
    r"(?:[ ,]+[\w.'@-]+){0,4}\s*[,!.:]?\s*\Z",
    re.IGNORECASE,
)
_NAME_ONLY = re.compile(r"@?[\w.'-]+(?: [\w.'-]+){0,2}\s*[,:]\s*\Z")
_CLOSING = re.compile(
    r"(?:(?:many )?thanks(?: a lot| again)?|thank you|thx|cheers|(?:best|kind|warm|with best)?\s?"
    r"regards|br|best|sincerely(?: yours)?|have a nice day|mit freundlichen gr\w+|gr\S{1,20}s"
    r"|viele gr\S+"
    r"|cordialement|bien \S+ vous|saludos|un saludo|abra\xe7os?|atenciosamente|amicalement"
    r"|best wishes|take care|hth|yours(?: \w+)?)\s*[,.!]*(?:\s*/?\w+)?\s*\Z",
    re.IGNORECASE,
)
_LOG = re.compile(
    r"\[\s*\d{1,7}\.\d{3,6}\]|(?:RIP|CPU|Call Trace|Hardware name|Modules linked in)\b:?"
    r"|\S{1,300}:\d{1,7}:(?:\d{1,5}:)? (?:warning|error|note):|commit [0-9a-f]{12,40}\s*\Z"
)
_CODE = re.compile(r"(?:\t| {4,}| ?[+-](?![- ]?\w* ?\w*[.,?!]?\s*\Z)[ \t]|[+-]\t|[+-][\w#/{}*])")
_CODE_END = re.compile(r"[;{}\\]\s*\Z|\)\s*\Z|\*/\s*\Z|^\s*[#/{}]|,\s*\Z|:\s*\Z")
_WHOLE = re.compile(
    r"(?:if|for|while|switch) \([^?]{1,200}\)\s*\{?\Z|[a-z]\w{2,60}\([\w, &*>.\[\]-]{0,120}\);\Z"
)
_STATEMENT = re.compile(r"\S.*[;{]\s*\Z|[{}]\s*\Z|#(?:define|include|if|endif|else)\b|/\*|\*/")
_LIST = re.compile(r"[ \t]{0,6}(?:[-*+\u2022]|\(?[0-9a-z]{1,2}[.)]|\[[0-9]{1,2}\])[ \t]+\S")
_END = re.compile(r"[.?!]+[\"')\]]*(?=\s|\Z)|\n(?=\n)")
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|approx|no|fig|st|mr|ms|dr|aka|w\.r\.t)|\b[A-Za-z])\.\Z",
    re.IGNORECASE,
)
_TAG = re.compile(r"[A-Z][A-Za-z]+(?:-[A-Za-z]+)*-by: \S|(?:Fixes|Link|Closes|Cc): \S")
_FORMULA_LINES = 6
_LONGEST = 20_000  # characters of a piece that are read as sentences


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a piece of code.

    Attributes:
        text: As it was written, with its line ends.
        first: Number of its first line in the body.
        last: Number of its last line.
        paragraph: Number of its paragraph in the piece.
        code: Whether it is code, a log or a paste.
    """

    text: str
    first: int
    last: int
    paragraph: int
    code: bool = False

    @property
    def item(self) -> bool:
        """Whether it begins an entry of a list."""
        return not self.code and _LIST.match(self.text) is not None

    @property
    def line(self) -> str:
        """In one line."""
        return " ".join(self.text.split())


def sentences_of(
    lines: Sequence[str], first: int, names: Collection[str] = (), *, last_piece: bool = False
) -> tuple[Sentence, ...]:
    """The sentences of a piece.

    Args:
        lines: Of the piece.
        first: Number of the first of them in the body.
        names: Names of the writer, that stand below a closing formula.
        last_piece: Whether the mail ends with it.
    """
    rows = [(first + at, line.rstrip()) for at, line in enumerate(lines)]
    rows = [(number, _pointed(line)) for number, line in rows]
    rows = _without_forms(rows, names, last_piece=last_piece)
    out: list[Sentence] = []
    for paragraph, (code, block) in enumerate(_paragraphs(rows)):
        if code:
            text = "\n".join(line for _, line in block)
            out.append(Sentence(text, block[0][0], block[-1][0], paragraph, code=True))
        else:
            out += _split(block, paragraph)
    return tuple(out)


def _pointed(line: str) -> str:
    found = _CARETS.match(line)
    return line[found.end() :] if found and line.count("^") else line


def _without_forms(
    rows: list[tuple[int, str]], names: Collection[str], *, last_piece: bool
) -> list[tuple[int, str]]:
    """Without greeting and closing formula."""
    rows = list(rows)
    while rows and not rows[0][1].strip():
        rows.pop(0)
    if rows and (_GREETING.match(rows[0][1].strip()) or _NAME_ONLY.match(rows[0][1])):
        alone = len(rows) == 1 or not rows[1][1].strip()
        if alone or _GREETING.match(rows[0][1].strip()):
            rows.pop(0)
    while rows and not rows[-1][1].strip():
        rows.pop()
    return rows[: _end(rows, names)] if last_piece else rows


def _end(rows: Sequence[tuple[int, str]], names: Collection[str]) -> int:
    """Where the closing formula and the names below it begin."""
    low = {name.lower() for name in names} | {name.lower()[:1] for name in names}
    end = len(rows)
    at = end
    while at > 0 and end - at < _FORMULA_LINES:
        at -= 1
        text = rows[at][1].strip()
        words = text.split()
        if not text:
            continue
        if _CLOSING.match(text[:60]):
            return at
        signs = text.lower().strip("-/~ .,!") in low or all(
            word.lower().strip(".,/()'") in low for word in words
        )
        apart = at > 0 and not rows[at - 1][1].strip()
        alpha = all(word.strip(".,'").isalpha() for word in words)
        name = alpha and len(words) <= 2 and apart and text[:1].isupper()
        if not (signs or name or len(words) <= 2):
            break
        if signs or name:
            end = at
    while end > 0 and not rows[end - 1][1].strip():
        end -= 1
    return end


def _paragraphs(rows: Sequence[tuple[int, str]]) -> Iterator[tuple[bool, list[tuple[int, str]]]]:
    """Paragraphs and entries of lists, each with whether it is code."""
    block: list[tuple[int, str]] = []
    kind = False
    for number, line in rows:
        if not line.strip():
            if block and not kind:
                yield kind, block
                block = []
            elif block:
                block.append((number, line))  # code goes on behind an empty line
            continue
        code = is_code(line) or (kind and bool(block) and _goes_on(line))
        starts = not code and (_LIST.match(line) or _TAG.match(line)) is not None
        if block and (code is not kind or starts):
            yield kind, _stripped(block)
            block = []
        kind = code
        block.append((number, line))
    if block:
        yield kind, _stripped(block)


def _stripped(block: list[tuple[int, str]]) -> list[tuple[int, str]]:
    while len(block) > 1 and not block[-1][1].strip():
        block = block[:-1]
    return block


def _goes_on(line: str) -> bool:
    return line[:1] in " \t+-" or _STATEMENT.match(line.strip()[:400]) is not None


def is_code(line: str) -> bool:
    """Whether a line is code, of a diff, or of a log."""
    line = line[:400]
    text = line.strip()
    if _LOG.match(text):
        return True
    if line.startswith(("diff --git ", "index ", "@@ -", "--- a/", "+++ b/")):
        return True
    if _CODE.match(line) and not _LIST.match(line):
        return True
    if _LIST.match(line):
        return _CODE_END.search(text) is not None and text[-1:] in ";{}"
    if _WHOLE.match(text):
        return True
    ends = text[-1:] in ";{}" and any(mark in text for mark in "()=_{}")
    return (ends and not text[:1].isupper()) or text.startswith(("#define ", "#include "))


def _split(block: Sequence[tuple[int, str]], paragraph: int) -> Iterator[Sentence]:
    text = "\n".join(line for _, line in block)[:_LONGEST]
    starts = [0]
    for found in _END.finditer(text):
        before = text[max(0, found.start() - 8) : found.start() + 1]
        after = text[found.end() :].lstrip()
        aside = found[0][-1:] in ")]\"'" and after[:1].islower()  # "(theoretical?) risk"
        if aside or (found[0][:1] == "." and (_SHORT.search(before) or after[:1].islower())):
            continue
        starts.append(found.end())
    starts.append(len(text))
    for start, end in itertools.pairwise(starts):
        part = text[start:end]
        bare = part.strip()
        if not bare:
            continue
        lead = start + len(part) - len(part.lstrip())
        row = text.count("\n", 0, lead)
        yield Sentence(bare, block[row][0], block[row + bare.count("\n")][0], paragraph)
