# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether words around a tag set a condition: ``with that fixed, feel free to add``. Pure.

The forms are those of the replies in the archives of two mailing lists (README of ``series/``).
"""

from __future__ import annotations

import re

_DONE = (
    r"(?:fix(?:ed|es|ups?)?|address(?:ed)?|chang(?:ed|es?)|correct(?:ed|ions?)|resolv(?:ed|ing)"
    r"|updat(?:ed|es?)|removed|dropped|done|sorted|taken care of|handled|added|squashed|folded"
    r"|applied|in place|clarified|renamed|reworded|replaced|moved|split|adjust(?:ed|ments?)"
    r"|clean(?:ed|up)|rebased|tweak(?:ed|s)?|incorporated|considered|included"
    r"|modifi(?:ed|cations?)|answered|suggestions?|solved|settled|trimmed|mentioned|verified"
    r"|tidied|documented|pointed out|tag)"
)
_DO = (
    r"(?:fix|address|change|respin|re-?send|re-?post|re-?spin|drop|remove|add|use|rename|move"
    r"|update|do (?:that|this|so)|squash|fold|rework|clean|correct|replace|split|include|send"
    r"|resolve|adjust|convert|switch|mention|clarify|reword|rebase)"
)
_DOING = (
    r"(?:fixing|addressing|changing|dropping|removing|moving|adding|renaming|updating|splitting"
    r"|squashing|folding|correcting|replacing|resolving|clarifying|rewording)"
)
_GOT_DONE = (
    r"(?:'s| is| are| gets?| was| were| has been) (?:\w+ )?(?:fixed|addressed|changed|corrected"
    r"|done|resolved|updated|removed|dropped|added|clarified|handled|sorted|adjusted)\b"
)
#: Where a clause starts, or goes on from a word of approval.
_START = (
    r"(?:\A\W{0,4}|[,;:(] ?|[-\N{EN DASH}]{1,2} |\.\.\. ?"
    r"|\b(?:and|but|so|then|also|however|nevertheless|anyway|good|great|lgtm|me|add|ack"
    r"|reviewed|acked),? )"
)
#: "With this patch applied it boots" sets no condition.
_NOT_ITSELF = (
    r"(?! (?:this|the|your|these|both|all|my|a|an|that) (?:[\w-]+ ){0,2}(?:patch|series|set"
    r"|patchset|patches|commit|kernel|tree|config)\b(?! (?:message|log|title)))(?! or without)"
)
_GOOD = (
    r"(?:\Z|[:,.-]|(?:and )?(?:(?:this|it|that|all|the|patch|series|everything|now|I|I'm|you|we"
    r"|they|still|please|change|code|rest|also|can|may|am|is|are|think|guess|overall|from|me|one"
    r"|changes) ){0,6}(?:looks?|looking|seems?|lgtm|fine|good|ok|okay|nice|great|feel|consider"
    r"|add|happy|fair|reviewed|acked|reasonable|sane|makes? sense)\b)"
)
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # with that fixed; with the nits above addressed
        rf"{_START}with\b{_NOT_ITSELF} [^.;]{{0,100}}?(?<![-\w]){_DONE}\b",
        # with that,
        (
            rf"{_START}with (?:that|those|the above)(?: \w+)?"
            r"(?= ?(?:[,:.]|\Z|(?:you can|feel free|please|I'm)\b))"
        ),
        # once that is fixed
        rf"{_START}once\b[^.;]{{0,60}}?\b(?:{_DONE}|{_DO})\b",
        # after addressing the comment; after that
        rf"{_START}after (?:{_DOING}|that)\b",
        rf"{_START}after (?:those|this|these|the|you|my|it)\b[^.;]{{0,60}}?\b{_DONE}\b",
        # when you resend
        rf"{_START}(?:when|after|as soon as) you (?:have |do |will )?(?:re)?{_DO}",
        r"\bafter you (?:incorporate|fix|address)\b",
        rf"{_START}(?:assuming|provided|providing|as long as|so long as|pending)\b",
        r"\bmodulo\b|\bsubject to\b|\bconditional (?:up)?on\b",
        # if you change
        rf"\bif you(?:'ll|'d)? (?:(?:could|can|would|will|also|just|simply) ){{0,3}}{_DO}\b",
        # if that gets fixed
        (
            r"\bif (?:that|this|it|these|those|the [\w' ]{1,30}?"
            rf"|[\w'-]{{1,20}} (?:comment|issue|nit)s?){_GOT_DONE}"
        ),
        # other than that
        rf"{_START}(?:other than|apart from|aside from) \w",
        (
            rf"{_START}(?:besides|except(?:ing)?(?: for| from)?) (?:that|this|those|these|the|my|a"
            r"|an|some|one|few)\b"
        ),
        # nits aside
        r"\b(?:nits?|comments?|that|issues?|nitpicks?|typos?|minor) aside\b",
        # otherwise it looks good
        (
            r"(?:\A\W{0,4}|[,;:.] ?|- |\b(?:but|and|me|ok|okay|fine|good|lgtm|inline|below|looks) )"
            rf"otherwise,? ?{_GOOD}"
        ),
    )
)
#: A tag for a commit yet to be written, as robots ask for it when they report a bug.
_ASKED = re.compile(
    r"\bif (?:you|these findings|this|the findings)\b.{0,120}?\b(?:fix|resolve|resend)\b.{0,240}?"
    r"\b(?:add|include|use)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"[(\[,.\s#-]*(?:with|once|after|when|assuming|provided|providing|if|modulo|as long as"
    r"|subject to|pending)\b",
    re.IGNORECASE,
)
_SHORT = 12  # words of a sentence of its own behind a tag
_LONGEST = 400  # characters that are looked at


def of_sentence(text: str) -> str:
    """The sentence if it sets a condition, on one line; else nothing."""
    sentence = " ".join(text.split())[-_LONGEST:]
    return sentence if any(form.search(sentence) for form in _FORMS) else ""


def of_words_behind(text: str) -> str:
    """As above, of words that go on with the sentence of the tag: ``once that is fixed``."""
    goes_on = text.lstrip("([.,# -")[:1].islower() or len(text.split()) <= _SHORT
    return of_sentence(text) if goes_on and _BEHIND.match(text) else ""


def is_for_a_fix(text: str) -> bool:
    """Whether the tags below are asked for in a commit that fixes what is reported."""
    return _ASKED.search(" ".join(text.split())[-_LONGEST:]) is not None
