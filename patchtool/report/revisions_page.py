# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings compared as one HTML page: remark by remark, the thread beside the lines.

The page fetches nothing. Its one script, which filters and moves, is named by its hash, so that
nothing else runs; foreign text is cleaned and escaped as on the page of a run.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.core.text import one_line
from patchtool.report import remark_words
from patchtool.report.html import environment
from patchtool.report.revisions_text import (
    kind_text,
    mark,
    name_of_new,
    numbers,
    silent_text,
    summary_without_remarks,
    support_text,
)
from patchtool.revisions.record import BAD_TAGS
from patchtool.revisions.remark import OPEN, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from patchtool.revisions.record import Bullet, Revisions
    from patchtool.revisions.remark import Judgement, Remark
    from patchtool.series.model import Series

_LINES = 60  # of a difference
_ANSWERS = 6  # the last ones count; earlier ones are folded
_LONGEST = 20_000  # characters of a mail


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A remark as the page shows it.

    Attributes:
        judgement: The remark, and what came of it.
        place: Where it is, in words.
        by: Name of who made it.
        patch: Its patch as the filter names it.
        tone: Style of its verdict.
        outcome: What became of the place.
        bullet: The bullet of the change log that covers it.
    """

    judgement: Judgement
    place: str
    by: str
    patch: str
    tone: str
    outcome: remark_words.Outcome
    bullet: Bullet | None


def page(found: Revisions, old: Series) -> str:
    """The page.

    Args:
        found: All that is known of the two postings.
        old: OLD, whose mails are shown whole at the end.
    """
    views = [_view(found, each) for each in remark_words.in_order(found.judgements)]
    made = environment()
    mails = {each.message_id or "": each for each in old.replies}
    named = dict.fromkeys(
        ident
        for each in found.judgements
        for ident in (each.remark.message_id, *(answer.message_id for answer in each.answers))
    )
    return made.get_template("revisions.html.j2").render(
        f=found,
        views=views,
        new_name=name_of_new(found),
        summary=summary_without_remarks(found),
        sums=remark_words.sums(found.judgements),
        mails={ident: mails[ident] for ident in named if ident and ident in mails},
        anchors={ident: f"m{at}" for at, ident in enumerate(named, 1) if ident in mails and ident},
        longest=_LONGEST,
        limit=_LINES,
        few=_ANSWERS,
        choices=_choices(views),
        script_hash=script_hash(made),
        answer_text=remark_words.answer_text,
        numbers=numbers, mark=mark, kind_text=kind_text, silent_text=silent_text,
        support_text=support_text, bad_tags=BAD_TAGS,
    )  # fmt: skip


def script_hash(made: Environment) -> str:
    """The hash by which a page names the script that may run."""
    script = made.get_template("revisions.js.j2").render()
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _view(found: Revisions, judgement: Judgement) -> RemarkView:
    remark, verdict = judgement.remark, judgement.verdict
    tone = "bad" if verdict in OPEN else "warn" if verdict is Verdict.LOOK else "soft"
    if verdict is Verdict.ADDRESSED:
        tone = "good"
    return RemarkView(
        judgement=judgement,
        place=remark_words.place_text(remark.place),
        by=one_line(remark_words.name(remark.author)),
        patch=patch_name(remark),
        tone=tone,
        outcome=remark_words.outcome(found, judgement, _LINES),
        bullet=remark_words.bullet_of(found, judgement),
    )


def patch_name(remark: Remark) -> str:
    """The patch of a remark, as the filter names it."""
    number = remark.place.patch if remark.place.patch is not None else remark.patch
    return "thread" if number is None else f"patch {number}" if number else "cover letter"


def _choices(views: Sequence[RemarkView]) -> tuple[tuple[str, str, list[str]], ...]:
    """The filters: key, label, and what can be chosen."""
    verdicts = dict.fromkeys(str(view.judgement.verdict) for view in views)
    return (
        ("verdict", "verdict", ["open", *verdicts]),
        ("by", "reviewer", sorted({view.by for view in views}, key=str.lower)),
        ("patch", "patch", sorted({view.patch for view in views}, key=lambda t: (len(t), t))),
    )
