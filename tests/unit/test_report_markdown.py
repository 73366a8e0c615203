# SPDX-License-Identifier: GPL-2.0-or-later
"""The record as Markdown: a line for each run of the letter's procedure, and a line for the run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.report import markdown
from patchtool.run.record import ClaimResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.run.record import RunRecord


def five_runs(sample: Any) -> RunRecord:
    """Five runs of the letter's procedure in a smaller guest; one let a page go back."""
    made: RunRecord = sample.record()
    assert made.patched is not None
    first = next(test for test in made.patched.tests if "[64]" in test.nodeid)
    tests = tuple(first.model_copy(update={"nodeid": f"{first.nodeid}#{n}"}) for n in range(5))
    measured = {
        sample.ISOLATED: (16384, 16384, 16384, 16201, 16384),
        sample.MIGRATED: (16384, 16384, 16383, 16201, 16384),
        sample.RETURNED: (0, 0, 1, 0, 0),
        sample.RELEASED: (16384, 16384, 16383, 16201, 16384),
    }
    claims = tuple(
        ClaimResult(
            name=name, claimed=claimed, measured=measured[name],
            hits=measured[name].count(claimed), verdict="reproduced", guest_mib=2048,
            balloon_mib=64, source="cover letter", tests=tuple(test.nodeid for test in tests),
            notes=("measured with a guest of 1024 MiB, not 2048",),
        )
        for name, claimed in sample.CLAIM.deltas.items()
    )  # fmt: skip
    larger = tuple(
        ClaimResult(
            name=name, claimed=2 * claimed, verdict="not measured", guest_mib=2048,
            balloon_mib=128, source="cover letter, 128 MB",
            notes=("no test that ran has such a balloon",),
        )
        for name, claimed in sample.CLAIM.deltas.items()
    )  # fmt: skip
    seconds = ClaimResult(
        name="seconds", unit="s", bound="at most", claimed=8, measured=(7.5, 9.25), hits=1,
        verdict="within spread", source="cover letter",
    )  # fmt: skip
    missing = ClaimResult(name="thp", unit="percent", claimed=8, verdict="not measured")
    patched = made.patched.model_copy(update={"tests": (*made.patched.tests, *tests)})
    return made.model_copy(
        update={"patched": patched, "claims": (*claims, *larger, seconds, missing)}
    )


def test_the_letters_table_has_a_line_for_each_run(
    sample: Any, golden: Callable[[str, str], None]
) -> None:
    golden("report.md", markdown.page(five_runs(sample)))


def test_a_run_without_claims_is_still_a_row(sample: Any) -> None:
    record = sample.record().model_copy(
        update={"claims": (), "patched": None, "boots": (), "images": (), "apply": ()}
    )
    heads, rule, row = markdown.page(record).splitlines()
    assert heads.count("|") == rule.count("|") == row.count("|") == 10
    assert "balloon-counters v1" in row


def test_text_that_is_no_cell_stays_in_its_cell(sample: Any) -> None:
    series = replace(sample.record().series, name="a|b\n<img>")
    page = markdown.page(sample.record().model_copy(update={"series": series, "claims": ()}))
    assert "| a\\|b \\<img> v1" in page


def test_a_counter_that_some_runs_lack_shows_it(sample: Any) -> None:
    record = five_runs(sample)
    first, *others = record.claims
    short = first.model_copy(update={"measured": first.measured[:2]})
    page = markdown.page(record.model_copy(update={"claims": (short, *others)}))
    last = next(line for line in page.splitlines() if "run 5 of 5" in line)
    assert last.split("|")[3].strip() == "-"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "gcc 12.2.0"),
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0 with no-pie, no-sse", "gcc 12.2.0"),
        ("gcc-9 (Debian 9.3.0-22) 9.3.0", "gcc 9.3.0"),
        ("Debian clang version 14.0.6", "clang 14.0.6"),
        ("tcc 0.9", "tcc 0.9"),
        ("", ""),
    ],
)
def test_a_compiler_in_short(said: str, name: str) -> None:
    assert markdown.compiler(said) == name
