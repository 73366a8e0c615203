# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of apply-and-test is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.core import data
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from patchtool.intake.load import Reference
    from patchtool.series.model import Series

#: The module that every image is tried with: it boots, and shows the counters it should.
SMOKE = "test_boot.py"


@dataclass(frozen=True, slots=True)
class Request:
    """What ``patchtool apply-and-test`` was asked to do.

    Attributes:
        series: What names the series.
        tree: Name of an imported tree, or path of a git tree, a source folder or a tarball.
        base: Revision to apply the series to; None for what the manifest says.
        tests: Boot the images and run the tests.
        control: Run the tests on the base as well.
        share_host_root: Guests see the host's files instead of a root of their own.
        modules: Folder of the test modules; None for patchtool's own.
        all_variants: Build and boot the variants with the series' option off as well;
            else only what the series touches is compiled in them.
        retest: Run tests again that passed in an earlier run.
        toolchain: Name of the toolchain to build with; None for what the tree's era names.
        all_tests: Leave no test out that would show what others showed.
        runs: How often figures that race are measured.
        quick: Build and test the whole series alone: neither its base, nor each patch, nor its
            other variants.
        only: Names of the test modules to run; empty for all of the series.

    Raises:
        UsageError: There is no module that was asked for.
    """

    series: Reference
    tree: str
    base: str | None = None
    tests: bool = True
    control: bool = True
    share_host_root: bool = False
    modules: Path | None = None
    all_variants: bool = False
    retest: bool = False
    toolchain: str | None = None
    all_tests: bool = False
    runs: int = 1
    quick: bool = False
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse test modules that are not there."""
        self._require(self.only, "--module ")

    def check(self, series: Series) -> None:
        """Refuse a series whose manifest names test modules that are not there.

        Raises:
            UsageError: Names the first.
        """
        if self.tests:
            self._require(self.module_names(series), f"{series.name}: tests.modules: ")

    def _require(self, names: Iterable[str], where: str) -> None:
        there = sorted(path.name for path in self.modules_folder.glob("test_*.py"))
        for name in names:
            if name not in there:
                raise UsageError(
                    f"{where}{name}: no such test module", hint=f"there are {', '.join(there)}"
                )

    @property
    def modules_folder(self) -> Path:
        """Where the test modules are."""
        return self.modules or data.guest_tests()

    def module_names(self, series: Series) -> tuple[str, ...]:
        """The test modules to run, the one that every image is tried with first."""
        named = self.only or (series.manifest.tests.modules if series.manifest else ())
        return tuple(dict.fromkeys((SMOKE, *named)))

    def left_out(self, series: Series) -> tuple[str, ...]:
        """What a run of the whole series would do besides, in words."""
        found = (
            ["the base and what is compared with it, each patch alone, other variants"]
            if self.quick
            else []
        )
        if not self.tests:
            found.append("all tests")
        elif not self.control and not self.quick:
            found.append("the tests on the base")
        if self.tests and self.only:
            whole = replace(self, only=()).module_names(series)
            rest = set(whole).difference(self.module_names(series))
            if rest:
                found.append(f"{len(rest)} of {len(whole)} test modules")
        if series.missing:
            found.insert(0, f"the missing patches ({series.part})")
        return tuple(found)

    def options(self) -> dict[str, str | int | float | bool]:
        """The options that change results, for the bundle; :meth:`repeated` reads them."""
        options: dict[str, str | int | float | bool] = {
            "tests": self.tests,
            "control": self.control,
            "all_variants": self.all_variants,
            "share_host_root": self.share_host_root,
            "all_tests": self.all_tests,
            "runs": self.runs,
            "quick": self.quick,
            "only": " ".join(self.only),
            "partial": self.series.partial,
        }
        if self.toolchain is not None:
            options["toolchain"] = self.toolchain
        return options

    @classmethod
    def repeated(
        cls,
        series: Reference,
        tree: str,
        base: str,
        modules: Path,
        options: Mapping[str, str | int | float | bool],
    ) -> Request:
        """The request of a run whose :meth:`options` a bundle kept."""
        toolchain = options.get("toolchain")
        partial = bool(options.get("partial", False))
        return cls(
            series=replace(series, partial=partial),
            tree=tree,
            base=base,
            tests=bool(options.get("tests", True)),
            control=bool(options.get("control", True)),
            all_variants=bool(options.get("all_variants", False)),
            share_host_root=bool(options.get("share_host_root", False)),
            all_tests=bool(options.get("all_tests", False)),
            runs=int(options.get("runs", 1)),
            quick=bool(options.get("quick", False)),
            only=tuple(str(options.get("only", "")).split()),
            modules=modules,
            toolchain=str(toolchain) if toolchain else None,
        )
