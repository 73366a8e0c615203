# SPDX-License-Identifier: GPL-2.0-or-later
"""Which patch of the series is to blame. Pure: values in, values out.

Two witnesses are heard. What a patch *says*: its added and removed lines name counters and
functions (:mod:`.touches`). What a patch *does*: what the same test showed on the images of
the patches before it.

A test that fails on an earlier image proves little by itself: half a series counts only
half of the events, so ``isolated == migrated + returned`` need not hold there. What counts
is the image on which a suspected counter first shows the figure that it shows in the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.verdict.touches import Part, changed_lines, misplaced, touches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from patchtool.series.model import Patch
    from patchtool.verdict.touches import Touch

#: Two runs of a test count "the same" up to this share: single figures move with the race
#: among the writers.
SAME = 0.1
#: ``symbol+0x12/0x34``, as traces print it; a compiler's ``.isra.0`` is not part of the name.
_FRAME = re.compile(r"\b([A-Za-z_]\w*)(?:\.\w+)*\+0x[0-9a-f]+/0x[0-9a-f]+")
_VERB = {Part.MENTIONS: "touches", Part.NAMES: "names", Part.COUNTS: "counts"}


@dataclass(frozen=True, slots=True)
class Blame:
    """The answer.

    Attributes:
        patch: The patch to blame, or None when no single one can be named.
        suspects: The patches in question; holds just *patch* when that is known.
        reason: Why, as the end of a sentence.
        certain: The images were tried; it is not only read from the diff.
    """

    patch: int | None
    suspects: tuple[int, ...]
    reason: str
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A check of a test: the counters in it, and whether it held."""

    counters: tuple[str, ...]
    ok: bool
    text: str = ""


def blame_checks(
    checks: Sequence[Judged],
    patches: Sequence[Patch],
    *,
    history: Mapping[int, Mapping[str, int]] | None = None,
    first_failing: int | None = None,
    off: Collection[str] = (),
) -> Blame:
    """The patch behind relations that do not hold.

    A counter that stands only in relations that failed is suspected before one that also
    stands in a relation that held; among those, one whose claimed figure was missed. Among
    the patches, one that counts the suspected counters comes before one that names them.

    Args:
        checks: The relations of one test, those that held as well.
        patches: The series.
        history: The test's deltas on the image of each patch, where that was tried.
        first_failing: The first patch on whose image the test failed. It is believed when
            that patch counts one of the counters, or when nothing else is known: before it
            counts, a patch that only names a counter fails the test as well.
        off: Counters whose claimed figures were not measured.
    """
    failed = {name for check in checks if not check.ok for name in check.counters}
    held = {name for check in checks if check.ok for name in check.counters}
    for wrong in misplaced(patches, failed):
        reason = (
            f"adds the events in the order {', '.join(wrong.items)}, but their names in the "
            f"order {', '.join(wrong.names)}"
        )
        return Blame(wrong.patch, (wrong.patch,), reason, certain=True)
    found = touches(patches, failed)
    ours = {touch.counter for touch in found}
    prime = (failed - held) & ours or failed & ours
    prime = prime & set(off) or prime
    shown = _first_shown(history or {}, prime)
    if shown is not None:
        return shown
    counting = {touch.patch for touch in found if touch.part is Part.COUNTS}
    if first_failing and first_failing in counting:
        told = _tell(_ranked([t for t in found if t.patch == first_failing], prime))
        reason = f"the test first fails on the image with this patch, which {told}"
        return Blame(first_failing, (first_failing,), reason, certain=True)
    ranked = _ranked(found, prime)
    best = _score(ranked, prime)
    top = max(best.values(), default=(0, 0))
    leaders = tuple(sorted(patch for patch, score in best.items() if score == top))
    if len(leaders) == 1:
        told = _tell([touch for touch in ranked if touch.patch == leaders[0]])
        return Blame(leaders[0], leaders, told)
    if first_failing and (not leaders or first_failing in leaders):
        reason = f"the test first fails on the image with patch {first_failing}"
        return Blame(first_failing, (first_failing,), reason, certain=True)
    if not leaders:
        return Blame(None, (), "no patch of the series touches the counters in it")
    parts = [f"{n} {_tell([t for t in ranked if t.patch == n][:1])}" for n in leaders]
    return Blame(None, leaders, "; ".join(parts))


def _first_shown(history: Mapping[int, Mapping[str, int]], prime: Collection[str]) -> Blame | None:
    """The patch whose image is the first to show the suspected counters' last figures."""
    if len(history) < 2:
        return None
    last = history[max(history)]
    onsets: dict[int, list[str]] = {}
    for counter in sorted(prime):
        final = last.get(counter, 0)
        if not final:
            continue  # nought is what every image shows that does not count yet
        room = SAME * abs(final)
        alike = (n for n in sorted(history) if abs(history[n].get(counter, 0) - final) <= room)
        onsets.setdefault(next(alike, max(history)), []).append(counter)
    if len(onsets) != 1:
        return None
    ((patch, counters),) = onsets.items()
    earlier = [row for number, row in history.items() if number != max(history)]
    if patch == max(history) and any(row.get(name) for row in earlier for name in counters):
        return None  # figures that race are alike on no two images: the last says nothing
    if not patch:
        return Blame(None, (), "the base without the series shows the same", certain=True)
    figures = " and ".join(f"{name} {last[name]:+d}" for name in counters)
    reason = f"the image with patch {patch} is the first that shows {figures}"
    return Blame(patch, (patch,), reason, certain=True)


def _ranked(found: Iterable[Touch], prime: Collection[str]) -> list[Touch]:
    order = sorted(
        found, key=lambda t: (t.counter not in prime, -t.part, t.removed, t.patch, t.counter)
    )
    seen: set[tuple[int, str, str, str]] = set()
    kept = []
    for touch in order:
        mark = (touch.patch, touch.counter, touch.path, touch.function)
        if mark not in seen:
            seen.add(mark)
            kept.append(touch)
    return kept


def _score(found: Iterable[Touch], prime: Collection[str]) -> dict[int, tuple[int, int]]:
    """Per patch: prime counters it counts, then prime counters it touches at all."""
    counted: dict[int, set[str]] = {}
    touched: dict[int, set[str]] = {}
    for touch in found:
        if touch.counter in prime:
            touched.setdefault(touch.patch, set()).add(touch.counter)
            if touch.part is Part.COUNTS:
                counted.setdefault(touch.patch, set()).add(touch.counter)
    return {n: (len(counted.get(n, ())), len(names)) for n, names in touched.items()}


def _tell(found: Sequence[Touch], limit: int = 2) -> str:
    best = [touch for touch in found if touch.part is found[0].part][:limit]
    verb = "removes" if best[0].removed else _VERB[best[0].part]
    return f"{verb} " + " and ".join(f"{touch.counter} in {touch.place}" for touch in best)


def blame_trace(
    lines: Iterable[str], patches: Sequence[Patch], first_failing: int | None = None
) -> Blame:
    """The patch behind a splat: the one that changed the topmost function of the trace."""
    if first_failing is not None:
        reason = f"it first appears on the image with patch {first_failing}"
        return Blame(first_failing, (first_failing,), reason, certain=True)
    changed: dict[str, set[int]] = {}
    for patch in patches:
        for _, function, _, _ in changed_lines(patch):
            if function:
                changed.setdefault(function, set()).add(patch.number)
    for line in lines:
        for function in _FRAME.findall(line):
            if function in changed:
                numbers = tuple(sorted(changed[function]))
                only = numbers[0] if len(numbers) == 1 else None
                verb = "changes" if only is not None else "change"
                return Blame(only, numbers, f"{verb} {function}(), which is in the trace")
    return Blame(None, (), "no function that the series changes is in the trace")


def blame_stuck(lines: Iterable[str], patches: Sequence[Patch]) -> Blame:
    """The patch behind a guest that got stuck, with a trace for each of its processors.

    Any of them may hold what the others wait for, so all of their patches are suspected.
    """
    traces: list[list[str]] = [[]]
    for line in lines:
        if "Call Trace:" in line:
            traces.append([])
        traces[-1].append(line)
    found = [blame_trace(trace, patches) for trace in traces[1:]]
    suspects = tuple(sorted({number for blame in found for number in blame.suspects}))
    told = list(dict.fromkeys(blame.reason for blame in found if blame.suspects))
    if not suspects:
        return Blame(None, (), "no function that the series changes is in the traces")
    return Blame(suspects[0] if len(suspects) == 1 else None, suspects, "; ".join(told))
