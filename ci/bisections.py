# SPDX-License-Identifier: GPL-2.0-or-later
"""Bisections of histories that were made up: with patchtool, as git does it, with git_bayesect.

A history is a line of commits. Some stretches of it do not build; one commit, which may be one of
these, is the culprit. From it on the test fails with the failure rate, before with the stray rate.
Costs are counted in runs of the test.
"""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from patchtool.bisect.search import FirstBad, Next, Search
from patchtool.bisect.values import Costs, Failures, History, Try, Verdict

COMMITS: Final = 1_000
UNBUILDABLE: Final = 0.05
STRETCH: Final = 10  # commits that do not build, as a rule
SAME: Final = 0.95
PATIENCE: Final = 5_000  # runs after which a search is given up


@dataclass(frozen=True, slots=True)
class Setting:
    """What a bisection is made with.

    Attributes:
        rate: How often bad commits fail.
        stray: How often good ones do.
        told: The rate that patchtool is told; None to learn it.
        build: What a build costs, in runs.
        same: Whether most commits leave the image as it is.
        buildable: Whether all commits build.
        commits: How many there are.
        confidence: How sure the answer has to be.
    """

    rate: float
    stray: float = 0.002
    told: float | None = None
    build: float = 6.0
    same: bool = False
    buildable: bool = False
    commits: int = COMMITS
    confidence: float = 0.99


@dataclass(slots=True)
class Outcome:
    """What a bisection came to.

    Attributes:
        right: Whether the culprit is in the answer.
        runs: How often the test was run.
        builds: How many commits were built or did not build, without those of the ends.
        stated: How likely the answer was said to be.
        early: What was the likeliest answer at some moment on the way: how likely, and whether it
            was right.
        seconds: How long all of it took, with tries beside one another; in runs of the test.
    """

    right: bool = False
    runs: int = 0
    builds: int = 0
    stated: float = 0.0
    early: tuple[float, bool] | None = None
    seconds: float = 0.0


class World:
    """A made-up history, and what tries of its commits come to."""

    def __init__(self, seed: int, setting: Setting) -> None:
        self.setting = setting
        dice = self.dice = random.Random(seed)  # noqa: S311 (made-up histories are no secret)
        last = setting.commits - 1
        self.broken: set[int] = set()
        broken = 0 if setting.buildable else int(UNBUILDABLE * setting.commits)
        while len(self.broken) < broken:
            start = dice.randrange(last)
            length = min(broken - len(self.broken), 1 + int(dice.expovariate(1 / STRETCH)))
            self.broken |= set(range(start, min(start + length, last)))
        changing = range(setting.commits)
        self.same: frozenset[int] = frozenset()
        if setting.same:
            changing_too = round(setting.commits * (1 - SAME))
            kept = set(dice.sample(changing, changing_too))
            self.same = frozenset(set(changing) - kept)
        self.culprit = dice.choice([at for at in changing if at not in self.same])
        self.broken.discard(self.image(last))
        self.images: set[int] = {-1, self.image(last)}
        self.outcome = Outcome()

    def image(self, commit: int) -> int:
        """The commit that made the image that a commit has."""
        while commit in self.same:
            commit -= 1
        return commit

    def built(self, commit: int) -> bool:
        """Build a commit, if its image is not there; whether it builds."""
        image = self.image(commit)
        if image not in self.images:
            self.images.add(image)
            self.outcome.builds += 1
        return image not in self.broken

    def fails(self, commit: int) -> bool:
        """Run the test once."""
        self.outcome.runs += 1
        bad = commit >= self.culprit
        return self.dice.random() < (self.setting.rate if bad else self.setting.stray)

    def verdict(self, commit: int) -> Verdict:
        """Try a commit once."""
        if not self.built(commit):
            return Verdict.SKIP
        return Verdict.BAD if self.fails(commit) else Verdict.GOOD


@lru_cache(maxsize=4)
def _search(setting: Setting, same: frozenset[int]) -> Search:
    line = History.line(setting.commits).parents
    costs = Costs(1.0, (setting.build,) * setting.commits)
    history = History(line, same)
    return Search(history, costs, Failures(setting.told), setting.confidence)


def ours(seed: int, setting: Setting) -> Outcome:
    """Patchtool, with one place."""
    world = World(seed, setting)
    search = _search(setting, world.same)
    tally, out = search.tally(), world.outcome
    peek = 4 + world.dice.randrange(40)
    while out.runs < PATIENCE:
        step = search.step(tally)
        if not isinstance(step, Next):
            if isinstance(step, FirstBad):
                out.right = world.culprit in step.standing.best.commits
                out.stated = step.standing.best.probability
            break
        commit, block = step.choices[0].commit, step.choices[0].block
        for left in range(block, 0, -1):
            verdict = world.verdict(commit)
            tally.add(Try(commit, verdict))
            if out.early is None and out.runs >= peek:
                best = search.standing(tally).best
                out.early = best.probability, world.culprit in best.commits
            if verdict is not Verdict.GOOD:
                break
            enough = left > 1 and search.standing(tally).best.probability >= setting.confidence
            if enough:
                break
    out.seconds = out.runs + setting.build * out.builds
    return out


def git(seed: int, setting: Setting, times: int) -> Outcome:
    """``git bisect run`` on a line, each commit tried until it fails, but so often at most.

    The commit that halves the rest best is taken; when it cannot be built, another one at a
    distance that git draws from the number of those that are left (``skip_away`` in git's
    bisect.c; the formula is that of git 2.43).
    """
    world = World(seed, setting)
    good, bad, out = -1, setting.commits - 1, world.outcome
    skipped: set[int] = set()
    while True:
        rest = sorted(range(good + 1, bad + 1), key=lambda at: -min(at - good, bad - at))
        able = [at for at in rest if at not in skipped]
        if len(rest) == 1 or able == [bad]:
            break
        commit = rest[0]
        if commit in skipped:
            drawn = (len(able) * 1103515245 + 12345) // 65536 % 32768
            at = len(able) * drawn // 32768 * math.isqrt(drawn) // math.isqrt(32768)
            commit = able[at] if able[at] != bad else able[max(at - 1, 0)]
        if commit == bad:
            break
        if not world.built(commit):
            skipped.add(commit)
        elif any(world.fails(commit) for _ in range(times)):
            bad = commit
        else:
            good = commit
    out.right = good < world.culprit <= bad and (world.culprit == bad or len(rest) > 1)
    out.seconds = out.runs + setting.build * out.builds
    return out


def bayesect(seed: int, setting: Setting) -> Outcome:
    """git_bayesect, both ends tried once first, until a commit is as likely as is wanted."""
    import git_bayesect

    world = World(seed, setting)
    out = world.outcome
    size = setting.commits
    # Its numbers run from the newest commit to the good one.
    peer = git_bayesect.Bisector([1.0] * (size + 1))
    for commit in (size - 1, -1):
        peer.record(size - 1 - commit, world.verdict(commit) is Verdict.BAD)
    while out.runs < PATIENCE:
        spread = peer.distribution
        likeliest = int(spread.argmax())
        if spread[likeliest] >= setting.confidence:
            out.stated = float(spread[likeliest])
            out.right = size - 1 - likeliest == world.culprit
            break
        number = peer.select()
        peer.record(number, world.verdict(size - 1 - number) is Verdict.BAD)
    out.seconds = out.runs + setting.build * out.builds
    return out


@dataclass(order=True, slots=True)
class _Flight:
    """A try in flight."""

    end: float
    number: int
    commit: int = field(compare=False)
    built_at: float = field(compare=False)


def side_by_side(seed: int, setting: Setting, places: int) -> Outcome:
    """Patchtool with some places; the length of each try varies by half.

    Images are shared as soon as they are built: a try of one that is being built elsewhere waits
    for it. A try that is ended frees its place at once.
    """
    world = World(seed, setting)
    search = _search(setting, world.same)
    tally, out = search.tally(), world.outcome
    lengths = random.Random(seed)  # noqa: S311 (as above)
    ready: dict[int, float] = {-1: 0.0, setting.commits - 1: 0.0}
    flights: list[_Flight] = []
    now, number = 0.0, 0
    while out.runs < PATIENCE:
        flying = [each.commit for each in flights]
        step = search.step(tally, places - len(flights), flying)
        if not isinstance(step, Next):
            if isinstance(step, FirstBad):
                out.right = world.culprit in step.standing.best.commits
            break
        flights = [each for at, each in enumerate(flights) if at not in step.overtaken]
        for commit in [at for at, since in ready.items() if since > now]:
            if commit not in {each.commit for each in flights}:
                del ready[commit]  # it was being built by a try that was ended
        for choice in step.choices:
            number += 1
            factor = lengths.uniform(0.5, 1.5)
            built_at = ready.setdefault(choice.commit, now + setting.build * factor)
            begin = max(now, built_at)
            end = begin if choice.commit in world.broken else begin + factor
            flights.append(_Flight(end, number, choice.commit, built_at))
        heapq.heapify(flights)
        done = heapq.heappop(flights)
        now = done.end
        tally.add(Try(done.commit, world.verdict(done.commit)))
    out.seconds = now
    return out
