# SPDX-License-Identifier: GPL-2.0-or-later
"""Stage results, kept under the hash of what they were made from.

A result is a folder that appears whole or not at all: it is written beside its place, flushed to
the disk and renamed. So a kill or a power cut at any moment leaves either no result or a good one.
What is damaged in another way is found by its hash when it is asked for, and is made again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from patchtool.core import durable
from patchtool.core.durable import write_atomic
from patchtool.core.locks import lock_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VALUE = "value.json"
#: Size and SHA-256 of every other file of a result, by name.
CONTENTS = "contents.json"
_LISTED: TypeAdapter[dict[str, tuple[int, str]]] = TypeAdapter(dict[str, tuple[int, str]])
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
        say: Is told of each result that was found damaged, and is made again.
    """

    def __init__(self, root: Path, say: Callable[[str], object] | None = None) -> None:
        self.root = root
        self._say = say
        self._damaged: set[Path] = set()

    def path(self, stage: str, key: str) -> Path:
        """Where the result of *stage* for *key* is, or would be."""
        return self.root / stage / key

    def get(self, stage: str, key: str) -> Path | None:
        """The folder of a stored result, or None: there is none, or not as it was written."""
        folder = self.path(stage, key)
        if not (folder / VALUE).is_file():
            return None
        if _is_whole(folder):
            return folder
        if self._say is not None and folder not in self._damaged:
            self._say(f"{folder} is not as it was written, and is made again")
        self._damaged.add(folder)
        return None

    @contextmanager
    def put(self, stage: str, key: str) -> Iterator[Path]:
        """A new folder to fill; it becomes the result when the block ends without error.

        The block must write its value into it, by :func:`write_value`. Of several that write one
        result at once, the last wins; who reads it meanwhile sees one or another, whole.
        """
        parent = self.root / stage
        parent.mkdir(parents=True, exist_ok=True)
        with self._writing(stage):
            made = Path(tempfile.mkdtemp(dir=parent, prefix=f".{key[:12]}."))
            try:
                yield made
                made.chmod(0o755)
                write_atomic(made / CONTENTS, json.dumps(_contents(made), indent=1) + "\n")
                durable.flush(made)
                durable.replace_folder(made, self.path(stage, key))
            finally:
                shutil.rmtree(made, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what writers left that were killed."""
        for folder in self.root.glob("*/"):
            with self._writing(folder.name):
                pass

    @contextmanager
    def _writing(self, stage: str) -> Iterator[None]:
        """What a writer of a stage's results holds; sweeps what writers left that were killed.

        All writers share a lock. Who gets it for himself alone knows that no folder that is not
        finished belongs to anyone: it is taken before such a folder is made, and is held as long
        as a program lives that may write into it.
        """
        with lock_file(self.lock(f"writers-{stage}")) as handle:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for left in (self.root / stage).glob(".*"):
                    shutil.rmtree(left, ignore_errors=True)
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield

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


def _contents(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of each file of a result."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CONTENTS)
    return {
        str(path.relative_to(folder)): (path.stat().st_size, file_digest(path)) for path in files
    }


def _is_whole(folder: Path) -> bool:
    """Whether a result's files are those that were written, by size and hash.

    A result of an earlier release has no such list, and is taken as it is.
    """
    if not (folder / CONTENTS).is_file():
        return True
    try:
        listed = _LISTED.validate_json((folder / CONTENTS).read_bytes())
        return all(
            (folder / name).stat().st_size == size and file_digest(folder / name) == sha256
            for name, (size, sha256) in listed.items()
        )
    except (OSError, ValueError):
        return False
