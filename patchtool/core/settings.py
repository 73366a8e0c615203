# SPDX-License-Identifier: GPL-2.0-or-later
"""User settings: defaults, then a TOML file, then the environment.

The file is ``$XDG_CONFIG_HOME/patchtool/config.toml`` or what ``PATCHTOOL_CONFIG`` names. A
variable ``PATCHTOOL_<KEY>`` (upper case) overrides the key of that name.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from patchtool.errors import ManifestError

ENV_PREFIX = "PATCHTOOL_"


def _xdg(variable: str, fallback: str) -> Path:
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / fallback) / "patchtool"


class Settings(BaseModel):
    """What a user can set. All times are in seconds, all sizes in MiB."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cache: Path = Field(
        default_factory=lambda: _xdg("XDG_CACHE_HOME", ".cache"),
        description="stage results, clones, object trees, ccache, images, guest roots",
    )
    data: Path = Field(
        default_factory=lambda: _xdg("XDG_DATA_HOME", ".local/share"),
        description="imported kernel trees",
    )
    state: Path = Field(
        default_factory=lambda: _xdg("XDG_STATE_HOME", ".local/state"),
        description="run directories",
    )
    jobs: int = Field(
        default_factory=lambda: len(os.sched_getaffinity(0)),
        ge=1,
        description="make -j; default: the processors this process may use",
    )
    container: Literal["auto", "podman", "docker"] = "auto"
    registry: str = Field(
        default="", description="registry whose debian image the toolchain image starts from"
    )
    accelerator: Literal["auto", "kvm", "tcg"] = "auto"
    guest_start: Literal["era", "virtme-ng", "initramfs"] = Field(
        default="era", description="how guests start: as the tree's era says, or always so"
    )
    guest_memory: int = Field(default=1024, ge=256, description="memory of a guest, MiB")
    guest_cpus: int = Field(default=2, ge=1, le=64)
    build_timeout: float = Field(default=3600, gt=0, description="one kernel build")
    boot_timeout: float = Field(
        default=30, gt=0, description="boot to first answer, on a machine with KVM"
    )
    call_timeout: float = Field(
        default=30, gt=0, description="one call to the guest's agent, on a machine with KVM"
    )
    git_timeout: float = Field(default=600, gt=0, description="one git command")
    base_timeout: float = Field(
        default=10,
        gt=0,
        description="a run's search for the commit a series was made on; then the best so far",
    )
    script_timeout: float = Field(
        default=120, gt=0, description="a tree's own script (checkpatch.pl) on one patch"
    )
    lore: str = Field(
        default="https://lore.kernel.org/all",
        description="public-inbox server that a Message-ID is looked up on",
    )
    patchwork: str = Field(
        default="https://patchwork.kernel.org",
        description="patchwork server that a bare series id is looked up on",
    )
    patchwork_token: SecretStr = Field(
        default=SecretStr(""), description="token of your user on that server, to post checks"
    )
    offline: bool = Field(
        default=False, description="use what was fetched before, and never the network"
    )
    network_timeout: float = Field(
        default=30, gt=0, description="how long a server may stay silent"
    )
    network_retries: int = Field(
        default=4, ge=0, description="how often a request is tried again, with growing pauses"
    )


def config_path() -> Path:
    """The settings file that would be read."""
    named = os.environ.get(f"{ENV_PREFIX}CONFIG")
    return Path(named) if named else _xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


def load() -> Settings:
    """Read the settings.

    Raises:
        ManifestError: The file or a variable has mistakes; all are named.
    """
    path = config_path()
    values: dict[str, Any] = {}
    if path.is_file():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ManifestError(path, [str(error)]) from error
    variables: dict[str, str] = {}
    for key in Settings.model_fields:
        name = f"{ENV_PREFIX}{key.upper()}"
        value = os.environ.get(name)
        if value is not None:
            values[key] = value
            variables[key] = name
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        found = problems(error)
        keys = [problem.partition(":")[0] for problem in found]
        named = [
            f"{variables[key]}{problem.removeprefix(key)}" if key in variables else problem
            for key, problem in zip(keys, found, strict=True)
        ]
        where = Path("environment") if set(keys) <= variables.keys() else path
        raise ManifestError(where, named) from error


def problems(error: ValidationError) -> list[str]:
    """One line per mistake, starting with its key path."""
    return [
        f"{'.'.join(str(part) for part in item['loc']) or '(top)'}: {item['msg']}"
        for item in error.errors()
    ]
