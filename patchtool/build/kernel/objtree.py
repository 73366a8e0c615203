# SPDX-License-Identifier: GPL-2.0-or-later
"""Object trees and ccache: what survives between builds.

An object tree is made, cleaned and changed only inside the container: the untrusted build
can put links into it, which nothing on the host must follow. On the host it has a
companion, ``state.json``, that the container does not see.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from patchtool.build.container.detect import Mount
from patchtool.build.kernel.warnings import CompilerWarning  # noqa: TC001 (pydantic reads it)
from patchtool.core.durable import write_atomic
from patchtool.core.locks import held
from patchtool.core.store import digest, slug
from patchtool.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.build.kernel.workshop import Workshop
    from patchtool.build.toolchain.toolchain import Toolchain


class ObjectState(BaseModel):
    """What is known about an object tree.

    Attributes:
        warnings: Target -> the warnings its last compilation gave.
        built: A build has ended in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    warnings: dict[str, tuple[CompilerWarning, ...]] = {}
    built: bool = False


@dataclass(frozen=True, slots=True)
class ObjectTree:
    """One object tree on this machine, held by this process.

    Attributes:
        folder: Its folder; ``tree`` in it is the container's ``/obj``.
        ccache: The compiler cache, shared by all object trees.
        toolchain: What it is built with.
    """

    folder: Path
    ccache: Path
    toolchain: Toolchain

    @property
    def tree(self) -> Path:
        """What the container sees as ``/obj``."""
        return self.folder / "tree"

    def state(self) -> ObjectState:
        """What is known about it."""
        try:
            return ObjectState.model_validate_json((self.folder / "state.json").read_bytes())
        except (OSError, ValidationError):
            return ObjectState()

    def save(self, state: ObjectState) -> None:
        """Write down what is known about it."""
        write_atomic(self.folder / "state.json", state.model_dump_json())

    def full_steps(self) -> int | None:
        """Steps the last build from nothing took, in any object tree; None when unknown."""
        try:
            return int((self.folder.parent / "steps").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def remember_steps(self, steps: int) -> None:
        """Write down how many steps a build from nothing took."""
        write_atomic(self.folder.parent / "steps", f"{steps}\n")

    def environment(self) -> dict[str, str]:
        """Ccache's settings; paths and compiler are constant, so the sloppiness is safe."""
        return {
            "LANG": "C",  # plain quotes in what gcc says
            "CCACHE_DIR": "/ccache",
            "CCACHE_DEPEND": "1",
            "CCACHE_COMPILERCHECK": f"string:{self.toolchain.digest}",
            "CCACHE_COMPRESSLEVEL": "1",
            "CCACHE_MAXSIZE": "5G",
            "CCACHE_SLOPPINESS": "include_file_mtime,include_file_ctime",
        }

    def mounts(self, srctree: Path, given: Path, out: Path) -> tuple[Mount, ...]:
        """Source, objects, cache, what make is given, and where results go."""
        return (
            Mount(srctree, "/src"),
            Mount(self.tree, "/obj", writable=True),
            Mount(self.ccache, "/ccache", writable=True),
            Mount(given, "/in"),
            Mount(out, "/out", writable=True),
        )


@contextmanager
def object_tree(name: str, workshop: Workshop) -> Iterator[ObjectTree]:
    """Hold the object tree *name*; waits, and says so, while another run holds it.

    A tree that was built with another toolchain is another tree.
    """
    toolchain, settings = workshop.toolchain, workshop.settings
    key = f"{slug(name, 'tree', also='._-', longest=40)}-{digest(name, toolchain.digest)[:12]}"
    what = f"the object tree {name}"
    with held(workshop.store.lock(f"obj-{key}"), what, workshop.progress):
        found = ObjectTree(settings.cache / "obj" / key, settings.cache / "ccache", toolchain)
        if found.tree.exists() and not (found.folder / "state.json").is_file():
            shutil.rmtree(found.tree)  # its warnings are unknown; ccache has its objects
        for leftover in found.folder.glob(".make.*"):  # of a run that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        workshop.runtime.give(found.tree)
        workshop.runtime.give(found.ccache)
        if not (found.folder / "state.json").is_file():
            found.save(ObjectState())
        yield found


def read_result(path: Path, limit: int) -> bytes | None:
    """Read a file the container wrote; None when it wrote none.

    Raises:
        BuildError: It is a link, a device, or larger than *limit* bytes.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BuildError(
            f"the build left something odd as {path.name}: {error.strerror}"
        ) from error
    with os.fdopen(handle, "rb") as stream:
        kind = os.fstat(stream.fileno())
        if not stat.S_ISREG(kind.st_mode) or kind.st_nlink > 1 or kind.st_size > limit:
            raise BuildError(f"the build left something odd as {path.name}: not a plain file")
        return stream.read(limit)
