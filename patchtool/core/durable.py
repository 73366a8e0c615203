# SPDX-License-Identifier: GPL-2.0-or-later
"""Files and folders that others see whole or not at all, also after a power cut."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import tempfile
from pathlib import Path

#: linux/fs.h: rename(2) in which two paths change places.
RENAME_EXCHANGE = 2
AT_FDCWD = -100  # linux/fcntl.h
#: An old C library or kernel, or a file system, that cannot do what is asked.
_UNKNOWN = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that readers see the old content or the new, never a part."""
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def flush(folder: Path) -> None:
    """Bring all that is in a folder to the disk."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            _sync(path)


def replace_folder(made: Path, target: Path) -> None:
    """Give a folder its name, and remove the one that had it.

    Who opens *target* meanwhile finds one of the two, whole. (Where the file system cannot let
    paths change places, as with NFS, there is a moment in which he finds none.)
    """
    while True:
        try:
            made.rename(target)
            break
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
        try:
            _exchange(made, target)
            break
        except FileNotFoundError:
            continue  # another run removed it: now it can be renamed
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
        aside = Path(tempfile.mkdtemp(dir=made.parent, prefix=f"{made.name}."))
        with contextlib.suppress(FileNotFoundError):
            target.replace(aside)
        shutil.rmtree(aside, ignore_errors=True)
    _sync(target.parent)


def _exchange(one: Path, other: Path) -> None:
    """Let two paths change places, at once.

    Raises:
        OSError: It is not known here, or one is not there.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)  # glibc 2.28
    if rename is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    names = (os.fsencode(one), os.fsencode(other))
    if rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))


def _sync(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNKNOWN:  # some file systems cannot do it for folders
            raise
    finally:
        os.close(handle)
