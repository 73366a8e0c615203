# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures of a cover letter against those of every run."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.core import data
from patchtool.report import claim_tables, render
from patchtool.run.record import ClaimResult
from patchtool.series.figures import Claim, Figures, counters
from patchtool.series.manifest import FILE_NAME, load
from patchtool.testing.balloon import PAGES_PER_MIB
from patchtool.testing.records import Outcome
from patchtool.verdict import claim_words, claims, findings


@pytest.mark.parametrize(
    ("claimed", "measured", "bound", "said"),
    [
        (16384, [16384], "exact", "reproduced"),
        (16384, [15000, 16384, 17000], "exact", "reproduced"),
        (16384, [15000, 17000], "exact", "within spread"),
        (16384, [16390, 16500], "exact", "within spread"),  # off by less than the tolerance
        (16384, [16711], "exact", "within spread"),
        (16384, [16712], "exact", "differs in one run"),
        (16384, [0], "exact", "differs in one run"),
        (16384, [16712, 16712], "exact", "not reproduced"),
        (16384, [18000, 19000], "exact", "not reproduced"),
        (16384, [0, 0], "exact", "not reproduced"),
        (16384, [], "exact", "not measured"),
        (100, [100, 300], "at least", "reproduced"),
        (100, [99, 300], "at least", "within spread"),
        (100, [98, 99], "at least", "not reproduced"),
        (100, [98, 100], "at most", "reproduced"),
        (100, [99], "at least", "not reproduced"),  # one run is enough to break a bound
        (100, [101], "at most", "not reproduced"),
    ],
)
def test_what_the_verdicts_mean(claimed: int, measured: list[int], bound: Any, said: str) -> None:
    assert claims.verdict(claimed, measured, bound, claimed) == said


@given(st.integers(0, 1000), st.lists(st.integers(0, 1000), min_size=1), st.integers(0, 1000))
def test_one_more_run_never_makes_an_exact_claim_worse(
    claimed: int, measured: list[int], more: int
) -> None:
    order = {"differs in one run": 0, "not reproduced": 0, "within spread": 1, "reproduced": 2}
    before = claims.verdict(claimed, measured, "exact", 1000)
    after = claims.verdict(claimed, [*measured, more], "exact", 1000)
    assert order[after] >= order[before]


def repeated(sample: Any, *returned: int, **figures: int) -> tuple[Any, ...]:
    """Runs of one test with a 64 MiB balloon, whose pages returned so often."""
    test = sample.compaction_test(64)
    name = test.nodeid.removesuffix("]")
    runs = []
    for number, count in enumerate(returned, 1):
        deltas = {
            **test.deltas,
            sample.RETURNED: sample.delta(count),
            sample.ISOLATED: sample.delta(16384 + count),
        }
        window = test.windows[0].model_copy(update={"deltas": deltas})
        changes = {
            "nodeid": f"{name}]" if number == 1 else f"{name}-run{number}]",
            "run": number,
            "deltas": deltas,
            "windows": (window,),
            "figures": {**test.figures, **figures},
        }
        runs.append(test.model_copy(update=changes))
    return tuple(runs)


def judged(sample: Any, *tests: Any, **manifest: Any) -> dict[str, Any]:
    run = sample.TestRun(label="4/4", plan="", tests=tests)
    made = sample.MANIFEST.model_copy(update={"figures": (), **manifest})
    return {row.name: row for row in claims.judge(made, None, run)}


def test_every_run_is_kept_and_counted(sample: Any) -> None:
    rows = judged(sample, *repeated(sample, 12, 0, 38))
    returned = rows[sample.RETURNED]
    assert returned.measured == (12, 0, 38)
    assert (returned.hits, returned.verdict) == (1, "reproduced")
    ends = [name.rpartition("[")[2] for name in returned.tests]
    assert ends == ["64]", "64-run2]", "64-run3]"]
    assert rows[sample.MIGRATED].hits == 3
    assert claim_words.spread(returned) == ("0", "12", "38")


def test_a_claimed_nought_is_judged_on_the_scale_of_the_claim(sample: Any) -> None:
    """A claimed nought has no percentage: it is measured by the claim's largest figure."""
    rows = judged(sample, *repeated(sample, 12, 38))
    assert rows[sample.RETURNED].verdict == "within spread"
    rows = judged(sample, *repeated(sample, 400, 500))
    assert rows[sample.RETURNED].verdict == "not reproduced"
    assert rows[sample.ISOLATED].verdict == "not reproduced"


def test_what_differs_from_the_letters_setting_is_named(sample: Any) -> None:
    claim = sample.CLAIM.model_copy(update={"guest_mib": 2048, "writers": 6})
    rows = judged(sample, *repeated(sample, 0, writers=6, passes=3), claims=(claim,))
    assert rows[sample.ISOLATED].notes == (
        "measured with a guest of 1024 MiB, not 2048",
        "measured with 3 passes, not 1",
    )


def test_the_test_in_the_letters_setting_measures_the_claim(sample: Any) -> None:
    """Another with a balloon of that size, and more checks, has three passes for the one."""
    near = sample.compaction_test(64).model_copy(update={"nodeid": "t.py::test_near", "checks": ()})
    near = near.model_copy(update={"figures": {"balloon_mib": 64, "passes": 1}})
    rows = judged(sample, *repeated(sample, 0, passes=3), near)
    assert rows[sample.ISOLATED].tests == ("t.py::test_near",)


def test_a_run_that_was_lost_is_said_and_not_counted(sample: Any) -> None:
    first, second, third = repeated(sample, 0, 5, 9)
    lost = second.model_copy(update={"outcome": Outcome.FAILED, "cause": "LostGuest"})
    row = judged(sample, first, lost, third)[sample.RETURNED]
    assert row.measured == (0, 9)
    assert row.notes == ("1 of 3 runs gave no figures",)


def test_a_test_that_failed_by_its_checks_has_measured(sample: Any) -> None:
    test = sample.compaction_test(64, returned_twice=True)
    assert test.cause == "ChecksFailed"
    assert judged(sample, test)[sample.RETURNED].measured == (16384,)


def test_a_claim_without_its_test_is_not_measured(sample: Any) -> None:
    claim = sample.CLAIM.model_copy(update={"balloon_mib": 256})
    manifest = sample.MANIFEST.model_copy(update={"claims": (claim,)})
    for run in (sample.run("4/4", series=True), None):
        rows = [r for r in claims.judge(manifest, None, run) if r.balloon_mib]
        assert {row.verdict for row in rows} == {"not measured"}
        assert {row.notes for row in rows} == {
            ("no test that ran has such a balloon and this counter",)
        }


def test_a_skipped_test_says_why_nothing_was_measured(sample: Any) -> None:
    skipped = sample.simple_test("t.py::test_a", Outcome.SKIPPED, "not promised: x")
    skipped = skipped.model_copy(update={"needs": (f"counter:{sample.ISOLATED}",)})
    assert judged(sample, skipped)[sample.ISOLATED].notes == ("not promised: x",)


def test_the_test_is_found_by_the_number_in_its_name(sample: Any) -> None:
    run = sample.run("4/4", series=True)
    bare = tuple(test.model_copy(update={"figures": {}}) for test in run.tests)
    claim = sample.CLAIM.model_copy(update={"balloon_mib": 128})
    (found,) = claims.measuring(bare, claim)
    assert found.nodeid.endswith("[128]")
    assert claims.measuring(bare, sample.CLAIM.model_copy(update={"balloon_mib": 12})) == ()


def test_figures_of_a_test_that_recalls_a_measurement_come_from_its_window(sample: Any) -> None:
    """Tests on one guest share a measurement; only the first has it in its own deltas."""
    test = sample.compaction_test(64).model_copy(update={"deltas": {}})
    rows = judged(sample, test)
    assert [row.measured for row in rows.values()] == [(16384,), (16384,), (0,), (16384,)]


FIGURES = Figures(
    procedure="the same",
    source="cover letter",
    unit="growth of the counter",
    measured_by="test_inflate_compact.py::test_six_writers[64]",
    patched={"compact_blocks_moved": 3108, "compact_pages_moved": 57591, "moved_percent": 100},
)


def test_other_figures_are_those_of_the_test_that_is_named(sample: Any) -> None:
    """A counter of the letter's kernel may have another name in this one, or be gone."""
    rows = judged(sample, *repeated(sample, 0, 12), claims=(), figures=(FIGURES,))
    pages = rows["compact_pages_moved"]
    assert (pages.measured, pages.verdict) == ((57591, 57591), "reproduced")
    assert pages.notes == ("measured as pgmigrate_success",)
    gone = rows["compact_blocks_moved"]
    assert (gone.verdict, gone.notes) == ("not measured", ("this kernel has no such counter",))
    assert rows["moved_percent"].measured == (100, 100)


@pytest.mark.parametrize(
    ("measured_by", "why"),
    [
        (None, "no test measures it"),
        ("test_x.py::test_x", "test_x.py::test_x was not run"),
        ("test_numa.py::test_move_pages_between_nodes", "ended as skipped"),
    ],
)
def test_no_figure_of_the_letter_is_left_out(
    sample: Any, measured_by: str | None, why: str
) -> None:
    entry = FIGURES.model_copy(update={"measured_by": measured_by, "base": {"a": 1.0}})
    manifest = sample.MANIFEST.model_copy(update={"figures": (entry,)})
    run = sample.run("4/4", series=True)
    rows = [row for row in claims.judge(manifest, run, run) if row.unit]
    assert [(row.name, row.on_base) for row in rows] == [
        ("a", True),
        *((name, False) for name in FIGURES.patched),
    ]
    assert all(why in row.notes[0] for row in rows)


def test_counters_that_may_be_asked_for_have_their_new_names_too(sample: Any) -> None:
    named = counters((sample.CLAIM,), (FIGURES,))
    assert {*sample.COUNTERS, "compact_pages_moved", "pgmigrate_success"} <= {*named}
    assert counters((), (FIGURES.model_copy(update={"measured_by": None}),)) == ()


def test_a_missed_figure_is_a_warning_and_changes_no_verdict(sample: Any) -> None:
    claim = sample.CLAIM.model_copy(update={"deltas": {sample.ISOLATED: 20000, sample.MIGRATED: 1}})
    made = with_runs(sample, claim, 0, 12)
    (found,) = [finding for finding in made.findings if finding.kind == "claim"]
    assert found.severity == "warning"
    assert "not reproduced in 2 runs" in found.what
    assert f"{sample.ISOLATED} 20000, measured 16384 to 16396" in found.what
    assert f"{sample.MIGRATED} 1, measured 16384" in found.what
    assert findings.verdict(made, made.findings) == ("passed", 0)


def with_runs(sample: Any, claim: Claim, *returned: int) -> Any:
    """A record whose tests measured a claim so often."""
    made = sample.record()
    others = [test for test in made.patched.tests if "[64]" not in test.nodeid]
    tests = (*repeated(sample, *returned), *others)
    patched = made.patched.model_copy(update={"tests": tests})
    manifest = sample.MANIFEST.model_copy(update={"claims": (claim,), "figures": ()})
    facts = claims.judge(manifest, made.control, patched)
    return sample.judged(made.model_copy(update={"patched": patched, "claims": facts}))


def test_one_run_never_says_that_a_figure_is_not_reproduced(sample: Any) -> None:
    """Our own series began its report with two warnings, of figures that race."""
    claim = sample.CLAIM.model_copy(update={"deltas": {sample.ISOLATED: 20000}})
    made = with_runs(sample, claim, 0)
    assert [row.verdict for row in made.claims] == ["differs in one run"]
    assert [finding for finding in made.findings if finding.kind == "claim"] == []
    text = " ".join(render.text(made, None, full=False).split())
    assert "20000 16384 differs in one run" in text
    assert "--runs 5 compares with their range" in text


@pytest.mark.parametrize(
    ("least", "said"), [(16384, "reproduced"), (16390, "within spread"), (16397, "not reproduced")]
)
def test_a_claim_may_be_a_bound_that_every_run_keeps(least: int, said: str, sample: Any) -> None:
    claim = sample.CLAIM.model_copy(
        update={"bound": "at least", "deltas": {sample.ISOLATED: least}}
    )
    made = with_runs(sample, claim, 0, 12)
    assert [row.verdict for row in made.claims] == [said]
    assert claim_words.claimed_text(made.claims[0]) == f">= {least}"
    alone = with_runs(sample, claim, 0)
    assert alone.claims[0].verdict == ("reproduced" if least == 16384 else "not reproduced")


def test_our_own_series_claims_what_every_run_keeps() -> None:
    manifest = load(data.series() / "balloon-counters" / FILE_NAME)
    assert [claim.bound for claim in manifest.claims] == ["at least", "at least"]
    for claim in manifest.claims:
        pages = claim.balloon_mib * PAGES_PER_MIB
        assert all(0.9 * pages <= value <= pages for value in claim.deltas.values())


def test_the_setting_names_the_test() -> None:
    claim = Claim(balloon_mib=64, guest_mib=2048, writers=6, source="s", deltas={"a": 1})
    assert claim.setting == "64-in-2048-1x6"


def several(sample: Any) -> Any:
    """A record with five runs of a claim, and figures that nothing measures."""
    runs = repeated(sample, 0, 12, 0, 38, 3)
    made = sample.record()
    others = [test for test in made.patched.tests if "[64]" not in test.nodeid]
    patched = made.patched.model_copy(update={"tests": (*runs, *others)})
    claim = sample.CLAIM.model_copy(update={"guest_mib": 2048})
    manifest = sample.MANIFEST.model_copy(
        update={"claims": (claim,), "figures": (FIGURES, sample.BENCHMARK)}
    )
    facts = claims.judge(manifest, made.control, patched)
    return sample.judged(made.model_copy(update={"patched": patched, "claims": facts}))


def test_several_runs_as_text(sample: Any, golden: Any) -> None:
    golden("report_claims.txt", render.text(several(sample), None, full=False))


def test_a_strip_has_the_claim_and_each_run_on_one_line(sample: Any) -> None:
    facts = {fact.name: fact for fact in several(sample).claims}
    drawn = claim_tables.strip(facts[sample.RETURNED])
    assert drawn is not None
    assert drawn.claim == drawn.runs[0] == drawn.runs[2] == 6
    assert max(drawn.runs) == drawn.runs[3] == 154
    same = claim_tables.strip(facts[sample.MIGRATED])
    assert same is not None
    assert {same.claim, *same.runs} == {80}
    assert claim_tables.strip(facts["pass_1"]) is None


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2), st.integers(-(10**9), 10**9))
def test_a_strip_keeps_the_order_and_stays_inside(measured: list[int], claimed: int) -> None:
    fact = ClaimResult(name="a", claimed=claimed, measured=tuple(measured), verdict="reproduced")
    drawn = claim_tables.strip(fact)
    assert drawn is not None
    places = sorted(zip([claimed, *measured], [drawn.claim, *drawn.runs], strict=True))
    assert all(0 <= place <= claim_tables.WIDTH for _, place in places)
    assert all(a[1] <= b[1] for a, b in pairwise(places))
