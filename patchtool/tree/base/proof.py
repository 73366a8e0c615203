# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a series applies at a commit: git tries it, and nothing of the user's changes.

git gets an index of our own that holds only the files which the series touches, and an object
folder of our own beside the tree's; no file is checked out. A try takes moments. (As in
workspace.py, git renews the times of objects in the tree that it would write again.)
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.errors import CommandError
from patchtool.tree.presence import Index, Presence, presence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.series.model import Series
    from patchtool.tree.history import History

_APPLY = ("apply", "--cached", "--whitespace=nowarn", "--no-ignore-whitespace")
#: The further ways of :mod:`patchtool.tree.apply`, in its order.
_LOOSELY = (("--3way",), ("-C2",), ("-C1",))
_FILE = re.compile(r"[0-9]{4,}\Z")
_ERROR = re.compile(r"^error: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a try.

    Attributes:
        failed: Number of the first patch that does not apply, or None.
        present: Numbers of the patches that the commit has already, all of each.
        said: git's first complaint; empty when all applied.
        loose: Numbers of the patches that fit only as a run would still take them: merged with
            the blobs their index lines name, or with less context.
    """

    failed: int | None
    present: tuple[int, ...] = ()
    said: str = ""
    loose: tuple[int, ...] = ()

    @property
    def applies(self) -> bool:
        """Whether every patch applied, or was there."""
        return self.failed is None

    @property
    def remarks(self) -> str:
        """What is to be said of patches that did not simply apply; mostly empty."""
        said = []
        if self.loose:
            said.append(f"patch {_listed(self.loose)} merged or with less context")
        if self.present:
            said.append(f"patch {_listed(self.present)} is there already")
        return ", ".join(said)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


@dataclass(frozen=True, slots=True)
class Prover:
    """Tries one series at many commits; what has the same files is tried once."""

    series: Series
    history: History
    folder: Path
    paths: tuple[str, ...]
    _known: dict[tuple[str, ...], Trial] = field(default_factory=dict)

    def at(self, commit: str) -> Trial:
        """Try it at a commit, with all of its context.

        Raises:
            CommandError: git failed before it came to the patches.
        """
        files = self._files(commit)
        if files not in self._known:
            exact = Trial(None) if self._all(commit, files) else self._try(commit, files, ())
            self._known[files] = exact
        return self._known[files]

    def loosely(self, commit: str) -> Trial:
        """Try it at a commit as a run does, which takes what fits less exactly as well.

        Raises:
            CommandError: As :meth:`at`.
        """
        exact = self.at(commit)
        return exact if exact.applies else self._try(commit, self._files(commit), _LOOSELY)

    def clean(self, commit: str) -> bool:
        """Whether every patch applies at a commit, none of them being there."""
        files = self._files(commit)
        if files in self._known:
            return self._known[files].applies and not self._known[files].present
        return self._all(commit, files)

    def _files(self, commit: str) -> tuple[str, ...]:
        listed = self.history.ask("ls-tree", "-z", commit, "--", *self.paths)
        rows = (entry.partition("\t") for entry in listed.split("\0"))
        found = ((head.split(), path) for head, _, path in rows)
        return tuple(f"{h[0]},{h[2]},{path}" for h, path in found if h[1:2] == ["blob"])

    def _all(self, commit: str, files: Sequence[str]) -> bool:
        """Whether all apply and none is there; the history is not searched for them."""
        self._reset(files)
        there, state = Presence(self.history, commit, {}), self._index.files(self.paths)
        if any(there.by_content(patch, state) for patch in self.series.patches):
            return False
        names = [f"{patch.number:04}" for patch in self.series.patches]
        return self._git(*_APPLY, *names)[0] == 0

    def _try(self, commit: str, files: Sequence[str], ways: Sequence[tuple[str, ...]]) -> Trial:
        self._reset(files)
        there = presence(self.series, self.history, commit)
        present, loose = [], []
        for patch in self.series.patches:
            name = f"{patch.number:04}"
            state = self._index.files(patch.paths)
            if there.by_patch_id(patch) or there.by_content(patch, state):
                present.append(patch.number)
                continue
            status, text = self._git(*_APPLY, name)
            if status == 0:
                continue
            if any(self._fits(name, way) for way in ways):
                loose.append(patch.number)
            else:
                said = _ERROR.search(text)
                complaint = _plain(said[1] if said else text)
                return Trial(patch.number, tuple(present), complaint, tuple(loose))
        return Trial(None, tuple(present), loose=tuple(loose))

    def _fits(self, name: str, way: tuple[str, ...]) -> bool:
        """Apply a patch in a looser way; where it does not fit, the index is as before."""
        index = self.folder / "index"
        before = index.read_bytes()
        if self._git(*_APPLY, *way, name)[0] == 0:
            return True
        index.write_bytes(before)
        return False

    def _reset(self, files: Sequence[str]) -> None:
        (self.folder / "index").unlink(missing_ok=True)
        words = [word for file in files for word in ("--cacheinfo", file)]
        status, text = self._git("update-index", "--add", *words)
        if status != 0:
            raise CommandError(["git", "update-index"], status, text)

    @property
    def _env(self) -> dict[str, str]:
        """What makes git use the index and the object folder of our own."""
        tree = self.history.tree
        return {
            "GIT_DIR": str(tree.git_dir),
            "GIT_WORK_TREE": str(self.folder),
            "GIT_INDEX_FILE": str(self.folder / "index"),
            "GIT_OBJECT_DIRECTORY": str(self.folder / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(tree.objects.resolve()),
        }

    @property
    def _index(self) -> Index:
        return Index(self.folder, self.history.settings, self._env)

    def _git(self, verb: str, *words: str) -> tuple[int, str]:
        whole = [str(self.folder / word) if _FILE.match(word) else word for word in words]
        status, _, said = self.history.try_(verb, *whole, env=self._env)
        return status, said


def _plain(said: str) -> str:
    """What git said, less its talk of the index, which is ours."""
    return (
        said.strip()
        .replace(" does not exist in index", " does not exist")
        .replace(" already exists in index", " exists already")
    )


@contextmanager
def prover(series: Series, history: History, paths: Sequence[str]) -> Iterator[Prover]:
    """A prover for *series*, whose files are *paths*; what it wrote goes at the end."""
    cache = history.settings.cache
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="base-", dir=cache) as name:
        folder = Path(os.path.realpath(name))
        (folder / "objects").mkdir()
        for patch in series.patches:
            (folder / f"{patch.number:04}").write_bytes(patch.raw)
        yield Prover(series, history, folder, tuple(paths))
