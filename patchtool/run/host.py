# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine a run was made on, and the programs that matter to its figures."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from patchtool.core import process

if TYPE_CHECKING:
    from patchtool.build.container.detect import Runtime
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot


class Host(BaseModel):
    """The machine and its tools."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cpus: int = 0
    accelerator: str = Field(default="", description="kvm or tcg, as probed")
    accelerator_notes: tuple[str, ...] = ()
    qemu: str = ""
    virtme_ng: str = ""
    python: str = ""
    system: str = Field(default="", description="the distribution and its kernel")
    container: str = Field(default="", description="runtime and its version")
    toolchain: str = Field(default="", description="digest of the toolchain image")
    compiler: str = ""
    guest_root: str = Field(default="", description="digest of the guest root, or 'host'")


def host(
    cpus: int,
    accelerator: Accelerator | None,
    runtime: Runtime | None,
    toolchain: Toolchain | None,
    root: GuestRoot | None,
) -> Host:
    """This machine. What a run did not come to is None, and empty in the answer.

    Args:
        cpus: Processors of a guest.
        accelerator: What guests run on.
        runtime: What containers run in.
        toolchain: What kernels were built with.
        root: What guests have for a root file system.
    """
    return Host(
        cpus=cpus,
        accelerator=accelerator.name if accelerator else "",
        accelerator_notes=accelerator.notes if accelerator else (),
        qemu=_first_line(["qemu-system-x86_64", "--version"]) if accelerator else "",
        virtme_ng=metadata.version("virtme-ng"),
        python=sys.version.split()[0],
        system=f"{_distribution()}, Linux {platform.release()}",
        container=runtime.describe() if runtime else "",
        toolchain=toolchain.digest if toolchain else "",
        compiler=toolchain.version if toolchain else "",
        guest_root=root.digest if root else "",
    )


def _first_line(argv: list[str]) -> str:
    done = process.run(argv, cwd=Path("/"), timeout=60, capture=True, check=False, record=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return lines[0] if lines else ""


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return "Linux"
