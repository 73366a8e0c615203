# SPDX-License-Identifier: GPL-2.0-or-later
"""``ci/bench revisions --threads``: the figures of a small thread, worked out by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ci import b4_placing, bench_threads
from patchtool.revisions.remark import Verdict
from tests.lib import truth

if TYPE_CHECKING:
    from pathlib import Path

PATCH = """
== mm: put it
It is put once.
---
mm/put.c
@@ 10 int one(void)
 {
+\tget_one(page);
+\told_name(page);
 \treturn 0;
 }
@@ 30 int two(void)
 {
+\tput_two(page);
+\tunlock(page);
 \treturn 0;
 }
@@ 50 int three(void)
 {
+\tget_three(page);
 \treturn 0;
 }
"""
REPLIES = """
== r1 <1 Rob
> diff --git a/mm/put.c b/mm/put.c
> --- a/mm/put.c
> +++ b/mm/put.c
> @@ -10,3 +10,5 @@ int one(void)
>  {
> +\tget_one(page);
> +\told_name(page);

Please rename old_name() to new_name().

[...]
> @@ -30,3 +32,5 @@ int two(void)
>  {
> +\tput_two(page);
> +\tunlock(page);

Please add a lock here.
== r2 <1 Eve
> +\tget_three(page);

Please check the return value.
"""
R1, R2 = "r1@r.example", "r2@r.example"


def label(words: str, line: int | None, verdict: str, *also: str, mail: str = R1) -> object:
    place = {"patch": 1, "part": "diff", "file": "mm/put.c", "line": line}
    said = {"thread": "put", "message_id": mail, "words": words}
    return {**said, **place, "verdict": verdict, "also": list(also)}


LABELS = [
    label("rename old_name()", 12, "addressed"),
    label("add a lock", 40, "answered", "contested"),  # its line is 34; and it is not answered
    label("Please check the\nreturn value", 55, "unanswered", mail=R2),
    label("nobody said this", None, "promised, not done"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new = PATCH.replace("old_name", "new_name")
    later = new.replace("put_two", "put_other")
    (tmp_path / "put.old.mbox").write_bytes(truth.mailbox(PATCH, REPLIES, 1))
    both = truth.mailbox(later, "", 3) + b"\n" + truth.mailbox(new, "", 2)
    (tmp_path / "put.new.mbox").write_bytes(both)
    (tmp_path / "labels.json").write_text(json.dumps(LABELS))
    return tmp_path


def test_the_figures(folder: Path) -> None:
    """NEW is v2, though v3 is in the same mailbox; with it, the line of the lock had changed."""
    said: dict[str, tuple[str, str]] = {}

    def say(what: str, figure: str, goal: str) -> None:
        said[what] = (figure, goal)

    bench_threads.bench(say, folder, folder / "labels.json")
    assert said["all: remarks found"] == ("3/4 = 75 %", "95 %")
    assert said["all: placed within 3 lines"] == ("2/3 = 67 %", "95 %")
    assert said["all: placed within 3 lines by b4"] == ("1/3 = 33 %", "-")
    assert said["all: remarks of one wish each"] == ("3/4 = 75 %", "-")
    assert said["all: verdicts right"] == ("2/4 = 50 %", "85 %")
    assert said['all: wrong among those said to be "addressed"'] == ("0/1 = 0 %", "2 %")
    assert said["all: addressed, precision and recall"][0] == "1/1 = 100 %, 1/1 = 100 %"
    assert said["all: unanswered, precision and recall"][0] == "1/2 = 50 %, 1/1 = 100 %"
    assert said["all: answered, precision and recall"][0] == "0/0, 0/1 = 0 %"
    assert said["all: open, precision and recall"][0] == "2/2 = 100 %, 1/2 = 50 %"
    assert said["put: remarks found"] == said["all: remarks found"]
    assert "put: addressed, precision and recall" not in said
    wrong = [what for what in said if what.startswith("  wrong: ")]
    assert len(wrong) == 2
    assert "want 1 diff mm/put.c:40, answered; got 1 diff mm/put.c:34" in wrong[0]
    assert wrong[1].endswith("promised, not done; not found")


def test_a_mail_with_more_remarks_than_labels(folder: Path) -> None:
    (one,) = bench_threads.read_labels(folder / "labels.json")[:1]
    found, strays = bench_threads.outcomes(folder, [one])
    assert [each.verdict for each in found] == [Verdict.ADDRESSED]
    assert [each.remark.text for each in strays] == ["Please add a lock here."]


def test_two_labels_in_one_remark_are_one_remark(folder: Path) -> None:
    rows = [label("rename old_name()", 12, "addressed"), label("new_name", 12, "unanswered")]
    (folder / "labels.json").write_text(json.dumps(rows))
    found, _ = bench_threads.outcomes(folder, bench_threads.read_labels(folder / "labels.json"))
    figures = {what: figure for what, figure, _ in bench_threads.figures(found)}
    assert figures["remarks of one wish each"] == "1/2 = 50 %"
    assert figures['wrong among those said to be "addressed"'] == "1/2 = 50 %"
    assert figures["open, precision and recall"] == "0/0, 0/1 = 0 %"


def test_b4_places_what_quotes_a_diff(folder: Path) -> None:
    old = truth.series(PATCH, REPLIES, 1)
    placed = [*b4_placing.placed((folder / "put.old.mbox").read_bytes(), old)]
    lines = [(each.message_id, each.patch, each.part, each.file, each.line) for each in placed]
    assert lines == [(R1, 1, "diff", "mm/put.c", 12), (R1, 1, "diff", "mm/put.c", 34)]
