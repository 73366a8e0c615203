# SPDX-License-Identifier: GPL-2.0-or-later
"""Run records as a real run makes them: one that passed, one with a misplaced counter."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patchtool.build.elf.comparison import ElfComparison
from patchtool.build.elf.events import EventsCheck
from patchtool.build.elf.vmlinux import ElfDiff, Section, Symbol
from patchtool.build.kconfig.variants import KernelConfig
from patchtool.build.kernel.image import KernelImage
from patchtool.build.kernel.warnings import CompilerWarning
from patchtool.run.host import Host
from patchtool.run.record import Boot, LogLink, RunRecord, StageTime
from patchtool.series import manifest as manifests
from patchtool.series.figures import Claim, Figures
from patchtool.series.file_diff import FileDiff, Hunk
from patchtool.series.manifest import Counters, Manifest, Tests
from patchtool.series.model import Patch, Series
from patchtool.testing.records import (
    Check,
    CounterDelta,
    GuestFacts,
    Outcome,
    Samples,
    SplatRecord,
    TestRecord,
    TestRun,
    Window,
)
from patchtool.tree.apply import AppliedPatch, Conflict
from patchtool.tree.apply import Outcome as Applied
from patchtool.tree.base.choose import Base
from patchtool.tree.release import KernelRelease
from patchtool.verdict import claims, comparisons, findings

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "tests/guest/"
STARTED = datetime(2026, 11, 21, 8, 15, 2, tzinfo=UTC)
COUNTERS = tuple(
    f"compact_balloon_{step}" for step in ("isolated", "migrated", "returned", "released")
)
ISOLATED, MIGRATED, RETURNED, RELEASED = COUNTERS
INVARIANTS = (
    f"{ISOLATED} == {MIGRATED} + {RETURNED}",
    f"{RELEASED} == {MIGRATED}",
    f"{MIGRATED} == balloon_migrate",
)
SUBJECTS = (
    "mm: add vm events for the steps of balloon page migration",
    "mm/balloon_compaction: count isolated and returned balloon pages",
    "virtio_balloon: count migrated balloon pages",
    "mm/migrate: count balloon pages released after migration",
)
CLAIM = Claim(
    balloon_mib=64,
    guest_mib=1024,
    source="cover letter",
    deltas=dict(zip(COUNTERS, (16384, 16384, 0, 16384), strict=True)),
)
BENCHMARK = Figures(
    procedure="mmtests stress-highalloc",
    source="cover letter",
    unit="percent of the huge pages asked for",
    base={"pass_1": 47, "pass_2": 52},
    patched={"pass_1": 85, "pass_2": 87.5},
)
COUNTED = Counters(
    adds=COUNTERS,
    uses=("balloon_inflate", "balloon_deflate", "balloon_migrate"),
    invariants=INVARIANTS,
)
MANIFEST = Manifest(
    title="mm: count the steps of balloon page migration",
    revision=1,
    base=manifests.Base(tag="v6.12"),
    counters=COUNTED,
    claims=(CLAIM,),
    figures=(BENCHMARK,),
    tests=Tests(modules=("test_inflate_compact.py",)),
)


def hunk(section: str, *lines: str) -> Hunk:
    body = tuple(line.encode() for line in lines)
    old = sum(not line.startswith(b"+") for line in body)
    new = sum(not line.startswith(b"-") for line in body)
    return Hunk(100, old, 100, new, section, body)


def patch(number: int, *files: tuple[str, Hunk]) -> Patch:
    diffs = tuple(FileDiff(path, path, None, None, None, (part,)) for path, part in files)
    subject = SUBJECTS[number - 1]
    raw = f"the mail of patch {number}, from A D\xe9v".encode("latin-1")
    return Patch(number, subject, "A Dev <dev@example.org>", "", "", None, diffs, raw)


def patches() -> tuple[Patch, ...]:
    events = hunk(
        "enum vm_event_item { PGPGIN, PGPGOUT, PSWPIN, PSWPOUT,",
        " \t\tKCOMPACTD_MIGRATE_SCANNED, KCOMPACTD_FREE_SCANNED,",
        " #endif",
        "+#ifdef CONFIG_BALLOON_COMPACTION_EVENTS",
        "+\t\tCOMPACT_BALLOON_ISOLATED,\t/* taken off the balloon's list */",
        "+\t\tCOMPACT_BALLOON_MIGRATED,",
        "+\t\tCOMPACT_BALLOON_RETURNED,",
        "+\t\tCOMPACT_BALLOON_RELEASED,",
        "+#endif",
    )
    names = hunk(
        "const char * const vmstat_text[] = {",
        *(f'+\t"{name}",' for name in COUNTERS),
    )
    isolate = hunk(
        "static bool balloon_page_isolate(struct page *page, isolate_mode_t mode)",
        " \tlist_del(&page->lru);",
        "+\tcount_vm_event(COMPACT_BALLOON_ISOLATED);",
        " \tb_dev_info->isolated_pages++;",
        " }",
        " static void balloon_page_putback(struct page *page)",
        " {",
        "+\tcount_vm_event(COMPACT_BALLOON_RETURNED);",
    )
    migrated = hunk(
        "static int virtballoon_migratepage(struct balloon_dev_info *vb_dev_info,",
        " \ttell_host(vb, vb->deflate_vq);",
        "+\tcount_vm_event(COMPACT_BALLOON_MIGRATED);",
    )
    released = hunk(
        "static int move_to_new_folio(struct folio *dst, struct folio *src,",
        "+\tif (is_balloon)",
        "+\t\tcount_vm_event(COMPACT_BALLOON_RELEASED);",
    )
    return (
        patch(1, ("include/linux/vm_event_item.h", events), ("mm/vmstat.c", names)),
        patch(2, ("mm/balloon_compaction.c", isolate)),
        patch(3, ("drivers/virtio/virtio_balloon.c", migrated)),
        patch(4, ("mm/migrate.c", released)),
    )


def delta(change: int, before: int = 0) -> CounterDelta:
    return CounterDelta(before, before + change, change)


def samples(until: float, ends: Mapping[str, int], step: float = 0.2) -> Samples:
    times = tuple(round(step * n, 2) for n in range(int(until / step) + 1))

    def curve(end: int) -> tuple[int, ...]:
        rise = [1 / (1 + math.exp(-18 / until * (at - 0.65 * until))) for at in times]
        return tuple(round(end * part / rise[-1]) for part in rise)

    return Samples(seconds=times, counters={name: curve(end) for name, end in ends.items()})


GUEST = GuestFacts(memory_mib=1024, cpus=2, nodes=1, accelerator="tcg", boot_seconds=6.4)


def checks(values: Mapping[str, int], window: str, relations: tuple[str, ...]) -> tuple[Check, ...]:
    from patchtool.testing.relations import parse

    made = (parse(text).check(values) for text in relations)
    return tuple(check.model_copy(update={"window": window}) for check in made)


def compaction_test(mib: int, *, returned_twice: bool = False, series: bool = True) -> TestRecord:
    pages = mib * 256
    returned = 38 if mib == 128 else 0
    steps = dict(zip(COUNTERS, (pages + returned, pages, returned, pages), strict=True))
    if returned_twice:
        steps[RETURNED] = pages + returned
    around = {"balloon_migrate": pages, "compact_isolated": pages * 4, "compact_success": 6}
    moved = {**(steps if series else {}), **around}
    deltas = {name: delta(change) for name, change in moved.items()}
    deltas["balloon_inflate"] = delta(pages)
    deltas["pgmigrate_success"] = delta(pages + 41207, 182)
    name = f"six writers, {mib} MiB"
    judged = checks(moved, name, INVARIANTS) if series else ()
    bad = [check.explain() for check in judged if not check.holds]
    return TestRecord(
        nodeid=f"{FOLDER}test_inflate_compact.py::test_six_writers[{mib}]",
        title="Six writers of compact_memory move the balloon's pages.",
        outcome=Outcome.FAILED if bad else Outcome.PASSED,
        reason="\n".join(bad),
        cause="ChecksFailed" if bad else "",
        seconds=21.4 + mib / 16,
        needs=("balloon", *(f"counter:{n}" for n in COUNTERS)),
        deltas=deltas,
        windows=(Window(label=name, begin=14.1, end=18.9, deltas=deltas),),
        checks=judged,
        samples=samples(22, {**moved, "balloon_inflate": pages}),
        figures={"balloon_mib": mib, "pages": pages, "moved_percent": 100},
        guest=GUEST,
    )


def simple_test(
    name: str, outcome: Outcome = Outcome.PASSED, reason: str = "", seconds: float = 9.3
) -> TestRecord:
    moved = {} if outcome is Outcome.SKIPPED else {"balloon_migrate": 911, "compact_fail": 2}
    return TestRecord(
        nodeid=FOLDER + name,
        title="A test.",
        outcome=outcome,
        reason=reason,
        seconds=0.0 if outcome is Outcome.SKIPPED else seconds,
        deltas={counter: delta(change) for counter, change in moved.items()},
        samples=samples(seconds, moved) if moved else Samples(),
        guest=None if outcome is Outcome.SKIPPED else GUEST,
    )


NO_NUMA = "skipped: needs numa, which CONFIG_NUMA=n does not promise"


def run(label: str, *, series: bool, returned_twice: bool = False) -> TestRun:
    lacks = f"needs counter:{ISOLATED}, which was not promised"
    both = (64, 128)
    writers = [
        compaction_test(mib, returned_twice=returned_twice, series=True)
        if series
        else simple_test(
            f"test_inflate_compact.py::test_six_writers[{mib}]", Outcome.SKIPPED, lacks
        )
        for mib in both
    ]
    others = [
        simple_test("test_churn.py::test_inflate_and_deflate_while_compacting", seconds=31.2),
        simple_test("test_unbind.py::test_unbind_and_rebind_while_compacting", seconds=18.4),
        simple_test("test_failure.py::test_pages_go_back_when_migration_fails", seconds=14.9)
        if series
        else simple_test("test_failure.py::test_pages_go_back_when_migration_fails",
                         Outcome.SKIPPED, lacks),
        simple_test("test_thp.py::test_compaction_makes_room_for_huge_pages", seconds=12.2),
        simple_test("test_numa.py::test_move_pages_between_nodes", Outcome.SKIPPED, NO_NUMA),
        simple_test("test_counters.py::test_mainline_counters_agree_with_qmp", seconds=7.7),
    ]  # fmt: skip
    return TestRun(
        label=label,
        plan="0" * 64,
        tests=(*writers, *others),
        complete=True,
        seconds=161.3,
    )


def warning(line: int) -> CompilerWarning:
    return CompilerWarning(
        file="drivers/virtio/virtio_balloon.c",
        line=line,
        flag="-Wunused-variable",
        text="unused variable 'old' [-Wunused-variable]",
    )


def image(label: str, patch: int | None, **more: Any) -> KernelImage:
    values = {
        "tree": f"{patch or 0}" * 40, "config": "c0" * 32, "variant": "on", "toolchain": "5c" * 32,
        "release": "6.12.117", "warnings": (), "seconds": 0, "cpu_seconds": 0, "steps": 0,
    }  # fmt: skip
    return KernelImage(label=label, patch=patch, **{**values, **more})


def images() -> tuple[KernelImage, ...]:
    old = CompilerWarning(
        file="lib/vsprintf.c",
        line=1701,
        flag="-Wsuggest-attribute=format",
        text="function 'va_format' might be a candidate for 'gnu_printf'",
    )
    rows = []
    for number in range(5):
        fresh = (warning(471),) if number == 3 else ()
        rows.append(
            image(
                f"{number}/4" if number else "base",
                number or None,
                warnings=(old, *fresh),
                seconds=(271.0, 64.2, 11.9, 9.4, 12.3)[number],
                cpu_seconds=(515.0, 118.0, 20.1, 15.8, 21.0)[number],
                cached=number == 0,
                log=Path(f"build/{number}.log"),
            )
        )
    return tuple(rows)


def symbol(name: str, before: int, after: int) -> Symbol:
    return Symbol(name=name, kind="function", before=before, after=after)


def events(entries: int, *problems: str, expected: int = 160) -> EventsCheck:
    return EventsCheck(entries=entries, expected=expected, added=(), problems=problems)


def elf() -> ElfComparison:
    diff = ElfDiff(
        added=(symbol("balloon_count_released", 0, 44),),
        removed=(symbol("__warned.12", 1, 0),),
        grown=(
            symbol("move_to_new_folio", 702, 747),
            symbol("vmstat_text", 1248, 1280),
            symbol("balloon_page_isolate", 176, 198),
            symbol("balloon_page_putback", 161, 183),
            symbol("virtballoon_migratepage", 612, 631),
        ),
        shrunk=(),
        exports_added=("balloon_count_released",),
        exports_removed=(),
        sections=(
            Section(name=".text", before=6291456, after=6291608),
            Section(name=".rodata", before=1925120, after=1925248),
            Section(name=".data..percpu", before=149504, after=149536),
        ),
        total=(9120384, 9120567),
    )
    return ElfComparison(diff=diff, base=events(156, expected=156), patched=events(160))


def record(*, returned_twice: bool = False) -> RunRecord:
    series = Series(
        name="balloon-counters",
        title="mm: count the steps of balloon page migration",
        revision=1,
        cover=None,
        patches=patches(),
        manifest=MANIFEST,
    )
    control = run("base", series=False)
    patched = run("4/4", series=True, returned_twice=returned_twice)
    outcomes = (Applied.CLEAN, Applied.CLEAN, Applied.THREE_WAY, Applied.CLEAN)
    made = RunRecord(
        tool_version="0.1.0",
        started=STARTED,
        finished=STARTED + timedelta(seconds=771),
        argv=("patchtool", "apply-and-test", "balloon-counters", "--tree", "linux-6.12.117"),
        host=Host(
            cpus=2,
            accelerator="tcg",
            accelerator_notes=("KVM opens but runs guest code 900 times too slowly",),
            qemu="QEMU 7.2.22",
            virtme_ng="1.42",
            container="podman 4.3.1 (runc)",
            toolchain="sha256:" + "5c" * 32,
            compiler="gcc 12.2.0",
            guest_root="sha256:" + "7e" * 32,
        ),
        series=series,
        counters=COUNTED,
        tree="linux-6.12.117",
        base=Base("1f0a" * 10, "ba5e" * 10, KernelRelease("6.12.117"), "v6.12.117", "--base"),
        apply=tuple(
            AppliedPatch(
                n,
                SUBJECTS[n - 1],
                outcomes[n - 1],
                f"{n}" * 40,
                f"{n}" * 40,
                "drivers/virtio/virtio_balloon.c merged" if n == 3 else "",
            )
            for n in range(1, 5)
        ),
        kconfig=tuple(
            KernelConfig(
                variant=variant,
                fragment=f"# variant {variant}\nCONFIG_BALLOON_COMPACTION_EVENTS={value}\n",
                digest="c0" * 32,
                asked={
                    "BALLOON_COMPACTION_EVENTS": value,
                    "BALLOON_COMPACTION": "y",
                    "COMPACTION": "y",
                },
                origins={
                    "BALLOON_COMPACTION_EVENTS": "added by mm/Kconfig in patch 1",
                    "BALLOON_COMPACTION": "manifest",
                    "COMPACTION": "mm/Makefile",
                },
            )
            for variant, value in (("on", "y"), ("off", "n"))
        ),
        images=images(),
        elf=elf(),
        boots=(
            Boot(
                image="base",
                guest="1024 MiB, 2 CPUs",
                accelerator="tcg",
                seconds=6.31,
                console="tests/base/console-1.log",
            ),
            Boot(
                image="4/4",
                guest="1024 MiB, 2 CPUs",
                accelerator="tcg",
                seconds=6.42,
                console="tests/4-4/console-1.log",
            ),
        ),
        control=control,
        patched=patched,
        comparisons=comparisons.compare(control, patched, COUNTERS),
        claims=claims.judge(MANIFEST, control, patched),
        stages=(
            StageTime(name="apply", summary="4 patches applied, 1 of them 3-way", seconds=1.9),
            StageTime(name="configure", summary="2 variants", seconds=14.2),
            StageTime(name="build", summary="base", seconds=0.1, cached=True),
            StageTime(name="build", summary="1/4", seconds=64.2),
            StageTime(name="test", summary="base: 4 passed, 4 skipped", seconds=161.3),
            StageTime(name="test", summary="4/4: 7 passed, 1 skipped", seconds=172.9),
        ),
        commands=(
            "cd /src && git am --3way 0001.patch",
            "cd /obj && make -j2 O=/obj ARCH=x86_64 bzImage",
            "cd / && vng --run bzImage --memory 1024M --cpus 2 --disable-kvm",
        ),
        logs=(
            LogLink(title="every command line", path="commands.sh"),
            LogLink(title="build of 4/4", path="build/4.log"),
            LogLink(title="console of 4/4, boot 1", path="tests/4-4/console-1.log"),
        ),
        outcome="passed",
        exit_code=0,
    )
    return judged(made)


def judged(made: RunRecord) -> RunRecord:
    found = findings.gather(made)
    outcome, code = findings.verdict(made, found)
    return made.model_copy(update={"findings": found, "outcome": outcome, "exit_code": code})


HOSTILE = "<script>alert('x')</script>\"&\x1b[31mred\x1b[0m\x07\u202egnp"


def hostile() -> RunRecord:
    """A record whose every foreign string attacks the page or the terminal."""
    made = record()
    name = "compact_<img src=x onerror=alert(1)>\x1b]0;title\x07"
    evil = TestRecord(
        nodeid=f"{FOLDER}test_evil.py::test_{HOSTILE}",
        title=HOSTILE,
        outcome=Outcome.FAILED,
        reason=f"{HOSTILE}\nsecond line",
        seconds=1.0,
        deltas={name: delta(7)},
        windows=(Window(label=HOSTILE, begin=0.1, end=0.5, deltas={name: delta(7)}),),
        samples=Samples(seconds=(0.0, 0.2, 0.4), counters={name: (0, 3, 7)}),
        splats=(SplatRecord(kind="oops", title=HOSTILE, lines=(HOSTILE, "\x9b2Jcleared")),),
        figures={HOSTILE: HOSTILE},
        guest=GUEST,
    )
    patched = TestRun(label="4/4", plan="", tests=(evil,), complete=True)
    clash = Conflict(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    apply = AppliedPatch(1, HOSTILE, Applied.CONFLICT, None, None, HOSTILE, (clash,))
    return judged(
        made.model_copy(
            update={
                "series": replace(made.series, title=HOSTILE),
                "counters": Counters(adds=COUNTERS[:1]),
                "apply": (apply,),
                "patched": patched,
                "control": None,
                "claims": (),
                "comparisons": (),
                "logs": (LogLink(title=HOSTILE, path="javascript:alert(1)"),),
                "commands": (HOSTILE,),
            }
        )
    )
