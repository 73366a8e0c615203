# SPDX-License-Identifier: GPL-2.0-or-later
"""Which images a run wants, and what earlier runs stored towards them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from patchtool.build.kconfig.symbols import SeriesSymbols
from patchtool.build.kconfig.variants import Variant, variants_of
from patchtool.core.store import VALUE, Store, digest, write_atomic
from patchtool.tree.apply import AppliedSeries

if TYPE_CHECKING:
    from patchtool.series.model import Series
    from patchtool.tree.base.choose import Base


@dataclass(frozen=True, slots=True)
class Step:
    """An image that is wanted.

    Attributes:
        label: ``base``, ``1/4``, … or ``off``.
        patch: Number of its newest patch; None for the base.
        commit: What to check out.
        tree: Hash of that commit's content.
        variant: How to configure it.
        complete: The whole series is in it; the base, when the series is merged.
    """

    label: str
    patch: int | None
    commit: str
    tree: str
    variant: Variant
    complete: bool


def wanted(
    applied: AppliedSeries, symbols: SeriesSymbols, title: str, *, quick: bool = False
) -> tuple[Step, ...]:
    """The base, each patch, and the whole series in its other variants, in building order.

    Args:
        applied: The series; all of it applied.
        symbols: What it asks of Kconfig.
        title: The series' title, for the fragments.
        quick: Of these the whole series alone.
    """
    on, *others = variants_of(symbols, title)
    count = len(applied.patches)
    steps = [Step("base", None, applied.base.commit, applied.base.tree, on, complete=not count)]
    for place, patch in enumerate(applied.patches, 1):
        assert patch.commit
        assert patch.tree
        label = f"{patch.number}/{count}"
        step = Step(label, patch.number, patch.commit, patch.tree, on, complete=place == count)
        steps.append(step)
    if quick:
        return tuple(steps[-1:])
    steps += [replace(steps[-1], label=other.name, variant=other) for other in others]
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store has of applying a series to a base."""

    store: Store
    series: Series
    base: Base

    @property
    def _apply_key(self) -> str:
        return digest(self.series.digest, self.base.commit)

    @property
    def _symbols_key(self) -> str:
        manifest = self.series.manifest
        kconfig = manifest.kconfig.model_dump(mode="json") if manifest else None
        return digest(self.series.digest, kconfig, self.base.commit)

    def applied(self) -> AppliedSeries | None:
        """What became of the patches, or None."""
        folder = self.store.get("apply", self._apply_key)
        if folder is None:
            return None
        try:
            found = _APPLIED.validate_json((folder / VALUE).read_bytes())
        except ValidationError:  # of another version of patchtool
            return None
        return replace(found, base=self.base)

    def keep_applied(self, applied: AppliedSeries) -> None:
        """Store it."""
        with self.store.put("apply", self._apply_key) as folder:
            write_atomic(folder / VALUE, _APPLIED.dump_json(applied))

    def symbols(self) -> SeriesSymbols | None:
        """What the series asks of Kconfig, or None."""
        folder = self.store.get("symbols", self._symbols_key)
        if folder is None:
            return None
        try:
            return SeriesSymbols.model_validate_json((folder / VALUE).read_bytes())
        except ValidationError:
            return None

    def keep_symbols(self, symbols: SeriesSymbols) -> None:
        """Store it."""
        with self.store.put("symbols", self._symbols_key) as folder:
            write_atomic(folder / VALUE, symbols.model_dump_json())


_APPLIED = TypeAdapter(AppliedSeries)
