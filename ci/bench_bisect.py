# SPDX-License-Identifier: GPL-2.0-or-later
"""How many runs and builds a bisection costs, how often it is right, and how honest it is."""

from __future__ import annotations

import importlib.util
import math
import multiprocessing
import os
import time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ci import bisections
from ci.bisections import Outcome, Setting
from patchtool.bisect.search import Next, Search
from patchtool.bisect.values import Costs, Failures, History, Try, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.pool import Pool

HISTORIES: Final = 1_000
#: Rate -> of "ours / the fixed count": runs when the rate is not told, and when it is.
GOALS: Final = {0.6: (0.95, 0.75), 0.3: (0.90, 0.70), 0.1: (0.80, 0.60)}
#: Places -> how many times one place: a sure test; rate 0.3, a build worth 4 runs; runs only.
PLACES: Final = {2: (1.5, 1.4, 1.8), 4: (2.2, 2.0, 3.3), 8: (3.0, 2.6, 6.0), 16: (3.8, 3.3, 9.0)}
BINS: Final = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)


class Mean:
    """The means of many outcomes."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        count = len(outcomes)
        self.right = sum(each.right for each in outcomes) / count
        self.runs = sum(each.runs for each in outcomes) / count
        self.builds = sum(each.builds for each in outcomes) / count
        self.seconds = sum(each.seconds for each in outcomes) / count


def bench(say: Callable[[str, str, str], None], histories: int = HISTORIES) -> None:
    """Print the figures, each against a peer on the same histories."""
    begin = time.monotonic()
    stated: list[tuple[float, bool]] = []
    with multiprocessing.get_context("spawn").Pool(min(2, os.cpu_count() or 1)) as pool:

        def peer(setting: Setting, times: int) -> Mean:
            return Mean(_all(pool, partial(bisections.git, times=times), setting, histories))

        def ours(setting: Setting) -> Mean:
            outcomes = _all(pool, bisections.ours, setting, histories)
            stated.extend((each.stated, each.right) for each in outcomes if each.stated)
            stated.extend(each.early for each in outcomes if each.early)
            return Mean(outcomes)

        git = peer(Setting(1.0), 1)
        sure = ours(Setting(1.0))
        say("bisect: rate 1, tries more than git", f"{sure.runs - git.runs:.1f}", "6")
        say("  right, builds / git's", f"{sure.right:.1%}, {sure.builds / git.builds:.2f}", "1.0")
        usual = _flaky(say, peer, ours)
        stray = ours(Setting(0.6, stray=0.01))
        repeated = peer(Setting(0.6, stray=0.01), 15)
        clean = ours(Setting(0.6, stray=0.0))
        figures = f"{stray.right:.1%}, {stray.runs / clean.runs:.2f}"
        say("bisect: 1 % stray: right, runs / without", figures, "99 %, 1.4")
        say("  repeat each 15: right", f"{repeated.right:.1%}", "about 40 %")
        for rate in (0.6, 0.3):
            same = ours(Setting(rate, same=True))
            runs, builds = same.runs / usual[rate].runs, same.builds / usual[rate].builds
            figures = f"{same.right:.1%}, {runs:.2f}, {builds:.2f}"
            say(f"bisect: {rate}, 95 % equal images: right, runs, builds", figures, "0.70, 0.65")
        _honest(say, stated)
        _bayesect(say, pool, histories)
        _side_by_side(say, pool, histories)
    _choosing(say)
    say("bisect: all of it", f"{(time.monotonic() - begin) / 60:.1f} min", "10 min")


def _all(
    pool: Pool, bisect: Callable[..., Outcome], setting: Setting, histories: int
) -> list[Outcome]:
    return pool.map(partial(bisect, setting=setting), range(histories), chunksize=10)


def fixed_count(rate: float, commits: int = bisections.COMMITS) -> int:
    """How often each commit has to be tried for 99 %, half of those that git tries being bad."""
    return math.ceil(math.log(0.01 / (math.log2(commits) / 2)) / math.log(1 - rate))


def _flaky(
    say: Callable[[str, str, str], None],
    peer: Callable[[Setting, int], Mean],
    ours: Callable[[Setting], Mean],
) -> dict[float, Mean]:
    """The table of failure rates; what the fixed count costs, for each of them."""
    fixed = {}
    for rate, (learnt, told) in GOALS.items():
        count = fixed_count(rate)
        base = fixed[rate] = peer(Setting(rate), count)
        repeated = peer(Setting(rate, stray=0.0), 15)
        say(f"bisect: {rate}, repeat each 15, no strays: right", f"{repeated.right:.1%}", "-")
        figures = f"{base.right:.1%}, {base.runs:.0f}, {base.builds:.1f}"
        say(f"  fixed count {count}: right, runs, builds", figures, "-")
        for name, goal, setting in (
            ("not told", learnt, Setting(rate)),
            ("told", told, Setting(rate, told=rate)),
        ):
            mean = ours(setting)
            figures = f"{mean.right:.1%}, {mean.runs / base.runs:.2f}"
            figures += f", {mean.builds / base.builds:.2f}"
            say(f"  {name}: right, runs, builds / those", figures, f"99 %, {goal:.2f}, 1.0")
    return fixed


def _honest(say: Callable[[str, str, str], None], stated: list[tuple[float, bool]]) -> None:
    """How often answers are right that were said to be so likely."""
    for low, high in pairwise(BINS):
        within = [each for each in stated if low <= each[0] < high or high == each[0] == 1]
        if not within:
            continue
        mean = sum(each[0] for each in within) / len(within)
        right = sum(each[1] for each in within) / len(within)
        figures = f"{right:.1%} of {len(within)}"
        say(f"bisect: right, of answers said to be {mean:.1%}", figures, f"{mean - 0.005:.1%}")


def _bayesect(say: Callable[[str, str, str], None], pool: Pool, histories: int) -> None:
    """Against git_bayesect."""
    if importlib.util.find_spec("git_bayesect") is None:
        say("bisect: git_bayesect", "not installed", "-")
        return
    for rate in (0.6, 0.3):
        setting = Setting(rate, buildable=True)
        ours = Mean(_all(pool, bisections.ours, setting, histories))
        theirs = Mean(_all(pool, bisections.bayesect, setting, histories))
        parts = (
            ours.builds / theirs.builds,
            ours.runs / theirs.runs,
            ours.seconds / theirs.seconds,
        )
        figures = ", ".join(f"{part:.2f}" for part in parts)
        say(f"bisect: {rate}, builds, runs, time / git_bayesect", figures, "0.4, 1.0, 0.5")
        say("  right, theirs", f"{ours.right:.1%}, {theirs.right:.1%}", "99 %")


def _side_by_side(say: Callable[[str, str, str], None], pool: Pool, histories: int) -> None:
    """How many times faster several places are than one; fewer histories, for these cost more."""
    some = max(histories // 20, 1)
    kinds = (
        ("a sure test", Setting(1.0, told=1.0, build=0.0)),
        ("rate 0.3, a build worth 4 runs", Setting(0.3, told=0.3, build=4.0)),
        ("rate 0.3, runs only", Setting(0.3, told=0.3, build=0.0)),
    )
    for at, (name, setting) in enumerate(kinds):
        for places in (1, *PLACES):
            bisect = partial(bisections.side_by_side, places=places)
            mean = Mean(_all(pool, bisect, setting, some))
            if places == 1:
                one = mean
                continue
            figures = f"{one.seconds / mean.seconds:.2f}, right {mean.right:.0%}"
            say(f"bisect: {name}, {places} places", figures, f"{PLACES[places][at]}")


def _choosing(say: Callable[[str, str, str], None]) -> None:
    """How long the next try takes to choose, among 10,000 commits with 16 in flight."""
    line = History.line(10_000)
    merges = History(
        tuple((at - 1, at - 7) if at % 10 == 9 else (at - 1,) if at else () for at in range(10_000))
    )
    for name, history in (("line", line), ("merges", merges)):
        search = Search(history, Costs(1.0, (6.0,) * 10_000), Failures(0.3))
        tries = [Try(9_999, Verdict.BAD), Try(-1, Verdict.GOOD)]
        tries += [Try(at, Verdict.GOOD) for at in range(500, 5_000, 400) for _ in range(3)]
        tally = search.tally(tries)
        step = search.step(tally, 16)
        assert isinstance(step, Next)
        flying = [each.commit for each in step.choices]
        begin = time.perf_counter()
        search.step(tally, 1, flying)
        seconds = time.perf_counter() - begin
        say(f"bisect: choosing of 10,000 ({name}), 16 in flight", f"{seconds:.2f} s", "0.5 s")
