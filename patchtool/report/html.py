# SPDX-License-Identifier: GPL-2.0-or-later
"""The run record as one self-contained HTML page: inline CSS, inline SVG, no scripts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from patchtool.core.text import clean, command_line, duration, number, one_line
from patchtool.report import claim_tables, plots, sizes, tables
from patchtool.verdict import claim_words, comparisons
from patchtool.verdict.by_patch import new_warnings
from patchtool.verdict.claims import MEANING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchtool.build.kernel.image import KernelImage
    from patchtool.run.record import Finding, RunRecord
    from patchtool.testing.records import CounterDelta, TestRecord

TEMPLATES = Path(__file__).with_name("templates")
#: Counters worth a plot, beside those of the series: what migration and ballooning move.
_RELATED = ("balloon_", "compact_", "thp_", "pgmigrate_")


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A line of a delta table."""

    name: str
    delta: CounterDelta


@dataclass(frozen=True, slots=True)
class TestView:
    """A test as the page shows it.

    Attributes:
        anchor: Its id on the page.
        name: Shortest name that is its own.
        nodeid: What pytest takes.
        base: Its record on the base, if it ran there.
        patched: Its record with the series, if it ran.
        rows: The counters that matter.
        others: The other counters that changed.
        plot: SVG, or empty.
        reason: Why it did not pass, on one line; or why the base skips it.
    """

    anchor: str
    name: str
    nodeid: str
    base: TestRecord | None
    patched: TestRecord | None
    rows: tuple[CounterRow, ...]
    others: tuple[CounterRow, ...]
    plot: Markup
    reason: str

    @property
    def record(self) -> TestRecord:
        """The record whose details are shown: with the series, where there is one."""
        found = self.patched or self.base
        assert found is not None
        return found


def page(record: RunRecord, drawn: dict[str, str] | None = None) -> str:
    """The page.

    Args:
        record: The run.
        drawn: The plots, as :func:`patchtool.report.plots.draw` made them of
            :func:`wanted_plots`; None for a page without plots.
    """
    views = _views(record, drawn or {})
    head = comparisons.main_test(record)
    main = next((view for view in views if head is not None and view.record is head), None)
    diff = record.elf.diff if record.elf else None
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            r=record,
            verdict=tables.verdict_text(record),
            views=views,
            names=tables.test_names(record),
            main=main,
            main_plot=_plot_of(main, views) if main is not None else "",
            built=_built(record.images),
            new=new_warnings(record),
            tip=sizes.tip_label(record),
            bloat=sizes.bloat_line(diff) if diff else "",
            total=sizes.total_line(diff) if diff else "",
            events=sizes.events_text,
            compared={row.test: row for row in record.comparisons},
            blamed=_blamed(record.findings),
            claims=claim_words.groups(record),
            meaning=MEANING,
            strip_width=claim_tables.WIDTH,
            flagged=tuple(row for row in record.comparisons if row.flagged),
            who=lambda found: tables.who_text(record, found),
            guest=tables.guest_text,
        )
    )


def environment() -> Environment:
    """How the pages are filled in: foreign text is cleaned and escaped, a missing name is a bug."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        duration=duration, command=command_line, number=number, href=href,
        short=tables.short, line=one_line,
        signed=_signed, claimed=claim_words.claimed_text, spread=claim_words.spread,
        hits=claim_words.hits_text, runs=claim_words.count_text, strip=claim_tables.strip,
    )  # fmt: skip
    return made


def wanted_plots(record: RunRecord) -> tuple[plots.Plot, ...]:
    """The plots of a record: one for each test whose counters were sampled."""
    made = []
    for at, (nodeid, name) in enumerate(tables.test_names(record).items(), 1):
        test = _shown(record, nodeid)
        if test is not None:
            lines = {row.name: row for row in _rows(record, test)}
            grown = test.samples.counters
            kept = {clean(counter): grown[counter] for counter in lines if counter in grown}
            spans = [(w.begin, w.end) for w in test.windows if w.end > w.begin]
            title = f"Growth of {', '.join(kept)} during {clean(name)}"
            plot = plots.make(f"plot{at}", title, test.samples.seconds, kept, spans)
            if plot is not None:
                made.append(plot)
    return tuple(made)


def href(path: str) -> str:
    """A relative link to a file of the run directory; empty for anything else."""
    parts = path.split("/")
    if not path or path.startswith("/") or ".." in parts or "\\" in path:
        return ""
    return "./" + quote(clean(path))


def _finalize(value: object) -> object:
    """Foreign text loses its control characters before it is escaped."""
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _signed(value: float) -> str:
    return number(value, sign=True)


def _shown(record: RunRecord, nodeid: str) -> TestRecord | None:
    for run in (record.patched, record.control):
        found = run.get(nodeid) if run else None
        if found is not None:
            return found
    return None


def _views(record: RunRecord, drawn: dict[str, str]) -> tuple[TestView, ...]:
    views = []
    for at, (nodeid, name) in enumerate(tables.test_names(record).items(), 1):
        test = _shown(record, nodeid)
        assert test is not None
        rows = _rows(record, test)
        listed = {row.name for row in rows}
        base = record.control.get(nodeid) if record.control else None
        patched = record.patched.get(nodeid) if record.patched else None
        views.append(
            TestView(
                anchor=f"test{at}",
                name=name,
                nodeid=nodeid,
                base=base,
                patched=patched,
                rows=rows,
                others=tuple(
                    CounterRow(counter, row)
                    for counter, row in sorted(test.deltas.items())
                    if row.delta and counter not in listed
                ),
                # Markup: drawn by our own child process, which escapes the names in it.
                plot=Markup(drawn.get(f"plot{at}", "")),  # noqa: S704
                reason=_reason(record, base, patched),
            )
        )
    return tuple(views)


def _plot_of(main: TestView, views: Iterable[TestView]) -> Markup:
    """The plot of the test, or of the one that measured what it recalls."""
    if main.plot:
        return main.plot
    size = main.record.figures.get("balloon_mib")
    alike = (v.plot for v in views if v.plot and v.record.figures.get("balloon_mib") == size)
    return next(alike, Markup("")) if size is not None else Markup("")


def _reason(record: RunRecord, base: TestRecord | None, patched: TestRecord | None) -> str:
    if patched is not None and patched.failed_checks:
        return tables.broken_text(patched)
    if patched is not None and patched.reason:
        return patched.headline
    if tables.needs_series(record, base):
        return "needs what the series adds"
    return base.headline if base is not None else ""


def _rows(record: RunRecord, test: TestRecord) -> tuple[CounterRow, ...]:
    """Counters of the series first, then claimed ones, then related ones that moved."""
    claims = [claim.name for claim in record.claims if test.nodeid in claim.tests]
    figures = comparisons.main_deltas(test, record.counters.adds)
    related = [n for n, row in sorted(figures.items()) if row.delta and n.startswith(_RELATED)]
    names = dict.fromkeys([*record.counters.adds, *claims, *record.counters.uses, *related])
    rows = [CounterRow(n, figures[n]) for n in names if n in figures]
    if not any(row.delta.delta for row in rows):
        changed = sorted(n for n, row in test.deltas.items() if row.delta)
        rows += [CounterRow(n, test.deltas[n]) for n in changed[: plots.PANELS]]
    return tuple(rows)


def _built(images: Iterable[KernelImage]) -> dict[int, KernelImage]:
    """The first image of each patch; 0 is the base."""
    found: dict[int, KernelImage] = {}
    for image in images:
        found.setdefault(image.patch or 0, image)
    return found


def _blamed(findings: Iterable[Finding]) -> frozenset[int]:
    return frozenset(f.patch for f in findings if f.severity == "error" and f.patch is not None)
