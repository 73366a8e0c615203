# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a series as one HTML page that needs no network: the ledger, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.core.text import one_line
from patchtool.report import life_words, remark_words
from patchtool.report.html import environment
from patchtool.report.revisions_page import patch_name, script_hash

if TYPE_CHECKING:
    from patchtool.revisions.lifetime import Entry, Life

_LINES = 20  # of a change
_LONGEST = 4000  # characters of a text


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of the ledger as the page shows it.

    Attributes:
        entry: The line.
        fate: What came of it.
        tone: Style of that.
        place: Where it is, in words.
        by: Name of who made it.
        patch: Its patch as the filter names it.
    """

    entry: Entry
    fate: str
    tone: str
    place: str
    by: str
    patch: str


def page(life: Life) -> str:
    """The page."""
    views = [_view(life, entry) for entry in life_words.entries(life)]
    made = environment()
    return made.get_template("life.html.j2").render(
        f=life,
        views=views,
        title=life_words.title(life),
        summary=life_words.summary(life),
        left=sum(not entry.asks for entry in life.ledger),
        choices=(
            ("verdict", "outcome", [*dict.fromkeys(["open", *(v.fate for v in views)])]),
            ("by", "reviewer", sorted({v.by for v in views}, key=str.lower)),
            ("patch", "patch", sorted({v.patch for v in views}, key=lambda t: (len(t), t))),
        ),
        anchors=None,  # the mails are not on this page
        limit=_LINES,
        longest=_LONGEST,
        script_hash=script_hash(made),
        time_passed=life_words.time_passed,
        day=life_words.day,
        cell_text=life_words.cell_text,
        answer_text=remark_words.answer_text,
    )


def _view(life: Life, entry: Entry) -> EntryView:
    return EntryView(
        entry=entry,
        fate=life_words.fate(life, entry),
        tone=_tone(entry),
        place=remark_words.place_text(entry.remark.place),
        by=one_line(remark_words.name(entry.remark.author)),
        patch=patch_name(entry.remark),
    )


def _tone(entry: Entry) -> str:
    if entry.open:
        return "bad"
    if entry.is_to_look_at:
        return "warn"
    return "soft" if entry.settled_in is None else "good"
