# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings compared, as Markdown to be pasted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.core.text import clean, one_line
from patchtool.report.remark_words import (
    answer_text,
    bullet_of,
    in_order,
    mail_text,
    name,
    outcome,
    place_text,
    sums,
    text_lines,
)
from patchtool.report.revisions_text import (
    kind_text,
    mark,
    name_of_new,
    numbers,
    silent_text,
    summary,
    support_text,
)
from patchtool.revisions.record import TagState
from patchtool.revisions.remark import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.revisions.pair import PatchPair
    from patchtool.revisions.record import Revisions
    from patchtool.revisions.remark import Judgement

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~])")
_FENCE = "~~~~"
_LONG = 12  # lines of a text, and of OLD and NEW; `--json` has all
_WIDE = 100  # columns
_SHORT = 120  # characters of a remark in the table


def page(found: Revisions, *, diff: bool) -> str:
    """All that was found."""
    return "\n".join(_lines(found, diff=diff)) + "\n"


def _lines(found: Revisions, *, diff: bool) -> Iterator[str]:
    old, new = found.old, found.new
    yield f"# {escaped(new.title)}: v{old.revision} → {name_of_new(found)}"
    yield ""
    yield escaped(summary(found))
    yield from (f"\n*Note: {escaped(note)}.*" for note in found.notes)
    yield ""
    yield from table(
        ("old", "", "new", "patch", "what"),
        [(numbers(pair.old), f"`{mark(pair)}`", numbers(pair.new),
          escaped(pair.new_subject or pair.old_subject), kind_text(pair)) for pair in found.pairs],
    )  # fmt: skip
    yield from _remarks(found)
    if diff:
        for pair in found.pairs_and_cover:
            yield from _interdiff(pair)
    if found.bullets:
        yield "\n## Change log\n"
    for bullet in found.bullets:
        indent = "  " * bullet.level
        said = support_text(bullet) or "**nothing in the mails shows it**"
        yield f"{indent}- {escaped(bullet.text)}"
        yield f"{indent}  - {escaped(said) if bullet.support else said}"
    if found.without_reason:
        yield "\n## Nobody says why\n"
        yield from (f"- {escaped(silent_text(each))}" for each in found.without_reason)
    tags = [tag for tag in found.tags if tag.state is not TagState.CARRIED]
    if tags:
        yield "\n## Tags\n"
        yield from table(
            ("patch", "tag", "by", "what", ""),
            [(str(tag.new or tag.old or "-"), tag.name, escaped(tag.value), str(tag.state),
              escaped(" ".join((tag.text, *tag.differences)))) for tag in tags],
        )  # fmt: skip
    changed = [each for each in found.figures if not each.same]
    if changed:
        yield "\n## Figures of the cover letters\n"
        yield from table(
            ("figure", "old", "new"),
            [(escaped(f.name), escaped(f.old or "-"), escaped(f.new or "-")) for f in changed],
        )
    if found.not_addressed:
        yield "\n## Commented, and not addressed by NEW\n"
        yield from (f"- {escaped(each.who)}" for each in found.not_addressed)


def _remarks(found: Revisions) -> Iterator[str]:
    """What is open, what is to be looked at, and a row for each of the others."""
    if not found.judgements:
        return
    yield f"\n## Remarks on v{found.old.revision}\n"
    yield escaped(sums(found.judgements))
    others = []
    for each in in_order(found.judgements):
        if each.open or each.verdict is Verdict.LOOK:
            yield from _remark(found, each)
        else:
            others.append(each)
    if others:
        yield ""
        yield from table(
            ("verdict", "place", "by", "remark", "because"),
            [(str(each.verdict), escaped(place_text(each.remark.place)),
              escaped(name(each.remark.author)), escaped(each.remark.text[:_SHORT]),
              escaped("; ".join(each.evidence))) for each in others],
        )  # fmt: skip


def _remark(found: Revisions, judgement: Judgement) -> Iterator[str]:
    remark, shown = judgement.remark, outcome(found, judgement, _LONG)
    who_where = escaped(f"{name(remark.author)}, {place_text(remark.place)}")
    yield f"\n### {judgement.verdict}: {who_where}\n"
    yield f"{escaped(mail_text(remark.message_id, remark.date))}\n"
    for line in remark.place.quoted[-_LONG:]:
        yield f"> > {escaped(line)}  "
    if remark.place.quoted:
        yield ">"
    yield from (f"> {escaped(line)}  " for line in text_lines(remark.text, _WIDE, _LONG))
    yield ""
    for answer in judgement.answers:
        text = " ".join(text_lines(answer.text, _WIDE, _LONG))
        yield f"- {escaped(answer_text(answer))}: {escaped(text)}"
    if judgement.left:
        left = ", ".join(judgement.left)
        yield f"- {judgement.done} of {judgement.like} like places; left: {escaped(left)}"
    if shown.text:
        yield f"- {escaped(shown.text)}"
    bullet = bullet_of(found, judgement)
    if bullet is not None:
        yield f"- change log: {escaped(bullet.text)}"
    yield from (f"- because: {escaped(each)}" for each in judgement.evidence)
    if shown.old or shown.new:
        yield f"\n{_FENCE}diff"
        if shown.changed:
            yield from (f"-{_code(line.text)}" for line in shown.old[:_LONG])
            yield from (f"+{_code(line.text)}" for line in shown.new[:_LONG])
        else:
            yield from (f" {_code(line.text)}" for line in shown.new[:_LONG])
        yield _FENCE


def _interdiff(pair: PatchPair) -> Iterator[str]:
    if not pair.differences:
        return
    title = pair.new_subject if pair.old != (0,) else "The cover letter"
    yield f"\n## {numbers(pair.old)} {mark(pair)} {numbers(pair.new)} {escaped(title)}\n"
    yield f"{_FENCE}diff"
    for each in pair.differences:
        yield f"@@ {each.id} {one_line(each.path) or each.part} @@ {one_line(each.function)}"
        yield from (f"-{_code(line.text)}" for line in each.old)
        yield from (f"+{_code(line.text)}" for line in each.new)
    yield _FENCE


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; its cells are :func:`escaped` already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(cells)} |" for cells in rows)


def escaped(text: str) -> str:
    """Foreign text in one line, without what Markdown obeys."""
    return _ACTIVE.sub(r"\\\1", one_line(text))


def _code(text: str) -> str:
    return clean(text).replace("\n", " ")
