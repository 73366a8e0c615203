# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that gets stuck or keeps a balloon's pages is found out soon, and told by name.

No kernel is built for it: the code of a good one is changed while it runs.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.guest.session import Guest, GuestDied, GuestSpec, boot
from patchtool.guest.silence import while_booting
from patchtool.testing.pytest_run import run_tests
from patchtool.testing.records import Outcome, TestRun
from patchtool.testing.test_plan import TestPlan
from tests.lib.poked_kernel import SPINS, address_of, keeps_its_balloon, poke, poke_where

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.build.kernel.image import KernelImage
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot

SPEC = GuestSpec(memory_mib=512)
#: What a write to /proc/sys/vm/compact_memory calls.
HANDLER = "sysctl_compaction_handler"
#: What a boot calls before its first program.
BOOTING = "prepare_namespace"
MODULE = """
import pytest

pytestmark = pytest.mark.needs("balloon")

@pytest.mark.parametrize("turn", range(8))
def test_it_comes_and_goes(balloon, turn):
    balloon.resize(16)
    balloon.deflate()
"""


@pytest.mark.quiet
def test_a_processor_that_spins_is_named_within_half_a_minute(
    base_image: KernelImage, guest_root: GuestRoot, accelerator: Accelerator, tmp_path: Path
) -> None:
    """Such a guest was waited for over six minutes, and its end was blamed on the machine."""
    vmlinux = base_image.vmlinux
    with boot(
        base_image.bzimage, SPEC, root=guest_root, accelerator=accelerator,
        folder=tmp_path / "guest", settings=Settings(cache=tmp_path / "cache"),
        progress=Silent(), vmlinux=vmlinux,
    ) as guest:  # fmt: skip
        poke(guest, address_of(vmlinux, HANDLER), SPINS, tmp_path)
        begin = time.monotonic()
        with pytest.raises(GuestDied) as caught:
            guest.call("workload.compact", writers=2, passes=1)
        assert time.monotonic() - begin < 45  # 30 on a machine that does nothing else
        assert caught.value.kind == "stuck"
        assert caught.value.subject == f"the kernel is stuck in {HANDLER}"
        assert f"stands in {HANDLER} (proc_sys_call_handler" in str(caught.value)
        assert "|  vfs_write+" in str(caught.value)
        begin = time.monotonic()
        with pytest.raises(GuestDied):
            guest.call("vmstat")
        assert time.monotonic() - begin < 1


@pytest.mark.quiet
def test_a_boot_that_spins_is_named_within_half_a_minute(
    base_image: KernelImage, guest_root: GuestRoot, accelerator: Accelerator, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """It was waited for as long as a boot may take: twelve minutes where the factor is 24."""
    begin = 0.0
    first_answer = Guest.first_answer

    def poked(guest: Guest, *rest: Any) -> None:
        nonlocal begin
        poke_where(guest, address_of(base_image.vmlinux, BOOTING), SPINS, tmp_path)
        begin = time.monotonic()
        first_answer(guest, *rest)

    monkeypatch.setattr(Guest, "first_answer", poked)
    with (
        pytest.raises(GuestDied) as caught,
        boot(
            base_image.bzimage, SPEC, root=guest_root, accelerator=accelerator,
            folder=tmp_path / "guest", settings=Settings(cache=tmp_path / "cache"),
            progress=Silent(), vmlinux=base_image.vmlinux,
        ),
    ):  # fmt: skip
        pass
    patience = while_booting(accelerator.factor)
    whole = patience.first + max(patience.stuck, patience.spent) + patience.every + patience.panic
    assert time.monotonic() - begin < 2 * whole  # once on a machine that does nothing else
    assert caught.value.kind == "stuck"
    assert BOOTING in caught.value.subject  # and may be what waits for that processor
    said = str(caught.value)
    assert f"stands in {BOOTING} (kernel_init" in said
    assert "while it booted" in said
    assert "Call Trace" in said


def run(folder: Path, conftest: str, **facts: Any) -> TestRun:
    modules = folder / "guest"
    modules.mkdir(parents=True)
    (modules / "test_balloon.py").write_text(MODULE)
    (modules / "conftest.py").write_text(conftest)
    work = folder / "work"
    plan = TestPlan(
        label="base", image_digest=folder.name, record=work / "r.jsonl", folder=work,
        memory_mib=SPEC.memory_mib, features=("balloon",), **facts,
    )  # fmt: skip
    return run_tests(plan, [modules / "test_balloon.py"], Silent())


@pytest.mark.quiet
def test_a_kernel_that_keeps_a_balloons_pages_costs_a_few_short_waits(
    base_image: KernelImage, guest_root: GuestRoot, accelerator: Accelerator, tmp_path: Path
) -> None:
    """Each test waited its full time, twice, in a guest of its own."""
    near = replace(accelerator, factor=min(accelerator.factor, 6.0))  # waits of a usual machine
    facts = {
        "bzimage": base_image.bzimage, "vmlinux": base_image.vmlinux, "root": guest_root,
        "accelerator": near, "settings": Settings(cache=tmp_path / "cache"),
    }  # fmt: skip
    bad = run(tmp_path / "bad", keeps_its_balloon(base_image.vmlinux, tmp_path), **facts)
    assert [test.outcome for test in bad.tests] == [Outcome.FAILED] * 3 + [Outcome.LEFT_OUT] * 5
    assert all("balloon does not shrink" in test.symptoms[0].text for test in bad.failed)
    waits = [test.seconds - test.guest.boot_seconds for test in bad.failed if test.guest]
    assert waits[0] < 6 + 1 + 4  # standing still once, and shortly when the test tidies up
    assert max(waits[1:]) < 2 * 1 + 4
