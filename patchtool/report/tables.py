# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of the text report, each as blocks of :mod:`.layout`. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from patchtool.core.text import duration, number
from patchtool.report.layout import Column, Heading, Sentence, Span, Table, Verbatim, row
from patchtool.testing.records import Outcome
from patchtool.verdict import comparisons
from patchtool.verdict.by_patch import new_warnings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchtool.report.layout import Block, Style
    from patchtool.run.record import Finding, RunRecord
    from patchtool.testing.records import CounterDelta, TestRecord

_STYLES: dict[str, Style] = {
    "passed": "good", "failed": "bad", "error": "bad", "skipped": "dim", "left out": "dim",
    "applied": "good", "3-way": "warn", "fuzz": "warn", "already there": "dim", "conflict": "bad",
}  # fmt: skip

_NOT_RUN = (Outcome.SKIPPED, Outcome.LEFT_OUT)


def style(word: str) -> Style:
    """The style a verdict is shown in."""
    return _STYLES.get(word, "")


def short(nodeid: str) -> str:
    """A test's name without the folders; what ``pytest -k`` takes is still in it."""
    path, colons, name = nodeid.partition("::")
    return path.rpartition("/")[2] + colons + name


def guest_text(test: TestRecord) -> str:
    """The guest of a test: ``1024 MiB, 2 CPUs, tcg``."""
    guest = test.guest
    if guest is None:
        return ""
    nodes = f", {guest.nodes} nodes" if guest.nodes > 1 else ""
    return f"{guest.memory_mib} MiB, {guest.cpus} CPUs{nodes}, {guest.accelerator}"


def counters(record: RunRecord) -> Iterator[Block]:
    """The main test's counters, as the 2012 cover letter shows them."""
    test = comparisons.main_test(record)
    if test is None:
        return
    names = comparisons.head_counters(record, test)
    guest = f" (guest: {guest_text(test)})" if test.guest else ""
    yield Heading(f"{short(test.nodeid)}{guest}")
    yield counter_table(comparisons.main_deltas(test, record.counters.adds), names)


def counter_table(deltas: Mapping[str, CounterDelta], names: tuple[str, ...]) -> Table:
    """Counter, before, after, delta."""
    columns = [Column("counter", shrink="middle")]
    columns += [Column(title, right=True) for title in ("before", "after", "delta")]
    rows = []
    for name in names:
        found = deltas[name]
        cells: list[str | Span] = [name, str(found.before), str(found.after)]
        cells.append(Span(number(found.delta, sign=True), "bold" if found.delta else "dim"))
        rows.append(row(*cells))
    return Table(tuple(columns), tuple(rows))


def tests(record: RunRecord) -> Iterator[Block]:
    """Every test, on the base and with the series; later runs that passed are only counted."""
    if record.patched is None and record.control is None:
        return
    yield Heading("tests")
    flagged = {entry.test for entry in record.comparisons if entry.flagged}
    patched = record.patched.tests if record.patched else ()
    more = Counter(t.first for t in patched if _passed_again(t))
    rows = []
    lacking = 0
    for nodeid, name in test_names(record).items():
        base = record.control.get(nodeid) if record.control else None
        test = record.patched.get(nodeid) if record.patched else None
        shown = test or base
        assert shown is not None
        if _passed_again(shown):
            continue
        expected = needs_series(record, base)
        lacking += expected
        note = _reason(None if expected else base, test, flagged=nodeid in flagged)
        if more[nodeid] and not note.text:
            note = Span(f"and {more[nodeid]} more run{'s' if more[nodeid] > 1 else ''}", "dim")
        rows.append(
            row(
                name,
                Span(base.outcome, style(base.outcome)) if base else "-",
                Span(test.outcome, style(test.outcome)) if test else "-",
                f"{shown.seconds:.1f}",
                note=note,
            )
        )
    columns = (
        Column("test", shrink="middle"),
        Column("base"),
        Column("patched"),
        Column("seconds", right=True),
    )
    yield Table(columns, tuple(rows), note="reason")
    if lacking:
        noun = "test needs" if lacking == 1 else "tests need"
        yield Sentence(f"{lacking} {noun} what the series adds; the base skips them", "dim")
    for run in (record.control, record.patched):
        if run is not None and not run.complete:
            yield Sentence(f"the run on {run.label} was not finished", "bad")


def _passed_again(test: TestRecord) -> bool:
    return test.run > 1 and test.outcome is Outcome.PASSED


def needs_series(record: RunRecord, base: TestRecord | None) -> bool:
    """Whether the base skipped a test because of a counter of the series."""
    if base is None or base.outcome is not Outcome.SKIPPED:
        return False
    test = record.patched.get(base.nodeid) if record.patched else None
    needs = {*base.needs, *(test.needs if test else ())}
    ran = test is not None and test.outcome not in _NOT_RUN
    return ran and not needs.isdisjoint(f"counter:{name}" for name in record.counters.adds)


def test_names(record: RunRecord) -> dict[str, str]:
    """All tests, those of the patched run first: node id, and the shortest name of its own."""
    runs = [run for run in (record.patched, record.control) if run is not None]
    nodeids = list(dict.fromkeys(test.nodeid for run in runs for test in run.tests))
    functions = [nodeid.partition("::")[2] or nodeid for nodeid in nodeids]
    return {
        nodeid: name if functions.count(name) == 1 else short(nodeid)
        for nodeid, name in zip(nodeids, functions, strict=True)
    }


def _reason(base: TestRecord | None, test: TestRecord | None, *, flagged: bool) -> Span:
    if flagged:
        return Span("! should tell base from patched, and does not", "warn")
    if test is not None and test.failed_checks:
        return Span(broken_text(test), "bad")
    for found, where in ((test, ""), (base, "base: ")):
        if found is not None and found.outcome is not Outcome.PASSED and found.reason:
            kind: Style = "dim" if found.outcome in _NOT_RUN or where else "bad"
            return Span(where + found.headline, kind)
    return Span("")


def broken_text(test: TestRecord) -> str:
    """How many of a test's relations do not hold."""
    count = len(test.failed_checks)
    return f"{count} relation{'s do' if count > 1 else ' does'} not hold; see the findings"


def applied(record: RunRecord) -> Iterator[Block]:
    """What became of each patch, and how its image was built."""
    if not record.apply:
        return
    yield Heading("patches")
    built = {image.patch: image for image in reversed(record.images)}
    total = len(record.series.patches) or len(record.apply)
    rows = []
    if None in built:
        took = "stored" if built[None].cached else duration(built[None].seconds)
        rows.append(row("base", record.release, "", took))
    for entry in record.apply:
        image = built.get(entry.number)
        took = "" if image is None else "stored" if image.cached else duration(image.seconds)
        outcome = Span(entry.outcome, style(entry.outcome))
        rows.append(row(f"{entry.number}/{total}", entry.subject, outcome, took, note=entry.detail))
    columns = (
        Column("", right=True),
        Column("subject", shrink="end"),
        Column("apply"),
        Column("build", right=True),
    )
    yield Table(columns, tuple(rows))
    for entry in record.apply:
        for clash in entry.conflicts:
            yield Sentence(f"patch {entry.number}: {clash.path} {clash.hunk}", "bad", hang=4)
            yield Verbatim(f"the patch expects:\n{clash.expected}", indent=4)
            yield Verbatim(f"the tree has:\n{clash.found}", indent=4)


def warnings(record: RunRecord) -> Iterator[Block]:
    """New compiler warnings, by the patch that brought them; how many there were before."""
    built = [found for found in record.builds if found.warnings]
    new = new_warnings(record)
    fresh = [(label, found) for label, warned in new.items() for found in warned]
    if not built:
        return
    yield Heading("compiler warnings")
    for label, found in fresh:
        place = f"{found.file}:{found.line}: " if found.line else ""
        yield Sentence(f"new in {label}: {place}{found.text}", "warn", hang=4)
    old = max(len(image.warnings) - len(new.get(image.label, ())) for image in built)
    compared = any(image.label == "base" for image in record.images)
    known = f"{len(fresh)} new; {old} that the base has as well"
    yield Sentence(known if compared else f"{old}; the base was not built", "dim")


def findings(record: RunRecord) -> Iterator[Block]:
    """What a person has to know."""
    if not record.findings:
        return
    yield Heading("findings")
    kinds: dict[str, Style] = {"error": "bad", "warning": "warn", "note": "dim"}
    for found in record.findings:
        where = [who_text(record, found), short(found.test)]
        head = [part for part in where if part] or [found.what]
        yield Sentence(f"{found.severity}: {': '.join(head)}", kinds[found.severity], hang=4)
        if found.what not in head:
            yield Sentence(found.what, indent=4, hang=2)
        if found.why:
            yield Sentence(f"why: {found.why}", "dim", indent=4, hang=2)
        for word, tests in (("as before", found.as_before), ("left out", found.left_out)):
            if tests:
                names = ", ".join(map(short, tests))
                yield Sentence(f"{word}: {len(tests)} more: {names}", "dim", indent=4, hang=2)


def who_text(record: RunRecord, found: Finding) -> str:
    """The patch a finding blames, or those it suspects; else empty."""
    total = len(record.series.patches)
    if found.patch is not None:
        return f'patch {found.patch}/{total} "{found.subject}"'
    if found.suspects:
        return f"one of patches {', '.join(map(str, found.suspects))} of {total}"
    return ""


def verdict_text(record: RunRecord) -> str:
    """``PASSED: balloon-counters v1 on v6.12.117: 4 patches, 9 tests passed, 2 skipped``."""
    words = {"infra": "NO VERDICT (this machine)", "interrupted": "INTERRUPTED"}
    parts = []
    if record.apply:
        count = len(record.apply)
        parts.append(f"{count} patch{'es' if count != 1 else ''}")
    if record.patched is not None:
        outcomes = [test.outcome for test in record.patched.tests]
        said = [f"{outcomes.count(o)} {o}" for o in Outcome if o in outcomes]
        parts.append(f"tests: {', '.join(said) or 'none was run'}")
    errors = [found for found in record.findings if found.severity == "error"]
    blamed = sorted({found.patch for found in errors if found.patch})
    if blamed:
        noun = "patch" if len(blamed) == 1 else "patches"
        parts.append(f"{noun} to blame: {', '.join(map(str, blamed))}")
    warned = sum(found.severity == "warning" for found in record.findings)
    if warned:
        parts.append(f"{warned} warning{'s' if warned != 1 else ''}")
    if record.left_out:
        parts.append(f"left out: {', '.join(record.left_out)}")
    what = f"{record.series.name} v{record.series.revision} on {record.release}"
    return f"{words.get(record.outcome, record.outcome.upper())}: {what}: {'; '.join(parts)}"
