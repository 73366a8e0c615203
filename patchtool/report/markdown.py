# SPDX-License-Identifier: GPL-2.0-or-later
"""The run record as Markdown, to be pasted: the letter's table run by run, and the run as a row.

Pure. The letter's own table had one line for a run of its procedure; so has this one.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from patchtool.core.text import number, one_line, pad, width
from patchtool.testing.records import Outcome
from patchtool.verdict.claim_words import claimed_text, hits_text, range_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.run.record import ClaimResult, RunRecord

#: ``gcc (Debian 12.2.0-14+deb12u1) 12.2.0``, ``Debian clang version 14.0.6``.
_GCC = re.compile(r"(gcc)\S* \(.*?\) (\d+(?:\.\d+)+)")
_CLANG = re.compile(r"(clang) version (\d+(?:\.\d+)+)")
Cells = tuple[str, ...]


def page(record: RunRecord) -> str:
    """The letter's table, the other figures, and the run as a row."""
    part = [f"**{record.series.part}**", ""] if record.series.part else []
    return "\n".join([*part, *_letter(record), *_figures(record), *_table(*summary(record))]) + "\n"


def compiler(text: str) -> str:
    """The compiler's name and version out of what it says of itself, or all of that."""
    found = _GCC.match(text) or _CLANG.search(text)
    return f"{found[1]} {found[2]}" if found else text


def summary(record: RunRecord) -> tuple[Cells, list[Cells]]:
    """The run as a row of a table of runs: its heading, and the row."""
    heads = ("series", "tree", "toolchain", "applied", "built one by one", "booted", "tests")
    series, tree, release = record.series, record.tree, record.release
    total = len(series.patches)
    images = [image for image in record.images if image.variant == "on"]
    bad = sum(boot.outcome != "ok" for boot in record.boots)
    cells = (
        f"{series.name} v{series.revision}" + (f" ({series.size})" if series.missing else ""),
        tree if release.lstrip("v") in tree else f"{tree} ({release})",
        compiler(record.host.compiler),
        f"{sum(entry.commit is not None for entry in record.apply)}/{total}" if total else "",
        _count(len(images), total + 1),
        f"{len(record.boots) - bad} of {len(record.boots)} boots" if record.boots else "",
        _tests(record),
    )
    return (*heads, "figures", "verdict"), [(*cells, _verdicts(record.claims), record.outcome)]


def _count(images: int, total: int) -> str:
    return f"{images}/{total} kernels" if images else ""


def _tests(record: RunRecord) -> str:
    if record.patched is None:
        return ""
    found = Counter(test.outcome for test in record.patched.tests)
    return ", ".join(f"{found[outcome]} {outcome}" for outcome in Outcome if found[outcome])


def _verdicts(claims: Iterable[ClaimResult]) -> str:
    found = Counter(fact.verdict for fact in claims)
    return ", ".join(f"{count} {verdict}" for verdict, count in found.items())


def _letter(record: RunRecord) -> Iterator[str]:
    """The growth of counters: per claim a row for the letter, for each run, for the verdicts."""
    counted = [fact for fact in record.claims if not fact.unit and not fact.on_base]
    claims = groupby(counted, lambda fact: (fact.source, fact.guest_mib, fact.balloon_mib))
    alike = groupby((tuple(facts) for _, facts in claims), lambda c: [fact.name for fact in c])
    for names, members in alike:
        kept = names[0].rpartition("_")[0] + "_"
        if len(names) == 1 or not all(name.startswith(kept) for name in names):
            kept = ""
        short = [name.removeprefix(kept) for name in names]
        tables = list(members)
        rows = [row for facts in tables for row in _runs(record, facts)]
        yield from _table(("guest MB", "balloon MB", *short, ""), rows)
        notes = list(dict.fromkeys(n for facts in tables for fact in facts for n in fact.notes))
        if kept:
            notes.insert(0, f"the counters are `{kept}*`")
        yield from ("", f"Here {'; '.join(notes)}.", "") if notes else ("",)


def _runs(record: RunRecord, facts: Sequence[ClaimResult]) -> Iterator[Cells]:
    first = facts[0]
    setting = (number(first.guest_mib or None), number(first.balloon_mib or None))
    yield (*setting, *map(claimed_text, facts), first.source)
    runs = max(facts, key=lambda fact: len(fact.tests)).tests
    for at, nodeid in enumerate(runs):
        test = record.patched.get(nodeid) if record.patched else None
        memory = test.guest.memory_mib if test is not None and test.guest else None
        seen = [number(f.measured[at]) if at < len(f.measured) else "-" for f in facts]
        yield (number(memory), setting[1], *seen, f"run {at + 1} of {len(runs)}")
    verdicts = (f"{fact.verdict} {hits_text(fact)}".strip() for fact in facts)
    yield ("", "", *verdicts, "verdict")


def _figures(record: RunRecord) -> Iterator[str]:
    """The other figures that were measured."""
    rows = [
        (
            fact.name,
            f"{fact.unit}, of the base" if fact.on_base else fact.unit,
            claimed_text(fact),
            range_text(fact),
            f"{fact.verdict} {hits_text(fact)}".strip(),
        )
        for fact in record.claims
        if (fact.unit or fact.on_base) and fact.measured
    ]
    if rows:
        yield from _table(("figure", "unit", "claimed", "measured", "verdict"), rows)
        yield ""


def _table(heads: Cells, rows: Sequence[Cells]) -> Iterator[str]:
    """A table whose columns line up as text, too; figures are set flush right."""
    texts = [[_cell(cell) for cell in row] for row in (heads, *rows)]
    rooms = [max(3, *(width(row[at]) for row in texts)) for at in range(len(heads))]
    right = [all(_FIGURE.fullmatch(row[at]) for row in texts[1:2]) for at in range(len(heads))]

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    for count, row in enumerate(texts):
        yield line(pad(c, n, right=r) for c, n, r in zip(row, rooms, right, strict=True))
        if count == 0:
            yield line(
                "-" * (n - 1) + ":" if r else "-" * n for n, r in zip(rooms, right, strict=True)
            )


_FIGURE = re.compile(r"(?:[<>]= )?-?[0-9.]+")


def _cell(text: str) -> str:
    """Text that ends no cell and starts no markup."""
    return re.sub(r"([\\|`*\[\]]|<(?=[A-Za-z/!?]))", r"\\\1", one_line(text))
