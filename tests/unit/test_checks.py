# SPDX-License-Identifier: GPL-2.0-or-later
"""Relations between counters are read and judged as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.testing import relations


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("isolated == migrated + returned", {"isolated": 3, "migrated": 2, "returned": 1}, True),
        ("isolated == migrated + returned", {"isolated": 4, "migrated": 2, "returned": 1}, False),
        ("a >= 0.9 * b", {"a": 9, "b": 10}, True),
        ("a >= 0.9*b", {"a": 8, "b": 10}, False),
        ("a == 0", {"a": 0}, True),
        ("a != 0", {"a": 0}, False),
        ("a - b == c - d", {"a": 5, "b": 3, "c": 3, "d": 1}, True),
        ("-a + 2 * b < 7", {"a": 1, "b": 3}, True),
        ("a <= 3", {"a": 3}, True),
        ("a > 3", {"a": 3}, False),
        ("nr_free_pages == 2 + 3", {"nr_free_pages": 5}, True),
    ],
)
def test_relation(text: str, values: dict[str, float], holds: bool) -> None:
    """A relation holds or not, and the check has the figures."""
    check = relations.parse(text).check(values)
    assert check.holds is holds
    assert check.values == values


@pytest.mark.parametrize(
    "text",
    ["", "a", "a = b", "a == b == c", "a ==", "== b", "a b == c", "a == b c", "a == 2 2", "A == b"],
)
def test_no_relation(text: str) -> None:
    """What is no relation is refused with its text."""
    with pytest.raises(ValueError, match=r"one of|not a sum"):
        relations.parse(text)


def test_explain_names_every_figure() -> None:
    """A failed check says what was compared with what."""
    check = relations.parse("a == b + c").check({"a": 5, "b": 2, "c": 1})
    assert check.explain() == "a == b + c does not hold: 5 against 3 (a 5, b 2, c 1)"


@given(st.text(alphabet="ab1 +-*=<>!.0", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader do anything but answer or raise ValueError."""
    try:
        relation = relations.parse(text)
    except ValueError:
        return
    assert relation.check(dict.fromkeys(relation.names, 1)).text
