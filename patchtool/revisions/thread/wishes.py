# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a sentence of a review asks for a change, and how firmly. Pure.

By its words, and English alone: what is not known for a wish is information. What is taken for a
wish by mistake is listed as open, and what is not is listed as information: nothing disappears.
"""

from __future__ import annotations

import re
from typing import Final

from patchtool.revisions.thread.phrases import any_of
from patchtool.revisions.thread.wording import (
    in_one_line,
    is_courtesy,
    is_praise,
    is_question,
    is_tag,
)

#: What can be done with a patch: the verbs a wish begins with.
VERBS: Final = (
    "add adjust align allocate annotate apply assign avoid break bump call cast change check"
    " clarify"
    " clean clear collapse combine comment convert copy correct declare define delete describe"
    " document don't drop elaborate embed enumerate ensure expand explain export extend extract"
    " factor"
    " fix flip fold format free get gate give group guard handle have hide hoist improve include"
    " indent initialize initialise inline introduce invert justify keep kill leave let limit link"
    " list lock make"
    " mark mention merge move name note open-code order pass place post prefix preserve print"
    " propagate"
    " provide pull push put quote rebase reduce refactor reflow reformat remove rename reorder"
    " repeat"
    " rephrase replace repost resend respin return reuse reverse revert rewrite reword round save"
    " say send"
    " separate set shorten show simplify skip sort specify spell split squash start state stick"
    " stop"
    " store swap switch tag test trim turn unify update use validate verify wrap write zero"
)
_VERB = "|".join(VERBS.split())
_LEAD = re.compile(
    r"(?:(?:[-*+\u2022]|\(?[0-9a-z]{1,2}[.)])\s+)?"
    r"(?:(?:nit(?:pick)?s?|minor|also|and|but|then|so|please|pls|just|perhaps|maybe|or|hmm+|well|ok"
    r"|instead|here|yeah|still|btw|again|ditto|alternatively|otherwise|oh|ah|in that case|at least"
    r"|super-?nit|tiny nit|small nit|style|trivial|kindly|again|fwiw|imho|imo|similarly|likewise)\b"
    r"[\s,:;.\u2014-]*){0,4}",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    rf"(?:{_VERB}|do not|no need (?:to|for)|let'?s|s/[^/\n]{{1,80}}/)(?![\w-])"
    r"(?<!\bnote)(?! in mind\b)|note (?:it|this|them|in)\b",
    re.IGNORECASE,
)
_WISH = any_of(
    r"""
    please; pls;
    you (?:can|could|may) (?:also |just |simply
    )?(?:get|use|do|drop|remove|make|add|call|move|wrap|put|pass);
    you (?:can|could) (?:also |just |simply )?(?:use|get|drop|do|wrap|remove|make|add|call|move);
    could (?:you|we|this|it|that|be); can (?:you|we|this|that|it be|be);
    can't (?:you|we|this|it); couldn't (?:you|we|this|it);
    would (?:you|it be|be
    (?:better|nice|good|great|cleaner|simpler|nicer|easier|useful|helpful|more|clearer|preferable|preferred|worth)|rather|prefer|like|suggest|love|appreciate|make|expect|just|want|have
    expected|use|call|drop|remove|put|move|keep|name); should; shouldn't; ought to;
    must(?:n't)?; needs? to; needs? an?\b;
    (?:might|may|will|would|this|that|it|which|we|you|they) (?:also |still )?needs?; need not;
    has to; have to; had better; better to; better if; (?:is|looks|seems|be) better; might want;
    may want; you want; we want; why not; why don't; how about; what about; suggest\w*;
    prefer\w*; recommend\w*; worth; instead of; rather than; typo; missing; misses; lacks?;
    forgot\w*; unnecessary; unneeded; not needed; no longer needed; needless\w*; redundant;
    superfluous; pointless; useless; unused; dead code; not required;
    isn't (?:needed|necessary|required|used);
    don't (?:need|think we need|think this|see (?:the|a) (?:point|reason|need));
    do we (?:really )?need; does this (?:really )?need; no need; wrong; incorrect; broken;
    bogus; leaks?\b; leaked; buggy; racy; race; deadlock; use.after.free; off.by.one;
    overflow\w*; underflow\w*; crash\w*; is undefined;
    doesn't (?:work|build|compile|apply|match|look right|seem right);
    (?:won't|will not|cannot|can't) (?:work|build|compile|scale|fly); does(?:n't| not) scale;
    not (?:correct|right|safe|enough|sufficient|quite); confus\w+;
    misleading; unclear; hard to (?:read|follow); inconsistent; nowhere;
    (?:this|that|it|looks?|feels?|seems?)(?:'s| is| are)?(?: a bit| quite| very| rather| somewhat|
    really| pretty)? (?:odd|weird|strange|ugly|awkward|hacky|fishy|suspicious);
    (?:never|not)
    (?:freed|set|initiali[sz]ed|declared|defined|checked|released|dropped|exported|documented|updated|unlocked);
    nit(?:pick)?; spelling; grammar; s/[^/\n]{1,80}/[^/\n]{0,80}/; white ?space; blank line;
    indent\w*; trailing; stray; leftover; duplicat\w*;
    i'd (?:\w+ )?(?:\w+
    )?(?:rather|prefer|like|suggest|drop|remove|use|move|keep|put|call|expect|say|love|name|split|go);
    i would; not (?:a )?fan of; not convinced; object\w*; nak; nack; let'?s;
    makes? (?:more )?sense to; (?:good|nice|great|useful|helpful) (?:idea )?to;
    more (?:readable|natural|robust); is there (?:a|any) (?:reason|need); any reason;
    in the future; to be (?:renamed|moved|dropped|fixed|removed|changed); simpl(?:er|ify);
    cleaner; reverse (?:x-?mas|christmas); for consistency; same as above;
    too
    (?:long|early|late|much|many|low|high|big|small|large|short|complex|deep|generic|broad|slow|clever|noisy|verbose|strict|strong|weak);
    feels? (?:very |a bit |quite )?(?:odd|wrong|broken|weird|awkward); would (?:do|suffice);
    rest of (?:the|this) (?:file|code|driver|function|series); breaks?; regress\w*; unrelated;
    belongs? (?:in|to|into);
    (?:perhaps|maybe|probably) (?:an?|some|something|one)\b(?! (?:bit|little|few|lot));
    begs to be; cries out for; unloved; outdated; out of (?:date|sync);
    (?:might|may|could|can|will|would) (?:cause|lead
    to|trigger|introduce) (?:\w+ ){0,2}?(?:problem|issue|trouble|bug|race|deadlock|regression)s?;
    (?:doesn't|does not) (?:seem|look|sound) (?:very |really |that |too )?(?:helpful|useful);
    (?:doesn't|does not) (?:seem|look|sound) (?:necessary|needed|correct|good|safe|like a good);
    nothing (?:in there|there|here|in here) (?:to|that|which) (?:explain|say|justif|tell)\w*;
    (?:we|you|it|this|that|caller|code) already (?:made|makes?) sure;
    (?:we|you|it|this|that|caller|code) already (?:check|ensure|verif|test)\w*;
    more (?:useful )?(?:context|detail|background|explanation)s? (?:for|in|to|on)
    """
)
_QUESTION_WISH = any_of(
    r"""
    why not; why don't; shouldn't; should (?:this|we|it|that|you|these|the);
    can(?:'t)? (?:we|you|this|it); could(?:n't)? (?:we|you|this|it);
    would(?:n't)? (?:it|this|you|that); how about; what about;
    do(?:es)? (?:we|this|it) (?:really )?need; isn't (?:this|it|that); aren't; don't we;
    doesn't (?:this|that|it); perhaps; maybe; please; missing; typo; instead; better;
    any (?:particular |good |specific )?reason; prefer; unnecessary; redundant;
    need(?:s|ed)? to; (?:not|no longer|still|really) (?:needed|necessary|required);
    is there (?:a|any) (?:reason|need);
    is (?:this|that|it) (?:really |still |actually
    )?(?:needed|necessary|required|correct|right|safe|intentional|ok|intended)
    """
)
_STRONG = any_of(
    r"""
    please; should(?:n't)?; can (?:you|we); could (?:you|we); can't (?:you|we); why not;
    why don't; i'd; i would; let's; how about; you (?:can|could|may); good idea to; might want;
    would be (?:good|nice|better); prefer; rather; typo; s/[^/]{1,80}/; needs? to; must;
    missing; perhaps; maybe
    """
)
_DIRECTIVE = any_of(
    r"""
    please; pls; good idea to; would be (?:good|nice|better|great) (?:to|if);
    (?:can|could|can't|would) you; you (?:can|could|should|must|might|may|need); let'?s;
    s/[^/]{1,80}/; typo; how about; why not; why don't (?:you|we); nit; (?:can|could|should) we;
    (?:this|it|that|which|we|they|there) (?:\w+ )?(?:should|must|needs? to|has to);
    (?:log|message|comment|changelog|description) (?:\w+ )?(?:should|must|needs? to|has to);
    something to (?:mention|call out|note|say|document|explain|fix|add|put|spell out);
    more (?:useful )?(?:context|detail|background|explanation)s? (?:for|in|to|on);
    i'd (?:rather|prefer)
    """
)
_ADDRESSED = re.compile(  # no reviewer can do that for another
    r"\b(?:please|pls|nits?|typo)\b(?! (?:correct|let|tell|bear))"
    r"|\b(?:message|log|changelog|description) (?:\w+ ){0,2}(?:should|needs?|must)\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\btypo\b|\bs/[^/]{1,80}/|\bshould(?:'ve| have)? (?:be|read|said|say|been)\b", re.IGNORECASE
)
_AND = re.compile(
    rf"[,;]?\s+(?:and|&|then)\s+(?:also\s+|please\s+|then\s+)?(?=(?:{_VERB})(?![\w-]))|;\s+(?=\w)",
    re.IGNORECASE,
)
_MOOD = re.compile(
    r"\b(?:just wondering|curious|out of curiosity|wondering|do you (?:know|have)|did you"
    r"|have you)\b",
    re.IGNORECASE,
)
_HEDGE = any_of(
    r"""
    let'?s see; sorry; (?:no need|don't need) to (?:resend|respin|repost|send); up to you;
    feel free; (?:not|no) (?:a )?(?:blocker|big deal|objections?);
    i(?: will|'ll) (?:fix|take|apply|queue|do|test)
    """
)
#: "No regressions here": a word for a fault that was looked for and not found.
_NO_FAULT = re.compile(
    r"\b(?:no|without(?: any)?|zero|free of|(?:did|do|does|have|has)(?:n't| not)"
    r" (?:see|seen|find|found|notice|noticed|cause|show)(?: any)?)"
    r" (?:\w+ )?(?:regress|crash|leak|overflow|race|deadlock|break|issue|problem|warning|error)\w*",
    re.IGNORECASE,
)
_START = 40  # characters in which a sentence says what it is
_LONGEST = 1200  # characters of a sentence


def lead_of(text: str) -> int:
    """How long the words are that stand in front of what is said: "Nit:", "Also,"."""
    found = _LEAD.match(text)
    return found.end() if found else 0


def is_wish(text: str) -> bool:
    """Whether a sentence asks for a change."""
    text = in_one_line(text)
    if is_tag(text) or is_courtesy(text):
        return False
    rest = text[lead_of(text) :]
    if is_question(text):
        wishes = _QUESTION_WISH.search(text) is not None or _IMPERATIVE.match(rest) is not None
        return wishes and _MOOD.search(text) is None
    if _CORRECTION.search(text):
        return True
    if _IMPERATIVE.match(rest):
        return _HEDGE.search(rest[:_START]) is None
    if _HEDGE.search(text):
        return False
    return _WISH.search(_NO_FAULT.sub("", text)) is not None and not is_praise(text)


def is_strong(text: str) -> bool:
    """Whether a sentence is a wish of its own, and not the reason for one beside it."""
    text = in_one_line(text)
    rest = text[lead_of(text) :]
    return is_wish(text) and (
        _IMPERATIVE.match(rest) is not None
        or text.lower().startswith(("nit", "typo", "also", "please"))
        or _STRONG.search(text) is not None
    )


def is_directive(text: str) -> bool:
    """Whether a sentence tells somebody to do something, and is no part of an argument."""
    text = in_one_line(text)
    rest = text[lead_of(text) :]
    return is_wish(text) and (
        _IMPERATIVE.match(rest) is not None or _DIRECTIVE.search(text) is not None
    )


def is_firm(text: str) -> bool:
    """Whether a sentence asks for something so that it cannot be a part of an argument."""
    text = in_one_line(text)
    if not is_wish(text):
        return False
    rest = text[lead_of(text) :]
    return _IMPERATIVE.match(rest) is not None or _ADDRESSED.search(text) is not None


def is_correction(text: str) -> bool:
    """Whether it sets one word or line in the place of another."""
    return _CORRECTION.search(in_one_line(text)) is not None


def halves(text: str) -> tuple[str, ...]:
    """The wishes of one sentence: "do A, and document B" are two."""
    if len(text) > _LONGEST or not is_wish(text):
        return (text,)
    parts: list[str] = []
    at = 0
    for found in _AND.finditer(text):
        before = text[at : found.start()]
        if is_strong(before) and is_wish(text[found.end() :]):
            parts.append(before)
            at = found.end()
    parts.append(text[at:])
    return tuple(parts)
