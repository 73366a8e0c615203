# SPDX-License-Identifier: GPL-2.0-or-later
"""The plan of a run: its steps, what each depends on, and what each is stored under. Pure.

A plan follows from the request and from what is known so far. `apply-and-test --plan` prints
it, `apply-and-test` walks it and plans again after each step, since a step may tell what the
later ones are: which images there are is known when the series was applied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from patchtool.build.kconfig.variants import variants_of
from patchtool.build.kernel import image, touched
from patchtool.core.store import digest
from patchtool.run.request import SMOKE
from patchtool.run.run_state import apply_key, symbols_key
from patchtool.run.trial import Tests, Trial

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.run.request import Request
    from patchtool.run.run_state import RunState

ELF = "elf"


class Kind(StrEnum):
    """What a step does."""

    SERIES = "series"
    TREE = "tree"
    APPLY = "apply"
    TOOLCHAIN = "toolchain"
    KCONFIG = "kconfig"
    BUILD = "build"
    ELF = ELF
    GUEST = "guest"
    TEST = "test"
    TRACE = "trace"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run.

    Attributes:
        name: What the report calls it, such as ``build 1/4``.
        kind: What it does.
        about: On what, for people.
        after: Names of the steps without whose good end it cannot be done.
        key: The stage and the key that its result is stored under; None where nothing is
            stored, or where it is not known yet.
        trial: What it builds or tests; None where that is not known yet.
    """

    name: str
    kind: Kind
    about: str = ""
    after: tuple[str, ...] = ()
    key: tuple[str, str] | None = None
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of a run, in an order in which they can be done."""

    steps: tuple[Step, ...]

    def next(self, done: Collection[str], failed: Collection[str]) -> Step | None:
        """The next step that is not done, and that no failed one stands in the way of."""
        blocked = set(failed)
        for step in self.steps:
            if blocked.intersection(step.after):
                blocked.add(step.name)
            elif step.name not in done:
                return step
        return None

    def upto(self, kind: Kind) -> Plan:
        """The steps up to the last of a kind."""
        last = max(place for place, step in enumerate(self.steps) if step.kind is kind)
        return Plan(self.steps[: last + 1])


def trials_of(request: Request, state: RunState) -> tuple[Trial, ...]:
    """The trials of a run: base, each patch, and the whole series in its other variants.

    Args:
        request: What was asked for.
        state: What is known; without symbols there are no trials yet.
    """
    series, applied, symbols = state.series, state.applied, state.symbols
    if series is None or state.base is None or applied is None or symbols is None:
        return ()
    on, *others = variants_of(symbols, series.title)
    count = len(applied.patches)
    first = Trial(
        label="base",
        base=state.base,
        series=series,
        upto=None,
        commit=state.base.commit,
        tree=state.base.tree,
        variant=on,
        complete=not count,
        toolchain=state.toolchain.digest if state.toolchain else "",
        guest=state.guest,
    )
    trials = [first]
    for place, patch in enumerate(applied.patches, 1):
        assert patch.commit
        assert patch.tree
        trials.append(
            replace(
                first,
                label=f"{patch.number}/{count}",
                upto=patch.number,
                commit=patch.commit,
                tree=patch.tree,
                complete=place == count,
            )
        )
    tip = trials[-1]
    if request.quick:
        trials = [tip]
    else:
        trials += [
            replace(tip, label=other.name, variant=other, linked=request.all_variants)
            for other in others
        ]
    return tuple(replace(trial, tests=_tests(request, state, trial, tip)) for trial in trials)


def _tests(request: Request, state: RunState, trial: Trial, tip: Trial) -> Tests | None:
    """What is run on an image: all on the whole series and the base, else that it boots."""
    assert state.series is not None
    if not request.tests or not trial.linked:
        return None
    modules = request.module_names(state.series)
    if trial.label == tip.label:
        return Tests(modules, runs=request.runs, all_of_them=request.all_tests)
    if trial.upto is None:
        return Tests(modules, all_of_them=request.all_tests) if request.control else None
    return Tests((SMOKE,), runs=request.runs)


def plan(request: Request, state: RunState) -> Plan:
    """The steps of a run.

    Args:
        request: What was asked for.
        state: What earlier steps gave, or what the store has of them.
    """
    series = state.series
    count = "patches" if series is None else f"{len(series.patches)} patches"
    title = request.series.text if series is None else f"{series.title} (v{series.revision})"
    at = request.tree
    if state.base is not None:
        at += f", base {state.base.name} ({state.base.commit[:12]}, {state.base.chosen_by})"
    applied = symbols = None
    if series is not None and state.base is not None:
        applied = ("apply", apply_key(series, state.base))
        symbols = ("symbols", symbols_key(series, state.base))
    chain = state.toolchain
    about = request.toolchain or "as the tree's era names it"
    if chain is not None:
        about = f"{chain.name}, {chain.describe()}"
    steps = [
        Step("series", Kind.SERIES, title),
        Step("tree", Kind.TREE, at, ("series",)),
        Step("apply", Kind.APPLY, count, ("tree",), applied),
        Step("toolchain", Kind.TOOLCHAIN, about, ("tree",)),
        Step("kconfig", Kind.KCONFIG, "what the series asks for", ("apply",), symbols),
    ]
    trials = trials_of(request, state)
    if trials:
        steps += _of_trials(state, trials)
    else:
        steps += _unknown(request, state)
    return Plan(tuple(steps))


def _of_trials(state: RunState, trials: Sequence[Trial]) -> Iterator[Step]:
    tip = next(trial for trial in trials if trial.complete)
    built = f"build {tip.label}"
    for trial in trials:
        yield Step(
            f"build {trial.label}",
            Kind.BUILD,
            f"{trial.commit[:12]}, {trial.variant.name}{'' if trial.linked else ', compiled only'}",
            ("toolchain", "kconfig"),
            _build_key(state, trial),
            trial.build_alone,
        )
    if trials[0].upto is None:
        yield Step(
            "elf", Kind.ELF, "vmlinux, base against patched", ("build base", built),
            _elf_key(state, trials[0], tip),
        )  # fmt: skip
    tests = [trial for trial in trials if trial.tests is not None]
    if not tests:
        return
    yield Step("guest", Kind.GUEST, "accelerator and root file system", ("toolchain", built))
    tests.sort(key=lambda trial: (trial.label == tip.label, trial.upto is None))
    for trial in tests:
        assert trial.tests is not None
        key = state.tests.get(trial.label)
        runs = f"; {trial.tests.runs} runs of what races" if trial.tests.runs > 1 else ""
        yield Step(
            f"test {trial.label}",
            Kind.TEST,
            ", ".join(trial.tests.modules) + runs,
            ("guest", f"build {trial.label}"),
            ("tests", key) if key else None,
            trial,
        )
    if any(trial.upto is not None and not trial.complete for trial in trials):
        yield Step(
            "trace", Kind.TRACE, "tests that fail, on the images of earlier patches",
            (f"test {tip.label}",),
        )  # fmt: skip


def _unknown(request: Request, state: RunState) -> Iterator[Step]:
    """What is to come, while the images are not known."""
    count = f"{len(state.series.patches)} " if state.series else ""
    what = "the whole series" if request.quick else f"base, {count}patches, other variants"
    yield Step("build", Kind.BUILD, what, ("toolchain", "kconfig"))
    if not request.quick:
        yield Step("elf", Kind.ELF, "vmlinux, base against patched", ("build",))
    if request.tests:
        names = ", ".join(request.module_names(state.series)) if state.series else "its modules"
        yield Step("guest", Kind.GUEST, "accelerator and root file system", ("build",))
        yield Step("test", Kind.TEST, names, ("guest",))


def _build_key(state: RunState, trial: Trial) -> tuple[str, str] | None:
    config = state.configs.get(trial.label)
    if config is None or state.toolchain is None:
        return None
    if trial.linked:
        return image.STAGE, image.image_key(trial.tree, config, state.toolchain)
    return touched.STAGE, touched.compiled_key(trial.tree, config, state.toolchain)


def _elf_key(state: RunState, base: Trial, tip: Trial) -> tuple[str, str] | None:
    before, after = state.configs.get(base.label), state.configs.get(tip.label)
    if before is None or after is None or state.toolchain is None:
        return None
    return ELF, elf_key(base.tree, before, tip.tree, after, state.toolchain.digest)


def elf_key(base: str, before: KernelConfig, tip: str, after: KernelConfig, toolchain: str) -> str:
    """What the comparison of two vmlinux files is stored under."""
    return digest("elf 2", base, before.digest, tip, after.digest, toolchain)
