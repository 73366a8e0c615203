# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail or mailbox, however damaged, becomes mails or a PatchtoolError."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lib import fuzzing

TARGETS = ["mail", "mbox", "file"]


@pytest.mark.parametrize("target", TARGETS)
@fuzzing.quick
@given(draw=st.data())
def test_a_damaged_seed_raises_nothing_else(target: str, draw: st.DataObject) -> None:
    fuzzing.run(target, draw.draw(fuzzing.damaged(target)))


@pytest.mark.parametrize("target", TARGETS)
@fuzzing.quick
@given(text=st.binary(max_size=300))
def test_any_bytes_raise_nothing_else(target: str, text: bytes) -> None:
    fuzzing.run(target, text)


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_are_taken(target: str) -> None:
    for text in fuzzing.seeds(target):
        fuzzing.TARGETS[target](text)
