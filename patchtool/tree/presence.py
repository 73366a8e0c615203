# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a tree has a patch already: never because something like it is somewhere in a file.

A patch is there when a commit of the history has its patch-id and was not reverted; or when
each of its files is as it leaves it: what every hunk makes is at the line the hunk names, in
the function it names, and at no other place; what it adds is there to the byte, and what it
removes or moves was removed or moved by a commit of the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from patchtool.errors import CommandError
from patchtool.series.hunks import after, is_below, is_done, split, undone
from patchtool.series.patch_id import patch_id
from patchtool.tree import plumbing
from patchtool.tree.base import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from patchtool.core.settings import Settings
    from patchtool.series.file_diff import FileDiff, Hunk
    from patchtool.series.model import Patch, Series
    from patchtool.tree.history import History

_CHUNK = 200  # commits whose patch-ids are asked for at once
_DIFF = ("-p", "-U3", "--binary", "--full-index", "--no-ext-diff", "--no-textconv")
_YEAR = 366 * 86400  # a patch may be sent again so long after it was merged
_EPOCH = 100_000_000  # git takes a smaller number of seconds for something else
_START = "\x01"  # in front of each commit that `git log` lists for us
_LEAST_HASH = 7  # digits of a blob's hash that say which it is


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a tree: its mode in octal, the hash of its blob, and its content."""

    mode: str
    blob: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Index:
    """An index of git's, which says what a tree has at the moment.

    Attributes:
        folder: Where git is called.
        settings: The settings in force.
        env: What makes it that index.
    """

    folder: Path
    settings: Settings
    env: Mapping[str, str]

    def files(self, paths: Sequence[str]) -> dict[str, TreeFile]:
        """Those of *paths* that are there, and whose content is.

        Raises:
            CommandError, CommandTimeout: git failed.
        """
        listed = self._read(["ls-files", "-s", "-z", "--", *paths]).decode(errors="surrogateescape")
        rows = (entry.partition("\t") for entry in listed.split("\0") if entry)
        heads = {path: head.split() for head, _, path in rows}
        asked = "".join(f"{head[1]}\n" for head in heads.values()).encode()
        objects = plumbing.batch(self._read(["cat-file", "--batch"], asked))
        contents = {name: data for name, kind, data in objects if kind == "blob"}
        return {
            path: TreeFile(mode, blob, contents[blob])
            for path, (mode, blob, _) in heads.items()
            if blob in contents
        }

    def _read(self, arguments: Sequence[str], stdin: bytes | None = None) -> bytes:
        env = {"GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0", **self.env}
        return plumbing.run(
            arguments, self.settings, cwd=self.folder, env=env, stdin=stdin, capture=True
        ).stdout


@dataclass(frozen=True, slots=True)
class Presence:
    """What a commit and its history have of a series.

    Attributes:
        history: The tree's.
        commit: The commit, before any patch of the series.
        upstream: The commits that have the patch-id of a patch, by the number of the patch.
    """

    history: History
    commit: str
    upstream: Mapping[int, str]

    def by_patch_id(self, patch: Patch) -> str:
        """How the history shows that a patch is there, for people; empty when it does not."""
        commit = self.upstream.get(patch.number)
        return f"{commit[:12]} has the same patch-id" if commit else ""

    def by_content(self, patch: Patch, files: Mapping[str, TreeFile]) -> bool:
        """Whether every file is as *patch* leaves it; see the head of this module.

        Args:
            patch: The patch.
            files: What the tree has now at the patch's paths.

        Raises:
            CommandError, CommandTimeout: git failed.
        """
        return bool(patch.files) and all(self._has(diff, files) for diff in patch.files)

    def _has(self, diff: FileDiff, files: Mapping[str, TreeFile]) -> bool:
        old, new = diff.old_path, diff.new_path
        if new is None:
            return old is not None and old not in files and self._removed(old)
        file = files.get(new)
        if file is None or diff.new_mode not in (None, file.mode):
            return False
        if old not in (None, new) and (old in files or not self._removed(old or "", new)):
            return False
        if diff.binary:
            return _is_blob(file, diff)
        if old is None:
            return file.content == _text(diff.hunks)
        return _changed(file, diff)

    def _removed(self, path: str, new: str = "") -> bool:
        """Whether the last commit to remove *path* deleted it, or moved it to *new*."""
        form = ("-1", "--no-renames", "--diff-filter=D", "--format=%H")
        commit = self.history.walk_output("log", *form, self.commit, "--", path)
        if not commit:
            return False
        form = ("-r", "-M", "--no-commit-id", "--name-status")
        try:
            rows = self.history.walk_output("diff-tree", *form, commit).splitlines()
        except CommandError:
            return False  # a partial clone lacks what it was
        want = [path, new] if new else [path]
        return any(fields[:1] != ["A"] and fields[1:] == want for fields in _fields(rows))


def _fields(rows: Sequence[str]) -> Iterator[list[str]]:
    return (row.split("\t") for row in rows)


def _is_blob(file: TreeFile, diff: FileDiff) -> bool:
    new = diff.new_blob or ""
    return len(new) >= _LEAST_HASH and file.blob.startswith(new)


def _changed(file: TreeFile, diff: FileDiff) -> bool:
    """Whether a file that was there before has what every hunk makes."""
    lines = split(file.content)
    if not diff.hunks:
        return diff.new_mode is not None or diff.old_path != diff.new_path
    for hunk in diff.hunks:
        at = hunk.new_start - 1
        end = at + len(after(hunk))
        there = tuple(lines[max(0, at) : end]) == after(hunk)
        if not (is_done(lines, hunk) or (there and _is_blob(file, diff))):
            return False
        if end == len(lines) and _is_open(hunk) == file.content.endswith(b"\n"):
            return False
    old = undone(lines, diff.hunks)
    return all(is_below(old, hunk.section, hunk.old_start - 1) for hunk in diff.hunks)


def _is_open(hunk: Hunk) -> bool:
    """Whether the last line that a hunk leaves has no line end."""
    marks = [line[:1] for line in hunk.lines]
    pairs = pairwise(marks)
    return any(mark in (b" ", b"+") and note == b"\\" for mark, note in pairs)


def _text(hunks: Sequence[Hunk]) -> bytes:
    """A file that is wholly made by *hunks*."""
    lines = [line for hunk in hunks for line in after(hunk)]
    end = b"" if not lines or _is_open(hunks[-1]) else b"\n"
    return b"\n".join(lines) + end


def presence(series: Series, history: History, commit: str) -> Presence:
    """Look in the history of *commit* for the patches of *series*, by their patch-ids.

    Only commits are asked that change the same files, and that are at most a year older than
    the series.

    Raises:
        CommandTimeout: git did not end in time.
    """
    patches = [patch for patch in series.patches if patch.patch_id and patch.files]
    names = {frozenset(patch.paths) for patch in patches}
    paths = sorted(frozenset().union(*names))
    if not paths:
        return Presence(history, commit, {})
    since = (words.posted(series) or 0) - _YEAR
    try:
        commits = [c for c, files in _walk(history, commit, paths, since) if files in names]
        found = dict(_upstream(patches, history, commit, commits))
    except CommandError:
        found = {}  # a partial clone lacks what old commits changed; no proof is no patch-id
    return Presence(history, commit, found)


def _upstream(
    patches: Sequence[Patch], history: History, tip: str, commits: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Number and newest commit of each of *patches* that one of *commits* has for good."""
    for moves in ("--no-renames", "-M"):  # how the patch was made is not known
        ids = list(patch_ids(history, commits, moves))
        for patch in patches:
            at = next((at for at, row in enumerate(ids) if row[0] == patch.patch_id), None)
            if at is None:
                continue
            later = {identity for identity, _ in ids[:at]}
            later |= {one.patch_id for one in patches if one.number < patch.number}
            if not _is_reverted(history, ids[at][1], tip, later, moves):
                yield patch.number, ids[at][1]


def _walk(
    history: History, commit: str, paths: Sequence[str], since: int
) -> Iterator[tuple[str, frozenset[str]]]:
    """The commits that change any of *paths*, newest first, and all that each changes."""
    form = ("--min-parents=1", "--max-parents=1", "--full-diff", "--no-renames", "--name-only")
    late = (f"--since={since}",) if since > _EPOCH else ()
    listed = history.walk_output("log", *form, *late, f"--format={_START}%H", commit, "--", *paths)
    for entry in listed.split(_START)[1:]:
        name, *files = entry.split("\n")
        yield name, frozenset(filter(None, files))


def patch_ids(history: History, commits: Sequence[str], *options: str) -> Iterator[tuple[str, str]]:
    """Stable patch-id and hash of each of *commits* that has a diff, in their order."""
    for at in range(0, len(commits), _CHUNK):
        named = "".join(f"{commit}\n" for commit in commits[at : at + _CHUNK])
        form = ("--no-walk=unsorted", *_DIFF, *options, "--format=%H", "--stdin")
        diffs = history.walk_output("log", *form, stdin=named)
        for line in history.walk_output("patch-id", "--stable", stdin=f"{diffs}\n").splitlines():
            identity, commit = line.split()
            yield identity, commit


def _is_reverted(
    history: History, commit: str, tip: str, later: Collection[str], moves: str
) -> bool:
    """Whether a commit was taken back: a later patch-id or message says so."""
    form = ("-R", "-r", "--no-commit-id", "--src-prefix=b/", "--dst-prefix=a/", moves, *_DIFF)
    back = history.walk_output("diff-tree", *form, commit)
    if patch_id(f"{back}\n".encode(errors="surrogateescape")) in later:
        return True
    grep = ("--fixed-strings", f"--grep=This reverts commit {commit}")
    return bool(history.walk_output("log", "-1", "--format=%H", *grep, f"{commit}..{tip}"))
