# SPDX-License-Identifier: GPL-2.0-or-later
"""Independent choices, joined in order of their common cost."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: A choice that is not the likeliest: which slot, and which alternative (0 is the likeliest).
Deviation = tuple[int, int]


def in_order(costs: Sequence[Sequence[float]]) -> Iterator[tuple[float, tuple[Deviation, ...]]]:
    """Every joint choice, cheapest first: what it costs, and where it deviates.

    Args:
        costs: For each slot the costs of its alternatives in bits, ascending.
    """
    slots = sorted((slot for slot, own in enumerate(costs) if len(own) > 1),
                   key=lambda slot: costs[slot][1] - costs[slot][0])  # fmt: skip
    extra = [[cost - costs[slot][0] for cost in costs[slot]] for slot in slots]
    base = sum(own[0] for own in costs if own)
    yield base, ()
    if not slots:
        return
    # A state is the deviations made, as (rank of the slot, alternative), ranks ascending.
    queue: list[tuple[float, tuple[tuple[int, int], ...]]] = [(extra[0][1], ((0, 1),))]
    while queue:
        cost, state = heapq.heappop(queue)
        yield base + cost, tuple((slots[rank], choice) for rank, choice in state)
        rank, choice = state[-1]
        if choice + 1 < len(extra[rank]):
            more = cost - extra[rank][choice] + extra[rank][choice + 1]
            heapq.heappush(queue, (more, (*state[:-1], (rank, choice + 1))))
        if rank + 1 < len(extra):
            step = extra[rank + 1][1]
            heapq.heappush(queue, (cost + step, (*state, (rank + 1, 1))))
            if choice == 1:
                heapq.heappush(queue, (cost - extra[rank][1] + step, (*state[:-1], (rank + 1, 1))))
