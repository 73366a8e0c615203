# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that starts from an initramfs answers and behaves as one that starts with 9p."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import pytest

from patchtool.core import data
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings, load
from patchtool.core.store import file_digest
from patchtool.errors import UsageError
from patchtool.guest.root import HOST_ROOT
from patchtool.guest.session import Guest, GuestError, GuestSpec, Start, boot
from patchtool.intake.load import Reference, load_series
from patchtool.testing import features, roles
from patchtool.testing.pytest_run import run_tests
from patchtool.testing.records import Outcome
from patchtool.testing.test_plan import (
    SeriesCounters,
    TestPlan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from patchtool.build.kernel.image import KernelImage
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot

    Booter = Callable[..., AbstractContextManager[Guest]]

MODULES = ("test_boot.py", "test_mainline_counters.py")


@pytest.fixture(scope="module")
def booter(
    base_image: KernelImage,
    guest_root: GuestRoot,
    accelerator: Accelerator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Booter:
    """Boots guests of the base image; by an initramfs if nothing else is asked for."""
    work = tmp_path_factory.mktemp("guests")
    count = iter(range(100))

    def start(
        spec: GuestSpec | None = None,
        how: Start | None = None,
        root: GuestRoot = guest_root,
    ) -> AbstractContextManager[Guest]:
        return boot(
            base_image.bzimage,
            spec or GuestSpec(memory_mib=512),
            root=root,
            accelerator=accelerator,
            folder=work / f"guest-{next(count)}",
            settings=Settings(cache=work / "cache"),
            progress=Silent(),
            start=how or Start("initramfs"),
        )

    return start


@pytest.fixture(scope="module")
def started(booter: Booter) -> Iterator[tuple[Guest, int]]:
    """A guest, and the memory in KiB that tests could have when it had just started."""
    with booter(how=Start("initramfs", append=("patchtool_era=1",))) as guest:
        yield guest, available(guest)


@pytest.fixture(scope="module")
def guest(started: tuple[Guest, int]) -> Guest:
    """One guest for the tests that leave it as it was."""
    return started[0]


def available(guest: Guest) -> int:
    """The memory in KiB that tests can have.

    What a test has just freed is not in it for some seconds, so the guest must be a fresh one.
    """
    return cast("int", guest.call("meminfo")["MemAvailable"])


def answers(guest: Guest) -> dict[str, object]:
    """What a guest says to questions whose answer does not hang on how it was started."""
    kmsg = any("Linux version" in line.text for line in guest.dmesg())
    return {
        "release": guest.release,
        "uname": guest.call("exec", argv=["uname", "-r"])["stdout"],
        "status": guest.call("exec", argv=["sh", "-c", "echo in; echo out >&2; exit 3"]),
        "counters": sorted(guest.call("vmstat")),
        "kmsg": kmsg,
        "nodes": guest.call("list_dir", path="/sys/devices/system/node"),
        "debugfs": guest.call("list_dir", path="/sys/kernel/debug"),
        "vm": guest.call("list_dir", path="/proc/sys/vm"),
        "user": guest.call("exec", argv=["id", "-u"])["stdout"],
        "shm": guest.call("exists", path="/dev/shm"),
    }


@pytest.fixture(scope="module")
def with_9p(booter: Booter) -> tuple[int, dict[str, object]]:
    """Of a guest that starts with 9p: the memory that tests can have, in KiB, and its answers."""
    with booter(how=Start()) as other:
        return available(other), answers(other)


def test_it_answers_as_one_with_9p_does(
    guest: Guest, with_9p: tuple[int, dict[str, object]]
) -> None:
    assert answers(guest) == with_9p[1]


def test_nothing_is_mounted_from_the_host(guest: Guest) -> None:
    mounts = guest.call("read_file", path="/proc/mounts")
    assert not {"9p", "virtiofs"} & {line.split()[2] for line in mounts.splitlines()}
    assert guest.call("list_dir", path="/home") == []


def test_the_eras_kernel_parameters_reach_it(guest: Guest) -> None:
    assert "patchtool_era=1" in guest.call("read_file", path="/proc/cmdline").split()


def test_workloads_run_and_their_errors_are_told(guest: Guest) -> None:
    memory = guest.new("FilledMemory", reserve_mib=300)
    assert memory.call("summary")["pages"] > 0
    memory.call("release")
    memory.drop()
    with pytest.raises(GuestError) as caught:
        memory.call("summary")
    assert caught.value.kind == "KeyError"
    assert "Traceback" in caught.value.trace


def test_it_has_nearly_the_memory_of_one_with_9p(
    started: tuple[Guest, int], with_9p: tuple[int, dict[str, object]]
) -> None:
    """All of an initramfs is memory that tests do not have."""
    assert started[1] > with_9p[0] - (32 << 10)


def test_the_balloon_is_driven_through_qmp(guest: Guest) -> None:
    target = (512 - 64) << 20
    guest.qmp("balloon", value=target)
    deadline = time.monotonic() + 60
    while guest.qmp("query-balloon")["actual"] != target:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    guest.qmp("balloon", value=512 << 20)


def test_two_nodes(booter: Booter) -> None:
    with booter(GuestSpec(memory_mib=512, cpus=2, nodes=2)) as guest:
        nodes = guest.call("list_dir", path="/sys/devices/system/node")
        assert {"node0", "node1"} <= set(nodes)


def test_the_hosts_root_cannot_be_had_so(booter: Booter) -> None:
    with pytest.raises(UsageError, match="initramfs"), booter(root=HOST_ROOT):
        pass


def test_the_same_tests_give_the_same_verdicts(
    patched_image: KernelImage, guest_root: GuestRoot, accelerator: Accelerator, tmp_path: Path
) -> None:
    """The balloon is inflated, compacted and deflated on either start."""
    settings = load()
    series = load_series(Reference("balloon-counters"), settings, Silent())
    assert series.manifest is not None
    counters = series.manifest.counters
    verdicts = []
    for how in ("virtme-ng", "initramfs"):
        plan = TestPlan(
            label="patched",
            bzimage=patched_image.bzimage,
            image_digest=file_digest(patched_image.bzimage),
            root=guest_root,
            accelerator=accelerator,
            start=Start(how),
            features=features.promise(patched_image.config_path.read_text("utf-8"), series),
            series=SeriesCounters(
                counters=counters.adds,
                invariants=counters.invariants,
                roles=roles.of_counters(counters),
            ),
            settings=settings,
            record=tmp_path / f"{how}.jsonl",
            folder=tmp_path / how,
        )
        modules = [data.guest_tests() / name for name in MODULES]
        run = run_tests(plan, modules, Silent())
        verdicts.append({test.nodeid: test.outcome for test in run.tests})
    assert verdicts[0] == verdicts[1]
    assert set(verdicts[1].values()) == {Outcome.PASSED}
