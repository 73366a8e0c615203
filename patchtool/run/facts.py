# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns what the stages made into what the run record keeps. Pure, but for the host's facts."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import process
from patchtool.run.record import (
    ApplyFacts,
    BaseFacts,
    BootFacts,
    Change,
    ConflictFacts,
    ElfFacts,
    EventsFacts,
    Host,
    ImageFacts,
    KconfigFacts,
    PatchFacts,
    SeriesFacts,
    SymbolFacts,
    WarningFacts,
)
from patchtool.testing.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.build.container.choose import Runtime
    from patchtool.build.elf.events import EventsCheck
    from patchtool.build.elf.vmlinux import ElfDiff
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.build.kernel.image import KernelImage
    from patchtool.build.kernel.touched import Compiled
    from patchtool.build.kernel.warnings import CompilerWarning
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot
    from patchtool.run.trial import Trial
    from patchtool.series.model import Series
    from patchtool.testing.records import TestRun
    from patchtool.tree.apply import AppliedPatch
    from patchtool.tree.base.choose import Base


def of_host(
    cpus: int,
    accelerator: Accelerator | None,
    runtime: Runtime | None,
    toolchain: Toolchain | None,
    root: GuestRoot | None,
) -> Host:
    """The machine, with the versions of the programs that matter."""
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


def of_series(series: Series) -> SeriesFacts:
    """The series."""
    manifest = series.manifest
    return SeriesFacts(
        name=series.name,
        title=series.title,
        revision=series.revision,
        message_id=series.message_id or (manifest.message_id if manifest else None),
        digest=series.digest,
        patches=tuple(
            PatchFacts(number=p.number, subject=p.subject, author=p.author, paths=p.paths)
            for p in series.patches
        ),
        counters=manifest.counters.adds if manifest else (),
        uses=manifest.counters.uses if manifest else (),
        invariants=manifest.counters.invariants if manifest else (),
    )


def of_base(base: Base, tree: str) -> BaseFacts:
    """The base commit."""
    return BaseFacts(
        tree=tree,
        commit=base.commit,
        tag=base.release.tag,
        release=base.release.version,
        describe=f"{base.name} ({base.chosen_by})",
    )


def of_patch(patch: AppliedPatch) -> ApplyFacts:
    """What became of a patch."""
    return ApplyFacts(
        number=patch.number,
        subject=patch.subject,
        outcome=patch.outcome,
        commit=patch.commit,
        detail=patch.detail,
        conflicts=tuple(
            ConflictFacts(path=c.path, hunk=c.hunk, expected=c.expected, found=c.found)
            for c in patch.conflicts
        ),
    )


def of_config(config: KernelConfig) -> KconfigFacts:
    """A configuration: what was asked for, and what came of it."""
    lost = {missing.symbol: missing for missing in (*config.missing, *config.uncompiled)}
    weak = {missing.symbol for missing in config.uncompiled}
    return KconfigFacts(
        variant=config.variant,
        fragment=config.fragment,
        digest=config.digest,
        symbols=tuple(
            SymbolFacts(
                name=name,
                wanted=wanted,
                got=lost[name].got if name in lost else wanted,
                reason=lost[name].reason if name in lost else config.origins.get(name, ""),
                ok=name not in lost,
                needed=name not in weak,
            )
            for name, wanted in config.asked.items()
        ),
    )


def of_image(
    image: KernelImage, patch: int | None, new: Sequence[CompilerWarning], log: str
) -> ImageFacts:
    """An image and the warnings its newest patch brought."""
    return ImageFacts(
        label=image.label,
        patch=patch,
        variant=image.variant,
        tree=image.tree,
        config=image.config,
        warnings=tuple(map(_warning, image.warnings)),
        new_warnings=tuple(map(_warning, new)),
        seconds=image.seconds,
        cpu_seconds=image.cpu_seconds,
        cached=image.cached,
        log=log,
    )


def of_compiled(done: Compiled, trial: Trial, config: KernelConfig, *, cached: bool) -> ImageFacts:
    """A variant of which only the folders the series touches were compiled."""
    return ImageFacts(
        label=trial.label,
        patch=trial.upto,
        variant=trial.variant.name,
        tree=trial.tree,
        config=config.digest,
        linked=False,
        warnings=tuple(map(_warning, done.warnings)),
        seconds=done.seconds,
        cpu_seconds=done.cpu_seconds,
        cached=cached,
    )


def _warning(found: CompilerWarning) -> WarningFacts:
    return WarningFacts(text=found.text, path=found.file, line=found.line or None, flag=found.flag)


def of_elf(
    before: str,
    after: str,
    diff: ElfDiff,
    base: EventsCheck | None,
    patched: EventsCheck | None,
    seconds: float,
) -> ElfFacts:
    """Base against patched."""
    symbols = (*diff.added, *diff.removed, *diff.grown, *diff.shrunk)
    return ElfFacts(
        before=before,
        after=after,
        symbols=tuple(Change(name=s.name, before=s.before, after=s.after) for s in symbols),
        sections=tuple(Change(name=s.name, before=s.before, after=s.after) for s in diff.sections),
        exports_added=diff.exports_added,
        exports_removed=diff.exports_removed,
        total=diff.total,
        events_before=_events(base),
        events_after=_events(patched),
        seconds=seconds,
    )


def _events(check: EventsCheck | None) -> EventsFacts | None:
    if check is None:
        return None
    return EventsFacts(
        ok=check.ok, names=check.entries, expected=check.expected, detail="; ".join(check.problems)
    )


def boots(run: TestRun, folder: str) -> Iterator[BootFacts]:
    """The boots of a test run: one per guest that answered, and one per failed boot."""
    seen: set[int] = set()
    for test in run.tests:
        guest = test.guest
        if guest is not None and guest.boot not in seen:
            seen.add(guest.boot)
            yield BootFacts(
                image=run.label,
                guest=f"{guest.memory_mib} MiB, {guest.cpus} CPUs, {guest.nodes} nodes",
                accelerator=guest.accelerator,
                seconds=guest.boot_seconds,
                console=folder,
            )
        elif guest is None and test.outcome is Outcome.FAILED and test.cause == "BootError":
            yield BootFacts(image=run.label, outcome=test.reason.partition("\n")[0], console=folder)
            return
