# SPDX-License-Identifier: GPL-2.0-or-later
"""The test modules on a real kernel in a real guest, and the ways such a guest can go wrong."""

from __future__ import annotations

import os
import signal
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.core import data, settings
from patchtool.core.progress import Silent
from patchtool.core.store import Store, file_digest
from patchtool.errors import InfraError
from patchtool.guest import accel
from patchtool.guest.root import ensure_root
from patchtool.intake.load import Reference, load_series
from patchtool.series import manifest
from patchtool.testing import features, record_file, roles
from patchtool.testing.pytest_run import run_tests
from patchtool.testing.test_plan import SeriesCounters, TestPlan

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.build.kernel.image import KernelImage
    from patchtool.testing.records import TestRecord, TestRun

SERIES = "balloon-counters"


@pytest.fixture
def make_plan(patched_image: KernelImage, tmp_path: Path) -> Callable[..., TestPlan]:
    """Makes a plan for the bundled series, whole, on its own image."""
    chosen = settings.load()
    found = accel.probe(chosen, Silent())
    root = ensure_root(chosen, Store(chosen.cache / "store"), Silent())
    series = load_series(Reference(SERIES), chosen, Silent())
    assert series.manifest is not None
    config = patched_image.config_path.read_text(encoding="utf-8")

    def make(**changes: Any) -> TestPlan:
        assert series.manifest is not None
        facts: dict[str, Any] = {
            "label": "patched",
            "bzimage": patched_image.bzimage,
            "image_digest": file_digest(patched_image.bzimage),
            "root": root,
            "accelerator": found,
            "features": features.promise(config, series),
            "series": SeriesCounters(
                counters=series.manifest.counters.adds,
                invariants=series.manifest.counters.invariants,
                roles=roles.of_counters(series.manifest.counters),
            ),
            "settings": chosen,
            "record": tmp_path / "record.jsonl",
            "folder": tmp_path / "work",
        }
        return TestPlan(**{**facts, **changes})

    return make


def write(folder: Path, text: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    module = folder / "test_it.py"
    module.write_text("import os, pytest\n" + textwrap.dedent(text))
    return [module]


def by_name(run: TestRun) -> dict[str, TestRecord]:
    return {test.nodeid.partition("::")[2]: test for test in run.tests}


def test_modules_that_the_series_does_not_name_pass_too(
    make_plan: Callable[..., TestPlan],
) -> None:
    """All others ran in the main job, whose test says so (test_acceptance.py)."""
    named = manifest.load(data.series() / SERIES / "series.toml").tests.modules
    others = [path for path in data.guest_tests().glob("test_*.py") if path.name not in named]
    assert others
    run = run_tests(make_plan(), sorted(others), Silent())
    bad = [
        f"{test.nodeid}: {test.reason}" for test in run.tests if test.outcome in ("failed", "error")
    ]
    assert not bad, "\n\n".join(bad)
    assert run.passed


def test_guest_that_goes_down(make_plan: Callable[..., TestPlan], tmp_path: Path) -> None:
    """Panic, power-off, warning, hang: each is the failure of its test, and the next goes on."""
    modules = write(
        tmp_path / "modules",
        """
        def sysrq(guest, letter):
            guest.call("write_file", path="/proc/sysrq-trigger", text=letter)

        def test_panics(guest):
            sysrq(guest, "c")

        def test_after_panic(balloon):
            balloon.resize(16)

        def test_powers_off(guest):
            sysrq(guest, "o")
            guest.call("exec", argv=["sleep", "5"])
            guest.call("ping")

        def test_hangs(guest):
            guest.call("exec", argv=["sleep", "1000"], timeout=1)

        def test_after_hang(guest):
            assert guest.call("exec", argv=["true"])["status"] == 0
        """,
    )
    tests = by_name(run_tests(make_plan(), modules, Silent()))
    assert {name: (test.outcome.value, test.cause) for name, test in tests.items()} == {
        "test_panics": ("failed", "GuestDied"),
        "test_after_panic": ("passed", ""),
        "test_powers_off": ("failed", "GuestDied"),
        "test_hangs": ("failed", "LostGuest"),
        "test_after_hang": ("passed", ""),
    }
    assert "sysrq" in tests["test_panics"].reason


def test_splat_is_found_in_dmesg(make_plan: Callable[..., TestPlan], tmp_path: Path) -> None:
    """A complaint in the kernel's log fails the test during which it came."""
    modules = write(
        tmp_path / "modules",
        """
        def test_innocent(guest):
            pass

        def test_complains(guest):
            guest.call("write_file", path="/dev/kmsg", text="<4>BUG: sleeping\\n")

        def test_next(guest):
            pass
        """,
    )
    tests = by_name(run_tests(make_plan(), modules, Silent()))
    assert tests["test_innocent"].outcome == "passed"
    assert tests["test_complains"].outcome == "failed"
    assert "BUG: sleeping" in tests["test_complains"].reason
    assert tests["test_next"].guest is not None
    assert tests["test_next"].guest.boot == 2


def test_killed_run_goes_on_and_leaves_no_guest(
    make_plan: Callable[..., TestPlan], tmp_path: Path
) -> None:
    """kill -9 of the test process: QEMU is gone at once, and the same call finishes the run."""
    mark = tmp_path / "mark"
    modules = write(
        tmp_path / "modules",
        f"""
        def test_first(guest):
            pass

        def test_second(guest):
            if not os.path.exists({str(mark)!r}):
                open({str(mark)!r}, "w").close()
                os.kill(os.getpid(), {int(signal.SIGKILL)})
        """,
    )
    with pytest.raises(InfraError, match="did not run to their end"):
        run_tests(make_plan(), modules, Silent())
    assert not qemu_of(tmp_path, seconds=10)
    assert [test.nodeid for test in record_file.load(make_plan().record).tests] == [
        "test_it.py::test_first"
    ]
    assert run_tests(make_plan(), modules, Silent()).passed


def qemu_of(folder: Path, seconds: float) -> list[str]:
    """Processes whose command line names *folder*, that are still there after some seconds."""
    end = time.monotonic() + seconds
    while True:
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(folder) in line and entry.parent.name != str(os.getpid()):
                found.append(line)
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.2)
