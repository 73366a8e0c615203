# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a reply that is HTML, with ``>`` in front of what it quotes. Pure.

Not by :mod:`html.parser`: on a text such as ``<!`` a hundred thousand times its time grows with
the square of the size. Here a tag ends at its ``>`` or is none, and all is read once.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field

from patchtool.series.encoded_words import text_of

_PIECE = re.compile(
    r"<!--(?P<comment>)|<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:]{0,20})"
    r"(?P<more>(?![a-zA-Z0-9:])[^<>]{0,4000})>|<[!?][^<>]{0,4000}>"
)
_COMMENT_END = "-->"
_HIDDEN = frozenset(["head", "script", "style", "title"])
_BLOCK = re.compile(
    r"address|article|blockquote|body|center|dd|div|dl|dt|fieldset|footer|form|h[1-6r]|header|html"
    r"|li|main|ol|p|pre|section|table|tbody|thead|tr|ul"
)
_APART = re.compile(r"p|pre|h[1-6]|ul|ol|table")  # with an empty line around
_EMPTY = frozenset(["hr", "img", "meta", "input", "link"])
_KEPT = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_DEEPEST = 30  # quotes in quotes; more are taken for as many
_OPEN = 200  # elements in elements that are kept in mind


@dataclass(slots=True)
class _Page:
    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    depth: int = 0
    #: Open elements: the name, and whether white space in it is kept.
    within: list[tuple[str, bool]] = field(default_factory=list)
    open: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> bool:
        return bool(self.within) and self.within[-1][1]

    def text(self, text: str) -> None:
        """Add what stands between two tags."""
        if self.kept:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for each in rest:
                self.end(always=True)
                self.line.append(each)
            return
        text = _BLANKS.sub(" ", text)
        bare = not self.line or self.line[-1].endswith(" ")
        text = text.removeprefix(" ") if bare else text
        if text:
            self.line.append(text)

    def end(self, *, always: bool = False) -> None:
        """End the line, if it has text."""
        text = "".join(self.line).replace("\xa0", " ").rstrip()
        self.line = []
        if text or always:
            marks = ">" * min(self.depth, _DEEPEST)
            self.lines.append(f"{marks} {text}".rstrip() if marks else text)

    def apart(self) -> None:
        """Leave an empty line."""
        self.end()
        if self.lines and self.lines[-1].strip("> "):
            self.end(always=True)

    def tag(self, name: str, more: str, *, closes: bool) -> None:
        """Begin or end an element."""
        if name == "br":
            self.end(always=True)
            return
        if _APART.fullmatch(name):
            self.apart()
        elif _BLOCK.fullmatch(name):
            self.end()
        if closes:
            self.leave(name)
        elif not more.endswith("/"):
            kept = name == "pre" or _KEPT.search(more) is not None or self.kept
            if name not in _EMPTY and len(self.within) < _OPEN:
                self.within.append((name, kept))
                self.open[name] += 1
                self.depth += name == "blockquote"
            if name == "li":
                self.line = ["- "]

    def leave(self, name: str) -> None:
        """End an element, and those that were left open in it."""
        while self.open[name]:
            last, _ = self.within.pop()
            self.open[last] -= 1
            self.depth -= last == "blockquote"
            if last == name:
                break


def page_text(body: bytes, charset: str) -> bytes:
    """The text that a page shows, in UTF-8; a ``blockquote`` is quoted once deeper."""
    text, page = text_of(body, charset), _Page()
    at = 0
    hidden = ""
    while at < len(text):
        found = _PIECE.search(text, at)
        if not hidden:
            page.text(html.unescape(text[at : found.start() if found else len(text)]))
        if found is None:
            break
        at = found.end()
        if found["comment"] is not None:
            end = text.find(_COMMENT_END, at)
            at = end + len(_COMMENT_END) if end >= 0 else len(text)
        elif found["name"]:
            name, closes = found["name"].lower(), bool(found["close"])
            if hidden or (name in _HIDDEN and not closes):
                hidden = "" if closes and name == hidden else hidden or name
            else:
                page.tag(name, found["more"], closes=closes)
    page.end()
    return ("\n".join(page.lines).strip("\n") + "\n").encode()
