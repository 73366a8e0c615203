# SPDX-License-Identifier: GPL-2.0-or-later
"""Other releases than 6.12: configured, and what a series touches is compiled there.

Each costs a tenth of a kernel. With ``--eras`` whole kernels of them are built, booted and tested.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import load
from patchtool.intake.load import Reference, load_series
from patchtool.run.pipeline import Walk
from patchtool.run.plan import Kind, trials_of
from patchtool.run.request import Request
from patchtool.run.run_trial import run_trial
from patchtool.run.stages import Stages
from tests.lib.main_job import report_of, start

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.build.kernel.touched import Compiled

SERIES = "balloon-counters"


def compiled(spec: str, applied: str, folder: Path) -> tuple[str, Compiled]:
    """Configure a tree for the series *applied*, and compile there what SERIES touches.

    Returns:
        The era's name, and what was compiled.
    """
    settings = load()
    request = Request(Reference(applied), spec, tests=False, quick=True)
    with ExitStack() as stack:
        walk = Walk(request, settings, Stages(Silent()), folder, stack)
        walk.run(Kind.KCONFIG)
        workplace = walk.workplace
        whole = next(trial for trial in trials_of(request, walk.state) if trial.complete)
        touching = load_series(Reference(SERIES), settings, Silent())
        record = run_trial(replace(whole, series=touching, linked=False), workplace)
    assert record.fault is None, record.fault
    assert record.config is not None
    assert record.compiled is not None
    assert "CONFIG_BALLOON_COMPACTION=y" in record.config.text
    if not record.stored:
        log = workplace.log(whole).read_text().splitlines()
        for path in ("mm/balloon_compaction.o", "mm/vmstat.o", "drivers/virtio/virtio_balloon.o"):
            assert any(line.split()[-1:] == [path] for line in log), path
    assert workplace.toolchain.needs is not None
    return workplace.toolchain.needs.era.name, record.compiled


def test_6_1_compiles_what_the_series_touches(source_6_1: Path, tmp_path: Path) -> None:
    era, done = compiled(str(source_6_1), SERIES, tmp_path)
    assert era == "movable-operations"
    assert {"mm/", "drivers/virtio/"} <= set(done.folders)
    assert not done.warnings


def test_5_10_compiles_what_moves_its_balloon_pages(tree_5_10: str, tmp_path: Path) -> None:
    """The era of address_space operations, as it is: the series does not apply there."""
    era, done = compiled(tree_5_10, "balloon-merged", tmp_path)
    assert era == "address-space-operations"
    assert {"mm/", "drivers/virtio/"} <= set(done.folders)


@pytest.mark.era
def test_6_1_gives_a_first_answer(source_6_1: Path, tmp_path: Path) -> None:
    """The whole series alone is built there, and boots."""
    out = tmp_path / "out"
    words = ("--quick", "--module", "test_boot.py", "--out", str(out))
    process = start(SERIES, "--tree", str(source_6_1), *words)
    said, _ = process.communicate(timeout=5000)
    assert process.returncode == 0, said[-6000:]
    report = report_of(out)
    (image,) = report["images"]
    assert report["base"]["release"]["version"].startswith("6.1.")
    assert image["label"] == "5/5"
    assert report["patched"]["tests"]
    assert {row["outcome"] for row in report["patched"]["tests"]} == {"passed"}
    assert len(report["left_out"]) == 2


@pytest.mark.era
def test_5_10_moves_balloon_pages_as_it_is(tree_5_10: str, tmp_path: Path) -> None:
    """The era of address_space operations: nothing is applied, and the same tests pass."""
    out = tmp_path / "out"
    process = start("balloon-merged", "--tree", tree_5_10, "--out", str(out))
    said, _ = process.communicate(timeout=5000)
    assert process.returncode == 0, said[-6000:]
    report = report_of(out)
    assert report["base"]["release"]["version"].startswith("5.10.")
    assert [image["label"] for image in report["images"]] == ["base"]
    passed = {row["nodeid"] for row in report["patched"]["tests"] if row["outcome"] == "passed"}
    assert any("test_balloon_pages_move" in nodeid for nodeid in passed), said[-6000:]
