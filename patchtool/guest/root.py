# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's root folder, made from the distribution's packages: nothing of the host is in it.

Packages are unpacked without running any of their scripts, then completed here: what
virtme-ng's init mounts on, that init itself, busybox under all its names, the standard library
byte-compiled.
Guests only read it, over 9p, so one folder serves any number of them.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from patchtool.core import data, process, programs
from patchtool.core.debian import TIMEOUT, download, explained
from patchtool.core.locks import held
from patchtool.core.store import digest, file_digest
from patchtool.errors import InfraError, ToolMissing
from patchtool.guest.vng import INIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.core.store import Store

#: Goes up when :func:`_complete` changes what it does.
LAYOUT = 1
#: A system with /usr merged: these are links before the first package is unpacked.
MERGED = ("bin", "lib", "lib64", "sbin")
FOLDERS = (
    "dev",
    "etc",
    "home",
    "lib/modules",
    "mnt",
    "proc",
    "root",
    "run",
    "sys",
    "tmp",
    "var/log",
    "var/tmp",
)
#: Files that virtme-ng's init binds others over, and what they hold.
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\ntty:x:5:\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/fstab": "",
    "etc/shadow": "",
    "etc/sudoers": "",
}
#: The recipe of the root that most eras name.
DEFAULT = "bookworm"
#: The package manager's, of no use in a guest; virtme-ng's init would bind its locks.
REMOVED = ("var/lib/dpkg", "var/lib/apt", "var/cache", "etc/apt")


class Recipe(BaseModel):
    """A guest root's ingredients: kernel/guest-root/NAME.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    suite: str = Field(description="the distribution's release")
    packages: tuple[str, ...]
    without: tuple[str, ...] = Field(default=(), description="paths that are not unpacked")


@dataclass(frozen=True, slots=True)
class GuestRoot:
    """A folder that a guest gets as its root, read only.

    Attributes:
        path: The folder.
        digest: What it was made from; ``host`` for the host's own root.
    """

    path: Path
    digest: str


#: The opt-out: the guest sees all files that the user who runs it may read.
HOST_ROOT = GuestRoot(Path("/"), "host")


def virtme_init() -> Path:
    """virtme-ng's compiled init, a static program.

    Raises:
        ToolMissing: virtme-ng is not installed beside patchtool, or without it.
    """
    hint = "pip install 'virtme-ng>=1.42', in the environment that patchtool is in"
    spec = importlib.util.find_spec("virtme")
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        init = Path(place) / "guest" / "bin" / "virtme-ng-init"
        if init.is_file():
            return init
    raise ToolMissing("virtme-ng (with its compiled init)", hint=hint)


def init_in(root: GuestRoot) -> str:
    """Where virtme-ng's init is, as a guest with that root sees it."""
    return str(virtme_init()) if root.path == HOST_ROOT.path else INIT


def read_recipe(name: str) -> Recipe:
    """Read kernel/guest-root/NAME.toml.

    Raises:
        ManifestError: It has mistakes; all are named.
    """
    return data.read(data.kernel() / "guest-root" / f"{name}.toml", Recipe)


def find_root(settings: Settings, name: str | None = None) -> GuestRoot | None:
    """The guest's root of that recipe, or None while it is not made."""
    key, path = _place(settings, read_recipe(name or DEFAULT))
    return GuestRoot(path, key) if path.is_dir() else None


def _place(settings: Settings, recipe: Recipe) -> tuple[str, Path]:
    """The digest of a root, and where it is or would be."""
    key = digest(LAYOUT, recipe.model_dump(), file_digest(virtme_init()))
    return key, settings.cache / "roots" / key[:16]


def ensure_root(
    settings: Settings, store: Store, progress: Progress, name: str = DEFAULT
) -> GuestRoot:
    """The guest's root, made now when it is not there yet (some 15 s; 60 MB).

    Raises:
        ToolMissing: virtme-ng, or mmdebstrap where it is needed, is not installed.
        DiskFull: No space for it.
        InfraError: It could not be made; says why.
    """
    found = find_root(settings, name)
    if found is not None:
        return found
    recipe = read_recipe(name)
    key, path = _place(settings, recipe)
    with held(store.lock(f"guest-root-{key[:16]}"), f"the guest root {name}", progress):
        if path.is_dir():  # another run made it meanwhile
            return GuestRoot(path, key)
        programs.require("mmdebstrap")
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{key[:16]}.*"):  # of a killed run
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{key[:16]}."))
        try:
            made = work / "root"
            _unpack(recipe, work, made, progress)
            _complete(made, progress)
            made.rename(path)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return GuestRoot(path, key)


def _unpack(recipe: Recipe, work: Path, made: Path, progress: Progress) -> None:
    """Fetch the packages and unpack them.

    They come as a tar file and are unpacked by us, as files of the user who runs this.
    """
    links = "; ".join(
        f'mkdir -p "$1/usr/{name}" && ln -s usr/{name} "$1/{name}"' for name in MERGED
    )
    options = ["--variant=extract", f"--setup-hook={links}"]
    if os.geteuid() != 0:
        options.append("--mode=chrootless")  # unpacking needs no rights, and no user name space
    options += [f"--dpkgopt=path-exclude={path}" for path in recipe.without]
    hint = (
        f"check that apt can reach a mirror with {recipe.suite}; --share-host-root does "
        "without a root made from packages"
    )
    made.mkdir()
    with explained("the guest root could not be made", work.parent, hint):
        tar = download(
            recipe.suite,
            recipe.packages,
            work,
            lambda line: progress.update(f"guest root: {line}"),
            *options,
        )
        unpack: Sequence[str | Path] = [
            *("tar", "--extract", "--file", tar, "--directory", made, "--no-same-owner"),
            *("--no-same-permissions", "--exclude=./dev/*"),
        ]
        process.run(unpack, cwd=work, timeout=TIMEOUT)
    tar.unlink()


def _complete(made: Path, progress: Progress) -> None:
    for name in REMOVED:
        shutil.rmtree(made / name, ignore_errors=True)
    for name in FOLDERS:
        (made / name).mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    shutil.copy(virtme_init(), made / INIT.lstrip("/"))
    binaries = made / "usr" / "bin"
    listed = process.run(
        [binaries / "busybox", "--list"], cwd=made, timeout=60, capture=True, record=False
    )
    for applet in listed.stdout.decode().split():
        if not (binaries / applet).exists():
            (binaries / applet).symlink_to("busybox")
    progress.update("guest root: compiling Python's standard library")
    _compile(made)


def _compile(made: Path) -> None:
    """Byte-compile the standard library with the root's own Python, through its own loader."""
    python = next(iter(sorted((made / "usr/bin").glob("python3.*[0-9]"))), None)
    loaders = sorted((made / "usr/lib64").glob("ld-linux-*"))
    libraries = sorted((made / "usr/lib").glob("*-linux-gnu"))
    if python is None or not loaders or not libraries:
        raise InfraError(f"{made}: the packages brought no Python or no C library")
    start: list[str | Path] = [
        loaders[0],
        "--library-path",
        libraries[0],
        python,
        "-ISE",
        "-m",
        "compileall",
        "-q",
    ]
    # The source's time is not compared: 9p makes no promise about it.
    how: list[str | Path] = ["--invalidation-mode", "unchecked-hash", "-s", made, "-p", "/"]
    process.run(
        [*start, *how, made / "usr/lib" / python.name],
        cwd=made,
        timeout=300,
        check=False,  # a file of another release's syntax is compiled, or not, when it is used
        record=False,
    )
