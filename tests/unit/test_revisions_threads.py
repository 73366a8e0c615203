# SPDX-License-Identifier: GPL-2.0-or-later
"""The threads with known truth: each remark is found, placed, and judged as it should be."""

from __future__ import annotations

import re

import pytest

from patchtool.revisions.remark import Verdict
from patchtool.revisions.thread import rules
from tests.lib import truth

README = truth.FOLDER.parents[2] / "series" / "README.md"
RULE_OF: dict[object, Verdict] = {
    rules.nothing_asked: Verdict.NOTHING_ASKED,
    rules.withdrawn: Verdict.WITHDRAWN,
    rules.partly: Verdict.PARTLY,
    rules.addressed: Verdict.ADDRESSED,
    rules.went_away: Verdict.WENT_AWAY,
    rules.changed_look: Verdict.LOOK,
    rules.contested: Verdict.CONTESTED,
    rules.promised: Verdict.PROMISED,
    rules.asked_back: Verdict.ASKED_BACK,
    rules.answered: Verdict.ANSWERED,
    rules.unanswered: Verdict.UNANSWERED,
}
THREADS = {thread.name: thread for thread in truth.threads()}


def test_there_is_a_thread_for_each_verdict() -> None:
    expected = {each.verdict for thread in THREADS.values() for each in thread.expected}
    assert expected == set(Verdict)


def test_each_verdict_has_its_rule_and_its_row() -> None:
    rows = re.findall(r"^\| ([a-z, ]+) \| ", README.read_text("utf-8"), re.MULTILINE)
    assert [row for row in rows if row in set(Verdict)] == [RULE_OF[rule] for rule in rules.RULES]


@pytest.mark.parametrize("name", THREADS)
def test_each_remark_of_the_thread(name: str) -> None:
    outcomes = list(truth.outcomes(THREADS[name]))
    assert [str(each) for each in outcomes if not (each.placed and each.right)] == []
