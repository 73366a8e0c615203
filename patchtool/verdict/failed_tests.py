# SPDX-License-Identifier: GPL-2.0-or-later
"""The findings about tests that failed: each symptom once, with its first test. Pure."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from patchtool.testing.by_symptom import kinds
from patchtool.testing.records import Outcome
from patchtool.testing.symptoms import STUCK
from patchtool.verdict.attribution import Blame, Judged, blame_checks, blame_stuck, blame_trace
from patchtool.verdict.by_patch import deltas_by_patch, first_failing
from patchtool.verdict.comparisons import main_deltas, main_window
from patchtool.verdict.messages import NOBODY, certain, finding_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.run.record import Finding, RunRecord
    from patchtool.testing.by_symptom import Kind
    from patchtool.testing.records import Check, TestRecord

NOT_OURS = Blame(None, (), "it fails on the base as well, so the series is not to blame")
LEFT_OUT_ON_BASE = Blame(
    None, (), "others of its kind fail on the base, where it was left out, so none is blamed"
)
#: Claims whose counter came out otherwise.
_OFF = ("differs in one run", "not reproduced")
#: A kernel that died of it shows where.
_DEAD = re.compile(r"^  \| .*Call Trace:", re.MULTILINE)


def with_series(record: RunRecord) -> Iterator[Finding]:
    """Tests that failed with the whole series, and those that failed on the base."""
    for kind in kinds(record.patched, record.control) if record.patched else ():
        first = first_failing(record, kind.first.nodeid)
        if kind.first.by_machine:
            yield finding_of(
                record, "infra", "error", _why(kind.first), test=kind.first.nodeid,
            )  # fmt: skip
            continue
        excuse = _excuse(record, kind, first)
        if kind.first.failed_checks:
            yield from _checks(record, kind, first or None, excuse)
        else:
            yield _failed(record, kind, first or None, excuse)
    ran = record.patched
    judged = (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR)
    if ran is not None and ran.complete and not any(test.outcome in judged for test in ran.tests):
        yield finding_of(record, "test", "error", "no test was run with the series")
    for test in record.control.failed if record.control else ():
        other = record.patched.get(test.nodeid) if record.patched else None
        fixed = other is not None and other.outcome is Outcome.PASSED
        state = "fails on the base and passes with the series" if fixed else "fails on the base"
        yield finding_of(
            record, "infra" if test.by_machine else "control", "note",
            f"{state}: {_why(test)}", test=test.nodeid,
        )  # fmt: skip


def _excuse(record: RunRecord, kind: Kind, first: int | None) -> Blame | None:
    """Why no patch of the series is to blame, where the base is known to be no better."""
    base = record.control.get(kind.first.nodeid) if record.control else None
    if base is not None and base.outcome is Outcome.LEFT_OUT:
        return LEFT_OUT_ON_BASE
    return NOT_OURS if kind.on_base or first == 0 else None


def on_other_images(record: RunRecord) -> Iterator[Finding]:
    """Tests that failed on the image of an earlier patch or of another variant, each once.

    What fails with the whole series, or on the base, has a finding already; and so has an image
    that did not come up.
    """
    told = {test.nodeid for run in (record.control, record.patched) if run for test in run.failed}
    down = {boot.image for boot in record.boots if boot.outcome != "ok"}
    images = {image.label: image for image in record.images}
    for run in record.other_runs:
        image = images.get(run.label)
        other = "" if image is None or image.variant == "on" else f" in variant {image.variant}"
        for test in run.failed:
            if (test.cause == "BootError" and run.label in down) or test.nodeid + other in told:
                continue
            told.add(test.nodeid + other)
            if test.by_machine:
                yield finding_of(record, "infra", "error", _why(test), test=test.nodeid)
                continue
            what = f"fails on image {run.label}{other}: {_why(test)}"
            blame = certain(image.patch) if image is not None and not other else NOBODY
            yield finding_of(
                record, "splat" if test.splats else "test", "error", what, blame, test=test.nodeid
            )


def _checks(
    record: RunRecord, kind: Kind, first: int | None, excuse: Blame | None
) -> Iterator[Finding]:
    """One finding for each relation that failed; checks that held narrow the suspects."""
    test = kind.first
    judged = [Judged(tuple(check.values), check.holds) for check in test.checks]
    off = {claim.name for claim in record.claims if claim.verdict in _OFF}
    blamed = partial(
        blame_checks,
        patches=record.series.patches,
        history=deltas_by_patch(record, test.nodeid),
        first_failing=first,
        off=off,
    )
    everyone = blamed(judged)
    held = [check for check in judged if check.ok]
    for number, check in enumerate(test.failed_checks):
        blame = blamed([Judged(tuple(check.values), ok=False), *held])
        if blame.patch is None and everyone.patch in blame.suspects:
            blame = everyone
        yield finding_of(
            record, "test", "error", sentence(test, check), excuse or blame,
            test=test.nodeid, check=check.text,
            numbers={name: float(value) for name, value in check.values.items()},
            kind_of_test=None if number else kind,
        )  # fmt: skip


def sentence(test: TestRecord, check: Check) -> str:
    """The check that failed, with the deltas that show it."""
    shown = []
    window = next((w for w in test.windows if w.label == check.window), None)
    window = window or main_window(test, tuple(check.values))
    deltas = window.deltas if window else test.deltas
    for name, value in check.values.items():
        row = deltas.get(name)
        if row is not None and row.delta == value:
            shown.append(f"{name} {row.delta:+d} ({row.before} -> {row.after})")
        else:
            shown.append(f"{name} {value}")
    sides = f" ({check.left} against {check.right})" if check.left is not None else ""
    return f"{check.text} does not hold{sides}: {', '.join(shown)}"


def _failed(record: RunRecord, kind: Kind, first: int | None, excuse: Blame | None) -> Finding:
    """A test that failed without a failed relation: a splat, a death, an assertion."""
    test, patches = kind.first, record.series.patches
    what = _why(test)
    counters = tuple(name for name in record.counters.adds if name in test.reason)
    numbers: dict[str, float] = {}
    if kind.as_before or kind.left_out:
        moved = main_deltas(test, record.counters.adds)
        shown = {n: moved[n] for n in record.counters.adds if n in moved}
        numbers = {name: float(row.delta) for name, row in shown.items()}
    blame = NOBODY
    if test.splats:
        lines = [line for splat in test.splats for line in (splat.title, *splat.lines)]
        blame = blame_trace(lines, patches, first)
        what = f"{test.splats[0].kind}: {test.splats[0].title}"
    elif counters or first is not None:
        blame = blame_checks([Judged(counters, ok=False)], patches, first_failing=first)
    elif any(symptom.kind == STUCK for symptom in test.symptoms):
        blame = blame_stuck(test.reason.splitlines(), patches)
    elif _DEAD.search(test.reason):
        blame = blame_trace(test.reason.splitlines(), patches)
    if numbers:
        what += "; with " + ", ".join(f"{name} {value:+.0f}" for name, value in numbers.items())
    return finding_of(
        record, "splat" if test.splats else "test", "error", what,
        excuse or blame, test=test.nodeid, kind_of_test=kind, numbers=numbers,
    )  # fmt: skip


def _why(test: TestRecord) -> str:
    return test.headline or f"ended as {test.outcome}"
