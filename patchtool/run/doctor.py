# SPDX-License-Identifier: GPL-2.0-or-later
"""What this machine can do: each part of the main job, tried for real."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.build.container.detect import choose_runtime
from patchtool.core import process
from patchtool.errors import PatchtoolError
from patchtool.guest.accel import probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

#: Free disk the main job needs: sources, object trees, image, guest root (measured: 6 GB).
DISK_GIB = 8
#: Memory one guest, one build and patchtool need together.
MEMORY_GIB = 3


class State(StrEnum):
    """How a part of this machine is."""

    OK = "ok"
    LIMITED = "limited"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of ``patchtool doctor``.

    Attributes:
        part: What was tried.
        state: How it is; the main job cannot run with a missing part.
        text: What was found, with figures.
        hint: How to make it better, or empty.
    """

    part: str
    state: State
    text: str
    hint: str = ""


def examine(settings: Settings, progress: Progress) -> Iterator[Diagnosis]:
    """Try every part the main job needs, one after the other."""
    checks: list[tuple[str, Callable[[Settings, Progress], Diagnosis]]] = [
        ("git", lambda _s, _p: _version("git", ["git", "--version"])),
        ("qemu", lambda _s, _p: _version("qemu", ["qemu-system-x86_64", "--version"])),
        ("virtme-ng", lambda _s, _p: _version("virtme-ng", ["vng", "--version"])),
        ("accelerator", _accelerator),
        ("file system", _file_system),
        ("container", _container),
        ("images", lambda _s, _p: _version("images", ["mmdebstrap", "--version"])),
        ("compiler", _compiler),
        ("perl", lambda _s, _p: _version("perl", ["perl", "-e", "print $^V"])),
        ("disk", _disk),
        ("memory", _memory),
        ("processors", _processors),
    ]
    for part, check in checks:
        progress.update(part)
        try:
            yield check(settings, progress)
        except PatchtoolError as error:
            yield Diagnosis(part, State.MISSING, error.message.splitlines()[0], error.hint)


def _version(part: str, argv: list[str]) -> Diagnosis:
    done = process.run(argv, cwd=Path("/"), timeout=60, capture=True, record=False)
    first = (done.stdout.decode("utf-8", "replace") or done.tail).strip().splitlines()[0]
    return Diagnosis(part, State.OK, first)


def _accelerator(settings: Settings, progress: Progress) -> Diagnosis:
    found = probe(settings, progress)
    text = f"{found.name}: {found.seconds:.2f} s for the probe's guest code"
    if found.notes:
        text += "; " + "; ".join(found.notes)
    if found.name == "kvm":
        return Diagnosis("accelerator", State.OK, text)
    return Diagnosis(
        "accelerator",
        State.LIMITED,
        text,
        "guests run in software, some ten times slower; enable virtualisation for /dev/kvm",
    )


def _file_system(_settings: Settings, _progress: Progress) -> Diagnosis:
    return Diagnosis("file system", State.OK, "9p, built into QEMU; chosen for every guest")


def _container(settings: Settings, progress: Progress) -> Diagnosis:
    runtime = choose_runtime(settings, progress)
    return Diagnosis("container", State.OK, f"{runtime.describe()} ran a container")


def _compiler(_settings: Settings, _progress: Progress) -> Diagnosis:
    return Diagnosis(
        "compiler", State.OK, "in the images of `patchtool toolchain list`; none is needed here"
    )


def _disk(settings: Settings, _progress: Progress) -> Diagnosis:
    folder = settings.cache
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    text = f"{free:.0f} GiB free for {settings.cache}"
    if free < DISK_GIB:
        hint = f"{DISK_GIB} GiB are needed; free some, or set PATCHTOOL_CACHE to another disk"
        return Diagnosis("disk", State.MISSING, text, hint)
    return Diagnosis("disk", State.OK, text)


def _memory(_settings: Settings, _progress: Progress) -> Diagnosis:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) / 2**20
            break
    text = f"{free:.1f} GiB available"
    if free < MEMORY_GIB:
        return Diagnosis("memory", State.MISSING, text, f"{MEMORY_GIB} GiB are needed")
    return Diagnosis("memory", State.OK, text)


def _processors(settings: Settings, _progress: Progress) -> Diagnosis:
    usable = len(os.sched_getaffinity(0))
    return Diagnosis("processors", State.OK, f"{usable} usable, make -j{settings.jobs}")
