# SPDX-License-Identifier: GPL-2.0-or-later
"""What patchtool tells the pytest process about the kernel to be tested: ``plan.json``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (pydantic reads the annotations)
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from patchtool.core.settings import Settings, problems
from patchtool.core.store import digest
from patchtool.errors import ManifestError
from patchtool.guest.accel import Accelerator  # noqa: TC001 (pydantic reads it)
from patchtool.guest.qemu import Start
from patchtool.guest.root import GuestRoot  # noqa: TC001 (as above)
from patchtool.series.figures import Claim  # noqa: TC001 (as above)

#: Seconds a test may take on a machine with KVM, where the longest takes about 3.
TEST_TIMEOUT = 30.0
#: Name of the file in the plan's folder that says how far the tests are.
PROGRESS_FILE = "progress.jsonl"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeriesCounters(_Frozen):
    """What the manifest says that tests use."""

    counters: tuple[str, ...] = Field(default=(), description="vm events the series adds")
    invariants: tuple[str, ...] = Field(default=(), description="hold for every test's deltas")
    roles: dict[str, str] = Field(default_factory=dict, description="see testing.roles")
    claims: tuple[Claim, ...] = ()
    others: tuple[str, ...] = Field(
        default=(), description="further counters that the report asks for"
    )

    @property
    def always_recorded(self) -> tuple[str, ...]:
        """Counters that are recorded even when they did not change."""
        return tuple(dict.fromkeys((*self.counters, *self.others)))


class TestPlan(_Frozen):
    """One run of the test modules: which kernel, which machine, what is promised."""

    __test__: ClassVar[bool] = False

    label: str = Field(description="of the image: base, 1/4, 4/4 on, ...")
    bzimage: Path
    vmlinux: Path | None = Field(
        default=None, description="what it was made of, to name functions by; no result hangs on it"
    )
    image_digest: str = Field(description="content of the image; part of the record's identity")
    root: GuestRoot
    accelerator: Accelerator
    start: Start = Field(default_factory=Start)
    memory_mib: int = Field(default=1024, description="of a guest whose test asks for no other")
    cpus: int = 2
    features: tuple[str, ...] = Field(default=(), description="promised; see testing.features")
    series: SeriesCounters = SeriesCounters()
    settings: Settings
    record: Path = Field(description="the record file, JSON lines")
    folder: Path = Field(description="logs and sockets of the guests, progress, pytest's log")
    commands: Path | None = Field(
        default=None, description="the run's command log, for the command lines of the guests"
    )
    modules: tuple[str, ...] = Field(
        default=(), description="digests of the test modules; if empty run_tests fills them in"
    )
    runs: int = Field(
        default=1, ge=1, description="of each test that repeats; results do not hang on it"
    )
    all_tests: bool = Field(
        default=False, description="leave none out that would show what others showed"
    )
    test_timeout: float = Field(default=TEST_TIMEOUT, gt=0, description="one test, with KVM")

    @property
    def patience(self) -> float:
        """Factor by which times are longer here than with KVM; at least 1."""
        return max(1.0, self.accelerator.factor)

    @property
    def identity(self) -> str:
        """Digest of all that decides results: kernel, machine, promises, test modules.

        What the image is called is no part of it: equal images have equal results.
        """
        return digest(
            self.image_digest,
            self.root.digest,
            self.accelerator.name,
            (self.start.how, self.start.append),
            self.memory_mib,
            self.cpus,
            self.features,
            self.series.model_dump(mode="json"),
            self.modules,
        )


def load(path: Path) -> TestPlan:
    """Read a plan.

    Raises:
        ManifestError: With every mistake and its key path.
    """
    try:
        return TestPlan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ManifestError(path, [str(error)]) from error
    except ValidationError as error:
        raise ManifestError(path, problems(error)) from error
