# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a ``.config``, in the container: Kconfig files run programs, so they are untrusted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from patchtool.build.kconfig.check import check_config, read_tree, require
from patchtool.build.kconfig.fragments import to_text
from patchtool.build.kconfig.variants import KernelConfig, Variant, guest_template, merged
from patchtool.build.kernel.make import explained, prepared, target_compiler
from patchtool.build.kernel.warnings import parse_log
from patchtool.build.toolchain.eras import read_eras
from patchtool.core.durable import write_atomic
from patchtool.core.store import digest, read_value, write_value
from patchtool.errors import BuildError, CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.build.kernel.make import Make
    from patchtool.build.kernel.workshop import Workshop
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.store import Store

STAGE = "config"
_TEXT = ".config"
#: Largest ``.config`` that is read, in bytes; allyesconfig has 300 KB.
MAX_CONFIG = 8 << 20
#: For ``oldnoconfig`` and the like, which complete a .config instead of writing one.
BEGIN = "cp /in/fragment /out/config\n"


def config_key(tree: str, variant: Variant, toolchain: Toolchain, *, complete: bool) -> str:
    """What a configuration is stored under."""
    names = [entry.names for entry in read_eras().renamed]
    return digest(
        "config 3", tree, variant.model_dump(), guest_template(), names, toolchain.digest, complete
    )


def find_config(
    tree: str, variant: Variant, toolchain: Toolchain, store: Store, *, complete: bool = True
) -> KernelConfig | None:
    """A configuration that was made before, or None. Needs no source tree."""
    return _load(store, config_key(tree, variant, toolchain, complete=complete))


def _load(store: Store, key: str) -> KernelConfig | None:
    folder = store.get(STAGE, key)
    if folder is None:
        return None
    found = read_value(folder, KernelConfig)
    if found is None:
        return None
    try:
        text = found.text or (folder / _TEXT).read_text(encoding="utf-8")  # once it stood in it
    except (OSError, ValueError):
        return None
    return found.model_copy(update={"text": text, "cached": True})


def _save(store: Store, key: str, config: KernelConfig) -> None:
    with store.put(STAGE, key) as folder:
        write_atomic(folder / _TEXT, config.text)
        write_value(folder, config)


def configure(
    srctree: Path,
    tree: str,
    variant: Variant,
    workshop: Workshop,
    *,
    objtree: str,
    complete: bool = True,
    check: bool = True,
    log: Path | None = None,
) -> KernelConfig:
    """Configure a source tree, in one make, mostly ``make allnoconfig``.

    Args:
        srctree: The source, checked out.
        tree: Hash of its content (git's tree hash).
        variant: What to ask for.
        workshop: Where and with what it is made.
        objtree: Name of the object tree; the one the image is built in.
        complete: The whole series is applied. Else (the base, a patch in the middle)
            symbols the series adds are left out while the tree does not know them.
        check: Raise when something that was asked for did not survive.
        log: File to which what make prints is appended.

    Raises:
        ConfigMissing: A symbol did not survive; names it and the unmet dependency.
        BuildError: The Kconfig files have a mistake; names file and line.
        CommandError, CommandTimeout: make failed in another way.
        DiskFull: No space is left.
    """
    store = workshop.store
    key = config_key(tree, variant, workshop.toolchain, complete=complete)
    found = _load(store, key)
    if found is None:
        found = _configure(srctree, variant, workshop, objtree, log, complete=complete)
        _save(store, key, found)
    if check:
        require(found.missing)
    return found


def _configure(
    srctree: Path,
    variant: Variant,
    workshop: Workshop,
    objtree: str,
    log: Path | None,
    *,
    complete: bool,
) -> KernelConfig:
    begin = time.monotonic()
    toolchain, store, progress = workshop.toolchain, workshop.store, workshop.progress
    progress.update(f"reading the Kconfig files for variant {variant.name}")
    kconfig = read_tree(srctree)
    asks = merged(variant, kconfig, complete=complete)
    fragment = to_text(asks)
    asked = {ask.symbol: ask.value for ask in asks if not ask.weak}
    weak = {ask.symbol: ask.value for ask in asks if ask.weak}
    # Most patches change no Kconfig file: then make would answer what it answered before.
    same = digest(
        "kconfig", kconfig.digest, _scripts(srctree), fragment, sorted(weak), toolchain.digest
    )
    found = _load(store, same)
    if found is None:
        progress.update(f"make {_target(toolchain)} for variant {variant.name}")
        with prepared(objtree, srctree, workshop, fragment=fragment) as make:
            found = _load(store, same)  # another run may have made it meanwhile
            if found is None:
                text, lines = _make(make, log)
                found = KernelConfig(
                    variant=variant.name,
                    fragment=fragment,
                    text=text,
                    digest=digest(text),
                    asked=asked | weak,
                    origins={},
                    missing=check_config(asked, text, kconfig),
                    uncompiled=check_config(weak, text, kconfig),
                    warnings=parse_log("\n".join(lines)).warnings,
                    seconds=0,
                )
                _save(store, same, found)
    return found.model_copy(
        update={
            "variant": variant.name,
            "origins": {ask.symbol: ask.origin for ask in asks},
            "cached": False,
            "seconds": time.monotonic() - begin,
        }
    )


def _make(make: Make, log: Path | None) -> tuple[str, list[str]]:
    """The ``.config``, and what make printed."""
    workshop = make.workshop
    lines: list[str] = []
    target = _target(workshop.toolchain)
    before = BEGIN if target.startswith("old") else ""
    variables = {
        "CC": target_compiler(workshop.toolchain),
        "KCONFIG_ALLCONFIG": "/in/fragment",
        "KCONFIG_CONFIG": "/out/config",
        "KCONFIG_OVERWRITECONFIG": "1",  # old ones rename a file from /obj, another file system
    }
    try:
        make.run(target, before=before, log=log, on_line=lines.append, **variables)
    except CommandError as error:
        text, what = "\n".join(lines), "the tree cannot be configured"
        cache = workshop.settings.cache
        raise explained(error, text, parse_log(text), what, cache, log) from error
    content = make.result("config", MAX_CONFIG)
    if content is None:
        raise BuildError(f"make {target} ended well, but wrote no .config")
    return content.decode("utf-8", "replace"), lines


def _target(toolchain: Toolchain) -> str:
    """What make is asked for."""
    return toolchain.needs.era.config if toolchain.needs else "allnoconfig"


def _scripts(srctree: Path) -> str:
    """Hash of what Kconfig files run and of the release: other reasons for another answer."""
    top = srctree.resolve()
    names = ["Makefile", "arch/x86/Makefile"]
    for folder in ("scripts", "scripts/kconfig"):
        here = top / folder
        if here.is_dir() and not here.is_symlink():
            names += sorted(f"{folder}/{path.name}" for path in here.iterdir())
    parts = []
    for name in names:
        file = top / name
        if file.is_file() and not file.is_symlink():
            parts.append((name, file.read_bytes()))
    return digest(parts)
