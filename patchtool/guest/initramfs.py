# SPDX-License-Identifier: GPL-2.0-or-later
"""The initramfs of a guest that starts without 9p: busybox, Python and the agent.

It holds of the guest's root what the agent needs and no more, since all of it is memory that
the guest has not: busybox, Python, the modules which the agent's own files import, as byte
code, and the libraries of those. Which these are is asked of the root's own Python.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from patchtool.core import process
from patchtool.core.durable import write_atomic
from patchtool.core.store import digest
from patchtool.errors import CommandError, InfraError, UsageError
from patchtool.guest import cpio
from patchtool.guest.qemu import AGENT_COMMAND, AGENT_FOLDER
from patchtool.guest.root import HOST_ROOT, MERGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.core.settings import Settings
    from patchtool.guest.cpio import Node
    from patchtool.guest.root import GuestRoot

TIMEOUT = 60.0
#: The first program. What it mounts is what virtme-ng's init mounts that a test may look into;
#: a file system that the kernel does not have is left out. The agent is no process 1, so that
#: the kernel may kill it without a panic, and its end is the guest's.
INIT = f"""\
#!/bin/sh
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
for it in devpts:/dev/pts tmpfs:/dev/shm debugfs:/sys/kernel/debug tracefs:/sys/kernel/tracing
do
mount -t ${{it%%:*}} none ${{it##*:}} 2> /dev/null
done
({AGENT_COMMAND})
poweroff -f
"""
FOLDERS = ("dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "usr", "var", "var/tmp")
#: Python loads these by name at run time, so no import statement tells of them.
CODECS = ("encodings.utf_8", "encodings.ascii", "encodings.latin_1")
#: Run by the root's Python: imports the modules named in its arguments, prints all that are in.
LOADED = """\
import importlib, json, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
print(json.dumps([
    [name, module.__file__, getattr(module, "__cached__", None)]
    for name, module in sorted(sys.modules.items()) if getattr(module, "__file__", None)
]))
"""


def ensure_initramfs(root: GuestRoot, agent: Path, settings: Settings) -> Path:
    """The initramfs for guests with that root and agent, made now when it is not there yet.

    Args:
        root: The guest's root; its files are taken, it is not shared.
        agent: The folder with the agent.
        settings: The settings in force.

    Raises:
        UsageError: The root is the host's own.
        InfraError: It could not be made; says why.
    """
    if root.path == HOST_ROOT.path:
        raise UsageError(
            "a guest that starts from an initramfs cannot share the host's root",
            hint="leave out --share-host-root, or start it with virtme-ng",
        )
    key = digest(INIT, FOLDERS, CODECS, LOADED, root.digest, agent.name)
    made = settings.cache / "initramfs" / f"{key[:16]}.cpio"
    if not made.is_file():
        made.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_atomic(made, cpio.archive(_with_folders(_nodes(root.path, agent))))
        except (CommandError, OSError, ValueError) as error:
            raise InfraError(
                f"no initramfs could be made of {root.path}: {error}",
                hint="remove that folder; it is made again",
            ) from error
    return made


def _nodes(root: Path, agent: Path) -> Iterator[Node]:
    """All that the guest gets, less the folders around it."""
    yield from map(cpio.folder, FOLDERS)
    yield from (cpio.link(name, f"usr/{name}") for name in MERGED)
    yield cpio.character_device("dev/console", 5, 1)
    yield cpio.file("init", INIT.encode(), program=True)
    yield cpio.file("etc/passwd", (root / "etc/passwd").read_bytes())
    binaries = root / "usr/bin"
    for path in sorted(binaries.iterdir()):
        if path.name == "busybox":
            yield cpio.file("usr/bin/busybox", path.read_bytes(), program=True)
        elif path.is_symlink() and path.readlink() == Path("busybox"):
            yield cpio.link(f"usr/bin/{path.name}", "busybox")
    yield cpio.folder("usr/sbin")
    for path in sorted(agent.rglob("*")):
        if path.is_file():
            yield cpio.file(f"{AGENT_FOLDER[1:]}/{path.relative_to(agent)}", path.read_bytes())
    yield from _python(root, agent)


def _python(root: Path, agent: Path) -> Iterator[Node]:
    python = next(iter(sorted((root / "usr/bin").glob("python3.*[0-9]"))))
    yield cpio.file(f"usr/bin/{python.name}", python.read_bytes(), program=True)
    yield cpio.link("usr/bin/python3", python.name)
    programs = [python]
    for source, compiled in _loaded(root, python, imported(agent.glob("*.py"))):
        name = source.relative_to(root)
        if source.suffix == ".so":
            programs.append(source)
            yield cpio.file(str(name), source.read_bytes())
        elif compiled is not None and compiled.is_file():
            yield cpio.file(str(name.with_suffix(".pyc")), compiled.read_bytes())
        else:
            yield cpio.file(str(name), source.read_bytes())
    yield from _libraries(root, programs)


def imported(sources: Iterable[Path]) -> tuple[str, ...]:
    """The modules that some Python files import anywhere in them."""
    names: set[str] = set()
    for source in sources:
        for node in ast.walk(ast.parse(source.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return tuple(sorted(names))


def _loaded(root: Path, python: Path, names: Sequence[str]) -> tuple[tuple[Path, Path | None], ...]:
    """The files of modules, and of those they import, with their byte code."""
    argv = [*_run_in(root), python, "-ISE", "-c", LOADED, *CODECS, *names]
    done = process.run(argv, cwd=root, timeout=TIMEOUT, capture=True, record=False)
    files = [(Path(file), cached and Path(cached)) for _, file, cached in json.loads(done.stdout)]
    return tuple((file, cached) for file, cached in files if file.is_relative_to(root))


def _libraries(root: Path, programs: Sequence[Path]) -> Iterator[Node]:
    """The shared libraries of programs, and the loader of these."""
    loader = _loader(root)
    yield cpio.file(f"usr/lib64/{loader.name}", loader.read_bytes(), program=True)
    found: dict[str, Path] = {}
    for program in programs:
        argv = [*_run_in(root), "--list", program]
        done = process.run(argv, cwd=root, timeout=TIMEOUT, capture=True, record=False)
        for line in done.stdout.decode().splitlines():
            name, arrow, rest = line.strip().partition(" => ")
            if arrow and not name.startswith("/"):
                found[name] = Path(rest.rpartition(" (")[0])
    for name, path in sorted(found.items()):
        if not path.is_relative_to(root):
            raise ValueError(f"{name} is not in it, but at {path}")
        place = path.parent.relative_to(root)
        yield cpio.file(f"{place}/{name}", path.read_bytes())


def _loader(root: Path) -> Path:
    return next(iter(sorted((root / "usr/lib").glob("*-linux-gnu/ld-linux-*"))))


def _run_in(root: Path) -> list[str | Path]:
    """What runs a program of the root with the root's libraries."""
    loader = _loader(root)
    return [loader, "--library-path", loader.parent]


def _with_folders(nodes: Iterable[Node]) -> Iterator[Node]:
    """Each file once, after the folders it is in."""
    seen: set[str] = set()
    for node in nodes:
        parents = [str(parent) for parent in reversed(PurePosixPath(node.name).parents)]
        for parent in parents[1:]:
            if parent not in seen:
                seen.add(parent)
                yield cpio.folder(parent)
        if node.name not in seen:
            seen.add(node.name)
            yield node
