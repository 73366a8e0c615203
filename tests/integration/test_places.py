# SPDX-License-Identifier: GPL-2.0-or-later
"""Trials side by side: each place has a worktree and object trees of its own."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from patchtool.build.kernel.workshop import Workshop
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.core.store import Store, file_digest
from patchtool.errors import InfraError
from patchtool.intake.load import Reference
from patchtool.run.pipeline import Walk
from patchtool.run.plan import Kind, trials_of
from patchtool.run.request import Request
from patchtool.run.run_trial import run_trial
from patchtool.run.stages import Stages
from patchtool.run.workplace import Source, Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.run.trial import Trial, TrialRecord
    from tests.lib.bench import Bench


@pytest.fixture
def walked(bench: Bench, tmp_path: Path) -> tuple[Walk, tuple[Trial, ...]]:
    """A series that was applied and is to be built; its trials."""
    bench.series()
    conf = Settings(
        cache=bench.folder / "cache", data=bench.folder / "data", state=bench.folder / "state"
    )
    request = Request(Reference(str(bench.folder / "series")), str(bench.tree), tests=False)
    with ExitStack() as stack:
        walk = Walk(request, conf, Stages(Silent()), tmp_path, stack)
        walk.run(Kind.KCONFIG)
    return walk, trials_of(request, walk.state)


def place(walk: Walk, number: int, cache: Path, stack: ExitStack) -> Workplace:
    """A numbered place that finds nothing in its store."""
    assert walk.tree is not None
    assert walk.runtime is not None
    assert walk.state.toolchain is not None
    source = Source(walk.tree, walk.settings, Silent(), stack, number)
    workshop = Workshop(walk.state.toolchain, walk.runtime, Store(cache), walk.settings, Silent())
    return Workplace(source, workshop, walk.folder / str(number))


def test_places_build_side_by_side_and_alike(
    walked: tuple[Walk, tuple[Trial, ...]], tmp_path: Path
) -> None:
    walk, trials = walked
    wanted = [trial for trial in trials if trial.linked][:3]
    found: dict[int, list[TrialRecord]] = {}

    def work(number: int) -> None:
        with ExitStack() as stack:
            here = place(walk, number, tmp_path / f"store-{number}", stack)
            order = wanted if number == 1 else wanted[::-1]
            found[number] = [run_trial(trial, here) for trial in order]

    threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one, two = found[1], found[2][::-1]
    assert [record.fault for record in (*one, *two)] == [None] * 6
    for first, second in zip(one, two, strict=True):
        assert first.image is not None
        assert second.image is not None
        assert not first.stored
        assert not second.stored, "each built its own"
        assert file_digest(first.image.bzimage) == file_digest(second.image.bzimage)
    names = {path.name for path in (walk.settings.cache / "src").iterdir() if path.is_dir()}
    assert {f"{walk.tree.key}-1", f"{walk.tree.key}-2"} <= names if walk.tree else False


def test_a_trial_of_another_toolchain_says_nothing_about_the_series(
    walked: tuple[Walk, tuple[Trial, ...]], tmp_path: Path
) -> None:
    walk, trials = walked
    with ExitStack() as stack:
        here = place(walk, 1, tmp_path / "store", stack)
        with pytest.raises(InfraError, match="is to be built with toolchain 111111111111"):
            run_trial(replace(trials[0], toolchain="1" * 64), here)


def test_what_does_not_compile_is_the_fault_of_the_series(
    walked: tuple[Walk, tuple[Trial, ...]], tmp_path: Path, bench: Bench
) -> None:
    """It is part of the result, so that other trials go on."""
    walk, trials = walked
    path = bench.tree / "mm/compaction.c"
    path.write_text(path.read_text() + "int broken(\n")
    bench.git("commit", "-qam", "mm: broken")
    commit, tree = (bench.git("rev-parse", rev).strip() for rev in ("HEAD", "HEAD^{tree}"))
    base = replace(trials[0].base, commit=commit, tree=tree)
    with ExitStack() as stack:
        here = place(walk, 1, tmp_path / "store", stack)
        record = run_trial(replace(trials[0], base=base, commit=commit, tree=tree), here)
    assert record.image is None
    assert record.config is not None
    assert record.fault is not None
    assert record.fault.kind == "build"
    assert "mm/compaction.c" in record.fault.message
