# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a commit, without a worktree: read one by one, or a few written to a folder."""

from __future__ import annotations

import io
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.series.paths import check
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree
    from patchtool.tree.plumbing import Questions

_LARGEST = 16 << 20  # bytes; no source file is larger
_AT_ONCE = 1000  # paths, of which a command line takes a limited number


@contextmanager
def reading(
    git_dir: Path, commit: str, settings: Settings
) -> Iterator[Callable[[str], str | None]]:
    """A function that gives the text of a file of *commit*, or None where there is no such file.

    Raises:
        CommandError, CommandTimeout: git failed.
    """
    with plumbing.open_repository(git_dir, settings) as repo:

        @cache
        def read(path: str) -> str | None:
            blob = repo.find(f"{commit}:{path}")
            return repo.blob(blob).decode("utf-8", "replace") if blob else None

        yield read


@dataclass(slots=True)
class BaseFiles:
    """The files of a tree; what was read is kept.

    Attributes:
        repo: The open repository.
        commit: The commit whose paths are meant, full hash.
        name: The revision as it was asked for.
    """

    repo: Questions
    commit: str
    name: str
    _read: dict[str, bytes | None] = field(default_factory=dict)

    def by_path(self, path: str) -> bytes | None:
        """The file at the commit; None if there is none."""
        return self._object(f"{self.commit}:{path}")

    def by_blob(self, prefix: str) -> bytes | None:
        """The blob of that abbreviated hash, from any commit; None if there is none, or several."""
        return self._object(f"{prefix}^{{blob}}")

    def _object(self, name: str) -> bytes | None:
        if name not in self._read:
            found = self.repo.find(name)
            if found and self.repo.ask("cat-file", "-t", found) != "blob":
                found = ""
            if found and int(self.repo.ask("cat-file", "-s", found)) > _LARGEST:
                found = ""
            self._read[name] = self.repo.blob(found) if found else None
        return self._read[name]


@contextmanager
def base_files(tree: KernelTree, rev: str | None, settings: Settings) -> Iterator[BaseFiles]:
    """The files of *tree* at *rev*, or at its HEAD.

    Raises:
        UsageError: There is no such commit.
        CommandError: git failed.
    """
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        name = rev or "HEAD"
        commit = repo.find(f"{name}^{{commit}}")
        if not commit:
            raise UsageError(
                f"{tree.name}: there is no commit {name!r}",
                hint="name the commit that the series is for with --base",
            )
        yield BaseFiles(repo, commit, name)


def export(repo: Questions, commit: str, paths: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Write the *paths* that *commit* has below *folder*; which of them it has.

    A folder among them stands for all files below it. Symbolic links are left out. The
    commit's top folder is there in outline: its folders without content, its files empty.
    """
    for name, kind in _top(repo, commit):
        if kind == "tree":
            (folder / name).mkdir(exist_ok=True)
        elif kind == "blob":
            (folder / name).touch()
    wanted = sorted(set(paths))
    found: list[str] = []
    for at in range(0, len(wanted), _AT_ONCE):
        part = wanted[at : at + _AT_ONCE]
        listed = repo.ask("ls-tree", "-z", "--name-only", commit, "--", *part).split("\0")
        found += [name for name in listed if name]
    for at in range(0, len(found), _AT_ONCE):
        _unpack(_packed(repo, commit, found[at : at + _AT_ONCE]), folder)
    return tuple(found)


def _packed(repo: Questions, commit: str, names: Iterable[str]) -> bytes:
    packed = repo.git.archive(
        "--format=tar",
        commit,
        "--",
        *(f":(literal){name}" for name in names),
        stdout_as_string=False,
        strip_newline_in_stdout=False,
        kill_after_timeout=repo.timeout,
    )
    assert isinstance(packed, bytes)
    return packed


def _top(repo: Questions, commit: str) -> Iterable[tuple[str, str]]:
    for entry in repo.ask("ls-tree", "-z", commit).split("\0"):
        facts, _, name = entry.partition("\t")
        if name:
            yield check(name.encode("utf-8", "surrogateescape")), facts.split()[1]


def _unpack(packed: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            if not member.isreg():
                continue
            path = folder / check(member.name.encode("utf-8", "surrogateescape"))
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = tar.extractfile(member)
            assert stream is not None
            path.write_bytes(stream.read())
