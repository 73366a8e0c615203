# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a series, as Markdown to be pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.report.life_words import (
    cell_text,
    day,
    entries,
    fate,
    summary,
    time_passed,
    title,
    way,
)
from patchtool.report.remark_words import name, place_text
from patchtool.report.revisions_markdown import escaped, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.revisions.lifetime import Life

_SHORT = 120  # characters of a remark


def page(life: Life) -> str:
    """All of it."""
    return "\n".join(_lines(life)) + "\n"


def _lines(life: Life) -> Iterator[str]:
    yield f"# {escaped(title(life))}"
    yield ""
    yield escaped(summary(life))
    yield from (f"\n*Note: {escaped(note)}.*" for note in life.notes)
    yield ""
    yield from table(
        ("revision", "of", "remarks", "asked", "again", "settled", "open", "answered after"),
        [(of, day(posted), *map(str, (s.remarks, s.requests, s.again, s.settled, s.open)),
          time_passed(s.answered_after))
         for of, posted, s in zip(life.names, life.postings, life.sums, strict=True)],
    )  # fmt: skip
    yield "\n## Patches\n"
    yield from table(
        ("patch", *life.names),
        [(escaped(each.subject), *(escaped(cell_text(cell)) for cell in each.cells))
         for each in life.rows],
    )  # fmt: skip
    yield "\n## Ledger\n"
    yield from table(
        ("said on", "by", "place", "remark", "outcome", "way"),
        [(life.names[each.mentions[0].posting], escaped(name(each.remark.author)),
          escaped(place_text(each.remark.place)), escaped(each.remark.text[:_SHORT]),
          fate(life, each), escaped(", ".join(way(life, each))))
         for each in entries(life)],
    )  # fmt: skip
