# SPDX-License-Identifier: GPL-2.0-or-later
"""Stage results, kept under the hash of what they were made from.

A result is a folder that appears whole or not at all: it is written beside its place and
renamed. So a kill at any moment leaves either no result or a good one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUE = "value.json"
T = TypeVar("T")


def digest(*parts: object) -> str:
    """SHA-256 (hex) over the canonical JSON of *parts*; bytes and paths count as text."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_digest(folder: Path) -> str:
    """SHA-256 (hex) of the names and contents of the files below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = [
        (str(path.relative_to(folder)), file_digest(path))
        for path in files
        if "__pycache__" not in path.parts
    ]
    return digest(named)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"cannot hash a {type(value).__name__}")


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


def write_value(folder: Path, value: object, *, exclude: set[str] | None = None) -> None:
    """Write what a result is, as JSON, into its folder, less the keys in *exclude*."""
    text = TypeAdapter(type(value)).dump_json(value, indent=1, exclude=exclude)
    write_atomic(folder / VALUE, text)


def read_value(folder: Path, kind: type[T], **here: object) -> T | None:
    """What the result in a folder is; None where another version of patchtool wrote it.

    Args:
        folder: The result's folder.
        kind: A pydantic model, a dataclass, or what else pydantic reads.
        here: What holds of it in this run alone, by key.
    """
    try:
        data = (folder / VALUE).read_bytes()
        if not here:
            return TypeAdapter(kind).validate_json(data)
        return TypeAdapter(kind).validate_python({**json.loads(data), **here})
    except (OSError, ValueError, TypeError):
        return None


def slug(text: str, otherwise: str, *, also: str = "", longest: int = 60) -> str:
    """*text* as a file name, or a part of one, that needs no quotes anywhere.

    Args:
        text: Any text.
        otherwise: The name where nothing of it is left.
        also: What is kept besides ASCII letters and digits, but not at the ends; each run of
            other characters becomes one ``-``.
        longest: Where it is cut off, in characters.
    """
    plain = re.sub(f"[^A-Za-z0-9{re.escape(also)}]+", "-", text).strip(f"-{also}")
    return plain[:longest].rstrip(f"-{also}") or otherwise


class Store:
    """The stage cache.

    Args:
        root: Its folder; made when it is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, stage: str, key: str) -> Path:
        """Where the result of *stage* for *key* is, or would be."""
        return self.root / stage / key

    def get(self, stage: str, key: str) -> Path | None:
        """The folder of a stored result, or None."""
        folder = self.path(stage, key)
        return folder if (folder / VALUE).is_file() else None

    @contextmanager
    def put(self, stage: str, key: str) -> Iterator[Path]:
        """A new folder to fill; it becomes the result when the block ends without error.

        The block must write its value into it, by :func:`write_value`.
        """
        parent = self.root / stage
        parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=parent, prefix=f".{key[:12]}."))
        try:
            yield made
            made.chmod(0o755)
            target = self.path(stage, key)
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(target)
            made.rename(target)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise

    def read(self, stage: str, key: str, kind: type[T], **here: object) -> T | None:
        """What a stored result is, or None; see :func:`read_value`."""
        folder = self.get(stage, key)
        return read_value(folder, kind, **here) if folder else None

    def keep(self, stage: str, key: str, value: object, *, exclude: set[str] | None = None) -> None:
        """Store a result that is nothing but a value."""
        with self.put(stage, key) as folder:
            write_value(folder, value, exclude=exclude)

    def lock(self, name: str) -> Path:
        """The file to hold (:func:`patchtool.core.locks.held`) while making what is called so."""
        return self.root / "locks" / f"{name}.lock"
