# SPDX-License-Identifier: GPL-2.0-or-later
"""The image kernels are built in: made once, pinned by what is inside it.

The recipe is data (``kernel/containers/*.toml``). The image comes from a registry's base
image when the settings name a registry that answers, else from the distribution's packages
by ``mmdebstrap``, through the host's own package sources when the host runs that suite.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from patchtool import data, process
from patchtool.apt import host_sources
from patchtool.build.eras import Needs  # noqa: TC001 (pydantic reads it)
from patchtool.errors import CommandError, CommandTimeout, DiskFull, InfraError
from patchtool.store import VALUE, digest, write_atomic

if TYPE_CHECKING:
    from patchtool.build.container import Runtime
    from patchtool.progress import Progress
    from patchtool.settings import Settings
    from patchtool.store import Store

STAGE = "toolchain"
#: Seconds the making of the image may take: it downloads some 100 MB.
TIMEOUT = 1800.0
#: What is inside an image: the compiler, then each package.
INVENTORY = "gcc --version | head -n1; dpkg-query -W -f '${Package} ${Version}\\n'"
_GCC = re.compile(r"\)\s+([0-9]+)\.")
#: Parts of packages that no build reads.
UNREAD = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")


class Recipe(BaseModel):
    """A ``kernel/containers/*.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]+$")
    distribution: str
    suite: str = Field(pattern=r"^[a-z]+$")
    image: str
    packages: tuple[str, ...] = Field(min_length=1)


class Toolchain(BaseModel):
    """An image that is there.

    Attributes:
        image: What the container runtime knows it by (its id).
        name: The recipe's name.
        digest: Hash over the recipe and the versions of all packages inside.
        gcc: First line of ``gcc --version``.
        packages: ``name version`` of each package inside.
        origin: Where it came from, for people.
        needs: What the tree it is used on needs; None before a tree is chosen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    name: str
    digest: str
    gcc: str
    packages: tuple[str, ...]
    origin: str
    needs: Needs | None = None

    @property
    def gcc_major(self) -> int:
        """The 12 of ``gcc (Debian 12.2.0-14) 12.2.0``."""
        found = _GCC.search(self.gcc)
        assert found is not None
        return int(found[1])

    def describe(self) -> str:
        """The compiler, and what the tree needs of it, for people."""
        if self.needs is None or not self.needs.fixups:
            return self.gcc
        return f"{self.gcc} with {', '.join(fixup.name for fixup in self.needs.fixups)}"

    def suited(self, needs: Needs) -> Toolchain:
        """The same, as a tree with these needs uses it: what it builds is stored apart."""
        key = digest(self.digest, needs.key) if needs.key else self.digest
        return self.model_copy(update={"needs": needs, "digest": key})


def read_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ManifestError: It has mistakes.
    """
    return data.read(data.kernel() / "containers" / f"{name}.toml", Recipe)


def find_toolchain(
    runtime: Runtime, settings: Settings, store: Store, name: str = "bookworm"
) -> Toolchain | None:
    """The toolchain image, or None while it is not made."""
    recipe = read_recipe(name)
    return _stored(runtime, store, _key(runtime, settings, recipe))


def _key(runtime: Runtime, settings: Settings, recipe: Recipe) -> str:
    return digest(recipe.model_dump(), settings.registry, runtime.program, runtime.rootless)


def ensure_toolchain(
    runtime: Runtime,
    settings: Settings,
    store: Store,
    progress: Progress,
    name: str = "bookworm",
) -> Toolchain:
    """The toolchain image, made now when it is not there yet.

    Raises:
        DiskFull: No space for it.
        InfraError: It could not be made; the log is named.
        ToolMissing: mmdebstrap is needed and not installed.
    """
    recipe = read_recipe(name)
    key = _key(runtime, settings, recipe)
    with store.locked(f"{STAGE}-{key[:16]}"):
        found = _stored(runtime, store, key)
        if found:
            return found
        with store.put(STAGE, key) as folder:
            tag = f"localhost/patchtool-{recipe.name}:{key[:12]}"
            image, origin = _make(runtime, recipe, tag, settings, folder / "make.log", progress)
            progress.update(f"looking into the {recipe.name} image")
            done = runtime.run(image, ["sh", "-c", INVENTORY], timeout=120, capture=True)
            lines = done.stdout.decode().splitlines()
            made = Toolchain(
                image=image,
                name=recipe.name,
                digest=digest(recipe.model_dump(), lines),
                gcc=lines[0],
                packages=tuple(lines[1:]),
                origin=origin,
            )
            write_atomic(folder / VALUE, made.model_dump_json(indent=1))
            return made


def _stored(runtime: Runtime, store: Store, key: str) -> Toolchain | None:
    folder = store.get(STAGE, key)
    if folder is None:
        return None
    try:
        found = Toolchain.model_validate_json((folder / VALUE).read_bytes())
    except ValidationError:
        return None
    return found if runtime.has_image(found.image) else None


def _make(
    runtime: Runtime, recipe: Recipe, tag: str, settings: Settings, log: Path, progress: Progress
) -> tuple[str, str]:
    """Image id, and where it came from."""
    if settings.registry:
        base = f"{settings.registry.rstrip('/')}/{recipe.image}"
        progress.update(f"pulling {base}")
        try:
            return _from_registry(runtime, recipe, base, tag, log), base
        except (CommandError, CommandTimeout) as error:
            lines = error.tail.strip().splitlines()
            reason = lines[-1] if lines else "no answer"
            progress.note(f"{base}: {reason}; making the image from packages instead")
    return _from_packages(runtime, recipe, tag, settings, log, progress), f"{recipe.suite} packages"


def _from_registry(runtime: Runtime, recipe: Recipe, base: str, tag: str, log: Path) -> str:
    runtime.call("pull", base, timeout=TIMEOUT, network=True, log=log)
    words = ["build", "--tag", tag, "--build-arg", f"BASE={base}"]
    words += ["--build-arg", f"PACKAGES={' '.join(recipe.packages)}"]
    if runtime.program == "podman":
        words += ["--isolation", "chroot", "--format", "docker"]
    containerfile = data.kernel() / "containers" / "Containerfile"
    words += ["--file", str(containerfile), str(containerfile.parent)]
    runtime.call(*words, timeout=TIMEOUT, network=True, log=log)
    image = runtime.has_image(tag)
    if image is None:
        raise InfraError(f"{runtime.program} built {tag}, but does not know it", hint=f"see {log}")
    return image


def _from_packages(
    runtime: Runtime,
    recipe: Recipe,
    tag: str,
    settings: Settings,
    log: Path,
    progress: Progress,
) -> str:
    settings.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.cache, prefix=".toolchain.") as name:
        folder = Path(name)
        tar = folder / "image.tar"
        argv: list[str | Path] = ["mmdebstrap", "--variant=essential", "--format=tar"]
        argv += [
            "--dpkgopt=force-unsafe-io",
            *(f"--dpkgopt=path-exclude={path}" for path in UNREAD),
        ]
        argv += [f"--include={','.join(recipe.packages)}", recipe.suite, tar]
        for ending, text in host_sources(recipe.suite).items():
            file = folder / f"host{ending}"
            file.write_text(text, encoding="utf-8")
            argv.append(file)
        try:
            process.run(
                argv,
                cwd=folder,
                timeout=TIMEOUT,
                network=True,
                log=log,
                on_line=lambda line: progress.update(line.removeprefix("I: ")),
            )
            progress.update(f"importing the {recipe.name} image")
            return runtime.import_image(tar, tag, TIMEOUT)
        except CommandError as error:
            if "No space left on device" in error.tail:
                raise DiskFull(str(settings.cache)) from error
            raise InfraError(
                f"the {recipe.name} image could not be made: {error}",
                hint=f"check that apt can reach a mirror with {recipe.suite}, or set `registry`",
            ) from error
