# SPDX-License-Identifier: GPL-2.0-or-later
"""A manifest, however damaged, is read or becomes a ManifestError."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.errors import ManifestError
from tests.lib import fuzzing

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = ["manifest"]


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


@pytest.mark.parametrize("path", fuzzing.found("manifest"), ids=lambda path: path.name)
def test_what_was_found_once_stays_mended(path: Path) -> None:
    """Brackets, digits and key parts by the thousand: RecursionError, ValueError, a minute."""
    with pytest.raises(ManifestError):
        fuzzing.TARGETS["manifest"](path.read_bytes())
