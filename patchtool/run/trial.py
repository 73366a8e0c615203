# SPDX-License-Identifier: GPL-2.0-or-later
"""A trial, and what came of it: a commit with patches on top, built, booted and tested.

Values only; :mod:`patchtool.run.run_trial` is what tries them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from patchtool.build.kconfig.variants import KernelConfig, Variant
    from patchtool.build.kernel.image import KernelImage
    from patchtool.build.kernel.touched import Compiled
    from patchtool.series.model import Series
    from patchtool.testing.records import TestRun
    from patchtool.tree.base.choose import Base

#: What differs between two messages about the same mistake: lines move from patch to patch.
_PLACES = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class GuestNeeds:
    """The guest a trial's tests get where they ask for no other.

    Attributes:
        memory_mib: Its memory, MiB.
        cpus: Its processors.
    """

    memory_mib: int = 1024
    cpus: int = 2


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests of a trial.

    Attributes:
        modules: Names of the test modules.
        only: Node ids; these tests alone, of the same modules.
        runs: How often a test that measures figures that race is run.
        all_of_them: None is left out as others showed already what it would.
        stands: What was recorded of this attempt stands, also that a test failed. Else a run in
            which one failed is made again.
    """

    __test__: ClassVar[bool] = False

    modules: tuple[str, ...]
    only: tuple[str, ...] = ()
    runs: int = 1
    all_of_them: bool = False
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: all that must be the same wherever it is tried.

    Attributes:
        label: What it is to its run: ``base``, ``1/4``, ``off``. Results do not hang on it.
        base: The commit of the tree that the patches go on.
        series: The series the patches are of.
        upto: Number of the newest patch on top; None for the base alone.
        commit: The commit with them, as :mod:`patchtool.tree.apply` makes it anywhere.
        tree: Hash of its content.
        variant: How to configure it.
        complete: The whole series is in it; the base, when the series is merged. Else symbols
            that the series adds are left out while the tree does not know them.
        linked: Build an image. Else only the folders that the series touches are compiled.
        toolchain: Digest of what it is built with; empty while that is not known.
        guest: The guest for its tests.
        tests: What is run on the image; None to build alone.
        attempt: Which of several independent tries of the same it is, from 1.
    """

    label: str
    base: Base
    series: Series
    upto: int | None
    commit: str
    tree: str
    variant: Variant
    complete: bool
    linked: bool = True
    toolchain: str = ""
    guest: GuestNeeds = field(default_factory=GuestNeeds)
    tests: Tests | None = None
    attempt: int = 1

    @property
    def name(self) -> str:
        """Its label, for the names of files."""
        return self.label.replace("/", "-of-")

    @property
    def build_alone(self) -> Trial:
        """The same without tests."""
        return replace(self, tests=None)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a trial of the series ended early: the series is at fault.

    Attributes:
        kind: The step that ended it.
        message: What happened, for people.
    """

    kind: Literal["kconfig", "build", "boot"]
    message: str

    def same_as(self, other: Fault) -> bool:
        """Whether it is the same mistake, seen with another patch."""
        return self.kind == other.kind and self._plain == other._plain

    @property
    def _plain(self) -> str:
        return _PLACES.sub("", self.message.partition(": ")[2])


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """What came of a trial.

    Attributes:
        trial: What was tried.
        config: Its configuration; None where make made none.
        image: Its image; None where it was not linked.
        compiled: What was compiled of it; None where it was linked.
        tests: What was run on it.
        fault: What ended it early.
        stored: Nothing was built: an earlier run had done so.
    """

    trial: Trial
    config: KernelConfig | None = None
    image: KernelImage | None = None
    compiled: Compiled | None = None
    tests: TestRun | None = None
    fault: Fault | None = None
    stored: bool = False
