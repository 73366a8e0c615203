# SPDX-License-Identifier: GPL-2.0-or-later
"""A folder of patches or mails, on disk or in a tarball, read in one way."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

from patchtool.errors import MailError
from patchtool.intake.sources import packed
from patchtool.series.paths import BadPathError, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: Largest single mail or patch that is read, in bytes.
LIMIT = 64 << 20
#: Most that is taken from a tarball: bytes, and files.
TAR_BYTES, TAR_FILES = 256 << 20, 20_000
_MAILDIR = frozenset({"cur", "new", "tmp"})


class Folder(Protocol):
    """Files below a folder. Names are relative, with ``/``."""

    @property
    def where(self) -> str:
        """Its path, for errors."""

    def files(self) -> tuple[str, ...]:
        """Names of the files in it, sorted."""

    def folders(self) -> tuple[str, ...]:
        """Names of the folders in it, sorted."""

    def below(self, name: str) -> Folder:
        """The folder *name* in it."""

    def open(self, name: str) -> IO[bytes]:
        """The file *name*, which may be in a folder below.

        Raises:
            MailError: There is no such file.
        """


def read(folder: Folder, name: str) -> bytes:
    """A whole file, unpacked if it is compressed.

    Raises:
        MailError: It is missing, damaged, or larger than :data:`LIMIT`.
    """
    where = f"{folder.where}/{name}"
    with folder.open(name) as stream, packed.unpack(stream, where) as source:
        return source.all(LIMIT)


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder of the file system."""

    path: Path

    @property
    def where(self) -> str:
        """Its path."""
        return str(self.path)

    def files(self) -> tuple[str, ...]:
        """Names of the files in it, sorted."""
        return tuple(sorted(entry.name for entry in self.path.iterdir() if entry.is_file()))

    def folders(self) -> tuple[str, ...]:
        """Names of the folders in it, sorted."""
        return tuple(sorted(entry.name for entry in self.path.iterdir() if entry.is_dir()))

    def below(self, name: str) -> Disk:
        """The folder *name* in it."""
        return Disk(self.path / name)

    def open(self, name: str) -> IO[bytes]:
        """The file *name*.

        Raises:
            MailError: There is no such file.
        """
        _inside(name, self.where)
        path = self.path / name
        if not path.is_file():
            raise MailError(f"{path}: no such file")
        return path.open("rb")


@dataclass(frozen=True, slots=True)
class Packed:
    """A folder in a tarball, held in memory.

    Attributes:
        where: The tarball, and the folder in it.
        content: Every file below it, by its path from here.
        links: Paths of what was left in the tarball, because it is no regular file.
    """

    where: str
    content: Mapping[str, bytes]
    links: tuple[str, ...] = ()

    def files(self) -> tuple[str, ...]:
        """Names of the files in it, sorted."""
        return tuple(sorted(name for name in self.content if "/" not in name))

    def folders(self) -> tuple[str, ...]:
        """Names of the folders in it, sorted; one without files is not known."""
        return _tops(self.content)

    def below(self, name: str) -> Packed:
        """The folder *name* in it."""
        lead = f"{name}/"
        inside = {
            path.removeprefix(lead): data
            for path, data in self.content.items()
            if path.startswith(lead)
        }
        links = tuple(link.removeprefix(lead) for link in self.links if link.startswith(lead))
        return Packed(f"{self.where}/{name}", inside, links)

    def open(self, name: str) -> IO[bytes]:
        """The file *name*.

        Raises:
            MailError: There is no such file.
        """
        _inside(name, self.where)
        if name in self.links:
            raise MailError(f"{self.where}/{name}: a link or device; these are not followed")
        if name not in self.content:
            raise MailError(f"{self.where}/{name}: no such file")
        return io.BytesIO(self.content[name])


def _inside(name: str, where: str) -> None:
    if name.startswith("/") or ".." in name.split("/") or "\0" in name:
        raise MailError(f"{where}: the path {name!r} leaves the folder; expected one inside it")


def _tops(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name.partition("/")[0] for name in names if "/" in name}))


def from_tarball(source: packed.Source) -> Packed:
    """The files of a tarball, read into memory; nothing is written, no link is followed.

    The single folder that tarballs wrap around everything is opened.

    Raises:
        MailError: It is damaged or truncated, holds more than is taken, or a path in it
            leaves its folder.
    """
    content: dict[str, bytes] = {}
    links: list[str] = []
    source.room = TAR_BYTES
    try:
        with source.buffered() as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for count, member in enumerate(tar):
                if not member.isdir():
                    name = check(_plain(member.name).encode("utf-8", "surrogateescape"))
                    if count >= TAR_FILES:
                        raise MailError(f"{source.where}: more than {TAR_FILES} files")
                    data = _data(tar, member)
                    if data is None:
                        links.append(name)
                    else:
                        content[name] = data
    except BadPathError as error:
        raise MailError(f"{source.where}: {error}") from None
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise MailError(f"{source.where}: a damaged tarball: {error}") from None
    if not content:
        raise MailError(f"{source.where}: no file in this tarball; expected mails or patches")
    found = Packed(source.where, content, tuple(links))
    while len(found.folders()) == 1 and not found.files() and found.folders()[0] not in _MAILDIR:
        found = found.below(found.folders()[0])
    return found


def _plain(name: str) -> str:
    while name.startswith("./"):
        name = name[2:]
    return name


def _data(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    """The content of a regular file; None of anything else."""
    if not member.isreg() or member.issparse():
        return None
    stream = tar.extractfile(member)
    assert stream is not None
    with stream:
        data = stream.read()
    if len(data) != member.size:
        raise tarfile.ReadError(f"{member.name} is cut short")
    return data
