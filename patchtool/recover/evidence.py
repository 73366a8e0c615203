# SPDX-License-Identifier: GPL-2.0-or-later
"""What a blob hash proves."""

from __future__ import annotations

import hashlib
import math
from typing import Any

#: Bits that must be left for a proof: less than one false proof is then to be expected in 4096
#: files whose right bytes are not among the candidates.
PROOF_BITS = 12.0


def evidence(digits: int, tried: int) -> float:
    """Bits of evidence of a hash of so many hex digits that the last of *tried* candidates has.

    Args:
        digits: Of the abbreviated hash.
        tried: Contents that differ; the same one again is no further chance.
    """
    return 4.0 * digits - math.log2(max(1, tried))


def most_candidates(digits: int) -> int:
    """How many candidates may be tried so that the last one would still be proved."""
    return int(2 ** max(0.0, 4 * digits - PROOF_BITS))


class BlobHash:
    """git's blob hash of contents that share their first bytes.

    The hash begins with the length, so the state behind the shared bytes is kept per length.
    """

    def __init__(self, shared: bytes) -> None:
        self.shared = shared
        self.states: dict[int, Any] = {}

    def of(self, rest: bytes) -> str:
        """The hash of the shared bytes and *rest*, in hex."""
        size = len(self.shared) + len(rest)
        state = self.states.get(size)
        if state is None:
            state = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
            state.update(self.shared)
            if len(self.states) < 4096:
                self.states[size] = state
        state = state.copy()
        state.update(rest)
        return str(state.hexdigest())
