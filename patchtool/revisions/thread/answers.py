# SPDX-License-Identifier: GPL-2.0-or-later
"""What an answer does with a remark, by its words; the last sentence that decides counts. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.revisions.remark import AnswerKind
from patchtool.revisions.thread.phrases import any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.revisions.thread.sentences import Sentence

_WITHDRAWN = any_of(
    r"""
    never ?mind; scratch (?:that|this|my); disregard;
    ignore (?:this|that|me|my|the (?:above|comment|noise)); my (?:bad|mistake);
    i (?:was|am|stand) (?:wrong|mistaken|corrected|confused);
    i (?:mis-?read|misunderstood|missed that|overlooked); false (?:alarm|positive);
    sorry (?:for|about) the (?:noise|confusion); i take (?:it|that) back; please ignore;
    just (?:wanted to (?:know|understand|check|learn)|curious|wondering what);
    not a problem after all; forget (?:it|about it|what i said|my)
    """
)
_DECLINED = any_of(
    r"""
    i(?:'d| would)? (?:don't|do not|really don't) (?:think|see|want|like|agree|believe|feel);
    i disagree; disagree; rather not;
    (?:i'd|i would|would) (?:rather|prefer) (?:to )?(?:keep|leave|not|stay|stick|have it|avoid);
    prefer (?:to )?(?:keep|leav|not|the current|this|it this)\w*; i tend to prefer;
    (?:will|would|can|could|should) not\b(?! only); won't; can't; cannot; not worth;
    isn't worth; no,; nope\b;
    not (?:really )?(?:needed|necessary|required|possible|convinced|sure (?:it|that|this) is
    worth); isn't (?:needed|necessary|possible); out(?:side)? (?:of )?(?:the )?scope;
    separate (?:series|patchset|discussion);
    (?:keep|leave|stick (?:with|to)) (?:it|this|that|them|the)\b; leaving (?:it|this|that|them);
    (?:keep|leave|fine|ok|okay|good|enough) (?:\w+ ){0,3}for now; defer\w*;
    discard(?:ed)? (?:it|that|this|because);
    (?:i'd|i would|let's) (?:keep|leave|defer|postpone); (?:as|in) a follow-?up; couldn't care less;
    separate (?:endeavou?r|task|effort); (?:task|patch|series) of its own; rather hope;
    (?:don't|do not) (?:particularly|really) (?:see|care|mind);
    (?:don't|do not) see (?:a|the|any) (?:problem|issue|need|point|reason);
    over-?kill; overengineer\w*; intentional\w*; on purpose; by design; would break; no point;
    unfortunately; nack\b; don't want to; that's wrong; not correct
    """
)
_DO = (
    r"(?:do|fix|change|update|remove|drop|add|rename|move|send|make|use|address|rework|respin"
    r"|resend|repost|try"
    r"|include|split|correct|adjust|take|also|reword|clarify|document|put|mention|replace|look"
    r"|convert|squash|fold"
    r"|merge|switch|go|implement|rebase|modify|improve|incorporate|get|have|reorder|give|prepare"
    r"|sort|test|restore"
    r"|follow|consider|keep that in|amend|extend|write|introduce|simplify|rephrase|turn|cleanup"
    r"|clean)"
)
_PROMISED = re.compile(  # for text in small letters
    rf"(?:\A\W*(?:[\w']+[,.!]? ){{0,2}}|\b(?:i|we|and|yes|sure"
    rf"|ok)[ ,]+(?:\w+ly )?)will (?:\w+ly |just |also )?{_DO}\b"
    rf"|\b(?:i(?:'ll| can| shall)|we(?:'ll| shall)) (?:\w+ly |just |also )?{_DO}\b"
    r"|\b(?:will be (?:fixed|done|changed|updated|removed|dropped|added|renamed|addressed|in v)"
    r"|(?:(?:i|we|i've|we've|already|now|been|is|are|was)\s+|\A\W*(?:\w+[,.!]? )?)(?:fixed|done"
    r"|changed|updated"
    r"|removed|dropped|added|renamed|addressed|applied|moved|reworded|corrected|squashed|folded)"
    r"(?:,| (?:in|for|it|this|that|them|locally|now|here|both|all|accordingly)\b|[.!]|\s*\Z)"
    r"|(?:in|for) (?:the )?(?:next (?:version|revision|spin|round|one|posting|respin)"
    r"|v[0-9]{1,3}\b|a v[0-9]{1,3}|a new version)|next version"
    r"|on (?:my|the) (?:list|todo)|todo list|(?:am|i'm) (?:going to|changing|fixing|adding"
    r"|working)|going to (?:fix|change|do|add|drop|remove|use)"
    r"|started (?:reworking|working)|consider it done|taking a shot|give (?:this|that"
    r"|it) a (?:try|shot)|let me (?:fix|change|do|give|try|add|send|rework|see|update)"
    r"|i'd (?:fix|change|add|drop|rename)|queued)",
)
_AGREED = re.compile(  # for text in small letters
    r"(?:\b(?:agreed?|good (?:point|idea|catch|suggestion|question)|great (?:point|idea|catch"
    r"|suggestion)|nice (?:catch|idea|one)"
    r"|makes? (?:more |perfect |total )?sense|you(?:'re| are) (?:\w+ )?(?:right|correct)"
    r"|fair (?:enough|point)|sounds (?:good|great|fine|reasonable|like a good)"
    r"|looks? (?:good|better|fine|reasonable)|works for me|absolutely|definitely|of course"
    r"|certainly|indeed|exactly"
    r"|my (?:oversight|fault)|oh right|well spotted|thanks for (?:catching|spotting|pointing)"
    r"|that's (?:true|right|better|a good)|correct\b|that is (?:true|right|better)"
    r"|i see (?:your|the) point|seems? (?:reasonable|better|good|sensible|nicer)|actually nicer"
    r"|much (?:better|nicer|cleaner)\b(?! than)|i like (?:that|it|this))"
    r"|\A\W{0,3}(?:ok|okay|okey|yes|yeah|yep|yup|sure|right|true|ack|acked|k|sure thing|roger"
    r"|\+1|fine|oh|oops|ah,? (?:ok|right|yes|i see)|got it|sold|thanks for that|done)\b)",
)
#: A plan for a day that may not come.
_SOME_DAY = any_of(
    r"""
    at some point; eventually; (?:one|some) day; later on; in the (?:future|long (?:run|term));
    at a later (?:point|time|stage); sooner or later
    """
)
#: What agrees to nothing: a clause behind one of these.
_OPEN_CLAUSE = re.compile(r"\b(?:unless|whether|if|question is)\b[^,.;?!]*")
_BUT = re.compile(r"[,;:.] ?(?:but|however|though|although)\b|\bbut (?:i|we|it|that|the|this)\b")
_ASKED = any_of(
    r"""
    thoughts; what do you (?:think|suggest|prefer);
    do you (?:mean|think|want|prefer|have|suggest); would you (?:prefer|like|rather|be);
    any (?:suggestion|preference|idea|objection|thought)\w*; or (?:do you|would you); wdyt;
    ok with you; is that (?:ok|what|fine); did you mean; you mean;
    what (?:about|if|would|exactly|kind); which; why; how; could you; can you; should (?:i|we);
    shall (?:i|we); does that; is it; are you
    """
)
#: A question to which "yes" says that all is well: "Do we need this?", "Is it safe?"
_WELL = re.compile(
    r"\b(?:do|does|did|is|are|was|were|will|has|have|can)(?! not\b)(?!n't) (?:\w+ ){0,5}"
    r"(?:need(?:ed)?|necessary|required|safe|correct|right|ok(?:ay)?|fine|intentional|intended|valid"
    r"|guaranteed|sure|possible|true|used|work|tested|try|tried|enough|on purpose"
    r"|expected)\b[^.?!]*\?",
    re.IGNORECASE,
)
_LONGEST = 1500


def kind_of(sentences: Sequence[Sentence], *, by_author: bool) -> AnswerKind:
    """What an answer does.

    Args:
        sentences: Of the answer.
        by_author: Whether an author of the series gives it; only a reviewer can take a remark back.
    """
    kind = AnswerKind.EXPLAINED
    texts = [each.line[:_LONGEST] for each in sentences if not each.code]
    for at, text in enumerate(texts):
        step = _kind_of(text, by_author=by_author)
        if step is AnswerKind.ASKED_BACK and at + 1 < len(texts) and not _closing(texts[at + 1 :]):
            continue  # a question that the writer answers himself
        if step is AnswerKind.ASKED_BACK and at and _ASKED.search(text) is None:
            continue  # an explanation that trails off
        if step is AnswerKind.AGREED and kind is AnswerKind.PROMISED:
            continue
        if step is not None:
            kind = step
    return kind


def to_question(kind: AnswerKind, question: str) -> AnswerKind:
    """What an answer does with a question: "yes" to "Is it safe?" agrees to no change."""
    yes = kind is AnswerKind.AGREED and _WELL.search(question[:_LONGEST]) is not None
    return AnswerKind.EXPLAINED if yes else kind


def _closing(texts: Sequence[str]) -> bool:
    """Whether what follows is no more than thanks."""
    return all(len(text.split()) < 5 for text in texts)


def _kind_of(text: str, *, by_author: bool) -> AnswerKind | None:
    question = text.rstrip(" .!)\"'").endswith("?") or "? - " in text
    if not by_author and _WITHDRAWN.search(text):
        return AnswerKind.WITHDRAWN
    promised, declined = _PROMISED.search(text.lower()), _DECLINED.search(text)
    if promised and (declined is None or promised.start() > declined.start()):
        return AnswerKind.PROMISED if _SOME_DAY.search(text) is None else AnswerKind.EXPLAINED
    if question and (_ASKED.search(text) or declined is None):
        return AnswerKind.ASKED_BACK
    if declined:
        return AnswerKind.DECLINED
    if not _AGREED.search(_OPEN_CLAUSE.sub("", text.lower())):
        return None
    return AnswerKind.AGREED if _BUT.search(text.lower()) is None else AnswerKind.EXPLAINED
