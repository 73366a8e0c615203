# SPDX-License-Identifier: GPL-2.0-or-later
"""What a search tries next, what it finds, and what it says of ends that are wrong."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.bisect.ancestry import Ancestry
from patchtool.bisect.choosing import choose, overtaken
from patchtool.bisect.posterior import Tally, believe
from patchtool.bisect.rates import failure_rates, stray_rates
from patchtool.bisect.search import Ends, FirstBad, Next, NotReached, Search, WrongEnds
from patchtool.bisect.values import Costs, Failures, History, Try, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from patchtool.bisect.posterior import Posterior
    from patchtool.bisect.posterior import Tally as Tries
    from patchtool.bisect.search import Step

GOOD, BAD, SKIP = Verdict.GOOD, Verdict.BAD, Verdict.SKIP


def costs(size: int, build: float = 6.0) -> Costs:
    return Costs(1.0, [build] * size)


def sure(size: int, tries: Sequence[Try] = ()) -> Posterior:
    rates = failure_rates(Failures(rate=1.0)), stray_rates()
    return believe(Tally(Ancestry(History.line(size)), tries), *rates)


def walk(
    search: Search,
    culprit: int,
    rate: float = 1.0,
    broken: Collection[int] = (),
    places: int = 1,
    seed: int = 0,
) -> tuple[Step, Tries, int]:
    """Search to the end; culprit -1 is older than the good end."""
    dice, tally, count = random.Random(seed), search.tally(), 0
    while count < 2000:
        step = search.step(tally, places)
        if not isinstance(step, Next):
            return step, tally, count
        assert 1 <= len(step.choices) <= places
        for choice in step.choices:
            assert choice.commit not in broken or choice.commit not in tally.skips
            if choice.commit in broken:
                tally.add(Try(choice.commit, SKIP))
                continue
            count += 1
            bad = search.ancestry.seen([choice.commit])[0][culprit + 1]
            tally.add(Try(choice.commit, BAD if bad and dice.random() < rate else GOOD))
    raise AssertionError("no end")


def test_a_test_that_never_varies_costs_what_git_costs_and_six() -> None:
    counts = []
    search = Search(History.line(1000), costs(1000))
    for culprit in range(45, 1000, 70):
        step, _, count = walk(search, culprit)
        assert isinstance(step, FirstBad)
        assert step.standing.best.commits == (culprit,)
        assert step.standing.best.probability >= 0.99
        counts.append(count)
    assert sum(counts) / len(counts) <= math.log2(1000) + 6


def test_both_ends_are_tried_first_and_the_answer_is_confirmed() -> None:
    search = Search(History.line(50), costs(50))
    first = search.step(search.tally(), 2)
    assert isinstance(first, Next)
    assert [each.commit for each in first.choices] == [49, -1]
    step, tally, _ = walk(search, 20)
    assert isinstance(step, FirstBad)
    assert tally.counts[20][0] >= 1
    assert tally.counts[19] >= (0, 1)
    assert tally.counts[19][0] == 0
    assert step.more is not None


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 10_000), st.integers(3, 40))
def test_the_culprit_of_a_graph_is_found(seed: int, size: int) -> None:
    dice = random.Random(seed)
    parents = [
        tuple({at - 1, dice.randrange(max(0, at - 6), at)}) if at else () for at in range(size)
    ]
    culprit = dice.randrange(size)
    step, _, _ = walk(Search(History(tuple(parents)), costs(size)), culprit)
    assert isinstance(step, FirstBad)
    assert step.standing.best.commits == (culprit,)


@settings(deadline=None, max_examples=10)
@given(st.data())
def test_the_next_try_does_not_depend_on_the_order_of_tries(data: st.DataObject) -> None:
    search = Search(History.line(60), costs(60))
    tries = [Try(59, BAD), Try(-1, GOOD)]
    each = st.builds(Try, st.integers(0, 58), st.sampled_from([GOOD, BAD, SKIP]))
    tries += data.draw(st.lists(each, max_size=6))
    other = data.draw(st.permutations(tries))
    assert search.step(search.tally(tries)) == search.step(search.tally(other))


def test_a_graph_that_is_a_line_leads_to_the_same_tries() -> None:
    line, graph = (Search(History.line(80), costs(80)) for _ in range(2))
    graph.ancestry.line = False
    walks = [walk(search, 31, rate=0.5, seed=4) for search in (line, graph)]
    assert walks[0][1].counts == walks[1][1].counts
    assert isinstance(walks[0][0], FirstBad)


@pytest.mark.parametrize("seed", range(3))
def test_a_flaky_test_is_found_and_its_rate_learnt(seed: int) -> None:
    step, _, _ = walk(Search(History.line(64), costs(64)), 40, rate=0.4, seed=seed)
    assert isinstance(step, FirstBad)
    assert step.standing.best.commits == (40,)
    low, high = step.standing.rate_range
    assert low < step.standing.rate < high
    assert step.standing.rate == pytest.approx(0.4, abs=0.2)


def test_stretches_that_do_not_build_are_jumped_and_become_a_set() -> None:
    broken = set(range(30, 40))
    step, tally, _ = walk(Search(History.line(100), costs(100)), 35, broken=broken)
    assert isinstance(step, FirstBad)
    assert step.standing.best.commits == tuple(range(30, 41))
    search = Search(History.line(1000), costs(1000))
    tally = search.tally([Try(999, BAD), Try(-1, GOOD), Try(499, SKIP), Try(500, SKIP)])
    away = search.step(tally)
    assert isinstance(away, Next)
    assert abs(away.choices[0].commit - 500) > 5


def test_nothing_that_can_be_tried_is_a_set_of_all() -> None:
    step, _, _ = walk(Search(History.line(12), costs(12)), 5, broken=set(range(11)))
    assert isinstance(step, FirstBad)
    assert step.standing.best.commits == tuple(range(12))


def test_ends_that_are_wrong_are_told() -> None:
    older, _, few = walk(Search(History.line(20), costs(20)), -1)
    assert isinstance(older, WrongEnds)
    assert older.what is Ends.GOOD_IS_BAD
    assert few < 8
    never, _, many = walk(Search(History.line(20), costs(20), Failures(rate=0.9)), 20)
    assert isinstance(never, WrongEnds)
    assert never.what is Ends.BAD_IS_GOOD
    assert many < 120
    search = Search(History.line(5), costs(5))
    for tries, what in (
        ([Try(4, SKIP)], Ends.BAD_IS_SKIPPED),
        ([Try(4, BAD), Try(-1, SKIP)], Ends.GOOD_IS_SKIPPED),
        ([Try(4, BAD, "a"), Try(-1, GOOD, "a")], Ends.SAME),
    ):
        step = search.step(search.tally(tries))
        assert isinstance(step, WrongEnds)
        assert step.what is what
    alike = Search(History(History.line(3).parents, frozenset(range(3))), costs(3))
    step = alike.step(alike.tally())
    assert isinstance(step, WrongEnds)
    assert step.what is Ends.SAME


def test_a_rate_that_was_told_and_is_another_is_noticed() -> None:
    search = Search(History.line(30), costs(30), Failures(rate=0.9))
    tally = search.tally([Try(29, BAD)] * 3 + [Try(29, GOOD)] * 27 + [Try(-1, GOOD)] * 5)
    assert search.surprise(tally)
    assert not search.surprise(search.tally([Try(29, BAD)] * 9 + [Try(29, GOOD)]))
    assert not Search(History.line(30), costs(30)).surprise(tally)
    step, _, _ = walk(search, 12, rate=0.1, seed=1)
    assert isinstance(step, FirstBad)
    assert step.standing.best.commits == (12,)


def test_images_that_are_there_are_run_before_others_are_built() -> None:
    search = Search(History.line(40), Costs(1.0, [1e6] * 40), Failures(rate=0.3))
    tries = [Try(39, BAD)] * 2 + [Try(39, GOOD)] * 5 + [Try(-1, GOOD)] * 9 + [Try(20, GOOD)]
    step = search.step(search.tally(tries))
    assert isinstance(step, Next)
    assert step.choices[0].commit == 20
    assert step.choices[0].seconds < 1e3


def test_several_places_take_quantiles() -> None:
    tries = [Try(999, BAD)] * 3 + [Try(-1, GOOD)] * 3
    commits = sorted(each.commit for each in choose(sure(1000, tries), costs(1000, 0), 3))
    assert commits == pytest.approx([250, 500, 750], abs=60)
    many = [each.commit for each in choose(sure(1000, tries), costs(1000, 0), 15)]
    edges = [0, *sorted(many), 1000]
    parts = [(two - one) / 1000 for one, two in pairwise(edges)]
    assert -sum(part * math.log2(part) for part in parts if part) > 3.7


def test_a_try_in_flight_is_not_asked_again_and_is_ended_when_overtaken() -> None:
    tries = [Try(999, BAD)] * 3 + [Try(-1, GOOD)] * 3
    posterior = sure(1000, tries)
    assert choose(posterior, costs(1000), 1, [500])[0].commit != 500
    known = sure(1000, [*tries, *[Try(400, BAD)] * 2])
    assert overtaken(known, costs(1000), [200, 700, 800]) == [1, 2]
    assert overtaken(posterior, costs(1000), [200, 700, 800]) == []
    search = Search(History.line(1000), costs(1000), Failures(rate=1.0))
    step = search.step(search.tally([*tries, *[Try(400, BAD)] * 2]), 1, [200, 700, 800])
    assert isinstance(step, Next)
    assert step.overtaken == (1, 2)
    assert len(step.choices) == 3
    assert all(each.commit < 400 for each in step.choices)


def test_several_places_find_the_same_commit() -> None:
    step, _, _ = walk(Search(History.line(150), costs(150)), 77, places=4)
    assert isinstance(step, FirstBad)
    assert step.standing.best.commits == (77,)


def test_a_search_that_ends_before_its_time_has_a_range() -> None:
    search = Search(History.line(100), costs(100))
    tries = [Try(99, BAD)] * 5 + [Try(-1, GOOD)] * 5 + [Try(60, BAD)] * 3 + [Try(40, GOOD)] * 9
    standing = search.standing(search.tally(tries))
    assert 35 <= standing.range[0] <= 45
    assert 55 <= standing.range[1] <= 65
    assert standing.best.probability < 0.1
    assert 1 <= len(standing.runners_up) <= 5
    assert not isinstance(search.step(search.tally(tries)), (FirstBad, NotReached))


@pytest.mark.parametrize(
    ("size", "confidence", "text"), [(0, 0.99, "without commits"), (3, 1.0, "not a confidence")]
)
def test_a_search_that_cannot_be_is_refused(size: int, confidence: float, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Search(History.line(size), costs(size), confidence=confidence)
