# SPDX-License-Identifier: GPL-2.0-or-later
"""One mail cut into what it quotes and what it says itself. Pure.

Quote marks are ``>`` at any depth. ``|`` and ``:`` are marks where what stands behind them is a
line of the mail that is answered. Lines of that mail that were pasted without a mark are quotes as
well. Attributions ("On ..., Name wrote:", in any language), signatures, footers of lists and signs
that something was cut ("[...]") are neither quote nor text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.revisions.thread.attributions import (
    attribution_above,
    drop_attributions,
    original,
)
from patchtool.revisions.thread.proposals import diffs_in

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_LONGEST = 4000  # characters of a line that are looked at
_DEEPEST = 40  # quote marks
_INDENT = 4  # blanks between two of them
_TELLING = 12  # characters of a pasted line that is known again
_SIGNATURE = re.compile(r"--\s?\Z")
_FOOTER = re.compile(r"_{20,}\s*\Z")
_SNIP = re.compile(
    r"\s*(?:\[\s?\.{2,}[^\]]{0,40}\]|\[?\s*(?:snip\w*|cut|trim\w*|skip\w*)\s*\]?|<\s*snip\w*\s*/?>"
    r"|\.{2,}|\u2026|\[\u2026\]|-+\s*8<\s*-+|\(\.\.\.\))\s*\Z",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"(?:AMD|\[?External\]?|Internal|Confidential)\b.{0,60}\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a mail that stand together and are quoted equally deep.

    Attributes:
        depth: How often they are quoted; 0 for what the mail says itself.
        lines: Without quote marks.
        first: Number of the first of them in the body, from 1.
    """

    depth: int
    lines: tuple[str, ...]
    first: int


def key(line: str) -> str:
    """A line without white space: what stays of it when it was quoted, flowed or expanded."""
    return "".join(line[:_LONGEST].split())


def pieces_of(
    body: str, answers: Collection[str] = (), names: Sequence[str] = (), *, robot: bool = False
) -> tuple[Piece, ...]:
    """The pieces of a mail, in order; a change of depth begins a new one.

    Args:
        body: Its text.
        answers: Keys of the lines of the mail that it answers.
        names: Names and addresses an attribution may have.
        robot: Whether a program wrote it, which quotes nothing.
    """
    lines = [line.replace("\xa0", " ").lstrip("\ufeff") for line in body.split("\n")]
    if robot:
        return _join([(0, line) for line in lines])
    marked = [_unquote(line) for line in lines]
    marked = _other_marks(marked, answers)
    marked = _pasted(original(marked), answers)
    _drop_ends(marked)
    drop_attributions(marked, names)
    return _join(marked)


def _unquote(line: str) -> tuple[int, str]:
    depth = at = 0
    while depth < _DEEPEST:
        mark = at
        while depth and mark < at + _INDENT and line[mark : mark + 1] == " ":
            mark += 1
        if line[mark : mark + 1] != ">":
            break
        depth, at = depth + 1, mark + 1
    return depth, line[at + 1 :] if depth and line[at : at + 1] == " " else line[at:]


def _other_marks(marked: list[tuple[int, str]], answers: Collection[str]) -> list[tuple[int, str]]:
    """With ``|`` or ``:`` for marks, if no ``>`` is there and they quote the mail above."""
    if any(depth for depth, _ in marked):
        return marked
    for mark in "|:":
        hits = [text[:1] == mark and key(text[1:]) in answers for _, text in marked]
        if any(
            hit and len(key(text)) > _TELLING for hit, (_, text) in zip(hits, marked, strict=True)
        ):
            return [
                (1, text[1:].removeprefix(" ")) if text[:1] == mark else (depth, text)
                for depth, text in marked
            ]
    return marked


def _pasted(marked: list[tuple[int, str]], answers: Collection[str]) -> list[tuple[int, str]]:
    """With lines of the mail above that bear no mark, and what a mail program wrapped, as quotes.

    One line may be chance; it has to be a line of a diff, or to stand with others.
    """
    out = list(marked)
    _, diff = diffs_in(["" if depth else text for depth, text in marked])
    there = [key(marked[at][1]) in answers for at in diff if marked[at][1].strip()]
    firm = diff if 10 * sum(there) < 9 * len(there) else frozenset()
    at = 0
    while at < len(marked):
        end = at
        while (
            end < len(marked)
            and end not in firm
            and marked[end][0] == 0
            and _known(marked[end][1], answers, end > at)
        ):
            end += 1
        run = [text for _, text in marked[at:end] if text.strip()]
        if any(len(key(text)) >= _TELLING and text[:1] in "+-" for text in run) or len(run) > 2:
            out[at:end] = [(1, text) for _, text in marked[at:end]]
        at = max(end, at + 1)
    for at in range(1, len(out) - 1):
        (depth, above), (here, text) = out[at - 1], out[at]
        if depth and not here and text.strip() and key(above) + key(text) in answers:
            out[at] = (depth, text)
    return out


def _known(text: str, answers: Collection[str], begun: bool) -> bool:
    bare = key(text)
    return (bool(bare) or begun) and (not bare or bare in answers)


def _drop_ends(marked: list[tuple[int, str]]) -> None:
    """Take out signatures and footers; a quote below one is kept."""
    at = 0
    while at < len(marked):
        depth, text = marked[at]
        if depth == 0 and (_SIGNATURE.match(text) or _FOOTER.match(text)):
            end = at
            while end < len(marked) and marked[end][0] == 0:
                end += 1
            above = max(at + 1, attribution_above(marked, end)) if end < len(marked) else end
            marked[at:above] = [(0, "")] * (above - at)
            at = above
        at += 1
    for at, (depth, text) in enumerate(marked):
        if depth == 0 and _SNIP.match(text[:80]):
            marked[at] = (0, "")
    first = next((at for at, (_, text) in enumerate(marked) if text.strip()), 0)
    if marked and _COMPANY.match(marked[first][1]) and not marked[first][0]:
        marked[first] = (0, "")


def _join(marked: Sequence[tuple[int, str]]) -> tuple[Piece, ...]:
    """Lines of one depth together; empty ones go with what stands above."""
    out: list[Piece] = []
    lines: list[str] = []
    first, depth = 1, 0
    for number, (deep, text) in enumerate(marked, 1):
        if deep != depth and lines:
            if any(line.strip() for line in lines):
                out.append(Piece(depth, tuple(lines), first))
            lines = []
        if not lines:
            first, depth = number, deep
        lines.append(text)
    if any(line.strip() for line in lines):
        out.append(Piece(depth, tuple(lines), first))
    return tuple(out)
