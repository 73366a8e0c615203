# SPDX-License-Identifier: GPL-2.0-or-later
"""The bundle: what another machine needs to repeat a run (``patchtool rerun``).

::

    bundle/
      plan.json        base, settings, versions, and the digest of every other file
      series/NAME/     the mails, and series.toml if there was one
      config/          the Kconfig fragment of each variant
      tests/           the test modules that were run, and their conftest.py

It names no path of the machine it was made on. The kernel tree is not in it: the base is
found again by its commit, or else its tag.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from patchtool.core.durable import write_atomic
from patchtool.core.settings import problems
from patchtool.core.store import file_digest, slug
from patchtool.errors import ManifestError, UsageError
from patchtool.report import series_files
from patchtool.run import record_v1
from patchtool.run.host import Host
from patchtool.tree.base.choose import Base  # noqa: TC001 (pydantic reads it)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchtool.core.settings import Settings
    from patchtool.run.record import RunRecord
    from patchtool.series.model import Series

NAME = "bundle"
PLAN = "plan.json"
#: Settings that change results; the others say where things are and how patient to be.
SETTINGS = ("guest_memory", "guest_cpus", "guest_start", "accelerator", "container")
_ALSO = "_+-"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")


def _inside(value: str) -> str:
    parts = value.split("/")
    if not value or not all(_NAME.match(part) for part in parts):
        raise ValueError("a path inside the bundle is made of plain names joined by /")
    return value


BundlePath = Annotated[str, AfterValidator(_inside)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RerunPlan(BaseModel):
    """``plan.json``: what was run, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[2] = 2
    tool_version: str
    series: BundlePath = Field(description="folder of the series, as load_series takes it")
    revision: int = 1
    tree: str = Field(description="name of the kernel tree")
    base: Base
    variants: dict[str, BundlePath] = Field(
        default_factory=dict, description="fragment file of each Kconfig variant"
    )
    modules: tuple[BundlePath, ...] = Field(default=(), description="test modules, in order")
    settings: dict[str, str | int | float | bool] = Field(default_factory=dict)
    options: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="options of the command line that change results"
    )
    host: Host = Field(default=Host(), description="the machine and versions of that run")
    outcome: str = Field(default="", description="how that run ended")
    exit_code: int = 0
    files: dict[BundlePath, Digest] = Field(description="SHA-256 of every other file")
    folder: Path = Field(default=Path(), exclude=True, description="where the bundle was read")

    @property
    def series_folder(self) -> Path:
        """The series, for load_series."""
        return self.folder / self.series

    @property
    def module_paths(self) -> tuple[Path, ...]:
        """The test modules."""
        return tuple(self.folder / name for name in self.modules)

    def fragment(self, variant: str) -> str:
        """The Kconfig fragment of a variant."""
        return (self.folder / self.variants[variant]).read_text(encoding="utf-8")

    def differences(self, host: Host) -> tuple[str, ...]:
        """What is not as it was, one line each: a figure may differ because of it."""
        rows = []
        for field in ("accelerator", "qemu", "virtme_ng", "toolchain", "compiler", "guest_root"):
            then, now = getattr(self.host, field), getattr(host, field)
            if then and now and then != now:
                rows.append(f"{field.replace('_', ' ')}: {then} then, {now} now")
        return tuple(rows)


def write_bundle(
    folder: Path,
    record: RunRecord,
    series: Series,
    settings: Settings,
    modules: Sequence[Path],
    options: Mapping[str, str | int | float | bool] | None = None,
) -> Path:
    """Write ``bundle/`` into a run directory, in place of an older one; its path.

    Args:
        folder: The run directory.
        record: The run; its base was chosen.
        series: What was tested.
        settings: The settings in force; those in :data:`SETTINGS` are kept.
        modules: The test modules; a conftest.py beside them comes along.
        options: Command line options that change results.
    """
    assert record.base is not None
    target, making = folder / NAME, folder / f".{NAME}.new"
    shutil.rmtree(making, ignore_errors=True)
    where = f"series/{slug(series.name, 'unnamed', also=_ALSO)}"
    for name, content in series_files.series_files(series).items():
        _write(making / where / name, content)
    variants = {}
    for config in record.kconfig:
        variants[config.variant] = f"config/{slug(config.variant, 'unnamed', also=_ALSO)}.config"
        _write(making / variants[config.variant], config.fragment.encode())
    for module in _with_conftest(modules):
        _write(making / "tests" / module.name, module.read_bytes())
    kept = settings.model_dump(mode="json", include=set(SETTINGS))
    made = sorted(path for path in making.rglob("*") if path.is_file())
    plan = RerunPlan(
        tool_version=record.tool_version,
        series=where,
        revision=series.revision,
        tree=Path(record.tree).name,
        base=record.base,
        variants=variants,
        modules=tuple(f"tests/{module.name}" for module in modules),
        settings=kept,
        options=dict(options or {}),
        host=record.host,
        outcome=record.outcome,
        exit_code=record.exit_code,
        files={str(path.relative_to(making)): file_digest(path) for path in made},
    )
    write_atomic(making / PLAN, plan.model_dump_json(indent=1) + "\n")
    shutil.rmtree(target, ignore_errors=True)
    making.rename(target)
    return target


def remove_bundle(folder: Path) -> None:
    """Remove the bundle of an earlier run from a run directory."""
    shutil.rmtree(folder / NAME, ignore_errors=True)


def read_bundle(folder: Path) -> RerunPlan:
    """Read a bundle, given its folder or that of the run.

    Raises:
        UsageError: There is none.
        ManifestError: It has mistakes, or files are missing or were changed; all are named.
    """
    top = folder / NAME if (folder / NAME / PLAN).is_file() else folder
    path = top / PLAN
    if not path.is_file():
        raise UsageError(
            f"{folder}: no bundle in it",
            hint=f"name a run directory that holds {NAME}/, or the bundle itself",
        )
    try:
        plan = _plan(path.read_bytes())
    except ValidationError as error:
        raise ManifestError(path, problems(error)) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ManifestError(path, [f"not a whole plan of version 1: {error!r}"]) from error
    wrong = [line for name, digest in plan.files.items() if (line := _problem(top, name, digest))]
    named = [*plan.variants.values(), *plan.modules]
    wrong += [f"files.{name}: is used but not listed" for name in named if name not in plan.files]
    if not any(name.startswith(f"{plan.series}/") for name in plan.files):
        wrong.append(f"series: no file of {plan.series} is listed")
    if wrong:
        raise ManifestError(path, wrong)
    return plan.model_copy(update={"folder": top.resolve()})


def _plan(text: bytes) -> RerunPlan:
    if record_v1.is_version_1(text):
        return RerunPlan.model_validate(record_v1.rerun_plan(json.loads(text)))
    return RerunPlan.model_validate_json(text)


def _problem(top: Path, name: str, digest: str) -> str:
    path = top / name
    if not path.is_file() or not path.resolve().is_relative_to(top.resolve()):
        return f"files.{name}: does not exist in the bundle"
    return "" if file_digest(path) == digest else f"files.{name}: was changed"


def _with_conftest(modules: Sequence[Path]) -> list[Path]:
    shared = {module.parent / "conftest.py" for module in modules}
    return [*modules, *sorted(path for path in shared if path.is_file())]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
