# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said to patchwork of a run."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from patchtool.report import patchwork
from patchtool.run.record import Boot, Finding, RunRecord
from patchtool.tree.apply import Outcome


def said(record: RunRecord) -> dict[tuple[int, str], tuple[str, str]]:
    """State and description by patch and context."""
    return {(c.patch, c.context): (c.state, c.description) for c in patchwork.checks(record)}


def finding(**values: Any) -> Finding:
    return Finding.model_validate({"severity": "error", "text": "it is bad", **values})


def test_every_patch_is_judged_and_the_last_one_also_by_the_tests(sample: Any) -> None:
    found = said(sample.record())
    assert {place: state for place, (state, _) in found.items()} == {
        (1, patchwork.APPLY): "success",
        (1, patchwork.BUILD): "success",
        (2, patchwork.APPLY): "success",
        (2, patchwork.BUILD): "success",
        (3, patchwork.APPLY): "warning",
        (3, patchwork.BUILD): "warning",
        (4, patchwork.APPLY): "success",
        (4, patchwork.BUILD): "success",
        (4, patchwork.BOOT): "success",
        (4, patchwork.TESTS): "success",
    }
    assert found[1, patchwork.APPLY][1] == "applies to v6.12.117 (--base)"
    assert found[3, patchwork.APPLY][1] == "3-way: drivers/virtio/virtio_balloon.c merged"
    assert "unused variable" in found[3, patchwork.BUILD][1]
    assert found[4, patchwork.TESTS][1] == "7 passed, 1 skipped"


def test_the_patch_that_is_to_blame_gets_the_failure(sample: Any) -> None:
    found = said(sample.record(returned_twice=True))
    blamed = {number for (number, context), (state, _) in found.items() if state == "fail"}
    assert blamed == {2}
    assert found[2, patchwork.TESTS][0] == "fail"


def test_contexts_are_slugs_and_descriptions_are_short(sample: Any) -> None:
    long = finding(kind="build", patch=2, text="x" * 500)
    made = sample.record()
    made = made.model_copy(update={"findings": (*made.findings, long, long)})
    for check in patchwork.checks(made):
        assert re.fullmatch(r"[a-z0-9_-]+", check.context)
        assert len(check.description) <= 255
    assert said(made)[2, patchwork.BUILD][1].endswith(" (and 1 more)")


def test_a_failure_that_nobody_is_blamed_for_stands_at_the_last_patch(sample: Any) -> None:
    made = sample.record()
    found = said(made.model_copy(update={"findings": (finding(kind="boot"),)}))
    assert found[4, patchwork.BOOT] == ("fail", "it is bad")
    assert (1, patchwork.BOOT) not in found


def test_suspects_are_told_all(sample: Any) -> None:
    made = sample.record()
    found = said(made.model_copy(update={"findings": (finding(kind="splat", suspects=(2, 3)),)}))
    assert [number for (number, context) in found if context == patchwork.TESTS] == [2, 3, 4]
    assert found[2, patchwork.TESTS][0] == found[3, patchwork.TESTS][0] == "fail"


@pytest.mark.parametrize(
    ("outcome", "findings", "why"),
    [
        ("interrupted", (), "the run was interrupted"),
        ("infra", ("no room in /home/me",), "the machine that tests failed, not the series"),
        ("failed", (), "the run was not asked to"),
    ],
)
def test_what_was_not_done_is_no_success(
    sample: Any, outcome: str, findings: tuple[str, ...], why: str
) -> None:
    made = sample.record().model_copy(
        update={
            "outcome": outcome,
            "findings": tuple(finding(kind="infra", text=text) for text in findings),
            "images": (),
            "boots": (),
            "patched": None,
        }
    )
    found = said(made)
    for place in ((1, patchwork.BUILD), (4, patchwork.BOOT), (4, patchwork.TESTS)):
        assert found[place] == ("warning", f"not done: {why}")


def test_patches_behind_one_that_does_not_apply_are_not_done(sample: Any) -> None:
    made = sample.record()
    text = "patch 2/4: does not apply: mm/balloon_compaction.c"
    rows = (
        made.apply[0],
        replace(made.apply[1], outcome=Outcome.CONFLICT, commit=None, tree=None),
    )
    bad = finding(kind="apply", patch=2, text=text)
    found = said(made.model_copy(update={"apply": rows, "findings": (bad,), "outcome": "failed"}))
    assert found[1, patchwork.APPLY][0] == "success"
    assert found[2, patchwork.APPLY] == ("fail", text)
    assert found[3, patchwork.APPLY] == ("warning", f"not done: {text}")


def test_a_boot_that_went_wrong_is_no_success(sample: Any) -> None:
    made = sample.record()
    boots = (*made.boots, Boot(image="4/4", outcome="it hung"))
    found = said(made.model_copy(update={"boots": boots}))
    assert found[4, patchwork.BOOT][0] == "warning"


def test_a_run_that_begins_is_pending_where_it_will_be_judged(sample: Any) -> None:
    made = sample.record()
    numbers = [patch.number for patch in made.series.patches]
    begun = patchwork.pending(numbers)
    assert {(check.patch, check.context) for check in begun} == set(said(made))
    assert {check.state for check in begun} == {"pending"}
    assert patchwork.pending(()) == ()
