# SPDX-License-Identifier: GPL-2.0-or-later
"""Source tarballs and source folders as git objects, without an unpacked copy in between.

Everything goes straight into ``git fast-import``, which writes one pack without deltas.
linux-6.12 (87k files, 1.5 GB) takes 39 CPU seconds so; unpacking it and `git add` takes 61,
half as long again by the clock, and 1.7 GB of disk. A checkout needs 13 CPU seconds.
Nothing is left out: a kernel's own .gitignore does not apply here.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import stat
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from patchtool.errors import CommandError, UsageError
from patchtool.series.paths import BadPathError, check
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

#: The ref that holds the raw import until its kernel folder is found.
INTAKE = "refs/patchtool/intake"
_DAMAGED = (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError)
_STEP = 500  # files between two progress reports


@dataclass(frozen=True, slots=True)
class Entry:
    """One file to import: ``mode`` is git's; a hard link names its ``target`` instead."""

    path: str
    mode: str
    content: bytes
    target: str | None = None


def folder_digest(folder: Path) -> str:
    """SHA-256 (hex) that changes when any file below *folder* does.

    Taken from names, sizes and times (nanoseconds, of content and of the inode), as git's
    index does, because reading 1.5 GB at each start would take longer than all else.
    """
    whole = hashlib.sha256()
    for path, info in walk(folder):
        facts = (str(path), info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
        whole.update(repr(facts).encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The files and symbolic links below *folder*, sorted, with their state."""
    pending = [str(folder)]
    while pending:
        found = sorted(os.scandir(pending.pop()), key=lambda entry: entry.name)
        for entry in found:
            info = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(info.st_mode):
                pending.append(entry.path)
            elif stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode):
                yield Path(entry.path), info


def from_folder(folder: Path, progress: Progress) -> Iterator[Entry]:
    """The files of a source folder."""
    total = sum(1 for _ in walk(folder))
    for count, (path, info) in enumerate(walk(folder)):
        if count % _STEP == 0:
            progress.update(f"files of {folder.name}", count, total)
        name = str(path.relative_to(folder))
        if stat.S_ISLNK(info.st_mode):
            target = os.readlink(path)  # noqa: PTH115 (pathlib would tidy `a/./b` up)
            yield Entry(name, "120000", os.fsencode(target))
        else:
            mode = "100755" if info.st_mode & stat.S_IXUSR else "100644"
            yield Entry(name, mode, path.read_bytes())


def from_tarball(path: Path, progress: Progress) -> Iterator[Entry]:
    """The files of a tarball, read as a stream.

    Raises:
        UsageError: It is no tarball, or a truncated or damaged one.
    """
    total = path.stat().st_size >> 20
    try:
        with path.open("rb") as packed, tarfile.open(fileobj=packed, mode="r|*") as tar:
            for count, member in enumerate(tar):
                # tarfile remembers every member it has seen: 100 MB for a kernel
                tar.members.clear()  # type: ignore[attr-defined]  # typeshed leaves it out
                if count % _STEP == 0:
                    progress.update(f"MiB of {path.name}", packed.tell() >> 20, total)
                entry = _entry(tar, member)
                if entry is not None:
                    yield entry
    except _DAMAGED as error:
        raise UsageError(
            f"{path}: not a tarball, or a damaged one: {error}",
            hint="expected a kernel source tarball (.tar, .tar.xz, .tar.gz, .tar.bz2)",
        ) from None


def _entry(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Entry | None:
    name = member.name.removeprefix("./")
    if member.isreg():
        stream = tar.extractfile(member)
        assert stream is not None
        with stream:
            content = stream.read()
        if len(content) != member.size:
            raise tarfile.ReadError(f"{name} is cut short")
        return Entry(name, "100755" if member.mode & stat.S_IXUSR else "100644", content)
    if member.issym():
        return Entry(name, "120000", os.fsencode(member.linkname))
    if member.islnk():
        return Entry(name, "", b"", member.linkname.removeprefix("./"))
    return None


def feed(entries: Iterator[Entry], git_dir: Path, settings: Settings, where: str) -> None:
    """Make one commit at :data:`INTAKE` of *entries*.

    Raises:
        UsageError: A path leaves the tree.
        CommandError: ``git fast-import`` failed.
    """
    read_end, write_end = os.pipe()
    with plumbing.open_repository(git_dir, settings) as repo:
        # Through GitPython, because it can give a program a pipe to read from. Should we
        # be killed, the pipe ends before its `done`, and fast-import gives up by itself.
        try:
            importer = repo.git.fast_import(
                "--quiet", "--done", "--depth=0", istream=read_end, as_process=True
            )
        finally:
            os.close(read_end)
        try:
            with os.fdopen(write_end, "wb") as out:
                _write(entries, out, where)
        except BrokenPipeError:
            importer.wait()  # raises with what git said
            raise CommandError(["git", "fast-import"], 1, "it stopped reading") from None
        importer.wait()


def _write(entries: Iterator[Entry], out: IO[bytes], where: str) -> None:
    name, address = plumbing.IDENTITY
    out.write(f"commit {INTAKE}\ncommitter {name} <{address}> 0 +0000\ndata 0\n".encode())
    for entry in entries:
        try:
            path = _quoted(check(os.fsencode(entry.path)))
            if entry.target is not None:
                out.write(f"C {_quoted(check(os.fsencode(entry.target)))} {path}\n".encode())
                continue
        except BadPathError as error:
            raise UsageError(f"{where}: {error}") from None
        out.write(f"M {entry.mode} inline {path}\ndata {len(entry.content)}\n".encode())
        out.write(entry.content)
        out.write(b"\n")
    out.write(b"done\n")


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def kernel_folder(repo: plumbing.Questions) -> str:
    """The tree of the import, less the single folder that tarballs wrap around everything."""
    tree = repo.find(f"{INTAKE}^{{tree}}")
    entries = repo.ask("ls-tree", tree).splitlines()
    while len(entries) == 1 and entries[0].split()[1] == "tree":
        tree = entries[0].split()[2]
        entries = repo.ask("ls-tree", tree).splitlines()
    return tree
