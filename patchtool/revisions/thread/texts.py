# SPDX-License-Identifier: GPL-2.0-or-later
"""What a mail says, text by text, each with what is quoted above it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.revisions.thread import wishes
from patchtool.revisions.thread.letters import names_of
from patchtool.revisions.thread.sentences import sentences_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.revisions.thread.letters import Letter
    from patchtool.revisions.thread.sentences import Sentence


def texts_of(letter: Letter) -> Iterator[tuple[list[tuple[int, str]], tuple[Sentence, ...]]]:
    """What a mail says, text by text, each with the lines quoted above it.

    Code that was written between quoted lines goes with the next text, if that wishes nothing else.
    """
    names = names_of(letter.author)
    texts = [piece for piece in letter.pieces if piece.depth == 0]
    quoted: list[tuple[int, str]] = []
    waiting: list[tuple[list[tuple[int, str]], tuple[Sentence, ...]]] = []
    for piece in letter.pieces:
        if piece.depth:
            quoted += enumerate(piece.lines, piece.first)
            continue
        last = piece is texts[-1]
        sentences = sentences_of(piece.lines, piece.first, names, last_piece=last)
        if not sentences:
            continue
        if all(each.code for each in sentences):
            waiting.append((quoted, sentences))
        elif any(wishes.is_wish(each.line) for each in sentences if not each.code):
            yield from waiting
            yield quoted, sentences
            waiting = []
        else:
            above = [row for rows, _ in waiting for row in rows]
            code = tuple(each for _, some in waiting for each in some)
            yield [*above, *quoted], (*code, *sentences)
            waiting = []
        quoted = []
    yield from waiting
