# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings compared, as a terminal shows it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from patchtool.core.text import clean, cut, one_line
from patchtool.report import layout
from patchtool.report.layout import Column, Heading, Sentence, Span, Table, row
from patchtool.report.remark_lines import remarks
from patchtool.report.remark_words import sums
from patchtool.revisions.pair import PairKind
from patchtool.revisions.people import name_and_address
from patchtool.revisions.record import BAD_TAGS, SupportKind, TagState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.report.layout import Block, Row, Style
    from patchtool.revisions.pair import Difference, PatchPair
    from patchtool.revisions.record import Bullet, HunkWithoutReason, Revisions, TagFinding

_MARKS = {PairKind.NEW: ">", PairKind.DROPPED: "<"}
_SAME = (PairKind.UNCHANGED, PairKind.TEXT, PairKind.REBASED, PairKind.REORDERED)
_STYLES: dict[PairKind, Style] = {
    PairKind.CHANGED: "warn", PairKind.REPLACED: "warn", PairKind.SPLIT: "warn",
    PairKind.MERGED: "warn", PairKind.NEW: "good", PairKind.DROPPED: "bad",
}  # fmt: skip
_FEW = 6  # supports that are named of a bullet
_PAIRS = (
    Column("old", right=True), Column(""), Column("new"), Column("patch", shrink="end"),
    Column("what"),
)  # fmt: skip
_FIGURES = (
    Column("figure", shrink="middle"), Column("old", right=True), Column("new", right=True),
)  # fmt: skip
_TAGS = (
    Column("patch", right=True), Column("tag"), Column("by", shrink="middle"), Column("what"),
)  # fmt: skip


def lines(found: Revisions, room: int, *, diff: bool) -> list[layout.Line]:
    """All that was found, in lines of at most *room* columns."""
    out = [*layout.lines(_head(found), room), *remarks(found, room)]
    if diff:
        for pair in found.pairs_and_cover:
            out += _interdiff(pair, room)
    out += layout.lines(_rest(found), room)
    while out and not out[0]:
        del out[0]
    return out


def summary(found: Revisions) -> str:
    """In one line: pairs by kind, remarks by verdict, and what is wrong."""
    return "; ".join(filter(None, (_pairs(found), sums(found.judgements), _wrong_tags(found))))


def summary_without_remarks(found: Revisions) -> str:
    """In one line: pairs by kind, and tags that are wrong."""
    return "; ".join(filter(None, (_pairs(found), _wrong_tags(found))))


def _pairs(found: Revisions) -> str:
    kinds = Counter(pair.kind for pair in found.pairs)
    return ", ".join(f"{kinds[kind]} {kind}" for kind in PairKind if kinds[kind])


def _wrong_tags(found: Revisions) -> str:
    states = Counter(tag.state for tag in found.tags)
    return ", ".join(
        f"{states[state]} tag{'s' * (states[state] > 1)} {state}"
        for state in BAD_TAGS
        if states[state]
    )


def name_of_new(found: Revisions) -> str:
    """The revision of NEW; a branch or a folder that was not posted yet has none of its own."""
    return f"v{found.new.revision}" if found.is_numbered else "not posted yet"


def mark(pair: PatchPair) -> str:
    """``=`` for the same code, ``!`` for other, ``<`` dropped, ``>`` new, as range-diff has it."""
    return _MARKS.get(pair.kind, "=" if pair.kind in _SAME else "!")


def numbers(of: Sequence[int]) -> str:
    """Numbers of patches; ``-`` for none."""
    return "+".join(map(str, of)) or "-"


def kind_text(pair: PatchPair) -> str:
    """The kind of a pair, and what is to be said with it."""
    more = [
        "white space only" if pair.blank_only else "",
        "reordered" if pair.reordered and pair.kind is not PairKind.REORDERED else "",
        "other context" if pair.context_only else "",
    ]
    said = ", ".join(filter(None, more))
    return f"{pair.kind} ({said})" if said else str(pair.kind)


def _head(found: Revisions) -> Iterator[Block]:
    old, new = found.old, found.new
    yield Heading(f"{new.title}: v{old.revision} -> {name_of_new(found)}")
    if old.title != new.title:
        yield Sentence(f"was: {old.title}", "dim")
    names = (f"v{old.revision}", name_of_new(found))
    sides = (
        f"{name} of {each.date or 'no date'}, {_replies(each.replies)}"
        for name, each in zip(names, (old, new), strict=True)
    )
    yield Sentence("; ".join(sides), "dim")
    if found.tree:
        yield Sentence(f"both applied to {found.tree}", "dim")
    for note in found.notes:
        yield Sentence(f"Note: {note}.", "warn", hang=6)
    yield Table(_PAIRS, tuple(_pair_row(pair) for pair in found.pairs))


def _pair_row(pair: PatchPair) -> Row:
    subject = pair.new_subject or pair.old_subject
    style = _STYLES.get(pair.kind, "")
    sure = pair.kind in _SAME and pair.runner_up is None
    return row(
        numbers(pair.old), Span(mark(pair), style), numbers(pair.new), subject,
        Span(kind_text(pair), style), note=Span("" if sure else reason(pair), "dim"),
    )  # fmt: skip


def reason(pair: PatchPair) -> str:
    """What decided that it is a pair, and what else it could have been."""
    other = pair.runner_up
    near = f"; next best: {other.old} -> {other.new}, {other.similarity:.0%}" if other else ""
    return f"by {pair.decided_by}: {pair.reason}{near}" if pair.old and pair.new else pair.reason


def _interdiff(pair: PatchPair, room: int) -> Iterator[layout.Line]:
    if not pair.differences:
        return
    subject = pair.new_subject
    place = f"{numbers(pair.old)} {mark(pair)} {numbers(pair.new)}"
    title = f"{place}  {subject}" if pair.old != (0,) else "the cover letter"
    yield ()
    yield (Span(cut(one_line(title), room), "bold"),)
    if pair.old_subject != subject:
        yield (Span(cut(one_line(f"was: {pair.old_subject}"), room), "dim"),)
    for each in pair.differences:
        yield (Span(cut(f"  {_place(each)}", room), "dim"),)
        for line in each.old:
            yield (Span("  "), Span(f"-{_code(line.text)}", "bad"))
        for line in each.new:
            yield (Span("  "), Span(f"+{_code(line.text)}", "good"))


def _code(text: str) -> str:
    return clean(text).expandtabs().rstrip("\n")


def _place(difference: Difference) -> str:
    old = str(difference.old[0].number) if difference.old else "-"
    new = str(difference.new[0].number) if difference.new else "-"
    where = one_line(difference.path) or str(difference.part)
    said = [
        "white space" if difference.blank_only else "",
        "moved" if difference.moved else "",
    ]
    marked = ", ".join(filter(None, (difference.id, *said)))
    return f"@@ {where} {old} -> {new} @@ {one_line(difference.function)} [{marked}]"


def _rest(found: Revisions) -> Iterator[Block]:
    if found.bullets:
        yield Heading("Change log")
        yield from (block for bullet in found.bullets for block in _bullet(bullet))
    if found.without_reason:
        yield Heading("Nobody says why")
        yield from _silent(found)
    tags = [tag for tag in found.tags if tag.state is not TagState.CARRIED]
    if found.tags:
        yield Heading("Tags")
        carried = len(found.tags) - len(tags)
        yield Sentence(f"{carried} carried" if carried else "none carried", indent=2)
    if tags:
        yield Table(_TAGS, tuple(_tag_row(tag) for tag in tags))
    changed = [each for each in found.figures if not each.same]
    if changed:
        yield Heading("Figures of the cover letters")
        yield Table(_FIGURES, tuple(row(f.name, f.old or "-", f.new or "-") for f in changed))
    same = len(found.figures) - len(changed)
    if changed and same:
        yield Sentence(f"{same} as before", "dim", indent=2)
    if found.not_addressed:
        yield Heading("Commented, and not addressed by NEW")
        for each in found.not_addressed:
            patches = ", ".join(str(at) if at else "cover letter" for at in each.patches)
            yield Sentence(f"{each.who} (on {patches})", indent=2, hang=2)
    yield Heading(summary(found))


def _bullet(bullet: Bullet) -> Iterator[Block]:
    good = bool(bullet.support)
    where = f" (in {bullet.patch})" if bullet.patch else ""
    style: Style = "" if good else "warn"
    yield Sentence(f"- {bullet.text}{where}", style, indent=2 + 2 * bullet.level, hang=2)
    said = support_text(bullet) or "nothing in the mails shows it"
    yield Sentence(said, "dim" if good else "warn", indent=4 + 2 * bullet.level, hang=2)


def support_text(bullet: Bullet) -> str:
    """What supports a bullet, by what it is seen."""
    by: dict[str, list[str]] = {}
    for each in bullet.support:
        what = f"{each.what!r}" if each.kind is SupportKind.PATCH else each.what
        by.setdefault(each.by if each.kind is not SupportKind.TAG else "tags", []).append(what)
    parts = []
    for name, things in by.items():
        more = f" and {len(things) - _FEW} more" if len(things) > _FEW else ""
        parts.append(f"{', '.join(things[:_FEW])}{more} ({name})")
    credit = ", ".join(name_and_address(who)[0] or who for who in bullet.reviewers)
    return "; ".join((*parts, *([f"credits {credit}"] if credit and parts else [])))


def _silent(found: Revisions) -> Iterator[Block]:
    for each in found.without_reason:
        yield Sentence(silent_text(each), indent=2, hang=2)


def silent_text(each: HunkWithoutReason) -> str:
    """A change without a reason in one line."""
    if not each.difference:
        return f"patch {each.patch}: {each.text}"
    return f"{each.difference} {each.path}:{each.line}: {each.text.strip()}"


def _tag_row(tag: TagFinding) -> Row:
    bad = tag.state in BAD_TAGS
    style: Style = "bad" if bad else "warn" if tag.state is TagState.LOST else ""
    patch = tag.new if tag.new is not None else tag.old
    text = tag.text + (f": {', '.join(tag.differences[:_FEW])}" if tag.differences else "")
    text += " ..." if len(tag.differences) > _FEW else ""
    return row(
        "-" if patch is None else str(patch), tag.name, tag.value, Span(str(tag.state), style),
        note=Span(text, "dim"),
    )  # fmt: skip


def _replies(count: int) -> str:
    return f"{count} {'reply' if count == 1 else 'replies'}"
