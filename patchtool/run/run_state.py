# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of a run: what its stages gave so far, or what the store has of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchtool.build.kconfig.symbols import SeriesSymbols
from patchtool.core.store import Store, digest
from patchtool.run.trial import GuestNeeds
from patchtool.tree.apply import AppliedSeries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.series.model import Series
    from patchtool.tree.base.choose import Base


@dataclass(frozen=True, slots=True)
class RunState:
    """What is known of a run.

    Attributes:
        series: The series, once it was read.
        base: What it is applied to, once that was chosen.
        applied: What became of its patches.
        symbols: What it asks of Kconfig.
        toolchain: What kernels are built with, as the tree needs it.
        guest: The guest that tests get where they ask for no other.
        configs: How each image is configured, by label.
        tests: What the tests of each image are stored under, by label.
    """

    series: Series | None = None
    base: Base | None = None
    applied: AppliedSeries | None = None
    symbols: SeriesSymbols | None = None
    toolchain: Toolchain | None = None
    guest: GuestNeeds = field(default_factory=GuestNeeds)
    configs: Mapping[str, KernelConfig] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)


def apply_key(series: Series, base: Base) -> str:
    """What the outcome of applying a series is stored under."""
    return digest(series.digest, base.commit)


def symbols_key(series: Series, base: Base) -> str:
    """What the symbols of an applied series are stored under."""
    manifest = series.manifest
    kconfig = manifest.kconfig.model_dump(mode="json") if manifest else None
    return digest(series.digest, kconfig, base.commit)


def find_applied(store: Store, series: Series, base: Base) -> AppliedSeries | None:
    """What became of the patches in an earlier run, or None."""
    found = store.read("apply", apply_key(series, base), AppliedSeries)
    return replace(found, base=base) if found else None


def keep_applied(store: Store, series: Series, applied: AppliedSeries) -> None:
    """Store what became of the patches."""
    store.keep("apply", apply_key(series, applied.base), applied)


def find_symbols(store: Store, series: Series, base: Base) -> SeriesSymbols | None:
    """What an earlier run found that the series asks of Kconfig, or None."""
    return store.read("symbols", symbols_key(series, base), SeriesSymbols)


def keep_symbols(store: Store, series: Series, base: Base, symbols: SeriesSymbols) -> None:
    """Store what the series asks of Kconfig."""
    store.keep("symbols", symbols_key(series, base), symbols)
