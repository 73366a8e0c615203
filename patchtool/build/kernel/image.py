# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that was built, and where it is kept: the same content is never built twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from patchtool.build.kernel.warnings import CompilerWarning, added_warnings
from patchtool.core.store import digest, read_value

if TYPE_CHECKING:
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.store import Store

STAGE = "image"
#: Counts the ways images were built that may differ for the same content.
FORMAT = 2


def _of_this_machine(path: Path) -> bool:
    return path.is_absolute() or not path.name


#: A path that is written into no store and no report, unless it is relative to them.
LocalPath = Annotated[Path, Field(exclude_if=_of_this_machine)]


class KernelImage(BaseModel):
    """A kernel that was built.

    Attributes:
        label: What it is to this run: ``base``, ``1/4``, ``off``.
        patch: Number of its newest patch; None for the base.
        tree: Hash of the source's content.
        config: Digest of its configuration.
        variant: Name of the variant it was configured for.
        toolchain: Digest of the toolchain.
        release: What ``uname -r`` says in it; empty when make did not tell.
        bzimage: The image QEMU boots.
        vmlinux: The ELF file it was made of.
        config_path: Its ``.config``.
        events: The preprocessed ``vm_event_item.h``, or None.
        warnings: Every warning the source gives under this configuration.
        seconds: Wall-clock time of the build that made it.
        cpu_seconds: Processor time of that build.
        steps: Steps make announced in that build.
        cached: It was built by an earlier run.
        log: What make printed; in a report relative to the run directory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    patch: int | None
    tree: str
    config: str
    variant: str
    toolchain: str
    release: str
    bzimage: LocalPath = Path()
    vmlinux: LocalPath = Path()
    config_path: LocalPath = Path()
    events: Path | None = Field(default=None, exclude=True)
    warnings: tuple[CompilerWarning, ...]
    seconds: float
    cpu_seconds: float
    steps: int
    cached: bool = False
    log: LocalPath = Path()


def image_key(tree: str, config: KernelConfig, toolchain: Toolchain) -> str:
    """What an image is stored under: the same content is never built twice."""
    return digest(FORMAT, tree, config.digest, toolchain.digest)


def find_image(
    tree: str,
    config: KernelConfig,
    toolchain: Toolchain,
    store: Store,
    *,
    label: str,
    patch: int | None,
) -> KernelImage | None:
    """An image that was built before, or None. Needs no source tree."""
    folder = store.get(STAGE, image_key(tree, config, toolchain))
    return load(folder, label, patch, cached=True) if folder else None


def load(folder: Path, label: str, patch: int | None, *, cached: bool) -> KernelImage | None:
    """The image a folder of the store holds, or None when it cannot be read."""
    events = folder / "events.i"
    here = {
        "label": label,
        "patch": patch,
        "bzimage": folder / "bzImage",
        "vmlinux": folder / "vmlinux",
        "config_path": folder / ".config",
        "events": events if events.is_file() else None,
        "cached": cached,
        "log": folder / "make.log",
    }
    return read_value(folder, KernelImage, **here)


def new_warnings(before: KernelImage, after: KernelImage) -> tuple[CompilerWarning, ...]:
    """The warnings *after* has and *before* has not: by file, flag and text, not by line."""
    return added_warnings(before.warnings, after.warnings)
