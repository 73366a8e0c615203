# SPDX-License-Identifier: GPL-2.0-or-later
"""The toolchains kernels are built with: container images, pinned by what is inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from patchtool.build.toolchain.compiler import Compiler, read_compiler
from patchtool.build.toolchain.eras import Needs  # noqa: TC001 (pydantic reads it)
from patchtool.build.toolchain.image import inventory, look_into, make_image, pull
from patchtool.build.toolchain.recipe import DEFAULT, REGISTRY, check_name, read_recipe
from patchtool.core.locks import held
from patchtool.core.store import digest, write_value

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.build.container.runtime import Runtime
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.core.store import Store

STAGE = "toolchain"


class Toolchain(BaseModel):
    """An image that is there.

    Attributes:
        image: What the container runtime knows it by (its id).
        name: What ``--toolchain`` calls it.
        digest: Hash over the recipe and the versions of all packages inside, or over the id
            of an image nobody here made.
        version: First line of the compiler's ``--version``.
        packages: ``name version`` of each package inside.
        origin: Where it came from, for people.
        program: The compiler of kernel code.
        make: Words of make's command line that go with it.
        lacks: Programs and headers some kernels need that are not inside.
        needs: What the tree it is used on needs; None before a tree is chosen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    name: str
    digest: str
    version: str = Field(validation_alias=AliasChoices("version", "gcc"))  # gcc: in old stores
    packages: tuple[str, ...]
    origin: str
    program: str = "gcc"
    make: dict[str, str] = Field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    needs: Needs | None = None

    @property
    def compiler(self) -> Compiler:
        """Kind and version of the compiler."""
        return read_compiler(self.version)

    def describe(self) -> str:
        """The compiler, and what the tree needs of it, for people."""
        if self.needs is None or not self.needs.fixups:
            return self.version
        return f"{self.version} with {', '.join(fixup.name for fixup in self.needs.fixups)}"

    def suited(self, needs: Needs) -> Toolchain:
        """The same, as a tree with these needs uses it: what it builds is stored apart."""
        key = digest(self.digest, needs.key) if needs.key else self.digest
        return self.model_copy(update={"needs": needs, "digest": key})


def find_toolchain(
    runtime: Runtime, settings: Settings, store: Store, name: str = DEFAULT
) -> Toolchain | None:
    """The toolchain of that name, or None while its image is not made.

    Raises:
        UsageError: There is none of that name; the known ones are named.
    """
    return _stored(runtime, store, name, _key(runtime, settings, name))


def ensure_toolchain(
    runtime: Runtime,
    settings: Settings,
    store: Store,
    progress: Progress,
    name: str = DEFAULT,
) -> Toolchain:
    """The toolchain of that name; its image is made or pulled now when it is not there yet.

    Raises:
        DiskFull: No space for it.
        InfraError: It could not be made or pulled; the log is named.
        ToolMissing: mmdebstrap is needed and not installed.
        UsageError: There is none of that name, or no kernel can be built in that image.
    """
    key = _key(runtime, settings, name)
    with held(store.lock(f"{STAGE}-{key[:16]}"), f"the toolchain {name}", progress):
        found = _stored(runtime, store, name, key)
        if found:
            return found
        with store.put(STAGE, key) as folder:
            log = folder / "make.log"
            if name.startswith(REGISTRY):
                made = _named(runtime, name, settings, log, progress)
            else:
                made = _from_recipe(runtime, name, digest(key, store.root), settings, log, progress)
            write_value(folder, made)
            return made


def _key(runtime: Runtime, settings: Settings, name: str) -> str:
    if check_name(name).startswith(REGISTRY):
        return digest(name, runtime.program, runtime.rootless)
    recipe = read_recipe(name)
    return digest(recipe.content, settings.registry, runtime.program, runtime.rootless)


def _stored(runtime: Runtime, store: Store, name: str, key: str) -> Toolchain | None:
    found = store.read(STAGE, key, Toolchain)
    if found is None:
        return None
    # A registry's name may mean another image since; one of ours is known by its id alone.
    known = name.removeprefix(REGISTRY) if name.startswith(REGISTRY) else found.image
    return found if runtime.has_image(known) == found.image else None


def _from_recipe(
    runtime: Runtime, name: str, key: str, settings: Settings, log: Path, progress: Progress
) -> Toolchain:
    recipe = read_recipe(name)
    # One tag for each cache: an image that lost its tag to another's goes when a child is removed.
    tag = f"localhost/patchtool-{name}:{key[:12]}"
    image, origin = make_image(runtime, recipe, tag, settings, log, progress)
    progress.update(f"looking into the {name} image")
    lines = inventory(runtime, image, recipe)
    return Toolchain(
        image=image,
        name=name,
        digest=digest(recipe.content, lines),
        version=lines[0],
        packages=tuple(lines[1:]),
        origin=origin,
        program=recipe.program,
        make=recipe.make,
    )


def _named(
    runtime: Runtime, name: str, settings: Settings, log: Path, progress: Progress
) -> Toolchain:
    image = pull(runtime, name.removeprefix(REGISTRY), settings, log, progress)
    progress.update(f"looking into {name}")
    program, version, lacks = look_into(runtime, image, name)
    read_compiler(version)
    return Toolchain(
        image=image,
        name=name,
        digest=digest(name, image),
        version=version,
        packages=(),
        origin=name.removeprefix(REGISTRY),
        program=program,
        lacks=lacks,
    )
