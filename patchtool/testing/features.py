# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel features that tests need: which are promised, and which a booted guest has.

Features are strings:

``counter:NAME``
    /proc/vmstat has that line. The series' own counters have to be promised; whether the kernel
    has any other is asked of the guest.
``config:SYMBOL``
    The kernel was built with CONFIG_SYMBOL=y. A fact of the build; the guest is not asked.
``role:NAME``
    The series' manifest has a counter for it; see patchtool.testing.roles. Then it is that counter.
``balloon``
    A bound virtio balloon.
``movable-balloon``
    Pages of a balloon can be moved, by whichever mechanism. A fact of the build.
``balloon-flag``
    /proc/kpageflags marks a balloon's pages. Never promised: each guest is asked.
``numa``
    More than one memory node can exist (a guest's nodes are its test's ``guest_spec``).
``memory-offline``
    Memory blocks can be taken offline.
``thp``
    Transparent huge pages.
``node-compaction``
    One node alone can be compacted.
``hugetlb``
    Huge pages that hugetlbfs keeps.
``cma-debug``
    Contiguous areas can be allocated from by debugfs. There are none without ``cma=``.
``zram``
    A compressed RAM disk.
``function:NAME``
    /proc/kallsyms has that function; of A|B, one of them. Never promised: each guest is asked.
``fail-function:NAME``
    Failure of the kernel function NAME can be injected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from patchtool.series.model import Series


class BootedKernel(Protocol):
    """A booted kernel, as far as it is asked."""

    @property
    def counters(self) -> Collection[str]:
        """Names in its /proc/vmstat."""

    def exists(self, path: str) -> bool:
        """Whether it has a path."""

    def read(self, path: str) -> str:
        """Content of a file."""

    def marks_balloon_pages(self) -> bool:
        """Whether /proc/kpageflags tells the pages of an inflated balloon from others."""


#: What a set of Kconfig symbols promises: all of them must be =y; of A|B, one of the two.
BY_CONFIG = {
    "balloon": ("VIRTIO_BALLOON",),
    # Every kernel that moves them has it, whether by hooks in migration (since 3.8), by
    # address_space operations (4.8) or by movable_operations (6.0).
    "movable-balloon": ("VIRTIO_BALLOON", "BALLOON_COMPACTION|BALLOON_MIGRATION"),
    "numa": ("NUMA", "ACPI_NUMA"),
    "memory-offline": ("MEMORY_HOTREMOVE",),
    "thp": ("TRANSPARENT_HUGEPAGE",),
    "node-compaction": ("COMPACTION", "NUMA"),
    "hugetlb": ("HUGETLBFS",),
    "cma-debug": ("CMA_DEBUGFS",),
    "zram": ("ZRAM",),
}
#: Where the kernel shows a feature: Documentation/admin-guide/mm/{numaperf,memory-hotplug,
#: transhuge,hugetlbpage,cma_debugfs}.rst, .../blockdev/zram.rst, Documentation/ABI/stable/
#: sysfs-devices-node, and the virtio bus' driver folder in sysfs.
PATHS = {
    "balloon": "/sys/bus/virtio/drivers/virtio_balloon",
    "numa": "/sys/devices/system/node/node0",
    "memory-offline": "/sys/devices/system/memory/block_size_bytes",
    "thp": "/sys/kernel/mm/transparent_hugepage/enabled",
    "node-compaction": "/sys/devices/system/node/node0/compact",
    "hugetlb": "/proc/sys/vm/nr_hugepages",
    "cma-debug": "/sys/kernel/debug/cma",
    "zram": "/sys/block/zram0",
}
BALLOON_FLAG = "balloon-flag"
#: Documentation/fault-injection/fault-injection.rst: every function that may be made to fail.
INJECTABLE = "/sys/kernel/debug/fail_function/injectable"
SYMBOLS = "/proc/kallsyms"

_INJECTION = re.compile(rb"\s*ALLOW_ERROR_INJECTION\(\s*(\w+)\s*,")
_COUNTING = re.compile(rb"\b(?:count_\w+|\w+_event_count)\(\s*(\w+)")
_EVENT_NAME = re.compile(rb'\s*(?:\[\w+\]\s*=\s*)?"([a-z][a-z0-9_]*)"\s*,')


def kind(feature: str) -> tuple[str, str]:
    """A feature's kind and the name in it.

    Raises:
        ValueError: There is no such kind of feature.
    """
    head, _, name = feature.partition(":")
    if head in ("counter", "config", "fail-function", "function", "role") and name:
        return head, name
    if feature in BY_CONFIG or feature == BALLOON_FLAG:
        return feature, ""
    raise ValueError(
        f"{feature!r} is no kernel feature; there are counter:NAME, config:SYMBOL, "
        "fail-function:NAME, function:NAME, role:NAME, "
        f"{', '.join(sorted((*BY_CONFIG, BALLOON_FLAG)))}"
    )


def of_config(config: str) -> tuple[str, ...]:
    """What a ``.config`` promises: each ``config:SYMBOL`` that is =y, and what follows from it."""
    symbols = set(re.findall(r"^CONFIG_(\w+)=y$", config, re.MULTILINE))
    found = {f"config:{symbol}" for symbol in symbols}
    found.update(
        name
        for name, needed in BY_CONFIG.items()
        if all(symbols.intersection(names.split("|")) for names in needed)
    )
    return tuple(sorted(found))


def of_series(series: Series, upto: int | None = None) -> tuple[str, ...]:
    """What the first *upto* patches (all by default) bring, as their diffs show it.

    These are the counters of the manifest whose name a diff adds, and the functions a diff opens
    to error injection. What stands in the kernel already is not in here.
    """
    adds = set(series.manifest.counters.adds) if series.manifest else set()
    found: set[str] = set()
    for patch in series.patches:
        if upto is not None and patch.number > upto:
            break
        for diff in patch.files:
            for hunk in diff.hunks:
                for line in hunk.added:
                    if (event := _EVENT_NAME.match(line)) and event[1].decode() in adds:
                        found.add(f"counter:{event[1].decode()}")
                    if function := _INJECTION.match(line):
                        found.add(f"fail-function:{function[1].decode()}")
    return tuple(sorted(found))


def incremented(series: Series, upto: int) -> tuple[str, ...]:
    """The counters of the manifest that the first *upto* patches count somewhere.

    A patch may add the names of counters that a later one counts: a test of these says
    nothing before that. What counts is a call such as ``count_vm_event(EVENT)``.
    """
    adds = series.manifest.counters.adds if series.manifest else ()
    by_key = {name.replace("_", ""): name for name in adds}
    found: set[str] = set()
    for patch in series.patches[:upto]:
        for diff in patch.files:
            for hunk in diff.hunks:
                for line in hunk.added:
                    for event in _COUNTING.findall(line):
                        found.add(by_key.get(event.decode().replace("_", "").lower(), ""))
    return tuple(sorted(f"counter:{name}" for name in found if name))


def promise(config: str, series: Series, upto: int | None = None) -> tuple[str, ...]:
    """What an image promises to the tests.

    Args:
        config: The ``.config`` it was built with.
        series: The series; counters its manifest says it uses are the base's promise.
        upto: How many of its patches are applied: 0 for the base, all by default.
    """
    found = set(of_config(config))
    manifest = series.manifest
    if manifest is None:
        return tuple(sorted(found))
    found.update(f"counter:{name}" for name in manifest.counters.uses)
    if all(f"config:{option}" in found for option in manifest.kconfig.options):
        brought = of_series(series, upto)
        injects = "config:FAIL_FUNCTION" in found
        found.update(f for f in brought if injects or not f.startswith("fail-function:"))
    # v7 of "make balloon pages movable by compaction" has no option of its own.
    if f"counter:{manifest.counters.roles.get('migrated')}" in found:
        found.add("movable-balloon")
    return tuple(sorted(found))


def unpromised(
    needs: Iterable[str], promised: Collection[str], own: Collection[str]
) -> tuple[str, ...]:
    """Those of *needs* for which a test is skipped without asking the guest.

    Args:
        needs: What a test needs, roles resolved.
        promised: What the image promises.
        own: The series' own counters.
    """

    def is_asked(need: str) -> bool:
        what, name = kind(need)
        return need == BALLOON_FLAG or what == "function" or (what == "counter" and name not in own)

    return tuple(need for need in needs if need not in promised and not is_asked(need))


def absent(features: Iterable[str], kernel: BootedKernel) -> tuple[str, ...]:
    """Those of *features* that the booted kernel does not have."""
    return tuple(feature for feature in features if not _has(kernel, feature))


def _has(kernel: BootedKernel, feature: str) -> bool:
    what, name = kind(feature)
    if what == "counter":
        return name in kernel.counters
    if what == "fail-function":
        listed = kernel.read(INJECTABLE) if kernel.exists(INJECTABLE) else ""
        return name in {line.split()[0] for line in listed.splitlines() if line.strip()}
    if what == "function":
        names = "|".join(map(re.escape, name.split("|")))
        return re.search(rf"^\w+ [tT] (?:{names})$", kernel.read(SYMBOLS), re.MULTILINE) is not None
    if what == BALLOON_FLAG:
        return kernel.marks_balloon_pages()
    return kernel.exists(PATHS[what]) if what in PATHS else True
