# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel says when something is wrong is recognised, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.guest.console import Kind, bare, kind_of, splats
from patchtool.guest.death import cause_of_death

if TYPE_CHECKING:
    from collections.abc import Callable

LOGS = Path(__file__).parent / "golden" / "console"
ALL = sorted(LOGS.glob("*.log"))


def lines(name: str) -> list[str]:
    return (LOGS / f"{name}.log").read_text(encoding="utf-8").splitlines()


def test_each_golden_log_reads_as_it_did(golden: Callable[[str, str], None]) -> None:
    """One file shows the kind, title and extent of every splat, and each guest's cause of death."""
    told = []
    for path in ALL:
        text = lines(path.stem)
        death = cause_of_death(text)
        told.append(f"== {path.stem}: " + (f"{death.kind}: {death.reason}" if death else "-"))
        for splat in splats(text):
            told += [f"{splat.kind} at {splat.seconds}: {splat.title}"]
            told += [f"   first: {splat.lines[0]}", f"   last:  {splat.lines[-1]}"]
    golden("console/summary.txt", "\n".join(told) + "\n")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("panic", [Kind.PANIC]),
        ("oops", [Kind.OOPS]),
        ("old_oops", [Kind.OOPS]),
        ("bug", [Kind.BUG]),
        ("warning", [Kind.WARNING, Kind.WARNING]),
        ("old_warning", [Kind.WARNING, Kind.BUG]),
        ("oom", [Kind.OOM]),
        ("hung_task", [Kind.HUNG_TASK]),
        ("old_hung_task", [Kind.HUNG_TASK]),
        ("lockup", [Kind.LOCKUP]),
        ("rcu_stall", [Kind.RCU_STALL]),
        ("list_corruption", [Kind.LIST, Kind.PANIC]),
        ("kasan", [Kind.SANITIZER]),
        ("lockdep", [Kind.LOCKDEP]),
        ("no_root", [Kind.PANIC]),
        ("silent", []),
        ("healthy", []),
    ],
)
def test_each_kind_of_complaint_is_recognised(name: str, kinds: list[Kind]) -> None:
    assert [splat.kind for splat in splats(lines(name))] == kinds


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("panic", "panic"),
        ("no_root", "panic"),
        ("oops", "oops"),
        ("bug", "oops"),
        ("list_corruption", "panic"),
        ("oom", "out of memory"),
        ("hung_task", "hung task"),
        ("lockup", "lockup"),
        ("rcu_stall", "RCU stall"),
        ("silent", None),
        ("healthy", None),
        ("warning", None),
    ],
)
def test_a_guests_cause_of_death_is_on_its_console(name: str, kind: str | None) -> None:
    death = cause_of_death(lines(name))
    assert (death.kind if death else None) == kind


def test_a_panic_after_an_oops_names_both() -> None:
    death = cause_of_death(lines("list_corruption"))
    assert death is not None
    assert "Fatal exception in interrupt" in death.reason
    assert "list_del corruption" in death.reason


def test_powering_off_and_rebooting_by_itself_are_told_apart() -> None:
    off = cause_of_death(["[    9.0] something", "[    9.1] reboot: Power down"])
    again = cause_of_death(["[    9.1] reboot: Restarting system"])
    assert off is not None
    assert off.kind == "power off"
    assert again is not None
    assert again.kind == "reboot"


def test_oom_deadlock_panic_counts_as_out_of_memory() -> None:
    text = "[ 1.000000] Kernel panic - not syncing: System is deadlocked on memory"
    death = cause_of_death([text])
    assert death is not None
    assert death.kind == "out of memory"


def test_an_oom_kill_of_another_program_is_no_death_of_the_agent() -> None:
    killed = "[ 5.0] Out of memory: Killed process 77 (stress) total-vm:1kB, anon-rss:1kB"
    assert cause_of_death([killed]) is None
    assert cause_of_death([killed.replace("stress", "python3")], agent=50) is None
    assert cause_of_death([killed], agent=77) is not None
    assert [splat.kind for splat in splats([killed])] == [Kind.OOM]


def test_time_stamps_callers_and_colours_are_taken_off() -> None:
    assert bare("<4>[   12.345678][  T123] WARNING: x") == "WARNING: x"
    assert bare("[    0.000001][   C1] \x1b[31mred\x1b[0m") == "red"
    assert bare("no stamp") == "no stamp"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("BUG: Bad page state in process python3  pfn:12345", Kind.BUG),
        ("BUG: sleeping function called from invalid context at mm/x.c:1", Kind.BUG),
        ("BUG: scheduling while atomic: python3/55/0x00000002", Kind.BUG),
        ("BUG: KFENCE: use-after-free read in x+0x1/0x2", Kind.SANITIZER),
        ("UBSAN: array-index-out-of-bounds in mm/x.c:1:2", Kind.SANITIZER),
        ("WARNING: suspicious RCU usage", Kind.LOCKDEP),
        ("WARNING: inconsistent lock state", Kind.LOCKDEP),
        ("BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!", Kind.LOCKUP),
        ("watchdog: Watchdog detected hard LOCKUP on cpu 1", Kind.LOCKUP),
        ("Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP",
         Kind.OOPS),
        ("general protection fault: 0000 [#1] SMP", Kind.OOPS),
        ("divide error: 0000 [#1] SMP", Kind.OOPS),
        ("list_add double add: new=ffff, prev=ffff, next=ffff.", Kind.LIST),
        ("INFO: rcu_sched detected stalls on CPUs/tasks: { 1}", Kind.RCU_STALL),
        ("Out of memory: Kill process 5 (python) score 900 or sacrifice child", Kind.OOM),
        ("python3: page allocation failure: order:9, mode:0x40dc0", Kind.ALLOCATION),
        ("traps: python3[55] general protection fault ip:1 sp:2 error:0 in libc.so", None),
        ("python3[55]: segfault at 0 ip 1 sp 2 error 4", None),
        ("random: crng init done", None),
    ],
)  # fmt: skip
def test_single_lines_are_named(line: str, kind: Kind | None) -> None:
    assert kind_of(line) is kind


def test_a_splat_that_never_ends_is_cut() -> None:
    endless = ["------------[ cut here ]------------", "WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2"]
    endless += [f" frame_{number}+0x1/0x2" for number in range(5000)]
    (splat,) = splats(endless)
    assert len(splat.lines) < 200


@given(st.lists(st.one_of(st.text(max_size=80), st.sampled_from(
    [line for path in ALL for line in path.read_text(encoding="utf-8").splitlines()]
)), max_size=60))  # fmt: skip
def test_any_console_can_be_read(text: list[str]) -> None:
    for splat in splats(text):
        assert splat.lines
        assert splat.title
    cause_of_death(text)
