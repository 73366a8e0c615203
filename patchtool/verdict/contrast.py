# SPDX-License-Identifier: GPL-2.0-or-later
"""The runs of two revisions of a series against each other. Pure.

Each is the run of a whole series on one base, so what differs comes from the revisions, or from
counters that race: a figure that differs is shown, not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.verdict.by_patch import new_warnings
from patchtool.verdict.claim_words import claimed_text, range_text
from patchtool.verdict.comparisons import head_counters, main_deltas, main_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from patchtool.run.record import RunRecord
    from patchtool.testing.records import TestRecord


@dataclass(frozen=True, slots=True)
class Words:
    """What two runs say of one thing.

    Attributes:
        name: What it is.
        old: Of the run of OLD; None where it says nothing.
        new: Of the run of NEW.
    """

    name: str
    old: str | None
    new: str | None

    @property
    def differs(self) -> bool:
        """Whether they say different things."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Counts:
    """A figure of two runs.

    Attributes:
        name: What is counted.
        old: Of the run of OLD; None where there is none.
        new: Of the run of NEW.
    """

    name: str
    old: int | None
    new: int | None

    @property
    def difference(self) -> int | None:
        """How much more NEW has; None where one of them has none."""
        return None if self.old is None or self.new is None else self.new - self.old


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two runs side by side.

    Attributes:
        base: Name of the base of both, or of each where they differ.
        verdict: ``passed``, ``failed``; of each.
        tests: The outcome of each test with the series.
        main: Node id of the test whose counters are compared first; empty without tests.
        counters: Growth of its counters, in /proc/vmstat's names.
        deltas: Growth of the series' counters in the other tests, where it differs; the name is
            ``NODEID: COUNTER``.
        warnings: Each warning that the patches bring, by the patch that does.
        sizes: Bytes by which the series makes vmlinux larger: all symbols, then each section.
        findings: Each finding that only one of them has, with its severity.
        claims: What the cover letters say, and what was measured.
    """

    base: str
    verdict: Words
    tests: tuple[Words, ...] = ()
    main: str = ""
    counters: tuple[Counts, ...] = ()
    deltas: tuple[Counts, ...] = ()
    warnings: tuple[Words, ...] = ()
    sizes: tuple[Counts, ...] = ()
    findings: tuple[Words, ...] = ()
    claims: tuple[Words, ...] = ()


def contrast(old: RunRecord, new: RunRecord) -> Contrast:
    """The run of OLD against the run of NEW."""
    main = main_test(new) or main_test(old)
    nodeid = main.nodeid if main else ""
    bases = [record.base.name if record.base else "no base" for record in (old, new)]
    return Contrast(
        base=bases[0] if bases[0] == bases[1] else f"{bases[0]} and {bases[1]}",
        verdict=Words("verdict", old.outcome, new.outcome),
        tests=_words(_outcomes(old), _outcomes(new)),
        main=nodeid,
        counters=_counts(_main(old, nodeid), _main(new, nodeid)),
        deltas=tuple(_deltas(old, new, nodeid)),
        warnings=_words(_warnings(old), _warnings(new)),
        sizes=_counts(_sizes(old), _sizes(new)),
        findings=tuple(w for w in _words(_findings(old), _findings(new)) if w.differs),
        claims=_words(_claims(old), _claims(new)),
    )


def _words(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Words, ...]:
    return tuple(Words(name, old.get(name), new.get(name)) for name in {**new, **old})


def _counts(old: Mapping[str, int], new: Mapping[str, int]) -> tuple[Counts, ...]:
    return tuple(Counts(name, old.get(name), new.get(name)) for name in {**new, **old})


def _tests(record: RunRecord) -> tuple[TestRecord, ...]:
    return record.patched.tests if record.patched else ()


def _outcomes(record: RunRecord) -> dict[str, str]:
    return {test.nodeid: str(test.outcome) for test in _tests(record)}


def _main(record: RunRecord, nodeid: str) -> dict[str, int]:
    test = record.patched.get(nodeid) if record.patched else None
    if test is None:
        return {}
    deltas = main_deltas(test, record.counters.adds)
    return {name: deltas[name].delta for name in head_counters(record, test)}


def _deltas(old: RunRecord, new: RunRecord, main: str) -> Iterator[Counts]:
    counters = dict.fromkeys((*new.counters.adds, *old.counters.adds, *new.counters.uses))
    for test in _tests(new):
        other = old.patched.get(test.nodeid) if old.patched else None
        if other is None or test.nodeid == main:
            continue
        after = _of_series(test, counters)
        before = _of_series(other, counters)
        for each in _counts(before, after):
            if each.old != each.new:
                yield Counts(f"{test.nodeid}: {each.name}", each.old, each.new)


def _of_series(test: TestRecord, counters: Iterable[str]) -> dict[str, int]:
    names = tuple(counters)
    deltas = main_deltas(test, names)
    return {name: deltas[name].delta for name in names if name in deltas}


def _warnings(record: RunRecord) -> dict[str, str]:
    return {
        ": ".join(filter(None, (each.file, f"{each.text} [{each.flag}]"))): label
        for label, some in new_warnings(record).items()
        for each in some
    }


def _sizes(record: RunRecord) -> dict[str, int]:
    if record.elf is None:
        return {}
    diff = record.elf.diff
    sections = {each.name: each.delta for each in diff.sections if each.delta}
    return {"all symbols": diff.delta, **sections}


def _findings(record: RunRecord) -> dict[str, str]:
    return {
        each.what or each.text: each.severity for each in record.findings if each.severity != "note"
    }


def _claims(record: RunRecord) -> dict[str, str]:
    found = {}
    for each in record.claims:
        setting = f"{each.balloon_mib} MiB" if each.balloon_mib else each.procedure
        base = "base" if each.on_base else ""
        name = ", ".join(filter(None, (each.name, setting, base)))
        measured = f", measured {range_text(each)}" if each.measured else ""
        found[name] = f"{claimed_text(each)}{measured}: {each.verdict}"
    return found
