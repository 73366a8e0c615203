# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds a kernel image in the container, compiling only what changed."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from patchtool.build.kernel import dependencies
from patchtool.build.kernel import warnings as build_log
from patchtool.build.kernel.dependencies import files_read
from patchtool.build.kernel.image import (
    STAGE,
    KernelImage,
    find_image,
    image_key,
    load,
    new_warnings,
)
from patchtool.build.kernel.make import LOOK, Make, explained, prepared
from patchtool.build.kernel.objtree import ObjectState
from patchtool.build.kernel.warnings import BuildLog, CompilerWarning, distinct, parse_log
from patchtool.core.store import write_value
from patchtool.errors import BuildError, CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.workshop import Workshop

__all__ = ["KernelImage", "build", "find_image", "image_key", "new_warnings"]

#: Largest result that is taken out of the container, in bytes.
MAX_RESULT = 1 << 30

#: Before make: a configuration that did not change keeps its time, and the objects with it.
CONFIGURE = f"{LOOK}cmp -s /in/config /obj/.config || cp /in/config /obj/.config\n"
#: After make. The events file is the event enum as this configuration has it; a tree without
#: one has no such check.
COLLECT = """\
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
    toolchain, store = workshop.toolchain, workshop.store
    found = find_image(tree, config, toolchain, store, label=label, patch=patch)
    if found is not None:
        return found
    with prepared(objtree, srctree, workshop, config=config.text) as make:
        found = find_image(tree, config, toolchain, store, label=label, patch=patch)
        if found is not None:  # another run built it meanwhile
            return found
        workshop.runtime.sweep()
        begin = time.monotonic()
        done = compiled(make, label, log, goals=IMAGE, after=COLLECT)
        seconds = time.monotonic() - begin
        key = image_key(tree, config, toolchain)
        with store.put(STAGE, key) as folder:
            release = _take(make, folder)
            shutil.copyfile(log, folder / "make.log")
            sources = "\n".join(files_read(make.objects.tree))
            (folder / dependencies.FILE_NAME).write_text(f"{sources}\n", encoding="utf-8")
            made = KernelImage(
                label=label,
                patch=patch,
                tree=tree,
                config=config.digest,
                variant=config.variant,
                toolchain=toolchain.digest,
                release=release,
                warnings=distinct([*config.warnings, *present(make.objects.state(), srctree)]),
                seconds=seconds,
                cpu_seconds=make.cpu_seconds(),
                steps=done.steps,
            )
            write_value(folder, made, exclude={"label", "patch", "cached"})
    image = load(store.path(STAGE, key), label, patch, cached=False)
    assert image is not None
    return image


def compiled(
    make: Make, label: str, log: Path, *, goals: Sequence[str], after: str = ""
) -> BuildLog:
    """Run make; whatever its end, what was compiled is written down.

    Args:
        make: Where; what it is given has the configuration.
        label: What is built, for errors; the stage that the progress is told of names it.
        log: File for what make prints; replaced.
        goals: What make is to make.
        after: Shell lines to run when that ended well.
    """
    objects, workshop = make.objects, make.workshop
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
            workshop.progress.update(announced[1], count, total if fits else None)

    log.unlink(missing_ok=True)
    log.touch()
    failure: CommandError | None = None
    try:
        make.run(
            f"-j{workshop.settings.jobs + 1}", *goals,
            before=CONFIGURE, after=after, log=log, on_line=on_line, CC="/in/cc",
        )  # fmt: skip
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
        what = f"{label} does not compile"
        raise explained(failure, text, found, what, workshop.settings.cache, log) from failure
    return found


def _take(make: Make, folder: Path) -> str:
    """Copy the results out of the folder the container could write; the kernel's release."""
    release = ""
    for name, needed in RESULTS.items():
        content = make.result(name, MAX_RESULT)
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
