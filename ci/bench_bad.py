# SPDX-License-Identifier: GPL-2.0-or-later
"""What a bad verdict costs against a good one: the guest tests of a series on both kernels.

The bad kernel is the good one, with a balloon that grows and never shrinks: its code is changed
while it runs.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import data, settings
from patchtool.core.progress import Lines, Silent
from patchtool.core.store import Store, file_digest
from patchtool.guest.accel import probe
from patchtool.guest.root import ensure_root
from patchtool.intake.load import Reference
from patchtool.run.pipeline import Walk
from patchtool.run.request import Request
from patchtool.run.stages import Stages
from patchtool.testing import features, roles
from patchtool.testing.pytest_run import run_tests
from patchtool.testing.records import Outcome
from patchtool.testing.test_plan import SeriesCounters, TestPlan
from tests.lib.poked_kernel import keeps_its_balloon

if TYPE_CHECKING:
    from collections.abc import Callable

SERIES = "balloon-counters"


def plan_of(source: Path, folder: Path) -> tuple[TestPlan, tuple[str, ...]]:
    """How the whole series is tested, and its modules; it is built where that was not done."""
    chosen, progress = settings.load(), Lines()
    with ExitStack() as stack:
        request = Request(Reference(SERIES), str(source), tests=False, quick=True)
        walk = Walk(request, chosen, Stages(progress), folder, stack)
        walk.run()
        (image,) = [one.image for label, one in walk.builds.items() if label == "5/5" and one.image]
        series = walk.series
    assert series.manifest is not None
    counters = series.manifest.counters
    plan = TestPlan(
        label="5/5",
        bzimage=image.bzimage,
        vmlinux=image.vmlinux,
        image_digest=file_digest(image.bzimage),
        root=ensure_root(chosen, Store(chosen.cache / "store"), progress),
        accelerator=probe(chosen, progress),
        features=features.promise(image.config_path.read_text(encoding="utf-8"), series),
        series=SeriesCounters(
            counters=counters.adds,
            invariants=counters.invariants,
            roles=roles.of_counters(counters),
        ),
        settings=chosen,
        record=folder / "record.jsonl",
        folder=folder / "work",
    )
    return plan, series.manifest.tests.modules


def bench(say: Callable[[str, str, str], None], source: Path) -> None:
    """Run both, and print the ratio of their times."""
    with tempfile.TemporaryDirectory(prefix="patchtool-bench-") as name:
        top = Path(name)
        plan, modules = plan_of(source, top)
        assert plan.vmlinux is not None
        seconds, counts = [], []
        for kind, conftest in (("good", ""), ("bad", keeps_its_balloon(plan.vmlinux, top))):
            folder = top / kind
            shutil.copytree(data.guest_tests(), folder)
            with (folder / "conftest.py").open("a", encoding="utf-8") as stream:
                stream.write(conftest)
            changed = {"record": folder / "record.jsonl", "folder": folder / "work"}
            begin = time.monotonic()
            run = run_tests(
                plan.model_copy(update=changed), [folder / module for module in modules], Silent()
            )
            seconds.append(time.monotonic() - begin)
            outcomes = [test.outcome for test in run.tests]
            counts.append({one: outcomes.count(one) for one in Outcome if one in outcomes})
    good, bad = seconds
    for kind, count in zip(("good", "bad"), counts, strict=True):
        words = ", ".join(f"{number} {outcome.value}" for outcome, number in count.items())
        say(f"tests of the {kind} kernel", words, "")
    say(
        "tests of a bad kernel / of a good one", f"{bad:.0f} / {good:.0f} = {bad / good:.2f}", "2.0"
    )
