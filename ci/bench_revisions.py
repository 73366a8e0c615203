# SPDX-License-Identifier: GPL-2.0-or-later
"""How well threads with known truth are read: found, placed, and the figures of each verdict."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from patchtool.revisions.compare import compare
from patchtool.revisions.remark import OPEN, Verdict
from tests.lib import truth

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from patchtool.series.model import Series
    from tests.lib.truth import Outcome


def bench(say: Callable[[str, str, str], None]) -> None:
    """Print the figures, and each remark that was read wrongly."""
    begin = time.process_time()
    threads = list(truth.threads())
    outcomes = [each for thread in threads for each in truth.outcomes(thread)]
    seconds = time.process_time() - begin
    found = sum(each.judgement is not None for each in outcomes)
    with_place = [each for each in outcomes if each.expected.place]
    placed = sum(each.placed for each in with_place)
    say(f"revisions: remarks of {len(threads)} threads, found", _part(found, len(outcomes)), "95 %")
    say("revisions: placed within 3 lines", _part(placed, len(with_place)), "98 %")
    for verdict in Verdict:
        precision, recall = _figures(outcomes, (verdict,))
        say(f"revisions: {verdict}, precision and recall", f"{precision}, {recall}", "95 %, 95 %")
    precision, recall = _figures(outcomes, OPEN)
    say("revisions: open, precision and recall", f"{precision}, {recall}", "90 %, 95 %")
    say("revisions: seconds for all", f"{seconds:.1f} s", "")
    old, new = _large(20, 200)
    begin = time.process_time()
    compare(old, new)
    say("revisions: 20 patches, 200 replies", f"{time.process_time() - begin:.1f} s", "3 s")
    for each in outcomes:
        if not (each.placed and each.right):
            say(f"  wrong: {each}", "", "")


def _large(patches: int, replies: int) -> tuple[Series, Series]:
    """A series with a long thread: each reply quotes a patch whole, half of them answer a reply."""
    calls = [f"+\tcall_{at}(argument_{at}, value);" for at in range(60)]
    body = "\n".join(calls)
    diff = f"@@ 100 int work(void)\n {{\n{body}\n \treturn 0;\n }}\n"
    old = "".join(
        f"== mm: patch {at}\nIt does {at}.\n---\nmm/file{at}.c\n{diff}" for at in range(patches)
    )
    quoted = "".join(f"> {line}\n" for line in calls)
    wish = "Please use other_name() here, and document it."
    half = replies // 2
    said = "".join(f"== r{at} <{at % patches + 1} Rob\n{quoted}\n{wish}\n" for at in range(half))
    twice = "".join(f"> {line}\n" for line in f"{quoted}\n{wish}".split("\n"))
    said += "".join(f"== a{at} <r{at} Ann\n{twice}\nWill do.\n" for at in range(half))
    new = old.replace("call_7(", "call_seven(")
    return truth.series(old, said, 1), truth.series(new, "", 2)


def _figures(outcomes: Sequence[Outcome], verdicts: Collection[Verdict]) -> tuple[str, str]:
    """How many that got one of the verdicts should have, and how many that should got one."""
    count: Counter[str] = Counter()
    for each in outcomes:
        got = each.judgement is not None and each.judgement.verdict in verdicts
        want = each.expected.verdict in verdicts
        count.update(got=got, want=want, both=got and want)
    return _part(count["both"], count["got"]), _part(count["both"], count["want"])


def _part(some: int, whole: int) -> str:
    return f"{some}/{whole} = {100 * some / whole:.0f} %" if whole else "0/0"
