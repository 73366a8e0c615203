# SPDX-License-Identifier: GPL-2.0-or-later
"""What shows that a wish about words was met: of the message, the cover letter, or a comment. Pure.

Each function gives a sentence, or nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.revisions.pair import Part
from patchtool.revisions.thread.names import names_in_words
from patchtool.revisions.thread.phrases import any_of
from patchtool.revisions.thread.scene import delta_of

if TYPE_CHECKING:
    from patchtool.revisions.remark import Remark
    from patchtool.revisions.thread.names import Request
    from patchtool.revisions.thread.scene import Delta, Scene

_WORDS = re.compile(r"[^\W_]+")
_RUN = 8  # words in a row that are no chance
_LONGEST = 6000  # characters of a remark
_PART = 4  # of this many words that tell something in a remark, one has to be there
_TYPO = any_of(
    r"""
    typos?; spell\w*; misspel\w*; grammar; s/[^/]{1,80}/[^/]{0,80}/?; wording;
    should(?:'ve| have| have been)? (?:said|read|say); should be [`"'\u201c]
    """
)
_TELL = any_of(
    r"""
    mention\w*; explain\w*; describ\w*; document(?:ed|ing)?; clarif\w+; elaborat\w+; comment;
    spell (?:it |this )?out; commit (?:message|log); change ?log; cover letter; description
    """
)
_OF_TEXT = any_of("commit (?:message|log); change ?log; cover letter; description; subject")
_COMMENT = re.compile(r"\b(?:comment|kernel-?doc|document)\b", re.IGNORECASE)
_COMMENT_LINE = re.compile(r"[+ ]?\s*(?:/\*|\*(?!/)|//|#\s)")


def is_about_words(text: str) -> bool:
    """Whether a remark is about something that is written."""
    return _TELL.search(text) is not None or _TYPO.search(text) is not None


def corrected(text: str, wanted: Request, here: Delta) -> str:
    """A word of the remark took the place of one that it complains of, or that one is gone."""
    if not _TYPO.search(text):
        return ""
    appears = {word.lower() for word in here.appears}
    vanishes = {word.lower() for word in here.vanishes}
    inside = wanted.words | {
        name.lower() for name in wanted.names | wanted.targets | wanted.against
    }
    there, gone = inside & appears, inside & vanishes
    parts = [f"{names_in_words(there)} is there now"] if there else []
    return ", ".join(parts + ([f"{names_in_words(gone)} is gone"] if gone else []))


def explained(remark: Remark, text: str, wanted: Request, scene: Scene) -> str:
    """What was to be said is said: in the message, or in a comment beside the line."""
    if not _TELL.search(text):
        return ""
    if remark.place.part in (Part.MESSAGE, Part.COVER) or _OF_TEXT.search(text):
        mine = scene.pair.differences if scene.pair else ()
        every = (*mine, *scene.near, *scene.beside, *scene.elsewhere)
        texts = (each for each in every if each.part is Part.COVER or each in mine)
        appears = delta_of(each for each in texts if each.part is not Part.DIFF).appears
        there = wanted.words & {word.lower() for word in appears}
        if (len(there) > 1 and _PART * len(there) >= len(wanted.words)) or wanted.names & appears:
            return f"the message says {names_in_words(there or wanted.names & appears)} now"
    if _COMMENT.search(text):
        near = delta_of((*scene.near, *scene.beside))
        new = [line for line in near.new if _COMMENT_LINE.match(line)]
        old = [line for line in near.old if _COMMENT_LINE.match(line)]
        if len(new) > len(old) and delta_of(scene.near).new:
            return "a comment is there now"
    return ""


def worded(text: str, around: Delta) -> str:
    """A run of words of the remark that comments or the message have now."""
    said = _WORDS.findall(text[:_LONGEST].lower())
    old, new = (
        " ".join(_WORDS.findall("\n".join(some).lower())) for some in (around.old, around.new)
    )
    for at in range(len(said) - _RUN + 1):
        run = " ".join(said[at : at + _RUN])
        if f" {run} " in f" {new} " and f" {run} " not in f" {old} ":
            return f'it says "{run}" now'
    return ""


def put_in(remark: Remark, text: str, wanted: Request, here: Delta) -> str:
    """A name in a remark on words of the message that those words have now."""
    there = wanted.names & here.appears
    part = remark.place.part
    if not there or not (part is Part.COVER or (part is Part.MESSAGE and _TELL.search(text))):
        return ""
    return f"the text says {names_in_words(there)} now"
