# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel sources that a distribution packages: ``bullseye:linux-source-5.10`` names one."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import process, programs
from patchtool.core.debian import TIMEOUT, download, explained
from patchtool.tree.importing import import_tree, known_as, remember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.tree.imported import ImportedTree

_SPEC = re.compile(r"([a-z][a-z-]*):(linux-source-[0-9.]+)\Z")


@dataclass(frozen=True, slots=True)
class Package:
    """A source package of a distribution.

    Attributes:
        suite: The release it is in: ``bullseye``.
        name: ``linux-source-5.10``.
    """

    suite: str
    name: str

    def __str__(self) -> str:
        return f"{self.suite}:{self.name}"

    @property
    def digest(self) -> str:
        """What the tree that was made of it is remembered by."""
        return hashlib.sha256(str(self).encode()).hexdigest()


def package_of(spec: str) -> Package | None:
    """The package that *spec* names, or None when it is not of that form."""
    found = _SPEC.match(spec)
    return Package(found[1], found[2]) if found else None


def find_package(package: Package, settings: Settings) -> ImportedTree | None:
    """The tree that was made of it, or None. Newer versions of it are not asked for."""
    return known_as(package.digest, settings)


def import_package(
    package: Package, settings: Settings, progress: Progress, name: str | None = None
) -> ImportedTree:
    """The tree of a package: fetched and imported now, if that was not done before.

    The package is only unpacked, and nothing is installed.

    Args:
        package: Which.
        settings: The settings in force.
        progress: Told how far it is.
        name: What to call the tree; see :func:`patchtool.tree.importing.import_tree`.

    Raises:
        InfraError: It cannot be fetched.
        ToolMissing: mmdebstrap is not installed.
        DiskFull: No space for it.
    """
    known = find_package(package, settings)
    if known is not None and name in (None, known.name):
        return known
    programs.require("mmdebstrap")
    settings.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.cache, prefix=".package.") as work:
        source = _fetched(package, Path(work), progress)
        tree = import_tree(source, settings, progress, name, said=str(package))
    remember(tree, package.digest, settings, progress)
    return tree


def _fetched(package: Package, work: Path, progress: Progress) -> Path:
    hint = (
        f"check that apt can reach a mirror with {package.suite}, and that it has "
        f"{package.name}; or name a source tarball, folder or git tree"
    )
    with explained(f"{package} could not be fetched", work, hint):
        tar = download(
            package.suite,
            [package.name],
            work,
            lambda line: progress.update(f"{package}: {line}"),
            "--variant=extract",
        )
        unpack: Sequence[str | Path] = [
            *("tar", "--extract", "--file", tar, "--directory", work, "--no-same-owner"),
            *("--wildcards", f"./usr/src/{package.name}.tar.*"),
        ]
        process.run(unpack, cwd=work, timeout=TIMEOUT)
    return next((work / "usr/src").glob(f"{package.name}.tar.*"))
