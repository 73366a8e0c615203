# SPDX-License-Identifier: GPL-2.0-or-later
"""What a build says while make runs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, cast

from patchtool.build.kernel.kbuild import IMAGE, compiled
from patchtool.build.kernel.make import Make
from patchtool.build.kernel.objtree import ObjectTree
from patchtool.build.kernel.workshop import Workshop
from patchtool.build.toolchain.toolchain import Toolchain
from patchtool.core.progress import Lines
from patchtool.core.settings import Settings
from patchtool.core.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from patchtool.build.container.runtime import Runtime


class Printing:
    """A runtime in which make announces two steps."""

    def run(self, *_: object, on_line: Callable[[str], object], **__: Any) -> None:
        for line in ("  CC      init/main.o", "make: nothing", "  LD      vmlinux"):
            on_line(line)


def test_a_step_is_shown_with_the_name_of_the_stage_and_no_second_label(tmp_path: Path) -> None:
    """It was `build base: 1 base: init/main.o`."""
    toolchain = Toolchain(image="i", name="n", digest="d", version="gcc", packages=(), origin="o")
    stream = io.StringIO()
    progress = Lines(stream, interval=0)
    workshop = Workshop(
        toolchain, cast("Runtime", Printing()), Store(tmp_path / "store"),
        Settings(cache=tmp_path), progress,
    )  # fmt: skip
    objects = ObjectTree(tmp_path / "obj" / "tree", tmp_path / "ccache", toolchain)
    objects.folder.mkdir(parents=True)
    make = Make(objects, tmp_path, workshop, tmp_path, tmp_path)
    progress.start("build base")
    compiled(make, "base", tmp_path / "make.log", goals=IMAGE)
    told = stream.getvalue().splitlines()
    assert told == ["build base: started", "build base: 1 init/main.o", "build base: 2 vmlinux"]
