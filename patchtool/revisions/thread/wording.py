# SPDX-License-Identifier: GPL-2.0-or-later
"""What a sentence of a review is besides a wish: a tag, thanks, praise, a pointer. Pure."""

from __future__ import annotations

import re

from patchtool.revisions.remark import Scope
from patchtool.revisions.thread.phrases import any_of

_PRAISE = re.compile(
    r"(?:(?:this |that |it |the patch |the series |all |series |otherwise,? |overall,? |code "
    r"|rest )*"
    r"(?:looks?|lgtm|seems?) (?:good|fine|great|ok(?:ay)?|sane|correct|right|reasonable|nice"
    r"|sensible|like)\b"
    r"|.{0,60}\blgtm\b|(?:nice|good|great|awesome|excellent|cool|neat|perfect)(?:\s\w+){0,3}[.!]"
    r"|\+1\b|well, why not|(?:nice|good|great|glad|happy) to (?:have|see|know|hear)\b)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:(?:many )?thanks|thank you|thx|cheers|much appreciated|appreciate)\b.{0,80}\Z",
    re.IGNORECASE,
)
_TAG = re.compile(r"[A-Z][a-z]+(?:-[a-z]+)*-by:\s|\s*(?:Fixes|Link|Closes|Cc): ", re.IGNORECASE)
_DITTO = re.compile(
    r"\W{0,3}(?:ditto|likewise|same(?: here| below| as above| comment| thing| question| problem"
    r"| issue| for| with"
    r"| nit| applies)?|like(?: here| above)|here too|here as well|and here|idem|same\.|as above"
    r"|this one too|similarly)\b",
    re.IGNORECASE,
)
_ALL = any_of(
    r"""
    everywhere; elsewhere; throughout; all (?:of )?(?:these|those|the|other|over);
    (?:and )?(?:below|others?) too;
    (?:for|in|with|to) (?:the )?(?:rest|others|other
    (?:places|functions|cases|patches|instances)); all over the place; here and below;
    and below; and so on; each of (?:these|those|them); every (?:place|instance|caller|user);
    several (?:places|times); same for (?:the )?(?:others?|rest|all);
    all (?:instances|occurrences|places|callers|users|patches); multiple places;
    in other places; the other (?:ones|places|instances); the whole (?:file|series|patch)
    """
)
#: What introduces code as it is; with a word of the second table, as it could be.
_CITING = re.compile(
    r"\b(?:this|that|it|which|code|comment|there|here) (?:\w+ ){0,3}(?:is|was|comes|does|says|reads"
    r"|did|has|had)\b[^.]*:\Z|\b(?:today|currently|at the moment|in mainline|upstream|quoting)\b"
    r"[^.]*:\Z",
    re.IGNORECASE,
)
_PROPOSING = any_of(
    r"""
    should; could; would; might; may; can; how about; what about; something; suggest\w*; instead;
    better; like this; maybe; perhaps; need\w*; chang\w+; fix\w*; want; please; propos\w+; idea;
    patch; diff; untested; simpl\w+; alternative\w*
    """
)
_LONGEST = 1200


def is_ditto(text: str) -> bool:
    """Whether a sentence points to what was said before."""
    return _DITTO.match(in_one_line(text)) is not None and len(text) < 120


def is_citing(text: str) -> bool:
    """Whether a sentence introduces code as it is, or was, and not as it should be."""
    text = in_one_line(text)
    return _CITING.search(text) is not None and _PROPOSING.search(text) is None


def scope_of(text: str) -> Scope:
    """How far a wish reaches."""
    return Scope.ALL_LIKE_IT if _ALL.search(in_one_line(text)) else Scope.HERE


def is_tag(text: str) -> bool:
    """Whether it is a tag, such as Reviewed-by."""
    return _TAG.match(in_one_line(text)) is not None


def is_courtesy(text: str) -> bool:
    """Whether it only thanks."""
    return _THANKS.match(in_one_line(text)) is not None


def is_praise(text: str) -> bool:
    """Whether it says that all is well."""
    return _PRAISE.match(in_one_line(text)) is not None


def is_question(text: str) -> bool:
    """Whether a sentence ends as a question."""
    return text.rstrip(" )\"'").endswith("?")


def in_one_line(text: str) -> str:
    """The text with single blanks, as far as it is looked at."""
    return " ".join(text[:_LONGEST].split())
