# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that was built, and where it is kept: the same content is never built twice."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (pydantic reads it)
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from patchtool.build.kernel.warnings import CompilerWarning, brought
from patchtool.core.store import VALUE, digest

if TYPE_CHECKING:
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.store import Store

STAGE = "image"
#: Counts the ways images were built that may differ for the same content.
FORMAT = 2


class ImageRecord(BaseModel):
    """What ``value.json`` beside a stored image says."""

    model_config = ConfigDict(extra="forbid")

    tree: str
    config: str
    variant: str
    toolchain: str
    release: str
    warnings: tuple[CompilerWarning, ...]
    seconds: float
    cpu_seconds: float
    steps: int


class KernelImage(BaseModel):
    """A kernel that was built.

    Attributes:
        label: What it is to this run: ``base``, ``1/4``, ``off``.
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
        log: What make printed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    tree: str
    config: str
    variant: str
    toolchain: str
    release: str
    bzimage: Path
    vmlinux: Path
    config_path: Path
    events: Path | None
    warnings: tuple[CompilerWarning, ...]
    seconds: float
    cpu_seconds: float
    steps: int
    cached: bool
    log: Path


def image_key(tree: str, config: KernelConfig, toolchain: Toolchain) -> str:
    """What an image is stored under: the same content is never built twice."""
    return digest(FORMAT, tree, config.digest, toolchain.digest)


def find_image(
    tree: str, config: KernelConfig, toolchain: Toolchain, store: Store, *, label: str
) -> KernelImage | None:
    """An image that was built before, or None. Needs no source tree."""
    folder = store.get(STAGE, image_key(tree, config, toolchain))
    return load(folder, label, cached=True) if folder else None


def load(folder: Path, label: str, *, cached: bool) -> KernelImage | None:
    """The image a folder of the store holds, or None when it cannot be read."""
    try:
        record = ImageRecord.model_validate_json((folder / VALUE).read_bytes())
    except (OSError, ValidationError):
        return None
    events = folder / "events.i"
    return KernelImage(
        **record.model_dump(exclude={"warnings"}),
        warnings=record.warnings,
        label=label,
        bzimage=folder / "bzImage",
        vmlinux=folder / "vmlinux",
        config_path=folder / ".config",
        events=events if events.is_file() else None,
        cached=cached,
        log=folder / "make.log",
    )


def new_warnings(before: KernelImage, after: KernelImage) -> tuple[CompilerWarning, ...]:
    """The warnings *after* has and *before* has not: by file, flag and text, not by line."""
    return brought(before.warnings, after.warnings)
