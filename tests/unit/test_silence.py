# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that does not answer: at work, starved by its host, or stuck, and then where."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from patchtool.build.elf.addresses import Functions, read_functions
from patchtool.errors import BootError, BuildError, CommandTimeout, LostGuest
from patchtool.guest import death, life
from patchtool.guest.channel import Reply
from patchtool.guest.death import Facts, GuestDied, obituary
from patchtool.guest.machine import Guest
from patchtool.guest.processors import Processors, Stand, thread_seconds, usual
from patchtool.guest.qemu import GuestSpec
from patchtool.guest.silence import PATIENCE, SHORT, Patience, Silence, Stuck, scaled

if TYPE_CHECKING:
    from collections.abc import Iterable

#: As QEMU 7.2 prints it, shortened.
REGISTERS = """
CPU#0\r
RAX=0000000000000000 RBX=ffffffff81808c00 RCX=00000000fffedf4c RDX=0000000000000000\r
RSI=0000000000000702 RDI=00000000000b74ec RBP=0000000000000001 RSP=ffffffff81803eb8\r
RIP=ffffffff81000105 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r
\r
CPU#1\r
RSI=0000000000000702 RDI=00000000000b74ec RBP=0000000000000001 RSP=ffff888000943bd0\r
RIP=ffffffff81000131 RFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0\r
\r
CPU#2\r
RSI=0000000000000702 RDI=00000000000b74ec RBP=0000000000000001 RSP=00007ffc00000000\r
RIP=00007f4e6aa7e000 RFL=00000246 [---Z-P-] CPL=3 II=0 A20=1 SMM=0 HLT=0\r
"""
STACK = """\
ffff888000943bd0: 0x0000000000000000 0xffffffff81000205\r
ffff888000943be0: 0xffffffff81000300 0xffffffff81000205\r
ffff888000943bf0: 0xffffffff81000310 0x0000000000000051\r
"""
BASE = 0xFFFFFFFF81000000
FUNCTIONS = Functions(
    [
        (BASE + 0x300, 0x40, "balloon_page_putback"),
        (BASE + 0x100, 0x100, "queued_spin_lock_slowpath"),
        (BASE + 0x200, 0x10, "_raw_spin_lock"),
        (BASE + 0x400, 0, "from_assembler"),
    ]
)


def test_an_address_is_told_as_traces_do() -> None:
    assert FUNCTIONS.at(BASE + 0x131) == "queued_spin_lock_slowpath+0x31/0x100"
    assert FUNCTIONS.at(BASE + 0x300) == "balloon_page_putback+0x0/0x40"
    assert FUNCTIONS.at(BASE + 0x210) == ""  # behind the end of one
    assert FUNCTIONS.at(BASE) == ""
    assert Functions([]).at(BASE) == ""


def test_a_vmlinux_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vmlinux").write_bytes(b"\x7fELF" + b"\0" * 100)
    for path in (tmp_path / "vmlinux", tmp_path / "none"):
        with pytest.raises(BuildError, match="cannot be read"):
            read_functions(path)


# --- what QEMU says


class Monitor:
    def __init__(self, status: str = "running") -> None:
        self.status = status
        self.commands: list[str] = []

    def execute(self, command: str, arguments: dict[str, Any], _timeout: float) -> Any:
        self.commands.append(command)
        if command == "query-status":
            return {"status": self.status}
        if command == "query-cpus-fast":
            return [{"cpu-index": number, "thread-id": os.getpid()} for number in range(3)]
        if command == "human-monitor-command":
            if arguments["command-line"].startswith("x /"):
                assert arguments["cpu-index"] == 1
                return STACK
            assert arguments["command-line"] == "info registers -a"
            return REGISTERS
        return {}


def test_registers_are_read_while_the_machine_stands() -> None:
    monitor = Monitor()
    stands = Processors(monitor, FUNCTIONS.at).look()
    assert [(stand.cpu, stand.mode) for stand in stands] == [
        (0, "idle"),
        (1, "kernel"),
        (2, "user"),
    ]
    assert stands[1].function == "queued_spin_lock_slowpath+0x31/0x100"
    assert stands[1].name == "queued_spin_lock_slowpath"
    assert stands[2].name == "0x7f4e6aa7e000"
    assert stands[0].spent > 0
    begin, end = monitor.commands.index("stop"), monitor.commands.index("cont")
    assert monitor.commands[begin + 1 : end] == ["human-monitor-command"]


def test_a_machine_that_was_halted_stays_halted() -> None:
    monitor = Monitor("paused")
    assert Processors(monitor, FUNCTIONS.at).look() == ()
    assert monitor.commands == ["query-status"]


def test_what_is_on_the_stack_is_told_once_and_without_arguments() -> None:
    processors = Processors(Monitor(), FUNCTIONS.at)
    stand = processors.look()[1]
    assert processors.callers(stand) == (
        "_raw_spin_lock+0x5/0x10",
        "balloon_page_putback+0x10/0x40",
    )


def test_a_thread_that_is_gone_has_no_time() -> None:
    assert thread_seconds(os.getpid()) > 0
    assert thread_seconds(1 << 30) == 0.0


def test_a_thread_has_its_own_time_and_not_that_of_its_process() -> None:
    """A processor that the host starved had that of all others, and could be called stuck."""
    told: list[float] = []

    def mine() -> None:
        told.append(thread_seconds(threading.get_native_id()))

    asked = threading.Thread(target=mine)
    asked.start()
    asked.join()
    assert told[0] < 0.2 < time.process_time()


# --- what that means


class Agent:
    """Answers from the processors that are named."""

    def __init__(self, answering: Iterable[int]) -> None:
        self.answering = set(answering)
        self.pinged: list[int] = []

    def request(self, op: str, arguments: dict[str, Any]) -> Reply:
        assert op == "ping"
        self.pinged.append(arguments["cpu"])
        reply = Reply(op)
        if arguments["cpu"] in self.answering:
            reply.message = {"value": 1.0}
        return reply


class Views:
    """Two processors: one is as each look of the script says, the other idles."""

    def __init__(self, *script: tuple[str, int, float]) -> None:
        self.script = list(script)

    def look(self) -> tuple[Stand, ...]:
        mode, place, spent = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        function = FUNCTIONS.at(BASE + place)
        return (
            Stand(0, BASE + place, 0x1000, mode, function, spent),
            Stand(1, BASE, 0x2000, "idle", "", 1.0),
        )

    def callers(self, _stand: Stand) -> tuple[str, ...]:
        return ("_raw_spin_lock+0x5/0x10", "balloon_page_putback+0x10/0x40")


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("patchtool.guest.silence.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def watched(
    clock: Clock, views: Views, agent: Agent, seconds: float, lines: list[str] | None = None
) -> tuple[Stuck | None, float]:
    """Look every two seconds; what was found, and after how long."""
    said = [] if lines is None else lines
    one = Silence(agent, cast("Any", views), PATIENCE, lambda: len(said))
    begin = clock.now
    while clock.now - begin <= seconds:
        stuck = one.look()
        if stuck is not None:
            return stuck, clock.now - begin
        clock.now += PATIENCE.every
    return None, seconds


def spinning(seconds: float, place: int = 0x131) -> Views:
    return Views(*(("kernel", place, at * 2.0) for at in range(int(seconds))))


def test_a_processor_that_stands_and_answers_nothing_is_stuck(clock: Clock) -> None:
    stuck, after = watched(clock, spinning(60), Agent([1]), 60)
    assert stuck is not None
    assert after == PATIENCE.stuck
    assert stuck.culprits == (0,)
    assert stuck.reason == (
        "a processor does not leave the kernel for 8 s: CPU 0 stands in "
        "queued_spin_lock_slowpath (_raw_spin_lock < balloon_page_putback), CPU 1 is idle"
    )
    assert " balloon_page_putback+0x10/0x40" in stuck.lines
    assert stuck.subject == "the kernel is stuck in queued_spin_lock_slowpath"


def test_a_processor_that_answers_is_at_work(clock: Clock) -> None:
    assert watched(clock, spinning(60), Agent([0, 1]), 60)[0] is None


def test_a_processor_that_its_host_starves_is_not_stuck(clock: Clock) -> None:
    """It was not run at all, so of course it stands where it stood."""
    starved = Views(*(("kernel", 0x131, 7.0) for _ in range(60)))
    assert watched(clock, starved, Agent([]), 60)[0] is None


def test_one_that_goes_about_in_the_kernel_is_given_more_time(clock: Clock) -> None:
    places = [0x131, 0x205, 0x310] * 20
    about = Views(*(("kernel", place, at * 2.0) for at, place in enumerate(places)))
    stuck, after = watched(clock, about, Agent([]), 60)
    assert stuck is not None
    assert after == PATIENCE.roaming


def test_one_that_is_seen_in_a_program_is_at_work(clock: Clock) -> None:
    script = [("kernel", 0x131, at * 2.0) for at in range(60)]
    script[3::4] = [("user", 0x131, at * 2.0) for at in range(3, 60, 4)]
    assert watched(clock, Views(*script), Agent([]), 60)[0] is None


def test_a_kernel_that_prints_is_at_work(clock: Clock) -> None:
    lines: list[str] = []

    class Talking(Views):
        def look(self) -> tuple[Stand, ...]:
            lines.append("a line of a long trace")
            return super().look()

    talking = Talking(*(("kernel", 0x131, at * 2.0) for at in range(60)))
    assert watched(clock, talking, Agent([]), 40, lines)[0] is None


def test_one_that_printed_once_and_then_stands_is_stuck(clock: Clock) -> None:
    lines: list[str] = []

    class Talking(Views):
        def look(self) -> tuple[Stand, ...]:
            if len(lines) < 3:
                lines.append("a line")
            return super().look()

    stuck, after = watched(
        clock, Talking(*(("kernel", 0x131, at * 2.0) for at in range(60))), Agent([]), 60, lines
    )
    assert stuck is not None
    assert after == 2 * PATIENCE.every + PATIENCE.stuck


@pytest.mark.parametrize("place", ["user", "elsewhere"])
def test_one_that_was_seen_elsewhere_since_it_was_asked_is_at_work(
    clock: Clock, place: str
) -> None:
    """A test that fills memory on a busy host was taken for stuck in clear_page_erms."""
    seen = ("user", 0x131, 0.0) if place == "user" else ("kernel", 0x310, 0.0)
    stuck, after = watched(
        clock, Views(seen, *(("kernel", 0x131, at * 2.0) for at in range(1, 60))), Agent([]), 20
    )
    assert (stuck, after) == (None, 20)


@pytest.mark.parametrize(("factor", "spent"), [(1.0, 1.0), (6.0, 1.0), (24.0, 4.0), (900.0, 6.0)])
def test_what_is_slow_needs_more_of_the_hosts_time_before_it_is_stuck(
    factor: float, spent: float
) -> None:
    assert scaled(PATIENCE, factor) == replace(PATIENCE, spent=PATIENCE.spent * spent)


def test_all_idle_and_none_answers_is_told_later(clock: Clock) -> None:
    stuck, after = watched(clock, Views(("idle", 0x105, 1.0)), Agent([]), 60)
    assert stuck is not None
    assert after == PATIENCE.idle
    assert stuck.culprits == ()
    assert "idle for 24 s" in stuck.reason


def test_patience_ends_within_half_a_minute() -> None:
    longest = max(PATIENCE.stuck, PATIENCE.roaming, PATIENCE.idle)
    assert PATIENCE.first + longest + PATIENCE.every <= 32
    assert PATIENCE.first + PATIENCE.stuck + PATIENCE.every + PATIENCE.panic <= 30
    for field in Patience.__slots__:
        assert getattr(SHORT, field) < getattr(PATIENCE, field)


# --- and is told


def stuck_facts(*console: str) -> Facts:
    stands = (Stand(0, BASE + 0x131, 0, "kernel", FUNCTIONS.at(BASE + 0x131), 3.0),)
    stuck = Stuck(stands, (0,), 8.0, (("balloon_page_putback+0x10/0x40",),))
    return Facts("workload.compact", console, Path("console.log"), stuck=stuck, more=stuck.lines)


def test_a_stuck_kernel_is_the_kernels_fault_and_has_a_trace() -> None:
    error = obituary(stuck_facts("[    1.0] Linux version 6.12"))
    assert isinstance(error, BootError)
    assert not isinstance(error, LostGuest)
    assert isinstance(error, GuestDied)
    assert error.kind == "stuck"
    assert error.subject == "the kernel is stuck in queued_spin_lock_slowpath"
    assert "stands in queued_spin_lock_slowpath" in str(error)
    assert "during workload.compact" in str(error)
    assert "  | Call Trace:\n  |  balloon_page_putback+0x10/0x40" in str(error)


def test_a_panic_says_more_than_where_it_stood() -> None:
    error = obituary(stuck_facts("[    1.0] Kernel panic - not syncing: Fatal exception"))
    assert isinstance(error, GuestDied)
    assert error.kind == "panic"


def test_a_lockup_that_the_kernel_saw_is_told_with_the_functions() -> None:
    line = "[   30.1] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [python3:51]"
    assert death.cause_of_death([line]) is not None
    assert "stands in queued_spin_lock_slowpath" in str(obituary(stuck_facts(line)))


# --- and a request is given up


class Program:
    def poll(self) -> int | None:
        return None

    def wait(self, timeout: float | None = None) -> int:
        raise CommandTimeout(["qemu"], timeout or 0, "")


class Deaf:
    """An agent that took its requests, and answers none."""

    closed = False
    hello: dict[str, object] | None = None

    def request(self, op: str, _arguments: dict[str, object]) -> Reply:
        return Reply(op)


class StuckMonitor(Monitor):
    def events(self, _name: str) -> tuple[dict[str, Any], ...]:
        return ()


def deaf_guest() -> tuple[Guest, StuckMonitor]:
    guest = Guest(GuestSpec(), Path("/run"), 1.0, 1.0)
    monitor = StuckMonitor()
    guest.attach(cast("Any", Program()), cast("Any", Deaf()), cast("Any", monitor))
    guest.patience = Patience(first=0.05, every=0.05, stuck=0.2, spent=0.0)
    return guest, monitor


def test_a_request_to_a_stuck_guest_ends_long_before_its_time_and_so_do_all_after_it() -> None:
    """Three requests, one after the other, each waited its full time."""
    guest, monitor = deaf_guest()
    with pytest.raises(GuestDied, match="CPU 1 stands in 0xffffffff81000131") as caught:
        guest.call("workload.compact", timeout=60)
    assert "inject-nmi" in monitor.commands
    with pytest.raises(GuestDied) as again:
        guest.call("vmstat", timeout=60)
    assert again.value is caught.value


def test_a_kernel_that_is_known_to_get_stuck_is_not_asked_for_a_trace_again() -> None:
    guest, monitor = deaf_guest()
    guest.patience = replace(guest.patience, panic=SHORT.panic)
    with pytest.raises(GuestDied, match="stands in"):
        guest.call("workload.compact", timeout=60)
    assert "inject-nmi" not in monitor.commands


def test_a_guest_that_is_left_alone_is_asked_nothing() -> None:
    """It has no page to answer with."""
    guest, monitor = deaf_guest()
    with guest.left_alone(), pytest.raises(LostGuest, match="no answer to workload"):
        guest.call("workload.compact", timeout=0.5)
    assert "query-cpus-fast" not in monitor.commands


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("[   61.2] INFO: task python3:51 blocked for more than 30 seconds.", "hung task"),
        ("[    3.1] Oops: general protection fault, probably for x: 0000 [#1] SMP", "oops"),
    ],
)
def test_a_guest_whose_kernel_complained_is_not_waited_for_to_the_end(
    monkeypatch: pytest.MonkeyPatch, line: str, kind: str
) -> None:
    monkeypatch.setattr(life, "GRACE_AFTER_STUCK", 0.3)
    monkeypatch.setattr(life, "GRACE_AFTER_OOPS", 0.3)
    guest, monitor = deaf_guest()
    guest.patience = Patience(first=0.1, every=0.1)
    asked = guest.start("workload.compact")
    threading.Timer(0.1, guest.life.hear, [line]).start()
    with pytest.raises(GuestDied) as caught:
        asked.result(timeout=60)
    assert caught.value.kind == kind
    assert monitor.commands.count("query-cpus-fast") < 8  # it does not look without a pause


def test_a_stall_that_the_kernel_saw_first_is_told_with_the_functions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a busy host its words came before a processor had had time enough to be called stuck."""
    monkeypatch.setattr(life, "GRACE_AFTER_STUCK", 0.6)
    guest, _ = deaf_guest()
    guest.patience = Patience(first=0.1, every=0.1, stuck=0.2, spent=1000.0, panic=0.0)
    asked = guest.start("workload.compact")
    stall = "[   61.2] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"
    threading.Timer(0.1, guest.life.hear, [stall]).start()
    with pytest.raises(GuestDied, match="CPU 1 stands in 0xffffffff81000131") as caught:
        asked.result(timeout=60)
    assert caught.value.kind == "stuck"


def test_what_was_stuck_before_may_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "GRACE_AFTER_STUCK", 0.0)
    guest, _ = deaf_guest()
    guest.life.hear("[   61.2] INFO: task python3:51 blocked for more than 30 seconds.")
    assert guest.life.complaint(time.monotonic()) is False
    assert guest.life.complaint(time.monotonic() - 60) is True


def test_one_that_spins_is_named_where_it_was_met_most() -> None:
    """At the last look it was in an interrupt, and the finding named that function."""
    spins = Stand(1, 0x10, 0x900, "kernel", "prepare_namespace+0x0/0x10", 1.0)
    tick = Stand(1, 0x20, 0x800, "kernel", "update_load_avg+0x3/0x90", 2.0)
    looks = [(0.0, tick, True), (2.0, spins, True), (4.0, spins, True), (6.0, tick, True)]
    assert usual(looks, since=1.0) == spins
    assert usual(looks[:1], since=0.0) == tick
