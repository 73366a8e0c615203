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
#: What leads astray; change logs are in test_revisions_log.py. Each has a thread that names it.
TRAPS = """
two like remarks on two like places, one done
the same line quoted at three places
code moved within its function
white space only
white space that nobody asked for
a definition removed and its users changed
suggested code with a typo
suggested code taken over with other names
a wish about a line that is not in the quote
a remark on a line that stays while the fix is elsewhere
lines that changed for another reason
two reviewers of different opinion, the author follows one
a reviewer answers another
a robot's report, right
a robot's report, taken back
a promise kept, and one not kept
a promise that is moot
a point argued over in many mails and settled by a third solution
half of a sentence done
a question that asks for no change
review of the wrong revision
a remark said again on the next revision
a patch replaced
a patch reordered
a patch squashed
a patch dropped
the subject of a patch changed
the author's address changed
NEW posted as a reply to OLD
"[External] Re:"
"AW:"
a reply the archive lacks
dates that go backwards
a ring of References
"""
THREADS = {thread.name: thread for thread in truth.threads()}


def test_there_is_a_thread_for_each_verdict() -> None:
    expected = {each.verdict for thread in THREADS.values() for each in thread.expected}
    assert expected == set(Verdict)


def test_there_is_a_thread_for_each_trap() -> None:
    texts = (path.read_text("utf-8") for path in truth.FOLDER.glob("*.toml"))
    found = [trap for text in texts for trap in re.findall(r"(?m)^# Trap: (.*)\.$", text)]
    assert sorted(found) == sorted(TRAPS.strip().split("\n"))


def test_each_verdict_has_its_rule_and_its_row() -> None:
    rows = re.findall(r"^\| ([a-z, ]+) \| ", README.read_text("utf-8"), re.MULTILINE)
    assert [row for row in rows if row in set(Verdict)] == [RULE_OF[rule] for rule in rules.RULES]


@pytest.mark.parametrize("name", THREADS)
def test_each_remark_of_the_thread(name: str) -> None:
    outcomes = list(truth.outcomes(THREADS[name]))
    assert [str(each) for each in outcomes if not (each.placed and each.right)] == []
