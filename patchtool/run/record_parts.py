# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of the run record: what was posted, applied, configured, built and booted.

All times are in seconds, all sizes of code in bytes, all paths relative to the run directory.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Facts(BaseModel):
    """A value of the run record."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Host(Facts):
    """The machine and its tools."""

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


class PatchFacts(Facts):
    """One patch of the series."""

    number: int
    subject: str
    author: str = ""
    paths: tuple[str, ...] = ()


class SeriesFacts(Facts):
    """What was posted."""

    name: str
    title: str
    revision: int = 1
    message_id: str | None = None
    digest: str = ""
    patches: tuple[PatchFacts, ...] = ()
    counters: tuple[str, ...] = Field(default=(), description="vm events the series adds")
    uses: tuple[str, ...] = Field(default=(), description="counters of the base that matter")
    invariants: tuple[str, ...] = ()


class BaseFacts(Facts):
    """The commit the series was applied to."""

    tree: str = Field(description="name of the kernel tree")
    commit: str
    tag: str | None = None
    release: str = ""
    describe: str = ""


class ConflictFacts(Facts):
    """A hunk that does not apply, and what the tree has there."""

    path: str
    hunk: str = ""
    expected: str = ""
    found: str = ""


class ApplyFacts(Facts):
    """What became of one patch."""

    number: int
    subject: str
    outcome: str = Field(description="applied, 3-way, fuzz, already there, conflict")
    commit: str | None = None
    detail: str = ""
    conflicts: tuple[ConflictFacts, ...] = ()


class SymbolFacts(Facts):
    """A Kconfig symbol that was asked for, without ``CONFIG_``."""

    name: str
    wanted: str
    got: str = ""
    reason: str = Field(default="", description="why it was asked for, or why it did not survive")
    ok: bool = True
    needed: bool = Field(default=True, description="else it only guards code the series touches")


class KconfigFacts(Facts):
    """One configuration."""

    variant: str
    fragment: str = ""
    symbols: tuple[SymbolFacts, ...] = ()
    digest: str = ""


class WarningFacts(Facts):
    """A compiler warning."""

    text: str
    path: str = ""
    line: int | None = None
    flag: str = ""


class ImageFacts(Facts):
    """A kernel that was built."""

    label: str = Field(description="base, 1/4, 2/4, ... or with the variant: 4/4 off")
    patch: int | None = Field(default=None, description="its newest patch; None for the base")
    variant: str = "on"
    tree: str = Field(default="", description="hash of the git tree")
    config: str = ""
    warnings: tuple[WarningFacts, ...] = ()
    new_warnings: tuple[WarningFacts, ...] = Field(
        default=(), description="those the image before it did not have"
    )
    linked: bool = Field(
        default=True, description="False: only the folders the series touches were compiled"
    )
    seconds: float = 0
    cpu_seconds: float = 0
    cached: bool = False
    log: str = ""


class Change(Facts):
    """A symbol or section, before and after; 0 where it does not exist."""

    name: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        """Growth in bytes."""
        return self.after - self.before


class EventsFacts(Facts):
    """Whether ``vmstat_text`` has a name for every event the enum counts."""

    ok: bool
    names: int | None = None
    expected: int | None = None
    detail: str = ""


class ElfFacts(Facts):
    """vmlinux of the base against vmlinux with the series."""

    before: str = "base"
    after: str = ""
    symbols: tuple[Change, ...] = ()
    sections: tuple[Change, ...] = ()
    total: tuple[int, int] | None = Field(
        default=None, description="size of all symbols, before and after"
    )
    exports_added: tuple[str, ...] = ()
    exports_removed: tuple[str, ...] = ()
    events_before: EventsFacts | None = None
    events_after: EventsFacts | None = None
    seconds: float = 0


class BootFacts(Facts):
    """One boot of a guest."""

    image: str
    guest: str = Field(default="", description="memory, processors, nodes")
    accelerator: str = ""
    seconds: float | None = Field(default=None, description="to the first answer")
    outcome: str = Field(default="ok", description="ok, or what went wrong")
    console: str = ""


class StageFacts(Facts):
    """How long a stage took."""

    name: str
    summary: str = ""
    seconds: float = 0
    cached: bool = False
    ok: bool = True


class LogLink(Facts):
    """A file of the run directory worth opening."""

    title: str
    path: str
