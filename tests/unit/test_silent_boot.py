# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that is silent while it boots: at work, starved, or never to come up, and then where."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from patchtool.build.elf.addresses import Functions
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import BootError, CommandTimeout, InfraError, LostGuest
from patchtool.guest.accel import Accelerator
from patchtool.guest.death import GuestDied
from patchtool.guest.machine import Guest
from patchtool.guest.processors import Processors, Stand, host_works
from patchtool.guest.qemu import GuestSpec
from patchtool.guest.root import GuestRoot
from patchtool.guest.session import boot
from patchtool.guest.silence import PATIENCE, Patience, Silence, Stuck, while_booting

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTOR = 24.0
BASE = 0xFFFFFFFF81000000
FUNCTIONS = Functions([(BASE, 0x100, "memmap_init"), (BASE + 0x100, 0x40, "default_idle")])
#: As QEMU 7.2 prints what is not in 64-bit mode, shortened: qboot that found no kernel, and a
#: processor that was not started.
REGISTERS = """
CPU#0\r
EAX=00000000 EBX=00000000 ECX=00000000 EDX=00000511\r
ESI=000186a0 EDI=00000510 EBP=0000000b ESP=00007b5c\r
EIP=000f05f2 EFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r
ES =0010 00000000 ffffffff 00cf9300 DPL=0 DS   [-WA]\r
CS =0008 00000000 ffffffff 00cf9b00 DPL=0 CS32 [-RA]\r
EFER=0000000000000000\r
\r
CPU#1\r
ESI=00000000 EDI=00000000 EBP=00000000 ESP=00000000\r
EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT={halted}\r
CS =f000 ffff0000 0000ffff 00009b00\r
"""


class Monitor:
    """A machine whose processors stand as the text says."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.commands: list[str] = []

    def execute(self, command: str, arguments: dict[str, Any], _timeout: float) -> Any:
        self.commands.append(command)
        if command == "query-status":
            return {"status": "running"}
        if command == "query-cpus-fast":
            return [{"cpu-index": number, "thread-id": 0} for number in range(2)]
        return self.text if arguments.get("command-line") == "info registers -a" else ""

    def events(self, _name: str) -> tuple[dict[str, Any], ...]:
        return ()


# --- what is seen


@pytest.mark.parametrize("halted", ["1", "0"], ids=["tcg", "kvm"])
def test_a_firmware_that_gave_up_is_halted_and_so_is_what_was_not_started(halted: str) -> None:
    monitor = Monitor(REGISTERS.replace("{halted}", halted))
    first, second = Processors(monitor, FUNCTIONS.at).look()
    assert (first.address, first.stack, first.mode) == (0xF05F2, 0x7B5C, "halted")
    assert (second.address, second.mode) == (0xFFFFFFF0, "halted")


def test_a_machine_that_waits_for_qemu_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest that reads from a slow disk idles, and its host does not."""
    idle = REGISTERS.replace("EFL=00000046", "EFL=00000246").replace("{halted}", "1")
    answers = iter([True, False, True, True])
    monkeypatch.setattr("patchtool.guest.processors.host_works", lambda _threads: next(answers))
    processors = Processors(Monitor(idle), FUNCTIONS.at)
    assert [stand.mode for stand in processors.look()] == ["idle", "halted"]
    assert [stand.mode for stand in processors.look()] == ["served", "halted"]


def test_only_the_threads_that_run_no_processor_work_for_the_machine() -> None:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            pass

    busy = threading.Thread(target=work)
    busy.start()
    try:
        mine = threading.get_native_id()
        assert any(host_works([mine]) for _ in range(50))
        every = [int(entry.name) for entry in Path("/proc/self/task").iterdir()]
        assert not host_works([mine, *every])
    finally:
        over.set()
        busy.join()
    assert not host_works([1 << 30])


# --- what that means


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("patchtool.guest.silence.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class Views:
    """One processor is as each look of the script says: mode, place, seconds; one is idle."""

    def __init__(self, script: Iterator[tuple[str, int, float]]) -> None:
        self.script = script

    def look(self) -> tuple[Stand, ...]:
        mode, place, spent = next(self.script)
        other = Stand(1, BASE + 0x110, 0x2000, "halted" if mode == "halted" else "idle", "", 1.0)
        other = replace(other, function=FUNCTIONS.at(other.address))
        return (Stand(0, BASE + place, 0x1000, mode, FUNCTIONS.at(BASE + place), spent), other)

    def callers(self, _stand: Stand) -> tuple[str, ...]:
        return ()


def found(
    clock: Clock, *script: tuple[str, int], share: float = 1.0, factor: float = FACTOR
) -> tuple[Stuck | None, float]:
    """What is found in two minutes of looks, and when.

    Args:
        clock: Is moved on.
        script: Mode and place of the first processor at one look after the other, over and over.
        share: Of the time its host gives it.
        factor: The accelerator's.
    """
    begin = clock.now
    turns = (
        (mode, place, share * at * PATIENCE.every)
        for at, (mode, place) in enumerate(itertools.cycle(script))
    )
    silence = Silence(None, cast("Any", Views(turns)), while_booting(factor), lambda: 3)
    while clock.now - begin <= 120:
        stuck = silence.look()
        if stuck is not None:
            return stuck, clock.now - begin
        clock.now += PATIENCE.every
    return None, 120


def test_a_boot_that_stands_at_one_place_is_stuck_there(clock: Clock) -> None:
    stuck, after = found(clock, ("kernel", 0x10))
    assert stuck is not None
    assert after == PATIENCE.stuck
    assert stuck.subject == "the kernel is stuck in memmap_init"
    assert "CPU 0 stands in memmap_init, CPU 1 is idle" in stuck.reason


def test_a_boot_that_goes_about_in_the_kernel_is_at_work(clock: Clock) -> None:
    """Nothing of it is in a program yet."""
    assert found(clock, ("kernel", 0x10), ("kernel", 0x110))[0] is None


def test_what_was_seen_elsewhere_before_does_not_matter(clock: Clock) -> None:
    """Nor does an interrupt that a look falls into."""
    script = [("user", 0x10), *[("kernel", 0x10)] * 3, ("kernel", 0x110), *[("kernel", 0x10)] * 30]
    stuck, after = found(clock, *script)
    assert stuck is not None
    assert after == PATIENCE.every + PATIENCE.stuck


def test_work_on_all_memory_takes_its_time_on_a_slow_machine(clock: Clock) -> None:
    """What counts is the time that its host gave it."""
    _, after = found(clock, ("kernel", 0x10), share=0.25)
    assert after == 24.0
    assert after * 0.25 >= FACTOR * 0.25
    assert found(clock, ("kernel", 0x10), share=0.01)[0] is None
    assert found(clock, ("kernel", 0x10), share=0.25, factor=1.0)[1] == PATIENCE.stuck


def test_a_processor_that_waits_for_one_that_is_stuck_is_named_too(clock: Clock) -> None:
    """The host gave it less time, and which has more is chance."""

    class Both(Views):
        def look(self) -> tuple[Stand, ...]:
            first, other = super().look()
            waits = replace(other, mode="kernel", spent=first.spent / 4)
            return first, waits

    turns = (("kernel", 0x10, at * PATIENCE.every) for at in itertools.count())
    silence = Silence(None, cast("Any", Both(turns)), while_booting(FACTOR), lambda: 3)
    while (stuck := silence.look()) is None:
        clock.now += PATIENCE.every
    assert stuck.culprits == (0, 1)
    assert stuck.subject == "the kernel is stuck in default_idle, memmap_init"


@pytest.mark.parametrize(("every", "is_stuck"), [(10, True), (1, False)])
def test_a_kernel_that_complains_of_what_stands_is_not_at_work(
    clock: Clock, every: int, *, is_stuck: bool
) -> None:
    """On a busy host the watchdog's words came before the processor's time was enough."""
    lines = iter(number // every for number in itertools.count())
    turns = (("kernel", 0x10, at * 0.4) for at in itertools.count())
    views = cast("Any", Views(turns))
    silence = Silence(None, views, while_booting(FACTOR), lambda: next(lines))
    found = None
    for _ in range(40):
        found = found or silence.look()
        clock.now += PATIENCE.every
    assert (found is not None) is is_stuck


def test_a_halted_machine_never_goes_on(clock: Clock) -> None:
    stuck, after = found(clock, ("halted", 0x10))
    assert stuck is not None
    assert after == PATIENCE.halted
    assert stuck.culprits == (0, 1)
    assert stuck.reason.startswith(
        "nothing can wake its processors: CPU 0 is halted with interrupts off in memmap_init, CPU 1"
    )


def test_a_boot_that_waits_for_nothing_is_told_and_blames_nobody(clock: Clock) -> None:
    waits = [*[("idle", 0x110)] * 5, ("kernel", 0x10)]  # it polls
    stuck, after = found(clock, *waits)
    assert stuck is not None
    assert PATIENCE.idle <= after <= PATIENCE.idle + PATIENCE.every
    assert stuck.culprits == ()
    assert "CPU 0 is idle in default_idle, CPU 1 is idle in default_idle" in stuck.reason


@pytest.mark.parametrize("other", ["served", "user", "kernel"])
def test_a_boot_that_is_often_at_work_is_let_be(clock: Clock, other: str) -> None:
    assert found(clock, ("idle", 0x110), ("idle", 0x110), (other, 0x10))[0] is None


@pytest.mark.parametrize("factor", [1.0, 6.0, FACTOR, 200.0])
def test_all_patience_with_a_boot_ends_within_half_a_minute(factor: float) -> None:
    patience = while_booting(factor)
    standing = max(patience.stuck, patience.spent)
    assert patience.first + standing + patience.every + patience.panic <= 30
    assert patience.first + patience.idle <= 30
    twice = while_booting(factor, 2.0)
    for name in ("first", "stuck", "idle", "halted", "spent"):
        assert getattr(twice, name) == 2 * getattr(patience, name)


# --- and is told


class Program:
    def poll(self) -> int | None:
        return None

    def wait(self, timeout: float | None = None) -> int:
        raise CommandTimeout(["qemu"], timeout or 0, "")


class NoAgent:
    closed = False
    hello: dict[str, object] | None = None


SOON = Patience(first=0.05, every=0.05, stuck=0.2, idle=0.2, halted=0.1, spent=0.0, panic=0.1)


def silent_guest(text: str, *console: str) -> tuple[Guest, Monitor]:
    guest = Guest(GuestSpec(), Path("/run"), 1.0, 1.0)
    monitor = Monitor(text)
    guest.attach(cast("Any", Program()), cast("Any", NoAgent()), cast("Any", monitor))
    for line in console:
        guest.life.hear(line)
    return guest, monitor


def test_what_is_no_kernel_ends_long_before_its_time_and_is_asked_for_no_trace() -> None:
    guest, monitor = silent_guest(REGISTERS.replace("{halted}", "1"))
    with pytest.raises(GuestDied, match="nothing can wake its processors") as caught:
        guest.first_answer(time.monotonic(), 60, SOON)
    assert caught.value.kind == "stuck"
    assert "in 0xf05f2" in str(caught.value)
    assert "before the kernel's first line on the console, while it booted" in str(caught.value)
    assert "inject-nmi" not in monitor.commands


def test_a_kernel_that_spoke_is_asked_for_a_trace() -> None:
    text = REGISTERS.replace("HLT=1", "HLT=0").replace("{halted}", "1")
    guest, monitor = silent_guest(text, "[    0.000000] Linux version 6.12")
    with pytest.raises(GuestDied, match="CPU 0 stands in 0xf05f2") as caught:
        guest.first_answer(time.monotonic(), 60, SOON)
    assert "first line" not in str(caught.value)
    assert "inject-nmi" in monitor.commands


def test_one_that_idles_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patchtool.guest.processors.host_works", lambda _threads: False)
    idle = REGISTERS.replace("EFL=00000046", "EFL=00000246").replace("{halted}", "1")
    guest, _ = silent_guest(idle, "[    0.000000] Linux version 6.12")
    with pytest.raises(LostGuest, match="idle for 0 s, and it says nothing: CPU 0 is idle in"):
        guest.first_answer(time.monotonic(), 60, SOON)


def test_one_whose_time_is_up_says_where_it_was() -> None:
    text = REGISTERS.replace("HLT=1", "HLT=0").replace("{halted}", "1")
    guest, _ = silent_guest(text)
    patient = replace(SOON, stuck=60.0, roaming=60.0)
    with pytest.raises(LostGuest, match="did not come up") as caught:
        guest.first_answer(time.monotonic(), 0.3, patient)
    assert "  | CPU 0: kernel, 0xf05f2" in str(caught.value)


def test_a_lockup_that_a_busy_host_made_does_not_end_a_boot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("patchtool.guest.life.GRACE_AFTER_STUCK", 0.0)
    guest, monitor = silent_guest(REGISTERS.replace("HLT=1", "HLT=0").replace("{halted}", "1"))
    guest.life.hear("[   22.1] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [swapper/0:1]")
    with pytest.raises(BootError):
        guest.first_answer(time.monotonic(), 60, SOON)
    assert monitor.commands.count("query-cpus-fast") > 2


# --- what is not booted at all


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (bytes(100_000), BootError, "is no kernel image"),
        (b"\x7fELF" + bytes(0x300), BootError, "is no kernel image"),
        (bytes(0x1FE) + b"\x55\xaa\0\0Hdr", BootError, "is no kernel image"),
        (None, InfraError, "No such file"),
    ],
)
def test_an_image_without_the_boot_protocols_header_starts_no_guest(
    tmp_path: Path, content: bytes | None, kind: type[Exception], said: str
) -> None:
    image = tmp_path / "bzImage"
    if content is not None:
        image.write_bytes(content)
    with (
        pytest.raises(kind, match=said) as caught,
        boot(
            image,
            GuestSpec(),
            root=GuestRoot(tmp_path, "none"),
            accelerator=Accelerator("tcg", 1.0, 6.0),
            folder=tmp_path / "guest",
            settings=Settings(cache=tmp_path / "cache"),
            progress=Silent(),
        ),
    ):
        pass
    assert str(image) in str(caught.value)
    assert not (tmp_path / "guest").exists()
