# SPDX-License-Identifier: GPL-2.0-or-later
"""How often a test fails: what is believed of it before the first try.

Two rates are unknown: of bad code (the *failure rate*) and of good code (the *stray rate*). Each is
a grid of values with weights, so that whatever was seen of a test multiplies in, and sums take the
place of integrals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from patchtool.bisect.ancestry import Floats
    from patchtool.bisect.values import Failures

#: A test that never varies. Not 1: that a single pass proves a commit good must not be said.
SURE: Final = 0.9995
#: Share of tests that never vary, of those of which nothing is known.
MOSTLY_SURE: Final = 0.6
#: Share of doubt in a rate that was told, and in records of other trees.
DOUBT: Final = 0.03
#: How many tries what was told is worth.
TOLD_TRIES: Final = 120
#: Stray rates, and how many tests have each.
STRAY: Final = (
    (0.0003, 0.20), (0.001, 0.25), (0.002, 0.20), (0.004, 0.15), (0.008, 0.10), (0.015, 0.07),
    (0.03, 0.03),
)  # fmt: skip
_USUAL: Final = (
    0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.085, 0.10, 0.12, 0.14, 0.16, 0.18, 0.21, 0.24, 0.27, 0.30,
    0.34, 0.38, 0.42, 0.46, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.89, 0.92, 0.95, 0.97,
    0.985,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rates:
    """A grid of rates.

    Attributes:
        values: The rates.
        log_fail: Their logarithms.
        log_pass: The logarithms of what they leave to 1.
        log_prior: The logarithms of their weights, which sum to 1.
    """

    values: Floats
    log_fail: Floats
    log_pass: Floats
    log_prior: Floats

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> Rates:
        """The grid of some rates and weights."""
        with np.errstate(divide="ignore"):
            prior = np.log(weights / weights.sum())
        return cls(values, np.log(values), np.log1p(-values), prior)

    def after(self, failed: Floats, passed: Floats) -> tuple[Floats, Floats]:
        """What the rates are after so many failures and passes.

        Args:
            failed: How many tries failed, of each of some cases.
            passed: How many passed.

        Returns:
            For each case the logarithm of how likely that was, and the weights of the rates.
        """
        logs = np.outer(failed, self.log_fail)
        logs += np.outer(passed, self.log_pass)
        logs += self.log_prior
        top = logs.max(axis=1)
        weights = np.exp(logs - top[:, None])
        total = weights.sum(axis=1)
        return top + np.log(total), weights / total[:, None]


def failure_rates(failures: Failures) -> Rates:
    """What is believed of the failure rate.

    Raises:
        ValueError: The rate is not above 0 and at most 1, or more failed than were tried.
    """
    failed, count = failures.earlier
    if not 0 <= failed <= count:
        raise ValueError(f"{failed} of {count} tries cannot have failed")
    values = np.array([*_USUAL, SURE])
    if failures.rate is not None:
        if not 0 < failures.rate <= 1:
            raise ValueError(f"{failures.rate:g} is not a failure rate: above 0, at most 1")
        near = failures.rate * np.array([0.8, 0.88, 0.94, 1, 1.06, 1.12, 1.2])
        values = np.unique(np.clip(np.concatenate([values, near]), 0.001, SURE))
    widths = np.gradient(values)
    flat = widths / widths.sum() * (1 - MOSTLY_SURE)
    flat[-1] = MOSTLY_SURE
    if failures.rate is None and not count:
        return Rates.of(values, flat)
    tries = count
    part = failed / count if count else 0.0
    shape = flat if failures.rate is None else widths
    if failures.rate is not None:
        rate = min(failures.rate, SURE)
        part = (part * count + rate * TOLD_TRIES) / (count + TOLD_TRIES)
        tries = count + TOLD_TRIES
    logs = tries * (part * np.log(values) + (1 - part) * np.log1p(-values))
    near = shape * np.exp(logs - logs.max())
    return Rates.of(values, DOUBT * flat / flat.sum() + (1 - DOUBT) * near / near.sum())


def stray_rates() -> Rates:
    """What is believed of the stray rate."""
    values, weights = zip(*STRAY, strict=True)
    return Rates.of(np.array(values), np.array(weights))
