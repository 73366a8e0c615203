# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the container program that works here: podman or docker, by running a container."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from patchtool.build.container.runtime import Mount, Runtime
from patchtool.core import programs
from patchtool.core.durable import write_atomic
from patchtool.core.text import command_line
from patchtool.errors import CommandError, CommandTimeout, InfraError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

__all__ = ["Mount", "Runtime", "choose_runtime"]

PROBE_IMAGE = "localhost/patchtool-probe:1"
PROBE_TIMEOUT = 60.0
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class _Remembered(BaseModel):
    """The outcome of the last probe, and what it holds for."""

    key: str
    runtime: Runtime


def choose_runtime(settings: Settings, progress: Progress, *, fresh: bool = False) -> Runtime:
    """The first container program that really runs a container here.

    The answer is remembered until the next boot.

    Args:
        settings: ``container`` names one program, or ``auto``.
        progress: Told when the first choice did not work.
        fresh: Try again even when an answer is remembered.

    Raises:
        ToolMissing: Neither podman nor docker is installed.
        InfraError: None of them could run a container; says what each answered.
    """
    known = None if fresh else remembered_runtime(settings)
    if known is not None:
        return known
    failures: list[str] = []
    for candidate in _candidates(settings.container):
        try:
            runtime = _probe(candidate)
        except (CommandError, CommandTimeout, OSError) as error:
            text = error.tail if isinstance(error, CommandError | CommandTimeout) else str(error)
            last = text.strip().splitlines()[-1:] or [str(error).splitlines()[0]]
            failures.append(f"`{command_line((candidate.program, *candidate.options))}`: {last[0]}")
            continue
        found = runtime.model_copy(update={"notes": tuple(failures)})
        for failure in failures:
            progress.note(f"container: {failure}; using {found.describe()}")
        memory = _memory(settings)
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(memory, _Remembered(key=_key(settings), runtime=found).model_dump_json())
        return found
    tried = "".join(f"\n  {failure}" for failure in failures)
    raise InfraError(
        f"no container could be run{tried}",
        hint="podman with runc works almost everywhere: apt-get install podman runc",
    )


def remembered_runtime(settings: Settings) -> Runtime | None:
    """What :func:`choose_runtime` found since this machine's last boot, or None."""
    try:
        remembered = _Remembered.model_validate_json(_memory(settings).read_bytes())
    except (OSError, ValidationError):
        return None
    there = remembered.key == _key(settings) and programs.which(remembered.runtime.program)
    return remembered.runtime if there else None


def _memory(settings: Settings) -> Path:
    return settings.cache / "container.json"


def _key(settings: Settings) -> str:
    return f"{BOOT_ID.read_text().strip()} {settings.container} {os.getuid()}"


def _candidates(wanted: str) -> list[Runtime]:
    """What to try, best first."""
    candidates: list[Runtime] = []
    if wanted in ("auto", "podman") and programs.which("podman"):
        candidates.append(Runtime(program="podman"))
        candidates += [
            Runtime(program="podman", options=("--runtime", name))
            for name in ("runc", "crun")  # crun refuses hybrid cgroups, runc does not
            if programs.which(name)
        ]
    if wanted in ("auto", "docker") and programs.which("docker"):
        candidates.append(Runtime(program="docker"))
    if not candidates:
        name = "docker" if wanted == "docker" else "podman"
        raise ToolMissing(name, hint=f"apt-get install {programs.PACKAGES[name]}")
    return candidates


def _probe(candidate: Runtime) -> Runtime:
    """Run a container of the host's own /usr, with all protections on."""
    version = candidate.call("--version").stdout.decode().strip()
    security = (
        ("info", "--format", "{{.Host.Security.Rootless}}")
        if candidate.program == "podman"
        else ("info", "--format", "{{.SecurityOptions}}")
    )
    answer = candidate.call(*security).stdout.decode()
    rootless = "rootless" in answer if candidate.program == "docker" else "true" in answer
    runtime = candidate.model_copy(update={"version": version, "rootless": rootless})
    links = {name: Path("/", name) for name in ("bin", "lib", "lib64") if Path("/", name).exists()}
    if runtime.has_image(PROBE_IMAGE) is None:
        with tempfile.TemporaryDirectory(prefix="patchtool-") as folder:
            tar = Path(folder) / "probe.tar"
            tar.write_bytes(_skeleton({name: path.is_symlink() for name, path in links.items()}))
            runtime.import_image(tar, PROBE_IMAGE, PROBE_TIMEOUT)
    mounts = [Mount(Path("/usr"), "/usr")]
    mounts += [Mount(path, str(path)) for path in links.values() if not path.is_symlink()]
    runtime.run(PROBE_IMAGE, ["/usr/bin/true"], mounts=mounts, timeout=PROBE_TIMEOUT)
    return runtime


def _skeleton(links: Mapping[str, bool]) -> bytes:
    """A root file system of empty folders, with ``/lib`` and the like into ``/usr``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("dev", "etc", "proc", "sys", "tmp", "usr", "run"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        for name, symbolic in links.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = (
                (tarfile.SYMTYPE, 0o777) if symbolic else (tarfile.DIRTYPE, 0o755)
            )
            entry.linkname = f"usr/{name}" if symbolic else ""
            tar.addfile(entry)
    return out.getvalue()
