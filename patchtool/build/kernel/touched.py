# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles what a series touches in another variant, without linking a kernel.

A series must also compile with its option off. That takes a second full build, as nearly
every object depends on a header such as ``vm_event_item.h``; the folders of the source files
that the series touches take a tenth of it, and are where it goes wrong.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from patchtool.build.kernel.kbuild import compiled, present
from patchtool.build.kernel.make import prepared
from patchtool.build.kernel.warnings import CompilerWarning, distinct
from patchtool.core.store import digest

if TYPE_CHECKING:
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.workshop import Workshop
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.store import Store
    from patchtool.series.model import Series

STAGE = "compiled"


class Compiled(BaseModel):
    """Folders that were compiled.

    Attributes:
        label: What they are to this run: ``off``.
        patch: Number of the newest patch.
        tree: Hash of the source's content.
        config: Digest of the configuration.
        variant: Name of the variant that was configured.
        folders: Such as ``mm/``; each with all that the configuration builds in it.
        warnings: What the compiler said.
        seconds: Wall-clock time.
        cpu_seconds: Processor time.
        cached: They were compiled by an earlier run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    patch: int | None
    tree: str
    config: str
    variant: str
    folders: tuple[str, ...]
    warnings: tuple[CompilerWarning, ...]
    seconds: float
    cpu_seconds: float
    cached: bool = False


#: What says what it is to a run, and is not stored.
_OF_THE_RUN = frozenset({"label", "patch", "tree", "config", "variant", "cached"})


def touched_folders(series: Series, srctree: Path) -> tuple[str, ...]:
    """The folders with a Makefile in which the series touches C or assembler files."""
    found = {
        str(Path(path).parent)
        for patch in series.patches
        for path in patch.paths
        if path.endswith((".c", ".S")) and (srctree / path).is_file()
    }
    return tuple(
        f"{folder}/"
        for folder in sorted(found)
        if folder != "." and any((srctree / folder / n).is_file() for n in ("Makefile", "Kbuild"))
    )


def compiled_key(tree: str, config: KernelConfig, toolchain: Toolchain) -> str:
    """What the result is stored under."""
    return digest(tree, config.digest, toolchain.digest)


def find_compiled(
    tree: str,
    config: KernelConfig,
    toolchain: Toolchain,
    store: Store,
    *,
    label: str,
    patch: int | None,
) -> Compiled | None:
    """What was compiled before, or None. Needs no source tree."""
    return store.read(
        STAGE,
        compiled_key(tree, config, toolchain),
        Compiled,
        label=label,
        patch=patch,
        tree=tree,
        config=config.digest,
        variant=config.variant,
        cached=True,
    )


def compile_touched(
    series: Series,
    srctree: Path,
    tree: str,
    config: KernelConfig,
    workshop: Workshop,
    *,
    objtree: str,
    label: str,
    patch: int | None,
    log: Path,
) -> Compiled:
    """Compile the folders the series touches; for the arguments see :func:`.kbuild.build`.

    Raises:
        BuildError: It does not compile; names the first error and the log.
        CommandTimeout, DiskFull, InfraError: As :func:`.kbuild.build`.
    """
    folders = touched_folders(series, srctree)
    begin = time.monotonic()
    with prepared(objtree, srctree, workshop, config=config.text) as make:
        found = find_compiled(
            tree, config, workshop.toolchain, workshop.store, label=label, patch=patch
        )
        if found is not None:  # another run compiled them meanwhile
            return found
        if folders:
            compiled(make, label, log, goals=folders)
        done = Compiled(
            label=label,
            patch=patch,
            tree=tree,
            config=config.digest,
            variant=config.variant,
            folders=folders,
            warnings=distinct([*config.warnings, *present(make.objects.state(), srctree)]),
            seconds=time.monotonic() - begin,
            cpu_seconds=make.cpu_seconds(),
        )
        key = compiled_key(tree, config, workshop.toolchain)
        workshop.store.keep(STAGE, key, done, exclude=set(_OF_THE_RUN))
    return done
