# SPDX-License-Identifier: GPL-2.0-or-later
"""The build of a trial: its configuration, and its image or what is compiled of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.build.kconfig.configure import configure, find_config
from patchtool.build.kernel import kbuild
from patchtool.build.kernel.image import find_image
from patchtool.build.kernel.touched import compile_touched, find_compiled
from patchtool.errors import ConfigMissing

if TYPE_CHECKING:
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.build.kernel.touched import Compiled
    from patchtool.run.trial import Trial
    from patchtool.run.workplace import Workplace


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
    found = find_image(trial.tree, config, workshop.toolchain, workshop.store, label=trial.label)
    if found is not None:
        return found
    return kbuild.build(
        workplace.source.of(trial), trial.tree, config, workshop,
        objtree=workplace.source.objtree, label=trial.label, log=workplace.log(trial),
    )  # fmt: skip


def compiled(trial: Trial, config: KernelConfig, workplace: Workplace) -> tuple[Compiled, bool]:
    """What is compiled of a trial that is not linked, and whether an earlier run had done it.

    Raises:
        BuildError: It does not compile.
        InfraError: This machine is at fault.
    """
    workshop = workplace.workshop
    found = find_compiled(trial.tree, config, workshop.toolchain, workshop.store)
    if found is not None:
        return found, True
    made = compile_touched(
        trial.series, workplace.source.of(trial), trial.tree, config, workshop,
        objtree=f"{workplace.source.objtree}-{trial.variant.name}", label=trial.label,
        log=workplace.log(trial),
    )  # fmt: skip
    return made, False
