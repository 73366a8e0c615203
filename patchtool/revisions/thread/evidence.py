# SPDX-License-Identifier: GPL-2.0-or-later
"""What shows that a change goes the way a remark asked: each function gives a sentence, or nothing.

A function looks at what is new and what is gone around the place. It says nothing
where the change could have another reason. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.revisions.pair import ChangeKind, PairKind, Part
from patchtool.revisions.remark import AnswerKind
from patchtool.revisions.thread import prose, shape
from patchtool.revisions.thread.names import (
    lowered,
    names_in_words,
    request_of,
    tokens,
    tokens_of,
    words,
)
from patchtool.revisions.thread.phrases import any_of
from patchtool.revisions.thread.quotes import key
from patchtool.revisions.thread.scene import delta_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.revisions.remark import Answer, Remark
    from patchtool.revisions.thread.names import Request
    from patchtool.revisions.thread.scene import Delta, Scene

_DEFINE = any_of(
    r"declar\w+; defin\w+; initiali\w+; export\w*; prototype; nowhere; undefined; undeclared"
)
_NEW = any_of("add(?:ing)?; introduc\\w+; provid\\w+; creat\\w+; missing; helpers?; forgot\\w*")
_SPLIT = re.compile(
    r"\b(?:split|separate|own patch|break (?:this|it|up)|two patches|separate patch"
    r"|different patch)\b",
    re.IGNORECASE,
)
_MERGE = re.compile(
    r"\b(?:squash|merge|fold|combine|same patch|into (?:the )?(?:previous|next|first|patch))",
    re.IGNORECASE,
)
_DROP = re.compile(
    r"\b(?:drop|skip|leave out|remove|don't need|not needed|unnecessary"
    r"|no need)\b[^.?!]{0,60}\b(?:patch|this one|series)\b|\bpatch\b[^.?!]{0,40}\b(?:dropped"
    r"|not needed|unnecessary|unneeded)",
    re.IGNORECASE,
)
_PATH = re.compile(r"[\w.-]{1,80}(?:/[\w.-]{1,80}){0,12}\.(?:c|h|rst|txt|yaml|py|sh|S|rs)\b")
_LONGEST = 6000  # characters of a remark
_SHAPE = re.compile(r"[A-Za-z_]\w*|[0-9]\w*|[^\s\w]")
_DOTS = re.compile(r"\.{2,}|\u2026")
_KEYWORDS = words(
    "if else for while do switch case break continue return goto sizeof struct union enum static "
    "const inline void int unsigned long char bool true false NULL extern u8 u16 u32 u64 typedef "
    "default"
)
#: Characters of a line of code that is looked for in a patch that only NEW has.
LONG = 16
_SAME = ChangeKind.UNCHANGED
_SHORT = 6  # characters of a line of code that is compared
_ENOUGH = 0.6  # of suggested lines that have to be there


def of_change(remark: Remark, text: str, scene: Scene) -> str:
    """Why the change is the one that was asked for; empty where nothing shows it.

    Args:
        remark: What was asked.
        text: Its words, with those of the remark that it repeats.
        scene: What changed.
    """
    wanted = request_of(text)
    here = delta_of(scene.near)
    about = dict.fromkeys((*scene.near, *scene.beside, *scene.related))
    words = prose.is_about_words(text)  # else names in prose prove nothing
    around = delta_of(each for each in about if words or each.part is Part.DIFF)
    close = around if scene.changed else delta_of(())  # of the function, if its place changed
    for reason in (
        _of_patch(text, scene),
        _suggested(remark, scene, around),
        _phrase(wanted, around),
        _renamed(wanted, close),
        shape.empty_lines(text, scene),
        shape.braces(text, scene),
        shape.white_space(text, scene),
        shape.order(text, scene),
        _named(wanted, close, scene),
        prose.worded(remark.text, delta_of(about)),
        prose.put_in(remark, text, wanted, here),
        _gone(wanted, text, scene, here),
        prose.corrected(text, wanted, here),
        prose.explained(remark, text, wanted, scene),
        _file(remark.text, scene),
        _elsewhere(remark.text, scene),
    ):
        if reason:
            return reason
    return ""


def as_promised(answers: Iterable[Answer], scene: Scene) -> str:
    """Names that the author gave when he agreed, and that are new there.

    Args:
        answers: To this remark alone.
        scene: What changed.
    """
    everywhere = scene.pair.differences if scene.pair and scene.change.kind is _SAME else ()
    delta = delta_of((*scene.near, *scene.beside, *(() if scene.text else everywhere)))
    for each in answers:
        if each.by_author and each.kind in (AnswerKind.AGREED, AnswerKind.PROMISED):
            there = request_of(each.text).names & delta.appears - scene.before
            if there:
                return f"{names_in_words(there)} is there now, as the author said"
    return ""


def _of_patch(text: str, scene: Scene) -> str:
    """The whole patch was split, merged or dropped, as asked."""
    kind = scene.pair.kind if scene.pair else None
    if kind is PairKind.SPLIT and _SPLIT.search(text):
        return "the patch was split"
    if kind is PairKind.MERGED and _MERGE.search(text):
        return "the patch was merged"
    if kind is PairKind.DROPPED and _DROP.search(text):
        return "the patch was dropped"
    if scene.pair is not None and scene.pair.reordered and shape.of_order(text) and "patch" in text:
        return "the patch stands at another place"
    return ""


def suggested_lines(remark: Remark) -> list[str]:
    """The lines of code that a remark suggests; of a diff, those that it adds."""
    lines = [line for line in remark.code if not line.lstrip().startswith("+++ ")]
    plus = any(line.lstrip().startswith("+") for line in lines)
    code = [_bare(line) for line in lines if not (plus and line.lstrip()[:1] != "+")]
    return [line for line in code if len(key(line)) >= _SHORT]


def _suggested(remark: Remark, scene: Scene, around: Delta) -> str:
    """The suggested lines are there now; variables may have other names."""
    code = suggested_lines(remark)
    if not code:
        return ""
    everywhere = delta_of((*scene.near, *scene.beside, *scene.elsewhere))
    fresh = {key(_bare(line)) for line in everywhere.new} - {
        key(_bare(line)) for line in everywhere.old
    }
    fresh |= {name for line in scene.added if len(name := key(_bare(line))) >= LONG}
    shapes = {_shape(line) for line in around.new} - {_shape(line) for line in around.old}
    old = {key(_bare(line)) for line in around.old}
    asked = [line for line in code if key(line) not in old and key(line) != key(scene.text[1:])]
    joined = "".join(key(_bare(line)) for line in around.new)
    cut = [line for line in asked if ".." in line]
    if cut and all(_with_gaps(line, joined) for line in cut) and len(cut) == len(asked):
        return "the suggested lines are there now, with what they leave out"
    exact = sum(key(line) in fresh for line in asked)
    alike = sum(key(line) in fresh or _shape(line) in shapes for line in asked)
    if asked and exact >= _ENOUGH * len(asked):
        return f"{exact} of {len(asked)} suggested lines are there now"
    if (
        asked
        and alike >= _ENOUGH * len(asked)
        and any(len(_shape(line)) > _SHORT for line in asked)
    ):
        return f"{alike} of {len(asked)} suggested lines are there now, with other names"
    return ""


def _with_gaps(line: str, joined: str) -> bool:
    """Whether a line with ``..`` in it is there, with anything in that place."""
    parts = [key(part) for part in _DOTS.split(line)]
    at = 0
    for part in parts:
        at = joined.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return sum(map(len, parts)) >= LONG


def _bare(line: str) -> str:
    text = line.strip()
    return text[1:].strip() if text[:1] in ("+", "-") else text


def _shape(line: str) -> tuple[str, ...]:
    """A line with its names numbered in their order, so that other names make the same shape."""
    order: dict[str, str] = {}
    return tuple(
        part
        if part in _KEYWORDS or not (part[0].isalpha() or part[0] == "_")
        else order.setdefault(part, f"${len(order)}")
        for part in _SHAPE.findall(_bare(line)[:400])
    )


def _phrase(wanted: Request, around: Delta) -> str:
    old, new = lowered(around.old), lowered(around.new)
    for phrase in sorted(wanted.phrases):
        if phrase in new and phrase not in old:
            return f'"{phrase}" is there now'
    return ""


def _renamed(wanted: Request, around: Delta) -> str:
    there, gone = wanted.targets & around.appears, wanted.against & around.vanishes
    if there and (gone or not wanted.against & tokens_of(around.new)):
        return f"{names_in_words(there)} is there now" + (
            f", {names_in_words(gone)} is gone" if gone else ""
        )
    return ""


def _named(wanted: Request, around: Delta, scene: Scene) -> str:
    """Names in the remark that were not there before and are now."""
    old = tokens_of(around.old) | tokens(scene.text)
    asked = {name for name in wanted.proposed if name not in old}
    there = asked & around.appears
    if not there:
        parts = _parts(around.appears) - _parts(old)
        there = {name for name in asked if name.lower() in parts and name in wanted.quoted}
    if not there or 2 * len(there) < len(asked) or wanted.against & tokens_of(around.new):
        return ""
    return f"{names_in_words(there)} is there now"


def _parts(names: Iterable[str]) -> set[str]:
    """The words that names are made of."""
    return {part for name in names for part in name.lower().split("_")}


def _gone(wanted: Request, text: str, scene: Scene, here: Delta) -> str:
    """What was to go is gone."""
    if not wanted.removal:
        return ""
    named = wanted.against & (tokens(scene.text) | tokens_of(here.old))
    if named:
        left = tokens_of(here.new) | (
            tokens(scene.text) if scene.change.kind is ChangeKind.UNCHANGED else set()
        )
        return "" if named & left else f"{names_in_words(named)} is gone"
    if scene.change.kind is ChangeKind.GONE and not shape.of_empty_lines(text):
        return "the line is gone"
    if scene.change.kind is ChangeKind.CHANGED and scene.change.new and scene.text:
        was, now = _SHAPE.findall(scene.text[1:]), _SHAPE.findall(scene.change.new[0].text[1:])
        spoken = tokens(text) & tokens(scene.text)
        if len(now) < len(was) and _is_part(now, was) and not spoken & set(now):
            return "part of the line is gone, and nothing else changed in it"
    return ""


def _is_part(some: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(part in rest for part in some)


def paths_in(text: str) -> frozenset[str]:
    """The files that a text names."""
    return frozenset(found[0] for found in _PATH.finditer(text[:_LONGEST]))


def _file(text: str, scene: Scene) -> str:
    """A file that the remark names is changed now, and was not before."""
    named = paths_in(text)
    for path in sorted(scene.paths):
        if any(path.endswith(name) for name in named):
            return f"{path} is changed now"
    return ""


def _elsewhere(text: str, scene: Scene) -> str:
    """What the remark itself, or its line, names appears at another place."""
    wanted = request_of(text)
    there = delta_of(scene.elsewhere)
    fresh = there.appears - scene.before
    asked = {name for name in wanted.proposed | wanted.targets if "_" in name.strip("_")}
    hits = (asked - tokens(scene.text)) & fresh
    moved = scene.change.kind is not ChangeKind.UNCHANGED or _NEW.search(text) is not None
    if moved and hits and 2 * len(hits) >= len(asked - tokens(scene.text)):
        return f"{names_in_words(hits)} is there now, at another place"
    if _DEFINE.search(text):
        named = {name for name in tokens(scene.text) | wanted.names if "_" in name}
        old = {key(line[1:]) for line in there.old}
        new = [line for line in there.new if key(line[1:]) not in old and line[1:4] != "#if"]
        lines = [line for line in new if tokens(line) & named]
        if lines:
            name = names_in_words(named & tokens_of(lines))
            return f"{name} stands at another place now: {lines[0][1:].strip()[:80]}"
    return ""
