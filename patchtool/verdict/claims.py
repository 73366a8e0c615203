# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures of a cover letter against those that tests measured. Pure.

``reproduced``: a run gave the very figure; every run kept it, where it is a bound.
``within spread``: it lies between the least and the greatest figure of the runs, both taken
:data:`TOLERANCE` wider; some run kept it, where it is a bound.
``not reproduced``: neither. ``differs in one run``: neither, but one run shows no spread, so it
says nothing of an exact figure that races. ``not measured``: no test that ran has such a figure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.run.record import ClaimResult
from patchtool.series.figures import SUCCESSORS
from patchtool.testing.records import Outcome
from patchtool.verdict.comparisons import main_deltas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.run.record import ClaimVerdict
    from patchtool.series.figures import Bound, Claim, Figures
    from patchtool.series.manifest import Manifest
    from patchtool.testing.records import TestRecord, TestRun

#: Share of a claim's largest figure (its zeros have no scale of their own) by which the range of
#: the runs is taken wider, since a few runs do not show all of the spread. Of 64 MiB in a guest
#: of 1 GiB on 6.12 three passes of six writers moved 16504, 16706 and 17017 pages: -1.2 to +1.9 %.
TOLERANCE = 0.02
#: What the verdicts mean, for the foot of a table.
MEANING = (
    "reproduced: a run hits the very figure (every run keeps it, where it is a bound); within "
    "spread: it lies between the least and the most of the runs, give or take "
    f"{TOLERANCE:.0%} of the claim's largest figure"
)

#: Below a table with such a figure.
_ONE_RUN = "one run does not show how far the figures spread: --runs 5 compares with their range"
#: Where a test says how large its balloon was.
BALLOON_FIGURES = ("balloon_mib", "mib")
#: Failures that leave the figures of a test whole, by the error's name.
_WHOLE = ("ChecksFailed", "KernelComplaint")
#: What may differ from the claim: key, and how it is said.
_SETTING = {"guest_mib": "a guest of {} MiB", "writers": "{} writers", "passes": "{} passes"}


def judge(
    manifest: Manifest | None, control: TestRun | None, patched: TestRun | None
) -> tuple[ClaimResult, ...]:
    """Every figure of the manifest's ``[[claims]]`` and ``[[figures]]``, in that order."""
    if manifest is None:
        return ()
    tests = patched.tests if patched else ()
    rows = [row for claim in manifest.claims for row in _claim(claim, tests)]
    for entry in manifest.figures:
        rows += _figures(entry, entry.base, control.tests if control else (), on_base=True)
        rows += _figures(entry, entry.patched, tests, on_base=False)
    return tuple(rows)


def verdict(claimed: float, measured: Sequence[float], bound: Bound, scale: float) -> ClaimVerdict:
    """See the module; *scale* is what the tolerance is a share of."""
    if not measured:
        return "not measured"
    found = _hits(claimed, measured, bound)
    if bound != "exact":
        return _of_bound(found, len(measured))
    give = TOLERANCE * scale
    if found:
        return "reproduced"
    if min(measured) - give <= claimed <= max(measured) + give:
        return "within spread"
    return "not reproduced" if len(measured) > 1 else "differs in one run"


def _of_bound(found: int, runs: int) -> ClaimVerdict:
    return "reproduced" if found == runs else "within spread" if found else "not reproduced"


def _hits(claimed: float, measured: Sequence[float], bound: Bound) -> int:
    """How many runs gave the figure, or kept the bound."""
    if bound == "at least":
        return sum(value >= claimed for value in measured)
    if bound == "at most":
        return sum(value <= claimed for value in measured)
    return sum(value == claimed for value in measured)


def _claim(claim: Claim, tests: Sequence[TestRecord]) -> Iterator[ClaimResult]:
    runs = measuring(tests, claim)
    scale = max([1, *map(abs, claim.deltas.values())])
    for counter, claimed in claim.deltas.items():
        seen = [main_deltas(run, tuple(claim.deltas)).get(counter) for run in runs]
        measured = tuple(row.delta for row in seen if row is not None)
        found = verdict(claimed, measured, claim.bound, scale)
        yield ClaimResult(
            name=counter,
            claimed=claimed,
            bound=claim.bound,
            measured=measured,
            hits=_hits(claimed, measured, claim.bound),
            verdict=found,
            notes=(*_differences(claim, runs[0]), *_lost(runs, tests), *_alone(found))
            if measured
            else (_missing(counter, tests),),
            balloon_mib=claim.balloon_mib,
            guest_mib=claim.guest_mib,
            source=claim.source,
            tests=tuple(run.nodeid for run in runs) if measured else (),
        )


def _whole(test: TestRecord) -> bool:
    """Whether a test came so far that its figures are whole."""
    return test.outcome is Outcome.PASSED or test.cause in _WHOLE


def measuring(tests: Sequence[TestRecord], claim: Claim) -> tuple[TestRecord, ...]:
    """The runs of the one test that measures a claim's counters with a balloon of that size.

    Of several tests, the one whose setting is nearest, then the one with most runs, then the
    one that checks most of the counters. A test says its setting in its figures; for the size,
    a number that stands alone in its name will do.
    """
    wanted = claim.deltas.keys()
    able = [t for t in tests if _whole(t) and wanted & main_deltas(t, wanted).keys()]
    sized = [t for t in able if _says(t, claim.balloon_mib)] or [
        t for t in able if re.search(rf"(?<!\d){claim.balloon_mib}(?!\d)", _name(t))
    ]
    runs: dict[str, list[TestRecord]] = {}
    for test in sized:
        runs.setdefault(test.first, []).append(test)

    def distance(found: list[TestRecord]) -> tuple[int, int, int]:
        checked = {name for check in found[0].checks for name in check.values}
        return len(_differences(claim, found[0])), -len(found), -len(checked & wanted)

    if not runs:
        return ()
    best = min(runs.values(), key=distance)
    return tuple(best)


def _says(test: TestRecord, balloon_mib: int) -> bool:
    return any(test.figures.get(name) == balloon_mib for name in BALLOON_FIGURES)


def _name(test: TestRecord) -> str:
    return test.first.rpartition("::")[2]


def _differences(claim: Claim, test: TestRecord) -> tuple[str, ...]:
    """What of the setting was not the claim's, as far as the test says it."""
    seen = dict(test.figures)
    if test.guest is not None:
        seen["guest_mib"] = test.guest.memory_mib
    return tuple(
        f"measured with {text.format(seen[key])}, not {getattr(claim, key)}"
        for key, text in _SETTING.items()
        if key in seen and seen[key] != getattr(claim, key)
    )


def _lost(runs: Sequence[TestRecord], tests: Sequence[TestRecord]) -> tuple[str, ...]:
    """A note on runs of the same test that came to no figures."""
    asked = sum(test.first == runs[0].first for test in tests)
    return (f"{asked - len(runs)} of {asked} runs gave no figures",) if asked > len(runs) else ()


def _alone(found: ClaimVerdict) -> tuple[str, ...]:
    """A note on a figure that more runs would tell more of."""
    return (_ONE_RUN,) if found == "differs in one run" else ()


def _missing(counter: str, tests: Sequence[TestRecord]) -> str:
    for test in tests:
        if (
            test.outcome in (Outcome.SKIPPED, Outcome.LEFT_OUT)
            and f"counter:{counter}" in test.needs
        ):
            return test.reason.partition("\n")[0]
    return "no test that ran has such a balloon and this counter"


def _figures(
    entry: Figures, claimed: Mapping[str, float], tests: Sequence[TestRecord], *, on_base: bool
) -> Iterator[ClaimResult]:
    runs = [t for t in tests if entry.measured_by and t.first.endswith(entry.measured_by)]
    whole = [run for run in runs if _whole(run)]
    for name, value in claimed.items():
        seen = [_value(run, name) for run in whole]
        found = [one for one in seen if one is not None]
        measured = tuple(one[1] for one in found)
        result = verdict(value, measured, entry.bound, abs(value))
        notes = {f"measured as {called}" for called, _ in found if called != name}
        notes.update(_lost(whole, runs) if measured else (_why(entry, runs, whole),))
        notes.update(_alone(result))
        yield ClaimResult(
            name=name,
            claimed=int(value) if value == int(value) else value,
            bound=entry.bound,
            unit=entry.unit,
            on_base=on_base,
            measured=measured,
            hits=_hits(value, measured, entry.bound),
            verdict=result,
            notes=tuple(sorted(notes)),
            procedure=entry.procedure,
            source=entry.source,
            tests=tuple(run.nodeid for run in whole) if measured else (),
        )


def _why(entry: Figures, runs: Sequence[TestRecord], whole: Sequence[TestRecord]) -> str:
    """Why a figure was not measured."""
    if entry.measured_by is None:
        return "no test measures it"
    if not runs:
        return f"{entry.measured_by} was not run"
    if not whole:
        return f"{entry.measured_by} ended as {runs[0].outcome}"
    return "this kernel has no such counter"


def _value(test: TestRecord, name: str) -> tuple[str, float] | None:
    """What a test has under a name, or under the one a counter has today."""
    given = test.figures.get(name)
    if isinstance(given, int | float):
        return name, given
    deltas = main_deltas(test, (name, SUCCESSORS.get(name, name)))
    for called in (name, SUCCESSORS.get(name, name)):
        if called in deltas:
            return called, deltas[called].delta
    return None
