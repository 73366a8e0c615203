# SPDX-License-Identifier: GPL-2.0-or-later
"""What shows that a wish about empty lines, white space or order was met. Pure.

Each function gives a sentence, or nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.revisions.pair import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.revisions.pair import Line
    from patchtool.revisions.thread.scene import Scene

_BLANK = re.compile(
    r"\b(?:blank|empty|new) ?lines?\b|\bnewlines?\b|\bwhite ?space\b|\btrailing space",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"\b(?:indent\w*|align\w*|tabs?\b|spaces?\b|white ?space|wrap|line break|80 col\w*|columns?"
    r"|one line|single line|brackets?|style)",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:drop|remove|delete|extra|extraneous|unneeded|unnecessary|stray|superfluous|no|without"
    r"|redundant|unrelated|not needed|why)\b",
    re.IGNORECASE,
)
_BRACES = re.compile(r"\b(?:curly )?(?:braces?|curlies)\b", re.IGNORECASE)
_ORDER = re.compile(
    r"\b(?:order\w*|sort\w*|alphabetic\w*|reverse (?:x-?mas|christmas)|(?:move|put"
    r"|place) (?:\w+ ){0,6}(?:before|after|above|below|up|down|to the (?:top|end|start))"
    r"|swap|reorder\w*|should (?:come|go|be) (?:before|after|first|last)|belongs? (?:above|below"
    r"|before|after))\b",
    re.IGNORECASE,
)


def of_empty_lines(text: str) -> bool:
    """Whether a remark is about empty lines or white space."""
    return _BLANK.search(text) is not None


def of_order(text: str) -> bool:
    """Whether a remark is about an order."""
    return _ORDER.search(text) is not None


def empty_lines(text: str, scene: Scene) -> str:
    """An empty line that came, or went, as asked."""
    if not _BLANK.search(text):
        return ""
    for each in scene.near:
        old, new = _blank(each.old), _blank(each.new)
        if _LESS.search(text) and old > new:
            return "the empty line is gone"
        if not _LESS.search(text) and new > old:
            return "the empty line is there now"
    return ""


def _blank(lines: Sequence[Line]) -> int:
    return sum(not line.text[1:].strip() for line in lines)


def braces(text: str, scene: Scene) -> str:
    """Braces that went, where that was asked for."""
    if not (_BRACES.search(text) and (_LESS.search(text) or "no longer" in text.lower())):
        return ""
    for each in scene.near:
        old, new = (sum(line.text.count("{") for line in some) for some in (each.old, each.new))
        if old > new:
            return "the braces are gone"
    return ""


def white_space(text: str, scene: Scene) -> str:
    """A change of nothing but white space, where that was asked for."""
    blank = scene.change.blank_only or any(each.blank_only and each.old for each in scene.near)
    return "white space changed, and nothing else" if blank and _LAYOUT.search(text) else ""


def order(text: str, scene: Scene) -> str:
    """The same lines in another order."""
    if not _ORDER.search(text):
        return ""
    moved = scene.change.kind is ChangeKind.MOVED or any(each.moved for each in scene.near)
    return "the same lines stand in another order now" if moved else ""
