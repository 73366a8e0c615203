# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that is built: symbols, configurations, images, and what is in the vmlinux."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.build.elf.comparison import ElfComparison, compare_images
from patchtool.build.kconfig.configure import configure, find_config
from patchtool.build.kconfig.symbols import series_symbols
from patchtool.build.kernel import kbuild
from patchtool.build.kernel.image import find_image, new_warnings
from patchtool.build.kernel.touched import compile_touched, find_compiled
from patchtool.errors import ConfigMissing
from patchtool.run.run_state import find_symbols, keep_symbols

if TYPE_CHECKING:
    from patchtool.build.kconfig.symbols import SeriesSymbols
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.build.kernel.touched import Compiled
    from patchtool.core.store import Store
    from patchtool.run.trial import Trial, TrialRecord
    from patchtool.run.workplace import Source, Workplace
    from patchtool.series.model import Series
    from patchtool.tree.apply import AppliedSeries


def configured(trial: Trial, workplace: Workplace) -> KernelConfig:
    """The configuration of a trial, made or found. It may lack what was asked for.

    Raises:
        BuildError: The Kconfig files have a mistake.
        InfraError: This machine is at fault.
    """
    workshop, complete = workplace.workshop, trial.complete
    found = find_config(
        trial.tree, trial.variant, workshop.toolchain, workshop.store, complete=complete
    )
    if found is not None:
        return found
    return configure(
        workplace.source.of(trial), trial.tree, trial.variant, workshop,
        objtree=workplace.source.objtree, complete=complete, check=False,
        log=workplace.log(trial),
    )  # fmt: skip


def require_symbols(trial: Trial, config: KernelConfig) -> None:
    """Refuse a configuration in which something that was asked for did not survive.

    Raises:
        ConfigMissing: Names each symbol and the unmet dependency.
    """
    if config.missing:
        lost = "".join(f"\n  {missing}" for missing in config.missing)
        raise ConfigMissing(f"{trial.label}: what was asked for did not survive:{lost}")


def image(trial: Trial, config: KernelConfig, workplace: Workplace) -> KernelImage:
    """The image of a trial, built or found.

    Raises:
        BuildError: It does not compile.
        InfraError: This machine is at fault.
    """
    workshop = workplace.workshop
    found = find_image(
        trial.tree, config, workshop.toolchain, workshop.store, label=trial.label, patch=trial.upto
    )
    if found is not None:
        return found
    return kbuild.build(
        workplace.source.of(trial), trial.tree, config, workshop,
        objtree=workplace.source.objtree, label=trial.label, patch=trial.upto,
        log=workplace.log(trial),
    )  # fmt: skip


def compiled(trial: Trial, config: KernelConfig, workplace: Workplace) -> Compiled:
    """What is compiled, or was, of a trial that is not linked.

    Raises:
        BuildError: It does not compile.
        InfraError: This machine is at fault.
    """
    workshop = workplace.workshop
    found = find_compiled(
        trial.tree, config, workshop.toolchain, workshop.store, label=trial.label, patch=trial.upto
    )
    if found is not None:
        return found
    return compile_touched(
        trial.series, workplace.source.of(trial), trial.tree, config, workshop,
        objtree=f"{workplace.source.objtree}-{trial.variant.name}", label=trial.label,
        patch=trial.upto, log=workplace.log(trial),
    )  # fmt: skip


def summary(record: TrialRecord, before: KernelImage | None) -> str:
    """What came of the build of a trial, in a line.

    Args:
        record: What came of the trial.
        before: The image that warnings are new against; None to count them all.
    """
    if record.fault is not None:
        return record.fault.message.partition("\n")[0]
    if record.compiled is not None:
        return f"{' '.join(record.compiled.folders) or 'nothing'} compiled"
    image = record.image
    assert image is not None
    warnings = new_warnings(before, image) if before else image.warnings
    return f"{image.release}, {len(warnings)}{' new' if before else ''} warnings"


def symbols(
    series: Series, applied: AppliedSeries, source: Source, store: Store
) -> tuple[SeriesSymbols, bool]:
    """What a series asks of Kconfig, and whether an earlier run had found it."""
    base = applied.base
    found = find_symbols(store, series, base)
    if found is not None:
        return found, True
    made = series_symbols(series, source.at(applied.tip, series, base))
    keep_symbols(store, series, base, made)
    return made, False


def elf(
    base: KernelImage, patched: KernelImage, store: Store, key: tuple[str, str]
) -> tuple[ElfComparison, bool]:
    """Two vmlinux files compared, and whether an earlier run had done so.

    Args:
        key: The stage and the key it is stored under.
    """
    found = store.read(*key, ElfComparison)
    if found is not None:
        return found, True
    made = compare_images(base, patched)
    store.keep(*key, made)
    return made, False
