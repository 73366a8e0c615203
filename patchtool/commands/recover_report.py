# SPDX-License-Identifier: GPL-2.0-or-later
"""The report of ``patchtool series recover``: a table for each patch, and uncertain places."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from patchtool.recover.record import From, Verdict
from patchtool.report.layout import Column, Heading, Sentence, Span, Table, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.record import FileRecovery, PatchRecord, Recovery
    from patchtool.report.layout import Block, Row, Style

_STYLE: dict[Verdict, Style] = {
    Verdict.PROVED: "good", Verdict.CONSISTENT: "warn", Verdict.INDEX_SUSPECT: "warn",
    Verdict.BASE_MISSING: "bad", Verdict.FAILED: "bad",
}  # fmt: skip
_COLUMNS = (
    Column("file", shrink="middle"), Column("verdict"), Column("bits", right=True),
    Column("+", right=True), Column("-", right=True), Column("hunks", right=True), Column("base"),
)  # fmt: skip
_BASE = {
    From.BLOB: "exact", From.SERIES: "from the series", From.PATH: "other version",
    From.NOTHING: "none", From.NEW: "new file",
}  # fmt: skip
_PLACES = 8  # open places that are shown for a file; recovery.json has all


def blocks(found: Recovery) -> Iterator[Block]:
    """The report."""
    yield Heading(f"{found.title} (v{found.revision}, {found.total} patches)")
    against = f"{found.tree} at {found.commit[:12]}" if found.tree else "no tree"
    yield Sentence(f"{found.page}, against {against}", "dim")
    for patch in found.patches:
        yield from _patch(patch, found.total)
    for review in found.reviews:
        yield Sentence(f"reply to the cover letter by {review.author}, {review.date}", "dim")
    yield from _literals(found)
    yield Heading("")
    yield from _sum(found)


def _patch(patch: PatchRecord, total: int) -> Iterator[Block]:
    yield Heading(f"{patch.number}/{total} {patch.subject}")
    yield Sentence(f"{patch.author}, {patch.date}", indent=2)
    for text in patch.told:
        yield Sentence(f"not on the page: {text}", "warn", indent=2, hang=2)
    if patch.undone:
        yield Sentence(f"undone: {', '.join(patch.undone)}", indent=2)
    if patch.unmasked:
        made = ", ".join(dict.fromkeys(after for _, after in patch.unmasked))
        yield Sentence(f"addresses written out again: {made}", indent=2, hang=2)
    if patch.hidden:
        yield Sentence(f"masked for good: {', '.join(patch.hidden)}", "warn", indent=2, hang=2)
    yield Table(_COLUMNS, tuple(_row(each) for each in patch.files))
    for text in patch.diffstat:
        yield Sentence(f"diffstat: {text}", "bad", indent=2, hang=2)
    for each in patch.files:
        yield from _open(each)
    for review in patch.reviews:
        yield Sentence(f"reply by {review.author}, {review.date}", "dim", indent=2)


def _row(found: FileRecovery) -> Row:
    bits = f"{found.bits:.0f}" if found.bits else ""
    why = "; ".join(text for text in (found.reason, *found.notes) if text)
    base = "exact" if found.exact_base and found.base is From.SERIES else _BASE[found.base]
    return row(
        found.path, Span(found.verdict, _STYLE[found.verdict]), bits, str(found.added),
        str(found.removed), str(found.hunks), base, note=Span(why, "dim"),
    )  # fmt: skip


def _open(found: FileRecovery) -> Iterator[Block]:
    for place in found.open[:_PLACES]:
        others = " or ".join(_blanks(other) for other in place.others)
        yield Sentence(
            f"open: {found.path}:{place.line} {place.kind}: {_blanks(place.chosen)}, or {others}",
            "dim", indent=4, hang=4,
        )  # fmt: skip
    if len(found.open) > _PLACES:
        more = len(found.open) - _PLACES
        yield Sentence(f"open: {found.path}: {more} more places", "dim", indent=4)


def _blanks(text: bytes) -> str:
    """White space in words: ``2 tabs``, ``tab + 4 blanks``, ``nothing``."""
    tabs, rest = len(text) - len(text.lstrip(b"\t")), text.lstrip(b"\t")
    if rest.strip(b" "):
        return repr(text.decode("utf-8", "replace"))
    parts = [f"{tabs} tabs" if tabs > 1 else "tab"] if tabs else []
    if rest:
        parts.append(f"{len(rest)} blanks" if len(rest) > 1 else "blank")
    return " + ".join(parts) or "nothing"


def _literals(found: Recovery) -> Iterator[Block]:
    places = [
        (each.path, literal)
        for patch in found.patches for each in patch.files for literal in each.literals
    ]  # fmt: skip
    if places:
        yield Heading("String literals whose blanks were folded (the meaning is at stake)")
    for path, literal in places:
        text = literal.text.decode("utf-8", "replace")
        sure = "" if literal.wide else " (one blank taken for each)"
        yield Sentence(f"{path}:{literal.line}: {text}{sure}", indent=2, hang=2)


def _sum(found: Recovery) -> Iterator[Block]:
    counts = Counter(found.verdicts)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    total = len(found.verdicts)
    yield Sentence(f"{total} file diffs: {said or 'none'}", "good" if found.good else "bad", hang=4)
    replies = len(found.reviews) + sum(len(patch.reviews) for patch in found.patches)
    left = f", {len(found.left_out)} mails of other postings" if found.left_out else ""
    yield Sentence(f"{replies} replies{left}; {found.furniture} lines of the page are no mail")
    if found.missing:
        numbers = ", ".join(map(str, found.missing))
        yield Sentence(f"not on the page: patches {numbers} of {found.total}", "warn", hang=4)
    for path, blob in found.needed:
        yield Sentence(f"needed for a proof: blob {blob} of {path}", "warn", hang=4)
