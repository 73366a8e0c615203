# SPDX-License-Identifier: GPL-2.0-or-later
"""Real kernels for the end-to-end tests: the bundled series on Debian's packaged sources."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchtool.core import settings
from patchtool.core.progress import Lines, Silent
from patchtool.core.store import Store
from patchtool.errors import InfraError
from patchtool.guest import accel
from patchtool.guest.root import ensure_root
from patchtool.intake.load import Reference
from patchtool.run.pipeline import Walk
from patchtool.run.request import Request
from patchtool.run.stages import Stages
from patchtool.tree.repository import ensure_tree

if TYPE_CHECKING:
    from patchtool.build.kernel.image import KernelImage
    from patchtool.guest.accel import Accelerator
    from patchtool.guest.root import GuestRoot

SERIES = "balloon-counters"


def packaged(release: str) -> Path:
    """The packaged source of a release; a person's machine may lack it, CI may not."""
    path = Path(f"/usr/src/linux-source-{release}.tar.xz")
    if not path.is_file() and not os.environ.get("CI"):
        pytest.skip(f"the package linux-source-{release} is not installed")
    return path


@pytest.fixture(scope="session")
def source_6_12() -> Path:
    return packaged("6.12")


@pytest.fixture(scope="session")
def source_6_1() -> Path:
    return packaged("6.1")


@pytest.fixture(scope="session")
def tree_5_10() -> str:
    """What ``--tree`` calls it; fetched from the distribution's packages when it is not there."""
    spec = "bullseye:linux-source-5.10"
    try:
        ensure_tree(spec, settings.load(), Lines(interval=60))
    except InfraError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    return spec


@pytest.fixture(scope="session")
def accelerator() -> Accelerator:
    return accel.probe(settings.load(), Silent())


@pytest.fixture(scope="session")
def guest_root() -> GuestRoot:
    chosen = settings.load()
    return ensure_root(chosen, Store(chosen.cache / "store"), Silent())


@pytest.fixture(scope="session")
def images(source_6_12: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, KernelImage]:
    """Every image of the bundled series on 6.12, by label; built now where none is stored."""
    chosen = settings.load()
    folder = tmp_path_factory.mktemp("images")
    request = Request(Reference(SERIES), str(source_6_12), tests=False)
    with ExitStack() as stack:
        walk = Walk(request, chosen, Stages(Lines(interval=60)), folder, stack)
        walk.run()
    return {label: record.image for label, record in walk.builds.items() if record.image}


@pytest.fixture(scope="session")
def base_image(images: dict[str, KernelImage]) -> KernelImage:
    return images["base"]


@pytest.fixture(scope="session")
def patched_image(images: dict[str, KernelImage]) -> KernelImage:
    return images["5/5"]
