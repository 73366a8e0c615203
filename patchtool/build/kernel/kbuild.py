# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds a kernel image in the container, compiling only what changed."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from patchtool.build.kernel import warnings as build_log
from patchtool.build.kernel.image import (
    STAGE,
    KernelImage,
    find_image,
    image_key,
    load,
    new_warnings,
)
from patchtool.build.kernel.objtree import (
    DONE,
    LOOK,
    RECOVER,
    ObjectState,
    ObjectTree,
    exchange,
    make_words,
    object_tree,
    read_result,
    shell,
)
from patchtool.build.kernel.warnings import BuildLog, CompilerWarning, distinct, parse_log
from patchtool.core.store import VALUE, write_atomic
from patchtool.errors import BuildError, CommandError, DiskFull, InfraError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.workshop import Workshop
    from patchtool.core.settings import Settings

__all__ = ["KernelImage", "build", "find_image", "image_key", "new_warnings"]

#: Largest result that is taken out of the container, in bytes.
MAX_RESULT = 1 << 30

#: $1: the rest is make's command line. The events file is the event enum as this
#: configuration has it; a tree without one has no such check.
SCRIPT = f"""\
{LOOK}{RECOVER}cmp -s /in/config /obj/.config || cp /in/config /obj/.config
status=0
"$@" || status=$?
{DONE}times > /out/times
[ $status = 0 ] || exit $status
set -e
cd /obj
cp vmlinux .config /out/
cp -L arch/x86/boot/bzImage /out/bzImage
cp include/config/kernel.release /out/release 2>/dev/null || :
if [ -f /src/include/linux/vm_event_item.h ]; then
    /in/hostcc -E -P -D__KERNEL__ -DTHREAD_SIZE=16384 -Iinclude -I/src/include \\
        -include /src/include/linux/kconfig.h /src/include/linux/vm_event_item.h \\
        -o /out/events.i 2>/dev/null || rm -f /out/events.i
fi
"""
#: What make is asked for when a kernel is wanted.
IMAGE = ("bzImage",)
RESULTS = {"bzImage": True, "vmlinux": True, ".config": True, "release": False, "events.i": False}


def build(
    srctree: Path,
    tree: str,
    config: KernelConfig,
    workshop: Workshop,
    *,
    objtree: str,
    label: str,
    patch: int | None,
    log: Path,
) -> KernelImage:
    """Build a kernel image, or find it.

    Args:
        srctree: The source, checked out; a constant path per tree keeps objects valid.
        tree: Hash of its content (git's tree hash).
        config: Its configuration.
        workshop: Where and with what it is built.
        objtree: Name of the object tree. One per source tree serves all variants: kbuild
            knows which objects a config symbol reaches.
        label: What the image is to this run, for messages.
        patch: Number of its newest patch; None for the base.
        log: File for what make prints; replaced. Kept also when the build fails.

    Raises:
        BuildError: It does not compile; names the first error and the log.
        CommandTimeout: It took longer than ``build_timeout``.
        DiskFull: No space is left.
        InfraError: The compiler was killed, for want of memory.
    """
    toolchain, runtime, store = workshop.toolchain, workshop.runtime, workshop.store
    found = find_image(tree, config, toolchain, store, label=label, patch=patch)
    if found is not None:
        return found
    log.unlink(missing_ok=True)
    log.touch()
    with (
        object_tree(objtree, workshop) as objects,
        exchange(objects, workshop, config=config.text) as (given, out),
    ):
        runtime.sweep()
        begin = time.monotonic()
        done = make(
            objects, srctree, given, out, workshop, label, log,
            script=SCRIPT, goals=IMAGE,
        )  # fmt: skip
        seconds = time.monotonic() - begin
        key = image_key(tree, config, toolchain)
        with store.put(STAGE, key) as folder:
            release = _take(out, folder)
            shutil.copyfile(log, folder / "make.log")
            made = KernelImage(
                label=label,
                patch=patch,
                tree=tree,
                config=config.digest,
                variant=config.variant,
                toolchain=toolchain.digest,
                release=release,
                warnings=distinct([*config.warnings, *present(objects.state(), srctree)]),
                seconds=seconds,
                cpu_seconds=cpu_seconds_of(read_result(out / "times", 4096)),
                steps=done.steps,
            )
            kept = made.model_dump_json(indent=1, exclude={"label", "patch", "cached"})
            write_atomic(folder / VALUE, kept)
    image = load(store.path(STAGE, key), label, patch, cached=False)
    assert image is not None
    return image


def make(
    objects: ObjectTree,
    srctree: Path,
    given: Path,
    out: Path,
    workshop: Workshop,
    label: str,
    log: Path,
    *,
    script: str,
    goals: Sequence[str],
) -> BuildLog:
    """Run make; whatever its end, what was compiled is written down.

    Args:
        script: The shell script that calls make, whose command line is its arguments.
        goals: What make is to make; the others are :func:`build`'s.
    """
    settings, progress = workshop.settings, workshop.progress
    before = objects.state()
    whole = not before.built and tuple(goals) == IMAGE  # from nothing to a kernel
    total = objects.full_steps() if whole else None
    count = 0

    def on_line(line: str) -> None:
        nonlocal count
        announced = build_log.step(line)
        if announced:
            count += 1
            fits = total is not None and count <= total  # else it is of a smaller kernel
            progress.update(f"{label}: {announced[1]}", count, total if fits else None)

    words = make_words(objects.toolchain, f"-j{settings.jobs + 1}", *goals, CC="/in/cc")
    failure: CommandError | None = None
    try:
        workshop.runtime.run(
            objects.toolchain.image,
            shell(script, *words),
            timeout=settings.build_timeout,
            mounts=objects.mounts(srctree, given, out),
            env=objects.environment(),
            cwd="/src",
            log=log,
            on_line=on_line,
        )
    except CommandError as error:
        failure = error
    text = log.read_text(encoding="utf-8", errors="replace")
    found = parse_log(text)
    if "" in found.by_target and not found.by_target[""]:
        del found.by_target[""]
    if whole and failure is None:
        objects.remember_steps(found.steps)
    objects.save(
        ObjectState(
            warnings={**before.warnings, **found.by_target},
            built=before.built or failure is None,
        )
    )
    if failure is not None:
        raise _explain(failure, found, text, label, settings, log) from failure
    return found


def _explain(
    failure: CommandError, found: BuildLog, text: str, label: str, settings: Settings, log: Path
) -> BuildError | InfraError:
    """Whose fault a failed build is."""
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return DiskFull(str(settings.cache))
    if "Killed signal terminated program" in text:
        return InfraError(
            f"{label}: the compiler was killed; the log is {log}",
            hint="this is mostly for want of memory: set `jobs` to a smaller number",
        )
    if found.error is None:
        return failure
    return BuildError(f"{label} does not compile: {found.error}", hint=f"the log is {log}")


def _take(out: Path, folder: Path) -> str:
    """Copy the results out of the folder the container could write; the kernel's release."""
    release = ""
    for name, needed in RESULTS.items():
        content = read_result(out / name, MAX_RESULT)
        if content is None:
            if needed:
                raise BuildError(f"the build ended well, but made no {name}")
            continue
        (folder / name).write_bytes(content)
        if name == "release":
            release = content.decode("utf-8", "replace").strip()
    return release


def present(state: ObjectState, srctree: Path) -> list[CompilerWarning]:
    """The warnings of the object tree, less those of files this source does not have."""
    return [
        item
        for found in state.warnings.values()
        for item in found
        if not item.file
        or not item.line
        or (srctree / item.file).is_file()
        or "generated" in item.file
    ]


def cpu_seconds_of(times: bytes | None) -> float:
    """User and system time of the children: the second line of the shell's ``times``."""
    lines = (times or b"").decode("ascii", "replace").splitlines()
    total = 0.0
    for word in lines[1].split() if len(lines) > 1 else ():
        minutes, _, seconds = word.rstrip("s").partition("m")
        try:
            total += int(minutes) * 60 + float(seconds)
        except ValueError:
            return 0.0
    return total
