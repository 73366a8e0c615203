# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs patchtool may run: where they are, how to get them, what environment they get."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.errors import ToolMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Environment variables a program that may use the network gets as well.
NETWORK_VARIABLES = (
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)

#: How to get each program patchtool may run, as Debian and Ubuntu package it.
PACKAGES = {
    "git": "git",
    "podman": "podman",
    "docker": "docker.io",
    "runc": "runc",
    "mmdebstrap": "mmdebstrap",
    "qemu-system-x86_64": "qemu-system-x86",
    "ccache": "ccache",
    "perl": "perl",
    "tar": "tar",
    "xz": "xz-utils",
    "prlimit": "util-linux",
}


def environment(extra: Mapping[str, str] | None = None, *, network: bool = False) -> dict[str, str]:
    """The environment programs get: PATH, HOME, the C.UTF-8 locale, and *extra*.

    No ``GIT_*`` variable and no secret of the user's session is passed on.
    """
    names = ["PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]
    if network:
        names += NETWORK_VARIABLES
    env = {name: os.environ[name] for name in names if name in os.environ}
    env.setdefault("PATH", os.defpath)
    for folder in ("/usr/sbin", "/sbin"):  # mmdebstrap and mount helpers live there
        if folder not in env["PATH"].split(":"):
            env["PATH"] += f":{folder}"
    return {**env, "LANG": "C.UTF-8", **(extra or {})}


def which(name: str) -> Path | None:
    """Where *name* is on PATH, or beside this Python (a virtual environment's programs)."""
    beside = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    found = shutil.which(name, path=f"{path}:/usr/sbin:/sbin:{beside}")
    return Path(found) if found else None


def require(name: str) -> Path:
    """Where *name* is.

    Raises:
        ToolMissing: It is not installed; says how to get it.
    """
    found = which(name)
    if found is None:
        package = PACKAGES.get(name, name)
        raise ToolMissing(name, hint=f"on Debian or Ubuntu: apt-get install {package}")
    return found
