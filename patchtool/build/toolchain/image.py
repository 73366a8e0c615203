# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the image of a toolchain, or gets it, and looks into it.

It comes from a registry's base image when the settings name a registry that answers, else
from the distribution's packages by ``mmdebstrap``, through the host's own package sources
when the host runs that suite. An image that is named itself is used as it is.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import data
from patchtool.core.debian import TIMEOUT, download, explained
from patchtool.core.text import command_line
from patchtool.errors import CommandError, CommandTimeout, InfraError, UsageError

if TYPE_CHECKING:
    from patchtool.build.container.runtime import Runtime
    from patchtool.build.toolchain.recipe import Recipe
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

#: What is inside an image: the compiler, then each package.
INVENTORY = "{program} --version | head -n1; dpkg-query -W -f '${{Package}} ${{Version}}\\n'"
#: Parts of packages that no build reads.
UNREAD = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")
#: Without these no kernel can be built in an image.
NEEDED = (
    *("make", "as", "ld", "ar", "nm", "objcopy", "objdump", "strip", "stdio.h"),
    *("awk", "cmp", "find", "grep", "sed", "xargs", "gzip", "head", "sort"),
)
#: Without these some can; ``kernel/eras.toml`` knows which.
USEFUL = ("gcc", "ccache", "bc", "bison", "flex", "lz4", "perl", "libelf.h", "openssl/opensslv.h")
#: $1: the compiler; the rest is looked for. Prints the compiler, then what is not there.
MISSING = """\
cc=$1; shift
$cc --version 2>/dev/null | head -n1
for name; do
    case $name in
    *.h) echo "#include <$name>" | $cc -E - >/dev/null 2>&1 || echo "$name" ;;
    *) command -v "$name" >/dev/null || echo "$name" ;;
    esac
done
"""


def make_image(
    runtime: Runtime, recipe: Recipe, tag: str, settings: Settings, log: Path, progress: Progress
) -> tuple[str, str]:
    """Make the image of a recipe; its id, and where it came from.

    Raises:
        DiskFull: No space for it.
        InfraError: It could not be made; the log is named.
        ToolMissing: mmdebstrap is needed and not installed.
    """
    if settings.registry:
        base = f"{settings.registry.rstrip('/')}/{recipe.image}"
        progress.update(f"pulling {base}")
        try:
            return _from_registry(runtime, recipe, base, tag, log), base
        except (CommandError, CommandTimeout) as error:
            progress.note(f"{base}: {_last_line(error)}; making the image from packages instead")
    return _from_packages(runtime, recipe, tag, settings, log, progress), f"{recipe.suite} packages"


def inventory(runtime: Runtime, image: str, recipe: Recipe) -> list[str]:
    """The compiler's version, then each package with its version."""
    script = INVENTORY.format(program=recipe.program)
    done = runtime.run(image, ["sh", "-c", script], timeout=120, capture=True)
    return done.stdout.decode().splitlines()


def pull(runtime: Runtime, image: str, settings: Settings, log: Path, progress: Progress) -> str:
    """The id of an image that is here, or is pulled now.

    Raises:
        InfraError: It could not be had; says what the container program answered.
    """
    get = command_line([runtime.program, "pull", image])
    found = runtime.has_image(image)
    if found is None and settings.offline:
        raise InfraError(
            f"the image {image} is not here, and `offline` is set",
            hint=f"`{get}` gets it",
        )
    if found is None:
        progress.update(f"pulling {image}")
        try:
            runtime.call("pull", image, timeout=TIMEOUT, network=True, log=log)
        except (CommandError, CommandTimeout) as error:
            raise InfraError(
                f"the image {image} could not be pulled: {_last_line(error)}",
                hint=f"is its name whole, with the registry's? `{get}` must work here",
            ) from error
        found = runtime.has_image(image)
    if found is None:
        raise InfraError(f"{runtime.program} pulled {image}, but does not know it")
    return found


def look_into(runtime: Runtime, image: str, name: str) -> tuple[str, str, tuple[str, ...]]:
    """An image nobody here made: its compiler's program and version, and what it lacks.

    Args:
        runtime: What runs it.
        image: Its id.
        name: What the user calls it.

    Raises:
        UsageError: It has no compiler, or lacks what every build needs, by name.
    """
    for program in ("gcc", "clang"):
        words = ["sh", "-c", MISSING, "patchtool", program, *NEEDED, *USEFUL]
        done = runtime.run(image, words, timeout=120, capture=True, check=False)
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        if done.status == 0 and lines and f"{program} " in lines[0]:
            break
    else:
        raise UsageError(
            f"{name}: no gcc and no clang answers in it: {done.tail.strip() or 'nothing was said'}",
            hint="name an image that has a compiler and make",
        )
    lacks = tuple(lines[1:])
    if gone := [tool for tool in lacks if tool in NEEDED]:
        raise UsageError(
            f"{name}: no kernel can be built in it: it has {lines[0]}, but no {', '.join(gone)}",
            hint="name another image, or make one from this with what is missing",
        )
    return program, lines[0], lacks


def _last_line(error: CommandError | CommandTimeout) -> str:
    lines = error.tail.strip().splitlines()
    return lines[-1] if lines else "no answer"


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
        hint = f"check that apt can reach a mirror with {recipe.suite}, or set `registry`"
        with explained(f"the {recipe.name} image could not be made", settings.cache, hint):
            tar = download(
                recipe.suite,
                recipe.packages,
                folder,
                progress.update,
                "--variant=essential",
                "--dpkgopt=force-unsafe-io",
                *(f"--dpkgopt=path-exclude={path}" for path in UNREAD),
                log=log,
                chroot=True,
            )
            progress.update(f"importing the {recipe.name} image")
            return runtime.import_image(tar, tag, TIMEOUT)
