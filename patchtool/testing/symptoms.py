# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test that fails shows, so that the next one that shows the same is known: pure.

The second test with nothing but known symptoms is "as before". After three tests that show one
symptom, those that are left and have all in common that the three have are left out: the features
they need, and the fixtures they drive the guest with. Where as many tests that have all that
passed, it is not that which they fail for; then none is left out.

What a test only checks costs no time, and the next check may tell more: with a counter in a wrong
place, the test that looks at this counter alone says which. So for a relation or an assertion, a
test stays that needs or uses anything which none of those that showed it does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.guest.death import GuestDied
from patchtool.testing.balloon import BalloonTimeout
from patchtool.testing.records import Symptom

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.testing.records import Check, SplatRecord

#: So many tests show a symptom before others of the kind are left out.
ENOUGH = 3
#: What differs between two complaints about the same.
_FIGURES = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+")
STUCK = "stuck"
_CHEAP = ("check", "assertion")


def check_symptoms(checks: Iterable[Check]) -> tuple[Symptom, ...]:
    """One for each relation that does not hold, in whatever window."""
    texts = dict.fromkeys(check.text for check in checks if not check.holds)
    return tuple(Symptom(kind="check", subject=text) for text in texts)


def splat_symptoms(splats: Iterable[SplatRecord]) -> tuple[Symptom, ...]:
    """One for each complaint of the kernel, by its title."""
    titles = dict.fromkeys(f"{splat.kind}: {_plain(splat.title)}" for splat in splats)
    return tuple(Symptom(kind="splat", subject=title) for title in titles)


def error_symptoms(error: BaseException) -> tuple[Symptom, ...]:
    """That of an error which is neither a failed check nor a splat; none of a machine's fault."""
    if isinstance(error, BalloonTimeout):
        return (balloon_symptom(grows=error.target > error.actual),)
    if isinstance(error, GuestDied):
        what = error.subject or str(error).partition("\n")[0]
        return (Symptom(kind=error.kind, subject=_plain(what)),)
    if isinstance(error, AssertionError) and str(error):
        return (Symptom(kind="assertion", subject=_plain(str(error).partition("\n")[0])),)
    return ()


def balloon_symptom(*, grows: bool) -> Symptom:
    """A balloon that does not get to its size."""
    return Symptom(kind="device", subject=f"the balloon does not {'grow' if grows else 'shrink'}")


def _plain(text: str) -> str:
    return _FIGURES.sub("#", text)


@dataclass(slots=True)
class _Showing:
    """The tests that show one symptom: the first, how many, and what all and any of them have."""

    first: str
    count: int
    common: frozenset[str]
    any_of: frozenset[str]


@dataclass(slots=True)
class Explained:
    """The symptoms of a run so far.

    Attributes:
        everything: No test is to be left out.
    """

    everything: bool = False
    _shown: dict[Symptom, _Showing] = field(default_factory=dict)
    _passed: list[frozenset[str]] = field(default_factory=list)

    def knows(self, symptom: Symptom) -> bool:
        """Whether a test has shown it."""
        return symptom in self._shown

    @property
    def stuck(self) -> bool:
        """Whether a guest got stuck."""
        return any(symptom.kind == STUCK for symptom in self._shown)

    def first(self, symptoms: Sequence[Symptom]) -> str:
        """The test that showed the first of them, if each is known; else empty."""
        known = bool(symptoms) and all(symptom in self._shown for symptom in symptoms)
        return self._shown[symptoms[0]].first if known else ""

    def failed(self, nodeid: str, symptoms: Iterable[Symptom], traits: frozenset[str]) -> None:
        """A test showed symptoms."""
        for symptom in symptoms:
            seen = self._shown.get(symptom)
            if seen is None:
                self._shown[symptom] = _Showing(nodeid, 1, traits, traits)
            else:
                seen.count += 1
                seen.common &= traits
                seen.any_of |= traits

    def passed(self, traits: frozenset[str]) -> None:
        """A test showed none."""
        self._passed.append(traits)

    def left_out(self, traits: frozenset[str]) -> tuple[str, str] | None:
        """The first test of the kind, and the reason, if a test with these traits is left out."""
        if self.everything:
            return None
        for symptom, seen in self._shown.items():
            common = seen.common
            if seen.count < ENOUGH or not common or not common <= traits:
                continue
            if symptom.kind in _CHEAP and not traits <= seen.any_of:
                continue
            if sum(common <= other for other in self._passed) >= seen.count:
                continue
            shared = ", ".join(sorted({name.partition(":")[2] for name in common}))
            reason = (
                f"left out: {seen.count} tests showed it already ({symptom.text}), "
                f"first {seen.first}; it has what they have in common: {shared}"
            )
            return seen.first, reason
        return None
