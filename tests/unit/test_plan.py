# SPDX-License-Identifier: GPL-2.0-or-later
"""The plan of a run: its steps, what they hang on, and where their results are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from patchtool.build.kconfig.symbols import SeriesSymbols
from patchtool.build.kconfig.variants import KernelConfig
from patchtool.build.kernel.image import image_key
from patchtool.build.toolchain.toolchain import Toolchain
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from patchtool.run.plan import Kind, plan, trials_of
from patchtool.run.request import SMOKE, Request
from patchtool.run.run_state import RunState
from patchtool.run.trial import Fault
from patchtool.tree.apply import AppliedPatch, AppliedSeries, Outcome
from patchtool.tree.base.choose import Base
from patchtool.tree.release import KernelRelease

if TYPE_CHECKING:
    from patchtool.series.model import Series

SERIES = "balloon-counters"
BASE = Base("b" * 40, "0" * 40, KernelRelease("6.12.1"), "v6.12.1", "its base-commit")
TOOLCHAIN = Toolchain(
    image="i",
    name="bookworm",
    digest="d" * 64,
    version="gcc (Debian) 12.2.0",
    packages=(),
    origin="",
)


@pytest.fixture(scope="module")
def series() -> Series:
    return load_series(Reference(SERIES), Settings(), Silent())


def request(**more: object) -> Request:
    return replace(Request(Reference(SERIES), "linux"), **more)  # type: ignore[arg-type]


def applied(series: Series, *, patches: int = 5, options: tuple[str, ...] = ("X",)) -> RunState:
    """What is known when the series was applied."""
    done = tuple(
        AppliedPatch(n, f"patch {n}", Outcome.CLEAN, f"{n}" * 40, f"{n + 1}" * 40)
        for n in range(1, patches + 1)
    )
    symbols = SeriesSymbols(options=options, added=(), uses=())
    return RunState(series, BASE, AppliedSeries(BASE, BASE.tree, done), symbols, TOOLCHAIN)


def names(of: Request, what: RunState) -> list[str]:
    return [step.name for step in plan(of, what).steps]


def test_before_anything_is_known_each_kind_of_step_is_there() -> None:
    steps = plan(request(), RunState()).steps
    kinds = [step.kind for step in steps]
    assert kinds == [kind for kind in Kind if kind in kinds], "in the order in which they run"
    assert set(Kind) - set(kinds) == {Kind.TRACE}
    assert not any(step.key for step in steps)


def test_the_whole_run_builds_all_then_tests_the_series_last(series: Series) -> None:
    assert names(request(), applied(series)) == [
        *("series", "tree", "apply", "toolchain", "kconfig"),
        *("build base", "build 1/5", "build 2/5", "build 3/5", "build 4/5", "build 5/5"),
        *("build off", "elf", "guest"),
        *("test 1/5", "test 2/5", "test 3/5", "test 4/5", "test base", "test 5/5", "trace"),
    ]


def test_each_step_names_only_earlier_ones(series: Series) -> None:
    for of in (request(), request(quick=True), request(all_variants=True)):
        seen: set[str] = set()
        for step in plan(of, applied(series)).steps:
            assert set(step.after) <= seen, step.name
            seen.add(step.name)


@pytest.mark.parametrize(
    ("more", "there", "gone"),
    [
        ({"quick": True}, {"build 5/5", "test 5/5"}, {"build base", "elf", "test base", "trace"}),
        ({"tests": False}, {"build off", "elf"}, {"guest", "test 5/5", "trace"}),
        ({"control": False}, {"test 1/5", "build base"}, {"test base"}),
        ({"all_variants": True}, {"test off"}, set()),
    ],
)
def test_what_is_asked_for_decides_the_steps(
    series: Series, more: dict[str, bool], there: set[str], gone: set[str]
) -> None:
    found = set(names(request(**more), applied(series)))
    assert there <= found
    assert not gone & found


def test_a_merged_series_is_its_base(series: Series) -> None:
    found = names(request(), applied(series, patches=0, options=()))
    assert [name for name in found if name.startswith(("build", "test"))] == [
        "build base",
        "test base",
    ]


def test_a_failed_build_stands_in_the_way_of_what_needs_it_alone(series: Series) -> None:
    whole = plan(request(), applied(series))
    done = {step.name for step in whole.steps[:5]} | {"build base", "build 1/5", "build 2/5"}
    done.add("build 3/5")
    following = []
    while step := whole.next(done, {"build 3/5"}):
        following.append(step.name)
        done.add(step.name)
    assert "build 4/5" in following
    assert "test 4/5" in following
    assert "test 3/5" not in following
    assert "elf" in following

    done = {step.name for step in whole.steps[:5]}
    following = []
    while step := whole.next(done, {"build 5/5"}):
        following.append(step.name)
        done.add(step.name)
    assert "build off" in following
    assert not [name for name in following if name.startswith(("elf", "guest", "test"))]


def test_images_are_known_by_content_once_they_are_configured(series: Series) -> None:
    config = KernelConfig(
        variant="on", fragment="", text="CONFIG_X=y\n", digest="c" * 64, asked={}, origins={}
    )
    state = applied(series)
    without = {step.name: step.key for step in plan(request(), state).steps}
    assert without["build 1/5"] is None
    assert without["apply"] is not None
    state = replace(state, configs=dict.fromkeys(("base", "1/5", "5/5", "off"), config))
    keys = {step.name: step.key for step in plan(request(), state).steps}
    assert keys["build 1/5"] == ("image", image_key("2" * 40, config, TOOLCHAIN))
    assert keys["build off"] is not None
    assert keys["build off"][0] == "compiled"
    assert keys["build 2/5"] is None
    assert keys["elf"] is not None
    assert len({key for key in keys.values() if key}) == len([k for k in keys.values() if k])


def test_trials_name_no_place_of_this_machine(series: Series) -> None:
    """Another machine must be able to try the same."""
    trials = trials_of(request(all_variants=True), applied(series))
    assert [trial.label for trial in trials] == ["base", "1/5", "2/5", "3/5", "4/5", "5/5", "off"]
    assert all(trial.toolchain == TOOLCHAIN.digest for trial in trials)
    middle, tip = trials[2], trials[5]
    assert middle.tests is not None
    assert middle.tests.modules == (SMOKE,)
    assert tip.tests is not None
    assert len(tip.tests.modules) > 1
    assert not tip.build_alone.tests


def test_a_plan_ends_with_the_last_step_of_a_kind(series: Series) -> None:
    found = plan(request(), applied(series)).upto(Kind.KCONFIG)
    assert [step.name for step in found.steps][-1] == "kconfig"


def test_the_same_mistake_is_known_again_where_its_lines_have_moved() -> None:
    one = Fault("build", "3/5 does not compile: mm/x.c:12:3: error: expected ';'")
    assert one.same_as(Fault("build", "4/5 does not compile: mm/x.c:19:3: error: expected ';'"))
    assert not one.same_as(Fault("build", "4/5 does not compile: mm/y.c:12:3: error: expected ';'"))
    assert not one.same_as(Fault("kconfig", one.message))
