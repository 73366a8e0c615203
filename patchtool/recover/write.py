# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts a recovered series into a folder: all of it, or nothing."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from patchtool.errors import UsageError
from patchtool.recover.record import FILE_NAME, Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(folder: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    """Write *files* into *folder*.

    A new folder appears whole. In one that is there, existing files are replaced only with
    *force*, and then the files of the recovery that was there before go as well.

    Raises:
        UsageError: Files are in the way, or the place is no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder", hint="name another place with -o")
    taken = [name for name in files if (folder / name).exists() or (folder / name).is_symlink()]
    if taken and not force:
        raise UsageError(
            f"{folder / taken[0]} is there already", hint="--force replaces it; -o names the folder"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for name, content in files.items():
            assert Path(name).name == name
            (made / name).write_bytes(content)
        made.chmod(0o755)
        if folder.exists():
            for name in _earlier(folder) - set(files):
                (folder / name).unlink(missing_ok=True)
            for name in sorted(files, key=lambda name: name == FILE_NAME):
                (made / name).replace(folder / name)
        else:
            made.rename(folder)
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(made)


def _earlier(folder: Path) -> set[str]:
    """The files that an earlier recovery wrote there."""
    try:
        text = (folder / FILE_NAME).read_bytes()
        return {name for name in Recovery.model_validate_json(text).written
                if Path(name).name == name}  # fmt: skip
    except (OSError, ValidationError):
        return set()
