# SPDX-License-Identifier: GPL-2.0-or-later
"""Object folders that borrow from others (``objects/info/alternates``)."""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING

from patchtool.core.durable import write_atomic
from patchtool.series import paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST = 1 << 16  # bytes of a list
_DEEPEST = 5  # lenders of lenders; git follows no more (its object-file.c)


def borrow(objects: Path, lender: Path) -> None:
    """Let an object folder of ours have all that *lender* has, and what that borrows."""
    listed = objects / "info" / "alternates"
    listed.parent.mkdir(parents=True, exist_ok=True)
    text = _quoted(lender.resolve())
    if not listed.is_file() or listed.read_text(encoding="ascii", errors="replace") != text:
        write_atomic(listed, text)


def take_over(objects: Path, lender: Path) -> None:
    """Give an object folder that borrows the objects themselves; links them where that is possible.

    Only plain files are taken: a link in the lender's folder may lead anywhere.

    Raises:
        OSError: A file cannot be copied.
    """
    listed = objects / "info" / "alternates"
    if not listed.is_file():
        return  # git has copied them: a shallow clone
    for folder in with_lenders(lender):
        for part in (folder / "pack", *sorted(folder.glob("[0-9a-f][0-9a-f]"))):
            if part.is_symlink() or not part.is_dir():
                continue
            into = objects / part.name
            into.mkdir(exist_ok=True)
            for file in part.iterdir():
                if stat.S_ISREG(file.lstat().st_mode) and not (into / file.name).exists():
                    _link_or_copy(file, into / file.name)
    listed.unlink()


def with_lenders(objects: Path, depth: int = 0) -> Iterator[Path]:
    """An object folder, and those it borrows from."""
    yield objects
    listed = objects / "info" / "alternates"
    if depth == _DEEPEST or not listed.is_file():
        return
    with listed.open("rb") as file:
        lines = file.read(_LONGEST).split(b"\n")
    for line in lines:
        if line and not line.startswith(b"#"):
            try:
                name = paths.unquote(line)
            except paths.BadPathError:  # git takes it as it stands, too
                name = line
            if b"\0" not in name:
                yield from with_lenders(objects / os.fsdecode(name), depth + 1)


def _link_or_copy(file: Path, to: Path) -> None:
    try:
        to.hardlink_to(file)
    except OSError:  # another file system, or a file of another user
        shutil.copyfile(file, to, follow_symlinks=False)


def _quoted(path: Path) -> str:
    """A line with a path, quoted as C does: without that, a path cannot hold every byte."""
    plain = (
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in os.fsencode(path)
    )
    return f'"{"".join(plain)}"\n'
