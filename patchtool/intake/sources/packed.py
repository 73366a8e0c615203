# SPDX-License-Identifier: GPL-2.0-or-later
"""Files as they are read: compressed or not, never more than a limit, damage said by name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import tempfile
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol

from patchtool.core import process, programs
from patchtool.errors import CommandError, MailError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

#: Most that is unpacked of one compressed file, in bytes.
UNPACKED = 1 << 30
#: How often reading is reported, in bytes.
STEP = 16 << 20
#: How much of a file is looked at to tell what it is, in bytes.
HEAD = 1 << 20
_DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_ZSTD_TIMEOUT = 600.0  # seconds


class Readable(Protocol):
    """What can be read from, in bytes."""

    def read(self, size: int, /) -> bytes:
        """At most *size* bytes; none at the end."""


class Source(io.RawIOBase):
    """A byte stream that knows its own beginning.

    Attributes:
        where: Its name, for errors.
        head: Its first bytes, at most :data:`HEAD`.
        whole: Whether *head* is all of it.
        room: How many more bytes may come; None for any number.
    """

    def __init__(self, stream: Readable, where: str, packing: str = "") -> None:
        super().__init__()
        self.where = where
        self._stream = stream
        self._packing = packing
        self.room: int | None = UNPACKED if packing else None
        self._stream_at = _place(stream)
        self.head = self._ahead()
        self.whole = len(self.head) < HEAD
        self._at = 0

    def _ahead(self) -> bytes:
        parts = bytearray()
        while len(parts) < HEAD and (part := self._next(HEAD - len(parts))):
            parts += part
        return bytes(parts)

    def _next(self, count: int) -> bytes:
        try:
            data = self._stream.read(count)
        except _DAMAGED as error:
            if not self._packing:
                raise
            raise MailError(f"{self.where}: damaged {self._packing} data: {error}") from None
        if self.room is not None:
            self.room -= len(data)
            if self.room < 0:
                raise MailError(
                    f"{self.where}: holds more than is taken from a compressed file or a tarball",
                    hint="unpack it yourself, and name the folder or mailbox in it",
                )
        return data

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill *buffer*, as :class:`io.RawIOBase` asks.

        Raises:
            MailError: The file is damaged, or unpacks to too much.
        """
        view = memoryview(buffer).cast("B")
        if self._at < len(self.head):
            data = self.head[self._at : self._at + len(view)]
            self._at += len(data)
        else:
            data = self._next(len(view))
        view[: len(data)] = data
        return len(data)

    def buffered(self) -> io.BufferedReader:
        """The same, for readers of lines."""
        return io.BufferedReader(self, HEAD)

    @contextmanager
    def rewound(self) -> Iterator[BinaryIO]:
        """All of it as a file that can be read anywhere; what is packed goes to a temporary one."""
        if not self._packing and self._stream_at is not None:
            assert isinstance(self._stream, io.BufferedReader | io.BytesIO)
            self._stream.seek(self._stream_at)
            yield self._stream
            return
        with tempfile.TemporaryFile(prefix="patchtool-") as spooled, self.buffered() as rest:
            shutil.copyfileobj(rest, spooled, HEAD)
            spooled.seek(0)
            yield spooled

    def all(self, limit: int) -> bytes:
        """All of it.

        Raises:
            MailError: It is larger than *limit* bytes.
        """
        data = bytearray(self.head)
        while len(data) <= limit and (part := self._next(HEAD)):
            data += part
        if len(data) > limit:
            raise MailError(f"{self.where}: larger than {limit >> 20} MiB, the most that is read")
        return bytes(data)


class ReportingFile(io.RawIOBase):
    """A file whose reading is reported.

    Args:
        stream: The file; it must be seekable.
        report: Called with the bytes read so far and the size of the file.
    """

    def __init__(self, stream: BinaryIO, report: Callable[[int, int], object]) -> None:
        super().__init__()
        self._stream = stream
        self._report = report
        self._done = self._said = 0
        self._size = stream.seek(0, io.SEEK_END)
        stream.seek(0)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, as :class:`io.IOBase` asks."""
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill *buffer*, as :class:`io.RawIOBase` asks."""
        view = memoryview(buffer).cast("B")
        data = self._stream.read(len(view))
        view[: len(data)] = data
        self._done += len(data)
        if self._done - self._said >= STEP and self._done < self._size:
            self._said = self._done
            self._report(self._done, self._size)
        return len(data)


def _place(stream: Readable) -> int | None:
    """Where a stream stands, or None where it cannot be read twice."""
    if isinstance(stream, io.BufferedReader | io.BytesIO) and stream.seekable():
        return stream.tell()
    return None


@contextmanager
def unpack(stream: Readable, where: str) -> Iterator[Source]:
    """*stream*, unpacked if it is compressed with gzip, xz, bzip2 or zstd.

    Raises:
        MailError: It is damaged, or unpacks to more than :data:`UNPACKED` bytes.
        ToolMissing: It needs zstd, which is not installed.
    """
    with ExitStack() as stack:
        plain = Source(stream, where)
        packing = next((name for mark, name in _MAGIC.items() if plain.head.startswith(mark)), "")
        if not packing:
            yield plain
            return
        inner = stack.enter_context(plain.buffered())
        unpacked: Readable
        if packing == "gzip":
            unpacked = stack.enter_context(gzip.GzipFile(fileobj=inner))
        elif packing == "xz":
            unpacked = stack.enter_context(lzma.LZMAFile(inner))
        elif packing == "bzip2":
            unpacked = stack.enter_context(bz2.BZ2File(inner))
        else:
            unpacked = stack.enter_context(_from_zstd(inner, where))
        yield Source(unpacked, where, packing)


@contextmanager
def _from_zstd(packed: Readable, where: str) -> Iterator[IO[bytes]]:
    """What zstd makes of *packed*; the kernel ends it at :data:`UNPACKED` bytes."""
    with tempfile.TemporaryDirectory(prefix="patchtool-") as folder:
        given, made = Path(folder, "packed"), Path(folder, "unpacked")
        with given.open("wb") as out:
            while part := packed.read(HEAD):
                out.write(part)
        programs.require("zstd")
        words = ["prlimit", f"--fsize={UNPACKED}", "zstd", "-dqo", str(made), str(given)]
        try:
            process.run(words, cwd=Path(folder), timeout=_ZSTD_TIMEOUT)
        except CommandError as error:
            full = made.is_file() and made.stat().st_size >= UNPACKED
            said = error.tail.strip().replace(str(given), "zstd")
            why = f"unpacks to more than {UNPACKED >> 20} MiB" if full else said
            raise MailError(f"{where}: damaged zstd data, or too large: {why}") from None
        with made.open("rb") as stream:
            yield stream
