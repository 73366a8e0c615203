# SPDX-License-Identifier: GPL-2.0-or-later
"""The runs of two revisions side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from patchtool.cli import patchtool
from patchtool.errors import UsageError
from patchtool.report import contrast_text, layout
from patchtool.verdict.contrast import Contrast, Counts, contrast

if TYPE_CHECKING:
    from patchtool.run.record import RunRecord


def changed(record: RunRecord, **more: Any) -> RunRecord:
    return record.model_copy(update=more)


def test_a_run_against_itself_differs_in_nothing(sample: Any) -> None:
    found = contrast(sample.record(), sample.record())
    assert not found.verdict.differs
    assert not any(each.differs for each in (*found.tests, *found.warnings, *found.claims))
    assert {each.difference for each in (*found.counters, *found.sizes)} == {0}
    assert (found.findings, found.deltas) == ((), ())
    assert len(found.counters) > 3
    assert len(found.tests) > 3


def test_a_counter_that_is_counted_twice_shows_in_the_new_run(sample: Any) -> None:
    """The sample of a misplaced counter: compact_balloon_returned grows by pages that had moved."""
    old, new = sample.record(), sample.record(returned_twice=True)
    found = contrast(old, new)
    assert (found.verdict.old, found.verdict.new) == (old.outcome, new.outcome) == (
        "passed", "failed",
    )  # fmt: skip
    (returned,) = [each for each in found.counters if each.name == sample.RETURNED]
    assert (returned.old, returned.new, returned.difference) == (0, 16384, 16384)
    worse = [each for each in found.tests if (each.old, each.new) == ("passed", "failed")]
    assert worse
    assert any(each.old is None and each.new == "error" for each in found.findings)
    assert all(": " in each.name and each.old != each.new for each in found.deltas)


def test_what_only_one_run_has_is_none_in_the_other(sample: Any) -> None:
    old = sample.record()
    new = changed(old, patched=None, elf=None, claims=())
    found = contrast(old, new)
    assert all(each.new is None for each in (*found.tests, *found.claims))
    assert all(each.new is None for each in found.sizes)
    assert all(each.difference is None for each in found.counters)


def test_a_warning_is_told_with_the_patch_that_brings_it(sample: Any) -> None:
    old = sample.record()
    more = sample.warning(7).model_copy(update={"text": "only in v2"})
    tip = old.tip.model_copy(update={"warnings": (*old.tip.warnings, more)})
    images = tuple(tip if image == old.tip else image for image in old.images)
    found = contrast(old, changed(old, images=images))
    (row,) = [each for each in found.warnings if "only in v2" in each.name]
    assert (row.old, row.new) == (None, old.tip.label)


def test_bases_that_differ_are_both_named(sample: Any) -> None:
    old = sample.record()
    other = replace(old.base, name="v9")
    assert contrast(old, changed(old, base=other)).base == f"{old.base.name} and v9"


def test_text_and_markdown_have_what_differs(sample: Any) -> None:
    found = contrast(sample.record(), sample.record(returned_twice=True))
    text = layout.plain(contrast_text.blocks(found), 100)
    page = "\n".join(contrast_text.markdown(found))
    (returned,) = [each for each in found.counters if each.name == sample.RETURNED]
    assert f"Run of both on {found.base}: passed -> failed" in text
    assert (returned.old, returned.new) == (0, 16384)
    assert "compact_balloon_returned       0  +16384      +16384" in text
    assert "7 passed, 1 skipped -> 5 passed, 2 failed, 1 skipped" in text
    assert "| compact\\_balloon\\_returned | 0 | +16384 | +16384 |" in page
    same = [each for each in found.tests if not each.differs]
    assert same
    assert same[0].name.rpartition("::")[2] not in text


def test_it_is_json(sample: Any) -> None:
    found = contrast(sample.record(), sample.record(returned_twice=True))
    kind = TypeAdapter(Contrast)
    assert kind.validate_json(kind.dump_json(found)) == found


def test_a_figure_is_compared_where_both_have_it() -> None:
    assert Counts("a", 2, 5).difference == 3
    assert Counts("a", None, 5).difference is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--run"], "--run needs --tree"),
        (["--quick"], "go with --run"),
        (["--no-tests"], "go with --run"),
        (["--module", "test_boot.py"], "go with --run"),
        (["--run", "--tree", "t", "--format", "reply"], "printed as text, json, md, not as reply"),
        (["--all", "--run", "--tree", "t"], "go with two revisions"),
    ],
)
def test_options_of_a_run_need_it(words: list[str], said: str) -> None:
    done = CliRunner().invoke(patchtool, ["revisions", "a", "b", *words], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
