# SPDX-License-Identifier: GPL-2.0-or-later
"""What tries say of the first bad commit: against the formula written out, in any order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.bisect.ancestry import Ancestry
from patchtool.bisect.posterior import WRONG_END, Tally, believe
from patchtool.bisect.rates import failure_rates, stray_rates
from patchtool.bisect.standing import answer_of, stands
from patchtool.bisect.values import Failures, History, Try, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.bisect.posterior import Posterior

GOOD, BAD, SKIP = Verdict.GOOD, Verdict.BAD, Verdict.SKIP


def after(history: History, tries: Sequence[Try], failures: Failures | None = None) -> Posterior:
    tally = Tally(Ancestry(history), tries)
    return believe(tally, failure_rates(failures or Failures()), stray_rates())


@st.composite
def histories(draw: st.DrawFn, most: int = 9) -> History:
    size = draw(st.integers(1, most))
    parents = [
        tuple(sorted(draw(st.sets(st.integers(max(0, at - 4), at - 1), max_size=2)))) if at else ()
        for at in range(size)
    ]
    return History(tuple(parents))


@st.composite
def tried(draw: st.DrawFn, size: int) -> list[Try]:
    each = st.builds(Try, st.integers(-1, size - 1), st.sampled_from([GOOD, GOOD, BAD, SKIP]))
    return draw(st.lists(each, max_size=12))


def ancestors(history: History, commit: int) -> set[int]:
    if commit < 0:
        return set()
    return {commit}.union(*(ancestors(history, at) for at in history.parents[commit]))


def written_out(history: History, tries: Sequence[Try]) -> list[float]:
    """P(c | tries), with a loop over culprits, both rates and tries."""
    failure, stray = failure_rates(Failures()), stray_rates()
    size = len(history)
    priors = [WRONG_END, *[(1 - 2 * WRONG_END) / size] * size, WRONG_END]
    total = []
    for candidate, prior in enumerate(priors):
        sums = 0.0
        for p, p_log in zip(failure.values, failure.log_prior, strict=True):
            for e, e_log in zip(stray.values, stray.log_prior, strict=True):
                likely = math.exp(p_log + e_log)
                for each in tries:
                    seen = candidate == 0 or candidate - 1 in ancestors(history, each.commit)
                    rate = p if seen else e
                    if each.verdict is not SKIP:
                        likely *= rate if each.verdict is BAD else 1 - rate
                sums += likely
        total.append(prior * sums)
    return [each / sum(total) for each in total]


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_it_is_the_formula_on_any_graph(data: st.DataObject) -> None:
    history = data.draw(histories(6))
    tries = data.draw(tried(len(history)))
    assert after(history, tries).weights == pytest.approx(written_out(history, tries), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_the_order_of_tries_does_not_matter(data: st.DataObject) -> None:
    history = data.draw(histories())
    tries = data.draw(tried(len(history)))
    other = data.draw(st.permutations(tries))
    one, two = after(history, tries), after(history, other)
    assert np.array_equal(one.weights, two.weights)
    assert one.counts == two.counts
    assert stands(one, 0.9) == stands(two, 0.9)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_graph_that_is_a_line_gives_what_a_line_gives(data: st.DataObject) -> None:
    history = History.line(data.draw(st.integers(1, 30)))
    tries = data.draw(tried(len(history)))
    line, graph = Ancestry(history), Ancestry(history)
    assert line.line
    graph.line = False
    rates = failure_rates(Failures()), stray_rates()
    one, two = (believe(Tally(each, tries), *rates) for each in (line, graph))
    assert two.weights == pytest.approx(one.weights, abs=1e-12)
    assert np.array_equal(answer_of(one), answer_of(two))
    assert two.mass == pytest.approx(one.mass, abs=1e-12)
    commits = [-1, *range(len(history))]
    shares = [each.share(commits, one.labels, one.weights) for each in (line, graph)]
    assert shares[1] == pytest.approx(shares[0], abs=1e-12)
    for commit in range(len(history)):
        assert np.array_equal(line.seen_by(commit), graph.seen_by(commit))


def test_a_merge_sees_both_sides_and_a_side_only_itself() -> None:
    history = History(((), (0,), (0,), (1, 2), (3,)))
    failed = after(history, [Try(3, BAD)] * 3 + [Try(1, GOOD)] * 6).weights
    # It came by the other side or with the merge itself.
    assert failed[3] + failed[4] > 0.95
    passed = after(history, [Try(4, BAD)] * 3 + [Try(2, GOOD)] * 12).weights
    assert passed[1] + passed[3] < 0.02 < passed[2]


def test_a_parent_after_its_child_is_refused() -> None:
    with pytest.raises(ValueError, match="comes before its parent"):
        after(History(((), (2,), (0,))), [Try(1, GOOD)])


def test_a_try_of_no_commit_is_refused() -> None:
    with pytest.raises(ValueError, match="commit 3, of 3"):
        after(History.line(3), [Try(3, GOOD)])


def test_no_culprit_is_between_equal_images() -> None:
    tries = [Try(9, BAD), Try(2, GOOD, "a"), Try(6, GOOD, "a")]
    weights = after(History.line(10), tries).weights
    assert not weights[4:8].any()
    assert weights[3] > 0
    assert weights[8] > 0
    # A try of either is one of both.
    other = [Try(9, BAD), Try(6, GOOD, "a"), Try(6, GOOD, "a"), Try(2, SKIP, "a")]
    assert after(History.line(10), other).weights == pytest.approx(weights)


def test_equal_images_of_two_sides_leave_what_both_see() -> None:
    history = History(((), (0,), (0,), (1, 2)))
    weights = after(history, [Try(1, BAD, "x"), Try(2, BAD, "x")]).weights
    assert not weights[[2, 3]].any()
    assert weights[1] > 0.9


def test_what_leaves_the_image_as_it_is_is_never_blamed() -> None:
    history = History(History.line(6).parents, frozenset({2, 3, 5}))
    posterior = after(history, [Try(5, BAD), Try(3, GOOD), Try(3, GOOD)])
    assert not posterior.weights[[3, 4, 6]].any()
    assert posterior.counts == {4: (1, 0), 1: (0, 2)}
    # What does not build has the same source as its child, so neither does that.
    skipped = after(history, [Try(3, SKIP), Try(5, BAD), Try(0, GOOD)])
    assert skipped.skipped == {1}
    assert stands(skipped, 0.9).best.commits == (1, 4)


def test_skipped_commits_are_a_set_with_the_next_one() -> None:
    tries = [Try(7, BAD)] * 3 + [Try(4, GOOD)] * 8 + [Try(5, SKIP), Try(6, SKIP)]
    standing = stands(after(History.line(10), tries), 0.99)
    assert standing.best.commits == (5, 6, 7)
    assert standing.best.probability > 0.98


def test_a_skip_on_one_side_belongs_to_what_follows_there() -> None:
    history = History(((), (0,), (1,), (0,), (2, 3)))
    answers = answer_of(after(history, [Try(1, SKIP), Try(3, SKIP)]))
    assert answers[2] == answers[1] == 1
    # The merge sees the skipped 3 alone of those that can be tried, but sees 2 as well.
    assert answers[4] == answers[3]
    assert answers[0] == 0


def test_a_commit_that_was_tried_once_is_not_skipped() -> None:
    assert not after(History.line(3), [Try(1, SKIP), Try(1, GOOD)]).skipped


def test_one_stray_failure_does_not_decide() -> None:
    tries = [Try(99, BAD)] * 4 + [Try(0, BAD)] + [Try(-1, GOOD)] * 3
    assert after(History.line(100), tries).weights[1] < 0.9
    assert after(History.line(100), [*tries, *[Try(50, GOOD)] * 3]).weights[1] < 0.2


def test_the_rate_is_learnt_told_and_recorded() -> None:
    tries = [Try(9, BAD)] * 30 + [Try(9, GOOD)] * 70 + [Try(-1, GOOD)] * 30
    mean, low, high = after(History.line(10), tries).rate()
    assert low <= 0.3 <= high
    assert mean == pytest.approx(0.3, abs=0.05)
    assert after(History.line(10), [], Failures(rate=0.42)).rate()[0] == pytest.approx(
        0.42, abs=0.02
    )
    known = after(History.line(10), [], Failures(earlier=(20, 200))).rate(0.9)
    assert known[0] == pytest.approx(0.1, abs=0.03)
    assert known[2] < 0.2


@pytest.mark.parametrize(
    "failures", [Failures(rate=0), Failures(rate=1.1), Failures(earlier=(3, 2))]
)
def test_a_rate_that_cannot_be_is_refused(failures: Failures) -> None:
    with pytest.raises(ValueError, match=r"rate|cannot have failed"):
        failure_rates(failures)
