# SPDX-License-Identifier: GPL-2.0-or-later
"""A git history made from a plan, by ``git fast-import``: the same plan gives the same hashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: When the first commit was made; each later one is a minute later.
_BEGIN = 1_700_000_000


@dataclass(frozen=True)
class Planned:
    """A commit to make; it is tagged by its name.

    Files are those of all parents, later ones first, with the changes; None removes one.
    """

    name: str
    parents: Sequence[str] = ()
    files: Mapping[str, str | None] = field(default_factory=dict)


def line(count: int, files: Mapping[int, Mapping[str, str | None]] | None = None) -> list[Planned]:
    """Commits c0 to c<count - 1>, which change *files* by number, or else ``log``."""
    changes = files or {}
    return [
        Planned(f"c{at}", [f"c{at - 1}"] if at else [], changes.get(at, {"log": f"{at}\n"}))
        for at in range(count)
    ]


def make_history(folder: Path, planned: Sequence[Planned]) -> Path:
    """Make a repository of the commits; its branch main is the last of them."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    marks: dict[str, int] = {}
    trees: dict[str, dict[str, str]] = {}
    stream: list[str] = []
    for mark, commit in enumerate(planned, 1):
        files: dict[str, str] = {}
        for parent in reversed(commit.parents):
            files |= trees[parent]
        for path, text in commit.files.items():
            files.pop(path, None)
            if text is not None:
                files[path] = text
        marks[commit.name], trees[commit.name] = mark, files
        message = f"change {commit.name}\n"
        stream += [f"commit refs/tags/{commit.name}", f"mark :{mark}"]
        stream += [f"committer U <u@example.org> {_BEGIN + 60 * mark} +0000"]
        stream += [f"data {len(message)}", message]
        for word, parent in zip(["from", *["merge"] * 9], commit.parents, strict=False):
            stream.append(f"{word} :{marks[parent]}")
        stream.append("deleteall")
        for path, text in files.items():
            stream += [f"M 100644 inline {path}", f"data {len(text)}", text]
    stream += ["reset refs/heads/main", f"from :{len(planned)}", ""]
    git(folder, "fast-import", "--quiet", stdin="\n".join(stream).encode())
    git(folder, "reset", "-q", "--hard", "main")
    return folder
