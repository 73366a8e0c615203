# SPDX-License-Identifier: GPL-2.0-or-later
"""Real guests: they boot, answer, die in every way a kernel can, and never outlive us.

``base_image`` is the image of a kernel without the series.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.core import process
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import BootError, InfraError, LostGuest, UsageError
from patchtool.guest import host_folders, session
from patchtool.guest.session import Guest, GuestDied, GuestError, GuestSpec, Start, boot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from patchtool.build.kernel.image import KernelImage
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot

    Booter = Callable[..., AbstractContextManager[Guest]]


@pytest.fixture
def booter(
    base_image: KernelImage, guest_root: GuestRoot, accelerator: Accelerator, tmp_path: Path
) -> Booter:
    """Boots guests of the base image, each in a folder of its own."""
    count = iter(range(100))

    def start(
        spec: GuestSpec | None = None,
        image: Path = base_image.bzimage,
        how: Start | None = None,
        **named: Any,
    ) -> AbstractContextManager[Guest]:
        settings = Settings(cache=tmp_path / "cache", **named)
        return boot(
            image,
            spec or GuestSpec(memory_mib=512),
            root=guest_root,
            accelerator=accelerator,
            folder=tmp_path / f"guest-{next(count)}",
            settings=settings,
            progress=Silent(),
            start=how or Start(),
            vmlinux=base_image.vmlinux,
        )

    return start


@pytest.fixture(scope="module")
def guest(
    base_image: KernelImage,
    guest_root: GuestRoot,
    accelerator: Accelerator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Guest]:
    """One guest for the tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("guest")
    with boot(
        base_image.bzimage,
        GuestSpec(memory_mib=512, append=("patchtool_test=1",)),
        root=guest_root,
        accelerator=accelerator,
        folder=folder / "run",
        settings=Settings(cache=folder / "cache"),
        progress=Silent(),
    ) as started:
        yield started


def crash(guest: Guest, key: str) -> None:
    """Press a sysrq key; the write may never return."""
    guest.start("write_file", path="/proc/sysrq-trigger", text=key)


# --- a guest that is well


def test_it_answers_and_says_what_it_runs(guest: Guest) -> None:
    assert re.match(r"\d+\.\d+", guest.release)
    assert guest.seconds_to_first_answer > 0
    assert guest.call("exec", argv=["uname", "-r"])["stdout"].strip() == guest.release
    assert "patchtool_test=1" in guest.call("read_file", path="/proc/cmdline")
    assert guest.alive


def test_nothing_of_the_hosts_files_is_visible_or_writable(guest: Guest, tmp_path: Path) -> None:
    """An untrusted kernel must not be able to read the user's files."""
    assert guest.call("list_dir", path="/home") == []
    assert guest.call("exists", path=str(Path.home() / ".profile")) is False
    assert guest.call("exists", path=str(tmp_path)) is False
    mounts = guest.call("read_file", path="/proc/mounts").splitlines()
    shared = {line.split()[1] for line in mounts if line.split()[2] in ("9p", "virtiofs")}
    assert shared <= {"/", "/run/patchtool"}
    for path in ("/file", "/run/patchtool/file"):
        with pytest.raises(GuestError) as caught:
            guest.call("write_file", path=path, text="x")
        assert caught.value.errno == 30  # EROFS


def test_a_9p_export_cannot_be_made_writable_from_inside(guest: Guest) -> None:
    remount = guest.call("exec", argv=["mount", "-o", "remount,rw", "/run/patchtool"])
    assert remount["status"] in (0, 1, 32, 255)
    with pytest.raises(GuestError):
        guest.call("write_file", path="/run/patchtool/file", text="x")


def test_counters_log_and_configuration_can_be_read(guest: Guest) -> None:
    counters = guest.call("vmstat")
    assert counters["pgfault"] > 0
    assert guest.call("meminfo")["MemTotal"] > 300_000
    lines = guest.dmesg()
    assert any("Linux version" in line.text for line in lines)
    assert [line.sequence for line in lines] == sorted(line.sequence for line in lines)
    assert guest.dmesg(after=lines[-1].sequence) == ()


def test_a_complaint_is_attributed_to_what_was_done_after_the_cursor(guest: Guest) -> None:
    before = guest.cursor()
    assert guest.splats(before) == ()
    text = "<4>BUG: Bad page state in process test  pfn:12345\n"
    guest.call("write_file", path="/dev/kmsg", text=text)
    (splat,) = guest.splats(before)
    assert splat.title == "BUG: Bad page state in process test  pfn:12345"
    assert guest.splats(guest.cursor()) == ()


def test_the_balloon_is_driven_through_qmp(guest: Guest) -> None:
    target = (512 - 64) << 20
    guest.qmp("balloon", value=target)
    deadline = time.monotonic() + 60
    while guest.qmp("query-balloon")["actual"] != target:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert guest.qmp_events("BALLOON_CHANGE")
    guest.qmp("balloon", value=512 << 20)


def test_qemu_refusing_a_command_is_told_in_its_words(guest: Guest) -> None:
    with pytest.raises(InfraError, match="no-such-command"):
        guest.qmp("no-such-command")
    assert guest.qmp("query-status")["status"] == "running"


@pytest.mark.quiet
def test_a_long_operation_does_not_block_others(guest: Guest) -> None:
    slow = guest.start("exec", argv=["sleep", "2"])
    begin = time.monotonic()
    guest.call("ping")
    assert not slow.done
    assert time.monotonic() - begin < 2
    assert slow.result()["status"] == 0


def test_counters_are_sampled_inside_while_work_goes_on(guest: Guest) -> None:
    guest.sample_start(0.1)
    guest.call("exec", argv=["sh", "-c", "dd if=/dev/zero of=/run/x bs=1M count=8; rm /run/x"])
    time.sleep(0.5)
    samples = guest.sample_stop()
    assert len(samples.seconds) == len(samples.values) > 2
    assert "pgfault" in samples.names


def test_a_workload_object_lives_in_the_guest(guest: Guest) -> None:
    memory = guest.new("FilledMemory", reserve_mib=300)
    assert memory.get("pages") > 0
    assert memory.call("summary")["pages"] > 0
    memory.call("release")
    memory.drop()
    with pytest.raises(GuestError) as caught:
        memory.call("summary")
    assert caught.value.kind == "KeyError"


@pytest.mark.quiet
def test_an_operation_that_takes_too_long_says_what_it_waits_in(guest: Guest) -> None:
    with pytest.raises(LostGuest, match=r"no answer to exec .* answers other questions"):
        guest.call("exec", timeout=0.2, argv=["sleep", "8"])
    assert guest.alive


# --- machines


def test_two_nodes_and_memory_that_can_go_offline(booter: Booter) -> None:
    with booter(GuestSpec(memory_mib=512, cpus=2, nodes=2)) as guest:
        nodes = guest.call("list_dir", path="/sys/devices/system/node")
        assert {"node0", "node1"} <= set(nodes)


def test_three_guests_at_once_do_not_collide(booter: Booter) -> None:
    releases: list[str] = []
    together = threading.Barrier(3, timeout=300)

    def run() -> None:
        with booter(GuestSpec(memory_mib=256, cpus=1)) as guest:
            together.wait()  # all three live now
            releases.append(guest.call("exec", argv=["uname", "-r"])["stdout"])

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(releases) == 3
    assert len(set(releases)) == 1


# --- every way to die


def test_a_panic_in_a_test_is_named_with_the_consoles_last_lines(booter: Booter) -> None:
    with booter() as guest:
        crash(guest, "c")
        with pytest.raises(GuestDied, match="kernel panic: sysrq triggered crash") as caught:
            guest.call("exec", argv=["sleep", "60"])
        assert caught.value.kind == "panic"
        assert any("Kernel panic" in line for line in caught.value.tail)
        with pytest.raises(GuestDied):
            guest.qmp("query-balloon")
        assert not guest.alive


def test_a_panic_at_boot_is_named(booter: Booter) -> None:
    spec = GuestSpec(memory_mib=512, append=("rootfstype=nosuchfs",))
    with pytest.raises(GuestDied, match="Unable to mount root") as caught, booter(spec):
        pass
    assert caught.value.kind == "panic"


def test_running_out_of_memory_is_named(booter: Booter) -> None:
    # A program that is not to be killed takes it all; so the agent goes.
    eat = "python3 -ISE -c 'x = [bytearray(1 << 20) for _ in range(4096)]'"
    shell = f"echo -1000 > /proc/self/oom_score_adj; exec {eat}"
    with booter(GuestSpec(memory_mib=256)) as guest:
        with pytest.raises(GuestDied) as caught:
            guest.call("exec", argv=["sh", "-c", shell])
        assert caught.value.kind == "out of memory"


def test_powering_off_by_itself_is_named(booter: Booter) -> None:
    with booter() as guest:
        guest.start("exec", argv=["poweroff", "-f"])
        with pytest.raises(GuestDied, match="powered off by itself") as caught:
            guest.call("exec", argv=["sleep", "60"])
        assert caught.value.kind == "power off"


@pytest.mark.parametrize("start", [Start(), Start("initramfs")], ids=lambda start: start.how)
def test_an_agent_that_ends_powers_the_guest_off(booter: Booter, start: Start) -> None:
    """What sees it is another init on either start; the other deaths are the kernel's."""
    with booter(how=start) as guest:
        with pytest.raises(GuestDied) as caught:
            guest.call("exec", argv=["killall", "-9", "python3"])
        assert caught.value.kind == "power off"


def test_a_reset_without_a_word_is_a_triple_fault(booter: Booter) -> None:
    with booter() as guest:
        guest.call("write_file", path="/proc/sys/kernel/printk", text="0 0 0 0")
        crash(guest, "b")
        with pytest.raises(GuestDied) as caught:
            guest.call("exec", argv=["sleep", "60"])
        assert caught.value.kind in ("reset", "reboot")


def test_an_image_that_is_no_kernel_is_told(booter: Booter, tmp_path: Path) -> None:
    """QEMU ran it, and it was waited for as long as a boot may take."""
    image = tmp_path / "bzImage"
    image.write_bytes(b"\x00" * 100_000)
    begin = time.monotonic()
    with pytest.raises(BootError, match="bzImage: is no kernel image"), booter(image=image):
        pass
    assert time.monotonic() - begin < 2


@pytest.mark.quiet
def test_a_hang_at_boot_is_told_in_time(booter: Booter, accelerator: Accelerator) -> None:
    """The kernel waits for a root that never comes, and says nothing more."""
    spec = GuestSpec(memory_mib=512, append=("rootwait", "rootfstype=ext4", "root=/dev/none"))
    begin = time.monotonic()
    with pytest.raises(LostGuest, match="while it booted") as caught, booter(spec):
        pass
    # It comes as far in two seconds where the factor is 24.
    assert time.monotonic() - begin < 32 + accelerator.factor / 4
    said = str(caught.value)
    assert "its processors idle for 24 s" in said
    assert "CPU 0 is idle in default_idle, CPU 1 is idle in default_idle" in said
    assert "  | [" in said


@pytest.mark.quiet
def test_a_guest_that_stands_still_is_lost_not_waited_for_for_ever(booter: Booter) -> None:
    with booter() as guest:
        guest.qmp("stop")
        with pytest.raises(LostGuest, match="answers nothing"):
            guest.call("exec", timeout=0.3, argv=["true"])
        with pytest.raises(LostGuest):
            guest.call("ping")


def test_qemu_that_is_killed_is_infrastructure(booter: Booter) -> None:
    with booter() as guest:
        os.kill(qemu_of(guest), signal.SIGKILL)
        with pytest.raises(LostGuest, match="QEMU ended"):
            guest.call("exec", argv=["sleep", "60"])


def test_a_command_line_that_cannot_be_is_refused_before_anything_runs(booter: Booter) -> None:
    with pytest.raises(UsageError), booter(GuestSpec(cpus=1, nodes=4)):
        pass


# --- nothing is left


def qemu_of(guest: Guest) -> int:
    """Process id of the QEMU below a guest's guard."""
    for pid in descendants(guest.life._running.pid):
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
        if name.startswith("qemu-system"):
            return pid
    raise AssertionError("no QEMU")


def descendants(top: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found = [pid for pid, parent in parents.items() if parent == top]
    for pid in list(found):
        found += descendants(pid)
    return found


def test_leaving_the_block_ends_qemu_and_takes_the_sockets_away(booter: Booter) -> None:
    """It looked at everybody's folders, and failed beside other guests."""
    with booter() as guest:
        qemu = qemu_of(guest)
        words = Path(f"/proc/{qemu}/cmdline").read_bytes().decode().split("\0")
        (path,) = [word.partition("path=")[2] for word in words if "id=patchtool-agent," in word]
        folder = Path(path.partition(",")[0]).parent
        assert folder.name.startswith(host_folders.PREFIX)
        assert folder.is_dir()
    assert not Path(f"/proc/{qemu}").exists()
    assert not folder.exists()


def test_a_killed_patchtool_takes_its_guest_along(
    base_image: KernelImage, guest_root: GuestRoot, tmp_path: Path
) -> None:
    program = f"""
import time
from pathlib import Path
from patchtool.guest.accel import Accelerator
from patchtool.guest.root import GuestRoot
from patchtool.guest.session import GuestSpec, boot
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings

root = GuestRoot(Path({str(guest_root.path)!r}), {guest_root.digest!r})
here = Path({str(tmp_path)!r})
with boot(Path({str(base_image.bzimage)!r}), GuestSpec(memory_mib=256, cpus=1), root=root,
          accelerator=Accelerator("tcg", 1.0, 10.0), folder=here / "run",
          settings=Settings(cache=here / "cache"), progress=Silent()) as guest:
    print("up", guest.life._running.pid, flush=True)
    time.sleep(600)
"""
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    said: list[str] = []
    argv = [sys.executable, str(script)]
    env = {"PYTHONPATH": str(Path(session.__file__).parents[2])}
    with process.start(argv, cwd=tmp_path, env=env, on_line=said.append) as running:
        deadline = time.monotonic() + 300
        while not said and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert said, running.text()
        assert said[0].startswith("up "), running.text()
        guard = int(said[0].split()[1])
        family = [guard, *descendants(guard)]
        assert len(family) >= 3
        (child,) = [pid for pid in descendants(running.pid) if guard in descendants(pid)][:1]
        os.kill(child, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{pid}").exists() for pid in family):
            assert time.monotonic() < deadline, "the guest outlives patchtool"
            time.sleep(0.1)


def test_sockets_of_killed_runs_are_swept_away(monkeypatch: pytest.MonkeyPatch) -> None:
    base = host_folders._base()
    left = base / f"{host_folders.PREFIX}killed-by-a-test"
    left.mkdir(mode=0o700)
    (left / "agent").touch()
    os.utime(left, (1, 1))
    with host_folders.socket_folder() as mine:
        assert not left.exists()
        assert len(str(mine / "agent")) <= host_folders.MAX_SOCKET_PATH
        monkeypatch.setattr(host_folders, "FRESH", -1.0)
        with host_folders.socket_folder():
            assert mine.exists()  # it is locked
    assert not mine.exists()


def test_a_long_runtime_folder_is_not_used_for_sockets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    with host_folders.socket_folder() as mine:
        assert len(str(mine / "agent")) <= host_folders.MAX_SOCKET_PATH
